// This file tests calculations with dates and times.

package orm_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestCalculationsWithTimesAreTheSameOnEveryDatabase(t *testing.T) { runCases(t, timeCases()) }

var visitDay = orm.Col[time.Time](visitTable, "day")

// ofHired selects an expression over the times at which people were hired.
func ofHired[T any](e orm.Expr[T]) *orm.SelectStatement {
	return orm.Select(e.As("v")).Where(person.hired.IsNotNull()).OrderBy(person.id)
}

// atNoon is an instant with microseconds.
var atNoon = orm.Cast[time.Time](orm.Lit(time.Date(2024, 2, 29, 12, 59, 59, 999_999_000, time.UTC)), types.DateTime())

// equalTimes counts the offices if an instant is equal to one of Go.
func equalTimes(e orm.Expr[time.Time], at time.Time) *orm.SelectStatement {
	return orm.Select(orm.Count().As("v")).From(officeTable).Where(e.Eq(at))
}

func timeCases() []sqlCase {
	return []sqlCase{
		{name: "the beginning of the year", stmt: ofHired(orm.DateTrunc(orm.Year, person.hired)), rows: valueRows("2020-01-01T00:00:00", "2021-01-01T00:00:00", "2022-01-01T00:00:00")},
		{name: "the beginning of the quarter", stmt: ofHired(orm.DateTrunc(orm.Quarter, orm.AddInterval(person.hired, 10, orm.Month))).Limit(1), rows: valueRows("2020-10-01T00:00:00")},
		{name: "the beginning of the month", stmt: ofHired(orm.DateTrunc(orm.Month, person.hired)).Limit(1), rows: valueRows("2020-01-01T00:00:00")},
		{name: "the beginning of the week", stmt: ofHired(orm.DateTrunc(orm.Week, person.hired)), rows: valueRows("2020-01-27T00:00:00", "2021-01-25T00:00:00", "2022-01-31T00:00:00")},
		{name: "the beginning of the day", stmt: ofHired(orm.DateTrunc(orm.Day, person.hired)).Limit(1), rows: valueRows("2020-01-31T00:00:00")},
		{name: "the beginning of the hour", stmt: ofHired(orm.DateTrunc(orm.Hour, person.hired)).Limit(1), rows: valueRows("2020-01-31T10:00:00")},
		{name: "the beginning of the minute", stmt: ofHired(orm.DateTrunc(orm.Minute, person.hired)).Limit(1), rows: valueRows("2020-01-31T10:20:00")},
		{name: "the beginning of the second", stmt: equalTimes(orm.DateTrunc(orm.Second, atNoon), time.Date(2024, 2, 29, 12, 59, 59, 0, time.UTC)), rows: valueRows(3)},
		{name: "the beginning of a date's month", stmt: orm.Select(orm.DateTrunc(orm.Month, visitDay).As("v")).OrderBy(visit.host), rows: valueRows("2024-01-01T00:00:00", "2025-01-01T00:00:00")},
		{name: "the beginning of a date's week", stmt: orm.Select(orm.DateTrunc(orm.Week, visitDay).As("v")).OrderBy(visit.host), rows: valueRows("2024-01-29T00:00:00", "2025-01-27T00:00:00")},
		{name: "the beginning of NULL", stmt: orm.Select(orm.DateTrunc(orm.Month, person.hired).As("v")).Where(person.id.Eq(3)), rows: valueRows(nil)},
		{name: "groups by month", stmt: orm.Select(orm.Count().As("v")).Where(person.hired.IsNotNull()).GroupBy(orm.DateTrunc(orm.Month, person.hired)), rows: valueRows(1, 1, 1)},
		{name: "years later", stmt: ofHired(orm.AddInterval(person.hired, 2, orm.Year)).Limit(1), rows: valueRows("2022-01-31T10:20:30")},
		{name: "a month after the last day", stmt: ofHired(orm.AddInterval(person.hired, 1, orm.Month)), rows: valueRows("2020-02-29T10:20:30", "2021-02-28T10:20:30", "2022-02-28T10:20:30")},
		{name: "months before", stmt: ofHired(orm.AddInterval(person.hired, -2, orm.Month)).Limit(1), rows: valueRows("2019-11-30T10:20:30")},
		{name: "quarters later", stmt: ofHired(orm.AddInterval(person.hired, 1, orm.Quarter)).Limit(1), rows: valueRows("2020-04-30T10:20:30")},
		{name: "weeks later", stmt: ofHired(orm.AddInterval(person.hired, 2, orm.Week)).Limit(1), rows: valueRows("2020-02-14T10:20:30")},
		{name: "days later", stmt: ofHired(orm.AddInterval(person.hired, 30, orm.Day)).Limit(1), rows: valueRows("2020-03-01T10:20:30")},
		{name: "hours before", stmt: ofHired(orm.AddInterval(person.hired, -11, orm.Hour)).Limit(1), rows: valueRows("2020-01-30T23:20:30")},
		{name: "minutes later", stmt: ofHired(orm.AddInterval(person.hired, 100, orm.Minute)).Limit(1), rows: valueRows("2020-01-31T12:00:30")},
		{name: "a second later to the microsecond", stmt: equalTimes(orm.AddInterval(atNoon, 1, orm.Second), time.Date(2024, 2, 29, 13, 0, 0, 999_999_000, time.UTC)), rows: valueRows(3)},
		{name: "a date a month later", stmt: orm.Select(orm.AddInterval(visitDay, 1, orm.Month).As("v")).OrderBy(visit.host), rows: valueRows("2024-02-29T00:00:00", "2025-02-28T00:00:00")},
		{name: "a date a week before", stmt: orm.Select(orm.AddInterval(visitDay, -1, orm.Week).As("v")).OrderBy(visit.host), rows: valueRows("2024-01-24T00:00:00", "2025-01-24T00:00:00")},
		{name: "a date later in a condition", stmt: orm.Select(visit.host.As("v")).Where(orm.AddInterval(visitDay, 1, orm.Day).Eq(time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC))), rows: valueRows(1)},
		{name: "a time later than now", stmt: orm.Select(orm.Count().As("v")).From(officeTable).Where(orm.Gt(orm.AddInterval(orm.CurrentTimestamp(), 1, orm.Hour), orm.CurrentTimestamp())), rows: valueRows(3)},
		{name: "NULL later", stmt: orm.Select(orm.AddInterval(person.hired, 1, orm.Day).As("v")).Where(person.id.Eq(3)), rows: valueRows(nil)},
		{name: "the quarter", stmt: ofHired(orm.Extract(orm.Quarter, orm.AddInterval(person.hired, 9, orm.Month))).Limit(1), rows: valueRows(4)},
		{name: "the week", stmt: ofHired(orm.Extract(orm.Week, orm.AddInterval(person.hired, -30, orm.Day))), rows: valueRows(1, 53, 52)},
		{name: "the day of the week", stmt: ofHired(orm.Extract(orm.DayOfWeek, person.hired)), rows: valueRows(5, 0, 1)},
		{name: "the day of the year", stmt: ofHired(orm.Extract(orm.DayOfYear, orm.AddInterval(person.hired, 1, orm.Month))).Limit(1), rows: valueRows(60)},
		{name: "the seconds since 1970", stmt: ofHired(orm.Extract(orm.Epoch, person.hired)).Limit(1), rows: valueRows(1580466030)},
	}
}

// What no calendar knows is refused before it is sent.
func TestCalculationsWithTimesThatAreNoneAreRefused(t *testing.T) {
	for name, e := range map[string]orm.Expression{
		"the beginning of a weekday": orm.DateTrunc(orm.DayOfWeek, person.hired),
		"an epoch later":             orm.AddInterval(person.hired, 1, orm.Epoch),
		"a unit that is text":        orm.AddInterval(person.hired, 1, "month'"),
		"the hour of a date":         orm.DateTrunc(orm.Hour, visitDay),
		"a date a second later":      orm.AddInterval(visitDay, 1, orm.Second),
	} {
		t.Run(name, func(t *testing.T) {
			for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
				if _, _, err := orm.Compile(orm.Select(e), dialect); !errors.Is(err, orm.ErrArgument) {
					t.Errorf("%s: the error is %v, not ErrArgument", dialect, err)
				}
			}
		})
	}
}
