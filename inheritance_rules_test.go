package orm_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Vessel counts its versions.
type Vessel struct {
	orm.Base `orm:"table:vessels;polymorphic_on:Sort;polymorphic_abstract"`

	Code    string `orm:"primary_key;size:20"`
	Sort    int
	Owner   string `orm:"size:20"`
	Version int    `orm:"version"`
}

// Jar is a vessel.
type Jar struct {
	Vessel `orm:"inherits:joined;table:jars;polymorphic_identity:1"`

	Litres int
	Edits  int `orm:"default:0;on_update:7"`
}

// Amphora is a jar without columns of its own.
type Amphora struct {
	Jar `orm:"inherits:single;polymorphic_identity:2"`

	Handles int
}

var vessels = orm.MustRegister(&Vessel{}, &Jar{}, &Amphora{})

func jar(code string, litres int) *Jar {
	return &Jar{Vessel: Vessel{Code: code, Owner: "o"}, Litres: litres}
}

func TestVersionOfTheBaseAdvancesWithAnyTable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, vessels).session(t), t.Context()
		j, k := jar("a", 1), &Amphora{Jar: *jar("b", 2), Handles: 2}
		s.Add(j, k)
		must(t, s.Commit(ctx))
		db.statements()
		j.Litres = 5
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE vessels SET version = ? WHERE code = ? AND version = ?", "UPDATE jars SET litres = ?, edits = ? WHERE code = ?"}, db.writes())
		expect(t, []int{2, 1}, []int{j.Version, k.Version})
		k.Handles = 3
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE vessels SET version = ? WHERE code = ? AND version = ?", "UPDATE jars SET edits = ?, handles = ? WHERE code = ?"}, db.writes())
		k.Owner = "other"
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE vessels SET owner = ?, version = ? WHERE code = ? AND version = ?", "UPDATE jars SET edits = ? WHERE code = ?"}, db.writes())
		expect(t, []int{7, 7}, []int{j.Edits, k.Edits})
		get(orm.Exec(ctx, db.Engine, orm.Text("UPDATE vessels SET version = 9 WHERE code = 'a'")))(t)
		j.Litres = 6
		expectKind(t, orm.ErrStaleData, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		j = get(orm.Get[Jar](ctx, s, "a"))(t)
		expect(t, []int{5, 9}, []int{j.Litres, j.Version})
		get(orm.Exec(ctx, s, orm.Text("UPDATE vessels SET version = 10 WHERE code = 'a'")))(t)
		s.Delete(j)
		expectKind(t, orm.ErrStaleData, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, 5, readAgain[Jar](t, db, "a").Litres)
	})
}

func TestKeyOfTheBaseIsFollowedByTheOtherTables(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, vessels).session(t), t.Context()
		j := jar("a", 1)
		s.Add(j)
		must(t, s.Commit(ctx))
		db.statements()
		j.Code, j.Litres = "z", 7
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE vessels SET code = ?, version = ? WHERE code = ? AND version = ?", "UPDATE jars SET litres = ?, edits = ? WHERE code = ?"}, db.writes())
		expect(t, 7, readAgain[Jar](t, db, "z").Litres)
		if get(orm.Get[Vessel](ctx, s, "z"))(t) != &j.Vessel {
			t.Error("the object is not found by its new key")
		}
		if _, err := orm.Get[Jar](ctx, s, "a"); !errors.Is(err, orm.ErrNoRows) {
			t.Error(err)
		}
	})
}

func TestRollbackPutsAllTablesBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		refuse := errors.New("no")
		late := &Glazier{Potter: Potter{Artisan: Artisan{Name: "eve"}}}
		for _, undo := range []func(work func()){
			func(work func()) { work(); must(t, s.Flush(ctx)); must(t, s.Rollback(ctx)) },
			func(work func()) {
				if err := s.Nested(ctx, func(ctx context.Context) error { work(); must(t, s.Flush(ctx)); return refuse }); !errors.Is(err, refuse) {
					t.Error(err)
				}
			},
		} {
			undo(func() {
				h.glazier.Colours, h.glazier.Clay, h.glazier.Name = 8, "blue", "other"
				s.Add(late)
				s.Delete(h.potter)
			})
			expectState(t, orm.Transient, late)
			expectState(t, orm.Persistent, h.all()...)
			for _, o := range h.all() {
				must(t, orm.Load(ctx, o))
			}
			expect(t, wholeGuild, kindsOf(t, []*Artisan{h.artisan, &h.potter.Artisan, &h.glazier.Artisan, &h.scribe.Artisan}))
			expect(t, []any{int64(0), ""}, []any{late.ID, late.Kind})
		}
		must(t, s.Commit(ctx))
		expect(t, 3, readAgain[Glazier](t, db, h.glazier.ID).Colours)
	})
}

