package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

// Channel has collections that are too large to be read.
type Channel struct {
	orm.Base `orm:"table:channels"`

	ID        int64
	Name      string      `orm:"size:50"`
	Messages  []*Message  `orm:"back_populates:Channel;lazy:write_only;order_by:Text desc;cascade:all,delete-orphan"`
	Topics    []*Thread   `orm:"lazy:write_only"`
	Listeners []*Listener `orm:"secondary:channel_listeners;back_populates:Channels;lazy:write_only"`
}

type Message struct {
	orm.Base `orm:"table:messages"`

	ID        int64
	Text      string   `orm:"size:50"`
	ChannelID int64    `orm:"foreign_key:channels.id;ondelete:cascade"`
	Channel   *Channel `orm:"back_populates:Messages"`
}

// Thread does not know its channel.
type Thread struct {
	orm.Base `orm:"table:threads"`

	ID        int64
	Title     string `orm:"size:50"`
	ChannelID *int64 `orm:"foreign_key:channels.id;ondelete:set_null"`
}

type Listener struct {
	orm.Base `orm:"table:listeners"`

	ID       int64
	Name     string     `orm:"size:50"`
	Channels []*Channel `orm:"secondary:channel_listeners;back_populates:Listeners"`
}

var radio = orm.MustRegister(&Channel{}, &Message{}, &Thread{}, &Listener{})

// newChannel is a channel with three messages, a thread and a listener.
func newChannel(t *testing.T, db *testDB) (*orm.Session, *Channel) {
	t.Helper()
	s, c := db.withTables(t, radio).session(t), &Channel{Name: "news"}
	s.Add(c)
	must(t, orm.Collection(c, &c.Messages).Add(&Message{Text: "a"}, &Message{Text: "b"}, &Message{Text: "c"}))
	must(t, orm.Collection(c, &c.Topics).Add(&Thread{Title: "t"}))
	must(t, orm.Collection(c, &c.Listeners).Add(&Listener{Name: "ed"}))
	must(t, s.Commit(t.Context()))
	s.ExpungeAll()
	c = get(orm.Query[Channel](s).One(t.Context()))(t)
	db.statements()
	return s, c
}

func TestCollectionIsWrittenWithoutBeingRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, c := newChannel(t, db)
		ctx, m := t.Context(), orm.Entity[Message]()
		messages := orm.Collection(c, &c.Messages)
		must(t, messages.Add(&Message{Text: "d"}))
		must(t, s.Flush(ctx))
		expect(t, []string{"INSERT"}, heads(db.plainStatements()))
		expect(t, int64(4), get(messages.Count(ctx))(t))
		expect(t, []string{"SELECT count(*) FROM messages WHERE messages.channel_id = ?"}, db.plainStatements())
		found := get(messages.Query().Filter(orm.C(&m.Text).Gt("a")).Limit(2).All(ctx))(t)
		expect(t, []string{"SELECT messages.id, messages.text, messages.channel_id FROM messages WHERE messages.channel_id = ? AND messages.text > ? ORDER BY messages.text DESC LIMIT ?"}, db.plainStatements())
		expect(t, []string{"d", "c"}, []string{found[0].Text, found[1].Text})
		must(t, messages.Remove(found[0]))
		must(t, s.Flush(ctx))
		expect(t, []string{"DELETE"}, heads(db.plainStatements()))
		expect(t, orm.Deleted, orm.StateOf(found[0]))
		expect(t, int64(3), get(messages.Count(ctx))(t))
		if c.Messages != nil || orm.Loaded(c, &c.Messages) {
			t.Errorf("the field holds %v", c.Messages)
		}
		must(t, s.Rollback(ctx))
		expect(t, int64(3), get(messages.Count(ctx))(t))
	})
}

func TestCollectionTakesMembersOfOtherOwnersAndReleasesThem(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, c := newChannel(t, db)
		ctx, other := t.Context(), &Channel{Name: "jazz"}
		s.Add(other)
		first := get(orm.Collection(c, &c.Messages).Query().First(ctx))(t)
		thread := get(orm.Collection(c, &c.Topics).Query().One(ctx))(t)
		must(t, orm.Collection(other, &other.Messages).Add(first))
		must(t, orm.Collection(c, &c.Topics).Remove(thread))
		must(t, s.Commit(ctx))
		expect(t, []any{other.ID, true}, []any{first.ChannelID, first.Channel == other})
		expect(t, true, thread.ChannelID == nil)
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM threads WHERE channel_id IS NULL"))
		expectKind(t, orm.ErrArgument, orm.Collection(c, &c.Messages).Remove(first))
		expectKind(t, orm.ErrArgument, orm.Collection(c, &c.Topics).Remove(thread))
		must(t, orm.Collection(c, &c.Topics).Add(thread))
		must(t, orm.Collection(c, &c.Topics).Remove(thread))
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.statements()))
	})
}

