// This file runs statements for their effect, and says what a statement has
// done.

package orm

import (
	"context"
	"database/sql"
)

// ErrNoRows says that one row was asked for and there is none. It is
// [sql.ErrNoRows] for errors.Is.
var ErrNoRows error = noRows{}

type noRows struct{}

func (noRows) Error() string { return "orm: no rows" }

// Is reports whether target is the standard library's error of that meaning.
func (noRows) Is(target error) bool { return target == sql.ErrNoRows }

// Result says what a statement has done. It is immutable.
type Result struct {
	affected int64
	keys     [][]any
}

// RowsAffected returns the number of rows that were written, or -1 where the
// driver does not tell, as after an upsert on MySQL, or a MERGE of which it counts no
// row: lib/pq says so of every one. On MySQL too a row counts that was found and had
// the new values already.
func (r *Result) RowsAffected() int64 { return r.affected }

// InsertedPrimaryKey returns the primary key of the first row of an INSERT, in
// the order of its columns, as int64, string and so on. It is nil where the key
// is not known: after other statements, an INSERT from a SELECT, or an upsert.
func (r *Result) InsertedPrimaryKey() []any {
	if len(r.keys) == 0 {
		return nil
	}
	return r.keys[0]
}

// InsertedPrimaryKeys returns the primary keys of all rows of an INSERT, in the
// order of the rows; nil where they are not known.
func (r *Result) InsertedPrimaryKeys() [][]any { return r.keys }

// Exec runs a statement for its effect. Rows that it returns are dropped; read
// them with [Fetch]. On an [Engine] the statement stands alone, on a [Conn] or
// [Session] it belongs to the transaction.
//
//	res, err := orm.Exec(ctx, engine, orm.Delete(city).Where(city.C("people").Eq(0)))
//	// DELETE FROM city WHERE people = ?
func Exec(ctx context.Context, ex Executor, stmt Statement) (*Result, error) {
	if insert, ok := stmt.(*InsertStatement); ok {
		return execInsertOn(ctx, ex, insert)
	}
	r := routerOf(ex)
	if r == nil || r.shards == nil {
		return execOn(ctx, ex, stmt)
	}
	total := &Result{}
	err := r.spreadStatement(ctx, ex, stmt, func(ctx context.Context) error {
		part, err := execOn(ctx, ex, stmt)
		if err == nil {
			total.affected += part.affected
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return total, nil
}

// execOn runs a statement that is no INSERT.
func execOn(ctx context.Context, ex Executor, stmt Statement) (*Result, error) {
	p, err := prepareFor(ctx, ex, stmt)
	if err != nil {
		return nil, err
	}
	conn, release, err := ex.acquire(ctx, p.compiled)
	if err != nil {
		return nil, err
	}
	defer release()
	settle, err := synchronize(ctx, ex, p)
	if err != nil {
		return nil, err
	}
	o, err := conn.exec(ctx, p.compiled, p.args)
	if err == nil && settle != nil {
		err = settle(ctx, o.Rows, true)
	}
	if err != nil {
		return nil, err
	}
	return &Result{affected: o.Rows}, nil
}

// synchronizer is an executor that holds objects of the rows that statements write.
type synchronizer interface {
	// synchronize is called before a statement is sent. What it returns, unless nil, is
	// called when it was, and may read more if the connection is free.
	synchronize(ctx context.Context, p prepared) (settled, error)
	// outdate has objects be read again whose rows a statement may have met.
	outdate(stmt Statement)
}

// settled has objects follow what a statement has done, to as many rows; -1: that is
// not known yet.
type settled func(ctx context.Context, rows int64, free bool) error

// synchronize asks the executor whether it has a stake in what a statement writes.
func synchronize(ctx context.Context, ex Executor, p prepared) (settled, error) {
	if s, ok := ex.(synchronizer); ok {
		return s.synchronize(ctx, p)
	}
	return nil, nil
}

// interceptor is an executor of which others may change the statements.
type interceptor interface {
	intercept(ctx context.Context, stmt Statement) (Statement, error)
}

// intercepted is a statement as those want it to be sent who listen.
func intercepted(ctx context.Context, ex Executor, stmt Statement) (Statement, error) {
	if i, ok := ex.(interceptor); ok && !isNilPointer(ex) && stmt != nil {
		return i.intercept(ctx, stmt)
	}
	return stmt, nil
}

// execInsertOn leaves the arguments to execInsert: defaults that are made by a
// function of the user are made once.
func execInsertOn(ctx context.Context, ex Executor, insert *InsertStatement) (*Result, error) {
	if insert != nil {
		stmt, err := intercepted(ctx, ex, insert)
		if err != nil {
			return nil, err
		}
		insert, _ = stmt.(*InsertStatement)
	}
	if insert != nil {
		settled, err := insert.settled()
		if err != nil {
			return nil, err
		}
		insert = settled
	}
	compiled, _, err := compileOn(ctx, ex, insert)
	if err != nil {
		return nil, err
	}
	conn, release, err := ex.acquire(ctx, compiled)
	if err != nil {
		return nil, err
	}
	defer release()
	return execInsert(ctx, conn, insert, ex.inherited())
}

// prepared is a statement with its arguments: all that can go wrong before a
// connection is needed has gone well.
type prepared struct {
	stmt     Statement
	compiled *Compiled
	args     []any
}

func prepareFor(ctx context.Context, ex Executor, stmt Statement) (prepared, error) {
	stmt, err := intercepted(ctx, ex, stmt)
	if err != nil {
		return prepared{}, err
	}
	compiled, e, err := compileOn(ctx, ex, stmt)
	if err != nil {
		return prepared{}, err
	}
	args, err := compiled.argsAt(nil, e.now)
	return prepared{stmt, compiled, args}, err
}

// compileOn compiles a statement for the engine of an executor that it goes to.
func compileOn(ctx context.Context, ex Executor, stmt Statement) (*Compiled, *Engine, error) {
	e, err := engineOf(ex)
	if err != nil {
		return nil, nil, err
	}
	if r := routerOf(ex); r != nil {
		return r.compile(ctx, ex, stmt)
	}
	compiled, err := e.compileFor(ctx, ex, stmt)
	return compiled, e, err
}

// compileFor compiles a statement for the database, once that is known.
func (e *Engine) compileFor(ctx context.Context, ex Executor, stmt Statement) (*Compiled, error) {
	s, err := e.ready(ctx)
	if err != nil {
		return nil, err
	}
	compiled, err := s.compiled.compile(stmt, ex.inherited())
	if err != nil {
		return nil, err
	}
	return compiled, e.hasLinks(ctx, compiled, ex.strict())
}
