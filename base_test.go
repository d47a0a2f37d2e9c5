// This file tests what makes a struct a model.

package orm

import "testing"

func TestStructIsAModelByEmbeddingBaseAtAnyDepth(t *testing.T) {
	type Direct struct{ Base }
	type Common struct {
		Base
		ID int64
	}
	type Deep struct {
		Name string
		Common
	}
	direct, deep := &Direct{}, &Deep{}
	for name, test := range map[string]struct {
		model Model
		want  *Base
	}{
		"directly":         {direct, &direct.Base},
		"through a struct": {deep, &deep.Base},
	} {
		if got := test.model.ormBase(); got != test.want {
			t.Errorf("%s: another Base: %p, want %p", name, got, test.want)
		}
	}
}
