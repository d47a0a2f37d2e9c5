package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/aurum-go/orm"
)

var writing = []step{{"A graph of objects, added by its roots", writeBlog}}

func writeBlog(_ context.Context, s *orm.Session, _ io.Writer) error {
	golang, sql := &Tag{Name: "go"}, &Tag{Name: "sql"}
	ed, wendy := &User{Name: "ed"}, &User{Name: "wendy"}
	hello := &Post{Title: "hello", Author: ed, Tags: []*Tag{golang, sql}, Comments: []*Comment{
		{Text: "welcome", Author: wendy, Replies: []*Comment{{Text: "thanks", Author: ed, Replies: []*Comment{{Text: "any time", Author: wendy}}}}},
		{Text: "first", Author: ed},
	}}
	ed.Posts = []*Post{hello, {Title: "joins", Tags: []*Tag{sql}}}
	wendy.Posts = []*Post{{Title: "trees", Comments: []*Comment{{Text: "nice", Author: ed}}}}
	s.Add(ed, wendy)
	return nil
}

var changing = []step{
	{"A tag goes, another one comes", changeTags},
	{"A post moves to another author", movePost},
	{"A user is deleted, with what is hers", deleteUser},
	{"What is left", printCounts},
}

func changeTags(ctx context.Context, s *orm.Session, _ io.Writer) error {
	post, err := orm.Query[Post](s).FilterBy("Title", "hello").Options(orm.SelectInLoad(&p.Tags)).One(ctx)
	if err == nil {
		post.Tags = slices.DeleteFunc(post.Tags, func(t *Tag) bool { return t.Name == "sql" })
		post.Tags = append(post.Tags, &Tag{Name: "orm"})
	}
	return err
}

func movePost(ctx context.Context, s *orm.Session, _ io.Writer) error {
	post, err := orm.Query[Post](s).FilterBy("Title", "joins").One(ctx)
	if err != nil {
		return err
	}
	post.Author, err = orm.Query[User](s).FilterBy("Name", "wendy").One(ctx)
	return err
}

func deleteUser(ctx context.Context, s *orm.Session, _ io.Writer) error {
	wendy, err := orm.Query[User](s).FilterBy("Name", "wendy").One(ctx)
	if err == nil {
		s.Delete(wendy)
	}
	return err
}

func printCounts(ctx context.Context, s *orm.Session, out io.Writer) error {
	posts, err := orm.Query[Post](s).Count(ctx)
	if err != nil {
		return err
	}
	nobodys, err := orm.Query[Comment](s).Filter(orm.One(&c.Author).IsNull()).Count(ctx)
	if err == nil {
		_, _ = fmt.Fprintf(out, "  %d post; %d comments by nobody\n", posts, nobodys)
	}
	return err
}
