// This file tests structs that inherit into tables with all columns, rows that an
// expression tells apart, and queries by an interface.

package orm_test

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

// Shipmaster has crafts of which each kind has a table of its own.
type Shipmaster struct {
	orm.Base `orm:"table:shipmasters"`

	ID     int64    `orm:"primary_key"`
	Name   string   `orm:"size:50"`
	Crafts []*Craft `orm:"back_populates:Shipmaster"`
}

type Craft struct {
	orm.Base `orm:"table:crafts;polymorphic_on:Kind;polymorphic_identity:craft"`

	ID           int64  `orm:"primary_key"`
	Kind         string `orm:"size:20"`
	Name         string `orm:"size:50"`
	ShipmasterID *int64
	Shipmaster   *Shipmaster `orm:"back_populates:Crafts"`
}

type Sailer struct {
	Craft `orm:"inherits:concrete;table:sailers;polymorphic_identity:sailer"`

	Masts int
}

type Steamer struct {
	Craft `orm:"inherits:concrete;table:steamers;polymorphic_identity:steamer"`

	Boilers *int
	Masts   string `orm:"size:10"`
}

var harbour = orm.MustRegister(&Shipmaster{}, &Craft{}, &Sailer{}, &Steamer{})

// craftNames are the names of crafts with the struct that each is of.
func craftNames(crafts []*Craft) []string {
	var names []string
	for _, c := range crafts {
		kind := "craft "
		if _, ok := orm.Downcast[Sailer](c); ok {
			kind = "sailer "
		} else if _, ok := orm.Downcast[Steamer](c); ok {
			kind = "steamer "
		}
		names = append(names, kind+c.Name)
	}
	return names
}

func newHarbour(t *testing.T, db *testDB) *orm.Session {
	t.Helper()
	s := db.withTables(t, harbour).session(t)
	ned := &Shipmaster{Name: "ned"}
	s.Add(&Craft{Name: "raft", Shipmaster: ned}, &Sailer{Craft: Craft{Name: "gorch", Shipmaster: ned}, Masts: 3}, &Steamer{Craft: Craft{Name: "queen"}, Masts: "two"})
	must(t, s.Commit(t.Context()))
	s.ExpungeAll()
	db.statements()
	return s
}

func TestTableWithAllColumnsIsWrittenByItself(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newHarbour(t, db), t.Context()
		gorch := get(orm.Get[Sailer](ctx, s, 1))(t)
		raft := get(orm.Get[Craft](ctx, s, 1))(t)
		expect(t, []string{"sailer", "gorch", "craft", "raft"}, []string{gorch.Kind, gorch.Name, raft.Kind, raft.Name})
		gorch.Name, gorch.Masts = "fock", 4
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE sailers SET name = ?, masts = ? WHERE id = ?"}, db.plainStatements())
		s.Delete(gorch)
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE FROM sailers WHERE id = ?"}, db.plainStatements())
		expect(t, orm.Persistent, orm.StateOf(raft))
	})
}

func TestQueryReadsTheUnionOfTablesWithAllColumns(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newHarbour(t, db), t.Context()
		c := orm.Entity[Craft]()
		byName := orm.Query[Craft](s).OrderBy(orm.C(&c.Name))
		all := get(byName.All(ctx))(t)
		expect(t, 1, len(db.statements()))
		expect(t, []string{"sailer gorch", "steamer queen", "craft raft"}, craftNames(all))
		sailer, _ := orm.Downcast[Sailer](all[0])
		steamer, _ := orm.Downcast[Steamer](all[1])
		expect(t, 3, sailer.Masts)
		expect(t, "two", steamer.Masts)
		expect(t, (*int)(nil), steamer.Boilers)
		expect(t, true, sailer == get(orm.Get[Sailer](ctx, s, 1))(t))
		expect(t, 0, len(db.statements()))

		expect(t, int64(3), get(orm.Query[Craft](s).Count(ctx))(t))
		expect(t, true, get(orm.Query[Craft](s).FilterBy("Name", "queen").Exists(ctx))(t))
		expect(t, []string{"steamer queen"}, craftNames(get(byName.Offset(1).Limit(1).All(ctx))(t)))
		expect(t, []string{"sailer gorch", "craft raft"}, craftNames(get(byName.FilterBy("Name", "raft").Union(byName.FilterBy("Name", "gorch")).OrderBy(orm.C(&c.Name)).All(ctx))(t)))
		expect(t, []string{"sailer gorch", "steamer queen", "craft raft"}, craftNames(get(byName.Untracked().All(ctx))(t)))
		var streamed []*Craft
		for craft, err := range byName.Iter(ctx) {
			must(t, err)
			streamed = append(streamed, craft)
		}
		expect(t, []string{"sailer gorch", "steamer queen", "craft raft"}, craftNames(streamed))
	})
}

