// This file tests validators: what they see, and what becomes of what they say.

package orm_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Stray has a field that is no column.
type Stray struct {
	orm.Base `orm:"table:strays"`

	ID  int64
	Log []string `orm:"-"`
}

var strays = orm.MustRegister(&Stray{})

func TestValidatorsSeeWhatIsWrittenAndNothingElse(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, mark := opened(t, db.factory(t)), t.Context(), t.Name()
		p := orm.Entity[Notice]()
		var seen []string
		defer orm.Validate(&p.Notes, func(v string) (string, error) {
			if text, ours := strings.CutPrefix(v, mark); ours {
				seen = append(seen, text)
				return mark + strings.TrimSpace(text), nil
			}
			return v, nil
		})()
		defer orm.Validate(&p.Status, func(v string) (string, error) {
			if v == "" {
				return v, errors.New("a zero that means the default")
			}
			return v, nil
		})()
		page := &Notice{Notes: mark + " one "}
		s.Add(page)
		must(t, s.Commit(ctx))
		expect(t, mark+"one", page.Notes)
		expect(t, mark+"one", readAgain[Notice](t, db, page.ID).Notes)
		page.Title = "t"
		must(t, s.Commit(ctx))
		must(t, s.Refresh(ctx, page))
		page.Notes = mark + "two "
		must(t, s.Commit(ctx))
		expect(t, mark+"two", readAgain[Notice](t, db, page.ID).Notes)
		get(orm.Query[Notice](s).AllRows().Update(ctx, orm.C(&p.Notes).Set(mark+" three ")))(t)
		expect(t, []string{" one ", "one", "two ", "two"}, seen)
	})
}

func TestRefusalsOfValidatorsComeTogetherAndSendNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, mark := opened(t, db.factory(t)), t.Context(), t.Name()
		p := orm.Entity[Notice]()
		refuse := errors.New("refused")
		defer orm.Validate(&p.Title, func(v string) (string, error) {
			if v == mark {
				return v, refuse
			}
			return v, nil
		})()
		defer orm.Validate(&p.Size, func(v *int64) (*int64, error) {
			if v != nil && *v == -int64(len(mark)) {
				return v, refuse
			}
			return v, nil
		})()
		wrong := -int64(len(mark))
		a, b := &Notice{Title: mark}, &Notice{Title: "fine", Size: &wrong}
		s.Add(a, b)
		db.statements()
		err := s.Commit(ctx)
		expectKind(t, refuse, err)
		expect(t, "orm: validate Notice.Title: the validator refuses the value: refused\norm: validate Notice.Size: the validator refuses the value: refused", err.Error())
		_, err = orm.Query[Notice](s).All(ctx)
		expectKind(t, refuse, err)
		expect(t, []string(nil), db.statements())
		a.Title, b.Size = "fine", nil
		must(t, s.Commit(ctx))
		expectState(t, orm.Persistent, a, b)
	})
}

func TestWhatListenersSetIsValidated(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		p := orm.Entity[Notice]()
		refuse := errors.New("refused")
		defer orm.Events[Notice]().BeforeInsert(onPages(book, func(p *Notice) error { p.Title = "bad " + book; return nil }))()
		defer orm.Validate(&p.Title, func(v string) (string, error) {
			if v == "bad "+book {
				return v, refuse
			}
			return v, nil
		})()
		s.Add(&Notice{Book: book, Title: "good"})
		expectKind(t, refuse, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, int64(0), get(orm.Query[Notice](s).Count(ctx))(t))
	})
}

func TestMembersThatComeAreValidated(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, mark := newBookshop(t, db), t.Context(), t.Name()
		refuse := errors.New("refused")
		var seen []string
		defer orm.ValidateMembers(&s.w.Books, func(b *Book) error {
			text, ours := strings.CutPrefix(b.Title, mark)
			if ours {
				seen = append(seen, text)
			}
			if text == "bad" {
				return refuse
			}
			return nil
		})()
		writers := get(orm.Query[Writer](s.Session).Options(orm.SelectInLoad(&s.w.Books)).OrderBy(orm.C(&s.w.ID)).All(ctx))(t)
		good, bad := &Book{ID: 901, Title: mark + "good"}, &Book{ID: 902, Title: mark + "bad"}
		writers[0].Books = append(writers[0].Books, good, bad)
		err := s.Commit(ctx)
		expectKind(t, refuse, err)
		expect(t, "orm: validate Writer.Books: the validator refuses a member: refused", err.Error())
		bad.Title = mark + "better"
		must(t, s.Commit(ctx))
		expect(t, []string{"good", "bad", "good", "better"}, seen)
	})
}

func TestAForeignKeyIsValidatedWhenItIsKnown(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		mark := t.Name()
		var seen []int64
		defer orm.Validate(&s.b.WriterID, func(v int64) (int64, error) {
			if v == 0 || v == 801 {
				seen = append(seen, v)
			}
			return v, nil
		})()
		s.Add(&Writer{ID: 801, Name: mark[:10], Books: []*Book{{ID: 801, Title: "new"}}})
		must(t, s.Commit(ctx))
		if len(seen) == 0 || slices.Contains(seen, 0) {
			t.Errorf("the validator has seen %d", seen)
		}
	})
}

func TestAValidatorOfNoColumnIsAMistake(t *testing.T) {
	db := onSQLite(t)
	s, ctx := db.withTables(t, strays).session(t), t.Context()
	l := orm.Entity[Stray]()
	remove := orm.Validate(&l.Log, func(v []string) ([]string, error) { return v, nil })
	s.Add(&Stray{})
	expectKind(t, orm.ErrArgument, s.Commit(ctx))
	remove()
	must(t, s.Commit(ctx))
	for name, call := range map[string]func(){
		"no reference":   func() { orm.Validate(new(string), func(v string) (string, error) { return v, nil }) },
		"another member": func() { orm.ValidateMembers(&l.Log, func(*Notice) error { return nil }) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				if !errors.Is(err, orm.ErrArgument) {
					t.Error(name, err)
				}
			}()
			call()
		}()
	}
}
