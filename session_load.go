// This file reads objects one by one: by key, again, or a column that was left
// out.

package orm

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// Get returns the object with a primary key, given as one value for each field
// of the key in the order of the table. An object that the session holds, and
// that is not stale, is returned without SQL. It returns [ErrNoRows] if there
// is no such row, and an [ErrArgument] for a wrong number or type of values.
//
//	u, err := orm.Get[User](ctx, s, 7)   // SELECT … FROM users WHERE id = ?
func Get[T any](ctx context.Context, s *Session, key ...any) (*T, error) {
	if err := s.enter("get"); err != nil {
		return nil, err
	}
	defer s.leave()
	m, err := s.mapperOf(typeFor[T]())
	if err != nil {
		return nil, err
	}
	row, err := m.keyRow(key)
	if err != nil {
		return nil, err
	}
	var p types.Ptr
	if s.legs == nil {
		p, err = s.get(ctx, m, row)
	} else {
		p, err = s.getRouted(ctx, m, row, slices.Clone(key))
	}
	if err != nil {
		return nil, err
	}
	return typedPointer[T](p), nil
}

// get returns the object with the key that a struct holds.
func (s *Session) get(ctx context.Context, m *Mapper, row types.Ptr) (types.Ptr, error) {
	id, err := s.keyAt(m, row)
	if err != nil {
		return nil, err
	}
	if inst := s.identity.table(m).of(m, id); inst != nil && !inst.stale() && !criteriaApply(s.criteria, m) {
		return inst.object, nil
	}
	if err := s.prepare(ctx, true); err != nil {
		return nil, err
	}
	p, err := s.loadByKey(ctx, m, row)
	if err == nil {
		err = s.loadTagged(ctx, instanceAt(m, p), false)
	}
	if errors.Is(err, ErrNoRows) {
		if inst := s.identity.table(m).of(m, id); inst != nil && !criteriaApply(s.criteria, m) {
			s.forget(inst)
		}
		return nil, &missingRow{"get", m.name}
	}
	return p, err
}

// loadTagged loads the relationships of an object that its tags want loaded with
// it.
func (s *Session) loadTagged(ctx context.Context, inst *instance, refresh bool) error {
	if !inst.mapper.loadsRelations() {
		return nil
	}
	plan, err := planFor(inst.mapper, nil, s.criteria)
	if err != nil {
		return err
	}
	return (&loadRun{unit: &s.unit, criteria: s.criteria, refresh: refresh}).after(ctx, plan, []*instance{inst}, nil)
}

// missingRow is [ErrNoRows] that names the struct.
type missingRow struct{ op, name string }

func (e *missingRow) Error() string { return "orm: " + e.op + " " + e.name + ": no row has that key" }
func (e *missingRow) Unwrap() error { return ErrNoRows }

// keyRow returns a struct that holds the values of a key.
func (m *Mapper) keyRow(key []any) (types.Ptr, error) {
	key = m.splitKey(key)
	if len(key) != len(m.keys) {
		return nil, &UsageError{
			Kind: ErrArgument, Op: "get", Subject: m.name, Reason: fmt.Sprintf("the primary key has %d values, %d were given", len(m.keys), len(key)),
			Advice: fmt.Sprintf("give %v in this order", m.PrimaryKey()),
		}
	}
	row := newBlock(m.goType, 1)
	for i, p := range m.keys {
		if err := assignField(p, fieldPtr(row, p.offset), key[i]); err != nil {
			return nil, &UsageError{
				Kind: ErrArgument, Op: "get", Subject: m.name + "." + p.name, Reason: fmt.Sprintf("a %T is no %s", key[i], p.goType), Err: err,
			}
		}
	}
	return row, nil
}

// loadByKey reads columns of the row whose key a struct holds, and makes an object
// of it.
func (s *Session) loadByKey(ctx context.Context, m *Mapper, row types.Ptr) (types.Ptr, error) {
	l := newEntityLoader(&s.unit, &loadPlan{mapper: m, props: m.eager, more: m.more}, loadTracked)
	return s.loadRow(ctx, l, row, lockWords{})
}

