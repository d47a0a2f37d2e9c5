// This file looks at inspection. Every case defines tables, creates them, reads
// them back, and compares; then it makes the tables anew from what was read, and
// compares again.

package dialecttest

import (
	gocmp "cmp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// definition is a case of inspection: the table t, and others that it needs.
type definition struct {
	name   string
	items  []orm.TableItem
	others func(m *orm.Metadata)
	needs  []need
	probe  func(t *testing.T, db *database, table *orm.Table) // what the table does
}

func inspectChecks() []check {
	var checks []check
	for _, d := range slices.Concat(columnDefinitions(), typeDefinitions(), defaultDefinitions(), keyDefinitions(), constraintDefinitions()) {
		checks = append(checks, check{name: d.name, needs: d.needs, run: d.run})
	}
	return append(checks, []check{
		{name: "conventional names", run: conventionalNames},
		{name: "all tables are listed, views are not", run: listsTables},
		{name: "a table that is not there", run: missesTable},
		{name: "what was read is kept until clear", run: remembers},
		{name: "a connection sees its own transaction", needs: []need{needsTransactionalDDL}, run: inspectsOwnTransaction},
		{name: "a table in a schema is found by its full name", needs: []need{needsSchemas}, run: inspectsSchema},
		{name: "a key into another schema", needs: []need{needsSchemas}, run: inspectsKeyIntoSchema},
	}...)
}

func (d definition) run(t *testing.T, db *database) {
	m := orm.NewMetadata()
	want := orm.NewTable("t", m, d.items...)
	if d.others != nil {
		d.others(m)
	}
	db.create(t, m)
	got := inspected(t, db, "t")
	sameTable(t, db, want, got)
	if d.probe != nil {
		d.probe(t, db, want)
	}
	must(t, m.DropAll(t.Context(), db.engine))
	must(t, got.Metadata().CreateAll(t.Context(), db.engine))
	sameTable(t, db, want, inspected(t, db, "t"))
	if d.probe != nil {
		d.probe(t, db, want)
	}
}

func inspected(t *testing.T, db *database, name string) *orm.Table {
	t.Helper()
	inspector, err := db.Inspect(t.Context())
	must(t, err)
	table, err := inspector.Table(t.Context(), name)
	must(t, err)
	must(t, table.Err())
	return table
}

// columnView is what of a column has to come back.
type columnView struct {
	Name, Type, Comment string
	Nullable, Key       bool
	Default             bool
	Computed, Stored    bool
}

func columnViews(t *testing.T, db *database, table *orm.Table) []columnView {
	t.Helper()
	var views []columnView
	for _, c := range table.Columns() {
		name, err := db.Dialect().TypeName(c.Type())
		must(t, err)
		view := columnView{
			Name: c.Name(), Type: name, Nullable: c.Nullable(), Key: c.IsPrimaryKey(),
			Default: !c.ServerDefault().IsZero(), Computed: c.Computed() != nil, Stored: c.Computed() != nil && c.Computed().IsStored(),
		}
		if db.features.Comments || db.features.InlineComments {
			view.Comment = c.Comment()
		}
		views = append(views, view)
	}
	return views
}

// checksLabels reports whether a check holds a column to the labels of an enum.
func (db *database) checksLabels(t types.Type) bool {
	return is(t, types.KindEnum) && !db.features.Enums && (!db.features.EnumTypes || t.Name() == "")
}

// constraintView is a key, unique constraint, check or index. A unique index is
// a unique constraint to some databases.
type constraintView struct {
	Kind, Name, Columns, Target string
	Actions                     []string
}

func constraintViews(t *testing.T, db *database, table *orm.Table) []constraintView {
	t.Helper()
	join := func(names []string) string { return strings.Join(names, ",") }
	views := []constraintView{{Kind: "primary key", Columns: join(table.PrimaryKey().Columns())}}
	for _, c := range table.Columns() {
		if db.checksLabels(c.Type()) {
			views = append(views, constraintView{Kind: "check"})
		}
	}
	for _, u := range table.Uniques() {
		views = append(views, constraintView{Kind: "unique", Name: u.Name(), Columns: join(u.Columns())})
	}
	for _, k := range table.ForeignKeys() {
		referred, err := k.Referred()
		must(t, err)
		var names []string
		for _, c := range referred {
			names = append(names, c.Name())
		}
		views = append(views, constraintView{"foreign key", k.Name(), join(k.Columns()), k.Target() + "(" + join(names) + ")", actions(t, k)})
	}
	for _, c := range table.Checks() {
		views = append(views, constraintView{Kind: "check", Name: c.Name()})
	}
	for _, i := range table.Indexes() {
		views = append(views, indexView(i))
	}
	slices.SortFunc(views, func(a, b constraintView) int {
		return gocmp.Or(gocmp.Compare(a.Kind, b.Kind), gocmp.Compare(a.Columns, b.Columns), gocmp.Compare(a.Name, b.Name))
	})
	return views
}

func indexView(i *orm.Index) constraintView {
	view := constraintView{Kind: "index", Name: i.Name()}
	if i.IsUnique() {
		view.Kind = "unique"
	}
	if i.Predicate() != "" {
		view.Target = "some rows"
	}
	var names []string
	for _, p := range i.Parts() {
		names = append(names, p.Column)
	}
	view.Columns = strings.Join(names, ",")
	return view
}

// actions are what a foreign key says that it does, DELETE before UPDATE. What is
// the same as nothing is left out.
func actions(t *testing.T, k *orm.ForeignKey) []string {
	t.Helper()
	text, _, err := orm.Compile(orm.AddForeignKey(k), "standard")
	must(t, err)
	_, said, _ := strings.Cut(text, " REFERENCES ")
	var list []string
	for _, event := range []string{" ON DELETE ", " ON UPDATE "} {
		_, action, _ := strings.Cut(said, event)
		for _, known := range []orm.Action{orm.Cascade, orm.SetNull, orm.Restrict, orm.SetDefault} {
			if strings.HasPrefix(action, string(known)) {
				list = append(list, event+string(known))
			}
		}
	}
	return list
}

// sameTable compares what was defined with what was read. Names count where the
// definition has them. Where it says no action, RESTRICT is as good: some
// databases know no difference.
func sameTable(t *testing.T, db *database, want, got *orm.Table) {
	t.Helper()
	equal(t, columnViews(t, db, want), columnViews(t, db, got))
	if a := want.Autoincrement(); a != nil && got.Autoincrement() == nil {
		t.Errorf("nothing shows that the database counts %q up", a.Name())
	}
	if db.features.Comments || db.features.InlineComments {
		equal(t, want.Comment(), got.Comment())
	}
	wanted, read := constraintViews(t, db, want), constraintViews(t, db, got)
	for i := range wanted {
		if i >= len(read) {
			break
		}
		switch {
		case wanted[i].Kind == "check" && wanted[i].Name != "":
			wanted[i].Name = "ck_" + want.Name() + "_" + wanted[i].Name
		case wanted[i].Name == "":
			read[i].Name = ""
		}
		read[i].Actions = slices.DeleteFunc(read[i].Actions, func(a string) bool {
			return strings.HasSuffix(a, string(orm.Restrict)) && !slices.Contains(wanted[i].Actions, a)
		})
	}
	if diff := cmp.Diff(wanted, read, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
