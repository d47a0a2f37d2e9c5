// This file refuses relationships that would write the same columns without
// knowing of each other: what stands there would depend on which comes last.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

// checkOverlaps compares the relationships that were just joined with all others
// of the registry. It tells of a link table rather than of a foreign key, and of
// what has no other side rather than of what has one.
func checkOverlaps(mappers []*Mapper, fresh []*relationship) []error {
	var seen []*relationship
	for _, m := range mappers {
		for _, rel := range m.rels {
			if rel.relationJoin != nil && !slices.Contains(fresh, rel) {
				seen = append(seen, rel)
			}
		}
	}
	var problems []error
	told := map[*relationship]bool{}
	for _, rel := range fresh {
		for _, other := range seen {
			if !rel.overlaps(other) {
				continue
			}
			late, early := rel, other
			if rel.link == nil && other.link != nil || rel.back != nil && other.back == nil && (rel.link == nil) == (other.link == nil) {
				late, early = other, rel
			}
			if !told[late] {
				told[late] = true
				problems = append(problems, late.refuseOverlap(early))
			}
		}
		seen = append(seen, rel)
	}
	return problems
}

// overlaps reports whether two relationships that are written, and are not the two
// sides of one, write the same columns. Two foreign keys of one object may share
// some of theirs, for the flush sees to it that they agree. The rows of a link
// table are nobody's objects: nothing else may write its columns.
func (rel *relationship) overlaps(other *relationship) bool {
	if rel.viewOnly || other.viewOnly || rel.back == other || rel.writtenTable() != other.writtenTable() {
		return false
	}
	mine, theirs := rel.writtenColumns(), other.writtenColumns()
	if (rel.link == nil) != (other.link == nil) {
		return slices.ContainsFunc(mine, func(column string) bool { return slices.Contains(theirs, column) })
	}
	return slices.Equal(mine, theirs)
}

func (rel *relationship) writtenTable() *Table {
	if rel.link != nil {
		return rel.link.table
	}
	return rel.key.table
}

// writtenColumns are the names of the columns that lead to the other side, in
// order: those of the foreign key, or of both in a link table.
func (rel *relationship) writtenColumns() []string {
	if rel.link == nil {
		return slices.Sorted(slices.Values(rel.key.columns))
	}
	var names []string
	for _, pair := range slices.Concat(rel.link.own, rel.link.far) {
		names = append(names, pair.column.name)
	}
	slices.Sort(names)
	return names
}

func (rel *relationship) refuseOverlap(other *relationship) error {
	shared := slices.DeleteFunc(rel.writtenColumns(), func(column string) bool { return !slices.Contains(other.writtenColumns(), column) })
	what := rel.writtenTable().FullName() + "." + strings.Join(shared, ", ")
	advice := "tag one of them viewonly, tie them together by back_populates, or give one a foreign key of its own"
	if (rel.link == nil) != (other.link == nil) {
		advice = "the rows are objects: tag this one viewonly, and write through the struct of the table, as orm.Proxy does"
	}
	return rel.wrong(fmt.Sprintf("it writes %s, and so does %s", what, other.fullName()), advice)
}
