// This file lets sessions do random things, and compares after every commit and
// rollback with a plain map of rows that was told the same. A failure prints the
// seed, which ORM_TEST_SEED repeats, and what was done.

package orm_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Item is the struct of the random tests.
type Item struct {
	orm.Base `orm:"table:items"`

	Key     int64 `orm:"primary_key;autoincrement:false"`
	V       int
	W       *string `orm:"size:20"`
	Version int     `orm:"version"`
}

var items = orm.MustRegister(&Item{})

// itemRow is what a row holds.
type itemRow struct {
	v       int
	w       string // "-" for NULL
	version int
}

// itemModel is what is known of an object that the session holds.
type itemModel struct {
	state  orm.State
	doomed bool
	stale  bool
	key    int64   // of its row
	saved  itemRow // what the session believes the row to hold
	found  int64   // the key under which it was read, if it was not added
	block  int     // in which its row was last read or written
}

// world is the rows, as the session's transaction sees them, and its objects.
type world struct {
	rows    map[int64]itemRow
	objects map[*Item]itemModel
	pending []*Item
	block   int // counts the nested blocks
}

func newWorld() *world {
	return &world{rows: map[int64]itemRow{}, objects: map[*Item]itemModel{}}
}

func (w *world) clone() *world {
	return &world{maps.Clone(w.rows), maps.Clone(w.objects), slices.Clone(w.pending), w.block}
}

// memory is what an object says.
func memory(i *Item) itemRow {
	row := itemRow{i.V, "-", i.Version}
	if i.W != nil {
		row.w = *i.W
	}
	return row
}

// held are the objects in a state, in the order of their keys.
func (w *world) held(state orm.State) []*Item {
	var list []*Item
	for i, m := range w.objects {
		if m.state == state {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b *Item) int { return cmp.Compare(w.objects[a].key, w.objects[b].key) })
	return list
}

// errConflict and errDone end a run of steps early.
var (
	errConflict = errors.New("conflict")
	errUndo     = errors.New("undo")
)

// flush does what a flush does, in its order. It reports false, and leaves the
// world as it was, where two rows would have one key.
func (w *world) flush() bool {
	next := w.clone()
	if !next.update() || !next.insert() {
		return false
	}
	for i, m := range next.objects {
		if m.doomed {
			delete(next.rows, m.key)
			m.doomed, m.state, m.block = false, orm.Deleted, next.block
			next.objects[i] = m
		}
	}
	next.pending = nil
	*w = *next
	return true
}

// update goes by shapes, and by keys within.
func (w *world) update() bool {
	byShape, order := map[[3]bool][]*Item{}, [][3]bool(nil)
	for _, i := range w.held(orm.Persistent) {
		m, now := w.objects[i], memory(i)
		shape := [3]bool{i.Key != m.key, now.v != m.saved.v, now.w != m.saved.w}
		if m.doomed || shape == [3]bool{} {
			continue
		}
		if byShape[shape] == nil {
			order = append(order, shape)
		}
		byShape[shape] = append(byShape[shape], i)
	}
	for _, shape := range order {
		for _, i := range byShape[shape] {
			m, now := w.objects[i], memory(i)
			row := w.rows[m.key]
			delete(w.rows, m.key)
			if _, taken := w.rows[i.Key]; taken {
				return false
			}
			if shape[1] {
				row.v = now.v
			}
			if shape[2] {
				row.w = now.w
			}
			row.version++
			w.rows[i.Key] = row
			m.key, m.saved, m.block = i.Key, itemRow{now.v, now.w, row.version}, w.block
			w.objects[i] = m
		}
	}
	return true
}

// insert has new objects take over the rows of deleted ones with their keys.
func (w *world) insert() bool {
	for _, i := range w.pending {
		row := memory(i)
		row.version = 1
		if old := w.doomedAt(i.Key); old != nil {
			m := w.objects[old]
			if row.version = m.saved.version; row.v != m.saved.v || row.w != m.saved.w || m.stale {
				row.version++
			}
			m.doomed, m.state, m.block = false, orm.Deleted, w.block
			w.objects[old] = m
		} else if _, taken := w.rows[i.Key]; taken {
			return false
		}
		w.rows[i.Key] = row
		w.objects[i] = itemModel{state: orm.Persistent, key: i.Key, saved: row, block: w.block}
	}
	return true
}

func (w *world) doomedAt(key int64) *Item {
	for i, m := range w.objects {
		if m.doomed && m.key == key {
			return i
		}
	}
	return nil
}

// walk is one random sequence.
type walk struct {
	t        *testing.T
	seed     uint64
	r        *rand.Rand
	db       *testDB
	s        *orm.Session
	w        *world
	base     *world // as of the last commit
	moveKeys bool
	log      []string
}

