// This file reads the text of CREATE TABLE, which SQLite keeps. Its pragmas
// tell neither the names of constraints nor the checks.

package sqlite

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aurum-go/orm"
)

// token is a word, a quoted name, a literal or a symbol of SQL.
type token struct {
	text       string // without quotes
	word       bool   // not quoted, so it may be a keyword
	start, end int    // where it stands
}

func (t token) is(keyword string) bool { return t.word && strings.EqualFold(t.text, keyword) }

// tokens takes a text apart. White space and comments are left out.
func tokens(sql string) []token {
	var list []token
	for i := 0; i < len(sql); {
		start := i
		switch b := sql[i]; {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r' || b == '\f':
			i++
			continue
		case strings.HasPrefix(sql[i:], "--"):
			i = endOf(sql, i, "\n")
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			i = endOf(sql, i+2, "*/")
			continue
		case b == '"' || b == '\'' || b == '`':
			text, end := quoted(sql, i, b)
			list = append(list, token{text: text, start: start, end: end})
			i = end
			continue
		case b == '[':
			i = endOf(sql, i, "]")
			list = append(list, token{text: strings.TrimSuffix(sql[start+1:i], "]"), start: start, end: i})
			continue
		case wordByte(b):
			for i < len(sql) && wordByte(sql[i]) {
				i++
			}
		default:
			i++
		}
		list = append(list, token{text: sql[start:i], word: true, start: start, end: i})
	}
	return list
}

// endOf returns where the mark ends that closes what is open at i, or the end
// of the text.
func endOf(sql string, i int, mark string) int {
	if at := strings.Index(sql[i:], mark); at >= 0 {
		return i + at + len(mark)
	}
	return len(sql)
}

// quoted reads a text between quotes, doubled ones inside standing for one.
func quoted(sql string, i int, quote byte) (text string, end int) {
	var b strings.Builder
	for i++; i < len(sql); i++ {
		if sql[i] == quote {
			if i+1 == len(sql) || sql[i+1] != quote {
				return b.String(), i + 1
			}
			i++
		}
		b.WriteByte(sql[i])
	}
	return b.String(), len(sql)
}

func wordByte(b byte) bool {
	return b == '_' || b == '$' || b >= 0x80 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// definition is what only the text of CREATE TABLE tells. Keys are known by
// their columns.
type definition struct {
	primaryKey  string
	uniques     map[string]string
	foreignKeys map[string]string
	checks      []orm.CheckInfo
	computed    map[string]string // by the column
}

// columnKey makes one text of columns, whose case does not count.
func columnKey(columns []string) string { return strings.ToLower(strings.Join(columns, "\x00")) }

// readDefinition reads the text item by item: columns with their constraints,
// then those of the table.
func readDefinition(sql string) definition {
	d := definition{uniques: map[string]string{}, foreignKeys: map[string]string{}, computed: map[string]string{}}
	list := tokens(sql)
	for i := range list {
		if list[i].is("(") {
			for _, item := range splitItems(list[i+1 : closing(list, i)]) {
				d.readItem(sql, item)
			}
			return d
		}
	}
	return d
}

// closing returns the index of the parenthesis that closes the one at i, or of
// the end.
func closing(list []token, i int) int {
	depth := 0
	for j := i; j < len(list); j++ {
		switch {
		case list[j].is("("):
			depth++
		case list[j].is(")"):
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return len(list)
}

// splitItems cuts at the commas that stand in no parentheses.
func splitItems(list []token) [][]token {
	var items [][]token
	start := 0
	for i := 0; i < len(list); i++ {
		switch {
		case list[i].is("("):
			i = min(closing(list, i), len(list)-1)
		case list[i].is(","):
			items = append(items, list[start:i])
			start = i + 1
		}
	}
	return append(items, list[start:])
}

// readItem reads the constraints of an item. Those of a column are about that
// column, those of the table name theirs in parentheses.
func (d *definition) readItem(sql string, item []token) {
	var column []string
	if len(item) > 0 && !beginsConstraint(item[0]) {
		column, item = []string{item[0].text}, item[1:]
	}
	name := ""
	for i := 0; i < len(item); i++ {
		switch t := item[i]; {
		case t.is("CONSTRAINT") && i+1 < len(item):
			i++
			name = item[i].text
			continue
		case t.is("PRIMARY"):
			d.primaryKey = name
		case t.is("UNIQUE"):
			d.uniques[columnKey(columnsOr(column, item[i:]))] = name
		case t.is("FOREIGN"):
			d.foreignKeys[columnKey(columnsOr(column, item[i:]))] = name
			return
		case t.is("REFERENCES"):
			d.foreignKeys[columnKey(column)] = name
		case t.is("CHECK") && i+1 < len(item):
			end := closing(item, i+1)
			if end == len(item) {
				return
			}
			d.checks = append(d.checks, orm.CheckInfo{Name: name, SQL: sql[item[i+1].end:item[end].start]})
			i = end
		case t.is("AS") && column != nil && i+1 < len(item) && item[i+1].is("("):
			end := closing(item, i+1)
			if end == len(item) {
				return
			}
			d.computed[columnKey(column)] = sql[item[i+1].end:item[end].start]
			i = end
		case t.is("("):
			i = closing(item, i)
			continue
		default:
			continue
		}
		name = ""
	}
}

func beginsConstraint(t token) bool {
	return t.is("CONSTRAINT") || t.is("PRIMARY") || t.is("UNIQUE") || t.is("CHECK") || t.is("FOREIGN")
}

// columnsOr returns the column, or the names in the first parentheses.
func columnsOr(column []string, item []token) []string {
	if column != nil {
		return column
	}
	var columns []string
	for i := range item {
		if !item[i].is("(") {
			continue
		}
		for _, part := range splitItems(item[i+1 : closing(item, i)]) {
			if len(part) > 0 {
				columns = append(columns, part[0].text)
			}
		}
		break
	}
	return columns
}

// defaultText is a default as it stands in a definition: what is no literal needs
// the parentheses that the pragma has taken off.
func defaultText(sql string) string {
	_, err := strconv.ParseFloat(sql, 64)
	if list := tokens(sql); err == nil || len(list) == 1 {
		return sql
	}
	return "(" + sql + ")"
}

// addExpressions takes the expressions of an index, which have no column, from
// the text of CREATE INDEX.
func addExpressions(parts []orm.IndexPart, sql string) {
	list := tokens(sql)
	open := slices.IndexFunc(list, func(t token) bool { return t.is("(") })
	if open < 0 {
		return
	}
	items := splitItems(list[open+1 : closing(list, open)])
	if len(items) != len(parts) {
		return
	}
	for i, item := range items {
		if n := len(item); n > 1 && (item[n-1].is("DESC") || item[n-1].is("ASC")) {
			item = item[:n-1]
		}
		if parts[i].Column == "" && len(item) > 0 {
			parts[i].SQL = orm.SQL(sql[item[0].start:item[len(item)-1].end])
		}
	}
}

// predicate returns the condition of a partial index from the text of CREATE
// INDEX.
func predicate(sql string) string {
	list := tokens(sql)
	for i := 0; i < len(list); i++ {
		switch {
		case list[i].is("("):
			i = closing(list, i)
		case list[i].is("WHERE"):
			return strings.TrimSpace(sql[list[i].end:])
		}
	}
	return ""
}
