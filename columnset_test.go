package orm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// columnsOf makes a set of some members.
func columnsOf(members ...int) columnSet {
	var s columnSet
	for _, i := range members {
		s = s.with(i)
	}
	return s
}

// members lists what a set says of itself.
func (s columnSet) members() []int {
	var list []int
	for i := range 300 {
		if s.has(i) {
			list = append(list, i)
		}
	}
	return list
}

func TestColumnSetHoldsMembersBeyondSixtyFour(t *testing.T) {
	for _, members := range [][]int{nil, {0}, {63}, {64}, {63, 64}, {0, 71, 72, 199}, {250}} {
		s := columnsOf(members...)
		if diff := cmp.Diff(members, s.members()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if s.empty() != (len(members) == 0) {
			t.Errorf("%v is empty: %t", members, s.empty())
		}
	}
}

func TestColumnSetsOfTheSameMembersAreEqual(t *testing.T) {
	forth, back := columnsOf(3, 70, 150), columnsOf(150, 3, 70, 3)
	if forth != back {
		t.Error("the order in which members came makes a difference")
	}
	if got := columnsOf(3, 150, 299).without(299).without(299); got != columnsOf(3, 150) {
		t.Errorf("a member that was taken out leaves a trace: %#v", got)
	}
	if got := columnsOf(3, 299).minus(columnsOf(299, 298)); got != columnsOf(3) {
		t.Errorf("members that were taken out leave a trace: %#v", got)
	}
	byShape := map[columnSet]string{columnsOf(1, 64): "a"}
	if byShape[columnsOf(64).with(1)] != "a" {
		t.Error("a set is no key of a map")
	}
}

// TestColumnSetFollowsASetOfNumbers compares random changes with a plain map.
func TestColumnSetFollowsASetOfNumbers(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		s, model := columnSet{}, map[int]bool{}
		o, other := columnSet{}, map[int]bool{}
		for range r.IntN(40) {
			i, j := r.IntN(200), r.IntN(200)
			if r.IntN(3) == 0 {
				s = s.without(i)
				delete(model, i)
			} else {
				s = s.with(i)
				model[i] = true
			}
			o = o.with(j)
			other[j] = true
		}
		minus, within := []int(nil), true
		for i := range 200 {
			if s.has(i) != model[i] {
				t.Fatalf("seed %d: has(%d) = %t", seed, i, s.has(i))
			}
			if model[i] && !other[i] {
				minus, within = append(minus, i), false
			}
		}
		if diff := cmp.Diff(minus, s.minus(o).members()); diff != "" {
			t.Fatalf("seed %d: (-want +got):\n%s", seed, diff)
		}
		if s.within(o) != within || !s.minus(o).within(s) || s.minus(o) != columnsOf(minus...) {
			t.Fatalf("seed %d: %v within %v: %t", seed, s.members(), o.members(), s.within(o))
		}
	}
}

func TestColumnSetPicksInTheOrderOfTheMapper(t *testing.T) {
	m := &Mapper{}
	for i := range 130 {
		m.props = append(m.props, &property{index: i, name: fmt.Sprint(i)})
	}
	picked := columnsOf(129, 3, 64).pick(m)
	if diff := cmp.Diff([]string{"3", "64", "129"}, propertyNames(picked)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !slices.Equal(setOf(picked).members(), []int{3, 64, 129}) {
		t.Errorf("%v", setOf(picked).members())
	}
}
