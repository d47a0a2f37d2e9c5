// This file tests which column a field becomes by its Go type, and what the
// property knows of it.

package orm

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm/types"
)

type (
	fieldCelsius  float64
	fieldSettings struct{ Flags []string }
	fieldForeign  struct{ text string }
	fieldID       [16]byte
)

func (f fieldForeign) Value() (driver.Value, error) { return f.text, nil }

func (f *fieldForeign) Scan(src any) error {
	f.text = fmt.Sprint(src)
	return nil
}

func (i fieldID) MarshalText() ([]byte, error) { return i[:], nil }

func (i *fieldID) UnmarshalText(text []byte) error {
	copy(i[:], text)
	return nil
}

func init() {
	types.Register(types.Converter[fieldCelsius, int64]{
		SQL:  types.BigInteger(),
		Bind: func(c fieldCelsius) (int64, error) { return int64(c * 1000), nil },
		Scan: func(n int64) (fieldCelsius, error) { return fieldCelsius(n) / 1000, nil },
	})
}

func TestGoTypesBecomeColumnTypes(t *testing.T) {
	type Sensor struct {
		Base
		ID       fieldID `orm:"type:uuid"`
		Flag     bool
		Small    int16
		Count    uint32
		Huge     uint64
		Ratio    float32
		Took     time.Duration
		Seen     sql.NullTime
		Nick     sql.Null[string] `orm:"default:none"`
		Raw      []byte
		Level    tagLevel `orm:"type:enum(low,high);default:low"`
		Settings types.JSON[fieldSettings]
		Extra    map[string]any `orm:"type:json;default:'{}'"`
		Document json.RawMessage
		Temp     fieldCelsius `orm:"default:36.6"`
		Serial   fieldForeign `orm:"type:uuid"`
		Price    fieldForeign `orm:"type:numeric(12,4)"`
		Day      time.Time    `orm:"type:date"`
	}
	m := registered(t, &Sensor{})
	checkTable(t, m,
		"table sensor",
		"id UUID",
		"flag BOOLEAN",
		"small SMALLINT",
		"count BIGINT",
		"huge BIGINT UNSIGNED",
		"ratio FLOAT",
		"took INTERVAL",
		"seen DATETIME null",
		"nick TEXT null default made",
		"raw BLOB null",
		`level ENUM('low','high') default "low"`,
		"settings JSON",
		"extra JSON null default made",
		"document JSON null",
		"temp BIGINT default 36.6",
		"serial UUID",
		"price NUMERIC(12,4)",
		"day DATE",
		"primary key id",
	)
	for _, p := range m.props {
		if p.codec.Go() != p.goType || p.op != types.OpOf(p.codec) {
			t.Errorf("%s has the codec of %s", p.name, p.codec.Go())
		}
	}
	if diff := cmp.Diff([]string{"Raw", "Settings", "Extra", "Document"}, propertyNames(m.mutable)); diff != "" {
		t.Errorf("edited in place (-want +got):\n%s", diff)
	}
}

func TestDefaultIsAValueOfTheField(t *testing.T) {
	type Probe struct {
		Base
		ID   int64
		Temp *fieldCelsius `orm:"default:36.6"`
	}
	got := registered(t, &Probe{}).table.Column("temp").Default().value
	if diff := cmp.Diff(any(fieldCelsius(36.6)), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPropertyKnowsItsRoles(t *testing.T) {
	type Page struct {
		Base
		ID      int64
		Title   string
		Body    string    `orm:"deferred:text"`
		Version int       `orm:"version"`
		Changed time.Time `orm:"on_update:now"`
	}
	type roles struct {
		Index                                  int
		Key, Deferred, Version, Auto, OnUpdate bool
		Group                                  string
	}
	got := map[string]roles{}
	for _, p := range registered(t, &Page{}).props {
		got[p.name] = roles{p.index, p.key, p.deferred, p.version, p.auto, p.onUpdate, p.group}
	}
	want := map[string]roles{
		"ID":      {Index: 0, Key: true, Auto: true},
		"Title":   {Index: 1},
		"Body":    {Index: 2, Deferred: true, Group: "text"},
		"Version": {Index: 3, Version: true},
		"Changed": {Index: 4, OnUpdate: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBytesMayBeAKey(t *testing.T) {
	type Blob struct {
		Base
		Hash []byte `orm:"primary_key;size:32"`
	}
	m := registered(t, &Blob{})
	checkTable(t, m, "table blob", "hash BLOB(32)", "primary key hash")
	if got := m.keys[0].goType; got != reflect.TypeFor[[]byte]() {
		t.Errorf("key of type %s", got)
	}
}
