// This file tests rows of a query that a struct is mapped to in which the key is NULL.

package orm_test

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

// Stopover is what the key below is read from.
type Stopover struct {
	orm.Base `orm:"table:stopovers"`

	ID      int64
	Port    *string `orm:"size:20"`
	Quay    *int
	CrateID *int64
}

// PortCrate has the stopovers of a query.
type PortCrate struct {
	orm.Base `orm:"table:port_crates"`

	ID     int64
	Visits []*PortVisit
}

// PortVisit is mapped to a SELECT whose rows may have no key.
type PortVisit struct {
	orm.Base `orm:"table:visits"`

	Port    string `orm:"primary_key"`
	Quay    int    `orm:"primary_key"`
	CrateID *int64 `orm:"foreign_key:port_crates.id"`
	Last    int64
}

func (*PortVisit) ConfigureMapper(c *orm.MapperConfig) {
	p := orm.Entity[Stopover]()
	c.Select(func() orm.Subselect {
		return orm.Select(orm.C(&p.Port), orm.C(&p.Quay), orm.C(&p.CrateID), orm.Max(orm.C(&p.ID)).As("last")).From(p).
			GroupBy(orm.C(&p.Port), orm.C(&p.Quay), orm.C(&p.CrateID))
	})
}

var portVisits = orm.MustRegister(&Stopover{}, &PortVisit{}, &PortCrate{})

// someStopovers adds stopovers in two ports, and one in none.
func someStopovers(t *testing.T, db *testDB) *orm.Session {
	t.Helper()
	s := db.withTables(t, portVisits).session(t)
	s.Add(&PortCrate{ID: 1})
	must(t, s.Flush(t.Context()))
	orm.AddAll(s, []*Stopover{
		{Port: new("Perth"), Quay: new(1), CrateID: new(int64(1))}, {CrateID: new(int64(1))}, {Port: new("Hobart"), Quay: new(2)},
	})
	must(t, s.Commit(t.Context()))
	s.ExpungeAll()
	return s
}

func TestRowOfAQueryWithoutAKeyIsNoObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := someStopovers(t, db), t.Context()
		v := orm.Entity[PortVisit]()
		q := orm.Query[PortVisit](s).OrderBy(orm.C(&v.Last))
		both := []string{"Perth", "Hobart"}
		for name, read := range map[string]func() ([]*PortVisit, error){
			"all":       func() ([]*PortVisit, error) { return q.All(ctx) },
			"untracked": func() ([]*PortVisit, error) { return q.Untracked().All(ctx) },
			"a text": func() ([]*PortVisit, error) {
				return orm.FromSQL[PortVisit](s, "SELECT port, quay, crate_id, id AS last FROM stopovers ORDER BY id").All(ctx)
			},
			"a stream": func() (all []*PortVisit, err error) {
				for visit, err := range q.Iter(ctx) {
					if err != nil {
						return nil, err
					}
					all = append(all, visit)
				}
				return all, nil
			},
		} {
			s.ExpungeAll()
			var ports []string
			for _, visit := range get(read())(t) {
				ports = append(ports, visit.Port)
			}
			if !slices.Equal(both, ports) {
				t.Errorf("%s: %v", name, ports)
			}
		}
		expect(t, int64(3), get(q.Count(ctx))(t)) // of rows
	})
}

func TestRowOfAQueryWithoutAKeyIsInNoRelationship(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := someStopovers(t, db), t.Context()
		c := orm.Entity[PortCrate]()
		for _, option := range []orm.Option{orm.SelectInLoad(&c.Visits), orm.JoinedLoad(&c.Visits), orm.SubqueryLoad(&c.Visits)} {
			s.ExpungeAll()
			crate := get(orm.Query[PortCrate](s).Options(option).One(ctx))(t)
			expect(t, 1, len(crate.Visits))
			expect(t, "Perth", crate.Visits[0].Port)
		}
	})
}

func TestKeyOfAQueryThatIsNullInPartIsAnError(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := someStopovers(t, db), t.Context()
		s.Add(&Stopover{Port: new("Cairns")})
		must(t, s.Commit(ctx))
		_, err := orm.Query[PortVisit](s).All(ctx)
		expectKind(t, orm.ErrDecode, err)
	})
}
