// This file holds the tests of types of the program: converters that refuse,
// enums whatever Go has for them, documents, and types that differ by database.

package orm_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

type (
	// degrees refuse, and panic, where they are told to.
	degrees int
	// grade is an enum of whole numbers that has text methods.
	grade int
	// foreign stands for the types of other libraries.
	foreign struct{ text string }
	// taste is a document.
	taste struct {
		Sweet int               `json:"sweet"`
		Notes map[string]string `json:"notes,omitempty"`
	}
)

func init() {
	trip := func(d degrees) error {
		switch d {
		case -1:
			return errors.New("too cold")
		case -2:
			panic("frozen")
		}
		return nil
	}
	types.Register(types.Converter[degrees, int64]{
		SQL:  types.BigInteger(),
		Bind: func(d degrees) (int64, error) { return int64(d), trip(d) },
		Scan: func(n int64) (degrees, error) { return degrees(n), trip(degrees(n)) },
	})
}

var gradeNames = []string{"raw", "done"}

func (g grade) MarshalText() ([]byte, error) {
	if g < 0 || int(g) >= len(gradeNames) {
		return nil, fmt.Errorf("there is no grade %d", int(g))
	}
	return []byte(gradeNames[g]), nil
}

func (g *grade) UnmarshalText(text []byte) error {
	*g = grade(slices.Index(gradeNames, string(text)))
	if *g < 0 {
		return errors.New("there is no such grade")
	}
	return nil
}

func (f foreign) Value() (driver.Value, error) { return f.text, nil }

func (f *foreign) Scan(src any) error {
	text, ok := src.(string)
	f.text = text
	if !ok {
		return fmt.Errorf("%T is not text", src)
	}
	return nil
}

// Oven has a column of each kind of type.
type Oven struct {
	orm.Base `orm:"table:ovens"`

	ID     int64
	Level  level `orm:"type:enum(low,mid) named oven_level"`
	Grade  grade `orm:"type:enum(raw,done)"`
	Heat   degrees
	Taste  types.JSON[taste]
	Plain  taste             `orm:"type:jsonb"`
	Words  map[string]string `orm:"type:json"`
	Maybe  *types.JSON[*int]
	Serial foreign `orm:"type:uuid"`
	Price  foreign `orm:"type:numeric(12,4)"`
	Word   string  `orm:"type:string(20) on mysql varchar(30) on postgres exact(name)"`
}

var ovens = orm.MustRegister(&Oven{})

func anOven() *Oven {
	return &Oven{
		Level: "mid", Grade: 1, Heat: 180, Taste: types.NewJSON(taste{Sweet: 1}), Plain: taste{Sweet: 2}, Word: "hot",
		Serial: foreign{"6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, Price: foreign{"12.3400"},
	}
}

func TestTypesOfTheProgramComeBackAsTheyWere(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, ovens).session(t), t.Context()
		in := anOven()
		s.Add(in)
		must(t, s.Commit(ctx))
		in.Taste.V.Notes = map[string]string{"nose": "oak"}
		in.Plain.Notes = map[string]string{}
		must(t, s.Commit(ctx))
		in.Taste.V.Notes["nose"], in.Plain.Notes["end"] = "ash", "long"
		in.Words = map[string]string{"a": "b"}
		must(t, s.Commit(ctx))
		db.statements()
		must(t, s.Flush(ctx))
		expect(t, 0, len(db.statements()))

		s.ExpungeAll()
		o := orm.Entity[Oven]()
		out := get(orm.Query[Oven](s).Filter(orm.C(&o.Heat).Gt(179), orm.C(&o.Level).Eq("mid"), orm.C(&o.Grade).Eq(1), orm.C(&o.Serial).Eq(in.Serial), orm.C(&o.Word).Eq("hot")).One(ctx))(t)
		expect(t, []any{in.Level, in.Grade, in.Heat, in.Taste.V, in.Plain, in.Words, in.Serial.text, in.Price.text},
			[]any{out.Level, out.Grade, out.Heat, out.Taste.V, out.Plain, out.Words, out.Serial.text, out.Price.text})
		sweet := orm.And(orm.JSONPath[int](orm.C(&o.Taste), "sweet").Eq(1), orm.JSONPath[string](orm.C(&o.Plain), "notes", "end").Eq("long"))
		expect(t, int64(1), get(orm.Query[Oven](s).Filter(sweet).Count(ctx))(t))
	})
}

