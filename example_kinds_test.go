package orm_test

import (
	"fmt"
	"log"

	"github.com/aurum-go/orm"
)

type Hotel struct {
	orm.Base `orm:"table:hotels"`

	ID      int64
	Rooms   map[string]*Room `orm:"key:Name;back_populates:Hotel;cascade:all,delete-orphan"`
	Kitchen *Kitchen         `orm:"back_populates:Hotel"`
	Halls   []*Room          `orm:"viewonly"`
}

func (*Hotel) ConfigureMapper(c *orm.MapperConfig) {
	room := orm.Entity[Room]()
	c.Relationship("Halls").Where(func() orm.Expr[bool] { return orm.C(&room.Beds).Eq(0) })
}

type Kitchen struct {
	orm.Base `orm:"table:kitchens"`

	ID      int64
	HotelID *int64 `orm:"unique"`
	Hotel   *Hotel `orm:"back_populates:Kitchen"`
}

type Room struct {
	orm.Base `orm:"table:rooms"`

	ID      int64
	Name    string `orm:"size:20"`
	Beds    int
	HotelID int64
	Hotel   *Hotel   `orm:"back_populates:Rooms"`
	Guests  []*Guest `orm:"secondary:room_guests;back_populates:Rooms"`
}

type Guest struct {
	orm.Base `orm:"table:guests"`

	ID        int64
	Rooms     []*Room `orm:"secondary:room_guests;back_populates:Guests"`
	PartnerID *int64
	Partner   *Guest
	HostID    *int64
	Host      *Guest   `orm:"back_populates:Party"`
	Party     []*Guest `orm:"back_populates:Host"`
}

// The type of a field says whether it leads to one object or to many, the foreign
// key on which side it is.
func ExampleMapper_Relationships() {
	models := orm.MustRegister(&Hotel{}, &Kitchen{}, &Room{}, &Guest{})
	for _, m := range models.Mappers() {
		relationships, err := m.Relationships()
		if err != nil {
			log.Fatal(err)
		}
		for _, r := range relationships {
			fmt.Println(m.Name()+"."+r.Name, "is", r.Direction)
		}
	}
	// Output:
	// Hotel.Rooms is one to many
	// Hotel.Kitchen is one to many
	// Hotel.Halls is one to many
	// Kitchen.Hotel is many to one
	// Room.Hotel is many to one
	// Room.Guests is many to many
	// Guest.Rooms is many to many
	// Guest.Partner is many to one
	// Guest.Host is many to one
	// Guest.Party is one to many
}
