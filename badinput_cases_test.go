// This file has the bad inputs of TestBadInput.

package orm_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// The entity references that bad inputs are made of.
var (
	badUser     = orm.Entity[User]()
	badAccount  = orm.Entity[Account]()
	badDocument = orm.Entity[Document]()
	badTable    = models.Metadata().Table("users")
)

// longName is longer than names are anywhere.
var longName = strings.Repeat("n", 1001)

// all runs a query for users.
func (b *bench) all(q *orm.EntityQuery[User]) error { return errOf(q.All(b.ctx)) }

func (b *bench) users() *orm.EntityQuery[User] { return orm.Query[User](b.s) }

// exec runs a statement on the engine.
func (b *bench) exec(stmt orm.Statement) error { return errOf(orm.Exec(b.ctx, b.db.Engine, stmt)) }

// find runs a query of expressions on the engine.
func (b *bench) find(stmt orm.Statement) error {
	return errOf(orm.Fetch[orm.M](b.ctx, b.db.Engine, stmt))
}

// where filters users by a condition.
func (b *bench) where(condition orm.Expr[bool]) error { return b.all(b.users().Filter(condition)) }

// user reads the user that there is.
func (b *bench) user() *User {
	u, err := b.users().First(b.ctx)
	must(b.T, err)
	b.db.statements()
	return u
}

