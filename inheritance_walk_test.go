// This file lets a session add, change and delete objects of structs that inherit
// at random, and compares what is read with a plain model that was told the same.

package orm_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// craft is what the model knows of one object.
type craft struct {
	kind, name, clay string
	number           int // of colours, or pages
}

func (c craft) String() string { return fmt.Sprintf("%s %s %s %d", c.kind, c.name, c.clay, c.number) }

// craftOf is what an object says of itself.
func craftOf(a *Artisan) craft {
	c := craft{kind: a.Kind, name: a.Name}
	if p, ok := orm.Downcast[Potter](a); ok {
		c.clay = p.Clay
	}
	if g, ok := orm.Downcast[Glazier](a); ok {
		c.number = g.Colours
	}
	if w, ok := orm.Downcast[Scribe](a); ok {
		c.number = int(w.Pages)
	}
	return c
}

// create is a new object of a struct, and its base.
func (c craft) create() (orm.Model, *Artisan) {
	base := Artisan{Name: c.name}
	switch c.kind {
	case "potter":
		p := &Potter{Artisan: base, Clay: c.clay}
		return p, &p.Artisan
	case "glazier":
		g := &Glazier{Potter: Potter{Artisan: base, Clay: c.clay}, Colours: c.number}
		return g, &g.Artisan
	case "scribe":
		w := &Scribe{Artisan: base, Pages: int64(c.number)}
		return w, &w.Artisan
	}
	return &base, &base
}

// write gives an object other values, of some of its tables.
func (c craft) write(a *Artisan) {
	a.Name = c.name
	if p, ok := orm.Downcast[Potter](a); ok {
		p.Clay = c.clay
	}
	if g, ok := orm.Downcast[Glazier](a); ok {
		g.Colours = c.number
	}
	if w, ok := orm.Downcast[Scribe](a); ok {
		w.Pages = int64(c.number)
	}
}

func drawCraft(rt *rapid.T, kind string) craft {
	c := craft{kind: kind, name: rapid.StringMatching("[a-z]{1,3}").Draw(rt, "name")}
	if kind == "potter" || kind == "glazier" {
		c.clay = rapid.SampledFrom([]string{"red", "grey", ""}).Draw(rt, "clay")
	}
	if kind == "glazier" || kind == "scribe" {
		c.number = rapid.IntRange(0, 5).Draw(rt, "number")
	}
	return c
}

// craftWalk is one random sequence.
type craftWalk struct {
	*rapid.T
	ctx       context.Context
	s         *orm.Session
	objects   map[*Artisan]craft // as the transaction has them
	committed []craft
}

func (k *craftWalk) must(err error) {
	if err != nil {
		k.Fatal(err)
	}
}

// any is one of the objects, in an order that does not change from run to run.
func (k *craftWalk) any() *Artisan {
	list := []*Artisan{}
	for a := range k.objects {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *Artisan) int { return compareCrafts(k.objects[a], k.objects[b]) })
	return rapid.SampledFrom(list).Draw(k.T, "object")
}

func compareCrafts(a, b craft) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func (k *craftWalk) step() {
	switch action := rapid.IntRange(0, 5).Draw(k.T, "action"); {
	case action <= 1 || len(k.objects) == 0:
		c := drawCraft(k.T, rapid.SampledFrom([]string{"artisan", "potter", "glazier", "scribe"}).Draw(k.T, "kind"))
		m, a := c.create()
		k.s.Add(m)
		k.objects[a] = c
	case action == 2:
		a := k.any()
		c := drawCraft(k.T, k.objects[a].kind)
		k.must(k.s.Flush(k.ctx))
		c.write(a)
		k.objects[a] = c
	case action == 3:
		a := k.any()
		k.must(k.s.Flush(k.ctx))
		k.s.Delete(a)
		delete(k.objects, a)
	case action == 4:
		k.must(k.s.Commit(k.ctx))
		k.compare(k.crafts())
		k.committed = k.crafts()
	default:
		k.must(k.s.Rollback(k.ctx))
		k.compare(k.committed)
	}
}

func (k *craftWalk) crafts() []craft {
	list := []craft{}
	for _, c := range k.objects {
		list = append(list, c)
	}
	slices.SortFunc(list, compareCrafts)
	return list
}

// compare reads everything in several ways, and goes on with what was read.
func (k *craftWalk) compare(want []craft) {
	k.objects = map[*Artisan]craft{}
	for i, q := range []*orm.EntityQuery[Artisan]{
		orm.Query[Artisan](k.s).WithPolymorphic().Untracked(), orm.Query[Artisan](k.s).Untracked(),
		orm.Query[Artisan](k.s).WithPolymorphic(&Potter{}), orm.Query[Artisan](k.s),
	} {
		all, err := q.All(k.ctx)
		k.must(err)
		got := []craft{}
		for _, a := range all {
			got = append(got, craftOf(a))
			if i == 3 {
				k.objects[a] = craftOf(a)
			}
		}
		slices.SortFunc(got, compareCrafts)
		if !slices.Equal(want, got) {
			k.Fatalf("query %d: want %v, got %v", i, want, got)
		}
	}
}

func TestObjectsOfSeveralTablesAreWhatTheModelSays(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, guild)
		rapid.Check(t, func(rt *rapid.T) {
			ctx := t.Context()
			for _, table := range []string{"glaziers", "tools", "potters", "artisans"} {
				_, err := orm.Exec(ctx, db.Engine, orm.Text(orm.SQL("DELETE FROM "+table)))
				if err != nil {
					rt.Fatal(err)
				}
			}
			s := orm.NewSession(db.Engine)
			defer s.Close()
			k := &craftWalk{T: rt, ctx: ctx, s: s, objects: map[*Artisan]craft{}}
			for range rapid.IntRange(1, 25).Draw(rt, "steps") {
				k.step()
			}
			k.must(s.Commit(ctx))
			k.compare(k.crafts())
		})
	})
}
