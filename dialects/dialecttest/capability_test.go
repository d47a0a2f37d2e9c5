// This file tests that the suite looks at every capability that a dialect can
// have: a new one needs a case that asks for it, or one that shows that it makes
// no difference.

package dialecttest

import (
	"reflect"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// alike names, for each capability that only decides how something is written, a
// case that gives the same on every database.
var alike = map[string]string{
	"MaxIdentifier":     "identifiers/the longest name",
	"MaxParams":         "errors/as many parameters as the database takes",
	"MultiRowReturning": "batch/1000 objects get the keys of their rows",
	"LastInsertID":      "insert/the key that the database made",
	"PreparedLoops":     "batch/5,000 rows with keys of their own",
	"DefaultValues":     "insert/a row of defaults",
	"OnConstraint":      "upsert/a constraint by its name",
	"WhereForConflict":  "upsert/rows of a select",
	"KeysAtEnd":         "batch/2,000 objects are deleted",
	"TypedValues":       "from/values keep their types",
	"NullsOrder":        "select/descending, nulls last",
	"ILike":             "like/case does not count for ilike",
	"LikeBackslash":     "like/an escaped backslash is a backslash",
	"DistinctFrom":      "select/distinct from a value takes NULL for one",
	"AggregateFilter":   "select/sum with a filter",
	"RowValues":         "in/rows",
	"RowValuesList":     "in/not in rows",
	"RowNulls":          "expression/a row with NULL among others is NULL",
	"OffsetLimit":       "select/offset alone",
	"SetParens":         "setop/limit of a member",
	"WaitingRows":       "cursor/objects are read one by one",
	"MaterializedCTE":   "cte/with hints",
	"LeadingCTE":        "cte/with before an update",
	"LeadingInsert":     "cte/with before an insert from a select",
	"IfExists":          "ddl/if exists",
	"DropIndexOnTable":  "ddl/an index comes and goes",
	"IndexUsingLast":    "ddl/an index by a method",
	"HoldsTxOnError":    "transaction/half of the work cannot be committed",
	"NaN":               "types/" + types.Double().String() + ": NaN",
	"BinaryText":        "like/case does not count for ilike",
	"ASCIICase":         "like/case does not count for icontains",
	"NativeTimes":       "types/instants are in their order",
	"RowOrder":          "expression/a row before another",
	"GreatestSkips":     "expression/greatest with NULL is NULL",
	"EmptyDocuments":    "json/a list of no rows is NULL",
	"LateTriggers":      "batch/objects with defaults of the server",
	"NextvalText":       "ddl/a sequence",
	"Enums":             "ddl/a label that an enum has not is kept out",
}

func TestEveryCapabilityHasItsCase(t *testing.T) {
	cases := casesOf(topics)
	form := reflect.TypeFor[orm.Features]()
	for field := range form.Fields() {
		name, shown := alike[field.Name]
		asked := askedFor(cases, field)
		switch _, known := cases[name]; {
		case shown && !known:
			t.Errorf("%s: there is no case %q", field.Name, name)
		case !shown && !asked:
			t.Errorf("no case asks for the capability %s, and none shows that it makes no difference", field.Name)
		}
	}
	for name := range alike {
		if _, ok := form.FieldByName(name); !ok {
			t.Errorf("there is no capability %s", name)
		}
	}
}

// askedFor reports whether a need of a case hangs on the capability: between a
// database that has nothing and one that has everything, it alone makes a
// difference.
func askedFor(cases map[string][]need, field reflect.StructField) bool {
	for _, from := range []orm.Features{featuresFilled(false), featuresFilled(true)} {
		changed := from
		value := reflect.ValueOf(&changed).Elem().FieldByIndex(field.Index)
		fill(value, value.IsZero())
		for _, needs := range cases {
			for _, n := range needs {
				if n.met != nil && n.met(&from) != n.met(&changed) {
					return true
				}
			}
		}
	}
	return false
}

func featuresFilled(full bool) orm.Features {
	var f orm.Features
	value := reflect.ValueOf(&f).Elem()
	for _, field := range value.Fields() {
		fill(field, full)
	}
	return f
}

// fill gives a capability an answer, or none.
func fill(v reflect.Value, full bool) {
	v.SetZero()
	if !full {
		return
	}
	switch v.Interface().(type) {
	case bool:
		v.SetBool(true)
	case int:
		v.SetInt(1)
	case string:
		v.SetString("-1")
	case []string:
		v.Set(reflect.ValueOf([]string{"SERIALIZABLE", "REPEATABLE READ", "READ COMMITTED", "READ UNCOMMITTED"}))
	}
}
