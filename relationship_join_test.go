// This file tests how the two sides of relationships are joined: which foreign
// key is taken, what becomes of a link table, and what is said where nothing
// can be decided.

package orm

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm/types"
)

// relationLines describes the relationships of structs, one line for each.
func relationLines(t *testing.T, r *Registry) []string {
	t.Helper()
	if err := r.settle(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range r.Mappers() {
		for _, rel := range m.rels {
			lines = append(lines, relationLine(rel))
		}
	}
	return lines
}

func relationLine(rel *relationship) string {
	var pairs []string
	for _, p := range rel.pairs {
		pairs = append(pairs, p.own.column.fullName()+"="+p.far.column.fullName())
	}
	if rel.link != nil {
		for _, p := range slices.Concat(rel.link.own, rel.link.far) {
			pairs = append(pairs, p.prop.column.fullName()+"="+p.column.fullName())
		}
	}
	line := fmt.Sprintf("%s: %s %s by %s", rel.fullName(), rel.direction, rel.target.name, strings.Join(pairs, ","))
	if rel.back != nil {
		line += ", back " + rel.back.name
	}
	return line
}

type (
	rjUser struct {
		Base `orm:"table:users"`
		ID   int64
		// The other side decides between the two keys.
		Posts   []*rjPost `orm:"back_populates:Author;order_by:Title desc,id"`
		Edited  []*rjPost `orm:"foreign_keys:EditorID;viewonly"`
		Profile *rjProfile
		ByTitle map[string]*rjPost   `orm:"key:Title;foreign_keys:author_id;viewonly"`
		Set     map[*rjPost]struct{} `orm:"foreign_keys:(author_id);viewonly"`
	}
	rjProfile struct {
		Base   `orm:"table:profiles"`
		ID     int64
		UserID *int64 `orm:"foreign_key:users.id"`
	}
	rjPost struct {
		Base     `orm:"table:posts"`
		ID       int64
		Title    string `orm:"size:20"`
		AuthorID int64  // a key by its name
		EditorID *int64
		Author   *rjUser  `orm:"back_populates:Posts"`
		Editor   *rjUser  // joined by the key of its name, of two
		Tags     []*rjTag `orm:"secondary:post_tags;back_populates:Posts"`
	}
	rjTag struct {
		Base  `orm:"table:tags"`
		ID    int64
		Posts []*rjPost `orm:"secondary:post_tags;back_populates:Tags"`
	}
	rjNode struct {
		Base     `orm:"table:nodes"`
		ID       int64
		ParentID *int64
		Parent   *rjNode   `orm:"remote_side:ID;back_populates:Children"`
		Children []*rjNode `orm:"back_populates:Parent"`
		NextID   *int64    `orm:"foreign_key:nodes.id"`
		Next     *rjNode   `orm:"back_populates:Previous"`
		Previous *rjNode   `orm:"remote_side:NextID;foreign_keys:NextID;back_populates:Next"`
		Friends  []*rjNode `orm:"secondary:friends;back_populates:FriendOf"`
		FriendOf []*rjNode `orm:"secondary:friends;back_populates:Friends"`
		Rivals   []*rjNode `orm:"secondary:rivals(a,b)"`
	}
	rjLine struct {
		Base      `orm:"table:lines"`
		OrderID   int64         `orm:"primary_key;autoincrement:false"`
		No        int           `orm:"primary_key;autoincrement:false"`
		Shipments []*rjShipment `orm:"back_populates:Line"`
		Boxes     []*rjBox      `orm:"secondary:line_boxes"`
	}
	rjShipment struct {
		Base        `orm:"table:shipments"`
		ID          int64
		LineOrderID int64 // a composite key by the names
		LineNo      int
		Line        *rjLine `orm:"back_populates:Shipments"`
	}
	rjBox struct {
		Base `orm:"table:boxes"`
		ID   int64
	}
)

func TestRelationshipsFindTheirForeignKey(t *testing.T) {
	r := NewRegistry()
	if err := r.Register(&rjUser{}, &rjProfile{}, &rjPost{}, &rjTag{}, &rjNode{}, &rjLine{}, &rjShipment{}, &rjBox{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"rjUser.Posts: one to many rjPost by users.id=posts.author_id, back Author",
		"rjUser.Edited: one to many rjPost by users.id=posts.editor_id",
		"rjUser.Profile: one to many rjProfile by users.id=profiles.user_id",
		"rjUser.ByTitle: one to many rjPost by users.id=posts.author_id",
		"rjUser.Set: one to many rjPost by users.id=posts.author_id",
		"rjPost.Author: many to one rjUser by posts.author_id=users.id, back Posts",
		"rjPost.Editor: many to one rjUser by posts.editor_id=users.id",
		"rjPost.Tags: many to many rjTag by posts.id=post_tags.rj_post_id,tags.id=post_tags.rj_tag_id, back Posts",
		"rjTag.Posts: many to many rjPost by tags.id=post_tags.rj_tag_id,posts.id=post_tags.rj_post_id, back Tags",
		"rjNode.Parent: many to one rjNode by nodes.parent_id=nodes.id, back Children",
		"rjNode.Children: one to many rjNode by nodes.id=nodes.parent_id, back Parent",
		"rjNode.Next: many to one rjNode by nodes.next_id=nodes.id, back Previous",
		"rjNode.Previous: one to many rjNode by nodes.id=nodes.next_id, back Next",
		"rjNode.Friends: many to many rjNode by nodes.id=friends.rj_node_id,nodes.id=friends.friends_id, back FriendOf",
		"rjNode.FriendOf: many to many rjNode by nodes.id=friends.friends_id,nodes.id=friends.rj_node_id, back Friends",
		"rjNode.Rivals: many to many rjNode by nodes.id=rivals.a,nodes.id=rivals.b",
		"rjLine.Shipments: one to many rjShipment by lines.order_id=shipments.line_order_id,lines.no=shipments.line_no, back Line",
		"rjLine.Boxes: many to many rjBox by lines.order_id=line_boxes.rj_line_order_id,lines.no=line_boxes.rj_line_no,boxes.id=line_boxes.rj_box_id",
		"rjShipment.Line: many to one rjLine by shipments.line_order_id=lines.order_id,shipments.line_no=lines.no, back Shipments",
	}
	if diff := cmp.Diff(want, relationLines(t, r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	posts := r.Mappers()[0].rels[0]
	var order []string
	for _, o := range posts.orderBy {
		order = append(order, fmt.Sprint(o.prop.name, " ", o.desc))
	}
	if diff := cmp.Diff([]string{"Title true", "ID false"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestLinkTableHasBothKeysAndGoesWithEitherSide(t *testing.T) {
	r := NewRegistry(WithSchema("shop"))
	if err := r.Register(&rjLine{}, &rjShipment{}, &rjBox{}); err != nil {
		t.Fatal(err)
	}
	link := r.Metadata().Table("shop.line_boxes")
	want := []string{
		"table shop.line_boxes",
		"rj_line_order_id BIGINT", "rj_line_no BIGINT", "rj_box_id BIGINT",
		"primary key rj_line_order_id,rj_line_no,rj_box_id",
		"foreign key rj_line_order_id,rj_line_no -> shop.lines(order_id,no) CASCADE",
		"foreign key rj_box_id -> shop.boxes(id) CASCADE",
	}
	if diff := cmp.Diff(want, tableLines(link)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if l := r.Mappers()[0].rels[1].link; !l.made || !l.cascades {
		t.Errorf("made %v, cascades %v", l.made, l.cascades)
	}
}

// rjEnd and rjOther are linked by a table that is there already; rjLink is that
// table as a struct.
type (
	rjEnd struct {
		Base   `orm:"table:ends"`
		ID     int64
		Others []*rjOther `orm:"secondary:links"`
		Ends   []*rjEnd   `orm:"secondary:pairs(left_id,right_id);back_populates:EndOf"`
		EndOf  []*rjEnd   `orm:"secondary:pairs(right_id,left_id);back_populates:Ends"`
	}
	rjOther struct {
		Base `orm:"table:others"`
		ID   int64
	}
	rjLink struct {
		Base    `orm:"table:links"`
		EndID   int64 `orm:"primary_key"`
		OtherID int64 `orm:"primary_key"`
		Note    *string
		End     *rjEnd   `orm:"viewonly"`
		Other   *rjOther `orm:"viewonly"`
	}
)

func TestLinkTableMayBeThereAlready(t *testing.T) {
	r := NewRegistry()
	pairs := NewTable("pairs", r.Metadata(),
		NewColumn("left_id", types.BigInteger(), References("ends", "id")), NewColumn("right_id", types.BigInteger(), References("ends", "id")),
		PrimaryKey("left_id", "right_id"))
	if err := r.Register(&rjEnd{}, &rjOther{}, &rjLink{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"rjEnd.Others: many to many rjOther by ends.id=links.end_id,others.id=links.other_id",
		"rjEnd.Ends: many to many rjEnd by ends.id=pairs.left_id,ends.id=pairs.right_id, back EndOf",
		"rjEnd.EndOf: many to many rjEnd by ends.id=pairs.right_id,ends.id=pairs.left_id, back Ends",
		"rjLink.End: many to one rjEnd by links.end_id=ends.id",
		"rjLink.Other: many to one rjOther by links.other_id=others.id",
	}
	if diff := cmp.Diff(want, relationLines(t, r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if l := r.Mappers()[0].rels[1].link; l.made || l.cascades || l.table != pairs {
		t.Errorf("made %v, cascades %v", l.made, l.cascades)
	}
}

func TestTargetMayBeRegisteredLater(t *testing.T) {
	r := NewRegistry()
	if err := r.Register(&rjPost{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"orm: map rjPost.Author: rjUser is not registered (register both sides in one registry: orm.MustRegister(&rjPost{}, &rjUser{}))",
		"orm: map rjPost.Editor: rjUser is not registered (register both sides in one registry: orm.MustRegister(&rjPost{}, &rjUser{}))",
		"orm: map rjPost.Tags: rjTag is not registered (register both sides in one registry: orm.MustRegister(&rjPost{}, &rjTag{}))",
	}
	for name, use := range map[string]func() error{
		"the mapper": func() error { _, err := r.Mapper(&rjPost{}); return err },
		"CreateAll":  func() error { return r.CreateAll(t.Context(), nil) },
		"DropAll":    func() error { return r.DropAll(t.Context(), nil) },
		"a query": func() error {
			_, _, err := Compile(Select(EntityIn[rjPost](r)), "standard")
			return err
		},
		"a join": func() error {
			_, _, err := Compile(Select(Count()).From(EntityIn[rjPost](r)).Join(&EntityIn[rjPost](r).Author), "standard")
			return err
		},
	} {
		if diff := cmp.Diff(want, errorTexts(use())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := r.Register(&rjUser{}, &rjProfile{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Mapper(&rjPost{}); !slices.Equal(errorTexts(err), want[2:]) {
		t.Errorf("err = %v", err)
	}
	if err := r.Register(&rjTag{}); err != nil {
		t.Fatal(err)
	}
	if n := len(relationLines(t, r)); n != 9 {
		t.Errorf("%d relationships", n)
	}
	sql, _, err := Compile(Select(Count()).From(EntityIn[rjPost](r)).Join(&EntityIn[rjPost](r).Author), "standard")
	if want := "SELECT count(*) FROM posts JOIN users ON users.id = posts.author_id"; sql != want || err != nil {
		t.Errorf("%s, %v", sql, err)
	}
}

func TestFailedRegistrationLeavesNoJoinsBehind(t *testing.T) {
	r := NewRegistry()
	if err := r.Register(&rjPost{}); err != nil {
		t.Fatal(err)
	}
	if err := r.Register(&rjUser{}, &rjProfile{}, &rjTag{}, &rjLoner{}, &rjBox{}); !errors.Is(err, ErrMapping) {
		t.Fatalf("err = %v", err)
	}
	if r.Metadata().Table("post_tags") != nil || r.Metadata().Table("users") != nil {
		t.Error("tables of the failed registration are left")
	}
	if err := r.Register(&rjUser{}, &rjProfile{}, &rjTag{}); err != nil {
		t.Fatal(err)
	}
	if n := len(relationLines(t, r)); n != 9 {
		t.Errorf("%d relationships", n)
	}
}

func TestRelationshipsAreDescribed(t *testing.T) {
	r := NewRegistry()
	if err := r.Register(&rjUser{}, &rjProfile{}, &rjPost{}, &rjTag{}); err != nil {
		t.Fatal(err)
	}
	m := r.Mappers()
	got, err := m[2].Relationships()
	want := []RelationshipInfo{
		{Name: "Author", Target: m[0], Direction: ManyToOne, BackPopulates: "Posts"},
		{Name: "Editor", Target: m[0], Direction: ManyToOne},
		{Name: "Tags", Target: m[3], Direction: ManyToMany, Many: true, BackPopulates: "Posts", Secondary: r.Metadata().Table("post_tags")},
	}
	samePointers := cmp.Comparer(func(a, b *Mapper) bool { return a == b })
	sameTables := cmp.Comparer(func(a, b *Table) bool { return a == b })
	if diff := cmp.Diff(want, got, samePointers, sameTables); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

type rjConfigured struct {
	Base  `orm:"table:configured"`
	ID    int64
	Late  []*rjEvent
	Early []*rjEvent `orm:"viewonly"`
	Last  []*rjEvent `orm:"viewonly"`
}

type rjEvent struct {
	Base    `orm:"table:events"`
	ID      int64
	At      int
	OwnerID int64 `orm:"foreign_key:configured.id"`
}

func (*rjConfigured) ConfigureMapper(c *MapperConfig) {
	e := Entity[rjEvent]()
	c.Relationship("Late").Where(func() Expr[bool] { return C(&e.At).Gt(12) }).Where(func() Expr[bool] { return F("ID").Ne(0) }).
		OrderBy(func() []OrderItem { return []OrderItem{C(&e.At).Desc(), C(&e.ID)} })
	c.Relationship("Early").Where(func() Expr[bool] { return C(&e.At).Le(12) })
	c.Relationship("Last").Where(func() Expr[bool] { return Eq(C(&e.At), Scalar[int](Select(Max(C(&e.At))).From(e))) })
}

func TestConditionsOfAMapperHoldInJoinsAndConditions(t *testing.T) {
	models := []Model{&rjConfigured{}, &rjEvent{}}
	forgetLater(t, models...)
	if err := NewRegistry().Register(models...); err != nil {
		t.Fatal(err)
	}
	o, e, early := Entity[rjConfigured](), Entity[rjEvent](), Alias[rjEvent]("early")
	for want, stmt := range map[string]Statement{
		"SELECT count(*) FROM configured JOIN events ON events.owner_id = configured.id AND events.at > ? AND events.id <> ? AND events.id = ?": Select(Count()).
			From(o).Join(&o.Late, C(&e.ID).Eq(1)),
		"SELECT count(*) FROM configured LEFT OUTER JOIN events AS early ON early.owner_id = configured.id AND early.at <= ?": Select(Count()).
			From(o).OuterJoin(&o.Early, early),
		"SELECT count(*) FROM configured LEFT OUTER JOIN events AS early ON early.owner_id = configured.id AND early.at > ? AND early.id <> ?": Select(Count()).
			From(o).OuterJoin(&o.Late, early),
		"SELECT count(*) FROM configured JOIN events ON events.owner_id = configured.id AND events.at = (SELECT max(events.at) FROM events)": Select(Count()).
			From(o).Join(&o.Last),
		"SELECT count(*) FROM configured JOIN events AS early ON early.owner_id = configured.id AND early.at = (SELECT max(events.at) FROM events)": Select(Count()).
			From(o).Join(&o.Last, early),
		"SELECT count(*) FROM configured WHERE EXISTS (SELECT 1 FROM events WHERE events.owner_id = configured.id AND events.at > ? AND events.id <> ? AND events.id = ?)": Select(Count()).
			From(o).Where(Many(&o.Late).Any(C(&e.ID).Eq(1))),
		"SELECT count(*) FROM configured, events WHERE NOT EXISTS (SELECT 1 FROM events AS events_1 WHERE events_1.owner_id = configured.id AND events_1.at <= ?)": Select(Count()).
			From(o, e).Where(Many(&o.Early).IsEmpty()),
	} {
		if sql, _, err := Compile(stmt, "standard"); sql != want || err != nil {
			t.Errorf("got  %s\nwant %s\n%v", sql, want, err)
		}
	}
	late, _ := mapperFor(typeFor[rjConfigured]())
	if n := len(late.rels[0].order()); n != 2 || late.rels[1].order != nil {
		t.Errorf("%d items of the order", n)
	}
}

// Structs whose relationships are wrong, each in one way.
type (
	rjLoner struct {
		Base  `orm:"table:loners"`
		ID    int64
		Box   *rjBox
		Boxes []*rjBox
	}
	rjTwoKeys struct {
		Base  `orm:"table:two_keys"`
		ID    int64
		OneID int64 `orm:"foreign_key:boxes.id"`
		TwoID int64 `orm:"foreign_key:boxes.id"`
		Box   *rjBox
		Other *rjBox `orm:"foreign_keys:ThreeID"`
		Far   *rjBox `orm:"remote_side:Nmae"`
	}
	rjBack struct {
		Base    `orm:"table:backs"`
		ID      int64
		SideID  int64
		Side    *rjSide `orm:"back_populates:Bakcs"`
		OtherID int64
		Other   *rjSide `orm:"back_populates:Box"`
		ThirdID int64
		Third   *rjSide `orm:"back_populates:Silent"`
		SelfID  int64
		Self    *rjBack `orm:"back_populates:Self"`
	}
	rjSide struct {
		Base   `orm:"table:sides"`
		ID     int64
		BoxID  int64
		Box    *rjBox
		Silent []*rjBack `orm:"foreign_keys:ThirdID"`
		Backs  []*rjBack `orm:"foreign_keys:SideID"`
	}
	rjOtherwise struct {
		Base   `orm:"table:otherwise"`
		ID     int64
		AID    int64
		A      *rjElse `orm:"back_populates:List"`
		BID    int64
		B      *rjElse
		HeadID int64
		Head   *rjOtherwise `orm:"back_populates:Tail"`
		TailID int64
		Tail   *rjOtherwise `orm:"back_populates:Head;foreign_keys:TailID"`
	}
	rjElse struct {
		Base `orm:"table:elses"`
		ID   int64
		List []*rjOtherwise `orm:"back_populates:A;foreign_keys:BID"`
	}
	rjTwins struct {
		Base     `orm:"table:twins"`
		ID       int64
		ParentID *int64
		Parent   *rjTwins
		Children []*rjTwins
		One      []*rjTwins `orm:"secondary:links(a,b)"`
		Two      []*rjTwins `orm:"secondary:links(b,a)"`
	}
	rjWords struct {
		Base     `orm:"table:words"`
		ID       int64
		ParentID *int64
		Parent   *rjWords            `orm:"cascade:all,delete-orphan;back_populates:Children"`
		Children []*rjWords          `orm:"back_populates:Parent;order_by:Nmae"`
		Ordered  []*rjWords          `orm:"viewonly;order_by:ID up"`
		Placed   []*rjWords          `orm:"foreign_keys:ParentID;position:ID"`
		Map      map[string]*rjWords `orm:"viewonly;key:Nmae"`
		Number   map[string]*rjWords `orm:"viewonly;key:ID"`
		Hidden   map[string]*rjWords `orm:"viewonly;key:Body"`
		Body     string              `orm:"deferred"`
	}
	rjDraft struct {
		Base    `orm:"table:drafts"`
		ID      int64
		Cascade []*rjBox         `orm:"cascade:al"`
		View    []*rjBox         `orm:"viewonly;cascade:all"`
		Orphan  []*rjBox         `orm:"cascade:delete-orphan"`
		Lazy    []*rjBox         `orm:"lazy:eager"`
		Passive []*rjBox         `orm:"passive_deletes:some"`
		Place   []*rjBox         `orm:"secondary:x;position:ID"`
		Places  *rjBox           `orm:"position:ID"`
		Write   *rjBox           `orm:"lazy:write_only"`
		Reads   []*rjBox         `orm:"lazy:write_only;passive_deletes:false"`
		Full    []*rjBox         `orm:"passive_deletes:all;cascade:all"`
		NoKey   map[int64]*rjBox `orm:"cascade:none"`
		Key     []*rjBox         `orm:"key:ID"`
		Order   *rjBox           `orm:"order_by:ID"`
		Link    *rjBox           `orm:"secondary:x"`
		Keys    []*rjBox         `orm:"secondary:x;foreign_keys:ID"`
		Remote  []*rjBox         `orm:"secondary:x;remote_side:ID"`
		Values  []rjBox          `orm:"secondary:x"`
		Slices  []*[]*rjBox      `orm:"secondary:x"`
		Set     map[*rjBox]bool  `orm:"secondary:x"`
		Word    []*rjBox         `orm:"size:50"`
		Twice   []*rjBox         `orm:"lazy:joined;lazy:select"`
		ManyOrd map[int64][]*rjBox
	}
	rjLinks struct {
		Base    `orm:"table:links_of"`
		ID      int64
		Empty   []*rjBox   `orm:"secondary:x()"`
		Short   []*rjBox   `orm:"secondary:y(a)"`
		Same    []*rjBox   `orm:"secondary:z(a,a)"`
		NoKeys  []*rjBox   `orm:"secondary:boxes"`
		Name    []*rjBox   `orm:"secondary:''"`
		Fine    []*rjLinks `orm:"secondary:lonely"`
		RjLinks []*rjLinks `orm:"secondary:clash"`
		Here    []*rjLinks `orm:"secondary:here;back_populates:There"`
		There   []*rjLinks `orm:"secondary:there;back_populates:Here"`
	}
	rjMisfit struct {
		Base   `orm:"table:misfits"`
		ID     int64
		Both   []*rjMisfit `orm:"secondary:bothways(a,b);back_populates:BothOf"`
		BothOf []*rjMisfit `orm:"secondary:bothways(a,b);back_populates:Both"`
		Boxes  []*rjBox    `orm:"secondary:later;post_update"`
	}
	rjSame struct {
		Base   `orm:"table:same"`
		ID     int64
		NextID int64
		Next   *rjSame `orm:"back_populates:Prev"`
		Prev   *rjSame `orm:"back_populates:Next;foreign_keys:NextID"`
	}
	rjRound struct {
		Base   `orm:"table:rounds"`
		ID     int64
		NextID int64
		Next   *rjRound `orm:"back_populates:Prev"`
		Prev   *rjRound `orm:"back_populates:Next;foreign_keys:NextID"`
		Far    *rjRound `orm:"viewonly;foreign_keys:PrevID;remote_side:ID"`
		Near   *rjRound `orm:"viewonly;foreign_keys:NextID;remote_side:PrevID"`
	}
	rjSetup struct {
		Base  `orm:"table:setups"`
		ID    int64
		BoxID int64
		Box   *rjBox
	}
)

// Structs whose relationships would write the same columns.
type (
	rjShelf struct {
		Base    `orm:"table:shelves"`
		ID      int64
		Volumes []*rjVolume `orm:"back_populates:Shelf"`
		Thick   []*rjVolume
		Thin    []*rjVolume `orm:"viewonly"`
	}
	rjVolume struct {
		Base    `orm:"table:volumes"`
		ID      int64
		ShelfID int64
		Shelf   *rjShelf `orm:"back_populates:Volumes"`
		BoxID   int64
		Box     *rjChest `orm:"back_populates:Volumes"`
		Chest   *rjChest `orm:"foreign_keys:BoxID"`
	}
	rjChest struct {
		Base    `orm:"table:chests"`
		ID      int64
		Volumes []*rjVolume `orm:"back_populates:Box"`
	}
	rjCook struct {
		Base   `orm:"table:cooks"`
		ID     int64
		Dishes []*rjDish   `orm:"secondary:recipes"`
		Best   []*rjDish   `orm:"secondary:recipes"`
		Known  []*rjDish   `orm:"secondary:recipes;viewonly"`
		Notes  []*rjRecipe `orm:"back_populates:Cook"`
	}
	rjDish struct {
		Base `orm:"table:dishes"`
		ID   int64
	}
	rjRecipe struct {
		Base   `orm:"table:recipes"`
		CookID int64   `orm:"primary_key;autoincrement:false"`
		DishID int64   `orm:"primary_key;autoincrement:false"`
		Cook   *rjCook `orm:"back_populates:Notes"`
		Dish   *rjDish
	}
	rjHouse struct {
		Base    `orm:"table:houses;foreign_key:(Zip,No)->plots(zip,no);foreign_key:(No,Zip)->meters(no,zip)"`
		ID      int64
		Zip, No int64
		Plot    *rjPlot
		Meter   *rjMeter
	}
	rjPlot struct {
		Base `orm:"table:plots"`
		Zip  int64 `orm:"primary_key;autoincrement:false"`
		No   int64 `orm:"primary_key;autoincrement:false"`
	}
	rjMeter struct {
		Base `orm:"table:meters"`
		No   int64 `orm:"primary_key;autoincrement:false"`
		Zip  int64 `orm:"primary_key;autoincrement:false"`
	}
)

func (*rjSetup) ConfigureMapper(c *MapperConfig) {
	c.Relationship("Bxo").Where(True)
	c.Relationship("Box").Where(nil).OrderBy(func() []OrderItem { return nil })
	c.Relationship("Box").OrderBy(nil)
}

const relationshipErrors = "testdata/relationship_errors.txt"

func TestEveryMistakeInARelationshipHasItsOwnWords(t *testing.T) {
	cases := []struct {
		name   string
		models []Model
	}{
		{"no foreign key", []Model{&rjLoner{}, &rjBox{}}},
		{"several foreign keys", []Model{&rjTwoKeys{}, &rjBox{}}},
		{"the other side", []Model{&rjBack{}, &rjSide{}, &rjBox{}}},
		{"joined otherwise", []Model{&rjOtherwise{}, &rjElse{}}},
		{"twins", []Model{&rjTwins{}}},
		{"one foreign key in two relationships", []Model{&rjShelf{}, &rjVolume{}, &rjChest{}}},
		{"one link table in two relationships", []Model{&rjCook{}, &rjDish{}, &rjRecipe{}}},
		{"one column that refers to two tables", []Model{&rjHouse{}, &rjPlot{}, &rjMeter{}}},
		{"words that are checked late", []Model{&rjWords{}}},
		{"words that are checked at once", []Model{&rjDraft{}, &rjBox{}}},
		{"link tables", []Model{&rjLinks{}, &rjBox{}}},
		{"link tables that do not fit", []Model{&rjMisfit{}, &rjBox{}}},
		{"directions", []Model{&rjSame{}}},
		{"a far side that is none", []Model{&rjRound{}}},
		{"ConfigureMapper", []Model{&rjSetup{}, &rjBox{}}},
	}
	got := strings.Builder{}
	got.WriteString("What registration says of relationships that cannot be joined: a section for each\ncase of TestEveryMistakeInARelationshipHasItsOwnWords.\n")
	for _, test := range cases {
		r := NewRegistry()
		NewTable("lonely", r.Metadata(), NewColumn("a", types.BigInteger(), References("links_of", "id")), NewColumn("b", types.BigInteger(), References("links_of", "id")))
		err := r.Register(test.models...)
		if !errors.Is(err, ErrMapping) {
			t.Errorf("%s: err = %v, want an ErrMapping", test.name, err)
		}
		fmt.Fprintf(&got, "\n== %s\n%s\n", test.name, strings.Join(errorTexts(err), "\n"))
		if len(r.Mappers()) > 0 || len(r.Metadata().Tables()) > 1 {
			t.Errorf("%s: something is registered", test.name)
		}
	}
	if *updateAPI {
		if err := os.WriteFile(relationshipErrors, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(relationshipErrors)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("%s differs (-want +got); if it is meant: go test -run EveryMistakeIn . -update\n%s", relationshipErrors, diff)
	}
}

// What the columns of a row are is said once: two relationships that lead by the
// same foreign key are the two sides of one, or one of them is only read. That
// holds across calls of Register.
func TestColumnIsWrittenByOneRelationship(t *testing.T) {
	r := NewRegistry()
	if err := r.Register(&rjFirst{}, &rjShared{}); err != nil {
		t.Fatal(err)
	}
	err := r.Register(&rjSecond{})
	want := []string{"orm: map rjSecond.Shared: it writes shared.owner_id, and so does rjFirst.Shared (tag one of them viewonly, tie them together by back_populates, or give one a foreign key of its own)"}
	if diff := cmp.Diff(want, errorTexts(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Two foreign keys may share a column, such as that of a tenant. Two relationships
// may use one link table by other columns of it, and the struct of a link table
// may have no relationships that are written.
func TestRelationshipsMayShareAPartOfTheirColumns(t *testing.T) {
	for name, models := range map[string][]Model{
		"a column of a tenant": {&rjTenant{}, &rjClient{}, &rjBill{}},
		"a link table":         {&rjLabel{}, &rjFilm{}, &rjSong{}},
		"a struct for links":   {&rjEnd{}, &rjOther{}, &rjLink{}},
	} {
		r := NewRegistry()
		NewTable("pairs", r.Metadata(), NewColumn("left_id", types.BigInteger(), References("ends", "id")), NewColumn("right_id", types.BigInteger(), References("ends", "id")))
		NewTable("labelled", r.Metadata(), NewColumn("label_id", types.BigInteger(), References("labels", "id")),
			NewColumn("film_id", types.BigInteger(), References("films", "id")), NewColumn("song_id", types.BigInteger(), References("songs", "id")))
		if err := r.Register(models...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type (
	rjFirst struct {
		Base   `orm:"table:firsts"`
		ID     int64
		Shared []*rjShared
	}
	rjSecond struct {
		Base   `orm:"table:seconds"`
		ID     int64
		Shared []*rjShared
	}
	rjShared struct {
		Base    `orm:"table:shared;foreign_key:(OwnerID)->firsts(id);foreign_key:(owner_id)->seconds(id)"`
		ID      int64
		OwnerID int64
	}
	rjTenant struct {
		Base    `orm:"table:tenants"`
		ID      int64
		Clients []*rjClient `orm:"back_populates:Tenant"`
		Bills   []*rjBill   `orm:"back_populates:Tenant"`
	}
	rjClient struct {
		Base     `orm:"table:clients"`
		TenantID int64     `orm:"primary_key;autoincrement:false"`
		No       int64     `orm:"primary_key;autoincrement:false"`
		Tenant   *rjTenant `orm:"back_populates:Clients"`
		Bills    []*rjBill `orm:"back_populates:Client"`
	}
	rjBill struct {
		Base     `orm:"table:bills;foreign_key:(TenantID,ClientNo)->clients(tenant_id,no);foreign_key:(TenantID,PayerNo)->clients(tenant_id,no)"`
		ID       int64
		TenantID int64
		ClientNo int64
		PayerNo  int64
		Tenant   *rjTenant `orm:"back_populates:Bills"`
		Client   *rjClient `orm:"foreign_keys:(TenantID,ClientNo);back_populates:Bills"`
		Payer    *rjClient `orm:"foreign_keys:(TenantID,PayerNo)"`
	}
	rjLabel struct {
		Base  `orm:"table:labels"`
		ID    int64
		Films []*rjFilm `orm:"secondary:labelled;back_populates:Labels"`
		Songs []*rjSong `orm:"secondary:labelled;back_populates:Labels"`
	}
	rjFilm struct {
		Base   `orm:"table:films"`
		ID     int64
		Labels []*rjLabel `orm:"secondary:labelled;back_populates:Films"`
	}
	rjSong struct {
		Base   `orm:"table:songs"`
		ID     int64
		Labels []*rjLabel `orm:"secondary:labelled;back_populates:Songs"`
	}
)
