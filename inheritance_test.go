package orm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Atelier has people of several structs.
type Atelier struct {
	orm.Base `orm:"table:ateliers"`

	ID    int64      `orm:"primary_key"`
	Name  string     `orm:"size:50"`
	Staff []*Artisan `orm:"back_populates:Atelier;order_by:ID"`
}

// Artisan is what the others inherit from.
type Artisan struct {
	orm.Base `orm:"table:artisans;polymorphic_on:Kind;polymorphic_identity:artisan"`

	ID        int64  `orm:"primary_key"`
	Kind      string `orm:"size:20"`
	Name      string `orm:"size:50"`
	Level     int    `orm:"default:1"`
	AtelierID *int64
	Atelier   *Atelier `orm:"back_populates:Staff"`
}

// Potter has a table of its own beside that of its base.
type Potter struct {
	Artisan `orm:"inherits:joined;table:potters;polymorphic_identity:potter"`

	Clay  string  `orm:"size:20"`
	Kiln  string  `orm:"size:20;server_default:'wood'"`
	Bio   string  `orm:"deferred"`
	Tools []*Tool `orm:"back_populates:Potter;order_by:ID;cascade:all,delete-orphan"`
}

// Glazier has a third.
type Glazier struct {
	Potter `orm:"inherits:joined;table:glaziers;polymorphic_identity:glazier"`

	Colours int
}

// Scribe is in the table of its base.
type Scribe struct {
	Artisan `orm:"inherits:single;polymorphic_identity:scribe"`

	Pages int64
}

// Tool belongs to a struct that inherits.
type Tool struct {
	orm.Base `orm:"table:tools"`

	ID       int64  `orm:"primary_key"`
	Name     string `orm:"size:50"`
	PotterID int64
	Potter   *Potter `orm:"back_populates:Tools"`
}

var guild = orm.MustRegister(&Glazier{}, &Scribe{}, &Atelier{}, &Potter{}, &Artisan{}, &Tool{})

// guildHouse is one object of each struct, in one atelier.
type guildHouse struct {
	atelier *Atelier
	artisan *Artisan
	potter  *Potter
	glazier *Glazier
	scribe  *Scribe
}

func newGuildHouse() *guildHouse {
	a := &Atelier{Name: "north"}
	return &guildHouse{
		atelier: a,
		artisan: &Artisan{Name: "ann", Atelier: a},
		potter:  &Potter{Artisan: Artisan{Name: "bob", Atelier: a}, Clay: "red", Bio: "long", Tools: []*Tool{{Name: "wheel"}, {Name: "knife"}}},
		glazier: &Glazier{Potter: Potter{Artisan: Artisan{Name: "cyd", Atelier: a}, Clay: "white", Bio: "short"}, Colours: 3},
		scribe:  &Scribe{Artisan: Artisan{Name: "dan", Atelier: a}, Pages: 9},
	}
}

func (h *guildHouse) all() []orm.Model { return []orm.Model{h.artisan, h.potter, h.glazier, h.scribe} }

// withGuild writes one, and forgets what was sent.
func (db *testDB) withGuild(t *testing.T, options ...orm.SessionOption) (*orm.Session, *guildHouse) {
	t.Helper()
	s, h := db.withTables(t, guild).session(t, options...), newGuildHouse()
	s.Add(h.all()...)
	must(t, s.Commit(t.Context()))
	db.statements()
	return s, h
}

// kindsOf names the structs of objects, and what each says of itself.
func kindsOf(t *testing.T, staff []*Artisan) []string {
	t.Helper()
	var told []string
	for _, a := range staff {
		text := a.Kind + " " + a.Name
		if p, ok := orm.Downcast[Potter](a); ok {
			if &p.Artisan != a {
				t.Errorf("%s is another object", a.Name)
			}
			text += " " + p.Clay
		}
		if g, ok := orm.Downcast[Glazier](a); ok {
			text += strings.Repeat("*", g.Colours)
		}
		if w, ok := orm.Downcast[Scribe](a); ok && w.Pages == 9 {
			text += " 9"
		}
		told = append(told, text)
	}
	return told
}

var wholeGuild = []string{"artisan ann", "potter bob red", "glazier cyd white***", "scribe dan 9"}

// writes are the statements since it was last asked that write rows.
func (db *testDB) writes() []string {
	return slices.DeleteFunc(db.plainStatements(), func(text string) bool { return strings.HasPrefix(text, "SELECT") })
}

// tablesWritten are the first words of statements and the tables they write to.
func tablesWritten(statements []string) []string {
	var list []string
	for _, text := range statements {
		words := strings.Fields(text)
		switch words[0] {
		case "INSERT", "DELETE":
			list = append(list, words[0]+" "+words[2])
		case "UPDATE":
			list = append(list, words[0]+" "+words[1])
		default:
			list = append(list, words[0])
		}
	}
	return list
}

