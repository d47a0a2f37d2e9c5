// This file finds a FROM of which nothing connects the parts: a cartesian
// product that was hardly meant. Items that stand in one join, and columns that
// one condition mentions, are connected; of AND, OR and NOT each part is a
// condition of its own. In
//
//	SELECT … FROM a, b, c JOIN d ON … WHERE a.x = b.x AND c.x > 1
//
// a and b are connected, and c and d, but not the two pairs. An item that reads
// columns of others in its place, as LATERAL and functions do, is connected with
// them. A subquery connects what it uses of the statements around it, and is
// connected through what it uses of them.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

// links is what connects the items of one FROM. The zero value connects nothing.
type links struct {
	groups    [][]fromNode // each is connected
	mentioned []fromNode   // since the condition, or the item of FROM, began
	parts     bool         // the list that is written next is one of conditions
}

// begin has what is mentioned from now on be connected.
func (l *links) begin(items ...fromNode) { l.mentioned = append(l.mentioned[:0], items...) }

// end connects what was mentioned.
func (l *links) end() {
	if len(l.mentioned) == 0 {
		return
	}
	joined := slices.Clone(l.mentioned)
	l.groups = slices.DeleteFunc(l.groups, func(group []fromNode) bool {
		shared := slices.ContainsFunc(group, func(item fromNode) bool { return slices.Contains(l.mentioned, item) })
		if shared {
			joined = append(joined, group...)
		}
		return shared
	})
	l.groups = append(l.groups, joined)
	l.begin()
}

// link prepares the scope to find out what connects items of a FROM, if there
// are several.
func (c *Compiler) link(items ...Node) {
	if len(items) < 2 || c.err != nil {
		return
	}
	c.scope.links = &links{}
	c.linking++
}

// unlinked takes note of what nothing connects, when the conditions are written.
func (c *Compiler) unlinked(word string) {
	l := c.scope.links
	if l == nil {
		return
	}
	c.scope.links = nil
	c.linking--
	if apart := l.apart(c.scope.items); len(apart) > 1 && c.apart == nil {
		c.apart = cartesian(word, apart)
	}
}

// apart returns the names of the items by group, in the order of FROM.
func (l *links) apart(items []fromNode) []string {
	var names []string
	var seen []int
	for _, item := range items {
		at := slices.IndexFunc(l.groups, func(group []fromNode) bool { return slices.Contains(group, item) })
		if at < 0 || slices.Contains(seen, at) {
			continue
		}
		seen = append(seen, at)
		var group []string
		for _, other := range items {
			if slices.Contains(l.groups[at], other) {
				group = append(group, other.fromName())
			}
		}
		if len(group) > 1 {
			names = append(names, "("+strings.Join(group, ", ")+")")
		} else {
			names = append(names, group...)
		}
	}
	return names
}

func cartesian(word string, apart []string) *UsageError {
	last := len(apart) - 1
	advice := "join them, or compare their columns in a condition; if every pair is meant, say CrossJoin, or Join on orm.True()"
	if word != "SELECT" {
		advice = "compare their columns in a condition, or use Scalar or Exists"
	}
	return &UsageError{
		Kind: ErrCartesian, Op: "compile", Subject: word,
		Reason: fmt.Sprintf("nothing connects %s and %s, so that every row of the one is paired with every row of the other", strings.Join(apart[:last], ", "), apart[last]),
		Advice: advice,
	}
}

// mention notes a column's item for the statement that it belongs to, and for
// those in between.
func (c *Compiler) mention(from fromNode) {
	for s := c.scope; s != nil; s = s.outer {
		if g := s.groupOf(from); g != nil {
			from = g
		}
		if s.links != nil {
			s.links.mentioned = append(s.links.mentioned, from)
		}
		if s.has(from) {
			return
		}
	}
}

// linkedItem writes an item of FROM, and connects what stands in it.
func (c *Compiler) linkedItem(n Node) {
	l := c.scope.links
	if l == nil {
		c.fromItem(n)
		return
	}
	l.begin(itemsOf(n)...)
	c.fromItem(n)
	l.end()
}

// itemsOf are the items that are joined in one of FROM.
func itemsOf(n Node) []fromNode {
	n, err := resolved(unsampled(n))
	if err != nil {
		return nil // it comes out where the item is written
	}
	switch n := n.(type) {
	case *joinNode:
		return slices.Concat(itemsOf(n.left), itemsOf(n.right))
	case entityItem:
		return []fromNode{n.source()}
	case *EntitySource:
		if n.from != nil {
			return []fromNode{n.from}
		}
	case fromNode:
		return []fromNode{n}
	}
	return nil
}

// where writes the conditions of a statement, and connects what each mentions.
func (c *Compiler) where(conditions []Node) {
	if l := c.linkingHere(); l != nil && len(conditions) > 0 {
		l.begin()
		l.parts = len(conditions) > 1 || hasParts(conditions[0])
		defer func() { l.parts = false; l.end() }()
	}
	c.conditions(" WHERE ", conditions)
}

func (c *Compiler) linkingHere() *links {
	if c.linking == 0 || c.scope == nil {
		return nil
	}
	return c.scope.links
}

// part writes an item of a list, which is a condition of its own if the list is
// one of conditions.
func (c *Compiler) part(n Node, outer int) {
	l := c.linkingHere()
	if l == nil || !l.parts {
		c.expr(n, outer)
		return
	}
	l.parts = hasParts(n)
	c.expr(n, outer)
	l.end()
	l.parts = true
}

// hasParts reports whether a condition is made of others.
func hasParts(n Node) bool {
	switch n := n.(type) {
	case *listNode:
		return true
	case *unaryNode:
		return n.op == opNot && hasParts(n.operand)
	}
	return false
}
