// This file holds the search for words in texts.

package orm

import (
	"strings"
	"unicode"

	"github.com/aurum-go/orm/types"
)

// FullText is a search in columns, by the database's index of words.
type FullText struct {
	columns  []Node
	language string
	err      error
}

// WordSearch is what a search looks for.
type WordSearch uint8

// The ways to search.
const (
	AllWords WordSearch = iota // the words of a text, each of them
	AnyWord                    // the words of a text, at least one of them
	OwnQuery                   // a query in the database's own language
)

// matchNode is a search as a condition.
type matchNode struct {
	FullText
	how   WordSearch
	query string `form:"never"`
}

func (*matchNode) node()               {}
func (*matchNode) sqlType() types.Type { return types.Boolean() }

// Match searches for words in one or more columns, of one table.
//
//	orm.Match(orm.C(&p.Title), orm.C(&p.Body)).All("quick fox")
//	// PostgreSQL: to_tsvector(coalesce(post.title, '')) || to_tsvector(coalesce(post.body, '')) @@ plainto_tsquery($1)
//	// MySQL:      MATCH (post.title, post.body) AGAINST (? IN BOOLEAN MODE), with +"quick" +"fox"
//	// SQLite:     post.post MATCH ?, with {title body} : ("quick" AND "fox")
//
// What a word is, and which forms of it are the same, is up to the database. MySQL
// needs a FULLTEXT index on just these columns, and leaves out words of fewer than
// three letters; SQLite needs the table to be one of FTS5; PostgreSQL needs nothing,
// and is fast with an index on to_tsvector of the one column and the language, or
// with a column of the type tsvector (types.Exact("tsvector")), which is searched
// as it is.
func Match(columns ...Expression) FullText {
	m := FullText{columns: expressionNodes(columns)}
	if len(columns) == 0 {
		m.err = &UsageError{Kind: ErrArgument, Op: "match", Reason: "there is no column to search in"}
	}
	return m
}

// Language has PostgreSQL take words for those of a language, by the name of a
// configuration: to_tsvector('english', x). Other databases know it from the index.
func (m FullText) Language(name SQL) FullText {
	if !plainFunctionName(string(name)) {
		m.err = badIdentifier("match", string(name))
	}
	m.language = string(name)
	return m
}

// All finds what has each of the words of a text, in any order and in any of the
// columns. Nothing in the text but words means anything; without a word nothing is
// found.
func (m FullText) All(words string) Expr[bool] { return m.search(AllWords, words) }

// Any finds what has at least one of the words of a text.
func (m FullText) Any(words string) Expr[bool] { return m.search(AnyWord, words) }

// Query finds what meets a query in the database's own language: that of
// to_tsquery on PostgreSQL ("quick & !fox"), of the boolean mode on MySQL ("+quick
// -fox"), of FTS5 on SQLite ("quick NOT fox"). It travels as a parameter; a mistake in
// it is an error of the database.
func (m FullText) Query(query string) Expr[bool] { return m.search(OwnQuery, query) }

func (m FullText) search(how WordSearch, query string) Expr[bool] {
	switch {
	case m.err != nil:
		return Expr[bool]{&errorNode{m.err}}
	case how != OwnQuery && len(wordsOf(query)) == 0:
		return False()
	}
	return Expr[bool]{&matchNode{FullText: m, how: how, query: query}}
}

// wordsOf are the words of a text: its letters and digits.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}