// loadRow has a loader read the row whose key a struct holds.
func (s *Session) loadRow(ctx context.Context, l *entityLoader, row types.Ptr, lock lockWords) (types.Ptr, error) {
	if err := s.turnTo(ctx, l.mapper, !lock.on); err != nil {
		return nil, err
	}
	plan := &loadPlan{mapper: l.mapper, props: l.props}
	if l.family != nil {
		plan.more = l.family.more
	}
	if setOf(l.mapper.eager).within(setOf(l.props)) {
		var err error
		if plan.computed, err = l.mapper.withProperties(nil); err != nil {
			return nil, err
		}
	}
	l.reader.computes(plan.computed)
	compiled, args, err := s.byKey(ctx, plan, row, lock)
	if err != nil {
		return nil, err
	}
	cur, err := s.conn.query(ctx, compiled, args)
	if err != nil {
		return nil, err
	}
	var object types.Ptr
	err = cur.drain("read", func() error {
		if !cur.Next() {
			return firstError(cur.Err(), ErrNoRows)
		}
		object, err = l.load(cur)
		return err
	})
	if err == nil {
		err = l.complete(ctx, s.conn)
	}
	if err != nil {
		l.abandon()
	}
	return object, err
}

// byKey returns the SELECT of the row whose key a struct holds. Where there is more
// to it than columns of one table, or criteria or listeners have a say in it, it is
// not of a fixed shape.
func (s *Session) byKey(ctx context.Context, plan *loadPlan, row types.Ptr, lock lockWords) (*Compiled, []any, error) {
	m := plan.mapper
	if m.base == nil && len(plan.more)+len(plan.computed) == 0 && !criteriaApply(s.criteria, m) && !s.intercepts() {
		w := s.writer(s.conn, m)
		compiled, err := w.get(plan.props, lock)
		if err != nil {
			return nil, nil, err
		}
		args, err := w.encodeAll(nil, m.keys, row)
		return compiled, args, err
	}
	e := entityOf(m)
	if !criteriaApply(s.criteria, m) {
		e = m.entityWith(plan.props)
	}
	stmt := &SelectStatement{columns: (&selected{plan: plan, column: e.column}).columns(), from: []Node{e}}
	for _, p := range m.keys {
		v := reflect.NewAt(p.goType, fieldPtr(row, p.offset)).Elem().Interface()
		stmt.where = append(stmt.where, compareValue(opEq, e.column(p), v).n)
	}
	if lock.on {
		stmt.lock = &lockClause{noWait: lock.noWait, skipLocked: lock.skipLocked}
	}
	stmt, err := s.interceptLoad(ctx, stmt, nil)
	if err != nil {
		return nil, nil, err
	}
	return compileWithArgs(s.conn, stmt, s.criteria)
}

// get writes SELECT columns FROM t WHERE key = ?.
func (w *writer) get(props []*property, lock lockWords) (*Compiled, error) {
	key := shapeKey{mapper: w.mapper, kind: shapeGet, columns: setOf(props), lock: lock}
	return w.compile("select", key, func(c *Compiler) {
		c.SQL("SELECT ")
		commaList(c, props, func(p *property) { c.readColumn(w.mapper.table, p.column) })
		c.SQL(" FROM ")
		c.tableItem(w.mapper.table)
		c.SQL(" WHERE ")
		for i, p := range w.mapper.keys {
			if i > 0 {
				c.SQL(" AND ")
			}
			c.qualifier(w.mapper.table)
			c.Ident(p.column.name)
			c.SQL(" = ")
			c.placeholder(p.column.typ)
		}
		if lock.on {
			c.lockRows(&lockClause{noWait: lock.noWait, skipLocked: lock.skipLocked})
		}
	})
}

// prepare makes the session ready for a statement: it flushes where a query
// would not see what was changed, and begins the transaction.
func (s *Session) prepare(ctx context.Context, flush bool) error {
	if flush && s.flushesFirst() {
		if err := s.flush(ctx); err != nil {
			return autoflushed(err)
		}
	}
	return s.ensure(ctx)
}

// autoflushed says of an error that a query has set the flush off.
func autoflushed(err error) error {
	if db, ok := errors.AsType[*DBError](err); ok {
		db.Autoflush = true
	}
	return err
}

// acquire runs statements of the user within the session's transaction: it
// flushes first, and refuses what would end the transaction.
func (s *Session) acquire(ctx context.Context, c *Compiled) (*Conn, func(), error) {
	if err := s.enter("execute"); err != nil {
		return nil, nil, err
	}
	err := s.refuse(c)
	if err == nil {
		err = s.prepare(ctx, true)
	}
	if err != nil {
		s.leave()
		return nil, nil, err
	}
	if err := s.turnBack(ctx, c); err != nil {
		s.leave()
		return nil, nil, err
	}
	if c != nil && !c.read && len(s.frames) > 0 {
		s.frames[len(s.frames)-1].wrote = true
	}
	return s.conn, s.leave, nil
}

