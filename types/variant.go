// This file lets a type differ by database: what stands for it on one of them, the
// one that has it, and the SQL functions that its values go through.

package types

import "strings"

// SQL is text of the SQL language that stands around a value. A constant converts
// by itself; a string variable needs a conversion, which can be seen and searched
// for.
type SQL string

// wrapping is the SQL around values of a type, each with a ? for the value.
type wrapping struct{ bind, column SQL }

// variant is what stands for a type on one dialect, and then on others.
type variant struct {
	dialect string
	of      Type
	next    *variant
}

// BoundBy has every value of the type that is sent stand in an SQL expression, in
// place of the ?: in INSERT and UPDATE, and where it is compared with a column. What
// is no call of a function needs parentheses. It is SQLAlchemy's bind_expression.
//
//	types.Exact("geometry").BoundBy("ST_GeomFromText(?)").ReadBy("ST_AsText(?)")
//	// INSERT INTO lake (shape) VALUES (ST_GeomFromText(?))
func (t Type) BoundBy(expression SQL) Type {
	w := t.wrapped()
	w.bind = expression
	t.wrap = intern(w, &w)
	return t
}

// ReadBy has every column of the type that is read stand in an SQL expression, in
// place of the ?: in the list of the outermost SELECT and in RETURNING, and nowhere
// else. It is SQLAlchemy's column_expression.
//
//	// SELECT ST_AsText(lake.shape) AS shape FROM lake
func (t Type) ReadBy(expression SQL) Type {
	w := t.wrapped()
	w.column = expression
	t.wrap = intern(w, &w)
	return t
}

func (t Type) wrapped() wrapping {
	if t.wrap == nil {
		return wrapping{}
	}
	return *t.wrap
}

// BindExpression is the SQL that [Type.BoundBy] has given the type, or "".
func (t Type) BindExpression() SQL { return t.wrapped().bind }

// ColumnExpression is the SQL that [Type.ReadBy] has given the type, or "".
func (t Type) ColumnExpression() SQL { return t.wrapped().column }

// wrapProblem says what is wrong with the SQL around values, or nothing.
func (t Type) wrapProblem() string {
	w := t.wrapped()
	for _, text := range []SQL{w.bind, w.column} {
		if text != "" && strings.Count(string(text), "?") != 1 {
			return "the SQL around a value has to have one ?, for the value"
		}
	}
	return ""
}

// Variant says what stands for the type on one dialect: how the column is spelt in
// CREATE TABLE and in CAST, and the SQL around its values. The values themselves
// cross as those of t. The last one said for a dialect counts.
//
//	types.Text().Variant("postgres", types.Exact("citext"))
//	// PostgreSQL: citext    SQLite: TEXT    MySQL: LONGTEXT
func (t Type) Variant(dialect string, of Type) Type {
	v := variant{dialect, of, t.variant}
	t.variant = intern(v, &v)
	return t
}

// On is what stands for the type on a dialect: its variant there, or itself.
func (t Type) On(dialect string) Type {
	for v := t.variant; v != nil; v = v.next {
		if v.dialect == dialect {
			return v.of.On(dialect)
		}
	}
	return t
}

// Only says that just one dialect has the type. Elsewhere it needs a
// [Type.Variant], and is refused without.
//
//	types.Exact("tsquery").Only("postgres")
func (t Type) Only(dialect string) Type {
	t.only = dialect
	return t
}

// OnlyOn is the one dialect that has the type, or "" for one that is not known to
// be a single database's.
func (t Type) OnlyOn() string { return t.only }

// Varies reports whether some database sees other values than those that cross:
// there is SQL around them, or a variant of the type.
func (t Type) Varies() bool { return t.wrap != nil || t.variant != nil }
