// This file holds the functions of texts.

package orm

import (
	"strconv"

	"github.com/aurum-go/orm/types"
)

// textOf is a text as an argument.
func textOf(text string) Node { return &bindNode{value: text, typ: types.Text()} }

// LTrim is ltrim(x), without the spaces at the beginning.
func LTrim(of Expr[string]) Expr[string] { return call[string]("ltrim", types.Text(), of.n) }

// RTrim is rtrim(x), without the spaces at the end.
func RTrim(of Expr[string]) Expr[string] { return call[string]("rtrim", types.Text(), of.n) }

// Replace is the text with every occurrence of one text replaced by another:
// "replace(x, ?, ?)". Upper and lower case differ, on every database.
func Replace(of Expr[string], old, replacement string) Expr[string] {
	return call[string]("replace", types.Text(), of.n, textOf(old), textOf(replacement))
}

// Substring is the part of a text from a character on, counted from 1, of a
// number of characters or up to the end: "substr(x, 2, 3)". The numbers are part
// of the SQL text; a beginning below 1 or a negative length is an [ErrArgument].
func Substring(of Expr[string], from int, length ...int) Expr[string] {
	args := []Node{of.n, textPlace(from, 1)}
	if len(length) > 1 {
		args = append(args, &errorNode{&UsageError{Kind: ErrArgument, Op: "substring", Reason: "more than one length"}})
	}
	for _, n := range length {
		args = append(args, textPlace(n, 0))
	}
	return call[string]("substr", types.Text(), args...)
}

// textPlace is a number of characters, as text of SQL.
func textPlace(n, least int) Node {
	if n < least {
		return &errorNode{&UsageError{Kind: ErrArgument, Op: "substring", Subject: strconv.Itoa(n), Reason: "the number is below " + strconv.Itoa(least)}}
	}
	return &constNode{sqlText(strconv.Itoa(n))}
}

// Position is the character, counted from 1, at which a text begins in another for
// the first time, or 0: "strpos(x, ?)", "instr(x, ?)". Whether case counts on MySQL
// is up to the collation.
func Position(in Expr[string], text string) Expr[int64] {
	return callOwn[int64]("position", types.BigInteger(), &unspelt{"the position of a text", "look for it in the program"}, in.n, textOf(text))
}

// ConcatWS joins those of the texts that are not NULL, with a separator between
// them: "concat_ws(', ', a, b)". Without any it is empty.
func ConcatWS(separator string, parts ...Expr[string]) Expr[string] {
	args := []Node{textOf(separator)}
	for _, p := range parts {
		args = append(args, p.n)
	}
	if len(parts) == 0 {
		return Lit("")
	}
	return call[string]("concat_ws", types.Text(), args...)
}

// RegexpReplace is the text with every match of a regular expression replaced, in
// the database's own dialect of these: "regexp_replace(x, ?, ?)". A group is \1 in
// the replacement on PostgreSQL and MariaDB, and $1 on MySQL; (?i) at the beginning
// of the expression has upper and lower case be the same. It is a [CompileError]
// on SQLite.
func RegexpReplace(of Expr[string], pattern, replacement string) Expr[string] {
	missing := &unspelt{"a regular expression", "replace in the program"}
	return callOwn[string]("regexp_replace", types.Text(), missing, of.n, textOf(pattern), textOf(replacement))
}
