// This file makes a plan of loading: it looks up the options of a query in the
// mapping, and adds what the tags say where there is no option.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// loadPlan says what is read of the objects at one place of a tree of options.
type loadPlan struct {
	mapper   *Mapper
	props    []*property     // the columns
	more     []inherited     // columns of heirs that come with them
	united   bool            // rows are those of a union
	steps    []*loadStep     // the relationships that are followed
	raise    []*relationship // that must not be loaded by themselves
	allow    []*relationship // that may be, though the tag forbids it
	computed []computed      // fields that are mapped to no column
}

// plain reports whether the columns are all that there is to a plan.
func (p *loadPlan) plain() bool { return len(p.steps)+len(p.raise)+len(p.allow)+len(p.computed) == 0 }

// loadStep is a relationship that is followed, and how.
type loadStep struct {
	rel      *relationship
	strategy lazyWord
	said     string      // the option that asks for it; empty where it is the tag
	criteria []Node      // that members have to meet: the relationship's, then those of options
	partial  bool        // there are some of options
	filtered bool        // criteria may hide members
	from     *entityFrom // what the query itself joins
	levels   int         // how often it is followed
	plan     *loadPlan
}

func newStep(rel *relationship, strategy lazyWord, criteria []Criteria) *loadStep {
	step := &loadStep{rel: rel, strategy: strategy, levels: 1, filtered: criteriaApply(criteria, rel.target)}
	if rel.criteria != nil {
		step.criteria = conditionNodes(rel.criteria())
	}
	return step
}

// containsEager is the strategy of what the query itself joins. No tag has it.
const containsEager lazyWord = "contains_eager"

// whole reports whether the step finds all members that there are.
func (s *loadStep) whole() bool {
	return !s.partial && (s.strategy != containsEager || s.rel.direction == ManyToOne)
}

// joined reports whether the members come with the objects themselves.
func (s *loadStep) joined() bool { return s.strategy == lazyJoined || s.strategy == containsEager }

// planFor makes the plan for the objects of a query.
func planFor(m *Mapper, options []Option, criteria []Criteria) (*loadPlan, error) {
	p := &planner{mapper: m, criteria: criteria}
	return p.plan(options)
}

// planner makes the plan of one place.
type planner struct {
	mapper   *Mapper
	criteria []Criteria      // that hold in what is read
	path     []*relationship // that lead there
	inner    bool            // the query itself does not join what is loaded here
	needs    []*property     // columns that have to be among those that are read
	wild     lazyWord        // the strategy of what no option speaks of
	only     []*property
	with     columnSet
	out      columnSet
	said     []Option // what is said of a relationship, in order
	rels     []*relationship
	computed []computed
}

func (p *planner) plan(options []Option) (*loadPlan, error) {
	for _, o := range options {
		if err := p.enter(o); err != nil {
			return nil, err
		}
	}
	plan := &loadPlan{mapper: p.mapper, more: p.mapper.more}
	for i, o := range p.said {
		if err := p.add(plan, p.rels[i], o); err != nil {
			return nil, err
		}
	}
	for _, rel := range p.mapper.rels {
		if slices.Contains(p.rels, rel) {
			continue
		}
		if err := p.add(plan, rel, Option{strategy: p.unsaid(rel)}); err != nil {
			return nil, err
		}
	}
	plan.props, plan.computed = p.columns(plan.steps), p.computed
	if p.only != nil {
		return plan, nil
	}
	var err error
	plan.computed, err = p.mapper.withProperties(plan.computed)
	return plan, err
}

// unsaid is the strategy of a relationship of which no option speaks: that of an
// option for all, or the tag's. Tags lead round no circle; what they forbid, Load
// sees by itself.
func (p *planner) unsaid(rel *relationship) lazyWord {
	switch {
	case p.wild != lazyNone:
		return p.wild
	case rel.lazy.eager() && !p.onPath(rel):
		return rel.lazy
	}
	return lazyNone
}

// onPath reports whether a relationship, or its other side, has led here.
func (p *planner) onPath(rel *relationship) bool {
	return slices.Contains(p.path, rel) || rel.back != nil && slices.Contains(p.path, rel.back)
}

