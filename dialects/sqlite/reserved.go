// This file lists the words that SQLite takes for its own where a name could
// stand. Its parser lets most keywords pass as names; these it does not.

package sqlite

import "strings"

var reserved = words(`add all alter and as autoincrement between case cast check collate commit constraint create
	current_date current_time current_timestamp default deferrable delete distinct drop else escape except exists false
	foreign from group having if in index insert intersect into is isnull join limit not nothing notnull null on or
	order primary raise recursive references returning select set table then to transaction true union unique update
	using values when where`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		set[word] = true
	}
	return set
}

func (d dialect) Reserved(word string) bool {
	return reserved[word] || d.StandardDialect.Reserved(word)
}
