// This file tests hybrids: that an object and its row have the same value.

package orm_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

var (
	caption = orm.Hybrid(func(p *Notice) orm.Expr[string] {
		return orm.Concat(orm.C(&p.Title), orm.Lit(": "), orm.C(&p.Notes))
	})
	doubled  = orm.Hybrid(func(p *Notice) orm.Expr[int64] { return orm.N(&p.Size).Times(2) })
	entitled = orm.Hybrid1(func(p *Notice, title string) orm.Expr[bool] {
		return orm.Eq(orm.Lower(orm.C(&p.Title)), orm.Lower(orm.Lit(title)))
	})
	alike = orm.Hybrid(func(p *Notice) orm.Expr[int64] {
		other := orm.Alias[Notice]("other")
		return orm.Scalar[int64](orm.Select(orm.Count()).From(other).Where(orm.Eq(orm.C(&other.Book), orm.C(&p.Book))))
	})
	heading = caption.Setter(func(p *Notice, v string) { p.Title, p.Notes = v, "" }).
		Updater(func(p *Notice, v string) []orm.Assignment {
			return []orm.Assignment{orm.C(&p.Title).Set(v), orm.C(&p.Notes).Set("")}
		})
	ownTitle = orm.Hybrid(func(p *Notice) orm.Expr[string] { return orm.C(&p.Title) })
)

func TestAHybridIsTheSameInGoAndInSQL(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := opened(t, db.factory(t)), t.Context()
		two := int64(2)
		s.Add(&Notice{Title: "p00", Notes: "text", Size: &two}, &Notice{Title: "P10", Notes: "text"})
		must(t, s.Commit(ctx))
		expect(t, "a: b", caption.Of(&Notice{Title: "a", Notes: "b"}))
		p, q := orm.Entity[Notice](), orm.Alias[Notice]("q")
		db.statements()
		found := get(orm.Query[Notice](s).Filter(caption.Expr(p).Eq("p00: text"), entitled.Expr(p, "P00")).OrderBy(caption.Expr(p).Desc()).All(ctx))(t)
		expect(t, 1, len(found))
		expect(t, 1, len(db.statements()))
		expect(t, []bool{true, false}, []bool{entitled.Of(found[0], "P00"), entitled.Of(found[0], "p1")})
		titles := get(orm.Fetch[string](ctx, s, orm.Select(ownTitle.Expr(q)).From(q).GroupBy(ownTitle.Expr(q))))(t)
		expect(t, []string{"P10", "p00"}, sorted(titles))
		sizes := get(orm.Fetch[*int64](ctx, s, orm.Select(doubled.Expr(p)).From(p).OrderBy(orm.C(&p.ID))))(t)
		objects := get(orm.Query[Notice](s).OrderBy(orm.C(&p.ID)).All(ctx))(t)
		for i, object := range objects {
			expect(t, sizes[i], get(doubled.Eval(object))(t))
		}
		expect(t, int64(0), doubled.Of(objects[1]))
	})
}

func TestRandomHybridsAreTheSameInGoAndInSQL(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			url := d.create(t)
			if d.name == "mysql" {
				url += "?collation=utf8mb4_bin"
			}
			db := openTestDB(t, url).withTables(t, samples)
			if d.name == "mysql" {
				run(t, db.Engine, "ALTER TABLE samples CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			d := &dice{rand.New(rand.NewPCG(seed, 1)), orm.Entity[Sample]()}
			s, rows := db.session(t, orm.ExpireOnCommit(false)), []*Sample{}
			for range 12 {
				rows = append(rows, d.sample())
			}
			orm.AddAll(s, rows)
			must(t, s.Commit(t.Context()))
			known := 0
			for range 120 {
				depth := d.IntN(3)
				condition, number, text := d.condition(depth), d.whole(depth), d.text(depth)
				known += agreeAsHybrid(t, db, rows, condition) + agreeAsHybrid(t, db, rows, number) + agreeAsHybrid(t, db, rows, text)
			}
			if known < 500 {
				t.Errorf("%d values were evaluated, which is few", known)
			}
		})
	}
}

