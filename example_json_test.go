package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// The database can collect the rows of a group in one document, which is read
// into structs.
func ExampleJSONArrayAgg() {
	type Track struct {
		orm.Base `orm:"table:tracks"`

		ID      int64
		Album   string `orm:"size:50"`
		Title   string `orm:"size:50"`
		Seconds int
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Track{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	t := orm.Entity[Track]()
	_, err = orm.Exec(ctx, engine, orm.Insert(t).Values(
		orm.M{"Album": "Blue", "Title": "Carey", "Seconds": 182},
		orm.M{"Album": "Blue", "Title": "River", "Seconds": 244},
		orm.M{"Album": "Hejira", "Title": "Amelia", "Seconds": 361},
	))
	check(err)

	type song struct {
		Title   string
		Seconds int
	}
	type album struct {
		Album string
		Songs []song
	}
	songs := orm.JSONArrayAgg(orm.JSONObject(orm.C(&t.Title), orm.C(&t.Seconds))).OrderBy(orm.C(&t.ID))
	albums, err := orm.Fetch[album](ctx, engine,
		orm.Select(orm.C(&t.Album), songs.As("Songs")).From(t).GroupBy(orm.C(&t.Album)).OrderBy(orm.C(&t.Album)))
	check(err)
	fmt.Println(albums)
	// Output:
	// [{Blue [{Carey 182} {River 244}]} {Hejira [{Amelia 361}]}]
}
