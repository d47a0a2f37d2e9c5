// This file reads what the tag of a field says of a column whose values the database
// makes: that it is computed, or numbered.

package orm

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aurum-go/orm/types"
)

// checkComputed refuses roles that a computed column cannot have.
func (f *fieldDraft) checkComputed(p *property) {
	for _, key := range []string{"primary_key", "version", "default", "server_default", "on_update", "fetched", "autoincrement", "identity"} {
		if w, ok := f.tag.word(key); ok {
			f.wrongWord(w, fmt.Sprintf("the database computes the column, so %q cannot stand here", key), "")
		}
	}
	if p.key && !f.tag.has("primary_key") {
		f.wrong("a primary key is not computed", "")
	}
}

// generatedOptions are those of a computed column, and of one that is numbered.
func (f *fieldDraft) generatedOptions(p *property, t types.Type) []ColumnOption {
	var options []ColumnOption
	stored, isStored := f.tag.word("stored")
	virtual, isVirtual := f.tag.word("virtual")
	switch w, ok := f.tag.word("computed"); {
	case ok && isStored && isVirtual:
		f.wrongWord(virtual, "a computed column is stored or virtual, not both", "")
	case ok && isStored:
		options = append(options, Computed(SQL(w.value)).Stored())
	case ok && isVirtual:
		options = append(options, Computed(SQL(w.value)).Virtual())
	case ok:
		options = append(options, Computed(SQL(w.value)))
	case isStored || isVirtual:
		if !isStored {
			stored = virtual
		}
		f.wrongWord(stored, fmt.Sprintf("the word %q is for a computed column", stored.key), "")
	}
	if w, ok := f.tag.word("identity"); ok && !f.tag.has("computed") {
		options = append(options, f.identity(w, p, t))
	}
	return options
}

// identity reads "always start 1000 increment 10", or a part of it.
func (f *fieldDraft) identity(w tagWord, p *property, t types.Type) ColumnOption {
	i, words := Identity(), strings.Fields(w.value)
	for n := 0; n < len(words); n++ {
		if words[n] == "always" {
			i = i.Always()
			continue
		}
		number, known := int64(0), words[n] == "start" || words[n] == "increment"
		if n++; known && n < len(words) {
			number, _ = strconv.ParseInt(words[n], 10, 64)
		}
		switch {
		case number == 0:
			f.wrongWord(w, fmt.Sprintf("%q is no way to number", w.value), "write identity, or identity:always start 1000 increment 10")
			return i
		case words[n-1] == "start":
			i = i.Start(number)
		default:
			i = i.Increment(number)
		}
	}
	for _, key := range []string{"default", "server_default", "fetched", "autoincrement"} {
		if other, ok := f.tag.word(key); ok {
			f.wrongWord(other, fmt.Sprintf("the database numbers the column, so %q cannot stand here", key), "")
		}
	}
	if !isIntegerColumn(t) || p.codec.Nullable() {
		f.wrongWord(w, fmt.Sprintf("a column of type %s for a %s cannot be numbered", t, p.goType), "make the field an int64")
	}
	return i
}
