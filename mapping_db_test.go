// This file tests on the databases what the tags of structs say: tables with
// their constraints, names that differ, shared columns, and keys of several
// columns.

package orm_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// stamps lends its columns to structs that embed it.
type stamps struct {
	CreatedAt time.Time `orm:"default:now"`
	Editor    string    `orm:"size:20;default:nobody"`
}

// record is an abstract base: columns, a key and a constraint.
type record struct {
	orm.Base `orm:"abstract;check:labelled(label <> '')"`

	ID    int64
	Label string `orm:"size:30;index"`
}

// Folder and File share columns, each with a table of its own.
type Folder struct {
	record `orm:"table:folders;unique:(label,shelf_no)"`
	stamps
	Shelf struct{} `orm:"-"`

	ShelfNo int
}

type File struct {
	record `orm:"table:files"`
	stamps `orm:"prefix:file_"`

	FolderID *int64 `orm:"foreign_key:folders.id;ondelete:set_null"`
	Size     int64  `orm:"check:positive(size >= 0)"`
	Comment  *string
	Path     string  `orm:"size:60;nullable"`
	Owner    *string `orm:"size:20;notnull"`
}

var fileModels = orm.MustRegister(&File{}, &Folder{}) // the one that refers comes first

func nullabilityOf(t *orm.Table) map[string]bool {
	nullable := map[string]bool{}
	for _, c := range t.Columns() {
		nullable[c.Name()] = c.Nullable()
	}
	return nullable
}

func TestStructsBecomeTablesWithTheirConstraints(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, fileModels.CreateAll(ctx, db.Engine))
		inspector := get(db.Inspect(ctx))(t)
		folders, files := get(inspector.Table(ctx, "folders"))(t), get(inspector.Table(ctx, "files"))(t)
		compare(t, map[string]bool{
			"id": false, "label": false, "created_at": false, "editor": false, "shelf_no": false,
		}, nullabilityOf(folders))
		compare(t, map[string]bool{
			"id": false, "label": false, "file_created_at": false, "file_editor": false, "folder_id": true, "size": false,
			"comment": true, "path": true, "owner": false,
		}, nullabilityOf(files))
		compare(t, []string{"id"}, files.PrimaryKey().Columns())
		compare(t, "folders", files.ForeignKeys()[0].Target())
		compare(t, []string{"label", "shelf_no"}, folders.Uniques()[0].Columns())
		owner, nobody := "ann", int64(99)
		s := db.session(t)
		for name, test := range map[string]struct {
			broken     []orm.Model
			kind       error
			constraint string
		}{
			"unique":         {[]orm.Model{newFolder("a"), newFolder("a")}, orm.ErrUniqueViolation, "uq_folders_label_shelf_no"},
			"folder's check": {[]orm.Model{newFolder("")}, orm.ErrCheckViolation, "ck_folders_labelled"},
			"file's check":   {[]orm.Model{&File{record: record{}, Owner: &owner}}, orm.ErrCheckViolation, "ck_files_labelled"},
			"field's check":  {[]orm.Model{&File{record: record{Label: "a"}, Size: -1, Owner: &owner}}, orm.ErrCheckViolation, "ck_files_positive"},
			"foreign key":    {[]orm.Model{&File{record: record{Label: "a"}, FolderID: &nobody, Owner: &owner}}, orm.ErrForeignKeyViolation, "fk_files_folder_id_folders"},
			"notnull":        {[]orm.Model{&File{record: record{Label: "a"}}}, orm.ErrNotNullViolation, ""},
		} {
			s.Add(test.broken...)
			err := s.Commit(ctx)
			if !errors.Is(err, test.kind) {
				t.Errorf("%s: %v", name, err)
			}
			violated, ok := errors.AsType[*orm.IntegrityError](err)
			if !ok {
				t.Fatalf("%s: %v is no IntegrityError", name, err)
			}
			// SQLite names the constraint only of a check.
			if db.name() != "sqlite" && violated.Constraint != test.constraint {
				t.Errorf("%s: the constraint is %q, not %q", name, violated.Constraint, test.constraint)
			}
			must(t, s.Rollback(ctx))
		}
	})
}

func newFolder(label string) *Folder { return &Folder{record: record{Label: label}, ShelfNo: 1} }

