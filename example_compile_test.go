package orm_test

import (
	"fmt"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/mysql"
	_ "github.com/aurum-go/orm/dialects/postgres"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Compile shows a statement as a database gets it. It needs no connection.
func ExampleCompile() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
		Age  *int
	}
	orm.MustRegister(&User{})

	u := orm.Entity[User]()
	stmt := orm.Select(orm.C(&u.Name)).From(u).
		Where(orm.C(&u.Name).ILike("e%"), orm.N(&u.Age).IsDistinctFrom(40)).
		OrderBy(orm.N(&u.Age).Asc().NullsLast()).
		Offset(20)
	for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
		text, args, err := orm.Compile(stmt, dialect)
		fmt.Println(text, args, err)
	}
	// Output:
	// SELECT users.name FROM users WHERE lower(users.name) LIKE lower(?) ESCAPE '\' AND users.age IS NOT ? ORDER BY users.age NULLS LAST LIMIT -1 OFFSET ? [e% 40 20] <nil>
	// SELECT users.name FROM users WHERE users.name ILIKE $1 AND users.age IS DISTINCT FROM $2 ORDER BY users.age NULLS LAST OFFSET $3 [e% 40 20] <nil>
	// SELECT users.name FROM users WHERE lower(users.name) LIKE lower(?) AND NOT (users.age <=> ?) ORDER BY users.age IS NULL, users.age LIMIT 18446744073709551615 OFFSET ? [e% 40 20] <nil>
}
