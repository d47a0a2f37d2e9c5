// This file has the bad inputs of the expression language: statements whose parts
// are right and do not fit together, and what a database lacks.

package orm_test

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aurum-go/orm"
)

// advice ends the text of an error that says what to do.
var advice = regexp.MustCompile(`\([^()]+(\([^()]*\)[^()]*)*\)$`)

// helpful is a bad input whose error names its subject, and says what to do.
func helpful(name string, kind error, subject string, stmt func() orm.Statement) badInput {
	return badInput{name: name, kind: kind, run: func(b *bench) error {
		err := b.find(stmt())
		if usage, ok := errors.AsType[*orm.UsageError](err); ok && usage.Subject != subject {
			b.Errorf("%s: the error is about %q, not %q", name, usage.Subject, subject)
		}
		if err != nil && !advice.MatchString(err.Error()) {
			b.Errorf("%s: the error does not say what to do: %v", name, err)
		}
		return err
	}}
}

// refusing is a bad input on databases without a feature.
func refusing(name string, has func(f orm.Features) bool, stmt func() orm.Statement) badInput {
	input := helpful(name, orm.ErrUnsupported, "", stmt)
	input.unless = has
	return input
}

func badLanguage() []badInput {
	id, name := orm.C(&badUser.ID), orm.C(&badUser.Name)
	users := func() *orm.SelectStatement { return orm.Select(id).From(badUser) }
	return append([]badInput{
		helpful("a subquery with nothing left to select from", orm.ErrArgument, "subquery", func() orm.Statement {
			return orm.Select(name).Where(orm.Exists(orm.Select(id).Where(name.Eq(secret))))
		}),
		helpful("a union of different columns", orm.ErrArgument, "UNION", func() orm.Statement {
			return orm.Union(users(), orm.Select(id, name))
		}),
		helpful("two CTEs of one name", orm.ErrAmbiguous, "WITH same", func() orm.Statement {
			one, two := users().CTE("same"), users().Where(id.Gt(1)).CTE("same")
			return orm.Select(one.C("id")).From(one).Where(orm.Exists(orm.Select(two.C("id")).From(two)))
		}),
		helpful("a CTE with the name of a table", orm.ErrAmbiguous, "WITH users", func() orm.Statement {
			taken := orm.Select(orm.C(&badAccount.ID)).CTE("users")
			return users().Where(id.InSelect(orm.Select(taken.C("id")).From(taken)))
		}),
		helpful("a CTE with too few names", orm.ErrArgument, "WITH named", func() orm.Statement {
			named := orm.Select(id, name).CTE("named", orm.CTEColumns("a"))
			return orm.Select(orm.Count()).From(named)
		}),
		helpful("a recursion of different columns", orm.ErrArgument, "WITH RECURSIVE tree", func() orm.Statement {
			tree := users().RecursiveCTE("tree", func(tree *orm.CTE) *orm.SelectStatement {
				return orm.Select(id, name).From(tree).Join(badUser, orm.True())
			})
			return orm.Select(orm.Count()).From(tree)
		}),
		helpful("an order of a union by what it has not", orm.ErrUnknownName, `"name"`, func() orm.Statement {
			return orm.Union(users(), users()).OrderBy(name)
		}),
		helpful("a label that is there twice", orm.ErrAmbiguous, `"n"`, func() orm.Statement {
			return orm.Select(id.As("n"), name.As("n")).OrderBy(orm.F("n"))
		}),
		helpful("a window that is not there", orm.ErrUnknownName, `"w"`, func() orm.Statement {
			return orm.Select(orm.Count().Over(orm.WindowName("w"))).From(badUser)
		}),
		helpful("a column of a table that FROM has not", orm.ErrUnknownName, "users.name", func() orm.Statement {
			return orm.Select(orm.Count()).From(badAccount).OrderBy(name)
		}),
		helpful("a parameter that never got its value", orm.ErrArgument, `parameter "id"`, func() orm.Statement {
			return users().Where(orm.Eq(id, orm.Param[int64]("id")))
		}),
	}, append(missingFeatures(), ungroupedColumn())...)
}

func missingFeatures() []badInput {
	id, name := orm.C(&badUser.ID), orm.C(&badUser.Name)
	return []badInput{
		refusing("LATERAL", func(f orm.Features) bool { return f.Lateral }, func() orm.Statement {
			return orm.Select(name).From(badUser).Join(orm.Select(orm.C(&badAccount.ID)).From(badAccount).Lateral("l"), orm.True())
		}),
		refusing("GROUPING SETS", func(f orm.Features) bool { return f.GroupingSets }, func() orm.Statement {
			return orm.Select(orm.Count()).From(badUser).GroupBy(orm.Cube(name))
		}),
		refusing("WITHIN GROUP", func(f orm.Features) bool { return f.OrderedSets }, func() orm.Statement {
			return orm.Select(orm.PercentileCont(0.5).WithinGroup(id))
		}),
		refusing("a frame of groups", func(f orm.Features) bool { return f.FrameGroups }, func() orm.Statement {
			return orm.Select(orm.Count().Over(orm.OrderBy(id), orm.Groups(orm.Preceding(1), orm.CurrentRow())))
		}),
		refusing("a regular expression", func(f orm.Features) bool { return f.Regexp }, func() orm.Statement {
			return orm.Select(id).Where(name.Matches("^a"))
		}),
		refusing("limit with ties", func(f orm.Features) bool { return f.WithTies }, func() orm.Statement {
			return orm.Select(id).OrderBy(id).LimitWithTies(1)
		}),
		refusing("a sample of a table", func(f orm.Features) bool { return f.TableSample }, func() orm.Statement {
			return orm.Select(id).From(orm.TableSample(badUser, 10))
		}),
		refusing("writing in WITH", func(f orm.Features) bool { return f.WritingCTE }, func() orm.Statement {
			gone := orm.Delete(badUser).Where(id.Eq(9)).Returning(id).CTE("gone")
			return orm.Select(gone.C("id")).From(gone)
		}),
	}
}

// ungroupedColumn mixes an aggregate with a column that is not grouped by. That
// is left to the database: what it finds has a kind, and SQLite and MariaDB give
// the column of some row.
func ungroupedColumn() badInput {
	return badInput{
		name: "an aggregate beside a column", kind: orm.ErrSyntax, sends: true,
		unless: func(f orm.Features) bool { return !f.DistinctOn },
		run: func(b *bench) error {
			if err := b.find(orm.Select(orm.C(&badUser.Name), orm.Count()).From(badUser)); err != nil {
				return err
			}
			return fmt.Errorf("%s took it", b.db.name())
		},
	}
}