// enter notes what an option says.
func (p *planner) enter(o Option) error {
	switch o.kind {
	case optLoad:
		rel, err := p.relation(o)
		if err != nil {
			return err
		}
		p.say(rel, o)
		return nil
	case optAll:
		p.wild = o.strategy
		return nil
	case optGroup:
		return p.enterGroup(o)
	case optDefer, optUndefer, optOnly:
		return p.enterColumns(o)
	case optExpression:
		return p.enterExpression(o)
	case optWhere, optRecursive, optAlias:
		return p.wrong(o, ErrArgument, p.mapper.name, "it says how a relationship is loaded, and stands at no such option", "nest it in SelectInLoad, or use Filter")
	}
	return p.wrong(Option{name: "load"}, ErrArgument, p.mapper.name, "an option is the zero Option", "use a function such as orm.SelectInLoad")
}

// say notes the strategy of a relationship. The last one counts; what is nested
// in all of them goes together.
func (p *planner) say(rel *relationship, o Option) {
	if i := slices.Index(p.rels, rel); i >= 0 {
		o.nested = slices.Concat(p.said[i].nested, o.nested)
		p.said[i] = o
		return
	}
	p.rels, p.said = append(p.rels, rel), append(p.said, o)
}

func (p *planner) wrong(o Option, kind ErrorKind, subject, reason, advice string) error {
	return &UsageError{Kind: kind, Op: o.name, Subject: subject, Reason: reason, Advice: advice}
}

// field finds the field of the mapper's struct that an address in an entity
// reference stands for.
func (p *planner) field(o Option, field any) (offset uintptr, goType reflect.Type, err error) {
	r := reflect.ValueOf(field)
	if r.Kind() != reflect.Pointer {
		return 0, nil, p.wrong(o, ErrArgument, fmt.Sprintf("%T", field), "it is not the address of a field", p.advice(o))
	}
	owner, offset, ok := addresses.find(r.Pointer())
	ref, isEntity := owner.(*entityRef)
	if !ok || !isEntity {
		return 0, nil, p.wrong(o, ErrArgument, fmt.Sprintf("%T", field), "the pointer does not point into an entity reference", p.advice(o))
	}
	goType = r.Type().Elem()
	named := ref.goType.Name() + "." + fieldPath(ref.goType, offset, goType)
	switch {
	case ref.err != nil:
		return 0, nil, ref.err
	case ref.goType != p.mapper.goType && !p.mapper.descends(ref.goType) && p.mapper.heir(ref.goType) == nil:
		return 0, nil, p.wrong(o, ErrArgument, named, "the objects here are "+p.mapper.name, p.advice(o))
	case ref.aliased && len(p.path) == 0: // below, an alias is as good as the entity
		return 0, nil, p.wrong(o, ErrArgument, named, fmt.Sprintf("the query is for %s, and not for its alias %s", p.mapper.name, ref.alias), p.advice(o))
	}
	return offset, goType, nil
}

// advice says what there is in place of a wrong field.
func (p *planner) advice(o Option) string {
	if o.kind != optLoad {
		return "the columns are: " + strings.Join(propertyNames(p.mapper.props), ", ")
	}
	if len(p.mapper.rels) == 0 {
		return p.mapper.name + " has no relationships"
	}
	return "the relationships are: " + strings.Join(p.mapper.relationNames(), ", ")
}

// relation finds the relationship that an option is for.
func (p *planner) relation(o Option) (*relationship, error) {
	offset, goType, err := p.field(o, o.fields[0])
	if err != nil {
		return nil, err
	}
	if rel := p.named(o.fields[0]).relationOf(offset, goType); rel != nil {
		return rel, nil
	}
	return nil, p.wrong(o, ErrUnknownName, p.mapper.name+"."+fieldPath(p.mapper.goType, offset, goType), "the field is no relationship", p.advice(o))
}

// named is the mapper of the entity reference that has a field: the plan's own, or
// one that inherits from it.
func (p *planner) named(field any) *Mapper {
	owner, _, _ := addresses.find(reflect.ValueOf(field).Pointer())
	if ref, ok := owner.(*entityRef); ok && p.mapper.heir(ref.goType) != nil {
		return p.mapper.heir(ref.goType)
	}
	return p.mapper
}

