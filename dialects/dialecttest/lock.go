// This file looks at SELECT … FOR UPDATE and its kin.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
)

func lockChecks() []check {
	forShare := feature("FOR SHARE", func(f *orm.Features) bool { return f.ForShare && !f.LocksIgnored })
	skipLocked := feature("SKIP LOCKED", func(f *orm.Features) bool { return f.SkipLocked && !f.LocksIgnored })
	lockOf := feature("FOR UPDATE OF", func(f *orm.Features) bool { return f.LockOf && !f.LocksIgnored })
	keyLocks := feature("locks of keys", func(f *orm.Features) bool { return f.KeyLocks && !f.LocksIgnored })
	lockNoWait := []need{needsRowLocks, needsNoWait}
	return []check{
		{name: "for update gives the rows", run: lockGivesRows},
		{name: "for update keeps others from writing", run: lockKeepsWritersOut},
		{name: "for update ends with the transaction", run: lockEnds},
		{name: "nowait", needs: lockNoWait, run: noWaitFails, lacking: lockIsLeftOut(orm.NoWait())},
		{name: "nowait of a row that is free", needs: lockNoWait, run: noWaitOfFreeRow, lacking: lockIsLeftOut(orm.NoWait())},
		{name: "skip locked", needs: []need{skipLocked}, run: skipsLocked, lacking: lockIsLeftOut(orm.SkipLocked())},
		{name: "for share lets others share", needs: append(lockNoWait, forShare), run: sharesLock},
		{name: "for update of one table", needs: append(lockNoWait, lockOf), run: locksOneTable, lacking: lockIsLeftOut(orm.LockOf(pets))},
		{name: "a lock of the key lets the row be changed", needs: append(lockNoWait, keyLocks), run: locksKey, lacking: keyLockIsLeftOut},
		{name: "for update reads what was committed last", needs: []need{needsRowLocks}, run: lockReadsLatest},
	}
}

func lockedRow(id int, options ...orm.LockOption) *orm.SelectStatement {
	return names(people.C("id").Eq(id)).ForUpdate(options...)
}

func lockGivesRows(t *testing.T, db *database) {
	db.reading(t)
	conn := db.conn(t)
	equal(t, []string{"ann"}, fetch[string](t, conn, lockedRow(1)))
	equal(t, []string{"ann", "dan"}, fetch[string](t, conn, names(people.C("id").In(1, 4)).ForUpdate()))
}

func lockKeepsWritersOut(t *testing.T, db *database) {
	db.reading(t)
	holder, other := db.conn(t), db.conn(t, orm.Autocommit())
	equal(t, []string{"ann"}, fetch[string](t, holder, lockedRow(1)))
	impatient(t, db, other)
	_, err := orm.Exec(soon(t), other, orm.Update(people).Set(people.C("age").Set(99)).Where(people.C("id").Eq(1)))
	wantKind(t, orm.ErrLockTimeout, err)
}

func lockEnds(t *testing.T, db *database) {
	db.reading(t)
	holder := db.conn(t)
	for _, end := range []func() error{func() error { return holder.Commit(t.Context()) }, func() error { return holder.Rollback(t.Context()) }} {
		equal(t, []string{"ann"}, fetch[string](t, holder, lockedRow(1)))
		must(t, end())
		exec(t, db, orm.Update(people).Set(people.C("age").Set(31)).Where(people.C("id").Eq(1)))
	}
}

func noWaitFails(t *testing.T, db *database) {
	db.reading(t)
	holder, other := db.conn(t), db.conn(t)
	fetch[string](t, holder, lockedRow(1))
	_, err := orm.Fetch[string](t.Context(), other, lockedRow(1, orm.NoWait()))
	wantKind(t, orm.ErrLockTimeout, err)
	describes(t, db, err)
}

func noWaitOfFreeRow(t *testing.T, db *database) {
	db.reading(t)
	holder, other := db.conn(t), db.conn(t)
	fetch[string](t, holder, lockedRow(1))
	equal(t, []string{"bob"}, fetch[string](t, other, lockedRow(2, orm.NoWait())))
}

// lockIsLeftOut: where all is locked anyway there is no clause; where rows are
// locked, one that the database does not have is refused.
func lockIsLeftOut(option orm.LockOption) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		stmt := orm.Select(people.C("name")).From(people).Join(pets).Where(pets.C("id").Eq(1)).ForUpdate(option)
		if !db.features.LocksIgnored {
			db.refusesUnsent(t, orm.ErrUnsupported, stmt)
			return
		}
		db.reading(t)
		equal(t, []string{"ann"}, fetch[string](t, db, stmt))
	}
}

func skipsLocked(t *testing.T, db *database) {
	db.reading(t)
	holder, other := db.conn(t), db.conn(t)
	fetch[string](t, holder, lockedRow(1))
	got := fetch[string](t, other, names(people.C("id").In(1, 2)).ForUpdate(orm.SkipLocked()))
	equal(t, []string{"bob"}, got)
}

func sharesLock(t *testing.T, db *database) {
	db.reading(t)
	one, two := db.conn(t), db.conn(t)
	equal(t, []string{"ann"}, fetch[string](t, one, names(people.C("id").Eq(1)).ForShare()))
	equal(t, []string{"ann"}, fetch[string](t, two, names(people.C("id").Eq(1)).ForShare(orm.NoWait())))
	_, err := orm.Fetch[string](t.Context(), two, lockedRow(1, orm.NoWait()))
	wantKind(t, orm.ErrLockTimeout, err)
}

func locksOneTable(t *testing.T, db *database) {
	db.reading(t)
	holder, other := db.conn(t), db.conn(t)
	fetch[string](t, holder, orm.Select(people.C("name")).From(people).Join(pets).Where(pets.C("id").Eq(1)).ForUpdate(orm.LockOf(pets)))
	equal(t, []string{"ann"}, fetch[string](t, other, lockedRow(1, orm.NoWait())))
	_, err := orm.Fetch[string](t.Context(), other, orm.Select(pets.C("name")).From(pets).Where(pets.C("id").Eq(1)).ForUpdate(orm.NoWait()))
	wantKind(t, orm.ErrLockTimeout, err)
}

// keyLock locks the key of a row, so that the row stays.
func keyLock() *orm.SelectStatement { return names(people.C("id").Eq(1)).ForKeyShare() }

func locksKey(t *testing.T, db *database) {
	db.reading(t)
	holder, other := db.conn(t), db.conn(t)
	equal(t, []string{"ann"}, fetch[string](t, holder, keyLock()))
	equal(t, []string{"ann"}, fetch[string](t, other, names(people.C("id").Eq(1)).ForNoKeyUpdate(orm.NoWait())))
	_, err := orm.Fetch[string](t.Context(), other, lockedRow(1, orm.NoWait()))
	wantKind(t, orm.ErrLockTimeout, err)
}

func keyLockIsLeftOut(t *testing.T, db *database) {
	if !db.features.LocksIgnored {
		db.refusesUnsent(t, orm.ErrUnsupported, keyLock())
		return
	}
	db.reading(t)
	equal(t, []string{"ann"}, fetch[string](t, db, keyLock()))
}

func lockReadsLatest(t *testing.T, db *database) {
	table := values(t, db)
	conn := db.conn(t)
	equal(t, 3, count(t, conn, table))
	exec(t, db, set(table, 1, 10))
	equal(t, []int{10}, fetch[int](t, conn, orm.Select(table.C("v")).From(table).Where(table.C("id").Eq(1)).ForUpdate()))
}
