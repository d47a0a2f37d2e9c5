// This file says what is to be said of a statement of which nothing connects the
// items of a FROM: an error in strict mode, and otherwise a warning in the log,
// once for each shape of a statement.

package orm

import (
	"context"
	"hash/maphash"
	"regexp"
	"sync"
)

// hasLinks refuses a statement with a FROM of which nothing connects the parts,
// or warns of it and lets it through.
func (e *Engine) hasLinks(ctx context.Context, c *Compiled, strict bool) error {
	switch {
	case c.apart == nil:
	case strict:
		return c.apart
	case e.log.warns() && e.warned.first(shapeOfText(c.SQL)):
		e.warn(ctx, "cartesian product", "reason", c.apart.Reason, "advice", c.apart.Advice, "sql", c.SQL)
	}
	return nil
}

// warnedShapes is how many shapes an engine remembers to have warned of.
const warnedShapes = 512

// warnings remembers the shapes of statements that were last warned of. It is
// safe for concurrent use. The zero value remembers none.
type warnings struct {
	mu    sync.Mutex
	seen  map[uint64]bool
	order []uint64 // the shapes seen, in a ring
	next  int
}

// first reports whether a shape is none of those that are remembered, and
// remembers it in place of the oldest.
func (w *warnings) first(shape uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen[shape] {
		return false
	}
	if w.seen == nil {
		w.seen = map[uint64]bool{}
	}
	if len(w.order) < warnedShapes {
		w.order = append(w.order, shape)
	} else {
		delete(w.seen, w.order[w.next])
		w.order[w.next] = shape
		w.next = (w.next + 1) % warnedShapes
	}
	w.seen[shape] = true
	return true
}

var (
	shapeSeed    = maphash.MakeSeed()
	placeholders = regexp.MustCompile(`[?$]\d*(, [?$]\d*)+`)
)

// shapeOfText is a number for a statement's text, in which lists of values count
// the same whatever their length.
func shapeOfText(text string) uint64 {
	return maphash.String(shapeSeed, placeholders.ReplaceAllString(text, "?"))
}
