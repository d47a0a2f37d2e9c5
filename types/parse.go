// This file reads the words that name a type in a struct tag:
//
//	numeric(12,4)   enum(low,high)   varchar(50)   array(text)   exact(citext)

package types

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parsers has a function for each word. It gets what stood in parentheses,
// split at the commas; nil if there were none.
var parsers map[string]func(args []string) (Type, error)

func init() {
	parsers = map[string]func([]string) (Type, error){
		"boolean": bare(Boolean), "bool": bare(Boolean),
		"smallint": bare(SmallInteger), "integer": bare(Integer), "int": bare(Integer), "bigint": bare(BigInteger),
		"float": bare(Float), "real": bare(Float), "double": bare(Double),
		"numeric": parseNumeric, "decimal": parseNumeric,
		"string": sized(String), "varchar": sized(String), "text": bare(Text),
		"bytes": sized(binary), "blob": sized(binary),
		"date": bare(Date), "time": bare(Time), "datetime": bare(DateTime), "timestamp": bare(Timestamp),
		"interval": bare(Interval), "uuid": bare(UUID), "json": bare(JSONType),
		"enum": parseEnum, "array": parseArray, "exact": parseExact, "jsonb": bare(JSONType),
		"citext": bare(CIText), "inet": bare(Inet), "cidr": bare(CIDR), "tsvector": bare(TSVector), "hstore": bare(HstoreType),
		"bit": sized(Bit), "vector": sized(VectorType), "year": bare(Year), "set": parseSet,
		"int4range": ranges(Integer), "int8range": ranges(BigInteger), "numrange": ranges(func() Type { return Numeric(0, 0) }),
		"daterange": ranges(Date), "tsrange": ranges(Timestamp), "tstzrange": ranges(DateTime),
	}
}

func binary(length int) Type { return LargeBinary(length) }

// Parse reads the words of a struct tag that name a type. Case does not matter.
// An integer word may be followed by "unsigned". The error is a [*ParseError]; for an
// unknown word it lists the known ones.
//
//	boolean  smallint  integer  bigint  float  double  numeric(12,4)
//	string(50) or varchar(50)  text  bytes  date  time  datetime  timestamp
//	interval  uuid  json or jsonb  enum(low,high)  array(text)  exact(POINT)
//	citext  inet  cidr  tsvector  hstore  bit(8)  vector(3)  int4range  int8range
//	numrange  daterange  tsrange  tstzrange (PostgreSQL)   set(a,b)  year (MySQL)
//
// Behind it may stand the name of an enum, and what stands for the type on some
// dialects:
//
//	enum(low,high) named level
//	text on postgres citext on mysql varchar(80)
func Parse(text string) (Type, error) {
	parts := splitOn(text)
	t, err := parseNamed(parts[0])
	for _, part := range parts[1:] {
		dialect, word, _ := strings.Cut(part, " ")
		var of Type
		if err == nil {
			of, err = parseNamed(word)
			t = t.Variant(dialect, of)
		}
	}
	if problem, ok := err.(*ParseError); ok { //nolint:errorlint // it is made here
		problem.Text = text
	}
	return t, err
}

// splitOn splits at the word "on", outside of parentheses and quotes.
func splitOn(text string) []string {
	const word = " on "
	var parts []string
	depth, quoted, start := 0, false, 0
	for i := range len(text) {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case quoted:
		case text[i] == '(':
			depth++
		case text[i] == ')':
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], word):
			parts, start = append(parts, strings.TrimSpace(text[start:i])), i+len(word)
		}
	}
	return append(parts, strings.TrimSpace(text[start:]))
}

// parseNamed reads a type, and the name of an enum behind it.
func parseNamed(text string) (Type, error) {
	const word = ") named "
	i := strings.LastIndex(text, word)
	if i < 0 {
		return parseType(text)
	}
	name := strings.TrimSpace(text[i+len(word):])
	t, err := parseType(text[:i+1])
	switch {
	case err != nil:
		return t, err
	case t.kind != KindEnum:
		return Type{}, &ParseError{Text: text, Word: "named", Reason: "only an enum has a name"}
	case name == "":
		return Type{}, &ParseError{Text: text, Word: "named", Reason: "the name is missing"}
	}
	return t.Named(name), nil
}