func TestSharedColumnsBelongToEachTable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, fileModels.CreateAll(ctx, db.Engine))
		s, owner := db.session(t), "ann"
		folder := newFolder("taxes")
		s.Add(folder)
		must(t, s.Flush(ctx))
		file := &File{record: record{Label: "2024"}, stamps: stamps{Editor: "bob"}, FolderID: &folder.ID, Owner: &owner}
		s.Add(file)
		must(t, s.Commit(ctx))
		compare(t, "nobody", folder.Editor)
		if folder.CreatedAt.IsZero() || file.CreatedAt.IsZero() {
			t.Error("a default of a shared column was not filled in")
		}
		d, f := orm.Entity[Folder](), orm.Entity[File]()
		type row struct{ Folder, Editor, File, FileEditor string }
		got := get(orm.Fetch[row](ctx, s, orm.Select(orm.C(&d.Label).As("folder"), orm.C(&d.Editor), orm.C(&f.Label).As("file"), orm.C(&f.Editor)).From(d).Join(f)))(t)
		compare(t, []row{{"taxes", "nobody", "2024", "bob"}}, got)
		s.Delete(folder)
		must(t, s.Commit(ctx))
		must(t, s.Refresh(ctx, file))
		compare(t, (*int64)(nil), file.FolderID)
	})
}

// Odd has columns that are not called as its fields are.
type Odd struct {
	orm.Base `orm:"table:'Odd table'"`

	Ident  int64  `orm:"column:order;primary_key"`
	Title  string `orm:"column:db_title;size:40;unique"`
	Camel  string `orm:"column:camelCase;size:40"`
	Spaced string `orm:"column:'with ; \"quotes'' and, blanks';size:40"`
	Unit   string `orm:"column:maß;size:40;deferred"`
}

var oddModels = orm.MustRegister(&Odd{})

func TestColumnsMayBeCalledOtherwiseThanTheirFields(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, oddModels.CreateAll(ctx, db.Engine))
		names := get(db.Inspect(ctx))(t)
		var columns []string
		for _, c := range get(names.Table(ctx, "Odd table"))(t).Columns() {
			columns = append(columns, c.Name())
		}
		compare(t, []string{"order", "db_title", "camelCase", `with ; "quotes' and, blanks`, "maß"}, columns)
		s, o := db.session(t), orm.Entity[Odd]()
		first, second := &Odd{Title: "a", Camel: "b", Spaced: "c", Unit: "d"}, &Odd{Title: "e", Camel: "f", Spaced: "g", Unit: "h"}
		s.Add(first, second)
		must(t, s.Commit(ctx))
		first.Camel, second.Spaced = "B", "G"
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		q := orm.Query[Odd](s).Filter(orm.C(&o.Camel).Eq("B"), orm.F("Spaced").Eq("c")).FilterBy("Title", "a", "Unit", "d").OrderBy(orm.C(&o.Spaced).Desc(), orm.F("Ident"))
		found := get(q.One(ctx))(t)
		compare(t, first.Ident, found.Ident)
		must(t, orm.Load(ctx, found, &found.Unit))
		compare(t, "d", found.Unit)
		compare(t, int64(1), get(q.Distinct().Limit(5).Count(ctx))(t))
		compare(t, []string{"B", "f"}, get(orm.Pluck(ctx, orm.Query[Odd](s).OrderBy(orm.F("Ident")), orm.C(&o.Camel)))(t))
		must(t, s.Refresh(ctx, get(orm.Get[Odd](ctx, s, second.Ident))(t)))
		get(orm.Exec(ctx, s, orm.Update(o).Set(orm.C(&o.Spaced).Set("x")).Where(orm.C(&o.Ident).Eq(second.Ident))))(t)
		s.Delete(found)
		must(t, s.Commit(ctx))
		compare(t, []string{"x"}, get(orm.Pluck(ctx, orm.Query[Odd](s), orm.C(&o.Spaced)))(t))
		s.Add(&Odd{Title: "e"})
		err := s.Commit(ctx)
		if violated, ok := errors.AsType[*orm.IntegrityError](err); !ok || db.name() == "sqlite" && !slices.Contains(violated.Columns, "db_title") {
			t.Errorf("%v", err)
		}
		must(t, s.Rollback(ctx))
	})
}

// Seat has a key whose order is not that of its fields.
type Seat struct {
	orm.Base `orm:"table:seats;primary_key:(row_no,hall)"`

	Hall  string `orm:"size:10"`
	Guest string `orm:"size:20"`
	RowNo int
}

