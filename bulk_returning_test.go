package orm_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Rows become objects of the session in their order, with what the database has
// given them, and a rollback makes them transient.
func TestBulkInsertReturningGivesObjectsInOrder(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		waiting := &Account{Owner: "waiting"}
		s.Add(waiting)
		rows := make([]orm.M, 600)
		for i := range rows {
			rows[i] = orm.M{"Title": fmt.Sprint(i)}
			if i == 300 {
				rows[i]["Priority"] = 0
			}
		}
		var steps []int
		tickets := get(orm.BulkInsertReturning[Ticket](ctx, s, rows, orm.Progress(func(done, _ int) { steps = append(steps, done) })))(t)
		expect(t, []int{250, 300, 301, 551, 600}, steps)
		want := byDialect[int]{"sqlite": 10, "postgres": 6, "mysql": 6}.of(db)
		if sent := db.statements(); len(sent) != want {
			t.Errorf("%d statements were sent: %.100q", len(sent), sent)
		}
		for i, x := range tickets {
			priority := 3
			if i == 300 {
				priority = 0
			}
			if x.ID == 0 || x.Title != fmt.Sprint(i) || x.Status != "open" || x.Priority != priority || i > 0 && x.ID <= tickets[i-1].ID {
				t.Fatalf("object %d is %+v", i, x)
			}
		}
		expectState(t, orm.Persistent, waiting, tickets[0], tickets[599])
		expect(t, 0, len(s.Dirty())+len(s.New()))
		if get(orm.Get[Ticket](ctx, s, tickets[7].ID))(t) != tickets[7] {
			t.Error("the session does not hold the object")
		}
		tickets[7].Title = "changed"
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, tickets[0], tickets[7], tickets[599])
		expect(t, int64(0), tickets[7].ID)
	})
}

// A bad row leaves the session as it was, and one that the database refuses the
// transaction failed.
func TestBulkInsertReturningFailsAsAWhole(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		_, err := orm.BulkInsertReturning[User](ctx, s, []orm.M{{"Name": "a"}, {"Nam": "b"}})
		expectKind(t, orm.ErrUnknownName, err)
		expect(t, 0, len(db.statements())+len(s.New()))
		_, err = orm.BulkInsertReturning[User](ctx, s, manyUsers(600, 500))
		expectKind(t, orm.ErrUniqueViolation, err)
		expectKind(t, orm.ErrTxFailed, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, 600, len(get(orm.BulkInsertReturning[User](ctx, s, manyUsers(600, -1)))(t)))
		must(t, s.Commit(ctx))
	})
}

// An upsert of many rows gives objects of the session: those that it held have what
// their rows say, and the others are new to it.
func TestBulkUpsertRefreshesObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, u := db.withModels(t).session(t), t.Context(), orm.Entity[User]()
		old := &User{Name: "old", Email: "7"}
		s.Add(old)
		must(t, s.Commit(ctx))
		rows := manyUsers(2500, -1)
		db.statements()
		users := get(orm.BulkUpsert[User](ctx, s, orm.Insert(u).OnConflict(&u.Email).DoUpdate(&u.Name), rows))(t)
		sent := db.statements()
		expect(t, 3, len(sent))
		expect(t, 2500, len(users))
		if old.Name != "many" {
			t.Errorf("the old object is %+v", old)
		}
		held := map[*User]bool{}
		for _, x := range users {
			held[x] = orm.StateOf(x) == orm.Persistent && x.Name == "many"
		}
		if !held[old] || len(held) != 2500 || len(s.Dirty()) > 0 {
			t.Errorf("%d objects, the old one among them: %v", len(held), held[old])
		}
		again := get(orm.BulkUpsert[User](ctx, s, orm.Insert(u).OnConflict(&u.Email).DoUpdate(&u.Name), []*User{{Name: "new", Email: "7"}}))(t)
		if len(again) != 1 || again[0] != old || old.Name != "new" {
			t.Errorf("%+v", again)
		}
		must(t, s.Commit(ctx))

		rows[2100]["Name"] = errors.New("no text")
		_, err := orm.BulkUpsert[User](ctx, s, orm.Insert(u).OnConflict(&u.Email).DoUpdate(&u.Name), rows)
		expectKind(t, orm.ErrValue, err)
		expectKind(t, orm.ErrTxFailed, s.Commit(ctx))
		must(t, s.Rollback(ctx))
	})
}

// Texts keep the spaces at their ends when a flush writes several of one length.
func TestFlushOfManyTextsKeepsTheirSpaces(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		accounts := []*Account{{Owner: "a"}, {Owner: "b"}, {Owner: "c"}}
		orm.AddAll(s, accounts)
		must(t, s.Commit(ctx))
		accounts[0].Owner, accounts[1].Owner, accounts[2].Owner = "a ", "  ", strings.Repeat("c ", 25)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		for i, a := range get(orm.Query[Account](s).OrderBy(orm.C(&orm.Entity[Account]().ID)).All(ctx))(t) {
			expect(t, accounts[i].Owner, a.Owner)
		}
	})
}
