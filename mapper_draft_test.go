// This file tests how structs are read: what is embedded, hidden, or left out.

package orm

import (
	"reflect"
	"testing"
	"time"
)

type timestamps struct {
	CreatedAt time.Time `orm:"default:now"`
	UpdatedAt time.Time `orm:"default:now;on_update:now"`
}

type Address struct {
	Street string
	City   string `orm:"size:40;column:town"`
}

func TestEmbeddedStructsLendTheirFieldsWhereTheyStand(t *testing.T) {
	type Customer struct {
		Base
		ID int64
		timestamps
		Address `orm:"prefix:home_"`
		Name    string
	}
	m := registered(t, &Customer{})
	checkTable(t, m,
		"table customer",
		"id BIGINT auto",
		"created_at DATETIME default now",
		"updated_at DATETIME default now on update now",
		"home_street TEXT",
		"town VARCHAR(40)",
		"name TEXT",
		"primary key id",
	)
	want := reflect.TypeFor[Customer]()
	for _, p := range m.props {
		field, _ := want.FieldByName(p.name)
		offset := uintptr(0)
		for i := range field.Index {
			offset += want.FieldByIndex(field.Index[:i+1]).Offset
		}
		if p.offset != offset || p.goType != field.Type || m.props[p.index] != p || m.byField[p.name] != p || m.byColumn[p.column.name] != p {
			t.Errorf("%s: %+v", p.name, p)
		}
	}
	first, second := registered(t, &Customer{}), registered(t, &Customer{})
	if first.table.columns[1] == second.table.columns[1] {
		t.Error("two tables share a column")
	}
}

func TestFieldFurtherOutHidesOneOfAnEmbeddedStruct(t *testing.T) {
	type Letter struct {
		Base
		ID int64
		timestamps
		CreatedAt int  // a column of its own
		UpdatedAt *int `orm:"-"` // no column at all
	}
	checkTable(t, registered(t, &Letter{}), "table letter", "id BIGINT auto", "created_at BIGINT", "primary key id")
}

func TestAbstractStructLendsColumnsAndConstraints(t *testing.T) {
	type Owned struct {
		Base `orm:"abstract;schema:tenants;unique:(tenant,ID)"`

		ID     int64
		Tenant string `orm:"size:20"`
	}
	type Invoice struct {
		Owned `orm:"table:invoices;index:(tenant)"`
		Total int64
	}
	type Order struct{ Owned }
	m := registered(t, &Invoice{})
	checkTable(t, m,
		"table tenants.invoices", "id BIGINT auto", "tenant VARCHAR(20)", "total BIGINT", "primary key id",
		"unique  tenant,id", "index  tenant",
	)
	checkTable(t, registered(t, &Order{}), "table tenants.order", "id BIGINT auto", "tenant VARCHAR(20)", "primary key id", "unique  tenant,id")
	invoice := &Invoice{}
	if want := reflect.ValueOf(invoice.ormBase()).Pointer() - reflect.ValueOf(invoice).Pointer(); m.baseOffset != want {
		t.Errorf("Base at %d, want %d", m.baseOffset, want)
	}
}

func TestEmbeddedValueIsAColumn(t *testing.T) {
	type Event struct {
		Base
		ID int64
		time.Time
		tagLevel //nolint:unused // the mapping leaves it alone
		Address  `orm:"type:json"`
	}
	checkTable(t, registered(t, &Event{}),
		"table event", "id BIGINT auto", "time DATETIME", "address JSON", "primary key id")
}

func TestAbstractStructEmbedsAnother(t *testing.T) {
	type Identified struct {
		Base `orm:"abstract"`
		ID   int64
	}
	type Named struct {
		Identified `orm:"abstract;index:(name)"`
		Name       string
	}
	type City struct {
		Named `orm:"table:cities"`
	}
	checkTable(t, registered(t, &City{}), "table cities", "id BIGINT auto", "name TEXT", "primary key id", "index  name")
	want := "orm: map Named.Identified: an abstract struct has no table of its own (embed it in the structs that are registered)\n\tabstract;index:(name)\n\t^"
	if err := NewRegistry().Register(&Named{}); err == nil || err.Error() != want {
		t.Errorf("err = %v\nwant %s", err, want)
	}
}
