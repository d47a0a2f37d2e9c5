// This file proves that a stream holds few rows, gives its connection back
// wherever it ends, and never takes a cut for an end.

package orm_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Streaming holds one row at a time, and gives the connection back wherever it
// is broken off.
func TestBrokenOffStreamGivesItsConnectionBack(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		numbers := orm.Text(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 900) SELECT n FROM numbers`)
		read := 0
		for n, err := range orm.FetchIter[int](t.Context(), db, numbers) {
			must(t, err)
			if read++; n == 10 {
				break
			}
		}
		must(t, mark(t.Context(), db, 1))
		func() {
			defer func() { _ = recover() }()
			for _, err := range orm.FetchIter[int](t.Context(), db, numbers) {
				must(t, err)
				panic("user")
			}
		}()
		all := slices.Collect(func(yield func(int) bool) {
			for n, err := range orm.FetchIter[int](t.Context(), db, numbers) {
				if err != nil || !yield(n) {
					return
				}
			}
		})
		if read != 10 || len(all) != 900 || db.Stats().InUse != 0 {
			t.Errorf("read %d, then %d rows, %d connections in use", read, len(all), db.Stats().InUse)
		}
	})
}

// many selects more rows of a kilobyte than anybody would keep.
func (p *place) many() orm.Statement {
	switch p.name {
	case "postgres":
		return orm.Text("SELECT lpad(CAST(generate_series(1, 100000000) AS text), 1000, '0')")
	case "mysql":
		return orm.Text("SELECT LPAD(seq, 1000, '0') FROM seq_1_to_100000000")
	}
	return orm.Text(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000000)
		SELECT printf('%01000d', n) FROM numbers`)
}

func TestStreamHoldsFewRowsAndIsCutOffWhenItIsBrokenOff(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		read := 0
		began := time.Now()
		for text, err := range orm.FetchIter[string](t.Context(), db, p.many()) {
			must(t, err)
			if len(text) != 1000 {
				t.Fatalf("read %q", text)
			}
			if read++; read == 100_000 {
				runtime.GC()
				runtime.ReadMemStats(&after)
				began = time.Now()
				break
			}
		}
		wantBackBy(t, began) // 100 GB are not read to the end
		// Other tests take memory meanwhile; the rows would take twice as much.
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 50<<20 {
			t.Errorf("%d rows of a kilobyte have taken %d KB", read, grown>>10)
		}
		must(t, mark(t.Context(), db, 1))
	})
}

func TestResultThatIsCutOffIsAnErrorNotAnEnd(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t, one()))
		read := 0
		var last error
		for _, err := range orm.FetchIter[string](t.Context(), c, p.many()) {
			if err != nil {
				last = err
				break
			}
			if read++; read == 10 {
				p.proxy.cut()
			}
		}
		wantIs(t, last, orm.ErrConnection)
		if read < 10 {
			t.Errorf("%d rows before the cut", read)
		}
		wantState(t, c, orm.TxLost)
		must(t, c.Rollback(t.Context()))
		must(t, mark(t.Context(), c, 1))
	})
}
