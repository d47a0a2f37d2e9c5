// This file tests listeners, validators, methods and column properties of a struct from
// which others inherit.

package orm_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Coffer is what the others inherit from. What happens to it is noted in its log.
type Coffer struct {
	orm.Base `orm:"table:coffers;polymorphic_on:Sort;polymorphic_identity:coffer"`

	ID    int64
	Sort  string   `orm:"size:20"`
	Owner string   `orm:"size:80"`
	Label string   `orm:"size:20"`
	Sign  *string  `orm:"-"`
	Log   []string `orm:"-"`
}

// BeforeInsert is the method of all of them, but for a pouch.
func (c *Coffer) BeforeInsert(context.Context, *orm.Session) error { return c.note("method") }

func (c *Coffer) note(what string) error {
	c.Log = append(c.Log, what)
	return nil
}

// Trunk has a table of its own.
type Trunk struct {
	Coffer `orm:"inherits:joined;table:trunks;polymorphic_identity:trunk"`

	Locks int
}

// Pouch is in the table of its base.
type Pouch struct {
	Coffer `orm:"inherits:single;polymorphic_identity:pouch"`

	Strings *int
}

// BeforeInsert takes the place of that of the base.
func (p *Pouch) BeforeInsert(context.Context, *orm.Session) error { return p.note("pouch's method") }

var coffers = func() *orm.Registry {
	c := orm.Entity[Coffer]()
	orm.ColumnProperty(&c.Sign, orm.Concat(orm.C(&c.Label), orm.Lit("/"), orm.C(&c.Sort)))
	return orm.MustRegister(&Coffer{}, &Trunk{}, &Pouch{})
}()

// cofferSet is one object of each struct.
type cofferSet struct {
	coffer *Coffer
	trunk  *Trunk
	pouch  *Pouch
}

func (c *cofferSet) models() []orm.Model { return []orm.Model{c.coffer, c.trunk, c.pouch} }
func (c *cofferSet) bases() []*Coffer    { return []*Coffer{c.coffer, &c.trunk.Coffer, &c.pouch.Coffer} }
func newCoffers(owner string) *cofferSet {
	base := func(label string) Coffer { return Coffer{Owner: owner, Label: label} }
	return &cofferSet{new(base("a")), &Trunk{Coffer: base("b"), Locks: 2}, &Pouch{Coffer: base("c")}}
}

// logs are what was noted of each object since it was last asked.
func (c *cofferSet) logs() []string {
	var logs []string
	for _, base := range c.bases() {
		logs = append(logs, strings.Join(base.Log, ", "))
		base.Log = nil
	}
	return logs
}

// withCoffers writes one of each, and forgets what was sent.
func (db *testDB) withCoffers(t *testing.T) (*orm.Session, *cofferSet) {
	t.Helper()
	s, c := db.withTables(t, coffers).session(t), newCoffers(t.Name())
	s.Add(c.models()...)
	must(t, s.Commit(t.Context()))
	c.logs()
	db.statements()
	return s, c
}

// noteOf is a listener that notes itself in the objects of an owner.
func noteOf[T any](owner, what string, base func(*T) *Coffer) func(context.Context, *orm.Session, *T) error {
	return func(_ context.Context, _ *orm.Session, object *T) error {
		if c := base(object); c.Owner == owner {
			return c.note(what)
		}
		return nil
	}
}

