package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aurum-go/orm"
)

// Their fields name the columns.
var (
	u = orm.Entity[User]()
	p = orm.Entity[Post]()
	c = orm.Entity[Comment]()
)

// loading reads the same posts, with their authors and tags, in five ways, and then a
// tree.
func loading() []step {
	posts := func(s *orm.Session) *orm.EntityQuery[Post] { return orm.Query[Post](s).OrderBy(orm.C(&p.ID)) }
	page := func(title string, query func(s *orm.Session) *orm.EntityQuery[Post]) step {
		return step{title, func(ctx context.Context, s *orm.Session, out io.Writer) error {
			all, err := query(s).All(ctx)
			for _, post := range all {
				if err == nil {
					err = orm.Load(ctx, post, &post.Author, &post.Tags) // does nothing where they were loaded
				}
			}
			if err == nil {
				printPage(out, all)
			}
			return err
		}}
	}
	return []step{
		page("Load, in a loop: what the first call reads, the others have", posts),
		page("SelectInLoad: a SELECT for the keys of all", func(s *orm.Session) *orm.EntityQuery[Post] {
			return posts(s).Options(orm.SelectInLoad(&p.Author), orm.SelectInLoad(&p.Tags))
		}),
		page("JoinedLoad: all in one SELECT", func(s *orm.Session) *orm.EntityQuery[Post] {
			return posts(s).Options(orm.JoinedLoad(&p.Author), orm.JoinedLoad(&p.Tags))
		}),
		page("SubqueryLoad: the query again, as a subquery", func(s *orm.Session) *orm.EntityQuery[Post] {
			return posts(s).Options(orm.SubqueryLoad(&p.Author), orm.SubqueryLoad(&p.Tags))
		}),
		page("ContainsEager: from a join that the query has anyway", func(s *orm.Session) *orm.EntityQuery[Post] {
			return posts(s).Join(&p.Author).Filter(orm.C(&u.Name).In("ed", "wendy")).
				Options(orm.ContainsEager(&p.Author), orm.SelectInLoad(&p.Tags))
		}),
		{"A tree: one SELECT for each level", printThreads},
	}
}

func printPage(out io.Writer, posts []*Post) {
	for _, post := range posts {
		var tags []string
		for _, tag := range post.Tags {
			tags = append(tags, tag.Name)
		}
		_, _ = fmt.Fprintf(out, "  %s, by %s %v\n", post.Title, post.Author.Name, tags)
	}
}

func printThreads(ctx context.Context, s *orm.Session, out io.Writer) error {
	threads, err := orm.Query[Comment](s).
		Filter(orm.One(&c.Parent).IsNull()).
		OrderBy(orm.C(&c.ID)).
		Options(orm.SelectInLoad(&c.Replies, orm.Recursive(9))).
		All(ctx)
	if err == nil {
		printComments(out, threads, 1)
	}
	return err
}

func printComments(out io.Writer, comments []*Comment, depth int) {
	for _, comment := range comments {
		_, _ = fmt.Fprintf(out, "%s%s\n", strings.Repeat("  ", depth), comment.Text)
		printComments(out, comment.Replies, depth+1)
	}
}
