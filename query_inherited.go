// This file has queries read and write what several tables hold of structs that
// inherit.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// WithPolymorphic has the query read the columns of structs that inherit from its
// own along with the rest, by outer joins of their tables, in place of a statement
// for each of them. Without any it is all that inherit. Conditions and orders may
// then name their fields.
//
//	staff, err := orm.Query[Employee](s).WithPolymorphic(&Engineer{}, &Manager{}).All(ctx)
//	// SELECT employees.id, employees.kind, employees.name, employees.budget, engineers.language
//	// FROM employees LEFT OUTER JOIN engineers ON engineers.id = employees.id
//
// It stands before Join. A struct that does not inherit from the query's is an
// [ErrArgument].
func (q *EntityQuery[T]) WithPolymorphic(models ...Model) *EntityQuery[T] {
	return &EntityQuery[T]{q.withPolymorphic(models)}
}

func (q *objectQuery) withPolymorphic(models []Model) objectQuery {
	if q.err != nil {
		return *q
	}
	if _, plain := q.stmt.from[0].(*entityNode); !plain {
		return q.failed(&UsageError{Kind: ErrArgument, Op: "read polymorphic", Subject: q.mapper.name, Reason: "the query joins already, or reads from another source", Advice: "call WithPolymorphic first"})
	}
	heirs := q.mapper.heirs
	if len(models) > 0 {
		heirs = nil
	}
	for _, model := range models {
		m, err := q.mapper.registry.Mapper(model)
		if err == nil && (m == q.mapper || !m.is(q.mapper)) {
			err = &UsageError{Kind: ErrArgument, Op: "read polymorphic", Subject: m.name, Reason: "it does not inherit from " + q.mapper.name}
		}
		if err != nil {
			return q.failed(err)
		}
		heirs = append(heirs, m)
	}
	entity, more := q.mapper.withHeirs(heirs)
	wide := *q
	wide.more = more
	wide.stmt = q.stmt.with(func(s *SelectStatement) { s.columns, s.from = []Node{entity}, []Node{entity} })
	return wide
}

// withHeirs is the entity of a mapper with the tables of heirs beside its own, and
// what is read of these.
func (m *Mapper) withHeirs(heirs []*Mapper) (*entityFrom, []inherited) {
	g := m.group()
	g.shared = false
	if own := groupIn(m.from); own != nil {
		g.kind, g.kinds, g.stands = own.kind, own.kinds, []fromNode{own}
	}
	more := slices.Clone(m.more)
	for _, heir := range heirs {
		for _, part := range heir.writtenTo() {
			if g.partOf(part.table) == nil {
				g.parts = append(g.parts, groupPart{from: part.table, join: outerJoin, keys: part.joinKeys(m.top)})
			}
		}
	}
	for _, heir := range m.heirs {
		if all := !slices.ContainsFunc(heir.tables(), func(t *Table) bool { return g.partOf(t) == nil }); all {
			g.stands = append(g.stands, heir.from)
		}
		for _, p := range heir.props[len(heir.base.props):] {
			if i := (inherited{mapper: heir, prop: p}); g.partOf(p.column.table) != nil && !slices.Contains(more, i) && !p.deferred {
				more = append(more, i)
			}
		}
	}
	e := m.entityAt(g)
	for _, p := range m.eager {
		e.eager = append(e.eager, e.columns[p.index])
	}
	for _, i := range more {
		e.eager = append(e.eager, &columnNode{i.prop.column, g})
	}
	return e, more
}

// narrow is the SELECT of the query without the columns of further tables: that with
// which it is combined need not have them.
func (q *objectQuery) narrow() *SelectStatement {
	stmt := q.statement()
	if q.err != nil || q.more == nil || q.mapper.union != nil {
		return stmt
	}
	plan := &loadPlan{mapper: q.mapper, props: q.mapper.eager, more: q.mapper.more}
	columns := (&selected{plan: plan, column: entityOf(q.mapper).column}).columns()
	return stmt.with(func(s *SelectStatement) { s.columns = columns })
}

// writesSeveral reports whether the rows of the query are in several tables that an
// UPDATE of columns, or a DELETE, has to write.
func (q *objectQuery) writesSeveral(set []Assignment) bool {
	if q.err != nil {
		return false
	}
	if set == nil {
		return len(q.mapper.familyTables()) > 1
	}
	return q.mapper.parts != nil
}

// familyTables are the tables that have rows of the struct or of one that inherits
// from it, as mappers: each behind those to which its rows refer.
func (m *Mapper) familyTables() []*Mapper {
	parts := m.writtenTo()
	for _, heir := range m.heirs {
		parts = slices.Concat(parts, heir.writtenTo())
	}
	var once []*Mapper
	for _, part := range parts {
		if !slices.ContainsFunc(once, func(o *Mapper) bool { return o.table == part.table }) {
			once = append(once, part)
		}
	}
	return once
}

// writeSeveral reads the keys of the rows of the query, and has a function write a
// statement for each table and 500 keys.
func (q *objectQuery) writeSeveral(ctx context.Context, op string, parts []*Mapper, write func(part *Mapper, where Node) Statement) (int64, error) {
	if err := q.unrestricted(op); err != nil {
		return 0, err
	}
	rows, err := q.lockKeys(ctx)
	if err != nil {
		return 0, err
	}
	for chunk := range slices.Chunk(rows, relationChunk) {
		for _, part := range parts {
			keys := make([]Node, len(part.keys))
			for i, p := range part.keys {
				keys[i] = &columnNode{p.column, part.table}
			}
			stmt := write(part, keysIn(q.mapper, keys, chunk))
			if stmt == nil {
				continue
			}
			if _, err := Exec(ctx, q.session, stmt); err != nil {
				return 0, err
			}
		}
	}
	return int64(len(rows)), q.followSeveral(ctx, op, rows)
}

