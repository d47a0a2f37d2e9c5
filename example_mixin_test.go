package orm_test

import (
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Owned is embedded in structs whose objects belong to somebody.
type Owned struct {
	OwnerID *int64 `orm:"index"`
	Owner   *Owner
}

// ConfigureMapper speaks for every struct that embeds Owned.
func (*Owned) ConfigureMapper(c *orm.MapperConfig) {
	c.Relationship("Owner").BackPopulates(c.Name() + "s") // Owner.Trucks, Owner.Yachts
	c.Table(orm.TableComment("owned: " + c.TableName()))
}

type Owner struct {
	orm.Base `orm:"table:owners"`

	ID     int64
	Trucks []*Truck `orm:"back_populates:Owner"`
	Yachts []*Yacht `orm:"back_populates:Owner"`
}

type Truck struct {
	orm.Base `orm:"table:trucks"`

	ID int64
	Owned
}

type Yacht struct {
	orm.Base `orm:"table:yachts"`

	ID int64
	Owned
}

// A struct that is embedded lends its relationships, too. What differs from model to
// model is said by a method.
func ExampleMapperConfig() {
	models := orm.MustRegister(&Owner{}, &Truck{}, &Yacht{})
	statements, err := models.Metadata().CreateSQL("sqlite")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(statements[3])
	fmt.Println(statements[4])
	// Output:
	// CREATE TABLE yachts (
	// 	id INTEGER PRIMARY KEY AUTOINCREMENT,
	// 	owner_id INTEGER,
	// 	CONSTRAINT fk_yachts_owner_id_owners FOREIGN KEY (owner_id) REFERENCES owners (id)
	// )
	// CREATE INDEX ix_yachts_owner_id ON yachts (owner_id)
}
