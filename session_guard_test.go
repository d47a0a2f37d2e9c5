package orm_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

func TestLoadsInALoopAreRefusedBeforeTheyAreSent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db, orm.LimitLazyLoads(2)), t.Context()
		loadEach := func(ids ...int64) (err error) {
			for _, id := range ids {
				w := get(orm.Query[Writer](s.Session).Filter(orm.C(&s.w.ID).Eq(id)).One(ctx))(t)
				if err = orm.Load(ctx, w, &w.Books); err != nil {
					return err
				}
			}
			return nil
		}
		must(t, loadEach(1, 2))
		db.statements()
		expectKind(t, orm.ErrRaiseLoad, loadEach(3))
		expect(t, 1, len(db.statements()))
		must(t, s.Rollback(ctx))
		s.ExpungeAll()
		must(t, loadEach(1, 2, 1, 2))
		s.ExpungeAll()
		for _, w := range get(s.writers().All(ctx))(t) {
			expectKind(t, orm.ErrRaiseLoad, orm.Load(ctx, w, &w.Books))
			must(t, orm.Load(ctx, w, &w.Portrait))
		}
		must(t, s.Commit(ctx))
		for _, w := range get(s.writers().All(ctx))(t) {
			must(t, orm.Load(ctx, w, &w.Books))
		}
	})
}

func TestLoadsInALoopAreWarnedOfOnce(t *testing.T) {
	var out bytes.Buffer
	engine := get(orm.Open("sqlite:///:memory:", orm.WithLogger(slog.New(slog.NewTextHandler(&out, nil)))))(t)
	defer engine.Close()
	ctx := t.Context()
	must(t, library.CreateAll(ctx, engine))
	s := orm.NewSession(engine, orm.WarnLazyLoads(1))
	defer s.Close()
	s.Add(&Writer{ID: 1, Name: "a"}, &Writer{ID: 2, Name: "b"}, &Writer{ID: 3, Name: "c"})
	must(t, s.Commit(ctx))
	s.ExpungeAll()
	for id := range int64(3) {
		w := get(orm.Get[Writer](ctx, s, id+1))(t)
		must(t, orm.Load(ctx, w, &w.Books))
	}
	if text := out.String(); strings.Count(text, "WARN") != 1 || !strings.Contains(text, "relationship=Writer.Books loads=2") {
		t.Errorf("logged: %s", text)
	}
}
