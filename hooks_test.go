// This file tests the list of listeners.

package orm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListenersAreCalledInOrderAndCanLeave(t *testing.T) {
	var h hooks[func() string]
	if h.list() != nil || !h.empty() {
		t.Error("a list without listeners is nil")
	}
	call := func() (names []string) {
		for _, f := range h.list() {
			names = append(names, f())
		}
		return names
	}
	h.add(func() string { return "a" })
	removeB := h.add(func() string { return "b" })
	h.add(func() string { return "c" })
	before := h.list()
	if diff := cmp.Diff([]string{"a", "b", "c"}, call()); diff != "" {
		t.Errorf("order (-want +got)\n%s", diff)
	}
	removeB()
	removeB()
	if diff := cmp.Diff([]string{"a", "c"}, call()); diff != "" {
		t.Errorf("after leaving (-want +got)\n%s", diff)
	}
	if len(before) != 3 {
		t.Error("a list that is being read has changed")
	}
}

func TestLastListenerLeavesAnEmptyList(t *testing.T) {
	var h hooks[func()]
	h.add(func() {})()
	if !h.empty() {
		t.Error("the list is not empty")
	}
	if n := testing.AllocsPerRun(10, func() { _ = h.list() }); n != 0 {
		t.Errorf("reading allocates %v times", n)
	}
}