func TestListenersOfTheBaseHearOfThoseThatInherit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, owner := db.withTables(t, coffers).session(t), t.Context(), t.Name()
		c, self := newCoffers(owner), func(c *Coffer) *Coffer { return c }
		bases, trunks, pouches := orm.Events[Coffer](), orm.Events[Trunk](), orm.Events[Pouch]()
		defer trunks.BeforeInsert(noteOf(owner, "trunk", func(t *Trunk) *Coffer { return &t.Coffer }))()
		defer pouches.BeforeInsert(noteOf(owner, "pouch", func(p *Pouch) *Coffer { return &p.Coffer }))()
		defer bases.BeforeInsert(noteOf(owner, "base", self))()
		defer bases.AfterInsert(noteOf(owner, "inserted", self))()
		defer bases.BeforeUpdate(noteOf(owner, "update", self))()
		defer bases.AfterUpdate(noteOf(owner, "updated", self))()
		defer trunks.AfterUpdate(noteOf(owner, "trunk updated", func(t *Trunk) *Coffer { return &t.Coffer }))()
		defer bases.BeforeDelete(noteOf(owner, "delete", self))()
		defer bases.AfterDelete(noteOf(owner, "deleted", self))()
		s.Add(c.models()...)
		must(t, s.Commit(ctx))
		expect(t, []string{"method, base, inserted", "method, base, trunk, inserted", "pouch's method, base, pouch, inserted"}, c.logs())
		c.coffer.Label, c.trunk.Locks, c.pouch.Strings = "x", 3, new(1)
		must(t, s.Commit(ctx))
		expect(t, []string{"update, updated", "update, updated, trunk updated", "update, updated"}, c.logs())
		c.trunk.Label, c.trunk.Locks = "y", 4
		must(t, s.Commit(ctx))
		expect(t, []string{"", "update, updated, trunk updated", ""}, c.logs())
		again := newCoffers(owner)
		again.trunk.ID, again.trunk.Locks = c.trunk.ID, 9
		s.Delete(c.trunk)
		s.Add(again.trunk)
		must(t, s.Commit(ctx))
		expect(t, []string{"", "method, base, trunk, inserted", ""}, again.logs())
		c.logs()
		c.trunk = again.trunk
		s.Delete(c.models()...)
		must(t, s.Commit(ctx))
		expect(t, []string{"delete, deleted", "delete, deleted", "delete, deleted"}, c.logs())
	})
}

func TestAListenerOfTheBaseMayChangeAnyTable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, c := db.withCoffers(t)
		ctx, owner := t.Context(), t.Name()
		defer orm.Events[Coffer]().BeforeUpdate(func(_ context.Context, _ *orm.Session, c *Coffer) error {
			if k, ok := orm.Downcast[Trunk](c); ok && c.Owner == owner {
				k.Locks++
				c.Label += "!"
			}
			return nil
		})()
		defer orm.Events[Trunk]().AfterUpdate(noteOf(owner, "updated", func(t *Trunk) *Coffer { return &t.Coffer }))()
		c.trunk.Label = "x"
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE coffers SET label = ? WHERE id = ?", "UPDATE trunks SET locks = ? WHERE id = ?"}, db.writes())
		c.trunk.Locks = 7
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE coffers SET label = ? WHERE id = ?", "UPDATE trunks SET locks = ? WHERE id = ?"}, db.writes())
		again := readAgain[Trunk](t, db, c.trunk.ID)
		expect(t, []any{"x!!", 8}, []any{again.Label, again.Locks})
		expect(t, []string{"", "updated, updated", ""}, c.logs())
	})
}

func TestLoadsOfThoseThatInheritAreToldOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, held := db.withCoffers(t)
		ctx, owner, b := t.Context(), t.Name(), orm.Entity[Coffer]()
		note := func(what string) func(*orm.Session, *Coffer) error {
			return func(_ *orm.Session, c *Coffer) error {
				return noteOf(owner, what, func(c *Coffer) *Coffer { return c })(ctx, nil, c)
			}
		}
		defer orm.Events[Trunk]().Load(func(_ *orm.Session, t *Trunk) error { return note("trunk")(nil, &t.Coffer) })()
		defer orm.Events[Coffer]().Load(note("load"))()
		defer orm.Events[Coffer]().Refresh(note("refresh"))()
		must(t, s.Refresh(ctx, held.trunk))
		must(t, s.Refresh(ctx, held.pouch))
		expect(t, []string{"", "refresh", "refresh"}, held.logs())
		s.ExpungeAll()
		var logs []string
		for _, c := range get(orm.Query[Coffer](s).OrderBy(orm.C(&b.ID)).All(ctx))(t) {
			logs = append(logs, strings.Join(c.Log, ", "))
		}
		expect(t, []string{"load", "load, trunk", "load"}, logs)
		s.ExpungeAll()
		expect(t, "load, trunk", strings.Join(get(orm.Get[Trunk](ctx, s, held.trunk.ID))(t).Log, ", "))
		s.ExpungeAll()
		expect(t, "load", strings.Join(get(orm.Query[Pouch](s).One(ctx))(t).Log, ", "))
	})
}

