// This file tests the way past the library.

package orm_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

func TestRawTextReachesTheDriverUntouchedInsideOfTheTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		insert := "INSERT INTO accounts (owner, balance, version) VALUES ('a ? b', 1, 1)"
		conn := get(db.Connect(t.Context()))(t)
		defer conn.Close()
		must(t, conn.Raw(t.Context(), func(raw *sql.Conn) error {
			_, err := raw.ExecContext(t.Context(), insert)
			return err
		}))
		if sent := db.statements(); len(sent) != 0 {
			t.Errorf("listeners saw %q", sent)
		}
		if state := conn.State(); state != orm.TxActive {
			t.Errorf("the transaction is %v", state)
		}
		must(t, conn.Rollback(t.Context()))
		must(t, conn.Close())
		if n := get(orm.FetchOne[int](t.Context(), db.Engine, orm.Text("SELECT count(*) FROM accounts")))(t); n != 0 {
			t.Errorf("%d rows outlived the rollback", n)
		}
	})
}

func TestErrorOnTheRawConnectionFailsTheTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		own := errors.New("own")
		for name, work := range map[string]func(*sql.Conn) error{
			"the database's": func(raw *sql.Conn) error {
				_, err := raw.ExecContext(context.Background(), "SELECT * FROM no_such_table")
				return err
			},
			"the caller's": func(*sql.Conn) error { return own },
		} {
			conn := get(db.Connect(t.Context()))(t)
			err := conn.Raw(t.Context(), work)
			if name == "the caller's" && !errors.Is(err, own) || name == "the database's" && !errors.Is(err, orm.ErrSyntax) {
				t.Errorf("%s error came out as %v", name, err)
			}
			if state := conn.State(); state != orm.TxFailed {
				t.Errorf("after %s error the transaction is %v", name, state)
			}
			must(t, conn.Close())
		}
	})
}