func badStatements() []badInput {
	deep := orm.C(&badUser.Age).IsNull()
	for range 500 {
		deep = orm.And(orm.Or(orm.Not(deep), orm.True()), orm.True())
	}
	return []badInput{
		{name: "filter by an unknown field", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.all(b.users().FilterBy("Nmae", secret)) }},
		{name: "filter by a column's name", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.all(b.users().FilterBy("created_at", secret)) }},
		{name: "filter by half a pair", kind: orm.ErrArgument, run: func(b *bench) error { return b.all(b.users().FilterBy("Name", secret, "Age")) }},
		{name: "filter by something that is no name", kind: orm.ErrArgument, run: func(b *bench) error { return b.all(b.users().FilterBy(badUser, secret)) }},
		{name: "an unknown field by name", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.where(orm.F("Nmae").Eq(secret)) }},
		{name: "order by an unknown field", kind: orm.ErrUnknownName, run: func(b *bench) error {
			return b.all(b.users().OrderBy(orm.F("name; DROP TABLE users").Desc()))
		}},
		{name: "a name without FROM", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.find(orm.Select(orm.F("Name"))) }},
		{name: "an ambiguous name", kind: orm.ErrAmbiguous, run: func(b *bench) error {
			return b.all(b.users().Join(badAccount, orm.True()).Filter(orm.F("ID").Eq(1)))
		}},
		{name: "an unknown column", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.find(orm.Select(badTable.C("nmae"))) }},
		{name: "an unknown column of a subquery", kind: orm.ErrUnknownName, run: func(b *bench) error {
			sub := orm.Select(badTable.C("id")).Subquery("sub")
			return b.find(orm.Select(sub.C("name")).From(sub))
		}},
		{name: "a field of an object", kind: orm.ErrArgument, run: func(b *bench) error { return b.where(orm.C(&(&User{}).Name).Eq(secret)) }},
		{name: "a nil field", kind: orm.ErrArgument, run: func(b *bench) error { return b.where(orm.C((*string)(nil)).Eq(secret)) }},
		{name: "a field that is no column", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.where(orm.C(&orm.Entity[Folder]().Shelf).IsNull()) }},
		{name: "a struct that is not registered", kind: orm.ErrNotRegistered, run: func(b *bench) error { return errOf(orm.Query[stranger](b.s).All(b.ctx)) }},
		{name: "a type that is no struct", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.Query[int](b.s).Count(b.ctx)) }},
		{name: "an entity that is no struct", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select(orm.Entity[int]())) }},
		{name: "an alias without a name", kind: orm.ErrBadIdentifier, run: func(b *bench) error { return b.find(orm.Select(orm.Alias[User](""))) }},
		{name: "an alias with a NUL", kind: orm.ErrBadIdentifier, run: func(b *bench) error { return b.find(orm.Select(orm.Alias[User]("a\x00b"))) }},
		{name: "an alias that is too long", kind: orm.ErrBadIdentifier, run: func(b *bench) error { return b.find(orm.Select(orm.Alias[User](longName))) }},
		{name: "a label that is too long", kind: orm.ErrBadIdentifier, run: func(b *bench) error {
			return b.find(orm.Select(orm.C(&badUser.Name).As(longName)))
		}},
		{name: "a label without a name", kind: orm.ErrBadIdentifier, run: func(b *bench) error { return b.find(orm.Select(orm.C(&badUser.Name).As(""))) }},
		{name: "two items of one name", kind: orm.ErrAmbiguous, run: func(b *bench) error { return b.find(orm.Select(badUser).From(badUser, badUser)) }},
		{name: "a join without a foreign key", kind: orm.ErrNoForeignKey, run: func(b *bench) error { return b.all(b.users().Join(badAccount)) }},
		{name: "a join with two foreign keys", kind: orm.ErrAmbiguous, run: func(b *bench) error {
			return errOf(orm.Query[Planet](b.s).Join(orm.Entity[Transfer]()).All(b.ctx))
		}},
		{name: "a join to nothing", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select(badUser).Join(badAccount)) }},
		{name: "a join along a column", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.all(b.users().Join(&badUser.Name)) }},
		{name: "a join along a relationship from elsewhere", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.all(b.users().Join(&albumRef.Artist)) }},
		{name: "a join under an alias of another struct", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.find(orm.Select(albumRef).From(albumRef).Join(&albumRef.Artist, orm.Alias[Genre]("wrong")))
		}},
		{name: "a join with a condition that is none", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.find(orm.Select(albumRef).From(albumRef).Join(&albumRef.Artist, orm.Alias[Artist]("other"), "1 = 1"))
		}},
		{name: "a relationship for a column", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.find(orm.Select(orm.C(&albumRef.Artist))) }},
		{name: "a condition on a column for a relationship", kind: orm.ErrUnknownName, run: func(b *bench) error { return b.where(orm.One(&badUser.Age).Has()) }},
		{name: "an object without a key in a condition", kind: orm.ErrNotPersistent, run: func(b *bench) error {
			return b.find(orm.Select(albumRef).Where(orm.One(&albumRef.Artist).Is(&Artist{Name: secret})))
		}},
		{name: "a join with text", kind: orm.ErrArgument, run: func(b *bench) error { return b.all(b.users().Join("accounts")) }},
		{name: "a join with nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.all(b.users().Join(nil)) }},
		{name: "a SELECT in FROM without a name", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select(badUser).From(orm.Select(badUser))) }},
		{name: "a SELECT of nothing", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select().From(badUser)) }},
		{name: "a SELECT of nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select(nil)) }},
		{name: "a SELECT of text", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select("name").From(badUser)) }},
		{name: "order by nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.all(b.users().OrderBy(nil)) }},
		{name: "order by the zero Ordering", kind: orm.ErrArgument, run: func(b *bench) error { return b.all(b.users().OrderBy(orm.Ordering{})) }},
		{name: "group by nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.all(b.users().GroupBy(nil)) }},
		{name: "filter by the zero Expr", kind: orm.ErrArgument, run: func(b *bench) error { return b.where(orm.Expr[bool]{}) }},
		{name: "the zero Expr deep inside", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.where(orm.Or(orm.True(), orm.Not(orm.And(orm.Expr[bool]{}, orm.True()))))
		}},
		{name: "IN a nil query", kind: orm.ErrArgument, run: func(b *bench) error { return b.where(orm.C(&badUser.ID).InSelect(nil)) }},
		{name: "EXISTS of nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.where(orm.Exists((*orm.SelectStatement)(nil))) }},
		{name: "a union of one", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Union(orm.Select(badUser))) }},
		{name: "a union of nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Union(orm.Select(badUser), nil)) }},
		{name: "a negative limit", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(b.users().Limit(-1).First(b.ctx)) }},
		{name: "a negative offset", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(b.users().Offset(-1).Exists(b.ctx)) }},
		{name: "a function that is no name", kind: orm.ErrBadIdentifier, run: func(b *bench) error { return b.find(orm.Select(orm.Func[int]("count(*)--"))) }},
		{name: "an operator that is none", kind: orm.ErrBadIdentifier, run: func(b *bench) error { return b.where(orm.Op[bool](orm.C(&badUser.Name), "= 1 OR", 1)) }},
		{name: "a collation that is not there", kind: orm.ErrSyntax, sends: true, run: func(b *bench) error {
			return b.all(b.users().OrderBy(orm.C(&badUser.Name).Collate("C; --")))
		}},
		{name: "an unknown part of a date", kind: orm.ErrBadIdentifier, run: func(b *bench) error {
			return b.find(orm.Select(orm.Extract("century FROM x", orm.C(&badUser.CreatedAt))))
		}},
		{name: "a CASE without WHEN", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select(orm.Case[int]().Else(1))) }},
		{name: "a count of two", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.find(orm.Select(orm.Count(orm.C(&badUser.ID), orm.C(&badUser.Name))))
		}},
		{name: "FILTER of no aggregate", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.find(orm.Select(orm.C(&badUser.ID).Filter(orm.True())))
		}},
		{name: "a parameter without a value", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.where(orm.Eq(orm.C(&badUser.Name), orm.Param[string]("name")))
		}},
		{name: "an expression that is too deep", kind: orm.ErrTooDeep, run: func(b *bench) error { return b.where(deep) }},
		{name: "more parameters than there may be", kind: orm.ErrTooManyParams, run: func(b *bench) error {
			rows := make([][]any, 40000)
			for i := range rows {
				rows[i] = []any{i, secret}
			}
			return b.where(orm.Tuple(orm.C(&badUser.ID), orm.C(&badUser.Name)).In(rows...))
		}},
		{name: "rows of the wrong length", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.where(orm.Tuple(orm.C(&badUser.ID), orm.C(&badUser.Name)).In([]any{1}))
		}},
		{name: "text without its argument", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Text("SELECT ?, ?", secret)) }},
		{name: "text with too many arguments", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Text("SELECT 1", secret)) }},
		{name: "text without its named argument", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Text("SELECT :a", sql.Named("b", secret))) }},
		{name: "text with an argument too many", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.exec(orm.Text("SELECT :a", sql.Named("a", 1), sql.Named("b", secret)))
		}},
		{name: "text with both kinds of parameters", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Text("SELECT ?, :a", 1, sql.Named("a", secret))) }},
		{name: "two statements in a text", kind: orm.ErrMultiStatement, run: func(b *bench) error { return b.exec(orm.Text("SELECT 1; DROP TABLE users")) }},
		{name: "two statements in a fragment", kind: orm.ErrMultiStatement, run: func(b *bench) error { return b.where(orm.Raw[bool]("1 = 1); DROP TABLE users; --")) }},
		{name: "text with an open quote", kind: orm.ErrSyntax, run: func(b *bench) error { return b.exec(orm.Text("SELECT 'a")) }},
		{name: "text with an open comment", kind: orm.ErrSyntax, run: func(b *bench) error { return b.exec(orm.Text("SELECT 1 /* a")) }},
		{name: "text with a NUL", kind: orm.ErrSyntax, run: func(b *bench) error { return b.exec(orm.Text("SELECT 1\x00")) }},
		{name: "text that is empty", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Text(" -- nothing")) }},
		{name: "text that the database does not understand", kind: orm.ErrSyntax, sends: true, run: func(b *bench) error { return b.exec(orm.Text("SELEKT 1")) }},
		{name: "text that names an unknown table", kind: orm.ErrSyntax, sends: true, run: func(b *bench) error { return b.exec(orm.Text("SELECT * FROM nowhere WHERE a = ?", secret)) }},
		{name: "no executor", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.Exec(b.ctx, nil, orm.Insert(badTable))) }},
		{name: "a nil executor", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.Fetch[int](b.ctx, (*orm.Session)(nil), orm.Select(badTable))) }},
		{name: "many sets and no executor", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.ExecMany(b.ctx, (*orm.Engine)(nil), orm.Insert(badTable), nil)) }},
		{name: "a stream without an executor", kind: orm.ErrArgument, run: func(b *bench) error {
			for _, err := range orm.FetchIter[int](b.ctx, (*orm.Conn)(nil), orm.Select(badTable)) {
				return err
			}
			return nil
		}},
		{name: "a schema without an executor", kind: orm.ErrArgument, run: func(b *bench) error { return models.Metadata().CreateAll(b.ctx, nil) }},
		{name: "a column of a nil subquery", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select((*orm.Subquery)(nil).C("id"))) }},
		{name: "a column of a nil table", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select((*orm.Table)(nil).C("id"))) }},
		{name: "a column of a nil alias", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select((*orm.TableAlias)(nil).C("id"))) }},
		{name: "a column of nothing", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select(orm.Col[int](nil, "id"))) }},
		{name: "no statement", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(nil) }},
		{name: "a nil statement", kind: orm.ErrArgument, run: func(b *bench) error { return b.find((*orm.SelectStatement)(nil)) }},
		{name: "a full join", kind: orm.ErrUnsupported, unless: func(f orm.Features) bool { return f.FullJoin }, run: func(b *bench) error {
			return b.find(orm.Select(badUser).From(badUser).FullJoin(badAccount, orm.True()))
		}},
		{name: "DISTINCT ON", kind: orm.ErrUnsupported, unless: func(f orm.Features) bool { return f.DistinctOn }, run: func(b *bench) error {
			return b.find(orm.Select(badUser).DistinctOn(orm.C(&badUser.Name)))
		}},
		{name: "a DELETE with USING", kind: orm.ErrUnsupported, unless: func(f orm.Features) bool { return f.DeleteUsing || f.DeleteJoin }, run: func(b *bench) error {
			return b.exec(orm.Delete(badUser).Using(badAccount).Where(orm.C(&badUser.ID).Eq(0)))
		}},
		{name: "a dialect that is not imported", kind: orm.ErrUnknownDialect, run: func(*bench) error {
			_, _, err := orm.Compile(orm.Select(badUser), "oracle")
			return err
		}},
	}
}

