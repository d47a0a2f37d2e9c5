// This file tests structs that are mapped to tables which were defined by themselves.

package orm_test

import (
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// Vendor and Vend are mapped to the tables of vendTables.
type Vendor struct {
	orm.Base

	ID    int64
	Name  string  `orm:"column:vendor_name"`
	Vends []*Vend `orm:"back_populates:Vendor;cascade:all,delete-orphan"`
	Cache string  `orm:"-"`
}

type Vend struct {
	orm.Base

	ID       int64
	VendorID int64
	Vendor   *Vendor `orm:"back_populates:Vends"`
	Cents    int
	Euros    float64
	Status   string
	Revision int    `orm:"version"`
	Note     string `orm:"deferred"`
}

func vendTables(m *orm.Metadata) (vendors, vends *orm.Table) {
	vendors = orm.NewTable("vendors", m, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()), orm.NewColumn("vendor_name", types.String(30), orm.NotNull()), orm.NewColumn("secret", types.Text()))
	vends = orm.NewTable("vends", m,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()), orm.NewColumn("vendor_id", types.BigInteger(), orm.NotNull(), orm.References("vendors", "id")),
		orm.NewColumn("cents", types.Integer(), orm.NotNull()), orm.NewColumn("euros", types.Double(), orm.Computed("cents / 100.0").Stored()),
		orm.NewColumn("status", types.String(10), orm.NotNull(), orm.Default("new"), orm.OnUpdate("old")), orm.NewColumn("revision", types.Integer(), orm.NotNull()),
		orm.NewColumn("note", types.String(10), orm.NotNull(), orm.ServerDefaultText("none")))
	return vendors, vends
}

func TestStructMappedToATableBehavesAsAnyOther(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, m := t.Context(), orm.NewMetadata()
		vendors, vends := vendTables(m)
		r := orm.NewRegistry(orm.WithMetadata(m))
		must(t, r.MapTable(&Vend{}, vends))
		must(t, r.MapTable(&Vendor{}, vendors, "secret"))
		s := db.withTables(t, r).session(t, orm.WithRegistry(r))
		ann := &Vendor{Name: "ann", Vends: []*Vend{{Cents: 250}, {Cents: 100}}}
		s.Add(ann)
		must(t, s.Commit(ctx))
		first := ann.Vends[0]
		expect(t, []any{ann.ID, 2.5, "new", 1, "none"}, []any{first.VendorID, first.Euros, first.Status, first.Revision, first.Note})
		first.Cents = 300
		must(t, s.Commit(ctx))
		expect(t, []any{3.0, "old", 2}, []any{first.Euros, first.Status, first.Revision})
		s.ExpungeAll()
		v := orm.EntityIn[Vendor](r)
		ann = get(orm.Query[Vendor](s).Options(orm.SelectInLoad(&v.Vends)).Filter(orm.C(&v.Name).Eq("ann")).One(ctx))(t)
		expect(t, 2, len(ann.Vends))
		expect(t, false, orm.Loaded(ann.Vends[0], &ann.Vends[0].Note))
		s.Delete(ann)
		must(t, s.Commit(ctx))
		for _, text := range db.statements() {
			if strings.Contains(text, "secret") || strings.Contains(text, "cache") {
				t.Errorf("a column that is left out is in %s", text)
			}
		}
	})
}

func TestMistakesOfMapTableAreTold(t *testing.T) {
	type Wrong struct {
		orm.Base `orm:"table:others"`

		ID   int64 `orm:"primary_key"`
		Nmae string
		Name bool `orm:"column:vendor_name"`
	}
	m := orm.NewMetadata()
	vendors, vends := vendTables(m)
	r := orm.NewRegistry(orm.WithMetadata(m))
	bare := orm.NewTable("bare", m, orm.NewColumn("id", types.BigInteger()))
	for _, c := range []struct {
		err  error
		want string
	}{
		{r.MapTable(&Wrong{}, vendors), `map Wrong.Base: the word "table" is the table's to say`},
		{r.MapTable(&Wrong{}, vendors), `map Wrong.ID: the word "primary_key" is the table's to say (there are: column, deferred, version, fetched)`},
		{r.MapTable(&Wrong{}, vendors), `map Wrong.Nmae: the table vendors has no column "nmae"`},
		{r.MapTable(&Wrong{}, vendors), "map Wrong.Name: "},
		{r.MapTable(&Vendor{}, vendors), `map Vendor: no field has the column "secret" (add one, or name the column among those to leave out)`},
		{r.MapTable(&Vendor{}, vendors, "vendor_name", "secret", "nothing"), `map Vendor.Name: the column "vendor_name" is to be left out`},
		{r.MapTable(&Vendor{}, vendors, "vendor_name", "secret", "nothing"), `map Vendor: the table vendors has no column "nothing" to leave out`},
		{r.MapTable(&Vendor{}, bare), "map Vendor: the table bare has no primary key"},
		{orm.NewRegistry().MapTable(&Vendor{}, vendors), "map Vendor: the table vendors is of another Metadata"},
		{r.MapTable(&Vendor{}, nil), "orm: map: the table is nil"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", c.err, c.want)
		}
	}
	must(t, r.MapTable(&Vendor{}, vendors, "secret"))
	if err := r.MapTable(&Vendor{}, vends); err == nil || !strings.Contains(err.Error(), "the registry has the struct already") {
		t.Error(err)
	}
}
