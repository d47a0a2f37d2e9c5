// This file looks at the options of transactions: the isolation levels that the
// features name, and no others, and transactions that only read.

package dialecttest

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

// The levels of the standard, from the weakest to the strongest.
var levels = []string{"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}

func isolationChecks() []check {
	var checks []check
	for _, level := range levels {
		has := feature("the level "+level, func(f *orm.Features) bool { return slices.Contains(f.Isolation, level) })
		checks = append(checks,
			check{name: level + " can be asked for", needs: []need{has}, run: begins(level), lacking: refusesLevel(level)},
			check{name: level + " keeps its promise", needs: []need{has}, run: keepsPromise(level), lacking: refusesLevel(level)},
			check{name: level + " ends with its transaction", needs: []need{has}, run: levelEnds(level), lacking: refusesLevel(level)},
		)
	}
	return append(checks,
		check{name: "a level that no database has", run: refusesLevel("CHAOS")},
		check{name: "a level with a statement behind it", run: refusesLevel("SERIALIZABLE; DROP TABLE people")},
		check{name: "a level in small letters", run: begins("serializable")},
		check{name: "a read-only transaction reads", needs: []need{needsReadOnly}, run: readOnlyReads, lacking: refusesOption(orm.ReadOnly())},
		check{name: "a read-only transaction writes nothing", needs: []need{needsReadOnly}, run: readOnlyWritesNothing, lacking: refusesOption(orm.ReadOnly())},
		check{name: "a read-only transaction changes no schema", needs: []need{needsReadOnly}, run: readOnlyChangesNoSchema, lacking: refusesOption(orm.ReadOnly())},
		check{name: "a connection writes after a read-only transaction", needs: []need{needsReadOnly}, run: writesAfterReadOnly, lacking: refusesOption(orm.ReadOnly())},
		check{name: "a read-only transaction beside one that writes", needs: []need{needsReadOnly}, run: readsBesideWriter, lacking: refusesOption(orm.ReadOnly())},
		check{
			name: "a deferrable transaction", needs: []need{feature("deferrable transactions", func(f *orm.Features) bool { return f.DeferrableTx })},
			run: deferrableReads, lacking: refusesOption(orm.Deferrable()),
		},
	)
}

func begins(level string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := numbers(t, db)
		conn := db.conn(t, orm.Isolation(level))
		put(t, conn, table, 1)
		must(t, conn.Commit(t.Context()))
		must(t, conn.Begin(t.Context(), orm.Isolation(level)))
		equal(t, 1, count(t, conn, table))
	}
}

func refusesLevel(level string) func(t *testing.T, db *database) {
	return refusesOption(orm.Isolation(level))
}

func refusesOption(option orm.TxOption) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		_, err := db.Connect(t.Context(), option)
		wantKind(t, orm.ErrUnsupported, err)
		wantKind(t, orm.ErrUnsupported, db.conn(t).Begin(t.Context(), option))
	}
}

// keepsPromise commits a row in between two reads of a transaction. From
// REPEATABLE READ on the second read has to be the first one's; where a writer
// keeps everybody out, or is kept out, nothing can come in between.
func keepsPromise(level string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := numbers(t, db)
		reader := db.conn(t, orm.Isolation(level))
		equal(t, 0, count(t, reader, table))
		writer := db.conn(t, orm.Autocommit())
		if text := db.config.Server.ImpatientLocks; text != "" {
			exec(t, writer, orm.Text(text))
			defer func() { must(t, writer.Invalidate()) }()
		}
		_, err := orm.Exec(t.Context(), writer, orm.Insert(table).Values(orm.M{"id": 1}))
		if err != nil {
			wantKind(t, orm.ErrLockTimeout, err)
			return
		}
		want := 1
		if slices.Index(levels, level) >= slices.Index(levels, "REPEATABLE READ") {
			want = 0
		}
		equal(t, want, count(t, reader, table))
	}
}

// levelEnds checks that the next transaction on the connection has the usual
// level again.
func levelEnds(level string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := numbers(t, db)
		conn := db.conn(t)
		must(t, conn.Begin(t.Context(), orm.Isolation(level), orm.ReadOnly()))
		equal(t, 0, count(t, conn, table))
		must(t, conn.Commit(t.Context()))
		put(t, conn, table, 1)
		must(t, conn.Commit(t.Context()))
		equal(t, 1, count(t, db, table))
	}
}

func readOnlyReads(t *testing.T, db *database) {
	table := numbers(t, db)
	put(t, db, table, 1)
	conn := db.conn(t, orm.ReadOnly())
	equal(t, 1, count(t, conn, table))
	must(t, conn.Commit(t.Context()))
}

func readOnlyWritesNothing(t *testing.T, db *database) {
	table := numbers(t, db)
	put(t, db, table, 1)
	for _, stmt := range []orm.Statement{
		orm.Insert(table).Values(orm.M{"id": 2}), orm.Update(table).Set(table.C("id").Set(3)).AllRows(), orm.Delete(table).AllRows(),
	} {
		conn := db.conn(t, orm.ReadOnly())
		_, err := orm.Exec(t.Context(), conn, stmt)
		wantKind(t, orm.ErrReadOnly, err)
		must(t, conn.Close())
	}
	equal(t, []int64{1}, column[int64](t, db, table, "id"))
}

func readOnlyChangesNoSchema(t *testing.T, db *database) {
	if !db.features.TransactionalDDL {
		return // such a change ends the transaction, and is none of its own
	}
	conn := db.conn(t, orm.ReadOnly())
	_, err := orm.Exec(t.Context(), conn, orm.CreateTable(orm.NewTable("other", orm.NewMetadata(), key("id"))))
	wantKind(t, orm.ErrReadOnly, err)
}

func writesAfterReadOnly(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	for i, end := range []func() error{
		func() error { return conn.Commit(t.Context()) }, func() error { return conn.Rollback(t.Context()) },
	} {
		must(t, conn.Begin(t.Context(), orm.ReadOnly()))
		equal(t, i, count(t, conn, table))
		must(t, end())
		put(t, conn, table, i)
		must(t, conn.Commit(t.Context()))
	}
	must(t, conn.Begin(t.Context(), orm.ReadOnly()))
	must(t, conn.Close())
	put(t, db, table, 7)
	equal(t, 3, count(t, db, table))
}

func readsBesideWriter(t *testing.T, db *database) {
	table := numbers(t, db)
	put(t, db, table, 1)
	one, two := db.conn(t, orm.ReadOnly()), db.conn(t, orm.ReadOnly())
	equal(t, 1, count(t, one, table))
	equal(t, 1, count(t, two, table))
	must(t, one.Commit(t.Context()))
	must(t, two.Commit(t.Context()))
	put(t, db, table, 2)
}

func deferrableReads(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t, orm.Isolation("SERIALIZABLE"), orm.ReadOnly(), orm.Deferrable())
	equal(t, 0, count(t, conn, table))
	must(t, conn.Commit(t.Context()))
}
