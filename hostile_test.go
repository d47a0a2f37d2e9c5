// This file hands hostile text to everything that takes a string, on every
// database: it is data that comes back as it was, a name that is quoted, or it is
// refused before anything is sent. A table of canaries shows whether any of it
// was ever taken for SQL.

package orm_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// hostileTexts is the corpus: ways out of a quote, each with every payload, and
// what else databases, drivers and terminals have stumbled over.
func hostileTexts() []string {
	quotes := []string{"", "'", `"`, "`", "''", `\'`, `\"`, "')", `")`, "')) ", "$$", "]"}
	payloads := []string{
		" OR 1=1 --", " OR '1'='1", "; DROP TABLE canaries; --", "; DELETE FROM canaries; SELECT '", "; UPDATE canaries SET name = 'dead' --",
		" UNION SELECT name FROM canaries --", "/**/OR/**/1=1#", "; INSERT INTO canaries (id, name) VALUES (2, 'x') --",
	}
	texts := []string{
		"", " ", "\t", "\n", "\r\n", "a\vb", "\x7f", "\x1b[31mred", "\u0080", "\u00a0", "\ufeff", "\u200b", "\u202e", "\u2028",
		"'", "''", "'''", `"`, `""`, "`", "``", `\`, `\\`, `\'`, `\"`, `\0`, `\n`, `\x27`, `\u0027`, "%", "_", "%%", "/%", `\%`, `%\`, "/", "//",
		"--", "-- ", "--'", "#", "/*", "*/", "/* '*/", "/*!50000 DROP TABLE canaries */", "/*+ hint */", ";", ";;", "; --", "$$", "$1", "$tag$", "$0", "?", "??", "?1",
		":name", "::text", `\:name`, "@x", "@@version", "{}", "{0}", "%s", "%d", "%!s(MISSING)", "%%s", "${x}", "#{x}", "{{x}}", "<script>", "&amp;",
		"NULL", "null", "AND", "DEFAULT", "CURRENT_USER", "0", "1", "-1", "--1", "1e309", "0x27", "NaN", "Infinity", "1 OR 1=1", "id", "note", "canaries", "pg_sleep(9)", "SLEEP(9)",
		"1; SELECT pg_sleep(9)", "' || pg_sleep(9) || '", "' AND SLEEP(9) AND '", "randomblob(1000000000)", "load_extension('x')", "ATTACH DATABASE 'x' AS y", "COPY canaries TO PROGRAM 'x'",
		"COMMIT", "ROLLBACK; --", "BEGIN", "SAVEPOINT x", "SET autocommit=1", "PRAGMA foreign_keys=off", "DELIMITER //",
		"日本語", "مرحبا", "ß", "İ", "ı", "é", "e\u0301", "🎉", "👩‍👩‍👧‍👦", "\U0010ffff", "ʼ", "＇", "″", "‘quoted’", "«»", "ﾟ",
		`{"a": "'; DROP TABLE canaries; --"}`, `["', '"]`, "line one\nline two", "tab\tseparated", "trailing ", " leading", "CamelCase", "a.b", `a"."b`, "a`.`b", "a]b", "a,b", "(a)",
		"x\x00y", "\x00", "'\x00; DROP TABLE canaries; --", "\xff", "\xc0\xa7", "\xed\xa0\x80", "\xed\xa0\x80\xed\xb0\x80", "abc\xf0\x28\x8c\x28", "\xbf'", "\xbf\x27 OR 1=1 --", "\xf5\x80\x80\x80",
		strings.Repeat("'", 1000), strings.Repeat(`\`, 999), strings.Repeat("🎉", 500), strings.Repeat("x'; DROP TABLE canaries; --\n", 64<<10/28),
	}
	for _, quote := range quotes {
		for _, payload := range payloads {
			texts = append(texts, quote+payload)
		}
	}
	return texts
}

// isText reports whether a database can hold the string as text at all.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

var (
	hostileTable = orm.NewTable("hostile", orm.NewMetadata(),
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn("note", types.Text()),
		orm.NewColumn("doc", types.JSONType()),
	)
	hostileModels = orm.MustRegister(&Grudge{})
)

// Grudge has a key that hostile text goes into.
type Grudge struct {
	orm.Base `orm:"table:grudges"`

	Key  string `orm:"primary_key;size:200"`
	Note string
}

// hostileBench is a database with canaries and the row 1, whose note is hostile.
type hostileBench struct {
	*testing.T
	db *testDB
	s  *orm.Session
}

func newHostileBench(t *testing.T, db *testDB) *hostileBench {
	t.Helper()
	ctx := t.Context()
	run(t, db.Engine, "CREATE TABLE canaries (id INTEGER PRIMARY KEY, name VARCHAR(20))")
	run(t, db.Engine, "INSERT INTO canaries VALUES (1, 'alive')")
	must(t, hostileTable.Metadata().CreateAll(ctx, db.Engine))
	must(t, hostileModels.CreateAll(ctx, db.Engine))
	get(orm.Exec(ctx, db.Engine, orm.Insert(hostileTable).Values(orm.M{"id": 1, "note": "x"}, orm.M{"id": 2, "note": "control"})))(t)
	db.statements()
	return &hostileBench{t, db, db.session(t)}
}

// canariesLive checks that nothing has happened to the canaries, and that there
// are as many tables as there were.
func (h *hostileBench) canariesLive(after string) {
	h.Helper()
	rows, err := orm.Fetch[orm.M](h.Context(), h.db.Engine, orm.Text("SELECT id, name FROM canaries"))
	want := []orm.M{{"id": int64(1), "name": "alive"}}
	for _, row := range rows { // text without a type comes as each driver likes
		row["name"] = fmt.Sprintf("%s", row["name"])
	}
	if diff := cmp.Diff(want, rows); err != nil || diff != "" {
		h.Fatalf("after %s the canaries are touched: %v (-want +got):\n%s", after, err, diff)
	}
	tables := get(get(h.db.Inspect(h.Context()))(h.T).TableNames(h.Context()))(h.T)
	if diff := cmp.Diff([]string{"canaries", "grudges", "hostile"}, sorted(tables)); diff != "" {
		h.Fatalf("after %s there are other tables (-want +got):\n%s", after, diff)
	}
	h.db.statements()
}

// note reads the note of row 1 by a statement.
func (h *hostileBench) note(ex orm.Executor, stmt orm.Statement, want string) error {
	got, err := orm.Fetch[string](h.Context(), ex, stmt)
	if err == nil && !slices.Contains(got, want) {
		return fmt.Errorf("%q came back as %q", want, got)
	}
	return err
}

func (h *hostileBench) exec(stmt orm.Statement) error {
	return errOf(orm.Exec(h.Context(), h.db.Engine, stmt))
}

// hostileEntry is something that takes a string.
type hostileEntry struct {
	name string
	run  func(h *hostileBench, s string) error
}

// valueEntries take values. Before each the note of row 1 is the hostile text.
func valueEntries() []hostileEntry {
	id, note, doc := orm.Col[int64](hostileTable, "id"), orm.Col[string](hostileTable, "note"), hostileTable.C("doc")
	notes := orm.Select(note)
	where := func(condition func(s string) orm.Expr[bool]) func(h *hostileBench, s string) error {
		return func(h *hostileBench, s string) error { return h.note(h.db.Engine, notes.Where(condition(s)), s) }
	}
	selected := func(e func(s string) orm.Expr[string], want func(s string) string) func(h *hostileBench, s string) error {
		return func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, orm.Select(e(s)).From(hostileTable).Where(id.Eq(1)), want(s))
		}
	}
	same := func(s string) string { return s }
	return []hostileEntry{
		{"Eq", where(note.Eq)},
		{"Ne", where(func(s string) orm.Expr[bool] { return orm.Or(note.Ne(s+"x"), note.Eq(s)) })},
		{"Ge and Le", where(func(s string) orm.Expr[bool] { return orm.And(note.Ge(s), note.Le(s)) })},
		{"Between", where(func(s string) orm.Expr[bool] { return note.Between(s, s) })},
		{"In", where(func(s string) orm.Expr[bool] { return note.In("other", s) })},
		{"NotIn", where(func(s string) orm.Expr[bool] { return orm.Or(orm.Not(note.NotIn(s)), note.NotIn("other", s)) })},
		{"IsNotDistinctFrom", where(note.IsNotDistinctFrom)},
		{"StartsWith", where(note.StartsWith)},
		{"EndsWith", where(note.EndsWith)},
		{"Contains", where(note.Contains)},
		{"IContains", where(note.IContains)},
		{"an untyped column", where(func(s string) orm.Expr[bool] { return hostileTable.C("note").Eq(s) })},
		{"F", where(func(s string) orm.Expr[bool] { return orm.F("note").Eq(s) })},
		{"Lit", where(func(s string) orm.Expr[bool] { return orm.Eq(orm.Lit(s), note) })},
		{"Tuple", where(func(s string) orm.Expr[bool] { return orm.Tuple(id, note).In([]any{1, s}, []any{7, "x"}) })},
		{"Op", where(func(s string) orm.Expr[bool] { return orm.Op[bool](note, "=", s) })},
		{"an argument of Raw", where(func(s string) orm.Expr[bool] { return orm.Raw[bool]("note = ?", s) })},
		{"a named argument of Raw", where(func(s string) orm.Expr[bool] {
			return orm.Raw[bool]("note = :note OR note = :note", sql.Named("note", s))
		})},
		{"Param", func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, notes.Where(orm.Eq(note, orm.Param[string]("s"))).Params(orm.M{"s": s}), s)
		}},
		{"Having", func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, notes.GroupBy(note).Having(orm.Max(note).Eq(s)), s)
		}},
		{"a join's condition", func(h *hostileBench, s string) error {
			other := hostileTable.Alias("other")
			return h.note(h.db.Engine, notes.From(hostileTable).Join(other, orm.Col[string](other, "note").Eq(s), id.Eq(1)), s)
		}},
		{"a subquery", func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, notes.Where(id.InSelect(orm.Select(id).From(hostileTable).Where(note.Eq(s)))), s)
		}},
		{"a union", func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, orm.UnionAll(notes.Where(note.Eq(s)), notes.Where(note.Eq(s+"x"))), s)
		}},
		{"SELECT of a value", selected(orm.Lit[string], same)},
		{"Concat", selected(func(s string) orm.Expr[string] { return orm.Concat(orm.Lit("<"), note, orm.Lit(s)) }, func(s string) string { return "<" + s + s })},
		{"Coalesce", selected(func(s string) orm.Expr[string] { return orm.Coalesce(orm.Null[string](), orm.Lit(s)) }, same)},
		{"NullIf", selected(func(s string) orm.Expr[string] { return orm.Coalesce(orm.NullIf(note, s), orm.Lit("same")) }, func(string) string { return "same" })},
		{"Case", selected(func(s string) orm.Expr[string] { return orm.Case[string]().When(note.Eq(s), s).Else("other") }, same)},
		{"CaseOf", selected(func(s string) orm.Expr[string] { return orm.CaseOf[string](note).When(s, s).Else("other") }, same)},
		{"Func", selected(func(s string) orm.Expr[string] { return orm.Func[string]("coalesce", note, s) }, same)},
		{"Cast", selected(func(s string) orm.Expr[string] { return orm.Cast[string](orm.Lit(s), types.Text()) }, same)},
		{"an argument of Text", func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, orm.Text("SELECT note FROM hostile WHERE note = ? AND id = ?", s, 1), s)
		}},
		{"a named argument of Text", func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, orm.Text("SELECT note FROM hostile WHERE note = :s", sql.Named("s", s)), s)
		}},
		{"a list for Text", func(h *hostileBench, s string) error {
			return h.note(h.db.Engine, orm.Text("SELECT note FROM hostile WHERE note IN (?)", []string{"x", s}), s)
		}},
		{"Values", func(h *hostileBench, s string) error {
			if err := h.exec(orm.Insert(hostileTable).Values(orm.M{"id": 3, "note": s})); err != nil {
				return err
			}
			return errors.Join(h.note(h.db.Engine, notes.Where(id.Eq(3)), s), h.exec(orm.Delete(hostileTable).Where(id.Eq(3), note.Eq(s))))
		}},
		{"Set", func(h *hostileBench, s string) error {
			if err := h.exec(orm.Update(hostileTable).Set(note.Set(s+"!")).Where(note.Eq(s), id.Eq(1))); err != nil {
				return err
			}
			return errors.Join(h.note(h.db.Engine, notes.Where(id.Eq(1)), s+"!"), h.exec(orm.Update(hostileTable).Set(note.Set(s)).Where(id.Eq(1))))
		}},
		{"a document", func(h *hostileBench, s string) error {
			want := map[string]string{s: s}
			if err := h.exec(orm.Update(hostileTable).Set(doc.Set(types.NewJSON(want))).Where(id.Eq(1))); err != nil {
				return err
			}
			got, err := orm.FetchOne[types.JSON[map[string]string]](h.Context(), h.db.Engine, orm.Select(doc).Where(id.Eq(1)))
			if err == nil && !cmp.Equal(want, got.V) {
				return fmt.Errorf("%q came back as %q", want, got.V)
			}
			return err
		}},
	}
}

// longestPattern is the most that SQLite takes for a pattern of LIKE.
const longestPattern = 50_000

func isPattern(entry string) bool {
	return strings.HasSuffix(entry, "With") || strings.HasSuffix(entry, "Contains")
}

func TestHostileValuesAreData(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newHostileBench(t, db)
		entries := valueEntries()
		update := orm.Update(hostileTable).Where(hostileTable.C("id").Eq(1))
		for _, s := range hostileTexts() {
			stored := s
			if !isText(s) {
				stored = "something else"
			}
			get(orm.Exec(t.Context(), db.Engine, update.Set(hostileTable.C("note").Set(stored))))(t)
			db.statements()
			for _, entry := range entries {
				err := entry.run(h, s)
				sent := db.statements()
				switch {
				case len(s) > longestPattern && db.name() == "sqlite" && isPattern(entry.name):
					if _, typed := errors.AsType[*orm.DBError](err); !typed {
						t.Errorf("%s of a long text: %v", entry.name, err)
					}
				case isText(s) && err != nil:
					t.Errorf("%s of %.80q: %v", entry.name, s, err)
				case !isText(s) && entry.name != "a document" && (!errors.Is(err, orm.ErrValue) || len(sent) > 0):
					t.Errorf("%s of %.80q: %v, and %d statements were sent", entry.name, s, err, len(sent))
				}
			}
		}
		h.canariesLive("hostile values")
	})
}

// hostileKeys are the texts that a key of a row can be: none is too long, and
// none is equal to another under any collation.
func hostileKeys() []string {
	var keys []string
	for i, s := range hostileTexts() {
		if isText(s) && utf8.RuneCountInString(s) < 180 {
			keys = append(keys, fmt.Sprintf("%s|%d", s, i))
		}
	}
	return keys
}

func TestHostileKeysAreBoundWhereverTheyAreUsedAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newHostileBench(t, db)
		ctx, g := t.Context(), orm.Entity[Grudge]()
		keys := hostileKeys()
		grudges := make([]*Grudge, len(keys))
		for i, key := range keys {
			grudges[i] = &Grudge{Key: key, Note: key}
		}
		orm.AddAll(h.s, grudges)
		must(t, h.s.Commit(ctx))
		h.canariesLive("a batch of inserts")
		for _, grudge := range grudges {
			grudge.Note += "!"
		}
		must(t, h.s.Commit(ctx))
		h.canariesLive("a batch of updates")
		h.s.ExpungeAll()
		for i, key := range keys {
			loaded := get(orm.Get[Grudge](ctx, h.s, key))(t)
			compare(t, []string{key, key + "!"}, []string{loaded.Key, loaded.Note})
			found := get(orm.Query[Grudge](h.s).FilterBy("Key", loaded.Key, "Note", loaded.Note).One(ctx))(t)
			if found != loaded {
				t.Errorf("%q has two objects", key)
			}
			if i%3 == 0 {
				must(t, h.s.Refresh(ctx, loaded))
				loaded.Key = "moved " + key
			}
		}
		must(t, h.s.Commit(ctx))
		h.canariesLive("keys that were changed")
		all := get(orm.Pluck(ctx, orm.Query[Grudge](h.s), orm.C(&g.Key)))(t)
		compare(t, len(keys), len(all))
		compare(t, int64(len(keys)), get(orm.Query[Grudge](h.s).Filter(orm.C(&g.Key).In(all...)).Count(ctx))(t))
		var rows [][]any
		for _, key := range all[:50] {
			rows = append(rows, []any{key, "none"})
		}
		compare(t, int64(0), get(orm.Query[Grudge](h.s).Filter(orm.Tuple(orm.C(&g.Key), orm.C(&g.Note)).In(rows...)).Count(ctx))(t))
		objects := get(orm.Query[Grudge](h.s).All(ctx))(t)
		for _, grudge := range objects[:len(objects)/2] {
			h.s.Delete(grudge)
		}
		must(t, h.s.Commit(ctx))
		h.canariesLive("a batch of deletes")
		copies := orm.Select(orm.C(&g.Key), orm.C(&g.Note)).From(g)
		get(orm.Exec(ctx, h.s, orm.Delete(g).Where(orm.C(&g.Note).InSelect(orm.Select(orm.Raw[string]("note")).From(copies.Subquery("copies"))))))(t)
		must(t, h.s.Commit(ctx))
		compare(t, int64(0), get(orm.Query[Grudge](h.s).Count(ctx))(t))
		must(t, h.s.Commit(ctx))
		h.canariesLive("a delete by subquery")
	})
}

func TestHostileObjectsAreWrittenOrRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newHostileBench(t, db)
		ctx := t.Context()
		for _, s := range hostileTexts() {
			h.s.Add(&Grudge{Key: "k", Note: s})
			err := h.s.Flush(ctx)
			switch {
			case isText(s) && err == nil:
				compare(t, s, get(orm.Get[Grudge](ctx, h.s, "k"))(t).Note)
			case isText(s) || !errors.Is(err, orm.ErrValue) || len(db.statements()) > 0:
				t.Errorf("%.80q: %v", s, err)
			}
			must(t, h.s.Rollback(ctx))
			_, err = orm.Get[Grudge](ctx, h.s, s)
			fits := isText(s) && utf8.RuneCountInString(s) <= 200
			if fits && !errors.Is(err, orm.ErrNoRows) || !fits && !errors.Is(err, orm.ErrArgument) {
				t.Errorf("get %.80q: %v", s, err)
			}
			must(t, h.s.Rollback(ctx))
			db.statements()
		}
		h.canariesLive("hostile objects")
	})
}

// nameEntries take the names of something that is there; a hostile text is the
// name of nothing.
func nameEntries() []hostileEntry {
	g := orm.Entity[Grudge]()
	query := func(build func(h *hostileBench, s string) *orm.EntityQuery[Grudge]) func(h *hostileBench, s string) error {
		return func(h *hostileBench, s string) error { return errOf(build(h, s).All(h.Context())) }
	}
	grudges := func(h *hostileBench) *orm.EntityQuery[Grudge] { return orm.Query[Grudge](h.s) }
	return []hostileEntry{
		{"a field of FilterBy", query(func(h *hostileBench, s string) *orm.EntityQuery[Grudge] { return grudges(h).FilterBy(s, "x") })},
		{"F in a filter", query(func(h *hostileBench, s string) *orm.EntityQuery[Grudge] { return grudges(h).Filter(orm.F(s).Eq("x")) })},
		{"F in ORDER BY", query(func(h *hostileBench, s string) *orm.EntityQuery[Grudge] { return grudges(h).OrderBy(orm.F(s).Desc()) })},
		{"F in GROUP BY", query(func(h *hostileBench, s string) *orm.EntityQuery[Grudge] { return grudges(h).GroupBy(orm.F(s)) })},
		{"F in HAVING", query(func(h *hostileBench, s string) *orm.EntityQuery[Grudge] { return grudges(h).Having(orm.F(s).IsNull()) })},
		{"F that is plucked", func(h *hostileBench, s string) error { return errOf(orm.Pluck(h.Context(), grudges(h), orm.F(s))) }},
		{"F in SELECT", func(h *hostileBench, s string) error { return h.exec(orm.Select(orm.F(s)).From(g)) }},
		{"F in a function", func(h *hostileBench, s string) error {
			return h.exec(orm.Select(orm.Func[string]("lower", orm.F(s))).From(g))
		}},
		{"a column of a table", func(h *hostileBench, s string) error { return h.exec(orm.Select(hostileTable.C(s + "!"))) }},
		{"a column of an alias", func(h *hostileBench, s string) error { return h.exec(orm.Select(hostileTable.Alias("a").C(s + "!"))) }},
		{"a column of a subquery", func(h *hostileBench, s string) error {
			sub := orm.Select(g).Subquery("sub")
			return h.exec(orm.Select(sub.C(s + "!")).From(sub))
		}},
		{"a key of Values", func(h *hostileBench, s string) error {
			return h.exec(orm.Insert(hostileTable).Values(orm.M{s + "!": 1}))
		}},
		{"a field of Values", func(h *hostileBench, s string) error {
			return h.exec(orm.Insert(g).Values(orm.M{s: 1, "Key": "x", "Note": "x"}))
		}},
		{"a column that is set", func(h *hostileBench, s string) error {
			return h.exec(orm.Update(hostileTable).Set(hostileTable.C(s + "!").Set(1)).AllRows())
		}},
		{"a column that is returned", func(h *hostileBench, s string) error {
			return h.exec(orm.Delete(hostileTable).AllRows().Returning(hostileTable.C(s + "!")))
		}},
		{"a function", func(h *hostileBench, s string) error { return h.exec(orm.Select(orm.Func[int](orm.SQL(s + "()")))) }},
		{"an operator", func(h *hostileBench, s string) error {
			return h.exec(orm.Select(orm.Op[bool](orm.C(&g.Key), orm.SQL("=;"+s), "x")))
		}},
		{"a part of a date", func(h *hostileBench, s string) error {
			return h.exec(orm.Select(orm.Extract(orm.DateField(s), orm.CurrentTimestamp())))
		}},
		{"a parameter without a value", func(h *hostileBench, s string) error { return h.exec(orm.Select(orm.Param[string](s)).From(g)) }},
		{"an argument of no parameter", func(h *hostileBench, s string) error {
			return h.exec(orm.Text("SELECT :a", sql.Named("a", 1), sql.Named(s, 1)))
		}},
		{"an isolation level", func(h *hostileBench, s string) error { return h.s.Begin(h.Context(), orm.Isolation("="+s)) }},
		{"a dialect", func(h *hostileBench, s string) error { return errOf(orm.OpenDB(h.db.DB(), s+"!")) }},
		{"a scheme", func(_ *hostileBench, s string) error { return errOf(orm.Open(s + "://host/db")) }},
		{"a foreign key's table", func(h *hostileBench, s string) error {
			m := orm.NewMetadata()
			orm.NewTable("t", m, orm.NewColumn("id", types.BigInteger(), orm.References(s+"!", "id")))
			return m.CreateAll(h.Context(), h.db.Engine)
		}},
		{"a column of a constraint", func(h *hostileBench, s string) error {
			m := orm.NewMetadata()
			orm.NewTable("t", m, orm.NewColumn("id", types.BigInteger()), orm.Unique(s+"!"))
			return m.CreateAll(h.Context(), h.db.Engine)
		}},
	}
}

func TestHostileNamesAreNamesOfNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newHostileBench(t, db)
		must(t, db.Ping(t.Context()))
		for _, entry := range nameEntries() {
			for _, s := range hostileTexts() {
				err := entry.run(h, s)
				if _, typed := errors.AsType[*orm.UsageError](err); !typed && !errors.Is(err, orm.ErrUnsupported) {
					t.Errorf("%s of %.80q: %v", entry.name, s, err)
				}
				if sent := db.statements(); len(sent) > 0 {
					t.Errorf("%s of %.80q has sent %q", entry.name, s, sent)
				}
			}
			if h.s.InTransaction() {
				t.Errorf("%s has begun a transaction", entry.name)
			}
		}
		h.canariesLive("hostile names")
	})
}

// newNameEntries take names for something new, which is quoted.
func newNameEntries() []hostileEntry {
	g := orm.Entity[Grudge]()
	row := func(h *hostileBench, stmt orm.Statement, name string) error {
		rows, err := orm.Fetch[orm.M](h.Context(), h.db.Engine, stmt)
		if err != nil {
			return err
		}
		if _, ok := rows[0][name]; !ok {
			return fmt.Errorf("the column %q is %v", name, rows)
		}
		return nil
	}
	one := hostileTable.C("id").Eq(1)
	return []hostileEntry{
		{"a label", func(h *hostileBench, s string) error {
			return row(h, orm.Select(hostileTable.C("id").As(s)).Where(one).OrderBy(hostileTable.C("id").As(s)), s)
		}},
		{"an alias of a table", func(h *hostileBench, s string) error {
			a := hostileTable.Alias(s)
			return row(h, orm.Select(a.C("id")).From(a).Where(a.C("id").Eq(1)), "id")
		}},
		{"an alias of an entity", func(h *hostileBench, s string) error {
			a := orm.Alias[Grudge](s)
			return row(h, orm.Select(orm.Count(orm.C(&a.Key)).As("n")).From(a).OuterJoin(g, orm.Eq(orm.C(&a.Key), orm.C(&g.Key))), "n")
		}},
		{"a subquery", func(h *hostileBench, s string) error {
			sub := orm.Select(hostileTable.C("id").As(s)).Where(one).Subquery(s)
			return row(h, orm.Select(sub.C(s)).From(sub), s)
		}},
		{"a collation", func(h *hostileBench, s string) error {
			err := row(h, orm.Select(hostileTable.C("id")).Where(one).OrderBy(orm.Col[string](hostileTable, "note").Collate(orm.SQL(s))), "id")
			if errors.Is(err, orm.ErrSyntax) { // quoted, and unknown
				return nil
			}
			return err
		}},
	}
}

func TestHostileNewNamesAreQuotedOrRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newHostileBench(t, db)
		must(t, db.Ping(t.Context()))
		for _, entry := range newNameEntries() {
			for _, s := range hostileTexts() {
				err := entry.run(h, s)
				sent := db.statements()
				switch _, refusedThere := errors.AsType[*orm.DBError](err); {
				case len(s) > 255 && isName(db, s): // more than some of the entries take
				case !isName(db, s) && (!errors.Is(err, orm.ErrBadIdentifier) || len(sent) > 0):
					t.Errorf("%s of %.80q: %v, and %q was sent", entry.name, s, err, sent)
				case isName(db, s) && err != nil && !(refusedThere && isOddName(db, s)):
					t.Errorf("%s of %.80q: %v", entry.name, s, err)
				}
			}
		}
		h.canariesLive("hostile new names")
	})
}

// isName reports whether a text can be a name on a database.
func isName(db *testDB, s string) bool {
	return s != "" && isText(s) && len(s) <= db.Dialect().Features().MaxIdentifier
}

// isOddName reports whether a database refuses a name itself, or cuts it: MySQL
// has no characters beyond the first plane in names, takes off what cannot be
// seen at the front, and wants no blank at the end.
func isOddName(db *testDB, s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	beyond := func(r rune) bool { return r > 0xffff }
	return db.name() == "mysql" && (first <= ' ' || first == 0x7f || strings.HasSuffix(s, " ") || strings.ContainsFunc(s, beyond))
}

// hostileDefinition is a table in which everything that has a name or a text is
// called so.
func hostileDefinition(name string) (*orm.Metadata, *orm.Table) {
	m := orm.NewMetadata()
	return m, orm.NewTable(name, m,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(false)),
		orm.NewColumn(name, types.String(100), orm.NotNull(), orm.ServerDefaultText(name), orm.ColumnComment(name)),
		orm.NewColumn("kind", types.Enum("plain", name)),
		orm.NewColumn("of", types.BigInteger(), orm.References(name, "id")),
		orm.TableComment(name), orm.NewIndex("ix"+name, name), orm.Unique("id", name).Named("uq"+name), orm.Check("id > 0").Named("ck"+name),
	)
}

func TestHostileDefinitionsAreQuoted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newHostileBench(t, db)
		ctx := t.Context()
		must(t, db.Ping(ctx))
		every := 1
		if db.Dialect().Features().Schemas {
			every = 5 // a server takes its time for a table
		}
		for i, name := range hostileTexts() {
			taken := slices.Contains([]string{"canaries", "id", "kind", "of"}, name)
			if taken || !isName(db, name) || isOddName(db, name) || len(name) > 40 || i%every > 0 {
				continue
			}
			m, table := hostileDefinition(name)
			if err := m.CreateAll(ctx, db.Engine); err != nil {
				t.Errorf("%q: %v", name, err)
				continue
			}
			get(orm.Exec(ctx, db.Engine, orm.Insert(table).Values(orm.M{"id": 1, "kind": name})))(t)
			row := get(orm.FetchOne[orm.M](ctx, db.Engine, orm.Select(table.C(name).As("text"), table.C("kind")).Where(table.C(name).Eq(name))))(t)
			compare(t, orm.M{"text": name, "kind": name}, row)
			found := get(get(db.Inspect(ctx))(t).Table(ctx, name))(t)
			if column := found.Column(name); column == nil || column.Comment() != "" && column.Comment() != name {
				t.Errorf("%q: the column is %v", name, column)
			}
			compare(t, "ix"+name, found.Indexes()[0].Name())
			must(t, m.DropAll(ctx, db.Engine))
		}
		h.canariesLive("hostile definitions")
	})
}

func TestHostileDefinitionsAreRefusedBeforeTheyAreSent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newHostileBench(t, db)
		must(t, db.Ping(t.Context()))
		for _, name := range hostileTexts() {
			if name != "" && isText(name) {
				continue
			}
			m, _ := hostileDefinition(name)
			r := orm.NewRegistry(orm.WithTableName(func(string) string { return name }), orm.WithSchema(name+"x"))
			for what, err := range map[string]error{
				"a table":             m.CreateAll(t.Context(), db.Engine),
				"a registry's naming": r.Register(&Asteroid{}),
			} {
				if !errors.Is(err, orm.ErrBadIdentifier) && !errors.Is(err, orm.ErrMapping) {
					t.Errorf("%s %q: %v", what, name, err)
				}
			}
			compare(t, []string(nil), db.statements())
		}
		h.canariesLive("definitions that were refused")
	})
}
