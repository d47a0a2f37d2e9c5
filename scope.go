// This file settles what a statement selects from: the items it names, the
// ones that its columns imply, and those it shares with an enclosing statement.

package orm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// scope is what can be referred to inside of a statement.
type scope struct {
	outer      *scope
	items      []fromNode
	entities   []entityItem
	labels     []string              // of the select list
	groups     []*labelNode          // those that are of aggregates
	windows    []namedWindow         // of the WINDOW clause
	renamed    map[fromNode]fromNode // items that stand here under another name
	sources    map[fromNode]fromNode // what entities are read from in place of their tables
	tableHints []tableHint
	lateral    bool         // what is inside may do without a FROM of its own
	links      *links       // of what it selects from, while that is written; or nil
	shared     *correlation // what it may use of those around it; nil for everything
}

// has reports whether the scope itself provides a FROM item.
func (s *scope) has(from fromNode) bool {
	return slices.Contains(s.items, from) || s.instead(from) != nil || s.groupOf(from) != nil
}

// groupOf is the group of the scope that a table is one of, or nil.
func (s *scope) groupOf(from fromNode) *tableGroup {
	for _, item := range s.items {
		if g := groupIn(item); g != nil && g.has(from) {
			return g
		}
	}
	return nil
}

// instead is what the scope has in the place of a FROM item, or nil.
func (s *scope) instead(from fromNode) fromNode {
	if to := s.renamed[from]; to != nil {
		return to
	}
	return s.sources[from]
}

// actual returns the item that a FROM item means here: itself, or the one that
// the innermost scope which provides it has in its place.
func (s *scope) actual(from fromNode) fromNode {
	for o := s; o != nil; o = o.outer {
		if to := o.instead(from); to != nil {
			from = to
		}
		if slices.Contains(o.items, from) {
			return from
		}
	}
	return from
}

// encloses reports whether an enclosing scope provides a FROM item.
func (s *scope) encloses(from fromNode) bool {
	for o := s.outer; o != nil; o = o.outer {
		if o.has(from) {
			return true
		}
	}
	return false
}

// add enters a FROM item, and both sides of a join, and checks that no two have
// one name.
func (s *scope) add(n Node) error {
	n, err := resolved(n)
	if err != nil {
		return err
	}
	switch n := n.(type) {
	case *errorNode:
		return n.err
	case *SampledTable:
		return s.add(n.of)
	case *joinNode:
		if err := s.add(n.left); err != nil {
			return err
		}
		return s.add(n.right)
	case *pathJoin:
		return nil // what it leads to is added when it is followed
	case *EntitySource:
		return s.addSource(n)
	case entityItem:
		if err := s.addItem(n.source()); err != nil {
			return err
		}
		s.entities = append(s.entities, n)
		return nil
	case fromNode:
		return s.addItem(n)
	}
	return &UsageError{Kind: ErrArgument, Op: "select from", Subject: fmt.Sprintf("%T", n), Reason: "it is no table and no entity reference"}
}

func (s *scope) addItem(from fromNode) error {
	if t := tableOf(from); t != nil && len(t.mistakes) > 0 {
		return joinErrors(t.mistakes)
	}
	if to := s.sources[from]; to != nil {
		return readTwice(from, to)
	}
	if g := groupIn(from); g != nil {
		for _, other := range g.stands {
			if !g.has(other) {
				s.read(other, g)
			}
		}
	}
	if s.taken(from) || s.outer.hasMadeUp(from) {
		return &UsageError{
			Kind: ErrAmbiguous, Op: "select from", Subject: from.fromName(), Reason: "two items of FROM have that name",
			Advice: "give one another name, with Alias",
		}
	}
	s.items = append(s.items, from)
	return nil
}

// taken reports whether an item of the scope has the name of another.
func (s *scope) taken(from fromNode) bool {
	return slices.ContainsFunc(s.items, func(item fromNode) bool { return sameName(from, item) })
}

// hasMadeUp reports whether the name of an item is one that the scope, or one
// around it, has given to what stands there under another name. An item of that
// name further inside would be taken for it.
func (s *scope) hasMadeUp(from fromNode) bool {
	for o := s; o != nil; o = o.outer {
		for _, to := range o.renamed {
			if sameName(from, to) {
				return true
			}
		}
	}
	return false
}

