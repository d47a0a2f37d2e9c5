// This file carries durations: intervals as whole microseconds, times of day as
// the time since midnight.

package types

import (
	"database/sql/driver"
	"reflect"
	"time"
)

const day = 24 * time.Hour

// bindDuration gives a duration the form that a column of type t takes.
func bindDuration(d time.Duration, t Type) (driver.Value, error) {
	switch t.kind {
	case KindUnknown, KindInterval, KindExact:
		return d.Microseconds(), nil
	case KindTime:
		if d < 0 || d >= day {
			return nil, refusal("a time of day is at least 0 and less than 24 hours")
		}
		return formatClock(d), nil
	case KindSmallInteger, KindInteger, KindBigInteger:
		return bindInt(int64(d), t) // as Go counts, in nanoseconds
	}
	return nil, refusal("a time.Duration has no place there")
}

// formatClock is a time of day, "15:04:05.000000".
func formatClock(d time.Duration) string {
	return FormatTime(time.Time{}.Add(d))[len("2006-01-02 "):]
}

// readDuration takes what drivers give for intervals and times of day.
func readDuration(src any, t Type) (time.Duration, error) {
	if t.kind == KindTime {
		return readClock(src)
	}
	n, err := readInt(src)
	d := time.Duration(n) * time.Microsecond
	if err == nil && d.Microseconds() != n {
		return 0, outOfRange
	}
	return d, err
}

func readClock(src any) (time.Duration, error) {
	switch v := src.(type) {
	case time.Time:
		hour, minute, second := v.Clock()
		return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
			time.Duration(second)*time.Second + time.Duration(v.Nanosecond()).Truncate(time.Microsecond), nil
	case string:
		return parseClock(v)
	case []byte:
		return parseClock(string(v))
	}
	return 0, unexpected(src)
}

func parseClock(text string) (time.Duration, error) {
	c := &cursor{rest: text}
	d := c.clock()
	if c.bad || c.rest != "" {
		return 0, refusal("the text is no time of day")
	}
	return d.Truncate(time.Microsecond), nil
}

// durationCodec is the codec of time.Duration.
type durationCodec struct{ scalar[time.Duration] }

func newDuration(goType reflect.Type, sql Type) Codec {
	return &durationCodec{scalar[time.Duration]{base: base{goType, sql, OpCodec}, bind: bindDuration, read: readDuration}}
}

func (c *durationCodec) Equal(a, b Ptr) bool {
	return at[time.Duration](a).Microseconds() == at[time.Duration](b).Microseconds()
}

func (c *durationCodec) normalizes() bool { return true }

func (c *durationCodec) Normalize(p Ptr) {
	d := at[time.Duration](p)
	*d = d.Truncate(time.Microsecond)
}
