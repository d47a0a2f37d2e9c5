// Package types says what a SQL type is, and how Go values cross to a database
// and back. How a database spells a type is the business of its dialect.
//
// A [Type] is a description: VARCHAR(50), NUMERIC(12,4), an enum and its labels.
// [Infer] finds the one that fits a Go type, [Parse] reads the words of a struct
// tag. A [Codec] carries the values of one Go type into columns of one SQL type
// and out again, compares and copies them; [CodecFor] makes it. Values without a
// field of their own, such as the right side of a comparison, are checked and
// converted by [EncodeValue].
//
// Which way a Go type crosses is decided in this order: a converter given to
// [Register], driver.Valuer and sql.Scanner, encoding.TextMarshaler and
// encoding.TextUnmarshaler, and JSON where the column says so. Types that are
// plain kinds without such methods need nothing.
//
// Nothing is lost in silence. An integer that does not fit, a text with more
// characters than the column takes, a decimal with too many digits, a label that
// the enum does not have, and a value of another Go type than the column's are
// errors, in both directions. Times are instants in UTC, cut to microseconds.
//
// Types and codecs are immutable and safe for concurrent use.
package types