func (k *walk) did(format string, args ...any) {
	k.log = append(k.log, fmt.Sprintf(format, args...))
}

func (k *walk) fatalf(format string, args ...any) {
	k.t.Helper()
	k.t.Fatalf("%s\nORM_TEST_SEED=%d repeats it; what was done:\n%s", fmt.Sprintf(format, args...), k.seed, strings.Join(k.log, "\n"))
}

// flushing makes a call that flushes first.
func (k *walk) flushing(call func() error) error {
	k.t.Helper()
	flushed := k.w.flush() // before the call changes the objects
	return k.flushed(flushed, call())
}

func (k *walk) flushed(flushed bool, err error) error {
	k.t.Helper()
	switch {
	case flushed && err != nil:
		k.fatalf("the flush has failed: %v", err)
	case flushed:
		return nil
	case !errors.Is(err, orm.ErrUniqueViolation):
		k.fatalf("two rows have one key, and the flush says %v", err)
	}
	k.did("-> conflict")
	return errConflict
}

// step does one thing at random. An error asks for a rollback.
func (k *walk) step(depth int) error {
	ctx := context.Background()
	switch n := k.r.IntN(100); {
	case n < 22:
		k.add()
	case n < 45:
		k.change()
	case n < 55:
		k.delete()
	case n < 58:
		k.forget()
	case n < 66:
		k.did("flush")
		return k.flushing(func() error { return k.s.Flush(ctx) })
	case n < 76:
		return k.query(ctx)
	case n < 84:
		return k.get(ctx)
	case n < 88:
		return k.refresh(ctx)
	case n < 94 && depth < 3:
		return k.nested(ctx, depth)
	case n < 97 && depth > 0:
		return errUndo
	}
	return nil
}

func (k *walk) randomText() *string {
	if k.r.IntN(3) == 0 {
		return nil
	}
	return new(fmt.Sprint("w", k.r.IntN(5)))
}

func (k *walk) add() {
	i := &Item{Key: int64(k.r.IntN(30) + 1), V: k.r.IntN(4), W: k.randomText()}
	k.did("add %d", i.Key)
	k.s.Add(i)
	k.w.objects[i] = itemModel{state: orm.Pending}
	k.w.pending = append(k.w.pending, i)
}

// pick is an object that can be changed: a new one, or one with a row.
func (k *walk) pick(pendingToo bool) *Item {
	list := k.w.held(orm.Persistent)
	if pendingToo {
		list = append(list, k.w.pending...)
	}
	if len(list) == 0 {
		return nil
	}
	return list[k.r.IntN(len(list))]
}

func (k *walk) change() {
	i := k.pick(true)
	if i == nil {
		return
	}
	switch n := k.r.IntN(5); {
	case n == 0 && k.moveKeys:
		i.Key = int64(k.r.IntN(30) + 1)
	case n < 3:
		i.V = k.r.IntN(4)
	default:
		i.W = k.randomText()
	}
	k.did("change object of row %d to %d %+v", k.w.objects[i].key, i.Key, memory(i))
}

func (k *walk) delete() {
	i := k.pick(false)
	if i == nil {
		return
	}
	m := k.w.objects[i]
	if m.doomed && k.r.IntN(2) == 0 {
		k.did("take the deletion of %d back", m.key)
		k.s.Add(i)
		m.doomed = false
	} else {
		k.did("delete %d", m.key)
		k.s.Delete(i)
		m.doomed = true
	}
	k.w.objects[i] = m
}

// forget expunges an object without changes, and sometimes takes it back.
func (k *walk) forget() {
	i := k.pick(false)
	if i == nil {
		return
	}
	m := k.w.objects[i]
	if m.doomed || i.Key != m.key || memory(i) != m.saved {
		return
	}
	if _, there := k.base.objects[i]; !there || k.base.rows[m.key] != k.w.rows[m.key] {
		return // it was written in this transaction: another object for its row would not know
	}
	k.did("expunge %d", m.key)
	k.s.Expunge(i)
	if k.r.IntN(2) == 0 {
		k.did("add %d again", m.key)
		k.s.Add(i)
		m.stale, m.block = true, k.w.block
		k.w.objects[i] = m
		return
	}
	delete(k.w.objects, i)
}

// met is what a row does to its object when it is read: a stale one takes what
// the user has not changed.
func (k *walk) met(i *Item) {
	m, ok := k.w.objects[i]
	if !ok {
		m = itemModel{state: orm.Persistent, key: i.Key, found: i.Key}
	}
	if !ok || m.stale {
		row := k.w.rows[m.key]
		if !ok && memory(i) != row {
			k.fatalf("row %d was read as %+v, and is %+v", m.key, memory(i), row)
		}
		m.saved, m.stale, m.block = row, false, k.w.block
	}
	k.w.objects[i] = m
}