// enterColumns notes columns that are read or left out.
func (p *planner) enterColumns(o Option) error {
	for _, f := range o.fields {
		offset, goType, err := p.field(o, f)
		if err != nil {
			return err
		}
		props := p.mapper.propertiesOf(offset, goType)
		if len(props) == 0 {
			return p.wrong(o, ErrUnknownName, p.named(f).name+"."+fieldPath(p.named(f).goType, offset, goType), "the field is no column", p.advice(o))
		}
		for _, prop := range props {
			if err := p.enterColumn(o, prop); err != nil {
				return err
			}
		}
	}
	if o.kind == optOnly && len(o.fields) == 0 {
		p.only = slices.Clone(p.mapper.keys)
	}
	return nil
}

func (p *planner) enterColumn(o Option, prop *property) error {
	switch {
	case o.kind == optOnly:
		p.only = append(p.only, prop)
	case o.kind == optUndefer:
		p.with, p.out = p.with.with(prop.index), p.out.without(prop.index)
	case prop.key:
		return p.wrong(o, ErrArgument, p.mapper.name+"."+prop.name, "the primary key is always read", "")
	default:
		p.with, p.out = p.with.without(prop.index), p.out.with(prop.index)
	}
	return nil
}

func (p *planner) enterGroup(o Option) error {
	var groups []string
	for _, prop := range p.mapper.props {
		if prop.group == o.group && prop.deferred {
			p.with, p.out = p.with.with(prop.index), p.out.without(prop.index)
		}
		if prop.group != "" && !slices.Contains(groups, prop.group) {
			groups = append(groups, prop.group)
		}
	}
	if slices.Contains(groups, o.group) {
		return nil
	}
	advice := p.mapper.name + " has no groups"
	if len(groups) > 0 {
		advice = "there are: " + strings.Join(groups, ", ")
	}
	return p.wrong(o, ErrUnknownName, p.mapper.name, "there is no group "+quoted(o.group), advice)
}

// columns are what is read of the objects, in the order of the mapper.
func (p *planner) columns(steps []*loadStep) []*property {
	read := setOf(p.mapper.eager)
	if p.only != nil {
		read = setOf(p.only)
		if p.mapper.version != nil {
			read = read.with(p.mapper.version.index)
		}
	}
	needed := slices.Concat(p.mapper.keys, p.with.pick(p.mapper), p.needs)
	switch {
	case p.mapper.polymorphic() && p.mapper.sorts == nil:
		needed = append(needed, p.mapper.top.eager...) // any may tell whose a row is
	case p.mapper.polymorphic():
		needed = append(needed, p.mapper.sorts)
	}
	for _, step := range steps {
		if p.mapper.is(step.rel.owner) {
			needed = append(needed, step.rel.ownFields()...)
		}
	}
	read = read.minus(p.out)
	for _, prop := range needed {
		read = read.with(prop.index)
	}
	if read == setOf(p.mapper.eager) {
		return p.mapper.eager
	}
	return read.pick(p.mapper)
}

// add adds a relationship to a plan by what is said of it.
func (p *planner) add(plan *loadPlan, rel *relationship, o Option) error {
	switch o.strategy {
	case lazyNone, lazyNoLoad:
		return nil
	case lazySelect:
		if rel.lazy == lazyRaise {
			plan.allow = append(plan.allow, rel)
		}
		return nil
	case lazyRaise:
		plan.raise = append(plan.raise, rel)
		return nil
	}
	if rel.writeOnly() {
		return rel.refuseWhole(ErrRaiseLoad, "load")
	}
	step := newStep(rel, o.strategy, p.criteria)
	step.said = o.name
	switch some := !p.mapper.is(rel.owner); {
	case some && step.strategy == lazySubquery:
		step.strategy = lazySelectIn
	case some && step.joined():
		return p.wrong(o, ErrUnsupported, rel.fullName(), "the objects here are "+p.mapper.name+", of which only some have it", "load it with SelectInLoad")
	}
	if o.strategy == containsEager {
		if p.inner {
			return p.wrong(o, ErrArgument, rel.fullName(), "the query itself does not join it", "use JoinedLoad")
		}
		step.from = entityOf(rel.target)
	}
	nested, err := p.qualify(step, o)
	if err != nil {
		return err
	}
	below := &planner{
		mapper: rel.target, criteria: p.criteria, path: append(slices.Clone(p.path), rel), needs: rel.farFields(), wild: p.wild,
		inner: o.strategy != containsEager,
	}
	if step.plan, err = below.plan(nested); err != nil {
		return err
	}
	if step.joined() && slices.ContainsFunc(step.plan.computed, func(c computed) bool { return !c.lasting }) {
		return p.wrong(Option{name: "WithExpression"}, ErrUnsupported, rel.fullName(), "what is joined has no fields that are computed", "load it with SelectInLoad")
	}
	plan.steps = append(plan.steps, step)
	return nil
}

