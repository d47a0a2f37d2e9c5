// Types maps a struct whose columns are of types that know nothing of databases, or
// nothing of this one: decimals and UUIDs of other libraries, a text that is kept
// encrypted, and one that is kept compressed.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Contract has a column of each type. Decimals and UUIDs cross by their methods
// Value and Scan, the others by their converters.
type Contract struct {
	orm.Base `orm:"table:contracts"`

	ID    uuid.UUID
	Price decimal.Decimal `orm:"type:numeric(20,4)"`
	PIN   Secret
	Text  Packed
}

var models = orm.MustRegister(&Contract{})

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	engine, err := orm.Open("sqlite:///:memory:")
	if err != nil {
		return err
	}
	defer engine.Close()
	if err := models.CreateAll(ctx, engine); err != nil {
		return err
	}
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Contract{
		ID: uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), Price: decimal.RequireFromString("12345678901234.0001"),
		PIN: "1234", Text: Packed(longText()),
	})
	if err := s.Commit(ctx); err != nil {
		return err
	}
	s.ExpungeAll()

	c := orm.Entity[Contract]()
	dear, err := orm.Query[Contract](s).Filter(orm.C(&c.Price).Gt(decimal.NewFromInt(1000))).One(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, dear.ID, dear.Price, dear.PIN, len(dear.Text))
	return stored(ctx, s, out)
}

// stored looks at what lies in the table.
func stored(ctx context.Context, s *orm.Session, out io.Writer) error {
	row, err := orm.FetchOne[struct {
		Price string
		PIN   []byte
		Text  []byte
	}](ctx, s, orm.Text("SELECT price, pin, text FROM contracts"))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %d bytes that are not %q, fewer than 1000 bytes: %v\n", row.Price, len(row.PIN), "1234", len(row.Text) < 1000)
	return nil
}