func badValues() []badInput {
	filter := func(pairs ...any) func(b *bench) error {
		return func(b *bench) error { return b.all(b.users().FilterBy(pairs...)) }
	}
	insert := func(values orm.M) func(b *bench) error {
		return func(b *bench) error { return b.exec(orm.Insert(badTable).Values(values)) }
	}
	get := func(key ...any) func(b *bench) error {
		return func(b *bench) error { return errOf(orm.Get[User](b.ctx, b.s, key...)) }
	}
	return []badInput{
		{name: "a number for text", kind: orm.ErrValue, run: filter("Name", 0)},
		{name: "text for a number", kind: orm.ErrValue, run: filter("Age", secret)},
		{name: "digits for a number", kind: orm.ErrValue, run: filter("ID", "1 OR 1=1")},
		{name: "a boolean for a number", kind: orm.ErrValue, run: filter("ID", true)},
		{name: "a number for a boolean", kind: orm.ErrValue, run: filter("Active", 1)},
		{name: "text for a time", kind: orm.ErrValue, run: filter("CreatedAt", secret)},
		{name: "a slice for a value", kind: orm.ErrValue, run: filter("Name", []string{secret})},
		{name: "a map for a value", kind: orm.ErrValue, run: filter("Name", orm.M{secret: secret})},
		{name: "a struct for a value", kind: orm.ErrValue, run: filter("Name", struct{ Name string }{secret})},
		{name: "a function for a value", kind: orm.ErrValue, run: filter("Name", func() {})},
		{name: "a number of another column's kind", kind: orm.ErrValue, run: func(b *bench) error { return b.where(orm.Eq(badTable.C("id"), orm.Lit[any](secret))) }},
		{name: "text with a NUL for a value", kind: orm.ErrValue, run: filter("Name", secret+"\x00")},
		{name: "broken UTF-8 for a value", kind: orm.ErrValue, run: filter("Name", secret+"\xff")},
		{name: "a text that is too long", kind: orm.ErrValue, run: insert(orm.M{"name": strings.Repeat(secret, 20), "email": secret})},
		{name: "an integer beyond the column", kind: orm.ErrValue, run: insert(orm.M{"name": secret, "email": secret, "age": uint64(math.MaxUint64)})},
		{name: "a number that is not whole", kind: orm.ErrValue, run: insert(orm.M{"name": secret, "email": secret, "age": 1.5})},
		{name: "a time that no database has", kind: orm.ErrValue, run: insert(orm.M{"name": secret, "email": secret, "created_at": time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC)})},
		{name: "an unknown column in VALUES", kind: orm.ErrUnknownName, run: insert(orm.M{"nmae": secret})},
		{name: "a column that is missing in a row", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.exec(orm.Insert(badTable).Values(orm.M{"name": secret, "email": secret}, orm.M{"name": secret}))
		}},
		{name: "a column that is assigned twice", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.exec(orm.Update(badUser).Set(orm.C(&badUser.Name).Set(secret), orm.C(&badUser.Name).Set(secret)).AllRows())
		}},
		{name: "an UPDATE of nothing", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Update(badUser).AllRows()) }},
		{name: "an UPDATE of another table's column", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.exec(orm.Update(badUser).Set(orm.C(&badAccount.Owner).Set(secret)).AllRows())
		}},
		{name: "an UPDATE without a condition", kind: orm.ErrNoFilter, run: func(b *bench) error {
			return b.exec(orm.Update(badUser).Set(orm.C(&badUser.Name).Set(secret)))
		}},
		{name: "a DELETE without a condition", kind: orm.ErrNoFilter, run: func(b *bench) error { return b.exec(orm.Delete(badUser)) }},
		{name: "a DELETE whose condition names no column", kind: orm.ErrNoFilter, run: func(b *bench) error {
			return b.exec(orm.Delete(badUser).Where(orm.And(), orm.Eq(orm.Lit(1), orm.Lit(1))))
		}},
		{name: "a lock that waits not and skips", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.find(orm.Select(badUser).ForUpdate(orm.NoWait(), orm.SkipLocked()))
		}},
		{name: "a lock with a nil option", kind: orm.ErrArgument, run: func(b *bench) error { return b.find(orm.Select(badUser).ForUpdate(nil)) }},
		{name: "an INSERT into nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Insert(nil)) }},
		{name: "an INSERT into a name", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.Insert("users")) }},
		{name: "NULL in a list", kind: orm.ErrArgument, run: func(b *bench) error { return b.where(badTable.C("age").In(1, nil)) }},
		{name: "an order with NULL", kind: orm.ErrArgument, run: func(b *bench) error { return b.where(badTable.C("age").Lt(nil)) }},
		{name: "too few key values", kind: orm.ErrArgument, run: get()},
		{name: "too many key values", kind: orm.ErrArgument, run: get(1, 2)},
		{name: "a key of another type", kind: orm.ErrArgument, run: get("1 OR 1=1")},
		{name: "a key that is nil", kind: orm.ErrArgument, run: get(nil)},
		{name: "a key that is an object", kind: orm.ErrArgument, run: get(&User{ID: 1})},
		{name: "a key without a row", kind: orm.ErrNoRows, sends: true, run: get(99)},
		{name: "one of none", kind: orm.ErrNoRows, sends: true, run: func(b *bench) error { return errOf(b.users().FilterBy("Name", secret).One(b.ctx)) }},
		{name: "one of many", kind: orm.ErrMultipleRows, sends: true, run: func(b *bench) error { return errOf(b.users().One(b.ctx)) }},
		{name: "fetch one of none", kind: orm.ErrNoRows, sends: true, run: func(b *bench) error {
			return errOf(orm.FetchOne[string](b.ctx, b.s, orm.Select(orm.C(&badUser.Name)).Where(orm.C(&badUser.Name).Eq(secret))))
		}},
		{name: "fetch one of many", kind: orm.ErrMultipleRows, sends: true, run: func(b *bench) error {
			return errOf(orm.FetchOne[int](b.ctx, b.s, orm.Text("SELECT 1 UNION SELECT 2")))
		}},
		{name: "a NULL without room", kind: orm.ErrDecode, sends: true, run: func(b *bench) error {
			return errOf(orm.Fetch[int](b.ctx, b.s, orm.Select(orm.C(&badUser.Age))))
		}},
		{name: "a text that is no number", kind: orm.ErrDecode, sends: true, run: func(b *bench) error {
			return errOf(orm.Fetch[int](b.ctx, b.s, orm.Text("SELECT ?", secret)))
		}},
		{name: "a number that does not fit", kind: orm.ErrDecode, sends: true, run: func(b *bench) error { return errOf(orm.Fetch[int8](b.ctx, b.s, orm.Text("SELECT 300"))) }},
		{name: "columns without fields", kind: orm.ErrSchemaMismatch, sends: true, run: func(b *bench) error {
			return errOf(orm.Fetch[struct{ ID, Nmae int64 }](b.ctx, b.s, orm.Select(orm.C(&badUser.ID), orm.C(&badUser.Name))))
		}},
		{name: "a unique value that is there", kind: orm.ErrUniqueViolation, sends: true, run: insert(orm.M{"name": secret, "email": "ed@example.org"})},
		{name: "a foreign key to nothing", kind: orm.ErrForeignKeyViolation, sends: true, run: func(b *bench) error {
			return b.exec(orm.Insert(orm.Entity[Ticket]()).Values(orm.M{"Title": secret, "OwnerID": 7777}))
		}},
		{name: "NULL in a column that has none", kind: orm.ErrNotNullViolation, sends: true, run: insert(orm.M{"name": secret, "email": nil})},
	}
}