// takenAnywhere is taken for the scope and those around it.
func (s *scope) takenAnywhere(from fromNode) bool {
	for o := s; o != nil; o = o.outer {
		if o.taken(from) {
			return true
		}
	}
	return false
}

// sameName reports whether two FROM items cannot be told apart. Tables of one
// name in two schemas can.
func sameName(a, b fromNode) bool {
	if groupIn(a) != nil || groupIn(b) != nil {
		return slices.ContainsFunc(separate(a), func(a fromNode) bool {
			return slices.ContainsFunc(separate(b), func(b fromNode) bool { return sameName(a, b) })
		})
	}
	if ta, ok := a.(*Table); ok {
		if tb, ok := b.(*Table); ok {
			return ta.FullName() == tb.FullName()
		}
	}
	return a.fromName() == b.fromName()
}

// implied adds the FROM items of the columns that the nodes use and that
// nothing else provides. It tells whether an enclosing statement provides any.
func (s *scope) implied(nodes []Node) (added []fromNode, correlated bool, err error) {
	var visit func(n Node) bool
	visit = func(n Node) bool {
		if late, ok := n.(lateNode); ok {
			if n, err = resolved(late); err != nil {
				return false
			}
			if sourceOf(n) == nil {
				return walk([]Node{n}, visit)
			}
		}
		from := sourceOf(n)
		if from == nil || s.has(from) {
			return true
		}
		shared := s.encloses(from)
		if shared {
			shared, err = s.shared.has(from)
		}
		switch {
		case err != nil:
		case shared:
			correlated = true
		default:
			err = s.addItem(from)
			added = append(added, from)
		}
		return err == nil
	}
	walk(nodes, visit)
	return added, correlated, err
}

// sharesNamed refuses to take from an enclosing statement what FROM names.
func (s *scope) sharesNamed() error {
	if s.shared == nil || s.shared.except {
		return nil
	}
	for _, item := range s.items {
		switch both, err := s.shared.has(item); {
		case err != nil:
			return err
		case both:
			return &UsageError{
				Kind: ErrArgument, Op: "correlate", Subject: item.fromName(), Reason: "From names it, too",
				Advice: "leave it out of one of the two",
			}
		}
	}
	return nil
}

// selected enters what an item of the select list can be referred to by: its
// label, or the fields of an entity.
func (s *scope) selected(item Node) {
	item, err := resolved(item)
	if err != nil {
		return // it comes out where the item is written
	}
	switch n := item.(type) {
	case *labelNode:
		s.labels = append(s.labels, n.name)
		if aggregates(n.of) {
			s.groups = append(s.groups, n)
		}
	case entityItem:
		if !slices.Contains(s.entities, n) {
			s.entities = append(s.entities, n)
		}
	}
}

// orderName is the label that an item of ORDER BY may mean, or "": that of an
// expression, or a name that no field has.
func (s *scope) orderName(n Node) string {
	switch n := n.(type) {
	case *labelNode:
		return n.name
	case *nameNode:
		if _, err := s.byName(n.name); errors.Is(err, ErrUnknownName) {
			return n.name
		}
	}
	return ""
}

// label reports whether a name is that of a column of the select list. One that
// several have would mean the first to one database and nothing to another.
func (s *scope) label(name string) (bool, error) {
	if name == "" {
		return false, nil
	}
	first := slices.Index(s.labels, name)
	if first >= 0 && slices.Contains(s.labels[first+1:], name) {
		return false, &UsageError{
			Kind: ErrAmbiguous, Op: "refer to", Subject: quoted(name), Reason: "several columns of the select list have that name",
			Advice: "give them different names, with As",
		}
	}
	return first >= 0, nil
}

// sourceOf is the FROM item of a column, or nil for any other node.
func sourceOf(n Node) fromNode {
	switch n := n.(type) {
	case *columnNode:
		return n.from
	case *derivedColumn:
		return n.from
	case *starNode:
		if from, ok := n.of.(fromNode); ok {
			return from
		}
	case *compositeNode:
		return n.columns[0].from
	case *pathExists:
		return n.path.from
	case entityItem:
		return n.source()
	}
	return nil
}