func (*Session) keepsConn() bool         { return true }
func (s *Session) inherited() []Criteria { return s.criteria }

func (s *Session) strict() bool {
	if s.options.strict != nil {
		return *s.options.strict
	}
	return s.engine.strict()
}

func (s *Session) refuse(c *Compiled) error {
	switch {
	case c == nil:
	case c.txControl:
		return &UsageError{Kind: ErrTxControl, Op: "execute", Subject: "text", Reason: "the session's transaction is not ended by SQL text", Advice: "use Commit, Rollback or Nested"}
	case c.ddl && !s.engine.Dialect().Features().TransactionalDDL:
		return &UsageError{
			Kind: ErrTxControl, Op: "execute", Subject: "text", Reason: "a change of the schema would commit the session's transaction on this database",
			Advice: "run it on the engine or on a Conn",
		}
	}
	return nil
}

// Refresh reads the row of an object again, all columns that were loaded or the
// named fields, and overwrites what they hold. Relationships that are named, or
// that their tags have loaded with the object, are read again, too; others are
// stale then, so that [Load] does. What was changed is flushed first, unless
// autoflush is off; then it is lost. It returns [ErrDetached] for
// an object of no session, and [ErrNoRows] if the row is gone.
func (s *Session) Refresh(ctx context.Context, m Model, fields ...any) error {
	return s.reread(ctx, "refresh", m, fields, lockWords{})
}

// Lock is Refresh that locks the row until the transaction ends: "SELECT … FOR
// UPDATE". The row is read again even if the object was just loaded. One that
// [SkipLocked] skips is an [ErrNoRows]; [LockOf] has no effect on one table.
func (s *Session) Lock(ctx context.Context, m Model, options ...LockOption) error {
	l := lockClause{}.with(options)
	if l.err != nil {
		return l.err
	}
	return s.reread(ctx, "lock", m, nil, lockWords{on: true, noWait: l.noWait, skipLocked: l.skipLocked})
}

func (s *Session) reread(ctx context.Context, op string, m Model, fields []any, lock lockWords) error {
	if err := s.enter(op); err != nil {
		return err
	}
	defer s.leave()
	inst, err := s.held(op, m)
	if err != nil {
		return err
	}
	props, rels, err := inst.mapper.partsOf(m, fields)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx, true); err != nil {
		return err
	}
	if len(fields) == 0 {
		props = inst.unloaded.omit(inst.mapper)
	}
	if len(props) > 0 {
		if err := s.reload(ctx, op, inst, props, loadRefresh, lock); err != nil {
			return err
		}
	}
	if len(fields) == 0 && !lock.on {
		inst.outdateRelations()
		return s.loadTagged(ctx, inst, true)
	}
	for _, rel := range rels {
		if err := s.loadWith(ctx, rel, []*instance{inst}, true, nil); err != nil {
			return err
		}
	}
	return nil
}

// reload reads columns of an object's row, and the key with them.
func (s *Session) reload(ctx context.Context, op string, inst *instance, props []*property, mode loadMode, lock lockWords) error {
	wanted := setOf(slices.Concat(inst.mapper.keys, props)).pick(inst.mapper)
	_, err := s.loadRow(s.home(ctx, inst), newExactLoader(&s.unit, inst.mapper, wanted, mode), inst.snapshot, lock)
	if errors.Is(err, ErrNoRows) {
		return &missingRow{op, inst.mapper.name}
	}
	return err
}

// Load reads what was left out of an object: relationships and deferred columns,
// given by the addresses of their fields. What is there is not read again; where
// all is, it emits no SQL. What the user has changed is left alone.
//
// A relationship is loaded for the object and for all that were read along with
// it and lack it, by one SELECT for each 500: a loop over the objects of a result
// sends one statement, and not one each. It flushes first. A many-to-one
// relationship whose target the session holds emits no SQL. One that a query or
// its tag forbids to load is an [ErrRaiseLoad].
//
// Deferred columns come with the others of their group. A stale object is read
// again as a whole.
//
// It returns [ErrDetached] for an object of no session, and [ErrNoRows] if the
// row is gone.
//
//	err := orm.Load(ctx, u, &u.Posts)      // SELECT posts.id, posts.title, posts.author_id FROM posts WHERE posts.author_id IN (?, ?)
//	err = orm.Load(ctx, post, &post.Body)  // SELECT posts.id, posts.body FROM posts WHERE posts.id = ?
func Load(ctx context.Context, m Model, fields ...any) error {
	s := SessionOf(m)
	if s == nil {
		return sessionless("load", m)
	}
	if err := s.enter("load"); err != nil {
		return err
	}
	defer s.leave()
	inst, err := s.held("load", m)
	if err != nil {
		return err
	}
	asked, rels, err := inst.mapper.partsOf(m, fields)
	if err != nil {
		return err
	}
	for _, rel := range rels {
		if err := s.loadRelation(ctx, inst, rel); err != nil {
			return err
		}
	}
	if len(asked) == 0 && len(rels) > 0 {
		return nil
	}
	missing := inst.missing(asked)
	if len(missing) == 0 {
		return nil
	}
	if err := s.prepare(ctx, false); err != nil {
		return err
	}
	return s.reload(ctx, "load", inst, missing, loadTracked, lockWords{})
}