func TestAFieldOfTheBaseIsWatchedInThoseThatInherit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, c := db.withCoffers(t)
		ctx, owner, b, k := t.Context(), t.Name(), orm.Entity[Coffer](), orm.Entity[Trunk]()
		defer orm.Changed(&b.Label, func(_ context.Context, _ *orm.Session, c *Coffer, before, after string) error {
			return noteOf(owner, before+" to "+after, func(c *Coffer) *Coffer { return c })(ctx, s, c)
		})()
		defer orm.Changed(&k.Label, func(_ context.Context, _ *orm.Session, k *Trunk, before, after string) error {
			return noteOf(owner, "trunk's "+before+" to "+after, func(k *Trunk) *Coffer { return &k.Coffer })(ctx, s, k)
		})()
		c.coffer.Label, c.trunk.Label, c.pouch.Label, c.trunk.Locks = "x", "y", "z", 7
		must(t, s.Commit(ctx))
		expect(t, []string{"a to x", "b to y, trunk's b to y", "c to z"}, c.logs())
		c.trunk.Locks, c.pouch.Strings = 8, new(2)
		must(t, s.Commit(ctx))
		expect(t, []string{"", "", ""}, c.logs())
	})
}

func TestAValidatorTakesThePlaceOfThatOfTheBase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, owner := db.withTables(t, coffers).session(t), t.Context(), t.Name()
		b, p, k, refuse := orm.Entity[Coffer](), orm.Entity[Pouch](), orm.Entity[Trunk](), errors.New("refused")
		mark := func(by string) func(string) (string, error) {
			return func(v string) (string, error) {
				if v == owner {
					return v + " " + by, nil
				}
				return v, nil
			}
		}
		defer orm.Validate(&b.Owner, mark("base"))()
		removePouch := orm.Validate(&p.Owner, mark("pouch"))
		defer orm.Validate(&k.Locks, func(v int) (int, error) {
			if v == -len(owner) {
				return v, refuse
			}
			return v, nil
		})()
		c := newCoffers(owner)
		s.Add(c.models()...)
		must(t, s.Commit(ctx))
		var owners []string
		for _, base := range c.bases() {
			expect(t, base.Owner, readAgain[Coffer](t, db, base.ID).Owner)
			owners = append(owners, strings.TrimPrefix(base.Owner, owner))
		}
		expect(t, []string{" base", " base", " pouch"}, owners)
		removePouch()
		c.pouch.Owner, c.trunk.Locks = owner, -len(owner)
		err := s.Commit(ctx)
		expectKind(t, refuse, err)
		expect(t, "orm: validate Trunk.Locks: the validator refuses the value: refused", err.Error())
		c.trunk.Locks = 1
		must(t, s.Commit(ctx))
		expect(t, owner+" base", readAgain[Pouch](t, db, c.pouch.ID).Owner)
	})
}

func TestAColumnPropertyOfTheBaseIsReadWithThoseThatInherit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, held := db.withCoffers(t)
		ctx, b, k, p := t.Context(), orm.Entity[Coffer](), orm.Entity[Trunk](), orm.Entity[Pouch]()
		signs := []string{"a/coffer", "b/trunk", "c/pouch"}
		for i, c := range held.bases() {
			must(t, s.Refresh(ctx, held.models()[i]))
			expect(t, signs[i], *c.Sign)
		}
		s.ExpungeAll()
		for i, c := range get(orm.Query[Coffer](s).OrderBy(orm.N(&b.Sign)).All(ctx))(t) {
			expect(t, signs[i], *c.Sign)
		}
		trunk := get(orm.Query[Trunk](s).Filter(orm.N(&k.Sign).Eq("b/trunk"), orm.C(&k.Locks).Eq(2)).One(ctx))(t)
		pouch := get(orm.Query[Pouch](s).Filter(orm.N(&p.Sign).Eq("c/pouch")).One(ctx))(t)
		expect(t, signs[1:], []string{*trunk.Sign, *pouch.Sign})
		s.ExpungeAll()
		expect(t, signs[1], *get(orm.Get[Trunk](ctx, s, held.trunk.ID))(t).Sign)
		expect(t, signs[2], *get(orm.Get[Pouch](ctx, s, held.pouch.ID))(t).Sign)
		s.ExpungeAll()
		expect(t, signs[1], *get(orm.Get[Coffer](ctx, s, held.trunk.ID))(t).Sign)
		other := orm.Alias[Trunk]("other")
		expect(t, signs[1], *get(orm.FetchOne[*string](ctx, s, orm.Select(orm.N(&other.Sign)).From(other)))(t))
	})
}
