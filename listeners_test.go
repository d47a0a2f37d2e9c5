package orm

import "testing"

type unheard struct {
	Base `orm:"table:unheard"`
	ID   int64
}

func TestNobodyPaysForEventsWithoutListeners(t *testing.T) {
	r := NewRegistry()
	if err := r.Register(&unheard{}); err != nil {
		t.Fatal(err)
	}
	m, err := r.Mapper(&unheard{})
	if err != nil {
		t.Fatal(err)
	}
	s, ctx := NewSessionFactory(nil).New(), t.Context()
	plan := &flushPlan{relations: &relationWork{}, actions: []action{&batch{mapper: m}}}
	m.methodsOf()
	allocations := testing.AllocsPerRun(100, func() {
		_ = s.attend(plan)
		_ = s.beforeFlush(ctx)
		_ = s.view()
		_ = s.emitPlain(ctx, atAfterCommit, afterCommitHooks)
		_ = m.tellLoaded()
		s.unit.moved(nil, pendingToPersistent)
	})
	if allocations != 0 || plan.watched {
		t.Errorf("%v allocations", allocations)
	}
}
