// This file joins the two sides of relationships once both are registered: it
// finds the foreign key, or makes the link table, and ties each relationship to
// the one that says the same from the other side.

package orm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// settle joins the relationships that are not joined yet, and has fields follow
// converters. A struct that is not registered is the one thing that a later
// Register can mend.
func (r *Registry) settle() error {
	if r.settled.Load() && r.converters.Load() == types.Registrations() {
		return nil
	}
	err := r.joinRest()
	r.announce()
	return err
}

// joinRest joins what could not be joined so far.
func (r *Registry) joinRest() error {
	r.register.Lock()
	defer r.register.Unlock()
	late := r.convertLate()
	r.used = true
	if len(late) > 0 {
		return joinErrors(late)
	}
	wrong, missing := r.joinAll(r.Mappers())
	r.settled.Store(len(wrong) == 0 && len(missing) == 0)
	return joinErrors(append(wrong, missing...))
}

// joinAll joins what can be joined, and tells what is wrong, and what is only
// missing so far. It is called with register held.
func (r *Registry) joinAll(mappers []*Mapper) (wrong, missing []error) {
	var fresh []*relationship
	for _, m := range mappers {
		for _, rel := range m.rels {
			switch target, ok := r.byType.Load(rel.elem); {
			case rel.relationJoin != nil:
			case !ok:
				missing = append(missing, rel.wrong(rel.elem.Name()+" is not registered", "register both sides in one registry: orm.MustRegister(&"+m.name+"{}, &"+rel.elem.Name()+"{})"))
			default:
				rel.relationJoin = &relationJoin{target: target.(*Mapper)}
				fresh = append(fresh, rel)
			}
		}
	}
	if wrong = r.join(fresh); len(wrong) == 0 {
		wrong = checkOverlaps(mappers, fresh)
	}
	if len(wrong) > 0 {
		for _, rel := range fresh {
			r.unjoin(rel)
		}
	}
	return wrong, missing
}

// unjoin forgets the join of a relationship, and the link table made for it.
func (r *Registry) unjoin(rel *relationship) {
	if rel.link != nil && rel.link.made {
		r.metadata.Remove(rel.link.table)
	}
	rel.relationJoin = nil
}

// join finds the joins of relationships of which both sides are known: first
// those that speak for themselves, then those that their other side speaks for.
func (r *Registry) join(rels []*relationship) []error {
	var problems []error
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	for _, rel := range rels {
		note(rel.findBack())
	}
	choices := make(map[*relationship][]joinChoice, len(rels))
	for _, rel := range rels {
		if rel.words.secondary.value == "" {
			choices[rel] = rel.choices()
		}
	}
	for _, rel := range rels {
		if rel.words.secondary.value == "" {
			note(rel.choose(choices))
		}
	}
	for _, rel := range rels {
		if rel.words.secondary.value != "" {
			note(r.joinByLink(rel))
		}
	}
	if len(problems) > 0 {
		return problems
	}
	for _, rel := range rels {
		note(rel.complete())
	}
	for _, rel := range rels {
		note(rel.check())
	}
	return problems
}

func (rel *relationship) wrong(reason, advice string) error {
	return &MapError{Type: rel.owner.name, Field: rel.words.path, Reason: reason, Advice: advice}
}

func (rel *relationship) wrongWord(w tagWord, reason, advice string) error {
	return &MapError{Type: rel.owner.name, Field: rel.words.path, Tag: rel.words.tag.text, Pos: w.valuePos, Reason: reason, Advice: advice}
}

// findBack finds the relationship that back_populates names.
func (rel *relationship) findBack() error {
	w := rel.words.back
	if w.value == "" {
		return nil
	}
	back := rel.target.relationNamed(w.value)
	switch {
	case back == nil:
		return rel.wrongWord(w, fmt.Sprintf("%s has no relationship %q", rel.target.name, w.value), nearestOf(w.value, rel.target.relationNames()))
	case back.elem != rel.owner.goType:
		return rel.wrongWord(w, fmt.Sprintf("%s leads to %s and not back to %s", back.fullName(), back.elem.Name(), rel.owner.name), "")
	case back == rel:
		return rel.wrongWord(w, "a relationship is not its own other side", "")
	case back.words.back.value != rel.name:
		return rel.wrongWord(w, back.fullName()+" does not say the same of this side", "tag it back_populates:"+rel.name)
	}
	rel.back = back
	return nil
}

func nearestOf(name string, names []string) string {
	if near := nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "there are: " + strings.Join(names, ", ")
}

// joinChoice is a foreign key by which a relationship could be joined.
type joinChoice struct {
	key       *ForeignKey
	direction Direction
	pairs     []keyPair
}

func (c joinChoice) describe() string {
	referred := make([]string, len(c.pairs))
	for i, p := range c.pairs {
		if referred[i] = p.far.column.name; c.direction == OneToMany {
			referred[i] = p.own.column.name
		}
	}
	return fmt.Sprintf("%s.%s to %s.%s", c.key.table.name, strings.Join(c.key.columns, ","), c.key.target, strings.Join(referred, ","))
}

