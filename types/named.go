// This file recognises the named argument of database/sql, so that packages
// above need not import it.

package types

import "database/sql"

// NamedArg takes a [sql.NamedArg] apart. It reports false for any other value.
func NamedArg(v any) (name string, value any, ok bool) {
	arg, ok := v.(sql.NamedArg)
	return arg.Name, arg.Value, ok
}
