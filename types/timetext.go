// This file writes and reads dates and times as text. The text that is written
// has a fixed width, so that its order is the order of the instants; everything
// that databases write is read.

package types

import (
	"fmt"
	"time"
)

// FormatTime is the instant in UTC, "2006-01-02 15:04:05.000000": what is stored
// where a database has no times of its own. The year has to be one that
// [EncodeValue] accepts.
func FormatTime(t time.Time) string {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	var text [26]byte
	putDigits(text[0:4], year)
	putDigits(text[5:7], int(month))
	putDigits(text[8:10], day)
	putDigits(text[11:13], hour)
	putDigits(text[14:16], minute)
	putDigits(text[17:19], second)
	putDigits(text[20:26], t.Nanosecond()/1000)
	text[4], text[7], text[10], text[13], text[16], text[19] = '-', '-', ' ', ':', ':', '.'
	return string(text[:])
}

func putDigits(text []byte, n int) {
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = byte('0' + n%10)
		n /= 10
	}
}

// ParseTime reads what [FormatTime] writes, and the other forms in which databases
// and drivers write dates and times: 'T' for the blank, fewer or more digits
// behind the point, no time of day, and a zone ("Z", "+00", "+02:00", "+0200",
// "+0000 UTC"). Without a zone it is UTC. The result is in UTC, cut to microseconds.
func ParseTime(s string) (time.Time, error) {
	t, err := parseTime(s)
	if err != nil {
		return time.Time{}, fmt.Errorf("types: parse time: %w", err)
	}
	return instant(t), nil
}

const noTime = refusal("the text is no date and time")

// cursor walks over the text. After the first thing that is not as it has to
// be, bad is set and nothing else counts.
type cursor struct {
	rest string
	bad  bool
}

// number takes exactly n digits.
func (c *cursor) number(n int) int {
	if len(c.rest) < n || !digits(c.rest[:n]) {
		c.bad = true
		return 0
	}
	value := 0
	for i := range n {
		value = value*10 + int(c.rest[i]-'0')
	}
	c.rest = c.rest[n:]
	return value
}

// next takes the character if it is one of those wanted.
func (c *cursor) next(wanted ...byte) bool {
	for _, w := range wanted {
		if len(c.rest) > 0 && c.rest[0] == w {
			c.rest = c.rest[1:]
			return true
		}
	}
	return false
}

func (c *cursor) expect(wanted byte) {
	if !c.next(wanted) {
		c.bad = true
	}
}

func parseTime(s string) (time.Time, error) {
	c := &cursor{rest: s}
	year := c.number(4)
	c.expect('-')
	month := c.number(2)
	c.expect('-')
	day := c.number(2)
	var clock time.Duration
	var offset int
	if c.next(' ', 'T', 't') {
		clock = c.clock()
		offset = c.zone()
	}
	if c.bad || c.rest != "" || year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return time.Time{}, noTime
	}
	midnight := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return midnight.Add(clock - time.Duration(offset)*time.Second), nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// clock takes the time of day; the seconds and what is behind them may be missing.
func (c *cursor) clock() time.Duration {
	hour := c.number(2)
	c.expect(':')
	minute, second := c.number(2), 0
	var fraction time.Duration
	if c.next(':') {
		second = c.number(2)
		if c.next('.') {
			fraction = c.fraction()
		}
	}
	if hour > 23 || minute > 59 || second > 59 {
		c.bad = true
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + fraction
}

// fraction takes one to nine digits behind the point.
func (c *cursor) fraction() time.Duration {
	value, unit, n := 0, int(time.Second), 0
	for ; n < len(c.rest) && n < 9 && c.rest[n] >= '0' && c.rest[n] <= '9'; n++ {
		unit /= 10
		value += int(c.rest[n]-'0') * unit
	}
	c.rest, c.bad = c.rest[n:], c.bad || n == 0
	return time.Duration(value)
}

// zone takes the seconds east of UTC. Go writes the zone's name behind them.
func (c *cursor) zone() int {
	c.next(' ')
	if c.rest == "" || c.next('Z', 'z') {
		return 0
	}
	sign := 1
	if !c.next('+') {
		c.expect('-')
		sign = -1
	}
	seconds := c.number(2) * 3600
	for unit := 60; unit > 0 && c.rest != "" && c.rest[0] != ' '; unit /= 60 {
		c.next(':')
		seconds += c.number(2) * unit
	}
	if c.next(' ') {
		c.zoneName()
	}
	return sign * seconds
}

func (c *cursor) zoneName() {
	for _, r := range c.rest {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			c.bad = true
		}
	}
	c.bad, c.rest = c.bad || c.rest == "", ""
}
