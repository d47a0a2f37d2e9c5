// This file holds calculations with dates and times.

package orm

import (
	"time"

	"github.com/aurum-go/orm/types"
)

// dateNode is the beginning of a span of time, or an instant some spans later.
type dateNode struct {
	of    Node
	field DateField
	trunc bool
	n     int
}

func (*dateNode) node()                 {}
func (n *dateNode) sqlType() types.Type { return typeOf(n.of) }

// CurrentDate is the day of the transaction or statement, by the database's clock,
// in UTC.
func CurrentDate() Expr[time.Time] {
	return Expr[time.Time]{&keywordNode{"CURRENT_DATE", types.Date()}}
}

// DateTrunc is the beginning of the year, quarter, month, week, day, hour, minute
// or second that a date or time is in. Weeks begin on Monday. A date gives a date;
// hours and less of one are an [ErrArgument], as are other fields.
//
//	orm.DateTrunc(orm.Month, orm.C(&o.Day))
//	// PostgreSQL: date_trunc('month', orders.day)
//	// SQLite:     strftime('%Y-%m-01 00:00:00.000000', substr(orders.day, 1, 19))
//	// MySQL:      CAST(date_format(orders.day, '%Y-%m-01') AS DATETIME(6))
func DateTrunc[T any](field DateField, of Expr[T]) Expr[T] {
	return dateExpr[T](&dateNode{of: of.n, field: field, trunc: true})
}

// AddInterval is a date or time so many years, quarters, months, weeks, days,
// hours, minutes or seconds later, or earlier for a negative number. Where a month
// has no such day, its last one is meant: a month after the 31st of January is the
// 28th or 29th of February, on every database. A date gives a date; hours and less
// are an [ErrArgument] for it, as are other units.
//
//	orm.AddInterval(orm.C(&o.Day), 3, orm.Month)
//	// PostgreSQL: orders.day + CAST($1 AS INTEGER) * INTERVAL '1 month'
//	// SQLite:     strftime('%Y-%m-%d %H:%M:%S', substr(orders.day, 1, 19), '+3 months', 'floor') || substr(orders.day, 20)
//	// MySQL:      date_add(orders.day, INTERVAL ? month)
func AddInterval[T any](of Expr[T], n int, unit DateField) Expr[T] {
	return dateExpr[T](&dateNode{of: of.n, field: unit, n: n})
}

func dateExpr[T any](n *dateNode) Expr[T] {
	switch n.field {
	case Year, Quarter, Month, Week, Day, Hour, Minute, Second:
		return Expr[T]{n}
	}
	return Expr[T]{&errorNode{&UsageError{Kind: ErrArgument, Op: "calculate", Subject: quoted(string(n.field)), Reason: "it is no span of time"}}}
}
