package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// A table that is defined by itself, or was read from a database, may be mapped to a
// struct as well. Columns may be left out.
func ExampleRegistry_MapTable() {
	type Citizen struct {
		orm.Base

		ID   int64
		Name string `orm:"column:full_name"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	metadata := orm.NewMetadata()
	citizens := orm.NewTable("citizens", metadata,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn("full_name", types.String(50), orm.NotNull()),
		orm.NewColumn("tax_number", types.Text()),
	)
	models := orm.NewRegistry(orm.WithMetadata(metadata))
	fmt.Println(models.MapTable(&Citizen{}, citizens))
	check(models.MapTable(&Citizen{}, citizens, "tax_number"))

	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(metadata.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Citizen{Name: "ed"})
	check(s.Commit(ctx))
	c := orm.Entity[Citizen]()
	fmt.Println(orm.Compile(orm.Query[Citizen](s).Filter(orm.C(&c.Name).Eq("ed")).Statement(), "sqlite"))
	// Output:
	// orm: map Citizen: no field has the column "tax_number" (add one, or name the column among those to leave out)
	// SELECT citizens.id, citizens.full_name FROM citizens WHERE citizens.full_name = ? [ed] <nil>
}
