// This file evaluates expressions over the fields of a struct, in place of the
// database: only where the database would certainly come to the same.

package orm

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// evaluation computes an expression over the struct at an address, of which the
// columns that the evaluator has used are known. It returns false where only the
// database can tell the value. It may be called by several goroutines at once.
type evaluation func(row types.Ptr) (datum, bool)

// evaluator makes evaluations of expressions over one FROM item, whose rows are
// structs of a mapper.
type evaluator struct {
	mapper   *Mapper
	from     fromNode
	features *Features
	params   M
	byColumn bool      // names are those of columns, and not of fields
	letters  bool      // lower and upper change all letters, and not those of ASCII alone
	used     columnSet // by all that was made so far
	obstacle string    // the first part of an expression that only a database evaluates
}

// evaluation is made of an expression once, and called for each struct. A part
// that cannot be evaluated makes the whole unknown only for those structs whose
// value depends on it.
func (e *evaluator) evaluation(n Node) evaluation {
	n, err := resolved(n)
	if err != nil {
		return e.unknown("a mistake")
	}
	switch n := n.(type) {
	case *columnNode:
		return e.column(n)
	case *nameNode:
		return e.field(e.named(n.name))
	case *bindNode:
		return e.constant(n.value, e.metType(n, n.like))
	case *paramNode:
		return e.param(n)
	case *constNode:
		return e.keyword(n)
	case *labelNode:
		return e.evaluation(n.of)
	case *unaryNode:
		return e.unary(n)
	case *binaryNode:
		return e.binary(n)
	case *listNode:
		return e.list(n)
	case *inNode:
		return e.in(n)
	case *betweenNode:
		return e.between(n)
	case *likeNode:
		return e.like(n)
	case *caseNode:
		return e.caseOf(n)
	case *funcNode:
		return e.function(n)
	}
	return e.unknown(foreignPart(n))
}

func (e *evaluator) evaluations(nodes []Node) []evaluation {
	list := make([]evaluation, len(nodes))
	for i, n := range nodes {
		list[i] = e.evaluation(n)
	}
	return list
}

// unknown is the evaluation of what only the database knows.
func (e *evaluator) unknown(what string) evaluation {
	if e.obstacle == "" {
		e.obstacle = what
	}
	return func(types.Ptr) (datum, bool) { return datum{}, false }
}

func known(v datum) evaluation {
	return func(types.Ptr) (datum, bool) { return v, true }
}

// foreignPart is what a node is that stands in the way, in words.
func foreignPart(n Node) string {
	switch n.(type) {
	case *rawNode:
		return "SQL text"
	case *existsNode, *pathExists, *scalarNode:
		return "a subquery"
	case *castNode, *coercedNode:
		return "a cast"
	case *tupleInNode, *rowNode:
		return "a row value"
	case *collateNode:
		return "a collation"
	case *matchNode:
		return "a search for words"
	case *jsonNode:
		return "a path into JSON"
	case *keywordNode, *extractNode, *dateNode:
		return "a function of the database"
	}
	return fmt.Sprintf("a %T", n)
}

func (e *evaluator) column(n *columnNode) evaluation {
	if n.from != e.from {
		return e.unknown("a column of another table")
	}
	return e.field(e.mapper.byColumn[n.column.name])
}

// named is the property of a name.
func (e *evaluator) named(name string) *property {
	if e.byColumn {
		return e.mapper.byColumn[name]
	}
	return e.mapper.named(name)
}

// field reads a property.
func (e *evaluator) field(p *property) evaluation {
	if p == nil {
		return e.unknown("a column without a field")
	}
	kind := datumKindOf(p.column.typ)
	if kind == nullDatum {
		return e.unknown("a column of type " + p.column.typ.String())
	}
	e.used = e.used.with(p.index)
	if read := plainReader(p, kind); read != nil {
		return read
	}
	return func(row types.Ptr) (datum, bool) {
		v, err := p.codec.Encode(fieldPtr(row, p.offset))
		if err != nil {
			return datum{}, false
		}
		return datumOf(v, kind)
	}
}