func TestSubclassIsWrittenAfterItsBase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withTables(t, guild).session(t), newGuildHouse()
		s.Add(h.all()...)
		must(t, s.Commit(t.Context()))
		expect(t, []string{
			"INSERT ateliers", "INSERT artisans", "INSERT artisans", "INSERT artisans", "INSERT potters", "INSERT potters", "INSERT glaziers", "INSERT tools",
		}, tablesWritten(db.writes()))
		expect(t, []string{"artisan", "potter", "glazier", "scribe"}, []string{h.artisan.Kind, h.potter.Kind, h.glazier.Kind, h.scribe.Kind})
		expect(t, []int{1, 1}, []int{h.potter.Level, h.glazier.Level})
		expect(t, []string{"wood", "wood"}, []string{h.potter.Kiln, h.glazier.Kiln})
		expectState(t, orm.Persistent, h.all()...)
		s.Delete(h.all()...)
		must(t, s.Commit(t.Context()))
		expect(t, []string{"DELETE tools", "DELETE glaziers", "DELETE potters", "DELETE artisans", "DELETE artisans"}, tablesWritten(db.writes()))
		expectState(t, orm.Detached, h.all()...)
		for _, table := range []string{"artisans", "potters", "glaziers", "tools"} {
			if n := get(orm.FetchOne[int](t.Context(), db.Engine, orm.Text(orm.SQL("SELECT count(*) FROM "+table))))(t); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
	})
}

func TestUpdateWritesOnlyTheTablesThatChange(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		for _, test := range []struct {
			change func()
			want   []string
		}{
			{func() { h.glazier.Colours = 4 }, []string{"UPDATE glaziers SET colours = ? WHERE id = ?"}},
			{func() { h.glazier.Name = "cid" }, []string{"UPDATE artisans SET name = ? WHERE id = ?"}},
			{func() { h.scribe.Pages = 10 }, []string{"UPDATE artisans SET pages = ? WHERE id = ?"}},
			{func() { h.glazier.Clay, h.glazier.Colours = "black", 6 }, []string{"UPDATE potters SET clay = ? WHERE id = ?", "UPDATE glaziers SET colours = ? WHERE id = ?"}},
		} {
			test.change()
			must(t, s.Commit(t.Context()))
			expect(t, test.want, db.writes())
		}
	})
}

var (
	selectArtisans = "SELECT artisans.id, artisans.kind, artisans.name, artisans.level, artisans.atelier_id, artisans.pages FROM artisans"
	completions    = []string{
		"SELECT potters.id, potters.clay, potters.kiln FROM potters WHERE potters.id IN (?)",
		"SELECT potters.id, potters.clay, potters.kiln, glaziers.colours FROM potters JOIN glaziers ON glaziers.id = potters.id WHERE potters.id IN (?)",
	}
	selectAllTables = "SELECT artisans.id, artisans.kind, artisans.name, artisans.level, artisans.atelier_id, artisans.pages, potters.clay, potters.kiln, glaziers.colours" +
		" FROM artisans LEFT OUTER JOIN potters ON potters.id = artisans.id LEFT OUTER JOIN glaziers ON glaziers.id = artisans.id"
)

func TestBaseQueryGivesWholeObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		s.ExpungeAll()
		ctx := t.Context()
		q := orm.Query[Artisan](s).OrderBy(orm.C(&orm.Entity[Artisan]().ID))
		first := get(q.All(ctx))(t)
		expect(t, wholeGuild, kindsOf(t, first))
		expect(t, append([]string{selectArtisans + " ORDER BY artisans.id"}, completions...), db.plainStatements())
		again := get(q.All(ctx))(t)
		expect(t, []string{selectArtisans + " ORDER BY artisans.id"}, db.plainStatements())
		if !slices.Equal(first, again) {
			t.Error("there are other objects for the same rows")
		}
		s.ExpungeAll()
		expect(t, wholeGuild, kindsOf(t, get(q.WithPolymorphic().All(ctx))(t)))
		expect(t, []string{selectAllTables + " ORDER BY artisans.id"}, db.plainStatements())
		s.ExpungeAll()
		expect(t, wholeGuild, kindsOf(t, get(q.WithPolymorphic(&Potter{}).All(ctx))(t)))
		expect(t, 2, len(db.plainStatements()))
	})
}

func TestUntrackedAndStreamedObjectsAreWhole(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		s.ExpungeAll()
		ctx := t.Context()
		q := orm.Query[Artisan](s).OrderBy(orm.C(&orm.Entity[Artisan]().ID))
		for _, q := range []*orm.EntityQuery[Artisan]{q, q.WithPolymorphic(), q.WithPolymorphic(&Glazier{})} {
			expect(t, wholeGuild, kindsOf(t, get(q.Untracked().All(ctx))(t)))
			var staff []*Artisan
			for one, err := range q.Iter(ctx) {
				must(t, err)
				expectState(t, orm.Detached, one)
				staff = append(staff, one)
			}
			expect(t, wholeGuild, kindsOf(t, staff))
		}
	})
}

func TestListenersHearOfWholeObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		var heard []string
		defer orm.Events[Artisan]().Load(func(in *orm.Session, a *Artisan) error {
			if in == s {
				heard = append(heard, kindsOf(t, []*Artisan{a})...)
			}
			return nil
		})()
		s.ExpungeAll()
		for range 2 {
			get(orm.Query[Artisan](s).All(t.Context()))(t)
		}
		slices.Sort(heard)
		expect(t, slices.Sorted(slices.Values(wholeGuild)), heard)
	})
}