func TestUnionGoesOnAlongRelationships(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newHarbour(t, db), t.Context()
		c, n := orm.Entity[Craft](), orm.Entity[Shipmaster]()
		joined := orm.Query[Craft](s).Join(&c.Shipmaster).Filter(orm.C(&n.Name).Eq("ned")).OrderBy(orm.C(&c.Name))
		expect(t, []string{"sailer gorch", "craft raft"}, craftNames(get(joined.All(ctx))(t)))
		ned := get(orm.Query[Shipmaster](s).Options(orm.SelectInLoad(&n.Crafts)).One(ctx))(t)
		expect(t, []string{"craft raft"}, craftNames(ned.Crafts)) // the foreign key of crafts alone
		loaded := get(orm.Query[Craft](s).Options(orm.SelectInLoad(&c.Shipmaster)).OrderBy(orm.C(&c.Name)).All(ctx))(t)
		expect(t, true, ned == loaded[2].Shipmaster)
		gorch, _ := orm.Downcast[Sailer](loaded[0])
		must(t, orm.Load(ctx, gorch, &gorch.Shipmaster))
		expect(t, true, ned == gorch.Shipmaster)
	})
}

func TestWritesByConditionMeetTheOwnTableAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newHarbour(t, db), t.Context()
		c := orm.Entity[Craft]()
		expect(t, int64(1), get(orm.Query[Craft](s).AllRows().Update(ctx, orm.C(&c.Name).Set("tub")))(t))
		expect(t, int64(1), get(orm.Query[Craft](s).Filter(orm.C(&c.ID).Eq(1)).Delete(ctx))(t))
		expect(t, []string{"UPDATE crafts SET name = ?", "DELETE FROM crafts WHERE crafts.id = ?"}, db.plainStatements())
		expect(t, []string{"sailer gorch", "steamer queen"}, craftNames(get(orm.Query[Craft](s).OrderBy(orm.C(&c.Name)).All(ctx))(t)))
	})
}

// Purse is one for credit if it has a limit.
type Purse struct {
	orm.Base `orm:"table:purses;polymorphic_identity:plain"`

	ID    int64 `orm:"primary_key"`
	Limit int
}

func (*Purse) ConfigureMapper(c *orm.MapperConfig) {
	p := orm.Entity[Purse]()
	c.PolymorphicOn(func() orm.Expr[string] {
		return orm.Case[string]().When(orm.C(&p.Limit).Gt(0), "credit").When(orm.C(&p.Limit).Lt(0), "odd").Else("plain")
	})
}

type CreditPurse struct {
	Purse `orm:"inherits:single;polymorphic_identity:credit"`

	Rate *int
}

var purses = orm.MustRegister(&Purse{}, &CreditPurse{})