// plainReader reads a field of a type that Go itself has, which no converter
// changes, without a value in between.
func plainReader(p *property, kind datumKind) evaluation {
	offset := p.offset
	switch {
	case p.goType == reflect.TypeFor[int64]() && kind == integerDatum:
		return func(row types.Ptr) (datum, bool) {
			return datum{kind: integerDatum, number: *typedPointer[int64](fieldPtr(row, offset))}, true
		}
	case p.goType == reflect.TypeFor[int]() && kind == integerDatum:
		return func(row types.Ptr) (datum, bool) {
			return datum{kind: integerDatum, number: int64(*typedPointer[int](fieldPtr(row, offset)))}, true
		}
	case p.goType == reflect.TypeFor[bool]() && kind == truthDatum:
		return func(row types.Ptr) (datum, bool) { return truth(*typedPointer[bool](fieldPtr(row, offset))), true }
	case p.goType == reflect.TypeFor[string]() && p.op == types.OpString && kind == textDatum:
		return func(row types.Ptr) (datum, bool) {
			return datum{kind: textDatum, text: *typedPointer[string](fieldPtr(row, offset))}, true
		}
	}
	return nil
}

// constant is a value that is the same for all structs.
func (e *evaluator) constant(v any, t types.Type) evaluation {
	if isNull(v) {
		return known(datum{})
	}
	d, ok := constantOf(v, t)
	if !ok {
		return e.unknown(fmt.Sprintf("a %T", v))
	}
	return known(d)
}

// constantOf is a value as it is sent, of a type or of the one that fits it.
func constantOf(v any, t types.Type) (datum, bool) {
	if t.IsZero() {
		t = inferred(reflect.TypeOf(v))
	}
	sent, err := types.EncodeValue(v, t)
	if err != nil {
		return datum{}, false
	}
	return datumOf(sent, datumKindOf(t))
}

func (e *evaluator) param(n *paramNode) evaluation {
	v, ok := e.params[n.name]
	if !ok {
		return e.unknown("a parameter without a value")
	}
	return e.constant(v, e.metType(n, n.like))
}

// metType is the type of a value, which may be that of a field that is known by
// its name only.
func (e *evaluator) metType(value, like Node) types.Type {
	if name, ok := like.(*nameNode); ok {
		if p := e.named(name.name); p != nil {
			return p.column.typ
		}
	}
	return typeOf(value)
}

func (e *evaluator) keyword(n *constNode) evaluation {
	switch n {
	case nullNode:
		return known(datum{})
	case trueNode:
		return known(truth(true))
	case falseNode:
		return known(truth(false))
	}
	return e.unknown("a constant of SQL")
}

func (e *evaluator) unary(n *unaryNode) evaluation {
	if n.op == opIsNull || n.op == opIsNotNull {
		return e.nullTest(n.operand, n.op == opIsNull)
	}
	operand := e.evaluation(n.operand)
	switch n.op {
	case opNot:
		return negation(operand)
	case opNegative:
		return mapped(operand, func(v datum) (datum, bool) { return subtract(datum{kind: integerDatum}, v) })
	}
	return e.unknown("an operator of the database")
}

// nullTest needs no more of a column than whether there is anything in it.
func (e *evaluator) nullTest(operand Node, want bool) evaluation {
	n, err := resolved(operand)
	column, ok := n.(*columnNode)
	if err != nil || !ok || column.from != e.from || !holdsPlain(column.column.typ) {
		return e.nullOf(e.evaluation(operand), want)
	}
	p := e.mapper.byColumn[column.column.name]
	if p == nil {
		return e.unknown("a column without a field")
	}
	e.used = e.used.with(p.index)
	if !p.codec.Nullable() {
		return known(truth(!want))
	}
	return func(row types.Ptr) (datum, bool) {
		v, err := p.codec.Encode(fieldPtr(row, p.offset))
		return truth((v == nil) == want), err == nil
	}
}

// holdsPlain reports whether NULL is the one value of a column that Go takes for
// none: a document can be null, too.
func holdsPlain(t types.Type) bool {
	switch t.Kind() {
	case types.KindJSON, types.KindArray, types.KindExact, types.KindUnknown:
		return false
	}
	return true
}

func (*evaluator) nullOf(operand evaluation, want bool) evaluation {
	return func(row types.Ptr) (datum, bool) {
		v, ok := operand(row)
		return truth(v.isNull() == want), ok
	}
}