// badOwner and badPet have rows that refer to each other.
type badOwner struct {
	orm.Base `orm:"table:bad_owners"`

	ID    int64
	PetID int64 `orm:"foreign_key:bad_pets.id"`
}

type badPet struct {
	orm.Base `orm:"table:bad_pets"`

	ID      int64
	OwnerID int64 `orm:"foreign_key:bad_owners.id"`
}

var badCircle = orm.MustRegister(&badOwner{}, &badPet{})

// hollow is a Model to the compiler, but has no Base.
type hollow struct{ *User }

// added commits a session with objects that cannot be added.
func added(objects ...orm.Model) func(b *bench) error {
	return func(b *bench) error {
		b.s.Add(objects...)
		return b.s.Commit(b.ctx)
	}
}

func badObjects() []badInput {
	return []badInput{
		{name: "add nil", kind: orm.ErrArgument, run: added(nil)},
		{name: "add a nil object", kind: orm.ErrArgument, run: added((*User)(nil))},
		{name: "add an unregistered object", kind: orm.ErrNotRegistered, run: added(&stranger{})},
		{name: "add an entity reference", kind: orm.ErrArgument, run: added(badUser)},
		{name: "add a struct without its Base", kind: orm.ErrNotRegistered, run: added(&hollow{})},
		{name: "add a struct by value", kind: orm.ErrArgument, run: added(hollow{&User{}})},
		{name: "several mistakes at once", kind: orm.ErrNotRegistered, run: added(&stranger{}, nil)},
		{name: "add an object of another session", kind: orm.ErrOtherSession, run: func(b *bench) error {
			other := orm.NewSession(b.db.Engine)
			defer other.Close()
			u := &User{Name: secret}
			other.Add(u)
			return added(u)(b)
		}},
		{name: "add a copy of an object that is held", kind: orm.ErrUniqueViolation, sends: true, run: func(b *bench) error {
			u := *b.user()
			return added(&u)(b)
		}},
		{name: "add a text that is too long", kind: orm.ErrValue, run: added(&User{Name: strings.Repeat(secret, 20), Email: secret})},
		{name: "add a text with a NUL", kind: orm.ErrValue, run: added(&User{Name: secret + "\x00", Email: secret})},
		{name: "add a unique value that is there", kind: orm.ErrUniqueViolation, sends: true, run: added(&User{Name: secret, Email: "ed@example.org"})},
		{name: "a query that flushes what is refused", kind: orm.ErrUniqueViolation, sends: true, run: func(b *bench) error {
			b.s.Add(&User{Name: secret, Email: "ed@example.org"})
			return b.all(b.users())
		}},
		{name: "delete nil", kind: orm.ErrArgument, run: func(b *bench) error {
			b.s.Delete(nil)
			return b.s.Commit(b.ctx)
		}},
		{name: "delete a transient object", kind: orm.ErrNotPersistent, run: func(b *bench) error {
			b.s.Delete(&User{ID: 1, Name: secret})
			return b.s.Commit(b.ctx)
		}},
		{name: "delete a pending object", kind: orm.ErrNotPersistent, run: func(b *bench) error {
			u := &User{Name: secret}
			b.s.Add(u)
			b.s.Delete(u)
			return b.s.Commit(b.ctx)
		}},
		{name: "delete a copy", kind: orm.ErrNotPersistent, run: func(b *bench) error {
			u := *b.user()
			b.s.Delete(&u)
			return b.s.Commit(b.ctx)
		}},
		{name: "expunge nil", kind: orm.ErrArgument, run: func(b *bench) error {
			b.s.Expunge(nil)
			return b.s.Commit(b.ctx)
		}},
		{name: "expire nil", kind: orm.ErrArgument, run: func(b *bench) error {
			b.s.Expire(nil)
			return b.s.Commit(b.ctx)
		}},
		{name: "expire a transient object", kind: orm.ErrDetached, run: func(b *bench) error {
			b.s.Expire(&User{})
			return b.s.Commit(b.ctx)
		}},
		{name: "refresh nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.s.Refresh(b.ctx, nil) }},
		{name: "refresh a nil object", kind: orm.ErrArgument, run: func(b *bench) error { return b.s.Refresh(b.ctx, (*User)(nil)) }},
		{name: "lock with a nil option", kind: orm.ErrArgument, run: func(b *bench) error {
			u, err := orm.Get[User](b.ctx, b.s, 1)
			if err != nil {
				return err
			}
			b.db.statements()
			return b.s.Lock(b.ctx, u, nil)
		}},
		{name: "refresh a transient object", kind: orm.ErrDetached, run: func(b *bench) error { return b.s.Refresh(b.ctx, &User{ID: 1}) }},
		{name: "refresh a struct without its Base", kind: orm.ErrDetached, run: func(b *bench) error { return b.s.Refresh(b.ctx, &hollow{}) }},
		{name: "refresh a pending object", kind: orm.ErrNotPersistent, run: func(b *bench) error {
			u := &User{Name: secret}
			b.s.Add(u)
			return b.s.Refresh(b.ctx, u)
		}},
		{name: "refresh a detached object", kind: orm.ErrDetached, run: func(b *bench) error {
			u := b.user()
			b.s.Expunge(u)
			return b.s.Refresh(b.ctx, u)
		}},
		{name: "refresh a copy", kind: orm.ErrDetached, run: func(b *bench) error {
			u := *b.user()
			return b.s.Refresh(b.ctx, &u)
		}},
		{name: "refresh an object of another session", kind: orm.ErrOtherSession, run: func(b *bench) error {
			u := b.user()
			must(b.T, b.s.Rollback(b.ctx))
			return errOf(true, orm.NewSession(b.db.Engine).Refresh(b.ctx, u))
		}},
		{name: "refresh a field of another object", kind: orm.ErrArgument, run: func(b *bench) error { return b.s.Refresh(b.ctx, b.user(), &(&User{}).Name) }},
		{name: "refresh by the name of a field", kind: orm.ErrArgument, run: func(b *bench) error { return b.s.Refresh(b.ctx, b.user(), "Name") }},
		{name: "lock a transient object", kind: orm.ErrDetached, run: func(b *bench) error { return b.s.Lock(b.ctx, &User{ID: 1}) }},
		{name: "load of nil", kind: orm.ErrArgument, run: func(b *bench) error { return orm.Load(b.ctx, nil) }},
		{name: "load of a transient object", kind: orm.ErrDetached, run: func(b *bench) error {
			d := &Document{ID: 1}
			return orm.Load(b.ctx, d, &d.Body)
		}},
		{name: "load of a field of another object", kind: orm.ErrArgument, run: func(b *bench) error {
			d, err := orm.Get[Document](b.ctx, b.s, 1)
			must(b.T, err)
			b.db.statements()
			return orm.Load(b.ctx, d, &(&Document{}).Body)
		}},
		{name: "load of nothing", kind: orm.ErrArgument, run: func(b *bench) error {
			d, err := orm.Get[Document](b.ctx, b.s, 1)
			must(b.T, err)
			b.db.statements()
			return orm.Load(b.ctx, d, nil)
		}},
		{name: "explicit for a transient object", kind: orm.ErrDetached, run: func(*bench) error {
			u := &User{}
			return orm.Explicit(u, &u.Name)
		}},
		{name: "explicit for nil", kind: orm.ErrArgument, run: func(*bench) error { return orm.Explicit(nil) }},
		{name: "assign to nil", kind: orm.ErrArgument, run: func(*bench) error { return orm.Assign(nil) }},
		{name: "explicit for a field of another object", kind: orm.ErrArgument, run: func(b *bench) error {
			u := &User{}
			b.s.Add(u)
			return orm.Explicit(u, &(&User{}).Name)
		}},
		{name: "a row that is gone", kind: orm.ErrNoRows, sends: true, run: func(b *bench) error {
			b.s.Add(&Account{Owner: secret})
			a, err := orm.Query[Account](b.s).FilterBy("Owner", secret).One(b.ctx)
			must(b.T, err)
			must(b.T, errOf(orm.Exec(b.ctx, b.s, orm.Delete(badAccount).Where(orm.C(&badAccount.ID).Eq(a.ID)).Synchronize(orm.SyncNone))))
			return b.s.Refresh(b.ctx, a)
		}},
		{name: "a version that has passed", kind: orm.ErrStaleData, sends: true, run: func(b *bench) error {
			a, err := orm.Get[Account](b.ctx, b.s, 1)
			must(b.T, err)
			must(b.T, errOf(orm.Exec(b.ctx, b.s, orm.Update(badAccount).Set(orm.C(&badAccount.Version).Set(99)).Where(orm.C(&badAccount.ID).Eq(1)).Synchronize(orm.SyncNone))))
			a.Owner = secret
			return b.s.Flush(b.ctx)
		}},
		{name: "a changed row that is gone", kind: orm.ErrStaleData, sends: true, run: func(b *bench) error {
			d, err := orm.Get[Document](b.ctx, b.s, 1)
			must(b.T, err)
			must(b.T, errOf(orm.Exec(b.ctx, b.s, orm.Delete(badDocument).Where(orm.C(&badDocument.ID).Eq(1)).Synchronize(orm.SyncNone))))
			d.Title = secret
			return b.s.Flush(b.ctx)
		}},
		{name: "rows that refer to each other", kind: orm.ErrForeignKeyViolation, sends: true, run: func(b *bench) error {
			must(b.T, badCircle.CreateAll(b.ctx, b.db.Engine))
			defer func() { must(b.T, badCircle.DropAll(b.ctx, b.db.Engine)) }()
			b.s.Add(&badOwner{ID: 7, PetID: 8}, &badPet{ID: 8, OwnerID: 7})
			err := b.s.Commit(b.ctx)
			must(b.T, b.s.Rollback(b.ctx))
			return err
		}},
	}
}

// broken leaves the session's transaction failed.
func (b *bench) broken() {
	if _, err := orm.Exec(b.ctx, b.s, orm.Text("SELEKT 1")); err == nil {
		b.Error("that is no SQL")
	}
	b.db.statements()
}

func (b *bench) canceled() context.Context {
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	return ctx
}

// conn has a function work on a connection of its own.
func (b *bench) conn(work func(c *orm.Conn) error) error {
	c, err := b.db.Connect(b.ctx)
	must(b.T, err)
	defer c.Close()
	return work(c)
}

// closedEngine is an engine that was closed.
func (b *bench) closedEngine() *orm.Engine {
	e, err := orm.Open(b.db.url)
	must(b.T, err)
	must(b.T, e.Ping(b.ctx))
	must(b.T, e.Close())
	return e
}

func badTransactions() []badInput {
	one := orm.Text("SELECT 1")
	nothing := func(context.Context) error { return nil }
	return []badInput{
		{name: "a query in a closed session", kind: orm.ErrClosed, run: func(b *bench) error {
			must(b.T, b.s.Close())
			return b.all(b.users())
		}},
		{name: "an object for a closed session", kind: orm.ErrClosed, run: func(b *bench) error {
			must(b.T, b.s.Close())
			b.s.Add(&User{Name: secret})
			return b.s.Commit(b.ctx)
		}},
		{name: "rollback of a closed session", kind: orm.ErrClosed, run: func(b *bench) error {
			must(b.T, b.s.Close())
			return b.s.Rollback(b.ctx)
		}},
		{name: "a transaction of no function", kind: orm.ErrArgument, run: func(b *bench) error { return b.db.Transact(b.ctx, nil) }},
		{name: "a unit of work of no function", kind: orm.ErrArgument, run: func(b *bench) error { return orm.NewSessionFactory(b.db.Engine).Transact(b.ctx, nil) }},
		{name: "a nested block of no function", kind: orm.ErrArgument, run: func(b *bench) error { return b.s.Nested(b.ctx, nil) }},
		{name: "a savepoint of no function", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.conn(func(c *orm.Conn) error { return c.Nested(b.ctx, nil) })
		}},
		{name: "a query on no engine", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.Query[User](orm.NewSession(nil)).All(b.ctx))
		}},
		{name: "a statement on no engine", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.Exec(b.ctx, orm.NewSession(nil), one)) }},
		{name: "an object for no engine", kind: orm.ErrArgument, run: func(b *bench) error {
			s := orm.NewSession(nil)
			s.Add(&User{Name: secret})
			return errors.Join(s.Commit(b.ctx), s.Rollback(b.ctx), s.Close())
		}},
		{name: "a unit of work on no engine", kind: orm.ErrArgument, run: func(b *bench) error {
			return orm.NewSessionFactory(nil).Transact(b.ctx, func(context.Context, *orm.Session) error { return nil })
		}},
		{name: "a statement on a closed connection", kind: orm.ErrClosed, run: func(b *bench) error {
			return b.conn(func(c *orm.Conn) error {
				must(b.T, c.Close())
				return errOf(orm.Exec(b.ctx, c, one))
			})
		}},
		{name: "commit of a closed connection", kind: orm.ErrClosed, run: func(b *bench) error {
			return b.conn(func(c *orm.Conn) error {
				must(b.T, c.Close())
				return c.Commit(b.ctx)
			})
		}},
		{name: "a statement on a closed engine", kind: orm.ErrClosed, run: func(b *bench) error { return errOf(orm.Exec(b.ctx, b.closedEngine(), one)) }},
		{name: "a session on a closed engine", kind: orm.ErrClosed, run: func(b *bench) error {
			return errOf(orm.Query[User](orm.NewSession(b.closedEngine())).All(b.ctx))
		}},
		{name: "a statement with an ended context", kind: orm.ErrCanceled, run: func(b *bench) error { return errOf(orm.Exec(b.canceled(), b.db.Engine, one)) }},
		{name: "a query with an ended context", kind: orm.ErrCanceled, run: func(b *bench) error { return errOf(b.users().All(b.canceled())) }},
		{name: "a flush with an ended context", kind: context.Canceled, run: func(b *bench) error {
			b.s.Add(&User{Name: secret})
			return b.s.Flush(b.canceled())
		}},
		{name: "a commit with an ended context", kind: context.Canceled, run: func(b *bench) error {
			b.user()
			return b.s.Commit(b.canceled())
		}},
		{name: "a transaction with an ended context", kind: context.Canceled, run: func(b *bench) error {
			return b.db.Transact(b.canceled(), func(context.Context, *orm.Conn) error { return nil })
		}},
		{name: "begin twice", kind: orm.ErrArgument, run: func(b *bench) error {
			must(b.T, b.s.Begin(b.ctx))
			return b.s.Begin(b.ctx)
		}},
		{name: "begin twice on a connection", kind: orm.ErrArgument, run: func(b *bench) error {
			return b.conn(func(c *orm.Conn) error {
				must(b.T, c.Begin(b.ctx))
				return c.Begin(b.ctx)
			})
		}},
		{name: "no begin where none comes by itself", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.Query[User](orm.NewSession(b.db.Engine, orm.Autobegin(false))).All(b.ctx))
		}},
		{name: "an unknown isolation level", kind: orm.ErrUnsupported, run: func(b *bench) error {
			return b.s.Begin(b.ctx, orm.Isolation("SNAPSHOT; DROP TABLE users"))
		}},
		{name: "a deferrable transaction", kind: orm.ErrUnsupported, unless: func(f orm.Features) bool { return f.DeferrableTx }, run: func(b *bench) error {
			return b.s.Begin(b.ctx, orm.Deferrable())
		}},
		{name: "a query in a transaction that has failed", kind: orm.ErrTxFailed, run: func(b *bench) error {
			b.broken()
			return b.all(b.users())
		}},
		{name: "a commit of a transaction that has failed", kind: orm.ErrTxFailed, run: func(b *bench) error {
			b.broken()
			return b.s.Commit(b.ctx)
		}},
		{name: "a savepoint in a transaction that has failed", kind: orm.ErrTxFailed, run: func(b *bench) error {
			b.broken()
			return b.s.Nested(b.ctx, nothing)
		}},
		{name: "a write in a transaction that only reads", kind: orm.ErrReadOnly, sends: true, run: func(b *bench) error {
			must(b.T, b.s.Begin(b.ctx, orm.ReadOnly()))
			b.s.Add(&User{Name: secret, Email: secret})
			return b.s.Flush(b.ctx)
		}},
		{name: "BEGIN as text", kind: orm.ErrTxControl, run: func(b *bench) error { return errOf(orm.Exec(b.ctx, b.s, orm.Text("begin"))) }},
		{name: "COMMIT as text", kind: orm.ErrTxControl, run: func(b *bench) error { return errOf(orm.Exec(b.ctx, b.s, orm.Text("/* x */ Commit"))) }},
		{name: "ROLLBACK as text on a connection", kind: orm.ErrTxControl, run: func(b *bench) error {
			return b.conn(func(c *orm.Conn) error { return errOf(orm.Exec(b.ctx, c, orm.Text("ROLLBACK"))) })
		}},
		{name: "SAVEPOINT as text on the engine", kind: orm.ErrTxControl, run: func(b *bench) error { return b.exec(orm.Text("SAVEPOINT s")) }},
		{name: "SET autocommit as text", kind: orm.ErrTxControl, run: func(b *bench) error { return errOf(orm.Exec(b.ctx, b.s, orm.Text("SET autocommit = 1"))) }},
		{name: "a schema change in a session", kind: orm.ErrTxControl, unless: func(f orm.Features) bool { return f.TransactionalDDL }, run: func(b *bench) error {
			return errOf(orm.Exec(b.ctx, b.s, orm.Text("CREATE TABLE t (id INT)")))
		}},
		{name: "a schema change of the library in a session", kind: orm.ErrTxControl, sends: true, unless: func(f orm.Features) bool { return f.TransactionalDDL }, run: func(b *bench) error {
			return badCircle.CreateAll(b.ctx, b.s)
		}},
		{name: "a statement while a result is read", kind: orm.ErrConcurrentUse, sends: true, run: func(b *bench) (err error) {
			for range b.users().Iter(b.ctx) {
				err = b.all(b.users())
			}
			return err
		}},
		{name: "no connection within the time", kind: orm.ErrPoolTimeout, sends: true, run: func(b *bench) error {
			e, err := orm.Open(b.db.url, orm.WithPool(orm.PoolConfig{MaxOpen: 1, Timeout: 500 * time.Millisecond}))
			must(b.T, err)
			defer e.Close()
			c, err := e.Connect(b.ctx)
			must(b.T, err)
			defer c.Close()
			err = errOf(orm.Exec(b.ctx, e, one))
			if err != nil { // how long it took differs from run to run
				return orm.ErrPoolTimeout
			}
			return nil
		}},
	}
}

