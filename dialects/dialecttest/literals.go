// This file looks at texts in definitions, where parameters cannot stand: defaults,
// labels, comments and checks.

package dialecttest

import (
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func literalChecks() []check {
	var checks []check
	for _, s := range literals() {
		checks = append(checks, check{name: "default " + abridged(s), run: literalDefault(s)})
	}
	return append(checks,
		check{name: "comments", needs: []need{needsComments}, run: literalComments},
		check{name: "comments with characters of four bytes", needs: []need{needsComments}, run: commentsOfFourBytes},
		check{name: "labels", run: literalLabels},
		check{name: "labels that differ in case or accents", run: similarLabels},
		check{name: "a default of 10,000 characters", run: literalDefault(strings.Repeat("é'", 5000))},
	)
}

// literals are the hostile texts that are not too long for a definition.
func literals() []string {
	return slices.DeleteFunc(hostileTexts(), func(s string) bool { return len([]rune(s)) > 200 })
}

func literalDefault(s string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := db.table(t, "defaults", key("id"), orm.NewColumn("v", types.String(10000), orm.ServerDefaultText(s)))
		exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
		equal(t, s, fetchOne[string](t, db, orm.Select(table.C("v")).From(table)))
	}
}

func literalComments(t *testing.T, db *database) {
	for _, s := range literals() {
		if !slices.ContainsFunc([]rune(s), func(r rune) bool { return r > 0xffff }) {
			t.Run(abridged(s), comments(db, s))
		}
	}
}

func commentsOfFourBytes(t *testing.T, db *database) { comments(db, "日本🎉")(t) }

func comments(db *database, s string) func(t *testing.T) {
	return func(t *testing.T) {
		db.table(t, "comments", orm.TableComment(s), key("id"), orm.NewColumn("v", types.Integer(), orm.ColumnComment(s)))
		got := inspected(t, db, "comments")
		equal(t, s, got.Comment())
		equal(t, s, got.Column("v").Comment())
	}
}

// literalLabels has every hostile text as a label, but for those that only differ
// in what a collation may not count.
func literalLabels(t *testing.T, db *database) {
	keepsLabels(t, db, slices.DeleteFunc(literals(), func(s string) bool {
		return s == "" || s[len(s)-1] == ' ' || slices.Contains([]string{"null", "e\u0301", "\u00a0", "\U0010ffff"}, s)
	}))
}

func similarLabels(t *testing.T, db *database) {
	keepsLabels(t, db, []string{"a", "A", "é", "e", "\u00e9\u0301"})
}

func keepsLabels(t *testing.T, db *database, labels []string) {
	t.Helper()
	table := db.table(t, "labels", key("id"), orm.NewColumn("v", types.Enum(labels...)))
	for i, label := range labels {
		exec(t, db, orm.Insert(table).Values(orm.M{"id": i, "v": label}))
	}
	equal(t, labels, column[string](t, db, table, "v"))
}
