// This file tests units of work that run side by side.

package orm_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

func namesOfUsers(ctx context.Context, s *orm.Session) ([]string, error) {
	u := orm.Entity[User]()
	return orm.Pluck(ctx, orm.Query[User](s).OrderBy(orm.C(&u.ID)), orm.C(&u.Name))
}

// What runs meanwhile has a session and a connection of its own, and its result can
// be had more than once.
func TestFutureIsTheResultOfAUnitOfItsOwn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, factory := t.Context(), orm.NewSessionFactory(db.withModels(t).Engine)
		people(t, db.session(t), "ed", "wendy")
		names, count := orm.Go(ctx, factory, namesOfUsers), orm.Go(ctx, factory, func(ctx context.Context, s *orm.Session) (int64, error) {
			return orm.Query[User](s).Count(ctx)
		})
		expect(t, []string{"ed", "wendy"}, get(names.Await(ctx))(t))
		expect(t, []string{"ed", "wendy"}, get(names.Await(ctx))(t))
		expect(t, int64(2), get(count.Await(ctx))(t))
		added := orm.Go(ctx, factory, func(_ context.Context, s *orm.Session) (*User, error) {
			fred := &User{Name: "fred", Email: "fred@x"}
			s.Add(fred)
			return fred, nil
		})
		expectState(t, orm.Detached, get(added.Await(ctx))(t))
		expect(t, []string{"ed", "wendy", "fred"}, storedNames(t, db))
	})
}

// What fails is rolled back; a panic is an error with its stack, and waiting for
// what takes long ends with the context of the one who waits.
func TestFutureFailsForItself(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, factory := t.Context(), orm.NewSessionFactory(db.withModels(t).Engine)
		mine := errors.New("mine")
		_, err := orm.Go(ctx, factory, func(_ context.Context, s *orm.Session) (int, error) {
			s.Add(&User{Name: "ed", Email: "ed@x"})
			return 1, mine
		}).Await(ctx)
		expectKind(t, mine, err)
		_, err = orm.Go(ctx, factory, func(ctx context.Context, s *orm.Session) (int, error) {
			s.Add(&User{Name: "ed", Email: "ed@x"})
			if err := s.Flush(ctx); err != nil {
				return 0, err
			}
			panic(mine)
		}).Await(ctx)
		expectKind(t, mine, err)
		panicked, ok := errors.AsType[*orm.PanicError](err)
		if !ok || !strings.Contains(string(panicked.Stack), "future_test.go") {
			t.Errorf("%v has no stack", err)
		}
		expect(t, 0, len(storedNames(t, db)))

		waiting := orm.Go(ctx, factory, func(ctx context.Context, _ *orm.Session) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		short, cancel := context.WithCancel(ctx)
		cancel()
		_, err = waiting.Await(short)
		expectKind(t, context.Canceled, err)
		waiting.Cancel()
		_, err = waiting.Await(ctx)
		expectKind(t, context.Canceled, err)
		_, err = orm.Go[int](ctx, nil, nil).Await(ctx)
		expectKind(t, orm.ErrArgument, err)
	})
}

// What is gathered comes in order; the first that fails ends the others, and
// nothing is left running.
func TestGatherEndsTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, factory := t.Context(), orm.NewSessionFactory(db.withModels(t).Engine)
		people(t, db.session(t), "ed", "wendy")
		named := func(name string) func(context.Context, *orm.Session) (int64, error) {
			return func(ctx context.Context, s *orm.Session) (int64, error) {
				return orm.Query[User](s).FilterBy("Name", name).Count(ctx)
			}
		}
		expect(t, []int64{1, 0, 1}, get(orm.Gather(ctx, factory, named("ed"), named("nobody"), named("wendy")))(t))
		mine, ended := errors.New("mine"), 0
		_, err := orm.Gather(ctx, factory,
			func(ctx context.Context, _ *orm.Session) (int, error) { <-ctx.Done(); ended++; return 0, ctx.Err() },
			func(context.Context, *orm.Session) (int, error) { return 0, mine },
		)
		expectKind(t, mine, err)
		expect(t, 1, ended)
		over, cancel := context.WithCancel(ctx)
		cancel()
		_, err = orm.Gather(over, factory, named("ed"))
		expectKind(t, context.Canceled, err)
	})
}
