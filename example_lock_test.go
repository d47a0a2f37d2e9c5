package orm_test

import (
	"fmt"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/postgres"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// A queue: everybody locks another row, and nobody waits. SQLite locks as a whole,
// and needs no clause for it.
func ExampleSkipLocked() {
	job := orm.NewTable("job", orm.NewMetadata(), orm.NewColumn("id", types.Integer(), orm.PrimaryKey()), orm.NewColumn("state", types.String(20)))
	next := orm.Select(job.C("id")).Where(job.C("state").Eq("open")).OrderBy(job.C("id")).Limit(1).ForUpdate(orm.SkipLocked())
	for _, dialect := range []string{"postgres", "sqlite"} {
		text, _, err := orm.Compile(next, dialect)
		fmt.Println(text, err)
	}
	// Output:
	// SELECT job.id FROM job WHERE job.state = $1 ORDER BY job.id LIMIT $2 FOR UPDATE SKIP LOCKED <nil>
	// SELECT job.id FROM job WHERE job.state = ? ORDER BY job.id LIMIT ? <nil>
}