func TestExpressionTellsWhoseARowIs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, purses).session(t), t.Context()
		five := 5
		s.Add(&Purse{}, &CreditPurse{Purse: Purse{Limit: 3}, Rate: &five})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		p := orm.Entity[Purse]()
		all := get(orm.Query[Purse](s).OrderBy(orm.C(&p.ID)).All(ctx))(t)
		_, plain := orm.Downcast[CreditPurse](all[0])
		credit, ok := orm.Downcast[CreditPurse](all[1])
		expect(t, []bool{false, true}, []bool{plain, ok})
		expect(t, 5, *credit.Rate)
		db.statements()
		expect(t, int64(1), get(orm.Query[CreditPurse](s).Count(ctx))(t))
		expect(t, 1, len(db.statements()))

		get(orm.Exec(ctx, s, orm.Text("UPDATE purses SET "+limitColumn(db)+" = -1 WHERE id = 1")))(t)
		s.ExpungeAll()
		_, err := orm.Query[Purse](s).All(ctx)
		expectKind(t, orm.ErrDecode, err)
		expect(t, int64(2), get(orm.Query[Purse](s).Count(ctx))(t))
	})
}

// limitColumn is the column limit, whose name is a word of SQL.
func limitColumn(db *testDB) orm.SQL {
	if db.name() == "mysql" {
		return "`limit`"
	}
	return `"limit"`
}

// Hailer is whatever has a name to be called by.
type Hailer interface{ Call() string }

func (c *Craft) Call() string { return "ahoy " + c.Name }

func (p *CreditPurse) Call() string { return "clink" }

func TestInterfaceIsQueriedForAllWhoImplementIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newHarbour(t, db), t.Context()
		must(t, purses.CreateAll(ctx, db.Engine))
		s.Add(&Purse{}, &CreditPurse{Purse: Purse{Limit: 1}})
		must(t, s.Commit(ctx))
		db.statements()
		var calls []string
		for _, v := range get(orm.QueryAs[Hailer](s).All(ctx))(t) {
			call := v.Call()
			if _, ok := v.(*Sailer); ok {
				call += " under sail"
			}
			calls = append(calls, call)
		}
		slices.Sort(calls)
		expect(t, []string{"ahoy gorch under sail", "ahoy queen", "ahoy raft", "clink"}, calls)
		expect(t, 2, len(db.statements()))
		expect(t, int64(4), get(orm.QueryAs[Hailer](s).Count(ctx))(t))

		_, err := orm.QueryAs[Hailer](s).FilterBy("Name", "raft").All(ctx)
		expectKind(t, orm.ErrUnknownName, err) // purses have none
		_, err = orm.QueryAs[Craft](s).All(ctx)
		expectKind(t, orm.ErrArgument, err)
		_, err = orm.QueryAs[interface{ Nobody() }](s).All(ctx)
		expectKind(t, orm.ErrNotRegistered, err)
		_, err = orm.QueryAs[Hailer](nil).Count(ctx)
		expectKind(t, orm.ErrArgument, err)
	})
}

func TestFamiliesThatCannotBeAreRefused(t *testing.T) {
	type Root struct {
		orm.Base `orm:"table:roots;polymorphic_on:Kind;polymorphic_identity:root"`
		ID       int64
		Kind     string
	}
	type Same struct {
		Root `orm:"inherits:concrete;table:sames;polymorphic_identity:root"`
	}
	type Copy struct {
		Root `orm:"inherits:concrete;table:copies;polymorphic_identity:copy"`
	}
	type Below struct {
		Copy `orm:"inherits:joined;table:belows;polymorphic_identity:below"`
	}
	type Keeps struct {
		Root `orm:"inherits:single;polymorphic_identity:keeps"`
		Size int
	}
	type Shares struct {
		Root `orm:"inherits:single;polymorphic_identity:shares"`
		Size int `orm:"use_existing_column"`
	}
	for name, models := range map[string][]orm.Model{
		"an identity twice":                   {&Root{}, &Same{}},
		"a table joined to one of all":        {&Root{}, &Copy{}, &Below{}},
		"a struct without the one it is from": {&Copy{}},
		"a column that one alone would share": {&Root{}, &Keeps{}, &Shares{}},
		"the same in another order":           {&Root{}, &Shares{}, &Keeps{}},
	} {
		t.Run(name, func(t *testing.T) {
			expectKind(t, orm.ErrMapping, orm.NewRegistry().Register(models...))
		})
	}
}