// provides reports whether the scope or an enclosing one has a FROM item.
func (s *scope) provides(from fromNode) bool { return s.has(from) || s.encloses(from) }

// hasColumn reports whether a FROM item has a column of that name.
func (s *scope) hasColumn(name string) bool {
	return slices.ContainsFunc(s.items, func(item fromNode) bool {
		return slices.ContainsFunc(starOutputs(item), func(o output) bool { return o.name == name })
	})
}

// byName returns the column that a name means: the field of an entity, or the
// column of a table where there is no entity.
func (s *scope) byName(name string) (*columnNode, error) {
	var found []*columnNode
	var known []string
	for _, e := range s.entities {
		if column, ok := e.property(name); ok {
			found = append(found, column)
		}
		known = append(known, e.fieldNames()...)
	}
	if len(s.entities) == 0 {
		found, known = s.tableColumns(name)
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, &UsageError{
			Kind: ErrAmbiguous, Op: "refer to", Subject: quoted(name), Reason: "several items of FROM have a field of that name",
			Advice: "use orm.C(&entity.Field)",
		}
	case s.outer != nil:
		return s.outer.byName(name)
	}
	advice := thereAre(known)
	if len(known) == 0 {
		advice = "say with From whose field it is"
	}
	return nil, &UsageError{Kind: ErrUnknownName, Op: "refer to", Subject: quoted(name), Reason: "there is no such field", Advice: advice}
}

func (s *scope) tableColumns(name string) (found []*columnNode, known []string) {
	for _, item := range s.items {
		t := tableOf(item)
		if t == nil {
			continue
		}
		if column := t.named(name); column != nil {
			found = append(found, &columnNode{column, item})
		}
		for _, column := range t.columns {
			known = append(known, column.name)
		}
	}
	return found, known
}

// inferJoin finds the condition of a join from the one foreign key between its
// two sides.
func inferJoin(n *joinNode) (Node, error) {
	left, right := &scope{}, &scope{}
	if err := left.add(n.left); err != nil {
		return nil, err
	}
	if err := right.add(n.right); err != nil {
		return nil, err
	}
	var conditions []Node
	var candidates []string
	for _, l := range left.tables() {
		for _, r := range right.tables() {
			found, names := joinConditions(l, r)
			conditions, candidates = append(conditions, found...), append(candidates, names...)
		}
	}
	subject := right.items[0].fromName()
	switch len(conditions) {
	case 1:
		return conditions[0], nil
	case 0:
		return nil, &UsageError{Kind: ErrNoForeignKey, Op: "join", Subject: subject, Reason: "no foreign key joins it to what stands before", Advice: "give Join a condition"}
	}
	return nil, &UsageError{
		Kind: ErrAmbiguous, Op: "join", Subject: subject, Reason: "several foreign keys could join it: " + strings.Join(candidates, "; "),
		Advice: "give Join a condition",
	}
}

// joinConditions are the conditions of all foreign keys between two items, in
// either direction.
func joinConditions(a, b fromNode) (conditions []Node, names []string) {
	for _, pair := range [][2]fromNode{{a, b}, {b, a}} {
		from, to := tableOf(pair[0]), tableOf(pair[1])
		if from == nil || to == nil {
			continue
		}
		for _, key := range from.foreignKeys {
			referred, err := key.Referred()
			if err != nil || referred[0].table != to {
				continue
			}
			conditions = append(conditions, keyCondition(key, referred, pair[0], pair[1]))
			names = append(names, from.name+"."+strings.Join(key.columns, ",")+" to "+to.name)
		}
		if a == b || from == to {
			break
		}
	}
	return conditions, names
}

func keyCondition(key *ForeignKey, referred []*Column, from, to fromNode) Node {
	var parts []Expr[bool]
	for i, name := range key.columns {
		parts = append(parts, condition(opEq, &columnNode{referred[i], to}, &columnNode{key.table.byName[name], from}))
	}
	return And(parts...).n
}