// qualify takes what speaks of the step itself from the options that are nested
// in it, and returns the others.
func (p *planner) qualify(step *loadStep, o Option) (rest []Option, err error) {
	for _, n := range o.nested {
		switch n.kind {
		case optWhere:
			step.partial, step.criteria, err = true, append(step.criteria, n.conditions...), p.checkCriteria(step, n)
		case optRecursive:
			step.levels, err = n.depth, p.checkLevels(step, n)
		case optAlias:
			step.from, err = p.joinedAs(step, n)
		default:
			rest = append(rest, n)
		}
		if err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (p *planner) checkLevels(step *loadStep, o Option) error {
	switch {
	case o.depth < 1:
		return p.wrong(o, ErrArgument, step.rel.fullName(), fmt.Sprintf("%d is no number of levels", o.depth), "")
	case step.rel.target != step.rel.owner || step.strategy != lazySelectIn:
		return p.wrong(o, ErrArgument, step.rel.fullName(), "only SelectInLoad of a relationship that leads to its own struct can be repeated", "")
	}
	return nil
}

// joinedAs finds the reference under which the query joins a relationship.
func (p *planner) joinedAs(step *loadStep, o Option) (*entityFrom, error) {
	n, err := resolved(fromItem(o.fields[0]))
	if err != nil {
		return nil, err
	}
	from, ok := n.(*entityFrom)
	switch {
	case step.strategy != containsEager:
		return nil, p.wrong(o, ErrArgument, step.rel.fullName(), "it is for ContainsEager", "")
	case !ok || from.mapper != step.rel.target:
		return nil, p.wrong(o, ErrArgument, step.rel.fullName(), fmt.Sprintf("a %T is no reference to %s", o.fields[0], step.rel.target.name), "")
	}
	return from, nil
}

// checkCriteria refuses conditions on tables other than the target's: they would
// join every row with every other.
func (p *planner) checkCriteria(step *loadStep, o Option) error {
	rel, err := step.rel, error(nil)
	if step.strategy == containsEager {
		return p.wrong(o, ErrArgument, rel.fullName(), "the conditions of the query decide which members there are", "use Filter")
	}
	walk(o.conditions, func(n Node) bool {
		if n, err = resolved(n); err != nil {
			return false
		}
		if mistake, ok := n.(*errorNode); ok {
			err = mistake.err
		} else if from := sourceOf(n); from != nil && from != rel.target.from {
			err = p.wrong(o, ErrArgument, rel.fullName(), "a condition is on "+from.fromName()+", and not on "+rel.target.name, "use orm.Exists, or fields of orm.Entity["+rel.target.name+"]()")
		}
		return err == nil
	})
	return err
}

// ownFields are the columns of the owner by which a relationship is followed.
func (r *relationship) ownFields() []*property {
	if r.link == nil {
		return ownProps(r.pairs)
	}
	return linkProps(r.link.own)
}

// farFields are the columns of the target that have to be read with it.
func (r *relationship) farFields() []*property {
	var props []*property
	if r.link == nil {
		props = farProps(r.pairs)
	}
	if r.keyField != nil {
		props = append(props, r.keyField)
	}
	return props
}

func linkProps(pairs []linkPair) []*property {
	props := make([]*property, len(pairs))
	for i, p := range pairs {
		props[i] = p.prop
	}
	return props
}

// loadsRelations reports whether the tags alone make queries of a struct load
// more than its own row.
func (m *Mapper) loadsRelations() bool {
	return slices.ContainsFunc(m.rels, func(r *relationship) bool { return r.lazy.eager() })
}

// eager reports whether a word loads a relationship with the objects.
func (w lazyWord) eager() bool { return w == lazySelectIn || w == lazyJoined || w == lazySubquery }