func TestGetAsksForObjectsOfAStruct(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		must(t, orm.Load(ctx, h.glazier))
		db.statements()
		if get(orm.Get[Artisan](ctx, s, h.glazier.ID))(t) != &h.glazier.Artisan || get(orm.Get[Potter](ctx, s, h.glazier.ID))(t) != &h.glazier.Potter {
			t.Error("another struct gives another object")
		}
		expect(t, 0, len(db.statements()))
		for _, held := range []bool{true, false} {
			for _, err := range []error{
				second(orm.Get[Potter](ctx, s, h.artisan.ID)), second(orm.Get[Glazier](ctx, s, h.potter.ID)),
				second(orm.Get[Scribe](ctx, s, h.potter.ID)), second(orm.Get[Potter](ctx, s, h.scribe.ID)),
			} {
				if !errors.Is(err, orm.ErrNoRows) {
					t.Errorf("held %t: %v", held, err)
				}
			}
			if held {
				expectState(t, orm.Persistent, h.all()...)
			}
			s.ExpungeAll()
		}
		db.statements()
		a := get(orm.Get[Artisan](ctx, s, h.glazier.ID))(t)
		expect(t, []string{selectArtisans + " WHERE artisans.id = ?", completions[1]}, db.plainStatements())
		g := get(orm.Get[Glazier](ctx, s, h.glazier.ID))(t)
		if &g.Artisan != a || g.Colours != 3 || len(db.statements()) != 0 {
			t.Error("the object is not whole, or another")
		}
		s.ExpungeAll()
		get(orm.Get[Glazier](ctx, s, h.glazier.ID))(t)
		expect(t, []string{
			strings.Replace(selectArtisans, ", artisans.pages FROM artisans", ", potters.clay, potters.kiln, glaziers.colours FROM artisans", 1) +
				" JOIN potters ON potters.id = artisans.id JOIN glaziers ON glaziers.id = artisans.id WHERE artisans.id = ?",
		}, db.plainStatements())
		s.ExpungeAll()
		get(orm.Get[Scribe](ctx, s, h.scribe.ID))(t)
		expect(t, []string{selectArtisans + " WHERE artisans.id = ? AND artisans.kind = ?"}, db.plainStatements())
	})
}

func TestOneObjectOfSeveralTablesIsReadAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		get(orm.Exec(ctx, s, orm.Text("UPDATE potters SET clay = 'grey'")))(t)
		get(orm.Exec(ctx, s, orm.Text("UPDATE artisans SET name = 'x'")))(t)
		db.statements()
		must(t, s.Refresh(ctx, h.glazier))
		expect(t, []any{"grey", "x", 3}, []any{h.glazier.Clay, h.glazier.Name, h.glazier.Colours})
		expect(t, 1, len(db.statements()))
		must(t, s.Refresh(ctx, &h.potter.Artisan))
		expect(t, []any{"grey", "x"}, []any{h.potter.Clay, h.potter.Name})
		db.statements()
		must(t, s.Lock(ctx, h.glazier))
		locked := db.plainStatements()
		if len(locked) != 1 || strings.HasSuffix(locked[0], " FOR UPDATE") != (db.name() != "sqlite") {
			t.Errorf("%q", locked)
		}
		s.Expire(h.glazier, &h.glazier.Colours)
		must(t, orm.Load(ctx, h.glazier, &h.glazier.Colours))
		expect(t, []string{
			"SELECT glaziers.id, glaziers.colours FROM glaziers WHERE glaziers.id = ?",
		}, db.plainStatements())
		s.Expire(h.glazier)
		must(t, orm.Load(ctx, &h.glazier.Artisan))
		expect(t, 1, len(db.plainStatements()))
		s.ExpungeAll()
		a := get(orm.Get[Artisan](ctx, s, h.potter.ID))(t)
		p, _ := orm.Downcast[Potter](a)
		expect(t, []any{"", false}, []any{p.Bio, orm.Loaded(p, &p.Bio)})
		db.statements()
		must(t, orm.Load(ctx, p, &p.Bio))
		expect(t, "long", p.Bio)
		expect(t, []string{"SELECT potters.id, potters.bio FROM potters WHERE potters.id = ?"}, db.plainStatements())
	})
}