// badKey and its like are structs that cannot be mapped.
type (
	badKey struct {
		orm.Base
		Name string
	}
	badWords struct {
		orm.Base `orm:"tabel:x"`
		ID       int64
		Name     string `orm:"siez:50;unique:x"`
	}
	badTwins struct {
		orm.Base
		ID    int64
		Name  string
		Alias string `orm:"column:name"`
	}
	badRelation struct {
		orm.Base
		ID    int64
		Users []*User
	}
	badRelations struct {
		orm.Base
		ID     int64
		Users  []User
		Owner  *User          `orm:"back_populates:Things"`
		Others []*badRelation `orm:"cascade:al;lazy:eager"`
		ByName map[string]*badRelation
	}
	badType struct {
		orm.Base
		ID int64
		F  func()
	}
	badName struct {
		orm.Base `orm:"table:''"`
		ID       int64
	}
)

func badDefinitions() []badInput {
	register := func(models ...orm.Model) func(b *bench) error {
		return func(*bench) error { return orm.NewRegistry().Register(models...) }
	}
	create := func(define func(m *orm.Metadata)) func(b *bench) error {
		return func(b *bench) error {
			m := orm.NewMetadata()
			define(m)
			return m.CreateAll(b.ctx, b.db.Engine)
		}
	}
	id := func() *orm.Column { return orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()) }
	open := func(url string) func(b *bench) error {
		return func(*bench) error { return errOf(orm.Open(url)) }
	}
	return []badInput{
		{name: "a struct without a key", kind: orm.ErrMapping, run: register(&badKey{})},
		{name: "unknown words in tags", kind: orm.ErrMapping, run: register(&badWords{})},
		{name: "two fields for a column", kind: orm.ErrMapping, run: register(&badTwins{})},
		{name: "a relationship without a foreign key", kind: orm.ErrMapping, run: register(&badRelation{}, &User{})},
		{name: "a relationship to a struct that is not registered", kind: orm.ErrMapping, run: func(b *bench) error {
			r := orm.NewRegistry()
			must(b.T, r.Register(&badRelation{}))
			return r.CreateAll(b.ctx, b.db.Engine)
		}},
		{name: "relationships with wrong words", kind: orm.ErrMapping, run: register(&badRelations{})},
		{name: "a type without a column", kind: orm.ErrMapping, run: register(&badType{})},
		{name: "a table without a name", kind: orm.ErrMapping, run: register(&badName{})},
		{name: "two structs for a table", kind: orm.ErrMapping, run: register(&Moon{}, &strictMoon{})},
		{name: "no model", kind: orm.ErrArgument, run: register(nil)},
		{name: "Base as a model", kind: orm.ErrArgument, run: register(&orm.Base{})},
		{name: "inspect nil", kind: orm.ErrArgument, run: func(*bench) error { return errOf(orm.Inspect(nil)) }},
		{name: "inspect an unregistered struct", kind: orm.ErrNotRegistered, run: func(*bench) error { return errOf(orm.Inspect(&stranger{})) }},
		{name: "CreateAll of a table that is not there", kind: orm.ErrArgument, run: func(b *bench) error {
			m := orm.NewMetadata()
			return m.CreateAll(b.ctx, b.db.Engine, orm.OnlyTables(m.Table("typo")))
		}},
		{name: "CREATE of a table that is not there", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.CreateTable(orm.NewMetadata().Table("typo"))) }},
		{name: "DROP of an index that is nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.DropIndex(nil)) }},
		{name: "a foreign key that is nil", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.AddForeignKey(nil)) }},
		{name: "a comment on a column that is not there", kind: orm.ErrArgument, run: func(b *bench) error { return b.exec(orm.SetColumnComment(badTable.Column("typo"))) }},
		{name: "a nil option of a column", kind: orm.ErrArgument, run: create(func(m *orm.Metadata) { orm.NewTable("t", m, orm.NewColumn("id", types.BigInteger(), nil)) })},
		{name: "a nil option of metadata", kind: orm.ErrArgument, run: func(b *bench) error { return orm.NewMetadata(nil).CreateAll(b.ctx, b.db.Engine) }},
		{name: "a nil option of a registry", kind: orm.ErrArgument, run: func(*bench) error { return orm.NewRegistry(nil).Register(&Moon{}) }},
		{name: "a nil option of CreateAll", kind: orm.ErrArgument, run: func(b *bench) error { return orm.NewMetadata().CreateAll(b.ctx, b.db.Engine, nil) }},
		{name: "a nil option of an engine", kind: orm.ErrArgument, run: func(*bench) error { return errOf(orm.Open("sqlite:///:memory:", nil)) }},
		{name: "a nil option of a connection", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(b.db.Connect(b.ctx, nil)) }},
		{name: "a nil option of a session", kind: orm.ErrArgument, run: func(b *bench) error { return orm.NewSession(b.db.Engine, nil).Flush(b.ctx) }},
		{name: "a nil option of a session's transactions", kind: orm.ErrArgument, run: func(b *bench) error {
			s := orm.NewSession(b.db.Engine, orm.WithTx(nil))
			s.Add(&User{Name: "cy", Email: "cy@example.org"})
			return s.Commit(b.ctx)
		}},
		{name: "a pool that is nil", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.OpenDB(nil, b.db.name())) }},
		{name: "a table of no metadata", kind: orm.ErrArgument, run: func(*bench) error { return orm.NewTable("t", nil, id()).Err() }},
		{name: "two tables of one name", kind: orm.ErrDuplicateTable, run: create(func(m *orm.Metadata) {
			orm.NewTable("t", m, id())
			orm.NewTable("t", m, id())
		})},
		{name: "a statement on a table whose name was taken", kind: orm.ErrDuplicateTable, run: func(b *bench) error {
			m := orm.NewMetadata()
			orm.NewTable("t", m, id())
			return b.find(orm.Select(orm.NewTable("t", m, id())))
		}},
		{name: "two columns of one name", kind: orm.ErrArgument, run: create(func(m *orm.Metadata) { orm.NewTable("t", m, id(), id()) })},
		{name: "a column of two tables", kind: orm.ErrArgument, run: create(func(m *orm.Metadata) {
			shared := id()
			orm.NewTable("t", m, shared)
			orm.NewTable("u", m, shared)
		})},
		{name: "a table without a name in metadata", kind: orm.ErrBadIdentifier, run: create(func(m *orm.Metadata) { orm.NewTable("", m, id()) })},
		{name: "a table's name that is too long", kind: orm.ErrBadIdentifier, sends: true, run: create(func(m *orm.Metadata) { orm.NewTable(longName, m, id()) })},
		{name: "a table's name with a NUL", kind: orm.ErrBadIdentifier, run: create(func(m *orm.Metadata) { orm.NewTable("a\x00b", m, id()) })},
		{name: "a table's name in broken UTF-8", kind: orm.ErrBadIdentifier, run: create(func(m *orm.Metadata) { orm.NewTable("a\xffb", m, id()) })},
		{name: "a table without columns", kind: orm.ErrArgument, sends: true, run: create(func(m *orm.Metadata) { orm.NewTable("no_columns", m) })},
		{name: "a column without a name", kind: orm.ErrBadIdentifier, run: create(func(m *orm.Metadata) { orm.NewTable("t", m, orm.NewColumn("", types.Text())) })},
		{name: "a column without a type", kind: orm.ErrUnsupported, sends: true, run: create(func(m *orm.Metadata) { orm.NewTable("no_type", m, orm.NewColumn("c", types.Type{})) })},
		{name: "a nil item of a table", kind: orm.ErrArgument, run: create(func(m *orm.Metadata) { orm.NewTable("t", m, id(), nil) })},
		{name: "a nil column of a table", kind: orm.ErrArgument, run: create(func(m *orm.Metadata) { orm.NewTable("t", m, id(), (*orm.Column)(nil)) })},
		{name: "a key of a column that is not there", kind: orm.ErrUnknownName, run: create(func(m *orm.Metadata) { orm.NewTable("t", m, id(), orm.Unique("nmae")) })},
		{name: "a foreign key to no table", kind: orm.ErrUnknownName, run: create(func(m *orm.Metadata) {
			orm.NewTable("t", m, id(), orm.NewColumn("u", types.BigInteger(), orm.References("nowhere", "id")))
		})},
		{name: "a foreign key to no column", kind: orm.ErrUnknownName, run: create(func(m *orm.Metadata) {
			orm.NewTable("t", m, id(), orm.NewColumn("u", types.BigInteger(), orm.References("t", "nmae")))
		})},
		{name: "a foreign key of the wrong length", kind: orm.ErrUnknownName, run: create(func(m *orm.Metadata) {
			orm.NewTable("t", m, id(), orm.ForeignKeyTo([]string{"id"}, "t", "id", "id"))
		})},
		{name: "a join along a foreign key to no table", kind: orm.ErrNoForeignKey, run: func(b *bench) error {
			m := orm.NewMetadata()
			t := orm.NewTable("t", m, id(), orm.NewColumn("u", types.BigInteger(), orm.References("nowhere", "id")))
			return b.find(orm.Select(t).From(t).Join(badUser))
		}},
		{name: "an unknown scheme", kind: orm.ErrUnknownDialect, run: open("oracle://scott:" + secret + "@host/db")},
		{name: "an unknown dialect for a pool", kind: orm.ErrUnknownDialect, run: func(b *bench) error { return errOf(orm.OpenDB(b.db.DB(), "oracle")) }},
		{name: "an empty URL", kind: orm.ErrURL, run: open("")},
		{name: "a URL without a scheme", kind: orm.ErrURL, run: open("scott:" + secret + "@host/db")},
		{name: "a URL with a port that is none", kind: orm.ErrURL, run: open("postgres://scott:" + secret + "@host:port/db")},
		{name: "a file with a host", kind: orm.ErrURL, run: open("sqlite://scott:" + secret + "@host/file.db")},
		{name: "an option that would undo a promise", kind: orm.ErrURL, run: open("mysql://scott:" + secret + "@host/db?interpolateParams=true")},
		{name: "an option that PostgreSQL's driver does not know", kind: orm.ErrURL, run: open("postgres://scott:" + secret + "@host/db?sslmode=wrong")},
		{name: "a password among the options", kind: orm.ErrURL, run: open("postgres://scott@host/db?sslmode=wrong&password=" + secret)},
		{name: "an option that MySQL's driver does not know", kind: orm.ErrURL, run: open("mysql://scott:" + secret + "@host/db?tls=wrong")},
	}
}

