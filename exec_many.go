// This file runs one statement with many sets of values.

package orm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pageRows is the most rows of one INSERT of [ExecMany].
const pageRows = 1000

// ExecMany runs a statement for many sets of values. An INSERT without rows of
// its own gets the sets for its rows, in statements of up to 1,000; of any other
// statement, the sets are the values of its open parameters ([Param]), and it is
// prepared once. All sets name what the first one names: a set that does not is
// an [ErrArgument] that tells its number, and nothing is sent. On an [Engine]
// all of it is one transaction. Objects that a [Session] holds of a table that is
// updated or deleted from are stale afterwards.
//
//	res, err := orm.ExecMany(ctx, engine, orm.Insert(city), []orm.M{{"name": "Perth"}, {"name": "Hobart"}})
//
// The result has the sum of the rows, and of an INSERT the primary keys in the
// order of the sets where they are known.
func ExecMany(ctx context.Context, ex Executor, stmt Statement, sets []M) (*Result, error) {
	if err := checkSets(sets); err != nil {
		return nil, err
	}
	if _, err := engineOf(ex); err != nil {
		return nil, err
	}
	engine, ok := ex.(*Engine)
	if !ok {
		return execManyOn(ctx, ex, stmt, sets)
	}
	config, err := engine.txConfig(ctx, nil)
	if err != nil {
		return nil, err
	}
	var result *Result
	_, err = engine.transactOnce(ctx, func(ctx context.Context, conn *Conn) (err error) {
		result, err = execManyOn(ctx, conn, stmt, sets)
		return err
	}, config)
	if err != nil {
		return nil, err
	}
	return result, nil
}

// checkSets sees to it that all sets name the same.
func checkSets(sets []M) error {
	for i, set := range sets {
		if maps.EqualFunc(sets[0], set, func(any, any) bool { return true }) {
			continue
		}
		first, these := slices.Sorted(maps.Keys(sets[0])), slices.Sorted(maps.Keys(set))
		return &UsageError{
			Kind: ErrArgument, Op: "execute", Subject: fmt.Sprintf("set %d", i+1),
			Reason: fmt.Sprintf("it names %s, and the first set %s", strings.Join(these, ", "), strings.Join(first, ", ")),
			Advice: "name the same in all sets",
		}
	}
	return nil
}

func execManyOn(ctx context.Context, ex Executor, stmt Statement, sets []M) (*Result, error) {
	if len(sets) == 0 {
		return &Result{}, nil
	}
	if insert, ok := stmt.(*InsertStatement); ok && len(insert.rows) == 0 && insert.query == nil {
		return insertPages(ctx, ex, insert, sets)
	}
	return execSets(ctx, ex, stmt, sets)
}

// insertPages sends the sets as rows, page by page.
func insertPages(ctx context.Context, ex Executor, insert *InsertStatement, sets []M) (*Result, error) {
	size, err := pageSize(ctx, ex, insert.Values(sets[0]))
	if err != nil {
		return nil, err
	}
	result, known := &Result{}, true
	for page := range slices.Chunk(sets, size) {
		r, err := Exec(ctx, ex, insert.Values(page))
		if err != nil {
			return nil, err
		}
		if result.affected += r.affected; r.affected < 0 {
			result.affected = -1
		}
		result.keys, known = append(result.keys, r.keys...), known && len(r.keys) == len(page)
	}
	if !known {
		result.keys = nil
	}
	return result, nil
}

// pageSize is the number of rows of one INSERT, by what it is for one row.
func pageSize(ctx context.Context, ex Executor, one *InsertStatement) (int, error) {
	server, err := ex.Engine().ready(ctx)
	if err != nil {
		return 0, err
	}
	compiled, err := compileFor(one, server.dialect)
	if err != nil {
		return 0, err
	}
	if most := server.features.MaxParams; most > 0 && len(compiled.slots) > 0 {
		return max(1, min(pageRows, most/len(compiled.slots))), nil
	}
	return pageRows, nil
}

// execSets sends the statement once for each set.
func execSets(ctx context.Context, ex Executor, stmt Statement, sets []M) (*Result, error) {
	stmt, err := intercepted(ctx, ex, stmt)
	if err != nil {
		return nil, err
	}
	compiled, engine, err := compileOn(ctx, ex, stmt)
	if err == nil {
		err = compiled.checkNames(sets[0])
	}
	if err != nil {
		return nil, err
	}
	conn, release, err := ex.acquire(ctx, compiled)
	if err != nil {
		return nil, err
	}
	defer release()
	if s, ok := ex.(synchronizer); ok {
		s.outdate(stmt)
	}
	result := &Result{}
	err = conn.execMany(ctx, compiled, len(sets),
		func(i int) ([]any, error) { return compiled.argsAt(sets[i], engine.now) },
		func(_ int, o Outcome) error {
			if o.Rows < 0 || result.affected < 0 {
				result.affected = -1
			} else {
				result.affected += o.Rows
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// checkNames refuses values for parameters that the statement does not have.
func (c *Compiled) checkNames(values M) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(c.slots, func(s bindSlot) bool { return s.param != nil && s.param.name == name }) {
			return &UsageError{Kind: ErrArgument, Op: "execute", Subject: "parameter " + quoted(name), Reason: "the statement has no such parameter", Advice: "make one with Param"}
		}
	}
	return nil
}
