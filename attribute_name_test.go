// This file tests fields that are known by name only.

package orm

import "testing"

func TestNameKnowsNoTypeBeforeTheStatementIsCompiled(t *testing.T) {
	name := F("Email")
	if n, ok := name.n.(*nameNode); !ok || n.name != "Email" {
		t.Fatalf("%#v", name.n)
	}
	if got := typeOf(name.n); !got.IsZero() {
		t.Errorf("type %s", got)
	}
}
