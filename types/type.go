// This file describes SQL types as values. A Type is comparable: equal
// descriptions are equal with ==, because lists and element types are interned.

package types

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Kind is the family of a SQL type.
type Kind uint8

// The kinds of SQL types. The zero Kind says that nothing is known.
const (
	KindUnknown      Kind = iota
	KindBoolean           // true or false
	KindSmallInteger      // 16 bits
	KindInteger           // 32 bits
	KindBigInteger        // 64 bits
	KindFloat             // 32 bit floating point
	KindDouble            // 64 bit floating point
	KindNumeric           // exact decimal
	KindString            // text of a bounded length
	KindText              // text
	KindBytes             // binary data
	KindDate              // calendar date
	KindTime              // time of day
	KindDateTime          // date and time
	KindInterval          // duration, stored as whole microseconds
	KindUUID              // UUID
	KindJSON              // JSON document
	KindEnum              // one of a list of labels
	KindArray             // array of another type
	KindExact             // a type of one database, spelt literally
)

// Type describes a SQL type. It is an immutable value; equal descriptions are
// equal with ==. The zero Type is unknown.
type Type struct {
	kind      Kind
	unsigned  bool
	noZone    bool
	length    int
	precision int
	scale     int
	name      string
	only      string // the one dialect that has it, or ""
	labels    *labelList
	elem      *Type
	wrap      *wrapping
	variant   *variant
}

// labelList holds the labels of an enum; one exists for each list.
type labelList struct{ list []string }

// interned holds one pointer for each element type and each list of labels.
var interned sync.Map

func intern[K comparable, V any](key K, value *V) *V {
	kept, _ := interned.LoadOrStore(key, value)
	return kept.(*V)
}

// Boolean is the type of truth values.
func Boolean() Type { return Type{kind: KindBoolean} }

// SmallInteger is the 16 bit integer.
func SmallInteger() Type { return Type{kind: KindSmallInteger} }

// Integer is the 32 bit integer.
func Integer() Type { return Type{kind: KindInteger} }

// BigInteger is the 64 bit integer.
func BigInteger() Type { return Type{kind: KindBigInteger} }

// Float is the 32 bit floating point number.
func Float() Type { return Type{kind: KindFloat} }

// Double is the 64 bit floating point number.
func Double() Type { return Type{kind: KindDouble} }

// Numeric is the exact decimal of precision digits, scale of them behind the
// point. Numeric(0, 0) has no limit.
func Numeric(precision, scale int) Type {
	return Type{kind: KindNumeric, precision: precision, scale: scale}
}

// String is text of at most length characters; String(0) has no limit.
func String(length int) Type { return Type{kind: KindString, length: length} }

// Text is text without a limit.
func Text() Type { return Type{kind: KindText} }

// LargeBinary is binary data, of at most so many bytes if a length is given.
func LargeBinary(length ...int) Type {
	t := Type{kind: KindBytes}
	if len(length) > 0 {
		t.length = length[0]
	}
	return t
}

// Date is a calendar date. In Go it is a time.Time at midnight UTC.
func Date() Type { return Type{kind: KindDate} }

// Time is a time of day. In Go it is a time.Duration since midnight.
func Time() Type { return Type{kind: KindTime} }

// DateTime is an instant, stored in UTC, exact to the microsecond.
func DateTime() Type { return Type{kind: KindDateTime} }

// Timestamp is a [DateTime] that the database stores without a time zone. The
// instant is stored as it reads in UTC.
func Timestamp() Type { return Type{kind: KindDateTime, noZone: true} }

// Interval is a duration, stored as whole microseconds.
func Interval() Type { return Type{kind: KindInterval} }

// UUID is a universally unique identifier.
func UUID() Type { return Type{kind: KindUUID} }

// JSONType is a JSON document. Its Go types are [JSON], and any other where the
// column is said to hold JSON.
func JSONType() Type { return Type{kind: KindJSON} }

// Enum is one of the labels.
func Enum(labels ...string) Type {
	key := strings.Join(quoted(labels), ",")
	return Type{kind: KindEnum, labels: intern(key, &labelList{slices.Clone(labels)})}
}

// Array is an array of elem.
func Array(elem Type) Type { return Type{kind: KindArray, elem: intern(elem, &elem)} }

// Exact is a type that one database has, spelt as it is spelt there. Values
// cross as their Go type says.
//
//	types.Exact("CITEXT")
func Exact(sql string) Type { return Type{kind: KindExact, name: sql} }

// Named gives the type a name. Databases that have enums as schema objects use
// it for them.
func (t Type) Named(name string) Type {
	t.name = name
	return t
}

