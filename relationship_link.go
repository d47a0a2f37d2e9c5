// This file finds the link table of a many-to-many relationship in the metadata,
// or makes it.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

// joinByLink joins a relationship by its link table. The word is "table", or
// "table(own,far)" with the columns that refer to either side.
func (r *Registry) joinByLink(rel *relationship) error {
	name, columns := plainText(rel.words.secondary.value), []listedName(nil)
	if table, inside, _, ok := cutCall(name); ok {
		name, columns = table, cutNames(inside)
		if columns == nil {
			return rel.wrongWord(rel.words.secondary, "the list of columns is empty", "write secondary:table(own,far)")
		}
		if twice := repeated(columns); twice != "" {
			return rel.wrongWord(rel.words.secondary, fmt.Sprintf("the column %q stands twice", twice), "")
		}
	}
	rel.direction, rel.link = ManyToMany, &linkTable{}
	if rel.back != nil && rel.back.relationJoin != nil && rel.back.link != nil && rel.back.link.table != nil && columns == nil {
		if rel.back.link.table.FullName() != r.linkName(name) && rel.back.link.table.name != name {
			return rel.wrongWord(rel.words.secondary, rel.back.fullName()+" has another link table", "name the same one")
		}
		l := rel.back.link
		rel.link = &linkTable{table: l.table, own: l.far, far: l.own, cascades: l.cascades}
		return nil
	}
	rel.link.table = r.metadata.Table(r.linkName(name))
	if rel.link.table == nil {
		rel.link.table = r.metadata.Table(name)
	}
	if rel.link.table == nil {
		return r.makeLink(rel, name, columns)
	}
	return rel.findLinks(columns)
}

// repeated is a name that stands in a list twice, or "".
func repeated(list []listedName) string {
	for i, l := range list {
		if slices.ContainsFunc(list[:i], func(o listedName) bool { return o.name == l.name }) {
			return l.name
		}
	}
	return ""
}

func (r *Registry) linkName(name string) string {
	return (&Table{name: name, schema: r.schema}).FullName()
}

// makeLink makes the link table: the keys of both sides are its primary key, and
// a row goes with either side.
func (r *Registry) makeLink(rel *relationship, name string, columns []listedName) error {
	if err := validateName(name); err != nil {
		return rel.wrongWord(rel.words.secondary, nameReason(err), "")
	}
	own, far := rel.owner.keys, rel.target.keys
	if columns != nil && len(columns) != len(own)+len(far) {
		return rel.wrongWord(rel.words.secondary, fmt.Sprintf("the two keys have %d columns, and the list has %d", len(own)+len(far), len(columns)), "name those of this side first")
	}
	farName := snakeCase(rel.target.name)
	if rel.owner == rel.target {
		farName = snakeCase(rel.name)
	}
	taken := 0
	next := func(side string, p *property) string {
		if taken++; columns != nil {
			return columns[taken-1].name
		}
		return side + "_" + p.column.name
	}
	var items []TableItem
	var all []string
	side := func(m *Mapper, prefix string) (pairs []linkPair) {
		var names, referred []string
		for _, p := range m.keys {
			c := NewColumn(next(prefix, p), p.column.typ, NotNull())
			items, names, referred = append(items, c), append(names, c.name), append(referred, p.column.name)
			pairs = append(pairs, linkPair{prop: p})
		}
		items = append(items, ForeignKeyTo(names, m.table.FullName(), referred...).OnDelete(Cascade))
		all = append(all, names...)
		return pairs
	}
	rel.link.own = side(rel.owner, snakeCase(rel.owner.name))
	rel.link.far = side(rel.target, farName)
	if r.schema != "" {
		items = append(items, Schema(r.schema))
	}
	t := NewTable(name, r.metadata, append(items, PrimaryKey(all...))...)
	rel.link.table, rel.link.made, rel.link.cascades = t, true, true
	for i, pairs := range [][]linkPair{rel.link.own, rel.link.far} {
		for j := range pairs {
			pairs[j].column = t.byName[all[i*len(own)+j]]
		}
	}
	if err := t.Err(); err != nil {
		return rel.wrongWord(rel.words.secondary, "the link table cannot be made: "+nameReason(err), "name its columns: secondary:"+name+"(own,far)")
	}
	return nil
}

// findLinks finds the two foreign keys of a link table that there is already.
func (rel *relationship) findLinks(columns []listedName) error {
	t := rel.link.table
	var own, far []*ForeignKey
	for _, key := range t.foreignKeys {
		referred, err := key.Referred()
		if err != nil {
			continue
		}
		if slices.Contains(rel.owner.tables(), referred[0].table) {
			own = append(own, key)
		}
		if slices.Contains(rel.target.tables(), referred[0].table) {
			far = append(far, key)
		}
	}
	if columns != nil {
		own, far = named(own, columns), named(far, columns)
	}
	if rel.owner == rel.target && len(own) == 2 && len(far) == 2 {
		own, far = own[:1], far[1:]
		if columns != nil && own[0].columns[0] != columns[0].name {
			own, far = far, own
		} else if columns == nil {
			return rel.wrongWord(rel.words.secondary, "both foreign keys of the link table refer to "+rel.owner.table.name, fmt.Sprintf("say which is this side: secondary:%s(%s,%s)", t.name, strings.Join(own[0].columns, ","), strings.Join(far[0].columns, ",")))
		}
	}
	if len(own) != 1 || len(far) != 1 {
		return rel.wrongWord(rel.words.secondary, fmt.Sprintf("table %q has %d foreign keys to %s and %d to %s", t.name, len(own), rel.owner.table.name, len(far), rel.target.table.name),
			"a link table has one to each; name their columns: secondary:"+t.name+"(own,far)")
	}
	var err error
	if rel.link.own, err = rel.linkPairs(rel.owner, own[0]); err != nil {
		return err
	}
	if rel.link.far, err = rel.linkPairs(rel.target, far[0]); err != nil {
		return err
	}
	rel.link.cascades = own[0].onDelete == Cascade && far[0].onDelete == Cascade
	return nil
}

// named are the keys whose columns are all among those listed.
func named(keys []*ForeignKey, columns []listedName) []*ForeignKey {
	return slices.DeleteFunc(slices.Clone(keys), func(k *ForeignKey) bool {
		return slices.ContainsFunc(k.columns, func(c string) bool {
			return !slices.ContainsFunc(columns, func(l listedName) bool { return l.name == c })
		})
	})
}

func (rel *relationship) linkPairs(m *Mapper, key *ForeignKey) ([]linkPair, error) {
	referred, err := key.Referred()
	if err != nil {
		return nil, err
	}
	pairs := make([]linkPair, len(referred))
	for i, column := range referred {
		p := m.byColumn[column.name]
		if p == nil {
			return nil, rel.wrongWord(rel.words.secondary, fmt.Sprintf("%s has no field for the column %q", m.name, column.name), "")
		}
		pairs[i] = linkPair{p, key.table.byName[key.columns[i]]}
	}
	return pairs, nil
}