// Ticketed refers to a key of two columns.
type Ticketed struct {
	orm.Base `orm:"table:ticketed;foreign_key:(seat_row,seat_hall)->seats(row_no,hall)"`

	ID       int64
	SeatRow  int
	SeatHall string `orm:"size:10"`
}

var seatModels = orm.MustRegister(&Ticketed{}, &Seat{})

func TestKeyOfSeveralColumnsIsATupleInTheOrderOfTheTable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, seatModels.CreateAll(ctx, db.Engine))
		compare(t, []string{"RowNo", "Hall"}, get(orm.Inspect(&Seat{}))(t).PrimaryKey())
		s := db.session(t)
		seats := []*Seat{{Hall: "north", RowNo: 1}, {Hall: "north", RowNo: 2}, {Hall: "south", RowNo: 1}, {Hall: "south", RowNo: 2}}
		orm.AddAll(s, seats)
		must(t, s.Commit(ctx))
		found := get(orm.Get[Seat](ctx, s, 1, "south"))(t)
		if found != seats[2] {
			t.Errorf("%+v", found)
		}
		for name, key := range map[string][]any{"too few": {1}, "too many": {1, "south", 2}, "in the wrong order": {"south", 1}, "none": nil} {
			if _, err := orm.Get[Seat](ctx, s, key...); !errors.Is(err, orm.ErrArgument) || !strings.Contains(err.Error(), "RowNo") {
				t.Errorf("%s: %v", name, err)
			}
		}
		inserted := get(orm.Exec(ctx, s, orm.Insert(orm.Entity[Seat]()).Values(orm.M{"Hall": "west", "Guest": "", "RowNo": 3})))(t)
		compare(t, []any{int64(3), "west"}, inserted.InsertedPrimaryKey())
		gone := get(orm.Get[Seat](ctx, s, 3, "west"))(t)
		get(orm.Exec(ctx, s, orm.Text("DELETE FROM seats WHERE hall = 'west'")))(t)
		gone.Guest = "bob"
		if err := s.Flush(ctx); err == nil || !strings.Contains(err.Error(), ": RowNo=3 Hall=… is gone") {
			t.Errorf("%v", err)
		}
		must(t, s.Rollback(ctx))
		found.Guest = "ann"
		seats[0].RowNo = 9
		must(t, s.Commit(ctx))
		if _, err := orm.Get[Seat](ctx, s, 1, "north"); !errors.Is(err, orm.ErrNoRows) {
			t.Errorf("the old key still finds a row: %v", err)
		}
		if moved := get(orm.Get[Seat](ctx, s, 9, "north"))(t); moved != seats[0] {
			t.Error("the object has lost its identity with its key")
		}
		e := orm.Entity[Seat]()
		tuple := orm.Tuple(orm.C(&e.RowNo), orm.C(&e.Hall))
		compare(t, int64(2), get(orm.Query[Seat](s).Filter(tuple.In([]any{1, "south"}, []any{2, "north"}, []any{1, "north"})).Count(ctx))(t))
		compare(t, int64(2), get(orm.Query[Seat](s).Filter(tuple.NotIn([]any{1, "south"}, []any{2, "north"})).Count(ctx))(t))
		s.Add(&Ticketed{SeatRow: 1, SeatHall: "south"})
		must(t, s.Flush(ctx))
		compare(t, []string{"ann"}, get(orm.Pluck(ctx, orm.Query[Seat](s).Join(orm.Entity[Ticketed]()), orm.C(&e.Guest)))(t))
		s.Add(&Ticketed{SeatRow: 7, SeatHall: "south"})
		if err := s.Flush(ctx); !errors.Is(err, orm.ErrForeignKeyViolation) {
			t.Errorf("%v", err)
		}
		must(t, s.Rollback(ctx))
		db.statements()
		s.Delete(seats[0], seats[1], seats[3])
		must(t, s.Commit(ctx))
		deletes := slices.DeleteFunc(db.sentPlain(), func(text string) bool { return !strings.HasPrefix(text, "DELETE") })
		compare(t, 1, len(deletes))
		compare(t, []string{"south"}, get(orm.Pluck(ctx, orm.Query[Seat](s), orm.C(&e.Hall)))(t))
	})
}

// Widget is mapped to a schema that is made for the test.
type Widget struct {
	orm.Base

	ID      int64
	Name    string `orm:"size:20;unique"`
	PartOf  *int64
	Ignored []int `orm:"-"`
}

