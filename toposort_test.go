package orm

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edges reads "c:ab d:c", c needs a and b, and d needs c.
func edges(text string) func(string) []string {
	needs := map[string][]string{}
	for rule := range strings.FieldsSeq(text) {
		item, list, _ := strings.Cut(rule, ":")
		needs[item] = strings.Split(list, "")
	}
	return func(item string) []string { return needs[item] }
}

func TestToposortPutsItemsBehindWhatTheyNeed(t *testing.T) {
	tests := []struct {
		name, items, needs, want string
		cycles                   []string
	}{
		{name: "nothing", items: "", want: ""},
		{name: "free items keep their order", items: "cab", want: "cab"},
		{name: "order that holds stays", items: "abcd", needs: "b:a d:bc", want: "abcd"},
		{name: "chain backwards", items: "abcd", needs: "a:b b:c c:d", want: "dcba"},
		{name: "diamond", items: "dcba", needs: "d:bc b:a c:a", want: "abcd"},
		{name: "only what is needed is pulled forward", items: "axbyc", needs: "a:c", want: "caxby"},
		{name: "unknown items are ignored", items: "ab", needs: "a:zb", want: "ba"},
		{name: "second occurrence is ignored", items: "aba", needs: "a:b", want: "ba"},
		{name: "self loop is a cycle", items: "ab", needs: "a:a", want: "ab", cycles: []string{"a"}},
		{name: "two in a circle", items: "ab", needs: "a:b b:a", want: "ab", cycles: []string{"ab"}},
		{name: "cycle stands behind what it needs and before what needs it", items: "ecbad", needs: "a:bd b:ca c:b e:a", want: "dcbae", cycles: []string{"cba"}},
		{name: "two cycles", items: "abcd", needs: "a:b b:a c:da d:c", want: "abcd", cycles: []string{"ab", "cd"}},
		{name: "circle with a chord is one cycle", items: "abcd", needs: "a:b b:c c:da d:b", want: "abcd", cycles: []string{"abcd"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			order, cycles := toposort(strings.Split(test.items, ""), edges(test.needs))
			if diff := cmp.Diff(test.want, strings.Join(order, "")); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			var got []string
			for _, c := range cycles {
				got = append(got, strings.Join(c, ""))
			}
			if diff := cmp.Diff(test.cycles, got); diff != "" {
				t.Errorf("cycles (-want +got):\n%s", diff)
			}
		})
	}
}

// A million rows that each refer to the next are as deep as a graph gets.
func TestToposortOrdersAMillionItemsInOneChain(t *testing.T) {
	const n = 1_000_000
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	order, cycles := toposort(items, func(i int) []int {
		if i+1 == n {
			return nil
		}
		return []int{i + 1}
	})
	slices.Reverse(order)
	if !slices.Equal(items, order) || cycles != nil {
		t.Errorf("%d items, first %d, last %d, %d cycles", len(order), order[0], order[n-1], len(cycles))
	}
}

func FuzzToposortKeepsEveryItemAndEveryRule(f *testing.F) {
	f.Add([]byte("abbccdda"))
	f.Add([]byte("abcaxyzz"))
	f.Fuzz(func(t *testing.T, pairs []byte) {
		needs := map[byte][]byte{}
		for i := 0; i+1 < len(pairs); i += 2 {
			needs[pairs[i]] = append(needs[pairs[i]], pairs[i+1])
		}
		order, cycles := toposort(pairs, func(b byte) []byte { return needs[b] })
		circle, place := map[byte]int{}, map[byte]int{}
		for i, c := range cycles {
			for _, b := range c {
				circle[b] = i + 1
			}
		}
		for i, b := range order {
			place[b] = i
		}
		for _, b := range pairs {
			if _, there := place[b]; !there {
				t.Fatalf("%q is missing", b)
			}
			for _, need := range needs[b] {
				if place[need] >= place[b] && (circle[b] == 0 || circle[b] != circle[need]) {
					t.Fatalf("%q stands before %q, which it needs", b, need)
				}
			}
		}
	})
}