// choices are the foreign keys between the two tables, less those that the tag
// or the names of the fields rule out.
func (rel *relationship) choices() []joinChoice {
	var all []joinChoice
	if rel.shape == shapeOne {
		all = keysBetween(rel.owner, rel.target, ManyToOne)
	}
	if rel.owner != rel.target || rel.shape != shapeOne || rel.words.remoteSide.value != "" {
		all = append(all, keysBetween(rel.target, rel.owner, OneToMany)...)
	}
	keys, remote := rel.words.foreignKeys, rel.words.remoteSide
	if remote.value != "" {
		all = slices.DeleteFunc(all, func(c joinChoice) bool { return !names(remote.value, farProps(c.pairs)) })
	}
	if keys.value != "" {
		return slices.DeleteFunc(all, func(c joinChoice) bool { return !names(keys.value, c.childProps()) })
	}
	named := func(c joinChoice) bool { return c.direction == ManyToOne && namedAfter(rel.name, c.pairs) }
	if i := slices.IndexFunc(all, named); i >= 0 {
		return all[i : i+1]
	}
	return all
}

// keysBetween are the foreign keys of one mapper's table to another's. The
// relationship is the owner's: the one that has the key in ManyToOne, else the
// one that is referred to.
func keysBetween(from, to *Mapper, direction Direction) []joinChoice {
	var found []joinChoice
	for _, key := range from.foreignKeys() {
		referred, err := key.Referred()
		if err != nil || !slices.Contains(to.tables(), referred[0].table) {
			continue
		}
		choice := joinChoice{key: key, direction: direction}
		for i, column := range referred {
			child, parent := from.byColumn[key.columns[i]], to.byColumn[column.name]
			if child == nil || parent == nil {
				break
			}
			pair := keyPair{child, parent}
			if direction == OneToMany {
				pair = keyPair{parent, child}
			}
			choice.pairs = append(choice.pairs, pair)
		}
		if len(choice.pairs) == len(referred) {
			found = append(found, choice)
		}
	}
	return found
}

// childProps are the columns of the key itself.
func (c joinChoice) childProps() []*property {
	if c.direction == ManyToOne {
		return ownProps(c.pairs)
	}
	return farProps(c.pairs)
}

// names reports whether a list of names, of fields or columns, with or without
// parentheses, is just those properties.
func names(list string, props []*property) bool {
	listed := cutNames(strings.Trim(list, "()"))
	if len(listed) != len(props) {
		return false
	}
	for _, l := range listed {
		if !slices.ContainsFunc(props, func(p *property) bool { return p.name == l.name || p.column.name == l.name }) {
			return false
		}
	}
	return true
}

// namedAfter reports whether the fields of a key are named by the relationship
// and the fields that they refer to, as AuthorID is by Author and ID.
func namedAfter(name string, pairs []keyPair) bool {
	return !slices.ContainsFunc(pairs, func(p keyPair) bool { return p.own.name != name+p.far.name })
}

// choose takes the one foreign key that is left, or that is the other side's.
func (rel *relationship) choose(choices map[*relationship][]joinChoice) error {
	left := choices[rel]
	if len(left) > 1 && rel.back != nil && len(choices[rel.back]) == 1 {
		key := choices[rel.back][0].key
		left = slices.DeleteFunc(slices.Clone(left), func(c joinChoice) bool { return c.key != key })
	}
	switch len(left) {
	case 1:
		rel.key, rel.direction, rel.pairs = left[0].key, left[0].direction, left[0].pairs
		return nil
	case 0:
		return rel.withoutKey()
	}
	described := make([]string, len(left))
	for i, c := range left {
		described[i] = c.describe()
	}
	return rel.wrong("several foreign keys could join it: "+strings.Join(described, "; "),
		"say which: foreign_keys:"+strings.Join(left[0].key.columns, ","))
}

func (rel *relationship) withoutKey() error {
	tables := rel.owner.table.name + " and " + rel.target.table.name
	switch keys, remote := rel.words.foreignKeys, rel.words.remoteSide; {
	case keys.value != "":
		return rel.wrongWord(keys, "there is no such foreign key between "+tables, rel.adviceForKey())
	case remote.value != "":
		return rel.wrongWord(remote, "no foreign key between "+tables+" has these columns on the other side", rel.adviceForKey())
	}
	return rel.wrong("no foreign key joins "+tables, rel.adviceForKey())
}

func (rel *relationship) adviceForKey() string {
	key := rel.target.keys[0]
	if rel.shape == shapeOne {
		return fmt.Sprintf("give %s a field %s%s, or tag the one that refers to it foreign_key:%s.%s", rel.owner.name, rel.name, key.name, rel.target.table.FullName(), key.column.name)
	}
	own := rel.owner.keys[0]
	return fmt.Sprintf("tag the field of %s that refers to it foreign_key:%s.%s, or write secondary:… for a link table", rel.target.name, rel.owner.table.FullName(), own.column.name)
}

