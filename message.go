// This file limits how much one statement sends. What is beyond it no database
// takes: one has no length for it, another cuts the connection, and a transaction
// that is lost so would be tried again in vain.

package orm

import "fmt"

// maxMessage is the most that a statement and its values may have. PostgreSQL
// takes 1 GB, in which bytes are written as two digits each.
const maxMessage = 500 << 20

// checkSize refuses a statement that is too large with its values.
func checkSize(op, text string, args []any) error {
	size := len(text)
	for _, a := range args {
		switch v := a.(type) {
		case string:
			size += len(v)
		case []byte:
			size += len(v)
		}
	}
	if size <= maxMessage {
		return nil
	}
	return &UsageError{
		Kind: ErrValue, Op: op, Subject: "statement", Reason: fmt.Sprintf("it has %d MB with its values, and may have %d", size>>20, maxMessage>>20),
		Advice: "write less at once",
	}
}
