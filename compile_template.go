// This file holds the template: a compiled statement without its values, into
// which those of another statement of the same form are put.

package orm

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aurum-go/orm/types"
)

// listSlot is the place of a list: the types of the values of a row, and whether
// rows stand in parentheses.
type listSlot struct {
	row   []types.Type
	tuple bool
}

// template is a compiled statement whose values are to come. It is immutable.
type template struct {
	compiled Compiled // with slots that have no values
	held     []int    // for each slot, which of the held values it takes; -1 for none
	pieces   []string // the text around the placeholders; nil where the text is always the same
	slots    []int    // for each placeholder, the slot that it belongs to
}

// newTemplate makes a template of a statement that was compiled as one, or nil
// where a value stands in it whose place is not known.
func newTemplate(c *Compiled, values []held) *template {
	t := &template{compiled: *c, held: make([]int, len(c.slots))}
	t.compiled.slots = slices.Clone(c.slots)
	lists := false
	for i := range t.compiled.slots {
		slot := &t.compiled.slots[i]
		t.held[i] = -1
		if slot.place == (valuePlace{}) {
			continue
		}
		if t.held[i] = slices.IndexFunc(values, func(h held) bool { return h.valuePlace == slot.place }); t.held[i] < 0 {
			return nil
		}
		lists = lists || slot.list != nil
		slot.value, slot.place = nil, valuePlace{}
	}
	t.split(c.SQL)
	if !lists {
		t.compiled.SQL, t.pieces = t.write(t.numbers(values)), nil
	}
	return t
}

// split takes a text with marks apart.
func (t *template) split(marked string) {
	for i, part := range strings.Split(marked, marker) {
		if i%2 == 0 {
			t.pieces = append(t.pieces, part)
			continue
		}
		number, _ := strconv.Atoi(part) // the compiler has written it
		t.slots = append(t.slots, number-1)
	}
}

// fill returns the statement with values, or nil where a list makes it have more
// parameters than the database takes.
func (t *template) fill(values []held) *Compiled {
	filled := t.compiled
	if len(t.held) == 0 {
		return &filled
	}
	if t.pieces == nil {
		filled.slots = slices.Clone(t.compiled.slots)
		for i, from := range t.held {
			if from >= 0 {
				filled.slots[i].value = values[from].value
			}
		}
		return &filled
	}
	numbers := t.numbers(values)
	total := numbers[len(numbers)-1]
	if most := filled.dialect.Features().MaxParams; most > 0 && total > most {
		return nil
	}
	filled.slots = make([]bindSlot, 0, total)
	for i, from := range t.held {
		filled.slots = t.compiled.slots[i].filled(filled.slots, from, values)
	}
	filled.SQL = t.write(numbers)
	return &filled
}

// filled adds a slot with its value, or one for each value of its list.
func (s *bindSlot) filled(slots []bindSlot, from int, values []held) []bindSlot {
	if s.list == nil {
		slot := *s
		if from >= 0 {
			slot.value = values[from].value
		}
		return append(slots, slot)
	}
	for _, v := range values[from].list {
		slots = append(slots, bindSlot{value: v, typ: s.list.row[0]})
	}
	for _, row := range values[from].rows {
		for i, v := range row {
			slots = append(slots, bindSlot{value: v, typ: s.list.row[i]})
		}
	}
	return slots
}

// numbers are the numbers of the placeholders that stand before each slot, and
// behind the last one.
func (t *template) numbers(values []held) []int {
	numbers := make([]int, len(t.held)+1)
	for i, from := range t.held {
		count := 1
		if list := t.compiled.slots[i].list; list != nil {
			count = len(values[from].list) + len(list.row)*len(values[from].rows)
		}
		numbers[i+1] = numbers[i] + count
	}
	return numbers
}

// write writes the text with its placeholders.
func (t *template) write(numbers []int) string {
	text := make([]byte, 0, 256)
	for i, piece := range t.pieces {
		text = append(text, piece...)
		if i < len(t.slots) {
			text = t.placeholders(text, t.slots[i], numbers)
		}
	}
	return string(text)
}

func (t *template) placeholders(text []byte, slot int, numbers []int) []byte {
	d, list := t.compiled.dialect, t.compiled.slots[slot].list
	if list == nil {
		return append(text, d.Placeholder(numbers[slot]+1)...)
	}
	width := len(list.row)
	for n := numbers[slot]; n < numbers[slot+1]; n++ {
		at := n - numbers[slot]
		if at > 0 {
			text = append(text, ", "...)
		}
		if list.tuple && at%width == 0 {
			text = append(text, '(')
		}
		before, behind := around(d, list.row[at%width])
		text = append(append(append(text, before...), d.Placeholder(n+1)...), behind...)
		if list.tuple && at%width == width-1 {
			text = append(text, ')')
		}
	}
	return text
}
