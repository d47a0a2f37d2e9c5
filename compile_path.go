// This file writes what follows a relationship: joins along it, and EXISTS over
// what it leads to.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

// follow puts the joins of tables in the place of those along relationships.
// The scope has all other items already; what is followed is added to it.
func (c *Compiler) follow(items []Node) []Node {
	if c.err != nil || !slices.ContainsFunc(items, followsPath) {
		return items
	}
	var done []Node
	for _, item := range items {
		n, ok := item.(*joinNode)
		if !ok {
			done = append(done, item)
			continue
		}
		first, joins := n.chain()
		done = append(done, first)
		for _, j := range joins {
			if p, ok := j.right.(*pathJoin); ok {
				c.followJoin(done, j, p)
			} else {
				done[len(done)-1] = &joinNode{left: done[len(done)-1], right: j.right, kind: j.kind, on: j.on}
			}
		}
	}
	return done
}

func followsPath(item Node) bool {
	n, ok := item.(*joinNode)
	for ok {
		if _, follows := n.right.(*pathJoin); follows {
			return true
		}
		n, ok = n.left.(*joinNode)
	}
	return false
}

// followJoin joins a relationship to the item that has its entity. With a link
// table there are two joins. An outer join takes link table and target as one,
// so that a row has no partner unless it has one in both; a full one also keeps
// targets without a link.
func (c *Compiler) followJoin(items []Node, j *joinNode, to *pathJoin) {
	p, err := to.field.path(to.as)
	if err != nil {
		c.Fail(err)
		return
	}
	at := slices.IndexFunc(items, func(n Node) bool { return holds(n, p.from) })
	if at < 0 {
		c.Fail(notInFrom("join", p.name))
		return
	}
	right := to.item(p)
	c.Fail(c.scope.add(right))
	joined := &joinNode{left: items[at], right: right, kind: j.kind}
	var on []Expr[bool]
	if p.link == nil {
		on = append(on, joinCondition(p.pairs, p.from, p.to.source()))
	} else {
		on = append(on, c.followLink(joined, p))
	}
	for _, n := range p.criteria {
		on = append(on, Expr[bool]{&renamedNode{of: n, own: p.own, entity: p.to}})
	}
	if j.on != nil {
		on = append(on, Expr[bool]{j.on})
	}
	joined.on = And(on...).n
	items[at] = joined
}

// followLink puts a link table between the two sides of a join, and returns the
// condition of what is the join then.
func (c *Compiler) followLink(n *joinNode, p *relationPath) Expr[bool] {
	link := c.underName(p.link.table, c.scope.taken)
	c.Fail(c.scope.add(link))
	onLink, onTarget := joinCondition(p.link.pairs, p.from, link), joinCondition(p.pairs, link, p.to.source())
	if n.kind == innerJoin {
		n.left = &joinNode{left: n.left, right: link, kind: innerJoin, on: onLink.n}
		return onTarget
	}
	if n.kind == fullJoin {
		n.right = &joinNode{left: n.right, right: link, kind: outerJoin, on: onTarget.n}
	} else {
		n.right = &joinNode{left: link, right: n.right, kind: innerJoin, on: onTarget.n}
	}
	return onLink
}

// holds reports whether an item of FROM is, or joins, another.
func holds(n Node, from fromNode) bool {
	if j, ok := n.(*joinNode); ok {
		return holds(j.left, from) || holds(j.right, from)
	}
	if s, ok := n.(*EntitySource); ok {
		n = s.entity
	}
	n, err := resolved(unsampled(n))
	if err != nil {
		return false
	}
	if e, ok := n.(entityItem); ok {
		n = e.source()
	}
	if g := groupIn(n); g != nil && g.has(from) {
		return true
	}
	return n == Node(from)
}

// renamed writes a condition in which a table stands for another FROM item.
func (c *Compiler) renamed(n *renamedNode, outer int) {
	enclosing := c.scope
	defer func() { c.scope = enclosing }()
	if n.free {
		defer c.under(restriction{lifted: true})()
	}
	c.scope = &scope{outer: enclosing, entities: []entityItem{n.entity}}
	if to := n.entity.source(); to != n.own {
		c.scope.renamed = map[fromNode]fromNode{n.own: to}
		c.scope.renameParts(n.own, to)
	}
	c.expr(n.of, outer)
}

// pathExists writes EXISTS over what a relationship leads to. Inside, the target
// and the link table go by their own names, also where these are taken outside
// and mean something else there.
func (c *Compiler) pathExists(n *pathExists) {
	p, outer, style := n.path, c.scope, c.style
	defer func() { c.scope, c.style = outer, style }()
	c.scope, c.style = &scope{outer: outer, renamed: map[fromNode]fromNode{}}, qualified
	c.SQL("EXISTS (SELECT 1 FROM ")
	var criteria []Node
	if p.link == nil {
		to := c.existing(p.own)
		criteria = c.criteriaOn(to)
		c.correlate(p.pairs, p, to)
	} else {
		link := c.existing(p.link.table)
		criteria = c.criteriaOn(link)
		if !n.linkOnly || groupIn(p.own) != nil || criteriaApply(c.criteria, entityBehind(p.own)) {
			c.SQL(innerJoin)
			to := c.existing(p.own)
			criteria = append(criteria, c.criteriaOn(to)...)
			c.SQL(" ON ")
			c.expr(joinCondition(p.pairs, link, to).n, precOr)
		}
		c.correlate(p.link.pairs, p, link)
	}
	c.scope.entities = []entityItem{p.to}
	for _, condition := range slices.Concat(p.criteria, n.conditions, criteria) {
		c.SQL(opAnd.text)
		c.expr(condition, opAnd.precedence)
	}
	c.SQL(")")
}

// existing writes a FROM item of EXISTS, and returns what it is there.
func (c *Compiler) existing(from fromNode) fromNode {
	actual := c.underName(from, c.scope.takenAnywhere)
	if actual != from {
		c.scope.renamed[from] = actual
		c.scope.renameParts(from, actual)
	}
	c.Fail(c.scope.add(actual))
	c.fromItem(actual)
	return actual
}

// correlate writes the condition that ties what is inside of EXISTS to the
// enclosing statement.
func (c *Compiler) correlate(pairs []pathPair, p *relationPath, far fromNode) {
	inner := c.scope
	for i, pair := range pairs {
		if i == 0 {
			c.SQL(" WHERE ")
		} else {
			c.SQL(opAnd.text)
		}
		c.columnOf(far, pair.far.name)
		c.SQL(opEq.text)
		c.scope = inner.outer
		c.columnOf(p.from, pair.near.name)
		c.scope = inner
	}
}

// named returns a table, or it under another name where its own is taken.
func (c *Compiler) underName(from fromNode, taken func(fromNode) bool) fromNode {
	if !taken(from) {
		return from
	}
	name := tableOf(separate(from)[0]).name
	if most := c.features.MaxIdentifier - len("_1000"); most > 0 && len(name) > most {
		name = strings.ToValidUTF8(name[:most], "")
	}
	for i := 1; ; i++ {
		if alias := renamed(from, fmt.Sprintf("%s_%d", name, i)); !c.scope.takenAnywhere(alias) {
			return alias
		}
	}
}