// TestTypesOfTheProgramGoTogether changes several rows by one statement, where the
// database does so.
func TestTypesOfTheProgramGoTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, ovens).session(t), t.Context()
		all := []*Oven{anOven(), anOven(), anOven()}
		s.Add(all[0], all[1], all[2])
		must(t, s.Commit(ctx))
		for i, o := range all {
			o.Level, o.Grade, o.Heat, o.Taste.V.Sweet, o.Plain.Sweet = "low", 0, degrees(i), i, -i
			o.Serial.text, o.Price.text, o.Word = fmt.Sprintf("%08d-9dad-11d1-80b4-00c04fd430c8", i), fmt.Sprintf("%d.5000", i), fmt.Sprint(i)
		}
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		o := orm.Entity[Oven]()
		for i, got := range get(orm.Query[Oven](s).OrderBy(orm.C(&o.ID)).All(ctx))(t) {
			want := all[i]
			expect(t, []any{want.Level, want.Grade, want.Heat, want.Taste.V, want.Plain, want.Serial.text, want.Price.text, want.Word},
				[]any{got.Level, got.Grade, got.Heat, got.Taste.V, got.Plain, got.Serial.text, got.Price.text, got.Word})
		}
	})
}

func TestNULLOfADocumentIsNotTheNullInIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, ovens).session(t), t.Context()
		none, null, one := anOven(), anOven(), anOven()
		null.Maybe, one.Maybe = new(types.NewJSON[*int](nil)), new(types.NewJSON(new(1)))
		s.Add(none, null, one)
		must(t, s.Commit(ctx))
		o := orm.Entity[Oven]()
		s.ExpungeAll()
		found := get(orm.Query[Oven](s).OrderBy(orm.C(&o.ID)).All(ctx))(t)
		if found[0].Maybe != nil || found[1].Maybe == nil || found[1].Maybe.V != nil || *found[2].Maybe.V != 1 {
			t.Errorf("%v, %v, %v", found[0].Maybe, found[1].Maybe, found[2].Maybe)
		}
		expect(t, int64(1), get(orm.Query[Oven](s).Filter(orm.N(&o.Maybe).IsNull()).Count(ctx))(t))
	})
}

// TestRefusedValueIsATypedErrorThatNamesTheField spoils objects in every way that
// a type can refuse, and goes on with the session.
func TestRefusedValueIsATypedErrorThatNamesTheField(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, ovens).session(t), t.Context()
		for field, spoil := range map[string]func(o *Oven){
			"Level":      func(o *Oven) { o.Level = "high" },
			"Grade":      func(o *Oven) { o.Grade = 7 },
			"Heat":       func(o *Oven) { o.Heat = -1 },
			"Heat again": func(o *Oven) { o.Heat = -2 },
			"Serial":     func(o *Oven) { o.Serial.text = "x" },
			"Price":      func(o *Oven) { o.Price.text = "0.00001" },
			"Word":       func(o *Oven) { o.Word = strings.Repeat("x", 21) },
		} {
			o := anOven()
			spoil(o)
			s.Add(o)
			db.statements()
			err := s.Flush(ctx)
			var refused *types.ValueError
			if !errors.Is(err, orm.ErrValue) || !errors.As(err, &refused) || !strings.Contains(err.Error(), "Oven."+strings.Fields(field)[0]) {
				t.Errorf("%s: the error is %v", field, err)
			}
			for _, sent := range db.statements() {
				if strings.HasPrefix(sent, "INSERT") {
					t.Errorf("%s was sent: %s", field, sent)
				}
			}
			must(t, s.Rollback(ctx))
		}
		e := orm.Entity[Oven]()
		for _, wrong := range []orm.Expr[bool]{orm.C(&e.Heat).Eq(-1), orm.C(&e.Heat).In(1, -2), orm.C(&e.Level).Eq("high"), orm.C(&e.Grade).Gt(7)} {
			_, err := orm.Query[Oven](s).Filter(wrong).All(ctx)
			expectKind(t, orm.ErrValue, err)
		}
		s.Add(anOven())
		must(t, s.Commit(ctx))
	})
}

// TestRefusedColumnIsATypedErrorThatNamesIt reads what was written past the
// library.
func TestRefusedColumnIsATypedErrorThatNamesIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, ovens).session(t), t.Context()
		o := anOven()
		s.Add(o)
		must(t, s.Commit(ctx))
		for column, literal := range map[string]string{"heat": "-1", "heat /* again */": "-2", "plain": `'[1]'`, "taste": `'"text"'`} {
			run(t, db.Engine, "UPDATE ovens SET "+column+" = "+literal)
			s.ExpungeAll()
			_, err := orm.Get[Oven](ctx, s, o.ID)
			var refused *types.DecodeError
			if !errors.Is(err, orm.ErrDecode) || !errors.As(err, &refused) || !strings.Contains(err.Error(), "ovens."+strings.Fields(column)[0]) {
				t.Errorf("%s: the error is %v", column, err)
			}
			must(t, s.Rollback(ctx))
			run(t, db.Engine, "UPDATE ovens SET heat = 1, plain = '{}', taste = '{}'")
			get(orm.Get[Oven](ctx, s, o.ID))(t)
			must(t, s.Rollback(ctx))
		}
	})
}