// complete finds what the tag says of the target's fields.
func (rel *relationship) complete() error {
	if w := rel.words.mapKey; w.value != "" {
		if rel.keyField = rel.target.byField[w.value]; rel.keyField == nil {
			return rel.wrongWord(w, fmt.Sprintf("%s has no field %q", rel.target.name, w.value), nearestOf(w.value, propertyNames(rel.target.props)))
		}
		if k := rel.goType.Key(); rel.keyField.goType != k && !(rel.keyField.goType.Kind() == k.Kind() && rel.keyField.goType.ConvertibleTo(k)) {
			return rel.wrongWord(w, fmt.Sprintf("the key of the map is a %s, and the field is a %s", k, rel.keyField.goType), "")
		}
		if rel.keyField.deferred {
			return rel.wrongWord(w, fmt.Sprintf("%s.%s is deferred, so it is not known when the map is made", rel.target.name, w.value), "")
		}
	}
	if err := rel.completeOrder(); err != nil {
		return err
	}
	return rel.completePosition()
}

// completePosition finds the field that says where an object stands in a list. The
// list is read in its order.
func (rel *relationship) completePosition() error {
	w := rel.words.position
	if w.value == "" {
		return nil
	}
	p := rel.target.byField[w.value]
	switch {
	case p == nil:
		return rel.wrongWord(w, fmt.Sprintf("%s has no field %q", rel.target.name, w.value), nearestOf(w.value, propertyNames(rel.target.props)))
	case !isInteger(p.goType.Kind()) || p.key || p.version || p.deferred:
		return rel.wrongWord(w, fmt.Sprintf("%s.%s cannot count positions", rel.target.name, p.name), "name an integer that is no key, no version and not deferred")
	case rel.order != nil || len(rel.orderBy) > 0 && rel.orderBy[0] != relationOrder{prop: p}:
		return rel.wrongWord(w, "the list is read in another order", "drop order_by: the position is the order")
	}
	rel.position = p
	if len(rel.orderBy) == 0 {
		rel.orderBy = []relationOrder{{prop: p}}
	}
	return nil
}

// completeOrder reads "Name,ID desc".
func (rel *relationship) completeOrder() error {
	w := rel.words.orderBy
	if w.value == "" {
		return nil
	}
	for item := range strings.SplitSeq(w.value, ",") {
		name, direction, _ := strings.Cut(strings.TrimSpace(item), " ")
		o := relationOrder{prop: rel.target.byField[name]}
		if o.prop == nil {
			o.prop = rel.target.byColumn[name]
		}
		switch direction = strings.ToLower(strings.TrimSpace(direction)); {
		case o.prop == nil:
			return rel.wrongWord(w, fmt.Sprintf("%s has no field %q to order by", rel.target.name, name), nearestOf(name, propertyNames(rel.target.props)))
		case direction == "desc":
			o.desc = true
		case direction != "" && direction != "asc":
			return rel.wrongWord(w, fmt.Sprintf("an order is asc or desc, not %q", direction), "")
		}
		rel.orderBy = append(rel.orderBy, o)
	}
	return nil
}

// check refuses what does not go together once the join is known.
func (rel *relationship) check() error {
	switch {
	case rel.back != nil && (rel.back.relationJoin == nil || rel.link == nil && rel.back.key != rel.key || rel.link != nil && (rel.back.link == nil || rel.back.link.table != rel.link.table)):
		return rel.wrongWord(rel.words.back, rel.back.fullName()+" is joined otherwise", "give both the same foreign_keys or secondary")
	case rel.back != nil && rel.link == nil && rel.back.direction == rel.direction:
		return rel.wrongWord(rel.words.back, fmt.Sprintf("both sides are %s", rel.direction), "one side has the foreign key, the other does not; see remote_side")
	case rel.back != nil && rel.link != nil && !slices.Equal(rel.link.own, rel.back.link.far):
		return rel.wrongWord(rel.words.secondary, rel.back.fullName()+" names the columns of the link table in the same order", "each side names its own first")
	case rel.has(cascadeOrphan) && rel.direction != OneToMany && !rel.words.singleParent:
		w, _ := rel.words.tag.word("cascade")
		return rel.wrongWord(w, fmt.Sprintf("delete-orphan on a %s relationship: an object here may have several parents", rel.direction), "set it on the other side, or add single_parent")
	case rel.postpone && rel.direction == ManyToMany:
		return rel.wrong("the rows of a link table are always written after both sides", "drop post_update")
	}
	return rel.checkTwin()
}

// checkTwin refuses two relationships that would write one foreign key without
// knowing of each other.
func (rel *relationship) checkTwin() error {
	if rel.viewOnly || rel.back != nil {
		return nil
	}
	for _, other := range rel.target.rels {
		if other == rel || other.viewOnly || other.relationJoin == nil || other.target != rel.owner || other.back != nil {
			continue
		}
		if rel.key != nil && other.key == rel.key && other.direction != rel.direction || rel.link != nil && other.link != nil && other.link.table == rel.link.table {
			return rel.wrong(other.fullName()+" is the same from the other side, and neither says so",
				fmt.Sprintf("tag this one back_populates:%s and that one back_populates:%s, or one of them viewonly", other.name, rel.name))
		}
	}
	return nil
}