func (k *walk) query(ctx context.Context) error {
	k.did("query")
	var found []*Item
	err := k.flushing(func() (err error) {
		found, err = orm.Query[Item](k.s).OrderBy(orm.C(&orm.Entity[Item]().Key)).All(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var keys []int64
	for _, i := range found {
		k.met(i)
		keys = append(keys, k.w.objects[i].key)
	}
	if want := slices.Sorted(maps.Keys(k.w.rows)); !slices.Equal(keys, want) {
		k.fatalf("the query has the rows %v, and there are %v", keys, want)
	}
	return nil
}

func (k *walk) get(ctx context.Context) error {
	key := int64(k.r.IntN(30) + 1)
	holder := k.holder(key)
	if holder != nil && k.w.objects[holder].doomed {
		return nil
	}
	k.did("get %d", key)
	before := k.w.clone()
	flushed := k.w.flush()
	k.db.statements()
	i, err := orm.Get[Item](ctx, k.s, key)
	asked := len(k.db.statements()) > 0
	switch {
	case !asked && (err != nil || i != holder), asked && holder != nil && !before.objects[holder].stale:
		k.fatalf("get %d: asked %t, %p and not %p, %v", key, asked, i, holder, err)
	case !asked:
		*k.w = *before
		return nil
	}
	missing := errors.Is(err, orm.ErrNoRows)
	if missing {
		err = nil
	}
	if err := k.flushed(flushed, err); err != nil {
		return err
	}
	if _, there := k.w.rows[key]; there == missing {
		k.fatalf("get %d: there %t, missing %t", key, there, missing)
	}
	if !missing {
		if holder := k.holder(key); holder != nil && i != holder {
			k.fatalf("get %d: there are two objects for a row", key)
		}
		k.met(i)
	}
	return nil
}

// holder is the object that the session holds for a row.
func (k *walk) holder(key int64) *Item {
	for _, i := range k.w.held(orm.Persistent) {
		if k.w.objects[i].key == key {
			return i
		}
	}
	return nil
}

func (k *walk) refresh(ctx context.Context) error {
	i := k.pick(false)
	if i == nil || k.w.objects[i].doomed {
		return nil
	}
	k.did("refresh %d", k.w.objects[i].key)
	if err := k.flushing(func() error { return k.s.Refresh(ctx, i) }); err != nil {
		return err
	}
	m := k.w.objects[i]
	m.saved, m.stale, m.block = k.w.rows[m.key], false, k.w.block
	k.w.objects[i] = m
	if i.Key != m.key || memory(i) != m.saved {
		k.fatalf("refreshed %d: %+v in place of %+v", m.key, memory(i), m.saved)
	}
	return nil
}

func (k *walk) nested(ctx context.Context, depth int) error {
	k.did("nested {")
	begun, ended := k.w.flush(), true
	before := k.w.clone()
	k.w.block++
	block := k.w.block
	err := k.s.Nested(ctx, func(context.Context) error {
		for range k.r.IntN(12) {
			if err := k.step(depth + 1); err != nil {
				return err
			}
		}
		ended = k.w.flush()
		return nil
	})
	if !begun {
		return k.flushed(begun, err)
	}
	inner := err
	if !errors.Is(err, errConflict) && !errors.Is(err, errUndo) {
		inner = k.flushed(ended, err)
	}
	k.did("} %v", inner)
	if inner != nil {
		before.block = k.w.block
		k.goBack(before, block)
		if errors.Is(inner, errConflict) { // the flush may have got to any of its objects
			k.s.ExpireAll()
			for i, m := range k.w.objects {
				m.stale, m.block = true, k.w.block
				k.w.objects[i] = m
			}
		}
	}
	return nil
}

// goBack compares the objects with an older world, which is then the present
// one. An object may hold what was saved then, or what was read later; those
// whose rows were read or written since a block began are stale.
func (k *walk) goBack(to *world, block int) {
	k.t.Helper()
	for i, m := range k.w.objects {
		old, known := to.objects[i]
		switch {
		case !known && m.found != 0:
			to.objects[i] = itemModel{state: orm.Persistent, key: m.found, saved: to.rows[m.found], found: m.found, stale: true}
		case !known || old.state == orm.Pending:
			if orm.StateOf(i) != orm.Transient || i.Version != 0 {
				k.fatalf("new object %d is %s of version %d", i.Key, orm.StateOf(i), i.Version)
			}
			delete(to.objects, i)
		}
	}
	to.pending = nil
	for i, m := range to.objects {
		if _, still := k.w.objects[i]; !still {
			delete(to.objects, i) // it was expunged meanwhile
			continue
		}
		now, row := memory(i), to.rows[m.key]
		same := (now.v == m.saved.v || now.v == row.v) && (now.w == m.saved.w || now.w == row.w) && now.version == row.version
		if m.state == orm.Persistent && (orm.StateOf(i) != orm.Persistent || i.Key != m.key || !same) {
			k.fatalf("object of row %d is %s, %d %+v, in place of %+v", m.key, orm.StateOf(i), i.Key, now, m.saved)
		}
		m.block = k.w.objects[i].block
		m.doomed, m.stale, m.saved = false, m.stale || m.block >= block, now
		to.objects[i] = m
	}
	*k.w = *to
}

// end commits or rolls back, and compares all that there is.
func (k *walk) end(conflict bool) {
	ctx := context.Background()
	if !conflict && k.r.IntN(4) > 0 {
		k.did("commit")
		conflict = k.flushing(func() error { return k.s.Commit(ctx) }) != nil
		if !conflict {
			k.committed()
			return
		}
	}
	k.did("rollback")
	if err := k.s.Rollback(ctx); err != nil {
		k.fatalf("%v", err)
	}
	k.goBack(k.base.clone(), 0)
	k.compare()
	k.base = k.w.clone()
}

func (k *walk) committed() {
	for i, m := range k.w.objects {
		if m.state == orm.Deleted {
			if orm.StateOf(i) != orm.Detached {
				k.fatalf("deleted object %d is %s", m.key, orm.StateOf(i))
			}
			delete(k.w.objects, i)
			continue
		}
		m.stale = true
		k.w.objects[i] = m
	}
	k.compare()
	k.base = k.w.clone()
}

// compare reads the rows without the session.
func (k *walk) compare() {
	k.t.Helper()
	e := orm.Entity[Item]()
	stored, err := orm.Fetch[struct {
		Key     int64
		V       int
		W       *string
		Version int
	}](context.Background(), k.db.Engine, orm.Select(orm.C(&e.Key), orm.C(&e.V), orm.N(&e.W), orm.C(&e.Version)))
	if err != nil {
		k.fatalf("%v", err)
	}
	rows := map[int64]itemRow{}
	for _, row := range stored {
		rows[row.Key] = memory(&Item{V: row.V, W: row.W, Version: row.Version})
	}
	if !maps.Equal(rows, k.w.rows) {
		k.fatalf("there are the rows\n%v, and there should be\n%v", rows, k.w.rows)
	}
	for i, m := range k.w.objects {
		if orm.StateOf(i) != orm.Persistent || !k.s.Contains(i) || i.Key != m.key || memory(i) != m.saved {
			k.fatalf("object of row %d is %s, %d %+v in place of %+v", m.key, orm.StateOf(i), i.Key, memory(i), m.saved)
		}
	}
	if n := k.db.Stats().InUse; n != 0 {
		k.fatalf("%d connections are in use", n)
	}
}

// meanwhile has somebody else change a row, between two transactions.
func (k *walk) meanwhile() {
	keys := slices.Sorted(maps.Keys(k.w.rows))
	if len(keys) == 0 || k.r.IntN(2) == 0 {
		return
	}
	key := keys[k.r.IntN(len(keys))]
	row := k.w.rows[key]
	row.v += 10
	k.did("somebody changes %d", key)
	e := orm.Entity[Item]()
	if _, err := orm.Exec(context.Background(), k.db.Engine, orm.Update(e).Set(orm.C(&e.V).Set(row.v)).Where(orm.C(&e.Key).Eq(key))); err != nil {
		k.fatalf("%v", err)
	}
	k.w.rows[key], k.base.rows[key] = row, row
}

func (k *walk) run() {
	e := orm.Entity[Item]()
	must(k.t, second(orm.Exec(context.Background(), k.db.Engine, orm.Delete(e).AllRows())))
	k.s = orm.NewSession(k.db.Engine)
	defer func() { _ = k.s.Close() }()
	for range 6 {
		var err error
		for range k.r.IntN(25) {
			if err = k.step(0); err != nil {
				break
			}
		}
		k.end(err != nil)
		k.meanwhile()
	}
}

func TestSessionEndsWhereAPlainMapEnds(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, items)
		seed, sequences := rand.Uint64(), byDialect[int]{"sqlite": 400, "postgres": 30, "mysql": 30}.of(db)
		if text := os.Getenv("ORM_TEST_SEED"); text != "" {
			seed, _ = strconv.ParseUint(text, 10, 64)
		}
		for n := range sequences {
			k := &walk{t: t, seed: seed + uint64(n), r: rand.New(rand.NewPCG(seed+uint64(n), 0)), db: db, w: newWorld(), base: newWorld()}
			k.moveKeys = db.name() == "sqlite" // the others may change many keys in one statement, in an order of their own
			k.run()
		}
	})
}