func TestExpressionsAreAssignedInAnyTable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx, g := t.Context(), orm.Entity[Glazier]()
		must(t, orm.Assign(h.glazier, orm.C(&g.Colours).SetExpr(orm.Add(orm.C(&g.Colours), orm.Lit(2))), orm.C(&g.Level).SetExpr(orm.Add(orm.C(&g.Level), orm.Lit(4)))))
		must(t, s.Commit(ctx))
		expect(t, []string{
			"UPDATE artisans SET level = artisans.level + ? WHERE artisans.id = ?", "UPDATE glaziers SET colours = glaziers.colours + ? WHERE glaziers.id = ?",
		}, db.writes())
		must(t, orm.Load(ctx, h.glazier, &h.glazier.Colours, &h.glazier.Level))
		expect(t, []int{5, 5}, []int{h.glazier.Colours, h.glazier.Level})

		n := &Glazier{Potter: Potter{Artisan: Artisan{Name: "n"}}}
		s.Add(n)
		must(t, orm.Explicit(n, &n.Level, &n.Kiln))
		must(t, orm.Assign(n, orm.C(&g.Colours).SetExpr(orm.Lit(7)), orm.C(&g.Clay).SetExpr(orm.Upper(orm.Lit("up")))))
		must(t, s.Commit(ctx))
		again := readAgain[Glazier](t, db, n.ID)
		expect(t, []any{0, "", "UP", 7, "glazier"}, []any{again.Level, again.Kiln, again.Clay, again.Colours, again.Kind})
	})
}

func TestMergeAndExpungeTakeWholeObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		other := db.session(t)
		h.glazier.Colours, h.glazier.Name = 11, "merged"
		g := get(orm.Merge(ctx, other, h.glazier))(t)
		must(t, other.Commit(ctx))
		expect(t, []any{11, "merged", "glazier"}, []any{g.Colours, g.Name, g.Kind})
		fresh := get(orm.Merge(ctx, other, &Potter{Artisan: Artisan{Name: "new"}, Clay: "c"}))(t)
		must(t, other.Commit(ctx))
		expect(t, "potter", fresh.Kind)
		s.Expunge(&h.potter.Artisan)
		expectState(t, orm.Detached, h.potter)
		must(t, s.Rollback(ctx))
		s.Add(h.potter)
		h.potter.Clay = "back"
		must(t, s.Commit(ctx))
		expect(t, "back", readAgain[Potter](t, db, h.potter.ID).Clay)
		get(orm.Merge(ctx, other, &Glazier{Potter: Potter{Artisan: Artisan{ID: h.scribe.ID}}}))(t)
		expectKind(t, orm.ErrUniqueViolation, other.Commit(ctx)) // it is a new object, for no glazier has the key
		must(t, other.Rollback(ctx))
	})
}

func TestDowncastFindsTheWholeObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		base := &h.glazier.Artisan
		whole, ok := orm.Downcast[Glazier](base)
		if !ok || whole != h.glazier {
			t.Error("it is another object")
		}
		if _, ok := orm.Downcast[Scribe](base); ok {
			t.Error("a glazier is no scribe")
		}
		if p, ok := orm.Downcast[Potter](base); !ok || p != &h.glazier.Potter {
			t.Error("a glazier is a potter")
		}
		expectState(t, orm.Persistent, base, &h.glazier.Potter)
		must(t, orm.Load(ctx, base, &base.Atelier))
		s.Delete(base)
		must(t, s.Commit(ctx))
		expectState(t, orm.Detached, h.glazier)
		if _, ok := orm.Downcast[Glazier](base); !ok {
			t.Error("a detached object is forgotten")
		}
		lone := &Potter{}
		if p, ok := orm.Downcast[Potter](lone); !ok || p != lone {
			t.Error("a new object is what it is")
		}
		if _, ok := orm.Downcast[Potter](&lone.Artisan); ok {
			t.Error("nobody knows more of a part of a new object than its type")
		}
		if _, ok := orm.Downcast[Potter](nil); ok {
			t.Error("nil is no potter")
		}
	})
}