// lockKeys reads the keys of the rows, and locks them where the database can.
func (q *objectQuery) lockKeys(ctx context.Context) ([]types.Ptr, error) {
	s := q.session
	if err := s.enter("write"); err != nil {
		return nil, err
	}
	defer s.leave()
	stmt := q.stmt.with(func(stmt *SelectStatement) {
		stmt.columns, stmt.lock = entityOf(q.mapper).columnsOf(q.mapper.keys), nil
		grouped := stmt.distinct || len(stmt.distinctOn)+len(stmt.groupBy)+len(stmt.having) > 0
		if s.engine.Dialect().Features().ForUpdate && !grouped {
			stmt.lock = &lockClause{of: q.innerTable()}
		}
	})
	cur, err := q.send(ctx, stmt)
	if err != nil {
		return nil, err
	}
	return readBlock(cur, q.mapper, q.mapper.keys, 0)
}

// innerTable is the table to lock where others are joined that a row need not have.
func (q *objectQuery) innerTable() []Node {
	if q.more == nil || !q.session.engine.Dialect().Features().LockOf {
		return nil
	}
	return []Node{q.mapper.top.table}
}

// followSeveral has the objects that the session holds follow what was written.
func (q *objectQuery) followSeveral(ctx context.Context, op string, rows []types.Ptr) error {
	s := q.session
	if q.sync == SyncNone {
		return nil
	}
	w := &bulkWrite{session: s, mapper: q.mapper}
	table := s.identity.table(q.mapper)
	for _, row := range rows {
		key, err := s.keyAt(q.mapper, row)
		if err != nil {
			return err
		}
		if inst := table.of(q.mapper, key); inst != nil {
			w.matched = append(w.matched, inst)
		}
	}
	if op == "delete" {
		w.delete()
		return nil
	}
	for _, inst := range w.matched {
		inst.epoch = 0
	}
	if q.sync == SyncEvaluate {
		return nil
	}
	run, there := &loadRun{unit: &s.unit}, map[*instance]bool{}
	for part := range slices.Chunk(w.matched, relationChunk) {
		if err := run.reread(ctx, q.mapper, nil, part, there); err != nil {
			return err
		}
	}
	return nil
}

// updateSeveral is an UPDATE of each table that has columns which are set.
func (q *objectQuery) updateSeveral(ctx context.Context, set []Assignment) (int64, error) {
	byTable := map[*Table][]Assignment{}
	for _, a := range set {
		n, err := resolved(a.column)
		if err != nil {
			return 0, err
		}
		column, ok := n.(*columnNode)
		if !ok || !slices.Contains(q.mapper.tables(), column.column.table) {
			return 0, &UsageError{Kind: ErrArgument, Op: "update", Subject: q.mapper.name, Reason: "what is assigned to is no column of it"}
		}
		t := column.column.table
		value := &renamedNode{of: a.value, own: q.mapper.from, entity: q.mapper.entityAt(t)}
		byTable[t] = append(byTable[t], Assignment{&columnNode{column.column, t}, value})
	}
	return q.writeSeveral(ctx, "update", q.mapper.writtenTo(), func(part *Mapper, where Node) Statement {
		if len(byTable[part.table]) == 0 {
			return nil
		}
		return &UpdateStatement{target: part.table, set: byTable[part.table], where: []Node{where}, params: q.stmt.params, sync: SyncNone}
	})
}

// deleteSeveral is a DELETE from each table, last those to which others refer.
func (q *objectQuery) deleteSeveral(ctx context.Context) (int64, error) {
	parts := slices.Clone(q.mapper.familyTables())
	slices.Reverse(parts)
	return q.writeSeveral(ctx, "delete", parts, func(part *Mapper, where Node) Statement {
		return &DeleteStatement{target: part.table, where: []Node{where}, sync: SyncNone}
	})
}

// unite has the query read the rows of heirs that have tables of all columns, too:
// from their union, or from what has the columns of that.
func (q *objectQuery) unite(source *Subquery) {
	u, m := q.mapper.union, q.mapper
	columns := make([]Node, len(m.eager), len(m.eager)+len(u.more))
	for i, p := range m.eager {
		columns[i] = &columnNode{p.column, m.from}
	}
	q.more = slices.Clone(u.more)
	for i, more := range q.more {
		q.more[i].at = &derivedColumn{from: source, name: more.at.(*derivedColumn).name}
		columns = append(columns, q.more[i].at)
	}
	q.stmt = &SelectStatement{columns: columns, from: []Node{readFrom(&entityNode{q.entity}, source)}}
}

// ownRows is the query without the rows of heirs that have tables of all columns.
func (q *objectQuery) ownRows() *objectQuery {
	if q.err != nil || q.mapper.union == nil || q.more == nil {
		return q
	}
	own := *q
	own.more = nil
	own.stmt = q.stmt.with(func(s *SelectStatement) {
		entity := &entityNode{q.entity}
		s.columns, s.from = []Node{entity}, slices.Clone(s.from)
		s.from[0] = entity
	})
	return &own
}