// loadRelation loads a relationship of an object and its siblings, unless it is
// there.
func (s *Session) loadRelation(ctx context.Context, inst *instance, rel *relationship) error {
	switch {
	case inst.hasRelation(rel):
		return nil
	case !inst.mayLoad(rel):
		return raiseError(rel)
	}
	if err := s.prepare(ctx, true); err != nil {
		return err
	}
	if inst.unit == &s.unit && inst.state == Persistent {
		if err := s.loadWith(ctx, rel, inst.wanting(rel), false, s.guard(ctx, rel)); err != nil || inst.hasRelation(rel) {
			return err
		}
	}
	return &missingRow{"load", inst.mapper.name}
}

// partsOf returns the columns and relationships behind the addresses of an
// object's own fields. One that is neither is an [ErrArgument].
func (m *Mapper) partsOf(model Model, fields []any) (props []*property, rels []*relationship, err error) {
	for _, f := range fields {
		if rel := m.relationshipOf(model, f); rel != nil {
			rels = append(rels, rel)
		} else if own := m.columnsOf(model, f); own != nil {
			props = append(props, own...)
		} else {
			return nil, nil, notOwnField(m, f)
		}
	}
	return props, rels, nil
}

// relationshipOf returns the relationship behind the address of one of an
// object's own fields, or nil.
func (m *Mapper) relationshipOf(model Model, field any) *relationship {
	r := reflect.ValueOf(field)
	if r.Kind() != reflect.Pointer {
		return nil
	}
	return m.relationOf(r.Pointer()-reflect.ValueOf(model).Pointer(), r.Type().Elem())
}

// missing are the columns to be read for those that were asked for.
func (i *instance) missing(asked []*property) []*property {
	stale := i.epoch != i.unit.epoch
	var missing []*property
	for _, p := range i.mapper.props {
		switch there := !i.unloaded.has(p.index); {
		case there && (stale || i.expired.has(p.index) && slices.Contains(asked, p)):
			missing = append(missing, p)
		case !there && slices.ContainsFunc(asked, func(a *property) bool {
			return a == p || a.group != "" && a.group == p.group && i.unloaded.has(a.index)
		}):
			missing = append(missing, p)
		}
	}
	return missing
}

// Loaded reports whether the field of an object, given by its address, holds
// what was read for it or what the user has put there; of a collection, whether
// all its objects were read. A transient object is loaded. It emits no SQL.
func Loaded(m Model, field any) bool {
	switch link := linkOf(m).(type) {
	case *instance:
		if rel := link.mapper.relationshipOf(m, field); rel != nil {
			return link.holdsRelation(rel)
		}
		return all(link.mapper.columnsOf(m, field), func(p *property) bool {
			return !link.unloaded.has(p.index) || link.snapshot != nil && !sameField(p, link.object, link.snapshot)
		})
	case *untracked:
		if rel := link.mapper.relationshipOf(m, field); rel != nil {
			return link.rels.has(rel.index)
		}
		return all(link.mapper.columnsOf(m, field), func(p *property) bool { return !link.unloaded.has(p.index) })
	}
	return true
}

// all reports whether there are properties, and something holds for each.
func all(props []*property, holds func(*property) bool) bool {
	return len(props) > 0 && !slices.ContainsFunc(props, func(p *property) bool { return !holds(p) })
}

// holdsRelation reports whether a relationship was read, or is the user's.
func (i *instance) holdsRelation(rel *relationship) bool {
	s := i.related(rel)
	return s.loaded || i.snapshot == nil || rel.shape == shapeOne && !slices.Equal(rel.read(i.object), s.members)
}
