// Blog keeps users, posts, tags and a tree of comments. It loads one page by each
// loading strategy, changes what belongs to what, and prints the statements that
// each step sends.
//
// The database is in memory, or the one that DATABASE_URL names, in which it makes
// tables named blog_… and drops them in the end.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/mysql"
	_ "github.com/aurum-go/orm/dialects/postgres"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

func main() {
	url := cmp.Or(os.Getenv("DATABASE_URL"), "sqlite:///:memory:")
	if err := run(context.Background(), os.Stdout, url); err != nil {
		log.Fatal(err)
	}
}

// step is something to do in a session of its own.
type step struct {
	title string
	do    func(ctx context.Context, s *orm.Session, out io.Writer) error
}

func run(ctx context.Context, out io.Writer, url string) (err error) {
	engine, err := orm.Open(url)
	if err != nil {
		return err
	}
	defer engine.Close()
	if err := models.CreateAll(ctx, engine); err != nil {
		return err
	}
	sent := 0
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		sent++
		_, err := fmt.Fprintf(out, "  %d. %s\n", sent, x.SQL)
		return err
	})
	defer func() {
		out = io.Discard
		err = errors.Join(err, models.DropAll(ctx, engine))
	}()
	sessions := orm.NewSessionFactory(engine)
	for _, step := range slices.Concat(writing, loading(), changing) {
		_, _ = fmt.Fprintf(out, "\n%s\n", step.title)
		sent = 0
		err := sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error { return step.do(ctx, s, out) })
		if err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return nil
}
