// This file holds the upsert: an INSERT that says what is to be done with a row
// that is there already.

package orm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// conflictRule is what an INSERT does with a row that meets one of the same key.
type conflictRule struct {
	target     []Node // columns of a unique key
	constraint string // or the name of one
	named      bool
	where      []Node // of a partial key

	nothing bool
	columns []Node // that take the value that would have been inserted
	others  bool   // all that the rows have values for do so
	set     []Assignment
	only    []Node // conditions on the row that is there
}

// Conflict is an INSERT that has been told which key its rows may meet, and not
// yet what is to be done then. It is an immutable value, and no statement.
type Conflict struct {
	insert *InsertStatement
	rule   conflictRule
}

// OnConflict makes the INSERT an upsert: it begins to say what is to be done with
// a row whose key there is already, by the columns of a primary key, a unique
// constraint or a unique index of the table. They are addresses of fields,
// columns, or names.
//
//	orm.Insert(u).Values(&User{Email: "ed@x.org", Name: "ed"}).OnConflict(&u.Email).DoUpdate(&u.Name)
//	// INSERT INTO users (email, name) VALUES (?, ?)
//	//   ON CONFLICT (email) DO UPDATE SET name = excluded.name
//	// MySQL: ON DUPLICATE KEY UPDATE users.name = VALUES(name)
//
// Columns that are no unique key of the table, as it is known, are an
// [ErrArgument] that lists the keys there are, on every database. MySQL and
// MariaDB cannot be told which key is meant: there a row that meets any unique
// key counts. Without columns any key is meant, which goes with DoNothing alone.
//
// Of a row that is there, nothing changes but what the upsert names: columns that
// are filled at every UPDATE are not, and neither is a version.
// Result.RowsAffected is -1 on MySQL, which counts otherwise, and the primary keys
// of the rows are not known: Returning gives them, together with all else.
func (s *InsertStatement) OnConflict(columns ...any) *Conflict {
	rule := conflictRule{}
	for _, column := range columns {
		rule.target = append(rule.target, conflictColumn(column))
	}
	return &Conflict{s, rule}
}

// OnConstraint is OnConflict for a unique constraint or unique index by its name.
// It is the way to an index on an expression.
//
//	orm.Insert(u).Values(row).OnConstraint("users_email_key").DoNothing()
//	// PostgreSQL: INSERT … ON CONFLICT ON CONSTRAINT users_email_key DO NOTHING
//	// SQLite:     INSERT … ON CONFLICT (email) DO NOTHING
//
// A name that the table does not have is an [ErrArgument].
func (s *InsertStatement) OnConstraint(name string) *Conflict {
	return &Conflict{s, conflictRule{constraint: name, named: true}}
}

// conflictColumn is a column by its address, as an expression, or by its name.
func conflictColumn(v any) Node {
	if name, ok := v.(string); ok {
		return &nameNode{name: name}
	}
	return columnItem(v)
}

// Where says in words of its own which partial index is meant, in place of the
// condition that the table's index has. Databases compare the texts of both, so
// it must have no values in it but those of SQL text.
//
//	orm.Insert(u).Values(row).OnConflict(&u.Email).Where(orm.N(&u.DeletedAt).IsNull()).DoNothing()
//	// INSERT … ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING
//
// It is a [CompileError] where there are no partial indexes (MySQL).
func (c *Conflict) Where(conditions ...Expr[bool]) *Conflict {
	changed := *c
	changed.rule.where = extended(changed.rule.where, conditionNodes(conditions)...)
	return &changed
}

func (c *Conflict) then(change func(*conflictRule)) *InsertStatement {
	return c.insert.with(func(s *InsertStatement) {
		rule := c.rule
		change(&rule)
		s.conflict = &rule
	})
}

// DoNothing leaves the row that is there as it is, and inserts the others.
//
//	// INSERT … ON CONFLICT (email) DO NOTHING
//	// MySQL: INSERT … ON DUPLICATE KEY UPDATE users.id = users.id
//
// RETURNING gives the rows that were inserted; MariaDB gives all of them.
func (c *Conflict) DoNothing() *InsertStatement {
	return c.then(func(r *conflictRule) { r.nothing = true })
}