// AsUnsigned is the integer type without negative numbers.
func (t Type) AsUnsigned() Type {
	t.unsigned = true
	return t
}

// Kind is the family of the type.
func (t Type) Kind() Kind { return t.kind }

// Length is the greatest number of characters or bytes, 0 if there is no limit.
func (t Type) Length() int { return t.length }

// Precision is the number of digits of a decimal, 0 if there is no limit.
func (t Type) Precision() int { return t.precision }

// Scale is the number of digits behind the decimal point.
func (t Type) Scale() int { return t.scale }

// Unsigned reports whether the type has no negative numbers.
func (t Type) Unsigned() bool { return t.unsigned }

// WithoutZone reports whether the database stores the instant without a zone.
func (t Type) WithoutZone() bool { return t.noZone }

// Labels is a copy of the labels of an enum.
func (t Type) Labels() []string {
	if t.labels == nil {
		return nil
	}
	return slices.Clone(t.labels.list)
}

// Elem is the type of an array's elements.
func (t Type) Elem() Type {
	if t.elem == nil {
		return Type{}
	}
	return *t.elem
}

// Name is the name of an enum, or the literal text of an [Exact] type.
func (t Type) Name() string { return t.name }

// IsZero reports whether nothing is known about the type.
func (t Type) IsZero() bool { return t == Type{} }

// Equal reports whether both descriptions say the same.
func (t Type) Equal(u Type) bool { return t == u }

// hasLabel reports whether the enum has the label.
func (t Type) hasLabel(label string) bool {
	return t.labels != nil && slices.Contains(t.labels.list, label)
}

var kindNames = [...]string{
	KindUnknown: "UNKNOWN", KindBoolean: "BOOLEAN", KindSmallInteger: "SMALLINT", KindInteger: "INTEGER",
	KindBigInteger: "BIGINT", KindFloat: "FLOAT", KindDouble: "DOUBLE", KindNumeric: "NUMERIC",
	KindString: "VARCHAR", KindText: "TEXT", KindBytes: "BLOB", KindDate: "DATE", KindTime: "TIME",
	KindDateTime: "DATETIME", KindInterval: "INTERVAL", KindUUID: "UUID", KindJSON: "JSON",
	KindEnum: "ENUM", KindArray: "ARRAY", KindExact: "EXACT",
}

// String is the generic spelling of the kind, "BIGINT".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// String is the generic spelling of the type, "VARCHAR(50)", for messages. What
// a database is told comes from its dialect.
func (t Type) String() string {
	switch {
	case t.kind == KindNumeric && t.precision > 0:
		return fmt.Sprintf("NUMERIC(%d,%d)", t.precision, t.scale)
	case t.kind == KindEnum:
		return "ENUM(" + strings.Join(quoted(t.Labels()), ",") + ")"
	case t.kind == KindArray:
		return t.Elem().String() + "[]"
	case t.kind == KindExact:
		return t.name
	case t.kind == KindDateTime && t.noZone:
		return "TIMESTAMP"
	case t.length > 0:
		return fmt.Sprintf("%s(%d)", t.kind, t.length)
	case t.unsigned:
		return t.kind.String() + " UNSIGNED"
	}
	return t.kind.String()
}

// quoted spells labels as SQL text.
func quoted(labels []string) []string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = "'" + strings.ReplaceAll(l, "'", "''") + "'"
	}
	return out
}

// problem says what is wrong with the description, or nothing.
func (t Type) problem() string {
	switch {
	case t.length < 0:
		return "the length is negative"
	case t.precision < 0 || t.scale < 0:
		return "precision and scale cannot be negative"
	case t.scale > t.precision:
		return "the scale is greater than the precision"
	case t.kind == KindEnum:
		return labelProblem(t.labels.list)
	case t.kind == KindArray && t.elem.IsZero():
		return "the type of the elements is unknown"
	case t.kind == KindArray:
		return t.elem.problem()
	}
	if t.kind == KindExact {
		if problem := t.vendorProblem(); problem != "" {
			return problem
		}
	}
	return t.wrapProblem()
}

// labelProblem refuses lists that no database would take, or take otherwise
// than they are meant.
func labelProblem(labels []string) string {
	if len(labels) == 0 {
		return "the enum has no labels"
	}
	for i, l := range labels {
		switch {
		case l == "":
			return "a label of the enum is empty"
		case checkText(l) != nil:
			return fmt.Sprintf("the label %q is no text that a database can store", l)
		case slices.Contains(labels[:i], l):
			return fmt.Sprintf("the label %q occurs twice", l)
		}
	}
	return ""
}