func TestTablesOfASchemaAreQualifiedEverywhere(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if !db.Dialect().Features().Schemas && db.name() != "sqlite" {
			t.Fatal("only SQLite has no schemas")
		}
		ctx := t.Context()
		schema := "main" // as SQLite calls what it has
		must(t, db.Ping(ctx))
		if db.Dialect().Features().Schemas {
			schema = "orm_" + strings.ToLower(rand.Text()[:12])
			get(orm.Exec(ctx, db.Engine, orm.CreateSchema(schema)))(t)
			t.Cleanup(func() { run(t, openTestDB(t, db.url).Engine, "DROP SCHEMA "+schema+cascadeOf(db)) })
		}
		r := orm.NewRegistry(orm.WithSchema(schema), orm.WithTableName(func(goName string) string { return strings.ToLower(goName) + "s" }))
		must(t, r.Register(&Widget{}))
		must(t, r.CreateAll(ctx, db.Engine))
		s, w := db.session(t, orm.WithRegistry(r)), orm.EntityIn[Widget](r)
		s.Add(&Widget{Name: "bolt"}, &Widget{Name: "nut"})
		must(t, s.Commit(ctx))
		db.statements()
		bolt := get(orm.Query[Widget](s).Filter(orm.C(&w.Name).Eq("bolt")).OrderBy(orm.C(&w.ID)).One(ctx))(t)
		q := schema + ".widgets."
		compare(t, []string{"SELECT " + q + "id, " + q + "name, " + q + "part_of FROM " + schema + ".widgets WHERE " + q + "name = ? ORDER BY " + q + "id LIMIT ?"}, db.sentPlain())
		bolt.Name = "screw"
		must(t, s.Flush(ctx))
		must(t, s.Refresh(ctx, bolt))
		get(orm.Exec(ctx, s, orm.Update(w).Set(orm.C(&w.Name).Set("pin")).Where(orm.C(&w.Name).Eq("nut"))))(t)
		compare(t, []string{"pin", "screw"}, sorted(get(orm.Pluck(ctx, orm.Query[Widget](s), orm.C(&w.Name)))(t)))
		s.Delete(bolt)
		must(t, s.Commit(ctx))
		must(t, r.DropAll(ctx, db.Engine))
	})
}

func cascadeOf(db *testDB) string {
	if db.name() == "postgres" {
		return " CASCADE"
	}
	return ""
}

// lost refers to a table that nobody defines.
type lost struct {
	orm.Base `orm:"table:lost"`

	ID      int64
	OwnerID int64 `orm:"foreign_key:nowhere.id"`
}

// astray refers to a column that the table does not have.
type astray struct {
	orm.Base `orm:"table:astray"`

	ID     int64
	LostID int64 `orm:"foreign_key:lost.number"`
}

func TestForeignKeyToNothingComesOutAtFirstUse(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		r := orm.NewRegistry()
		must(t, r.Register(&astray{}, &lost{}))
		err := r.CreateAll(t.Context(), db.Engine)
		for _, says := range []string{"lost.owner_id", `"nowhere"`, "astray.lost_id", `"number"`} {
			if !errors.Is(err, orm.ErrUnknownName) || !strings.Contains(err.Error(), says) {
				t.Errorf("the error does not say %s: %v", says, err)
			}
		}
		compare(t, []string(nil), db.statements())
	})
}

func TestEveryMappedFieldCanBeNamed(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, fileModels.CreateAll(ctx, db.Engine))
		s := db.session(t)
		m := get(orm.Inspect(&File{}))(t)
		var names []string
		for _, field := range m.Fields() {
			names = append(names, field.Name)
			q := orm.Query[File](s).Filter(orm.F(field.Name).IsNotNull()).FilterBy(field.Name, nil).OrderBy(orm.F(field.Name))
			compare(t, int64(0), get(q.Count(ctx))(t))
			db.statements()
			get(q.All(ctx))(t)
			if sent := db.sentPlain()[0]; !strings.HasSuffix(sent, "ORDER BY files."+field.Column.Name()) {
				t.Errorf("%s: %s", field.Name, sent)
			}
		}
		compare(t, []string{"ID", "Label", "CreatedAt", "Editor", "FolderID", "Size", "Comment", "Path", "Owner"}, names)
	})
}