// DoUpdate gives columns of the row that is there the values that would have been
// inserted. They are addresses of fields, columns, or names. Without any, those
// are meant for which the rows have values, less the columns of OnConflict and of
// the primary key: of objects, all but the version, and defaults that were left to
// the library or to the database.
//
//	orm.Insert(u).Values(rows).OnConflict(&u.Email).DoUpdate()
//	// INSERT INTO users (email, name) VALUES … ON CONFLICT (email) DO UPDATE SET name = excluded.name
func (c *Conflict) DoUpdate(columns ...any) *InsertStatement {
	return c.then(func(r *conflictRule) {
		r.others = len(columns) == 0
		for _, column := range columns {
			r.columns = append(slices.Clip(r.columns), conflictColumn(column))
		}
	})
}

// DoUpdateSet changes the row that is there by assignments, in the order given.
// Columns in them are those of the row; [Excluded] is the value that would have
// been inserted.
//
//	orm.Insert(w).Values(orm.M{"word": "go", "count": 1}).OnConflict("word").
//		DoUpdateSet(count.SetExpr(orm.Add(count, orm.Excluded(count))))
//	// INSERT … ON CONFLICT (word) DO UPDATE SET count = words.count + excluded.count
//	// MySQL: INSERT … ON DUPLICATE KEY UPDATE words.count = words.count + VALUES(count)
func (c *Conflict) DoUpdateSet(assignments ...Assignment) *InsertStatement {
	return c.then(func(r *conflictRule) { r.set = slices.Clone(assignments) })
}

// DoUpdateWhere has DoUpdate or DoUpdateSet leave rows alone that do not meet the
// conditions.
//
//	….DoUpdate(&p.Price, &p.Stamp).DoUpdateWhere(orm.Gt(orm.Excluded(orm.C(&p.Stamp)), orm.C(&p.Stamp)))
//	// … DO UPDATE SET price = excluded.price, stamp = excluded.stamp WHERE excluded.stamp > prices.stamp
//	// MySQL: … UPDATE prices.price = IF(VALUES(stamp) > prices.stamp, VALUES(price), prices.price), …
//
// On MySQL, where an assignment sees those before it, a condition that asks for
// several of the columns that are set is a [CompileError].
func (s *InsertStatement) DoUpdateWhere(conditions ...Expr[bool]) *InsertStatement {
	return s.with(func(s *InsertStatement) {
		rule := conflictRule{}
		if s.conflict != nil {
			rule = *s.conflict
		}
		rule.only = extended(rule.only, conditionNodes(conditions)...)
		s.conflict = &rule
	})
}

// Excluded is the value of a column that an upsert would have inserted, for
// DoUpdateSet and DoUpdateWhere: "excluded.name", and "VALUES(name)" on MySQL.
// Anywhere else, and of anything but a column of the table, it is an [ErrArgument].
func Excluded[T any](column Expr[T]) Expr[T] { return Expr[T]{&excludedNode{column.n}} }

type excludedNode struct{ of Node }

func (*excludedNode) node()                 {}
func (n *excludedNode) sqlType() types.Type { return typeOf(n.of) }

// uniqueKey is a key by which a table tells its rows apart.
type uniqueKey struct {
	name  string // or "" for the database's own
	parts []IndexPart
	where SQL
	index bool // and no constraint
}

// plain reports whether the key is of just these columns, in any order.
func (k uniqueKey) plain(columns []*Column) bool {
	if len(columns) != len(k.parts) {
		return false
	}
	return !slices.ContainsFunc(columns, func(c *Column) bool {
		return !slices.ContainsFunc(k.parts, func(p IndexPart) bool { return p.SQL == "" && p.Column == c.name })
	})
}

// String is the key as errors list it.
func (k uniqueKey) String() string {
	parts := make([]string, len(k.parts))
	for i, p := range k.parts {
		parts[i] = string(p.SQL) + p.Column
	}
	text := strings.Join(parts, ", ")
	if k.name == "" {
		return "(" + text + ")"
	}
	return fmt.Sprintf("%s (%s)", k.name, text)
}
