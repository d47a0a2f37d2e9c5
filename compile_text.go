// This file writes SQL text of the user, with its arguments in place.

package orm

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// text writes a statement of the user.
func (c *Compiler) text(s *TextStatement, out *Compiled) {
	out.op, out.columns = "text", s.columns
	if scanned := c.userText(s.text, s.args); scanned != nil {
		c.textCTEs(s, scanned.verb)
		out.ddl, out.txControl = scanned.ddl, scanned.txControl
		if scanned.verb == "" {
			c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: "text", Reason: "there is no statement in it"})
		}
	}
}

// raw writes an expression of the user in parentheses, which it must not close.
func (c *Compiler) raw(n *rawNode) {
	c.SQL("(")
	if scanned := c.userText(n.text, n.args); scanned != nil {
		c.Fail(scanned.loose)
	}
	c.endComment(n.text)
	c.SQL(")")
}

// endComment keeps a line comment at the end of a text from swallowing what
// follows.
func (c *Compiler) endComment(text SQL) {
	if strings.Contains(string(text), "--") {
		c.SQL("\n")
	}
}

// definition writes an expression of the user that is part of a definition, and
// takes no arguments.
func (c *Compiler) definition(text SQL) {
	scanned, err := scanText(text)
	switch {
	case err == nil:
		c.Fail(scanned.loose)
	case !errors.Is(err, ErrArgument): // which is about arguments
		c.Fail(err)
	}
	c.UserSQL(text)
	c.endComment(text)
}

// userText writes text with its arguments, and returns what is known of the
// text; nil if it cannot be read.
func (c *Compiler) userText(text SQL, args []any) *scannedText {
	c.acts = true
	scanned, err := scanText(text)
	if err != nil {
		c.Fail(err)
		return nil
	}
	w := newTextWriter(c, args)
	for _, part := range scanned.parts {
		w.part(part)
	}
	w.finish()
	return scanned
}

// textWriter puts arguments into a text, and sees to it that each is used.
type textWriter struct {
	*Compiler
	positional []textArgument
	named      map[string]textArgument
	used       map[string]bool
	next       int
}

// textArgument is an argument, and where it stands in the statement.
type textArgument struct {
	value any
	place valuePlace
}

func newTextWriter(c *Compiler, args []any) *textWriter {
	w := &textWriter{Compiler: c, named: map[string]textArgument{}, used: map[string]bool{}}
	for i := range args {
		at := valuePlace{at: pointerTo(&args[i])}
		name, v, ok := types.NamedArg(args[i])
		if !ok {
			w.positional = append(w.positional, textArgument{args[i], at})
			continue
		}
		if _, twice := w.named[name]; twice {
			c.Fail(textError(fmt.Sprintf("there are two arguments %q", name)))
		}
		w.named[name] = textArgument{v, at}
	}
	return w
}

func (w *textWriter) part(p textPart) {
	switch {
	case p.positional:
		if w.next < len(w.positional) {
			w.argument(w.positional[w.next])
		}
		w.next++
	case p.name != "":
		v, ok := w.named[p.name]
		if !ok {
			w.Fail(textError(fmt.Sprintf("parameter :%s has no argument", p.name)))
			return
		}
		w.used[p.name] = true
		w.argument(v)
	default:
		w.buf = append(w.buf, p.literal...)
	}
}

// finish refuses arguments that are missing or left over.
func (w *textWriter) finish() {
	if w.next != len(w.positional) {
		w.Fail(textError(fmt.Sprintf("there are %d placeholders and %d arguments", w.next, len(w.positional))))
	}
	for _, name := range slices.Sorted(maps.Keys(w.named)) {
		if !w.used[name] {
			w.Fail(textError(fmt.Sprintf("argument %q is not used", name)))
		}
	}
}

func textError(reason string) error {
	return &UsageError{Kind: ErrArgument, Op: "compile", Subject: "text", Reason: reason}
}

// argument writes an expression, a list, or a value.
func (w *textWriter) argument(a textArgument) {
	if e, ok := a.value.(Expression); ok {
		w.expr(e.expression(), precAtom)
		return
	}
	r := reflect.ValueOf(a.value)
	switch {
	case !isArgumentList(r):
		w.bindSlot(bindSlot{value: a.value, place: a.place})
	case r.Len() > 0:
		w.list(r)
	case w.behindNotIn():
		w.Fail(textError("an empty list behind NOT IN, which would match no row, not every row"))
	default:
		w.SQL("NULL")
	}
}

// isArgumentList tells a list of values from a value that is a slice: bytes,
// and what says itself how it is sent.
func isArgumentList(r reflect.Value) bool {
	if r.Kind() != reflect.Slice || r.Type().Elem().Kind() == reflect.Uint8 {
		return false
	}
	_, valuer := reflect.TypeAssert[driver.Valuer](r)
	return !valuer
}

func (w *textWriter) list(r reflect.Value) {
	for i := range r.Len() {
		if i > 0 {
			w.SQL(", ")
		}
		w.Bind(r.Index(i).Interface(), types.Type{})
	}
}

// behindNotIn reports whether the text so far ends in NOT IN and a parenthesis.
func (w *textWriter) behindNotIn() bool {
	words := strings.Fields(strings.ToUpper(string(w.buf[max(0, len(w.buf)-64):])))
	text := strings.Join(words, " ")
	return strings.HasSuffix(text, "NOT IN (") || strings.HasSuffix(text, "NOT IN(")
}