// mapped is a function of a value that is NULL for NULL.
func mapped(operand evaluation, f func(datum) (datum, bool)) evaluation {
	return func(row types.Ptr) (datum, bool) {
		v, ok := operand(row)
		if !ok || v.isNull() {
			return v, ok
		}
		return f(v)
	}
}

// combined is a function of two values that is NULL if either is.
func combined(left, right evaluation, f func(a, b datum) (datum, bool)) evaluation {
	return func(row types.Ptr) (datum, bool) {
		a, okA := left(row)
		b, okB := right(row)
		switch {
		case okA && a.isNull(), okB && b.isNull():
			return datum{}, true
		case !okA || !okB:
			return datum{}, false
		}
		return f(a, b)
	}
}

func (e *evaluator) binary(n *binaryNode) evaluation {
	left, right := e.evaluation(n.left), e.evaluation(n.right)
	if test := comparisons[n.op]; test != nil {
		e.expect(n.op == opEq || n.op == opNe, n.left, n.right)
		return combined(left, right, e.comparison(test, n.op == opEq || n.op == opNe))
	}
	switch n.op {
	case opDistinct, opNotDistinct:
		e.expect(true, n.left, n.right)
		return e.distinction(left, right, n.op == opDistinct)
	case opConcat:
		return combined(left, right, concat)
	}
	if f := calculations[n.op]; f != nil {
		return combined(left, right, f)
	}
	return e.unknown("an operator of the database")
}

// expect notes values that may well be incomparable: an evaluation finds out for
// each, as NULL is comparable always.
func (e *evaluator) expect(equality bool, operands ...Node) {
	for _, n := range operands {
		d := datum{kind: datumKindOf(typeOf(n))}
		if _, ok := d.compare(d, e.features, equality); !ok && !d.isNull() {
			_ = e.unknown("a comparison of " + typeOf(n).String())
		}
	}
}

// comparison compares two values that are not NULL.
func (e *evaluator) comparison(test func(order int) bool, equality bool) func(a, b datum) (datum, bool) {
	return func(a, b datum) (datum, bool) {
		order, ok := a.compare(b, e.features, equality)
		return truth(test(order)), ok
	}
}

// distinction is a comparison that takes NULL for a value like any other.
func (e *evaluator) distinction(left, right evaluation, want bool) evaluation {
	return func(row types.Ptr) (datum, bool) {
		a, okA := left(row)
		b, okB := right(row)
		switch {
		case !okA || !okB:
			return datum{}, false
		case a.isNull() || b.isNull():
			return truth((a.isNull() != b.isNull()) == want), true
		}
		order, ok := a.compare(b, e.features, true)
		return truth((order != 0) == want), ok
	}
}

func (e *evaluator) list(n *listNode) evaluation {
	decisive := int64(0)
	if n.op == opOr {
		decisive = 1
	}
	return junction(e.evaluations(n.flat()), decisive)
}

// junction is AND, for which one false decides, or OR, for which one true does,
// whatever the others are.
func junction(items []evaluation, decisive int64) evaluation {
	return func(row types.Ptr) (datum, bool) {
		null, unknown := false, false
		for _, item := range items {
			switch v, ok := item(row); {
			case !ok || !v.isNull() && v.kind != truthDatum:
				unknown = true
			case v.isNull():
				null = true
			case v.number == decisive:
				return v, true
			}
		}
		switch {
		case unknown:
			return datum{}, false
		case null:
			return datum{}, true
		}
		return datum{kind: truthDatum, number: 1 - decisive}, true
	}
}

func negation(operand evaluation) evaluation {
	return mapped(operand, func(v datum) (datum, bool) { return truth(v.number == 0), v.kind == truthDatum })
}

func negatedIf(negated bool, operand evaluation) evaluation {
	if negated {
		return negation(operand)
	}
	return operand
}

// scanned is the number of values from which those of an IN are looked up rather
// than compared one by one.
const scanned = 8

