// This file checks the labels of enums, in both directions: a label that the
// enum does not have is never stored, and never taken from the database.

package types

func checkLabel(s string, t Type) error {
	if t.hasLabel(s) {
		return nil
	}
	return refusal("the text is no label of the enum")
}

// readLabel gives the enum's own string, so that reading allocates nothing.
func readLabel(src any, t Type) (string, error) {
	switch v := src.(type) {
	case string:
		return v, checkLabel(v, t)
	case []byte:
		for _, label := range t.labels.list {
			if label == string(v) {
				return label, nil
			}
		}
		return "", checkLabel(string(v), t)
	}
	return "", unexpected(src)
}
