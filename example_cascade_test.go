package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type Disc struct {
	orm.Base `orm:"table:discs"`

	ID     int64
	Title  string   `orm:"size:50"`
	Pieces []*Piece `orm:"back_populates:Disc;cascade:all,delete-orphan;order_by:ID"` // they are parts of it
	Prizes []*Prize `orm:"back_populates:Disc"`                                       // they only refer to it
}

type Piece struct {
	orm.Base `orm:"table:pieces"`

	ID     int64
	Title  string `orm:"size:50"`
	DiscID int64
	Disc   *Disc `orm:"back_populates:Pieces"`
}

type Prize struct {
	orm.Base `orm:"table:prizes"`

	ID     int64
	Name   string `orm:"size:50"`
	DiscID *int64
	Disc   *Disc `orm:"back_populates:Prizes"`
}

// What is taken out of a collection with delete-orphan is deleted; what is put
// into another one moves. With an object goes what its relationships delete, and
// what stays loses its foreign key.
func ExampleSession_Delete_cascade() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Disc{}, &Piece{}, &Prize{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	mono := &Disc{Title: "mono", Pieces: []*Piece{{Title: "one"}, {Title: "two"}, {Title: "three"}}}
	gold := &Prize{Name: "gold"}
	stereo := &Disc{Title: "stereo", Prizes: []*Prize{gold}}
	s.Add(mono, stereo)
	check(s.Commit(ctx))
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	three := mono.Pieces[2]
	mono.Pieces = mono.Pieces[1:2] // "one" is nobody's now
	stereo.Pieces = append(stereo.Pieces, three)
	check(s.Commit(ctx))
	fmt.Println("-- delete")
	s.Delete(stereo)
	check(s.Commit(ctx))
	fmt.Println(orm.StateOf(three), orm.StateOf(gold), gold.DiscID == nil)
	// Output:
	// UPDATE pieces SET disc_id = ? WHERE id = ?
	// DELETE FROM pieces WHERE id = ?
	// -- delete
	// SELECT pieces.id, pieces.title, pieces.disc_id FROM pieces WHERE pieces.disc_id IN (?) ORDER BY pieces.id
	// SELECT prizes.id, prizes.name, prizes.disc_id FROM prizes WHERE prizes.disc_id IN (?)
	// UPDATE prizes SET disc_id = ? WHERE id = ?
	// DELETE FROM pieces WHERE id = ?
	// DELETE FROM discs WHERE id = ?
	// detached persistent true
}

type Gallery struct {
	orm.Base `orm:"table:galleries"`

	ID       int64
	Pictures []*Picture `orm:"cascade:all,delete-orphan;passive_deletes;back_populates:Gallery"`
	CoverID  *int64
	Cover    *Picture `orm:"post_update"`
}

type Picture struct {
	orm.Base `orm:"table:pictures"`

	ID        int64
	GalleryID int64    `orm:"ondelete:cascade"`
	Gallery   *Gallery `orm:"back_populates:Pictures"`
}

// With passive_deletes the database deletes what was not read. With post_update
// rows can refer to each other: the key is written when both are there.
func ExampleSession_Delete_database() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Gallery{}, &Picture{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	cover := &Picture{}
	gallery := &Gallery{Pictures: []*Picture{cover, {}}, Cover: cover}
	s.Add(gallery)
	check(s.Commit(ctx))
	fmt.Println("-- delete")
	s.ExpungeAll()
	gallery, err = orm.Get[Gallery](ctx, s, gallery.ID)
	check(err)
	s.Delete(gallery)
	check(s.Commit(ctx))
	// Output:
	// INSERT INTO galleries (cover_id) VALUES (?)
	// INSERT INTO pictures (gallery_id) VALUES (?)
	// UPDATE galleries SET cover_id = ? WHERE id = ?
	// -- delete
	// SELECT galleries.id, galleries.cover_id FROM galleries WHERE galleries.id = ?
	// UPDATE galleries SET cover_id = ? WHERE id = ?
	// DELETE FROM galleries WHERE id = ?
}
