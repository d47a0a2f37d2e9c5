// This file shows statements to people: as text with placeholders, and with their
// values in the text.

package orm

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// DebugSQL returns the text of a statement for a dialect with its values written
// into it, to be read and tried out by a person. It begins with a comment that says
// so. It must never be sent by a program: values are no part of SQL, and some are
// not told exactly. Parameters without a value stand as :name. It emits no SQL.
func DebugSQL(stmt Statement, dialect string) (string, error) {
	d, err := DialectByName(dialect)
	if err != nil {
		return "", err
	}
	c := newCompiler(d)
	c.marked = true
	compiled, err := c.compile(stmt)
	if err != nil {
		return "", err
	}
	return "/* for reading only */ " + compiled.inlined(), nil
}

// marker stands for a placeholder until its value is put there. SQL has no NUL.
const marker = "\x00"

// inlined is the text with values in the place of the marks.
func (c *Compiled) inlined() string {
	text, _ := c.replaced(func(slot *bindSlot) (string, error) { return c.slotText(slot), nil })
	return text
}

// replaced is the text with something in the place of each mark.
func (c *Compiled) replaced(by func(slot *bindSlot) (string, error)) (string, error) {
	var text strings.Builder
	for i, part := range strings.Split(c.SQL, marker) {
		if i%2 == 0 {
			text.WriteString(part)
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n > len(c.slots) {
			continue
		}
		value, err := by(&c.slots[n-1])
		if err != nil {
			return "", err
		}
		text.WriteString(value)
	}
	return text.String(), nil
}

// slotText is the value of a slot as a literal, or its name.
func (c *Compiled) slotText(slot *bindSlot) string {
	if slot.param != nil {
		return ":" + slot.param.name
	}
	binder, _ := c.dialect.(ValueBinder)
	v, err := slot.current(nil, time.Now)
	if err == nil {
		var encoded driver.Value
		if encoded, err = encodeArg(binder, v, slot.typ); err == nil {
			return literalText(c.dialect, encoded)
		}
	}
	return fmt.Sprintf("/* %s */ NULL", strings.ReplaceAll(err.Error(), "*/", "* /"))
}

// literalText is a driver's value as a literal.
func literalText(d Dialect, v driver.Value) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strings.ToUpper(strconv.FormatBool(v))
	case float64:
		if text := strconv.FormatFloat(v, 'g', -1, 64); strings.ContainsAny(text, "0123456789") {
			return text
		}
	case []byte:
		return fmt.Sprintf("x'%x'", v)
	case time.Time:
		return quoteLiteral(d, v.Format("2006-01-02 15:04:05.999999999-07:00"))
	}
	return quoteLiteral(d, fmt.Sprint(v))
}

// quoteLiteral is a text as a literal of the database.
func quoteLiteral(d Dialect, text string) string {
	if q, ok := d.(LiteralQuoter); ok {
		return q.QuoteLiteral(text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// statementText is a statement for a person, in standard SQL with placeholders, or
// what is wrong with it.
func statementText(stmt Statement) string {
	compiled, err := compileFor(stmt, StandardDialect{})
	if err != nil {
		return "<" + err.Error() + ">"
	}
	return compiled.SQL
}

// String is the text in standard SQL, with placeholders; [Compile] gives it for a
// database. It emits no SQL.
func (s *SelectStatement) String() string { return statementText(s) }

// String is the text; see [SelectStatement.String].
func (s *SetOperation) String() string { return statementText(s) }

// String is the text; see [SelectStatement.String].
func (s *InsertStatement) String() string { return statementText(s) }

// String is the text; see [SelectStatement.String].
func (s *UpdateStatement) String() string { return statementText(s) }

// String is the text; see [SelectStatement.String].
func (s *DeleteStatement) String() string { return statementText(s) }

// String is the text; see [SelectStatement.String].
func (s *MergeStatement) String() string { return statementText(s) }

// String is the text; see [SelectStatement.String].
func (s *TextStatement) String() string { return statementText(s) }