func TestCollectionWritesLinkRowsWithoutReadingThem(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, c := newChannel(t, db)
		ctx, listeners := t.Context(), orm.Collection(c, &c.Listeners)
		ed := get(listeners.Query().One(ctx))(t)
		expect(t, []string{
			"SELECT listeners.id, listeners.name FROM listeners JOIN channel_listeners ON listeners.id = channel_listeners.listener_id WHERE channel_listeners.channel_id = ? LIMIT ?",
		}, db.plainStatements())
		jo := &Listener{Name: "jo"}
		must(t, listeners.Add(jo))
		must(t, listeners.Remove(ed))
		must(t, listeners.Add(ed))
		must(t, s.Flush(ctx))
		expect(t, []string{"INSERT", "INSERT"}, heads(db.plainStatements()))
		expect(t, int64(2), get(listeners.Count(ctx))(t))
		must(t, listeners.Remove(ed))
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE FROM channel_listeners WHERE channel_id = ? AND listener_id = ?"}, db.plainStatements())
		expect(t, []int64{jo.ID}, ints(t, db, "SELECT listener_id FROM channel_listeners"))
		must(t, orm.Load(ctx, jo, &jo.Channels))
		expect(t, true, jo.Channels[0] == c)
		must(t, listeners.Remove(ed))
		expectKind(t, orm.ErrStaleData, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		must(t, listeners.Add(jo))
		expectKind(t, orm.ErrUniqueViolation, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		s.Delete(c)
		must(t, s.Commit(ctx))
		expect(t, []int64{0, 0}, append(ints(t, db, "SELECT count(*) FROM channel_listeners"), ints(t, db, "SELECT count(*) FROM messages")...))
	})
}

func TestWriteOnlyFieldIsNeitherReadNorAssigned(t *testing.T) {
	db := onSQLite(t)
	s, c := newChannel(t, db)
	ctx, e := t.Context(), orm.Entity[Channel]()
	expectKind(t, orm.ErrRaiseLoad, orm.Load(ctx, c, &c.Messages))
	expectKind(t, orm.ErrRaiseLoad, s.Refresh(ctx, c, &c.Messages))
	for _, option := range []orm.Option{orm.SelectInLoad(&e.Messages), orm.JoinedLoad(&e.Messages), orm.SubqueryLoad(&e.Listeners), orm.ContainsEager(&e.Messages)} {
		_, err := orm.Query[Channel](s).Options(option).All(ctx)
		expectKind(t, orm.ErrRaiseLoad, err)
	}
	m := &Message{Text: "m"}
	expectKind(t, orm.ErrArgument, orm.Relate(c, &c.Messages, m))
	_, err := orm.Merge(ctx, s, &Channel{ID: c.ID, Messages: []*Message{m}})
	expectKind(t, orm.ErrArgument, err)
	must(t, s.Rollback(ctx))
	expect(t, 0, len(db.statements()))
	c.Messages = []*Message{m}
	expectKind(t, orm.ErrArgument, s.Flush(ctx))
	c.Messages = nil
	must(t, orm.Relate(m, &m.Channel, c))
	s.Add(m)
	must(t, s.Commit(ctx))
	expect(t, true, c.Messages == nil)
	expect(t, int64(4), get(orm.Collection(c, &c.Messages).Count(ctx))(t))
	expect(t, int64(1), get(orm.Query[Channel](s).Filter(orm.Many(&e.Messages).Any()).Count(ctx))(t))
}

func TestCollectionOfWhatHasNoSessionOrKeyIsRefused(t *testing.T) {
	db := onSQLite(t)
	s, c := newChannel(t, db)
	ctx, stray := t.Context(), &Channel{}
	_, err := orm.Collection(stray, &stray.Messages).Count(ctx)
	expectKind(t, orm.ErrDetached, err)
	expectKind(t, orm.ErrDetached, orm.Collection(stray, &stray.Messages).Add(&Message{}))
	_, err = orm.Collection(c, &stray.Messages).Query().All(ctx)
	expectKind(t, orm.ErrArgument, err)
	expectKind(t, orm.ErrArgument, orm.Collection(c, &c.Messages).Add(nil))
	s.Add(stray)
	_, err = orm.Collection(stray, &stray.Messages).Query().All(ctx)
	expectKind(t, orm.ErrNotPersistent, err)
	must(t, orm.Collection(stray, &stray.Messages).Add(&Message{Text: "lost"}))
	must(t, s.Rollback(ctx))
	messages := orm.Collection(c, &c.Messages)
	must(t, messages.Add(&Message{Text: "lost"}))
	must(t, s.Rollback(ctx))
	must(t, s.Commit(ctx))
	expect(t, int64(3), get(messages.Count(ctx))(t))
	s.Expunge(c)
	expectKind(t, orm.ErrDetached, messages.Add(&Message{}))
}

func TestCollectionServesAnyListWithoutReadingIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		articles := orm.Collection(ed, &ed.Articles)
		a, c := ed.Articles[0], &Article{Title: "c"}
		must(t, articles.Remove(a))
		must(t, articles.Add(c))
		must(t, s.Flush(ctx))
		expect(t, true, len(ed.Articles) == 2 && ed.Articles[1] == c)
		expect(t, int64(2), get(articles.Count(ctx))(t))
		must(t, s.Rollback(ctx))
		expect(t, true, len(ed.Articles) == 2 && ed.Articles[0] == a)
		s.ExpungeAll()
		ed = get(orm.Query[Person](s).One(ctx))(t)
		first := get(orm.Collection(ed, &ed.Articles).Query().First(ctx))(t)
		must(t, orm.Collection(ed, &ed.Articles).Remove(first))
		must(t, s.Commit(ctx))
		expect(t, []string{"b"}, db.titles(t))
	})
}