// badRows are mistakes in rows that are written in bulk.
func badRows() []badInput {
	insert := func(rows ...orm.M) func(b *bench) error {
		return func(b *bench) error { return errOf(orm.BulkInsert[User](b.ctx, b.s, rows)) }
	}
	update := func(rows ...orm.M) func(b *bench) error {
		return func(b *bench) error { return errOf(orm.BulkUpdate[Account](b.ctx, b.s, rows)) }
	}
	good, account := orm.M{"Name": "x", "Email": "x"}, orm.M{"ID": 1, "Version": 1, "Owner": secret}
	return []badInput{
		{name: "bulk insert of an unknown name", kind: orm.ErrUnknownName, run: insert(good, orm.M{"Nam": secret})},
		{name: "bulk insert that names a column twice", kind: orm.ErrArgument, run: insert(orm.M{"Name": secret, "name": secret})},
		{name: "bulk insert of a value of another type", kind: orm.ErrValue, run: insert(good, good, orm.M{"Age": secret})},
		{name: "bulk insert of NULL without room for it", kind: orm.ErrValue, run: insert(orm.M{"Name": nil})},
		{name: "bulk insert of an expression for a key", kind: orm.ErrArgument, run: insert(orm.M{"ID": orm.Lit(secret)})},
		{name: "bulk insert of a nil object", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.BulkInsert[User](b.ctx, b.s, []*User{{Name: "x"}, nil})) }},
		{name: "bulk insert of an entity reference", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.BulkInsert[User](b.ctx, b.s, []*User{badUser})) }},
		{name: "bulk insert of a struct that is not mapped", kind: orm.ErrNotRegistered, run: func(b *bench) error { return errOf(orm.BulkInsert[stranger](b.ctx, b.s, []orm.M{{}})) }},
		{name: "bulk insert without a session", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.BulkInsert[User](b.ctx, nil, []orm.M{good})) }},
		{name: "bulk insert with a nil option", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.BulkInsert[User](b.ctx, b.s, []orm.M{good}, nil)) }},
		{name: "bulk insert from a nil sequence", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.BulkInsertSeq[User, orm.M](b.ctx, b.s, nil)) }},
		{name: "bulk insert beyond its columns", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.BulkInsert[User](b.ctx, b.s, []orm.M{{"Name": "x", "Active": true}}, orm.BulkColumns(&badUser.Name)))
		}},
		{name: "bulk columns of another struct", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.BulkInsert[User](b.ctx, b.s, []orm.M{good}, orm.BulkColumns(&orm.Entity[Account]().Owner)))
		}},
		{name: "bulk columns of an unknown name", kind: orm.ErrUnknownName, run: func(b *bench) error {
			return errOf(orm.BulkInsert[User](b.ctx, b.s, []orm.M{good}, orm.BulkColumns("nmae")))
		}},
		{name: "bulk update without the key", kind: orm.ErrArgument, run: update(account, orm.M{"Owner": secret, "Version": 1})},
		{name: "bulk update with half of the key", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.BulkUpdate[OrderLine](b.ctx, b.s, []orm.M{{"OrderID": 1, "SKU": secret}}))
		}},
		{name: "bulk update of an object without a key", kind: orm.ErrArgument, run: func(b *bench) error { return errOf(orm.BulkUpdate[User](b.ctx, b.s, []*User{{Name: secret}})) }},
		{name: "bulk update without the version", kind: orm.ErrArgument, run: update(orm.M{"ID": 1, "Owner": secret})},
		{name: "bulk update of a row that comes twice", kind: orm.ErrArgument, run: update(account, orm.M{"ID": 2, "Version": 1, "Owner": "x"}, account)},
		{name: "bulk update of an unknown name", kind: orm.ErrUnknownName, run: update(orm.M{"ID": 1, "Version": 1, "Onwer": secret})},
		{name: "bulk update of a value of another type", kind: orm.ErrValue, run: update(orm.M{"ID": 1, "Version": 1, "Balance": secret})},
		{name: "bulk update of a key", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.BulkUpdate[User](b.ctx, b.s, []*User{{ID: 1}}, orm.BulkColumns(&badUser.ID)))
		}},
		{name: "bulk update of the session's object", kind: orm.ErrArgument, run: func(b *bench) error {
			u := &User{ID: 90, Name: secret}
			b.s.Add(u)
			return errOf(orm.BulkUpdate[User](b.ctx, b.s, []*User{u}))
		}},
		{name: "bulk upsert without a conflict", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.BulkUpsert[User](b.ctx, b.s, orm.Insert(badUser), []orm.M{good}))
		}},
		{name: "bulk upsert with rows of its own", kind: orm.ErrArgument, run: func(b *bench) error {
			return errOf(orm.BulkUpsert[User](b.ctx, b.s, orm.Insert(badUser).Values(good).OnConflict(&badUser.Email).DoNothing(), []orm.M{good}))
		}},
	}
}
