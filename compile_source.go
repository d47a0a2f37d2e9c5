// This file enters entities that are read from something else than their tables
// into the scope of a statement, and finds their columns there.

package orm

// addSource enters an entity and what it is read from.
func (s *scope) addSource(n *EntitySource) error {
	entity, from, err := n.settled()
	if err != nil {
		return err
	}
	own := entity.source()
	if s.has(own) {
		return readTwice(own, s.actual(own))
	}
	if err := s.addItem(from); err != nil {
		return err
	}
	s.read(own, from)
	s.entities = append(s.entities, entity)
	return nil
}

// read has an item mean another one.
func (s *scope) read(own, from fromNode) {
	if s.sources == nil {
		s.sources = map[fromNode]fromNode{}
	}
	s.sources[own] = from
}

func readTwice(own, from fromNode) error {
	return &UsageError{
		Kind: ErrAmbiguous, Op: "select from", Subject: own.fromName(), Reason: "the statement reads it from " + from.fromName() + " already",
		Advice: "use orm.Alias for one of the two",
	}
}

// tables are the FROM items by which foreign keys are found: of an entity its own
// table, whatever it is read from.
func (s *scope) tables() []fromNode {
	var tables []fromNode
	for _, item := range s.items {
		for own, from := range s.sources {
			if from == item && groupIn(item) == nil {
				item = own
				break
			}
		}
		tables = append(tables, separate(item)...)
	}
	return tables
}

// hides reports whether an item of FROM that is further inside has the name of
// one outside, and so would be taken for it.
func (s *scope) hides(from fromNode) bool {
	for o := s; o != nil && o.outer != nil; o = o.outer {
		if o.has(from) {
			return false
		}
		if o.taken(from) {
			return true
		}
	}
	return false
}

// lacksColumn is the error of a column that what stands in the place of a table
// does not have, or nil.
func lacksColumn(from fromNode, name string) error {
	if item, ok := from.(derivedItem); ok {
		_, err := (&derivedColumn{from: item, name: name}).find()
		return err
	}
	if t := tableOf(from); t != nil && t.byName[name] == nil {
		return unknownColumn(t, name)
	}
	return nil
}

// readable returns an entity with the columns that it has in the statement.
func (c *Compiler) readable(e entityItem) (entityItem, error) {
	from := c.scope.actual(e.source())
	if from == e.source() {
		return e, nil
	}
	return e.within(namesOf(from))
}
