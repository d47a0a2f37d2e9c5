// This file holds the cache of compiled statements, by their forms: statements
// that differ in values alone are written once.

package orm

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aurum-go/orm/types"
)

// CompiledCacheStats are the figures of an engine's cache of compiled statements.
type CompiledCacheStats struct {
	Hits    int64 // statements whose text was there
	Misses  int64 // statements that were written, and kept
	Skipped int64 // statements that are of no use to a cache, and were written without it
	Size    int   // statements that are kept
	Limit   int   // how many are kept at most, but for half as many that wait to be dropped
}

// compiledCache keeps templates by the forms of their statements. It is safe for
// concurrent use.
type compiledCache struct {
	dialect Dialect
	limit   int
	mu      sync.RWMutex
	byForm  map[string]*cachedForm
	kept    atomic.Int64 // forms that were ever entered; the time by which they grow old
	hits    atomic.Int64
	misses  atomic.Int64
	skipped atomic.Int64
	writers sync.Pool
}

// cachedForm is what is known of the statements of a form.
type cachedForm struct {
	template *template // or nil, for what cannot be kept
	asked    []asked   // conditions of criteria, which are part of the form, too
	pins     []types.Ptr
	used     atomic.Int64
}

func newCompiledCache(d Dialect, limit int) *compiledCache {
	return &compiledCache{dialect: d, limit: limit, byForm: map[string]*cachedForm{}}
}

// compile returns a compiled statement with its values.
func (cc *compiledCache) compile(stmt Statement, criteria []Criteria) (*Compiled, error) {
	if cc.limit == 0 {
		return compileUnder(stmt, cc.dialect, criteria)
	}
	w, ok := cc.writers.Get().(*formWriter)
	if !ok {
		w = &formWriter{}
	}
	defer func() {
		w.reset()
		cc.writers.Put(w)
	}()
	if found := cc.look(w, stmt, criteria); found != nil {
		cc.hits.Add(1)
		return found, nil
	}
	if !w.none {
		made, err := cc.make(w, stmt, criteria)
		if made != nil || err != nil {
			return made, err
		}
	}
	cc.skipped.Add(1)
	return compileUnder(stmt, cc.dialect, criteria)
}

// look returns a statement by the template of its form, or nil. Where there can be
// none, the writer says so.
func (cc *compiledCache) look(w *formWriter, stmt Statement, criteria []Criteria) *Compiled {
	w.statement(stmt, criteria)
	known := cc.find(w)
	if known != nil && len(known.asked) > 0 {
		for _, a := range known.asked {
			w.node(a.criterion.on(a.reference))
		}
		known = cc.find(w)
	}
	switch {
	case w.none || known == nil:
		return nil
	case known.template == nil:
		w.none = true
		return nil
	}
	return known.template.fill(w.held)
}

func (cc *compiledCache) find(w *formWriter) *cachedForm {
	if w.none {
		return nil
	}
	cc.mu.RLock()
	known := cc.byForm[string(w.text)]
	cc.mu.RUnlock()
	if known != nil {
		if now := cc.kept.Load(); known.used.Load() != now {
			known.used.Store(now)
		}
	}
	return known
}

// make compiles a statement as a template, and keeps that. It returns nothing if
// the statement has to be written by itself.
func (cc *compiledCache) make(w *formWriter, stmt Statement, criteria []Criteria) (*Compiled, error) {
	c := newCompiler(cc.dialect)
	c.criteria, c.marked, c.listsWhole = criteria, true, true
	compiled, err := c.compile(stmt)
	if err != nil {
		return nil, nil // which says it of the statement as it is sent
	}
	w.reset()
	if w.statement(stmt, criteria); len(c.asked) > 0 {
		cc.keep(w, &cachedForm{asked: answered(c.asked)})
		for _, a := range c.asked {
			w.node(a.answer)
		}
	}
	known := &cachedForm{}
	if !c.byValue && !w.none && lastingColumns(compiled.columns) {
		known.template = newTemplate(compiled, w.held)
	}
	cc.keep(w, known)
	if known.template == nil {
		return nil, nil
	}
	cc.misses.Add(1)
	return known.template.fill(w.held), nil
}

// answered are questions without their answers, which hold values.
func answered(questions []asked) []asked {
	questions = slices.Clone(questions)
	for i := range questions {
		questions[i].answer = nil
	}
	return questions
}

// lastingColumns reports whether the columns of a result belong to no single
// statement.
func lastingColumns(columns []resultColumn) bool {
	return !slices.ContainsFunc(columns, func(c resultColumn) bool {
		once, ok := c.entity.(lasting)
		return c.entity != nil && !(ok && once.lasting())
	})
}

// keep enters what is known of a form.
func (cc *compiledCache) keep(w *formWriter, known *cachedForm) {
	if w.none {
		return
	}
	known.pins = slices.Clone(w.pins)
	known.used.Store(cc.kept.Add(1))
	cc.mu.Lock()
	defer cc.mu.Unlock()
	cc.byForm[string(w.text)] = known
	if len(cc.byForm) > cc.limit+cc.limit/2 {
		cc.drop()
	}
}

// drop forgets the forms that were not used for longest, down to the limit.
func (cc *compiledCache) drop() {
	age := func(a, b string) int { return cmp.Compare(cc.byForm[a].used.Load(), cc.byForm[b].used.Load()) }
	for _, form := range slices.SortedFunc(maps.Keys(cc.byForm), age)[:len(cc.byForm)-cc.limit] {
		delete(cc.byForm, form)
	}
}

func (cc *compiledCache) stats() CompiledCacheStats {
	cc.mu.RLock()
	defer cc.mu.RUnlock()
	return CompiledCacheStats{Hits: cc.hits.Load(), Misses: cc.misses.Load(), Skipped: cc.skipped.Load(), Size: len(cc.byForm), Limit: cc.limit}
}

// statement writes the form of a statement under criteria.
func (w *formWriter) statement(stmt Statement, criteria []Criteria) {
	switch s := stmt.(type) {
	case *SelectStatement, *SetOperation, *UpdateStatement, *DeleteStatement, *MergeStatement:
	case *InsertStatement:
		w.none = s == nil || len(s.rows) > 1
	default:
		w.none = true
	}
	if w.none {
		return
	}
	for _, c := range criteria {
		if c.is == nil {
			w.none = true
			return
		}
		w.node(c.is)
	}
	w.byte(0)
	w.node(stmt)
}