func (e *evaluator) in(n *inNode) evaluation {
	if n.query != nil {
		return e.unknown("a subquery")
	}
	if len(n.values) == 0 {
		return known(truth(n.negated))
	}
	values, t := make([]datum, len(n.values)), e.metType(n.operand, n.operand)
	for i, v := range n.values {
		d, ok := constantOf(v, t)
		if !ok || d.kind != datumKindOf(t) {
			return e.unknown(fmt.Sprintf("a %T in a list", v))
		}
		values[i] = d
	}
	e.expect(true, n.operand)
	operand := e.evaluation(n.operand)
	if len(values) <= scanned {
		return negatedIf(n.negated, mapped(operand, func(v datum) (datum, bool) { return e.among(v, values) }))
	}
	set := make(map[datum]bool, len(values))
	for _, v := range values {
		set[v] = true
	}
	return negatedIf(n.negated, mapped(operand, func(v datum) (datum, bool) {
		_, ok := v.compare(values[0], e.features, true)
		return truth(set[v]), ok
	}))
}

func (e *evaluator) among(v datum, values []datum) (datum, bool) {
	for _, other := range values {
		if order, ok := v.compare(other, e.features, true); !ok || order == 0 {
			return truth(true), ok
		}
	}
	return truth(false), true
}

func (e *evaluator) between(n *betweenNode) evaluation {
	e.expect(false, n.operand)
	operand := e.evaluation(n.operand)
	both := junction([]evaluation{
		combined(operand, e.evaluation(n.low), e.comparison(comparisons[opGe], false)),
		combined(operand, e.evaluation(n.high), e.comparison(comparisons[opLe], false)),
	}, 0)
	return negatedIf(n.negated, both)
}

func (e *evaluator) caseOf(n *caseNode) evaluation {
	whens, thens := make([]evaluation, len(n.whens)), make([]evaluation, len(n.whens))
	for i, w := range n.whens {
		whens[i], thens[i] = e.evaluation(w.when), e.evaluation(w.then)
		if n.operand != nil {
			e.expect(true, n.operand)
			whens[i] = combined(e.evaluation(n.operand), whens[i], e.comparison(comparisons[opEq], true))
		}
	}
	other := known(datum{})
	if n.other != nil {
		other = e.evaluation(n.other)
	}
	return func(row types.Ptr) (datum, bool) {
		for i, when := range whens {
			v, ok := when(row)
			if !ok || !v.isNull() && v.kind != truthDatum {
				return datum{}, false
			}
			if v.number != 0 {
				return thens[i](row)
			}
		}
		return other(row)
	}
}

func (e *evaluator) function(n *funcNode) evaluation {
	if !n.known || n.distinct || n.filter != nil || !slices.Contains(evaluated, n.name) {
		return e.unknown("the function " + n.name)
	}
	args := e.evaluations(n.args)
	switch n.name {
	case "coalesce":
		return coalesce(args)
	case "nullif":
		return e.nullIf(args[0], args[1])
	case "length":
		return mapped(args[0], length)
	case "trim":
		return mapped(args[0], trim)
	case "abs":
		return mapped(args[0], absolute)
	}
	if !e.features.ASCIICase && !e.letters {
		return e.unknown("the function " + n.name)
	}
	return mapped(args[0], e.folded(n.name == "lower"))
}

// folded changes the case of texts.
func (e *evaluator) folded(down bool) func(datum) (datum, bool) {
	switch {
	case e.letters && down:
		return lowerAll
	case e.letters:
		return upperAll
	case down:
		return lower
	}
	return upper
}

// evaluated are the functions that mean the same everywhere; lower and upper do
// so where they change ASCII alone.
var evaluated = []string{"coalesce", "nullif", "length", "trim", "abs", "lower", "upper"}

func coalesce(args []evaluation) evaluation {
	return func(row types.Ptr) (v datum, ok bool) {
		for _, arg := range args {
			if v, ok = arg(row); !ok || !v.isNull() {
				return v, ok
			}
		}
		return datum{}, true
	}
}

func (e *evaluator) nullIf(of, value evaluation) evaluation {
	same := e.distinction(of, value, false)
	return func(row types.Ptr) (datum, bool) {
		v, ok := of(row)
		if equal, sure := same(row); !ok || !sure || equal.number != 0 {
			return datum{}, ok && sure
		}
		return v, true
	}
}
