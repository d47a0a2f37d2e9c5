package main

import "github.com/aurum-go/orm"

type User struct {
	orm.Base `orm:"table:blog_users"`
	ID       int64
	Name     string     `orm:"size:50;unique"`
	Posts    []*Post    `orm:"back_populates:Author;cascade:all,delete-orphan;order_by:ID"` // they go with their author
	Comments []*Comment `orm:"back_populates:Author;order_by:ID"`                           // they stay, and are nobody's
}

type Post struct {
	orm.Base `orm:"table:blog_posts"`
	ID       int64
	Title    string `orm:"size:100"`
	AuthorID int64
	Author   *User      `orm:"back_populates:Posts"`
	Tags     []*Tag     `orm:"secondary:blog_post_tags;back_populates:Posts;order_by:Name"`
	Comments []*Comment `orm:"back_populates:Post;cascade:all,delete-orphan;order_by:ID"`
}

type Tag struct {
	orm.Base `orm:"table:blog_tags"`
	ID       int64
	Name     string  `orm:"size:30;unique"`
	Posts    []*Post `orm:"secondary:blog_post_tags;back_populates:Tags;order_by:ID"`
}

// Comment is on a post, or a reply to another comment.
type Comment struct {
	orm.Base `orm:"table:blog_comments"`
	ID       int64
	Text     string `orm:"size:200"`
	AuthorID *int64
	Author   *User `orm:"back_populates:Comments"`
	PostID   *int64
	Post     *Post `orm:"back_populates:Comments"`
	ParentID *int64
	Parent   *Comment   `orm:"back_populates:Replies"`
	Replies  []*Comment `orm:"back_populates:Parent;cascade:all,delete-orphan;order_by:ID"`
}

var models = orm.MustRegister(&User{}, &Post{}, &Tag{}, &Comment{})
