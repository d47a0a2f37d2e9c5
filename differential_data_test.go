// This file holds the rows of the differential tests: few values, so that
// conditions hit, many of them NULL, and every row of both tables again in memory.

package orm_test

import (
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Cell has two columns of each kind that can be NULL, for the differential tests.
type Cell struct {
	orm.Base `orm:"table:cells"`

	ID int64 `orm:"primary_key;autoincrement:false"`
	N  *int64
	M  *int64
	R  *float64
	Q  *float64
	W  *string `orm:"size:20"`
	V  *string `orm:"size:20"`
	T  *bool
	U  *bool
	D  *time.Time `orm:"type:date"`
	E  *time.Time `orm:"type:date"`
}

// Fibre is tied to a cell, or to none.
type Fibre struct {
	orm.Base `orm:"table:fibres"`

	ID     int64 `orm:"primary_key;autoincrement:false"`
	CellID *int64
	N      *int64
	R      *float64
	W      *string `orm:"size:20"`
	T      *bool
	D      *time.Time `orm:"type:date"`
}

var tissue = orm.MustRegister(&Cell{}, &Fibre{})

// datarow is a row in memory: values by the names of columns. A row without a partner
// in an outer join is a nil datarow, all of whose values are NULL.
type datarow map[string]any

// The values that columns hold; where a list ends, NULL follows.
var (
	wholeValues = []int64{0, 1, -1, 2, -2, 3, 7, -7}
	realValues  = []float64{0, 0.5, -0.5, 1, 2, -1.5, 2.25}
	wordValues  = []string{"", "a", "b", "ab", "A", "aB", "a_", "%", `\`, "é", " b", "ba", "/"}
	dayValues   = []time.Time{time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)}
	truthValues = []bool{false, true}
)

// nth is a value of the list, or NULL once in a round.
func nth[T any](list []T, i int) *T {
	if i %= len(list) + 1; i < len(list) {
		return &list[i]
	}
	return nil
}

// cellsAndFibres are the rows: no two columns go round in step, and some rows are
// equal but for their key.
func cellsAndFibres() (cells []*Cell, fibres []*Fibre) {
	for i := range 22 {
		k := i % 19
		cells = append(cells, &Cell{
			ID: int64(i + 1), N: nth(wholeValues, k), M: nth(wholeValues, k*k+1), R: nth(realValues, k*3), Q: nth(realValues, k/2), W: nth(wordValues, k), V: nth(wordValues, k*4+1),
			T: nth(truthValues, k), U: nth(truthValues, k/3), D: nth(dayValues, k), E: nth(dayValues, k/4),
		})
	}
	for i := range 13 {
		k := i % 11
		fibres = append(fibres, &Fibre{
			ID: int64(i + 1), CellID: nth([]int64{1, 2, 2, 3, 5, 99}, k), N: nth(wholeValues[:5], k), R: nth(realValues[:5], k*2+1), W: nth(wordValues[:6], k*5), T: nth(truthValues, k/2), D: nth(dayValues, k+1),
		})
	}
	return cells, fibres
}

func (c *Cell) datarow() datarow {
	return datarow{"id": c.ID, "n": inside(c.N), "m": inside(c.M), "r": inside(c.R), "q": inside(c.Q), "w": inside(c.W), "v": inside(c.V), "t": inside(c.T), "u": inside(c.U), "d": inside(c.D), "e": inside(c.E)}
}

func (k *Fibre) datarow() datarow {
	return datarow{"id": k.ID, "cell_id": inside(k.CellID), "n": inside(k.N), "r": inside(k.R), "w": inside(k.W), "t": inside(k.T), "d": inside(k.D)}
}

// inside is what a pointer leads to, or nil.
func inside[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// withCells has the rows in the database. Texts are compared byte by byte there, as
// no two databases agree on anything else.
func (db *testDB) withCells(t *testing.T) (*testDB, []*Cell, []*Fibre) {
	t.Helper()
	db.withTables(t, tissue)
	collated := byDialect[[]string]{
		"postgres": {`ALTER TABLE cells ALTER w TYPE VARCHAR(20) COLLATE "C", ALTER v TYPE VARCHAR(20) COLLATE "C"`, `ALTER TABLE fibres ALTER w TYPE VARCHAR(20) COLLATE "C"`},
		"mysql":    {"ALTER TABLE cells CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "ALTER TABLE fibres CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
		"sqlite":   {},
	}
	for _, text := range collated.of(db) {
		run(t, db.Engine, text)
	}
	cells, fibres := cellsAndFibres()
	s := db.session(t)
	orm.AddAll(s, cells)
	orm.AddAll(s, fibres)
	must(t, s.Commit(t.Context()))
	return db, cells, fibres
}

// source is something that a query selects from: its columns, and its rows.
type source struct {
	from any
	rows []datarow
	key  string // a column that no two rows have the same value in, or ""

	wholes []column[int64]
	reals  []column[float64]
	words  []column[string]
	truths []column[bool]
	days   []column[time.Time]
}

// column is a column of a source as an expression.
type column[T any] struct {
	name string
	expr orm.Expr[T]
}

// cellSource is the cells under a reference.
func cellSource(c *Cell, cells []*Cell) *source {
	s := &source{
		from: c, key: "id",
		wholes: []column[int64]{{"n", orm.N(&c.N)}, {"m", orm.N(&c.M)}, {"id", orm.C(&c.ID)}},
		reals:  []column[float64]{{"r", orm.N(&c.R)}, {"q", orm.N(&c.Q)}},
		words:  []column[string]{{"w", orm.N(&c.W)}, {"v", orm.N(&c.V)}},
		truths: []column[bool]{{"t", orm.N(&c.T)}, {"u", orm.N(&c.U)}},
		days:   []column[time.Time]{{"d", orm.N(&c.D)}, {"e", orm.N(&c.E)}},
	}
	for _, row := range cells {
		s.rows = append(s.rows, row.datarow())
	}
	return s
}

// fibreSource is the fibres under a reference.
func fibreSource(k *Fibre, fibres []*Fibre) *source {
	s := &source{
		from: k, key: "id",
		wholes: []column[int64]{{"n", orm.N(&k.N)}, {"cell_id", orm.N(&k.CellID)}, {"id", orm.C(&k.ID)}},
		reals:  []column[float64]{{"r", orm.N(&k.R)}},
		words:  []column[string]{{"w", orm.N(&k.W)}},
		truths: []column[bool]{{"t", orm.N(&k.T)}},
		days:   []column[time.Time]{{"d", orm.N(&k.D)}},
	}
	for _, row := range fibres {
		s.rows = append(s.rows, row.datarow())
	}
	return s
}