// agreeAsHybrid compares the values of a hybrid for all rows, and returns how many
// could be had in Go. Letters that are not ASCII are left out, for what becomes of their
// case depends on the database, and on MySQL blanks, which its collations overlook at
// the end of a text.
func agreeAsHybrid[T comparable](t *testing.T, db *testDB, rows []*Sample, e orm.Expr[T]) (known int) {
	t.Helper()
	ref := orm.Entity[Sample]()
	stmt := orm.Select(e.As("e")).From(ref).OrderBy(orm.C(&ref.ID))
	got, err := orm.Fetch[*T](t.Context(), db.Engine, stmt)
	text, args, _ := orm.Compile(stmt, db.name())
	plain := func(texts ...any) bool { return plainText(fmt.Sprint(texts...), db.name() == "mysql") }
	if err != nil || slices.ContainsFunc(args, func(v any) bool { return !plain(v) }) {
		return 0
	}
	hybrid := orm.Hybrid(func(*Sample) orm.Expr[T] { return e })
	for i, row := range rows {
		v, err := hybrid.Eval(row)
		if err != nil {
			expectKind(t, orm.ErrUnsupported, err)
			continue
		}
		if !plain(row.Text) || row.Word != nil && !plain(*row.Word) {
			continue
		}
		known++
		if (v == nil) != (got[i] == nil) || v != nil && *v != *got[i] {
			t.Fatalf("in Go it is %v, in the database %v\n%s\n%v\n%+v", v, got[i], text, args, row)
		}
	}
	return known
}

func plainText(s string, noBlanks bool) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 || noBlanks && r == ' ' })
}

func TestWhatCannotBeHadInGoIsAnError(t *testing.T) {
	db := onSQLite(t)
	s, ctx := opened(t, db.factory(t)), t.Context()
	must(t, s.Commit(ctx))
	_, err := alike.Eval(&Notice{})
	expectKind(t, orm.ErrUnsupported, err)
	expect(t, "orm: evaluate hybrid of Notice: it cannot be evaluated in Go, because of a subquery (give it a Getter)", err.Error())
	expect(t, int64(7), alike.Getter(func(*Notice) int64 { return 7 }).Of(&Notice{}))
	func() {
		defer func() {
			err, _ := recover().(error)
			expectKind(t, orm.ErrUnsupported, err)
		}()
		alike.Of(&Notice{})
	}()
	_, err = caption.Eval(nil)
	expectKind(t, orm.ErrArgument, err)
	_, err = caption.Eval(orm.Entity[Notice]())
	expectKind(t, orm.ErrArgument, err)
	s.Add(&Notice{Title: "a", Notes: "b"})
	must(t, s.Commit(ctx))
	s.ExpungeAll()
	p := orm.Entity[Notice]()
	page := get(orm.Query[Notice](s).Options(orm.Defer(&p.Notes)).One(ctx))(t)
	_, err = caption.Eval(page)
	expect(t, "orm: evaluate hybrid of Notice: it needs what was not loaded: Notes (load it with orm.Load)", err.Error())
	must(t, orm.Load(ctx, page, &page.Notes))
	expect(t, "a: b", caption.Of(page))
}

func TestAHybridIsSetInGoAndInSQL(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := opened(t, db.factory(t)), t.Context()
		page, p := &Notice{Title: "a", Notes: "b"}, orm.Entity[Notice]()
		s.Add(page)
		must(t, s.Commit(ctx))
		must(t, heading.Set(page, "c"))
		expect(t, []string{"c", ""}, []string{page.Title, page.Notes})
		must(t, s.Commit(ctx))
		expectKind(t, orm.ErrUnsupported, caption.Set(page, "d"))
		db.statements()
		n := get(orm.Query[Notice](s).Filter(orm.C(&p.ID).Eq(page.ID)).Update(ctx, heading.Assign(p, "e")...))(t)
		expect(t, []string{"UPDATE notices SET title = ?, notes = ? WHERE notices.id = ?"}, db.plainStatements()[:1])
		expect(t, int64(1), n)
		get(orm.Query[Notice](s).Filter(orm.C(&p.ID).Eq(page.ID)).Update(ctx, ownTitle.Assign(p, "f")...))(t)
		_, err := orm.Query[Notice](s).AllRows().Update(ctx, caption.Assign(p, "g")...)
		expectKind(t, orm.ErrUnsupported, err)
		get(orm.Exec(ctx, s, orm.Insert(p).Set(append(heading.Assign(p, "h"), orm.C(&p.Book).Set(""))...)))(t)
		must(t, s.Commit(ctx))
		titles := get(orm.Pluck(ctx, orm.Query[Notice](s).OrderBy(orm.C(&p.ID)), orm.C(&p.Title)))(t)
		expect(t, []string{"f", "h"}, titles)
	})
}
