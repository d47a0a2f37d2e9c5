// This file names the types that one database alone has. Their values cross by
// their Go types; what the database would refuse or read as something else is
// refused here where that is cheap to see.

package types

import (
	"database/sql/driver"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// vendor is a type of one dialect.
func vendor(dialect, name string) Type { return Exact(name).Only(dialect) }

// CIText is PostgreSQL's text that compares without case, of the extension citext.
// In Go it is a string.
func CIText() Type { return vendor("postgres", "citext") }

// Inet is PostgreSQL's address of a host. In Go it is a netip.Addr, or a string.
func Inet() Type { return vendor("postgres", "inet") }

// CIDR is PostgreSQL's address of a network. In Go it is a netip.Prefix, or a string.
func CIDR() Type { return vendor("postgres", "cidr") }

// TSVector is PostgreSQL's text that is prepared for a search. In Go it is a string.
func TSVector() Type { return vendor("postgres", "tsvector") }

// Bit is PostgreSQL's string of exactly length bits. In Go it is a string of 0 and 1.
func Bit(length int) Type {
	t := vendor("postgres", fmt.Sprintf("bit(%d)", length))
	t.length = length
	return t
}

// HstoreType is PostgreSQL's map of texts, of the extension hstore. In Go it is an
// [Hstore].
func HstoreType() Type { return vendor("postgres", "hstore") }

// VectorType is the vector of the extension pgvector. In Go it is a [Vector].
func VectorType(dimensions int) Type {
	t := vendor("postgres", fmt.Sprintf("vector(%d)", dimensions))
	t.length = dimensions
	return t
}

// Year is MySQL's year, from 1901 to 2155, or 0. In Go it is any integer.
func Year() Type { return vendor("mysql", "YEAR") }

// Set is MySQL's set of labels, none of which has a comma. In Go it is a []string,
// in the order of the labels; nil is NULL.
func Set(labels ...string) Type {
	t := Enum(labels...)
	t.kind, t.name, t.only = KindExact, "SET("+strings.Join(quoted(labels), ", ")+")", "mysql"
	return t
}

// isSet reports whether the type is a set of labels.
func (t Type) isSet() bool { return t.kind == KindExact && t.labels != nil }

// vendorProblem says what is wrong with a type of one database, or nothing.
func (t Type) vendorProblem() string {
	switch {
	case t.isSet():
		for _, l := range t.labels.list {
			if strings.ContainsAny(l, `,\`) {
				return fmt.Sprintf("the label %q of the set has a comma or a backslash", l)
			}
		}
		return labelProblem(t.labels.list)
	case t.elem != nil && t.name == "":
		return "there are no ranges of " + t.elem.String()
	case strings.TrimSpace(t.name) == "":
		return "the text of the type is empty"
	case t.length == 0 && (t.name == "bit(0)" || t.name == "vector(0)"):
		return "the length is missing"
	}
	return ""
}

// bindExact checks a text for a type of one database.
func bindExact(text string, t Type) (driver.Value, error) {
	switch {
	case t.only == "":
		return text, nil
	case t.name == "inet":
		return text, checkAddress(text, false)
	case t.name == "cidr":
		return text, checkAddress(text, true)
	case strings.HasPrefix(t.name, "bit("):
		if len(text) != t.length || strings.Trim(text, "01") != "" {
			return nil, refusal("the text is not " + strconv.Itoa(t.length) + " bits")
		}
	}
	return text, nil
}

// checkAddress refuses what is no address of a host, or of a network.
func checkAddress(text string, network bool) error {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return refusal("the text is no address")
	case network && prefix != prefix.Masked():
		return refusal("the address of the network has bits of a host")
	}
	return nil
}

// bindYear refuses numbers that MySQL would take for another year.
func bindYear(n int64, t Type) error {
	if t.only == "mysql" && t.name == "YEAR" && n != 0 && (n < 1901 || n > 2155) {
		return refusal("a year is 0 or lies between 1901 and 2155")
	}
	return nil
}

// setCodec carries a slice of strings as MySQL's set.
type setCodec struct {
	shape
	sql Type
}

func (c *setCodec) Nullable() bool { return true }

func (c *setCodec) Encode(p Ptr) (driver.Value, error) {
	labels := *at[[]string](p)
	if labels == nil {
		return nil, nil
	}
	for _, l := range labels {
		if !c.sql.hasLabel(l) {
			return nil, valueError(c.goType, c.sql, refusal("a text is no label of the set"))
		}
	}
	return strings.Join(c.ordered(labels), ","), nil
}

// ordered are the labels as the database gives them back: each once, in the order
// of the set.
func (c *setCodec) ordered(labels []string) []string {
	ordered := make([]string, 0, len(labels))
	for _, l := range c.sql.labels.list {
		if slices.Contains(labels, l) {
			ordered = append(ordered, l)
		}
	}
	return ordered
}

func (c *setCodec) Decode(p Ptr, src any) error {
	if src == nil {
		*at[[]string](p) = nil
		return nil
	}
	text, err := plainText(src)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	labels := []string{}
	if text != "" {
		labels = strings.Split(text, ",")
	}
	for _, l := range labels {
		if !c.sql.hasLabel(l) {
			return decodeError(c.goType, c.sql, refusal("the database has a label that the set has not"))
		}
	}
	*at[[]string](p) = labels
	return nil
}

func (c *setCodec) Equal(a, b Ptr) bool {
	x, y := *at[[]string](a), *at[[]string](b)
	return (x == nil) == (y == nil) && slices.Equal(c.ordered(x), c.ordered(y))
}

func (c *setCodec) normalizes() bool { return true }

// Normalize gives the labels their order, unless one is not of the set.
func (c *setCodec) Normalize(p Ptr) {
	labels := *at[[]string](p)
	if ordered := c.ordered(labels); labels != nil && !slices.Equal(labels, ordered) && len(ordered) > 0 {
		*at[[]string](p) = ordered
	}
}