func TestListenersOfABaseHearOfItsHeirs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, vessels).session(t), t.Context()
		code := "heard " + db.name()
		var heard []string
		note := func(when string) func(context.Context, *orm.Session, *Vessel) error {
			return func(_ context.Context, _ *orm.Session, v *Vessel) error {
				if v.Code != code {
					return nil // of another test
				}
				heard = append(heard, when)
				if a, ok := orm.Downcast[Amphora](v); ok && when == "before update" {
					a.Handles++
				}
				return nil
			}
		}
		events := orm.Events[Vessel]()
		for _, remove := range []func(){
			events.BeforeInsert(note("before insert")), events.AfterInsert(note("after insert")), events.BeforeUpdate(note("before update")),
			events.AfterUpdate(note("after update")), events.BeforeDelete(note("before delete")), events.AfterDelete(note("after delete")),
		} {
			t.Cleanup(remove)
		}
		a := &Amphora{Jar: *jar(code, 1)}
		s.Add(a)
		must(t, s.Commit(ctx))
		a.Owner = "p"
		must(t, s.Commit(ctx))
		expect(t, 1, readAgain[Amphora](t, db, code).Handles)
		s.Delete(a)
		must(t, s.Commit(ctx))
		expect(t, []string{"before insert", "after insert", "before update", "after update", "before delete", "after delete"}, heard)
	})
}

func TestRowsOfNoKnownStructAreRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		ctx, a := t.Context(), orm.Entity[Artisan]()
		get(orm.Exec(ctx, s, orm.Text("INSERT INTO artisans (kind, name, level) VALUES ('alien', 'zed', 1)")))(t)
		for _, q := range []*orm.EntityQuery[Artisan]{orm.Query[Artisan](s), orm.Query[Artisan](s).WithPolymorphic(), orm.Query[Artisan](s).Untracked()} {
			_, err := q.All(ctx)
			expectKind(t, orm.ErrDecode, err)
			for _, word := range []string{"alien", "Artisan.Kind", "Glazier"} {
				if err != nil && !strings.Contains(err.Error(), word) {
					t.Errorf("no %q: %v", word, err)
				}
			}
		}
		expect(t, int64(5), get(orm.Query[Artisan](s).Count(ctx))(t))
		known := get(orm.Query[Artisan](s).Filter(orm.C(&a.Kind).Ne("alien")).OrderBy(orm.C(&a.ID)).All(ctx))(t)
		expect(t, wholeGuild, kindsOf(t, known))
		must(t, s.Commit(ctx))
	})
}

func TestDiscriminatorIsLeftAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		must(t, orm.Load(ctx, h.potter))
		h.potter.Kind = "scribe"
		expectKind(t, orm.ErrArgument, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		s.Add(&Potter{Artisan: Artisan{Kind: "scribe"}})
		expectKind(t, orm.ErrArgument, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, "potter", readAgain[Artisan](t, db, h.potter.ID).Kind)
	})
}

func TestStructWithoutRowsCannotBeAdded(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, vessels).session(t), t.Context()
		s.Add(&Vessel{Code: "v"})
		expectKind(t, orm.ErrArgument, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		s.Add(jar("j", 1), &Amphora{Jar: *jar("k", 2)})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		v := orm.Entity[Vessel]()
		found := get(orm.Query[Vessel](s).OrderBy(orm.C(&v.Code)).All(ctx))(t)
		_, first := orm.Downcast[Amphora](found[0])
		_, second := orm.Downcast[Amphora](found[1])
		expect(t, []bool{false, true}, []bool{first, second})
		get(orm.Exec(ctx, s, orm.Text("DELETE FROM jars WHERE code = 'j'")))(t)
		s.ExpungeAll()
		_, err := orm.Query[Vessel](s).All(ctx)
		expectKind(t, orm.ErrStaleData, err) // half of the object is gone
		must(t, s.Rollback(ctx))
	})
}

func TestManyJoinedObjectsAreReadInParts(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, vessels).session(t), t.Context()
		rows := make([]orm.M, 1100)
		for i := range rows {
			rows[i] = orm.M{"Code": fmt.Sprintf("%04d", i), "Owner": "o", "Litres": i}
		}
		get(orm.BulkInsert[Jar](ctx, s, rows))(t)
		must(t, s.Commit(ctx))
		db.statements()
		v := orm.Entity[Vessel]()
		found := get(orm.Query[Vessel](s).OrderBy(orm.C(&v.Code)).All(ctx))(t)
		expect(t, 4, len(db.statements()))
		for i, one := range found {
			if j, ok := orm.Downcast[Jar](one); !ok || j.Litres != i {
				t.Fatalf("row %d is %v", i, j)
			}
		}
	})
}