// parseType reads a type and nothing else.
func parseType(text string) (Type, error) {
	body, unsigned := cutUnsigned(strings.TrimSpace(text))
	word, args, err := splitWord(body)
	if err != nil {
		return Type{}, &ParseError{Text: text, Word: word, Reason: err.Error()}
	}
	parse, ok := parsers[strings.ToLower(word)]
	if !ok {
		return Type{}, &ParseError{Text: text, Word: word, Reason: unknownWord(word)}
	}
	t, err := parse(args)
	if err == nil && unsigned {
		t, err = t.AsUnsigned(), unsignedProblem(t)
	}
	if err != nil {
		return Type{}, &ParseError{Text: text, Word: word, Reason: err.Error()}
	}
	if problem := t.problem(); problem != "" {
		return Type{}, &ParseError{Text: text, Word: word, Reason: problem}
	}
	return t, nil
}

// cutUnsigned takes the word "unsigned" off the end.
func cutUnsigned(text string) (string, bool) {
	const word = " unsigned"
	if n := len(text) - len(word); n > 0 && strings.EqualFold(text[n:], word) {
		return strings.TrimSpace(text[:n]), true
	}
	return text, false
}

func unsignedProblem(t Type) error {
	switch t.kind {
	case KindSmallInteger, KindInteger, KindBigInteger:
		return nil
	}
	return refusal("only integers can be unsigned")
}

// splitWord takes "numeric(12, 4)" apart.
func splitWord(text string) (word string, args []string, err error) {
	word, rest, found := strings.Cut(text, "(")
	word = strings.TrimSpace(word)
	if !found {
		return word, nil, nil
	}
	inner, closed := strings.CutSuffix(strings.TrimSpace(rest), ")")
	if !closed {
		return word, nil, refusal("the closing parenthesis is missing")
	}
	args, err = splitArgs(inner)
	return word, args, err
}

// splitArgs splits at commas outside parentheses and quotes.
func splitArgs(text string) ([]string, error) {
	args, depth, quoted, start := []string{}, 0, false, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return nil, refusal("there is a parenthesis too many")
			}
		case c == ',' && depth == 0:
			args, start = append(args, strings.TrimSpace(text[start:i])), i+1
		}
	}
	if depth > 0 || quoted {
		return nil, refusal("a parenthesis or quote is not closed")
	}
	return append(args, strings.TrimSpace(text[start:])), nil
}

func unknownWord(word string) string {
	words := make([]string, 0, len(parsers))
	for w := range parsers {
		words = append(words, w)
	}
	slices.Sort(words)
	return fmt.Sprintf("%q is no type (use one of %s)", word, strings.Join(words, ", "))
}

// bare is a word without parentheses.
func bare(build func() Type) func([]string) (Type, error) {
	return func(args []string) (Type, error) {
		if args != nil {
			return Type{}, refusal("it takes nothing in parentheses")
		}
		return build(), nil
	}
}

// sized is a word that may have a length.
func sized(build func(int) Type) func([]string) (Type, error) {
	return func(args []string) (Type, error) {
		if args == nil {
			return build(0), nil
		}
		if len(args) != 1 {
			return Type{}, refusal("it takes one length")
		}
		n, err := positive(args[0])
		return build(n), err
	}
}

func positive(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n == 0 {
		return 0, refusal(fmt.Sprintf("%q is no positive whole number", text))
	}
	return int(n), nil
}

func parseNumeric(args []string) (Type, error) {
	if args == nil {
		return Numeric(0, 0), nil
	}
	if len(args) > 2 {
		return Type{}, refusal("it takes a precision and a scale")
	}
	precision, err := positive(args[0])
	if err != nil || len(args) == 1 {
		return Numeric(precision, 0), err
	}
	scale, err := strconv.ParseUint(args[1], 10, 31)
	if err != nil {
		return Type{}, refusal(fmt.Sprintf("%q is no scale", args[1]))
	}
	return Numeric(precision, int(scale)), nil
}

func parseEnum(args []string) (Type, error) {
	labels := make([]string, len(args))
	for i, a := range args {
		labels[i] = unquoted(a)
	}
	return Enum(labels...), nil
}

func parseSet(args []string) (Type, error) {
	t, err := parseEnum(args)
	return Set(t.Labels()...), err
}

func ranges(elem func() Type) func([]string) (Type, error) {
	return bare(func() Type { return RangeType(elem()) })
}

// unquoted takes the quotes off 'it”s'.
func unquoted(text string) string {
	if len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' {
		return text
	}
	return strings.ReplaceAll(text[1:len(text)-1], "''", "'")
}

func parseArray(args []string) (Type, error) {
	if len(args) != 1 {
		return Type{}, refusal("it takes the type of its elements")
	}
	elem, err := Parse(args[0])
	return Array(elem), err
}

func parseExact(args []string) (Type, error) {
	return Exact(strings.Join(args, ", ")), nil
}
