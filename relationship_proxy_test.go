package orm_test

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

func dishesOf(c *Cook) orm.AssociationProxy[Skill, *Dish] {
	return orm.Proxy(&c.Skills, func(s *Skill) **Dish { return &s.Dish })
}

func nicknamesOf(c *Cook) orm.AssociationProxy[Nickname, string] {
	return orm.Proxy(&c.Nicknames, func(n *Nickname) *string { return &n.Text })
}

// newKitchen has a cook of two dishes and one of none.
func newKitchen(t *testing.T, db *testDB) (s *orm.Session, ed *Cook, soup *Dish) {
	t.Helper()
	s, ed, soup = db.withTables(t, kitchen).session(t), &Cook{Name: "ed"}, &Dish{Name: "soup"}
	dishesOf(ed).Append(soup).Stars = 3
	dishesOf(ed).Append(&Dish{Name: "cake"})
	nicknamesOf(ed).Append("eddie")
	nicknamesOf(ed).Append("chef")
	s.Add(ed, &Cook{Name: "jo"})
	must(t, s.Commit(t.Context()))
	db.statements()
	return s, ed, soup
}

func TestProxyWritesLinkObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ed, soup := newKitchen(t, db)
		ctx, c, k := t.Context(), orm.Entity[Cook](), orm.Entity[Skill]()
		expect(t, []int64{3, 0}, ints(t, db, "SELECT stars FROM skills ORDER BY id"))
		db.statements()
		expect(t, true, dishesOf(ed).Remove(soup))
		expect(t, false, dishesOf(ed).Remove(soup))
		expect(t, true, nicknamesOf(ed).Remove("chef"))
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE", "DELETE"}, heads(db.plainStatements()))
		s.ExpungeAll()
		ed = get(orm.Query[Cook](s).Options(orm.SelectInLoad(&c.Nicknames), orm.SelectInLoad(&c.Skills, orm.JoinedLoad(&k.Dish))).First(ctx))(t)
		expect(t, []string{"eddie"}, slices.Collect(nicknamesOf(ed).All()))
		for dish := range dishesOf(ed).All() {
			expect(t, "cake", dish.Name)
			break
		}
	})
}

func TestProxyAsksOfWhatStandsBehindTheLinks(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _, soup := newKitchen(t, db)
		c, d, n := orm.Entity[Cook](), orm.Entity[Dish](), orm.Entity[Nickname]()
		const skills = "EXISTS (SELECT 1 FROM skills WHERE skills.cook_id = cooks.id"
		const nicknames = "EXISTS (SELECT 1 FROM nicknames WHERE nicknames.cook_id = cooks.id"
		for _, c := range []struct {
			sql       string
			condition orm.Expr[bool]
			want      int64
		}{
			{skills + " AND EXISTS (SELECT 1 FROM dishes WHERE dishes.id = skills.dish_id AND dishes.name = ?))", dishesOf(c).Any(orm.C(&d.Name).Eq("cake")), 1},
			{skills + " AND EXISTS (SELECT 1 FROM dishes WHERE dishes.id = skills.dish_id))", dishesOf(c).Any(), 1},
			{skills + " AND skills.dish_id = ?)", dishesOf(c).Contains(soup), 1},
			{skills + " AND skills.dish_id IS NULL)", dishesOf(c).Contains(nil), 0},
			{nicknames + " AND nicknames.text > ?)", nicknamesOf(c).Any(orm.C(&n.Text).Gt("dz")), 1},
			{nicknames + " AND nicknames.text = ?)", nicknamesOf(c).Contains("nobody"), 0},
		} {
			expect(t, c.want, get(orm.Query[Cook](s).Filter(c.condition).Count(t.Context()))(t))
			expect(t, []string{"SELECT count(*) FROM cooks WHERE " + c.sql}, db.plainStatements())
		}
	})
}

func TestProxyOfWhatIsNoFieldOfTheLinkIsRefused(t *testing.T) {
	db := onSQLite(t)
	s, ed, soup := newKitchen(t, db)
	ctx, elsewhere := t.Context(), soup
	strange := orm.Proxy(&orm.Entity[Cook]().Skills, func(*Skill) **Dish { return &elsewhere })
	_, err := orm.Query[Cook](s).Filter(strange.Any()).All(ctx)
	expectKind(t, orm.ErrArgument, err)
	_, err = orm.Query[Cook](s).Filter(dishesOf(ed).Any()).All(ctx)
	expectKind(t, orm.ErrArgument, err)
	_, err = orm.Query[Cook](s).Filter(dishesOf(orm.Entity[Cook]()).Contains(&Dish{})).All(ctx)
	expectKind(t, orm.ErrNotPersistent, err)
}
