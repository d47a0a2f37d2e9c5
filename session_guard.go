// This file counts the loads of relationships in loops, the one statement for each
// object that grows with the data, and warns or refuses.

package orm

import (
	"context"
	"fmt"
)

// lazyLimits are from which load on a session warns and refuses; zero: never.
type lazyLimits struct{ warn, refuse int }

// WarnLazyLoads has the session warn, on the logger of [WithLogger], when [Load]
// of one relationship sends more than n statements within a transaction: a loop
// over objects that were not read together. A load for all the objects of a result
// is one, and one that needs no SQL none. A negative n is 0.
func WarnLazyLoads(n int) SessionOption {
	return func(o *sessionOptions) { o.lazy.warn = max(n, 0) + 1 }
}

// LimitLazyLoads is [WarnLazyLoads] that refuses with an [ErrRaiseLoad], before the
// statement is sent.
//
//	s := orm.NewSession(engine, orm.LimitLazyLoads(10))
func LimitLazyLoads(n int) SessionOption {
	return func(o *sessionOptions) { o.lazy.refuse = max(n, 0) + 1 }
}

// guard returns what is to be called before a relationship is loaded by itself, or
// nil.
func (s *Session) guard(ctx context.Context, rel *relationship) func() error {
	limits := s.options.lazy
	if limits == (lazyLimits{}) {
		return nil
	}
	return func() error {
		n := s.lazyLoads[rel] + 1
		if n == limits.refuse {
			return &UsageError{
				Kind: ErrRaiseLoad, Op: "load", Subject: rel.fullName(), Reason: fmt.Sprintf("the session allows %d loads of it in a transaction, and this is one more", n-1),
				Advice: "load it with the objects: Options(orm.SelectInLoad(…))",
			}
		}
		if n == limits.warn {
			s.engine.warn(ctx, "relationship is loaded again and again", "relationship", rel.fullName(), "loads", n)
		}
		if s.lazyLoads == nil {
			s.lazyLoads = map[*relationship]int{}
		}
		s.lazyLoads[rel] = n
		return nil
	}
}
