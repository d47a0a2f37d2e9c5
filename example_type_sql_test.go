package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// Code is a name that the database keeps in capitals, and gives in brackets.
type Code string

func init() {
	types.Register(types.Converter[Code, string]{
		SQL:  types.String(20).BoundBy("upper(?)").ReadBy("'<' || ? || '>'"),
		Bind: func(c Code) (string, error) { return string(c), nil },
		Scan: func(s string) (Code, error) { return Code(s), nil },
	})
}

// CodeExpr is an expression of codes, with an operator of their own.
type CodeExpr struct{ orm.Expr[Code] }

var under = orm.NewOperator[bool]("").On("sqlite", "? LIKE ? || '-%'")

// Under reports whether a code is one below another.
func (e CodeExpr) Under(c Code) orm.Expr[bool] { return under.Of(e, c) }

// A type may have SQL around the values that are sent and around the columns that
// are read. A struct over its expressions gives it operators.
func Example_sqlOfAType() {
	type Part struct {
		orm.Base `orm:"table:parts"`

		ID   int64
		Code Code
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Part{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s, p := orm.NewSession(engine), orm.Entity[Part]()
	defer s.Close()
	s.Add(&Part{Code: "a-1"})
	check(s.Commit(ctx))
	s.ExpungeAll()

	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})
	part, err := orm.Query[Part](s).Filter(CodeExpr{orm.C(&p.Code)}.Under("a")).One(ctx)
	check(err)
	fmt.Println(part.Code)
	// Output:
	// SELECT parts.id, '<' || parts.code || '>' AS code FROM parts WHERE (parts.code LIKE upper(?) || '-%') LIMIT ?
	// <A-1>
}
