package orm

import (
	"database/sql/driver"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// emptyCode is NULL where it is empty.
type emptyCode string

func (c emptyCode) Value() (driver.Value, error) {
	if c == "" {
		return nil, nil
	}
	return string(c), nil
}

type (
	byNumber struct {
		Base `orm:"table:by_number"`
		ID   int32
	}
	byUnsigned struct {
		Base `orm:"table:by_unsigned"`
		ID   uint64
	}
	byText struct {
		Base `orm:"table:by_text"`
		ID   string `orm:"size:20"`
	}
	byUUID struct {
		Base `orm:"table:by_uuid"`
		ID   [16]byte `orm:"type:uuid"`
	}
	byDay struct {
		Base `orm:"table:by_day"`
		ID   time.Time
	}
	bySwitch struct {
		Base `orm:"table:by_switch"`
		ID   bool
	}
	byTwoTexts struct {
		Base `orm:"table:by_two_texts"`
		A    string `orm:"primary_key;size:20"`
		B    string `orm:"primary_key;size:20"`
	}
	byMany struct {
		Base `orm:"table:by_many"`
		A    int16     `orm:"primary_key;autoincrement:false"`
		B    string    `orm:"primary_key;size:20"`
		C    []byte    `orm:"primary_key;size:20"`
		D    float64   `orm:"primary_key"`
		E    time.Time `orm:"primary_key"`
		F    bool      `orm:"primary_key"`
		G    emptyCode `orm:"primary_key;type:string(5)"`
	}
)

var identityModels = MustRegister(&byNumber{}, &byUnsigned{}, &byText{}, &byUUID{}, &byDay{}, &bySwitch{}, &byTwoTexts{}, &byMany{})

func keyOf(t *testing.T, m Model) identityKey {
	t.Helper()
	mapper, err := identityModels.Mapper(m)
	if err != nil {
		t.Fatal(err)
	}
	key, err := mapper.keyAt(modelPointer(m))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeysAreEqualWhereTheRowsAre(t *testing.T) {
	noon := time.Date(2024, 2, 29, 12, 0, 0, 1000, time.UTC)
	for name, pair := range map[string][2]Model{
		"number":   {&byNumber{ID: -7}, &byNumber{ID: -7}},
		"unsigned": {&byUnsigned{ID: math.MaxUint64}, &byUnsigned{ID: math.MaxUint64}},
		"text":     {&byText{ID: "é\x01"}, &byText{ID: "é\x01"}},
		"bytes":    {&byUUID{ID: [16]byte{1}}, &byUUID{ID: [16]byte{1}}},
		"instant":  {&byDay{ID: noon}, &byDay{ID: noon.In(time.FixedZone("", 3600)).Add(999)}},
		"bool":     {&bySwitch{ID: true}, &bySwitch{ID: true}},
		"many":     {&byMany{A: 1, C: []byte{}, G: "g"}, &byMany{A: 1, C: []byte{}, G: "g"}},
	} {
		if a, b := keyOf(t, pair[0]), keyOf(t, pair[1]); a != b {
			t.Errorf("%s: %+v and %+v", name, a, b)
		}
	}
}

func TestKeysDifferWhereTheRowsDo(t *testing.T) {
	for name, pair := range map[string][2]Model{
		"number":           {&byNumber{ID: 1}, &byNumber{ID: -1}},
		"case":             {&byText{ID: "a"}, &byText{ID: "A"}},
		"bytes":            {&byUUID{ID: [16]byte{1}}, &byUUID{ID: [16]byte{2}}},
		"microsecond":      {&byDay{ID: time.UnixMicro(1)}, &byDay{ID: time.UnixMicro(2)}},
		"bool":             {&bySwitch{}, &bySwitch{ID: true}},
		"border of texts":  {&byTwoTexts{A: "ab", B: "c"}, &byTwoTexts{A: "a", B: "bc"}},
		"length in text":   {&byTwoTexts{A: "a", B: "s\x01b"}, &byTwoTexts{A: "as\x01b", B: ""}},
		"one of many":      {&byMany{A: 1, C: []byte{}, D: 1, G: "g"}, &byMany{A: 1, C: []byte{}, D: math.Nextafter(1, 2), G: "g"}},
		"valuer of many":   {&byMany{C: []byte{}, G: "g"}, &byMany{C: []byte{}, G: "h"}},
		"text, not bytes":  {&byMany{B: "x", C: []byte{}, G: "g"}, &byMany{C: []byte("x"), G: "g"}},
		"unsigned maximum": {&byUnsigned{ID: math.MaxUint64}, &byUnsigned{ID: 0}},
	} {
		if a, b := keyOf(t, pair[0]), keyOf(t, pair[1]); a == b {
			t.Errorf("%s: both are %+v", name, a)
		}
	}
}

func TestKeyWithANullIsRefused(t *testing.T) {
	mapper, err := identityModels.Mapper(&byMany{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = mapper.keyAt(modelPointer(&byMany{C: []byte{}}))
	const want = "orm: identify by_many.g: the key has no order: NULL cannot be part of a primary key"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

// heldNumbers makes objects of one mapper with the keys 0 to n-1, in a table.
func heldNumbers(n int) (*identityTable, []*instance) {
	table := identityMap{}.table(&Mapper{})
	var all []*instance
	for i := range n {
		inst := &instance{key: identityKey{number: int64(i)}}
		table.put(inst)
		all = append(all, inst)
	}
	return table, all
}

func TestIdentityTableForgetsWhatIsRemoved(t *testing.T) {
	table, all := heldNumbers(4)
	table.remove(all[1])
	table.remove(all[1])
	table.remove(&instance{key: all[0].key}) // of another table
	var left []int64
	for slot, inst := range table.all {
		if inst.slot != slot {
			t.Errorf("slot %d says %d", slot, inst.slot)
		}
		left = append(left, inst.key.number)
	}
	if diff := cmp.Diff([]int64{0, 3, 2}, left); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if table.get(all[1].key) != nil || table.get(all[0].key) != all[0] {
		t.Error("the keys do not go with the objects")
	}
}

func TestKeysCanBeExchanged(t *testing.T) {
	table, all := heldNumbers(2)
	first, second := all[0].key, all[1].key
	table.leave(all[0])
	table.leave(all[1])
	table.take(all[0], second)
	table.take(all[1], first)
	if table.get(first) != all[1] || table.get(second) != all[0] {
		t.Error("the keys do not go with the objects")
	}
	table.leave(all[0])
	table.leave(all[0])
	if table.get(first) != all[1] {
		t.Error("an object gave up another's key")
	}
}
