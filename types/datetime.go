// This file carries instants and dates. Any zone goes in, UTC comes out, cut to
// the microseconds that all databases keep.

package types

import (
	"database/sql/driver"
	"reflect"
	"time"
)

// instant is the form in which a time comes back from a database.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// dateOf is midnight UTC of the day that the time's own calendar shows.
func dateOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// sameTime compares instants as databases keep them.
func sameTime(a, b time.Time) bool { return microseconds(a) == microseconds(b) }

// microseconds since 1970, rounded down. It overflows only outside the years
// that are stored.
func microseconds(t time.Time) int64 { return t.Unix()*1e6 + int64(t.Nanosecond()/1e3) }

// bindTime gives a time the form that a column of type t takes.
func bindTime(v time.Time, t Type) (driver.Value, error) {
	switch t.kind {
	case KindUnknown, KindDateTime, KindExact:
		v = instant(v)
	case KindDate:
		v = dateOf(v)
	default:
		return nil, refusal("a time.Time has no place there")
	}
	if year := v.Year(); year < 1 || year > 9999 {
		return nil, refusal("the year is not between 1 and 9999")
	}
	return v, nil
}

// readTime takes what drivers give for dates and times: SQLite has text.
func readTime(src any, t Type) (time.Time, error) {
	v, err := plainTime(src)
	switch {
	case err != nil:
		return time.Time{}, err
	case t.kind == KindDate:
		return dateOf(v), nil
	}
	return instant(v), nil
}

func plainTime(src any) (time.Time, error) {
	switch v := src.(type) {
	case time.Time:
		return v, nil
	case string:
		return parseTime(v)
	case []byte:
		return parseTime(string(v))
	}
	return time.Time{}, unexpected(src)
}

// timeCodec is the codec of time.Time, and of types made from it.
type timeCodec struct{ base }

func newTime(goType reflect.Type, sql Type) Codec {
	if sql.kind == KindDate {
		return &timeCodec{base{goType, sql, OpCodec}}
	}
	return &timeCodec{base{goType, sql, OpTime}}
}

func (c *timeCodec) Encode(p Ptr) (driver.Value, error) {
	v, err := bindTime(*at[time.Time](p), c.sql)
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	return v, nil
}

func (c *timeCodec) Decode(p Ptr, src any) error {
	if src == nil {
		return nullError(c.goType, c.sql)
	}
	v, err := readTime(src, c.sql)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	*at[time.Time](p) = v
	return nil
}

func (c *timeCodec) Equal(a, b Ptr) bool {
	x, y := *at[time.Time](a), *at[time.Time](b)
	if c.sql.kind == KindDate {
		return dateOf(x).Equal(dateOf(y))
	}
	return sameTime(x, y)
}

func (c *timeCodec) Copy(dst, src Ptr) { *at[time.Time](dst) = *at[time.Time](src) }

func (c *timeCodec) IsZero(p Ptr) bool { return at[time.Time](p).IsZero() }

func (c *timeCodec) normalizes() bool { return true }

func (c *timeCodec) Normalize(p Ptr) {
	t := at[time.Time](p)
	if c.sql.kind == KindDate {
		*t = dateOf(*t)
		return
	}
	*t = instant(*t)
}
