// This file runs the cases: what a case needs, whether it is left out, and what
// is told at the end.

package dialecttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// topic is a part of the suite with a database of its own.
type topic struct {
	name   string
	checks func() []check
}

// check is one case. Cases of a topic run one after the other.
type check struct {
	name  string
	needs []need
	run   func(t *testing.T, db *database)
	// lacking, if there is one, is run in place of run where a need is not met.
	lacking func(t *testing.T, db *database)
}

// need is a feature that a case needs, or a type of columns.
type need struct {
	feature string
	met     func(f *orm.Features) bool
	typ     types.Type
}

func feature(name string, met func(f *orm.Features) bool) need { return need{feature: name, met: met} }

func (n need) isMet(db *database) bool {
	if n.met != nil {
		return n.met(&db.features)
	}
	_, err := db.Dialect().TypeName(n.typ)
	return !errors.Is(err, orm.ErrUnsupported)
}

// The features that several topics need.
var (
	needsInsertReturning  = feature("INSERT … RETURNING", func(f *orm.Features) bool { return f.InsertReturning })
	needsUpdateReturning  = feature("UPDATE … RETURNING", func(f *orm.Features) bool { return f.UpdateReturning })
	needsDeleteReturning  = feature("DELETE … RETURNING", func(f *orm.Features) bool { return f.DeleteReturning })
	needsSchemas          = feature("schemas", func(f *orm.Features) bool { return f.Schemas })
	needsTransactionalDDL = feature("DDL in transactions", func(f *orm.Features) bool { return f.TransactionalDDL })
	needsAlterConstraint  = feature("ALTER TABLE … ADD CONSTRAINT", func(f *orm.Features) bool { return f.AlterConstraint })
	needsPartialIndex     = feature("partial indexes", func(f *orm.Features) bool { return f.PartialIndex })
	needsExpressionIndex  = feature("indexes on expressions", func(f *orm.Features) bool { return f.ExpressionIndex })
	needsDeferrableKeys   = feature("deferrable keys", func(f *orm.Features) bool { return f.DeferrableKeys })
	needsSavepoints       = feature("savepoints", func(f *orm.Features) bool { return f.Savepoints })
	needsReadOnly         = feature("read-only transactions", func(f *orm.Features) bool { return f.ReadOnlyTx })
	needsRowLocks         = feature("locks of single rows", func(f *orm.Features) bool { return f.ForUpdate && !f.LocksIgnored })
	needsNoWait           = feature("NOWAIT", func(f *orm.Features) bool { return f.NoWait })
	needsFullJoin         = feature("FULL JOIN", func(f *orm.Features) bool { return f.FullJoin })
	needsDistinctOn       = feature("DISTINCT ON", func(f *orm.Features) bool { return f.DistinctOn })
	needsRegexp           = feature("regular expressions", func(f *orm.Features) bool { return f.Regexp })
	needsIntersect        = feature("INTERSECT and EXCEPT", func(f *orm.Features) bool { return f.Intersect })
	needsComments         = feature("comments", func(f *orm.Features) bool { return f.Comments || f.InlineComments })
)

// suite is one run of all topics.
type suite struct {
	config *Config
	cases  map[string][]need

	mu      sync.Mutex
	ran     int
	left    []string
	refused []string
}

// casesOf lists all cases with what they need.
func casesOf(topics []topic) map[string][]need {
	cases := map[string][]need{}
	for _, topic := range topics {
		for _, c := range topic.checks() {
			cases[topic.name+"/"+c.name] = c.needs
		}
	}
	return cases
}

// unmet is the first need that is not met, or "".
func unmet(needs []need, db *database) string {
	for _, n := range needs {
		if !n.isMet(db) {
			return n.feature
		}
	}
	return ""
}

func (s *suite) run(t *testing.T, topic *topic) {
	db := openDatabase(t, s.config)
	for _, c := range topic.checks() {
		t.Run(c.name, func(t *testing.T) { s.runCheck(t, db, topic.name+"/"+c.name, &c) })
		if n := db.Stats().InUse; n != 0 {
			t.Fatalf("%s left %d connections that were not given back", c.name, n)
		}
	}
}

func (s *suite) runCheck(t *testing.T, db *database, name string, c *check) {
	if reason := s.exemption(name); reason != "" {
		s.note(&s.left, name+": "+reason)
		t.Skip(reason)
	}
	lacks := unmet(c.needs, db)
	switch {
	case lacks == "":
		s.note(nil, name)
		c.run(t, db)
	case c.lacking != nil:
		s.note(&s.refused, name)
		c.lacking(t, db)
	default:
		s.note(&s.left, name+": the dialect says that it has no "+lacks)
		t.Skipf("the dialect says that it has no %s", lacks)
	}
}

func (s *suite) exemption(name string) string {
	i := slices.IndexFunc(s.config.Missing, func(e Exemption) bool { return e.Case == name })
	if i < 0 {
		return ""
	}
	return s.config.Missing[i].Reason
}

// note counts a case, and lists it where there is a list for it.
func (s *suite) note(list *[]string, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list == nil {
		s.ran++
		return
	}
	*list = append(*list, name)
}

func (s *suite) report(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf("%d cases were run, %d more saw a missing feature refused, %d were left out", s.ran, len(s.refused), len(s.left))
	if len(s.left) > 0 {
		slices.Sort(s.left)
		text += ":\n" + strings.Join(s.left, "\n")
	}
	t.Log(text)
}

// checkExemptions keeps the list of exemptions short and true.
func (s *suite) checkExemptions(t *testing.T) {
	if len(s.config.Missing) == 0 {
		return
	}
	for _, problem := range s.exemptionProblems(openDatabase(t, s.config)) {
		t.Error(problem)
	}
}

func (s *suite) exemptionProblems(db *database) []string {
	var problems []string
	seen := map[string]bool{}
	for _, e := range s.config.Missing {
		needs, known := s.cases[e.Case]
		problem := ""
		switch {
		case !known:
			problem = "names no case"
		case e.Reason == "":
			problem = "has no reason"
		case seen[e.Case]:
			problem = "is there twice"
		case unmet(needs, db) != "":
			problem = "is not needed: the dialect says so itself"
		}
		if problem != "" {
			problems = append(problems, fmt.Sprintf("the exemption %q %s", e.Case, problem))
		}
		seen[e.Case] = true
	}
	return problems
}

// openDatabase opens the database of a topic, and meets the server, so that the
// features are those of the server at hand.
func openDatabase(t *testing.T, c *Config) *database {
	t.Helper()
	db := &database{engine: c.Open(t), config: c, meta: orm.NewMetadata(), fixtures: map[string]bool{}}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.features = db.Dialect().Features()
	db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
		db.record(e.SQL)
		return nil
	})
	return db
}
