// This file tests which columns the composites of a struct are.

package orm

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type (
	draftPoint struct {
		X, Y int `orm:"default:7"`
		note string
	}
	draftMoney struct {
		Amount   int64  `orm:"column:cents;check:fare_cents >= 0"`
		Currency string `orm:"size:3;index"`
	}
	draftRegion struct {
		Low   draftPoint `orm:"composite;prefix:lo_"`
		Label *string    `orm:"size:9"`
		High  draftPoint `orm:"composite"`
	}
	draftStamp struct {
		By string
		draftPoint
	}
	draftPlaced struct {
		At draftPoint `orm:"composite"`
	}
)

func TestCompositesBecomeColumnsUnderTheirPrefix(t *testing.T) {
	type Trip struct {
		Base `orm:"unique:(Start.X,start_y);primary_key:(Key.Y,key_x)"`

		Key   draftPoint `orm:"composite"`
		Start draftPoint `orm:"composite;prefix:start_"`
		Fare  draftMoney `orm:"composite;prefix:fare_"`
		draftPlaced
		Area  draftRegion          `orm:"composite"`
		Maybe sql.Null[draftPoint] `orm:"composite"`
		Stamp draftStamp           `orm:"composite;prefix:''"`
	}
	m := registered(t, &Trip{Start: draftPoint{note: "no column"}})
	checkTable(t, m,
		"table trip",
		"key_x BIGINT default 7", "key_y BIGINT default 7",
		"start_x BIGINT default 7", "start_y BIGINT default 7",
		"fare_cents BIGINT", "fare_currency VARCHAR(3)",
		"at_x BIGINT default 7", "at_y BIGINT default 7",
		"area_lo_x BIGINT default 7", "area_lo_y BIGINT default 7", "area_label VARCHAR(9) null", "area_high_x BIGINT default 7", "area_high_y BIGINT default 7",
		"maybe_x BIGINT null default 7", "maybe_y BIGINT null default 7",
		"by TEXT", "x BIGINT default 7", "y BIGINT default 7",
		"primary key key_y,key_x",
		"unique  start_x,start_y",
		"index  fare_currency",
		"check fare_cents fare_cents >= 0",
	)
	want := []string{
		"Key.X", "Key.Y", "Start.X", "Start.Y", "Fare.Amount", "Fare.Currency", "At.X", "At.Y", "Area.Low.X", "Area.Low.Y", "Area.Label", "Area.High.X",
		"Area.High.Y", "Maybe.X", "Maybe.Y", "Stamp.By", "Stamp.X", "Stamp.Y",
	}
	if diff := cmp.Diff(want, propertyNames(m.props)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Key.Y", "Key.X"}, m.PrimaryKey()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompositeWithItsOwnWordIsTheKey(t *testing.T) {
	type Ticket struct {
		Base
		Number draftPoint `orm:"composite;primary_key"`
	}
	type Seat struct {
		Base
		ID       int64
		TicketID draftPoint `orm:"composite"`
		Ticket   *Ticket    `orm:"foreign_keys:(TicketID.X,TicketID.Y)"`
	}
	type Stub struct {
		Base
		ID           int64
		TicketNumber draftPoint `orm:"composite"`
		Ticket       *Ticket
	}
	r := NewRegistry()
	if err := r.Register(&Ticket{}, &Stub{}); err != nil {
		t.Fatal(err)
	}
	stub, err := r.Mapper(&Stub{})
	if err != nil {
		t.Fatal(err)
	}
	checkTable(t, stub,
		"table stub", "id BIGINT auto", "ticket_number_x BIGINT default 7", "ticket_number_y BIGINT default 7", "primary key id",
		"foreign key ticket_number_x,ticket_number_y -> ticket(number_x,number_y)",
	)
	if err := r.Register(&Seat{}); err == nil {
		t.Error("no foreign key joins TicketID to Number")
	}
}

func TestRegistryNamesColumnsThatNoTagNames(t *testing.T) {
	type Trip struct {
		Base

		ID    int64
		Start draftPoint `orm:"composite;prefix:start_"`
		Label string     `orm:"column:label"`
	}
	m := registered(t, &Trip{}, WithColumnName(func(field string) string { return "c_" + strings.ToLower(field) }))
	checkTable(t, m, "table trip", "c_id BIGINT auto", "start_c_x BIGINT default 7", "start_c_y BIGINT default 7", "label TEXT", "primary key c_id")
	err := NewRegistry(WithColumnName(func(string) string { return "" })).Register(&Trip{})
	if err == nil || !strings.Contains(err.Error(), "it came from the registry's WithColumnName") {
		t.Errorf("err = %v", err)
	}
}
