/*
Package orm maps Go structs to the tables of a database: a unit of work with an
identity map, over an SQL expression language, on SQLite, PostgreSQL and
MySQL/MariaDB. Its model is SQLAlchemy, its manners are Go's.

There are five nouns, each the answer to a question:

  - [Registry]: what is mapped to what. Structs that embed [Base] are tables.
  - [Session]: which objects, in which transaction. It sees what was changed.
  - [Query] and [Select]: how to ask. Statements are immutable values.
  - [Engine]: where the database is. It owns the connections.
  - [Dialect]: how the database spells. Import the ones that you use.

Every call that may read or write takes a context first and returns an error.

# Start

A struct embeds Base; its fields are columns, a pointer is a column that may be
NULL, and the field ID is the key unless another is tagged. Registering checks
every struct and tag, and reports all mistakes at once. [ParseURL] has the forms
of a URL.

	type User struct {
		orm.Base `orm:"table:users"`
		ID       int64
		Name     string `orm:"size:50"`
		Age      *int
	}

	models := orm.MustRegister(&User{})
	engine, err := orm.Open("sqlite:///:memory:")
	err = models.CreateAll(ctx, engine)

# Change

Objects are added to a session. Commit writes what is new, what was changed, and
what is to be deleted, in one transaction, and writes keys and defaults back.

	s := orm.NewSession(engine)
	defer s.Close()
	ed := &User{Name: "ed"}
	s.Add(ed)
	err = s.Commit(ctx)   // INSERT INTO users (name, age) VALUES (?, ?)
	ed.Name = "edward"
	err = s.Commit(ctx)   // UPDATE users SET name = ? WHERE id = ?

There is nothing to call when a field is assigned: a session compares its
objects with what their rows held. Rollback undoes a transaction in the database
and in memory. A zero in a column with a default means the default; see
[Explicit].

# Query

An entity reference is the one object whose field addresses name columns. The
compiler checks names and types; no code is generated.

	u := orm.Entity[User]()
	users, err := orm.Query[User](s).
		Filter(orm.C(&u.Name).StartsWith("e"), orm.N(&u.Age).IsNull()).
		OrderBy(orm.C(&u.Name)).
		Limit(10).
		All(ctx)

A row of a query gives the object that the session holds already, if it does. A
query flushes first. [Get] answers from memory where it can, [Pluck] reads one
expression in place of objects, [EntityQuery.Iter] streams. No access to a field
ever reads: [Load] does.

# Relationships

A field that points to another struct is a relationship: a pointer leads to one
object, a slice or a map to many. The foreign key is found by its name or by the
tables. What an object leads to is saved with it; the tag says what is deleted with
it. A flush brings both sides in step, [Relate] does so at once.

	type User struct {
		orm.Base `orm:"table:users"`
		ID       int64
		Name     string  `orm:"size:50"`
		Posts    []*Post `orm:"back_populates:Author;order_by:ID"`
	}

	s.Add(&User{Name: "ed", Posts: []*Post{{Title: "hello"}, {Title: "goodbye"}}})
	ed, err := orm.Query[User](s).Filter(orm.C(&u.Name).Eq("ed")).Options(orm.SelectInLoad(&u.Posts)).One(ctx)

Nothing is loaded by looking at it. [Load] reads a relationship for all objects of a
result at once; [SelectInLoad], [JoinedLoad] and the other options read it with the
query. [Many] and [One] ask for what an object leads to; Join takes the field.

# Transactions

A session begins a transaction with its first statement and ends it with Commit
or Rollback. [Session.Nested] is a savepoint. [SessionFactory.Transact] runs a
function in a session of its own, and repeats it where a deadlock or the like is
to blame.

	err = sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		s.Add(&User{Name: "wendy"})
		return nil
	})

Errors are of one closed list on every database, each with its [ErrorKind]: a
caller asks errors.Is(err, [ErrUniqueViolation]), and an [IntegrityError] tells the
table, the columns and the constraint. After an error only a rollback is accepted.

# Without the ORM

Everything below works without a mapped struct: tables are defined by
[NewTable], statements run on an [Engine] or [Conn] by [Exec] and [Fetch], and
hand-written SQL is [Text]. [Compile] shows a statement without a database.

	names, err := orm.Fetch[string](ctx, engine, orm.Text("SELECT name FROM users WHERE id > ?", 0))

SQL text has a type of its own, [SQL]: constants convert by themselves, and no
string variable becomes SQL by accident.

# Reading the source

The package is one folder in layers. A file uses its own layer and those before
it; a test keeps it so.

	layer 0 ground: access, doc, errors, hooks, naming, toposort
	layer 1 expression: address, aggregate, array, attribute_name, base, coerce, expr, from, fulltext,
	  func, func_number, func_text, func_time, json, json_build, operator, predicate, range, row,
	  sample, source, spelling, window
	layer 2 schema: column, constraint, generated, metadata, table, view
	layer 3 statement: composite, correlate, criteria, cte, ddl, delete, hint, insert, join,
	  merge_into, path, select, setop, sourced, sqltext, synchronize, table_group, tablefunc, text,
	  update, upsert, values, walk
	layer 4 compile: compile_around, compile_cache, compile_composite, compile_criteria, compile_cte,
	  compile_ddl, compile_debug, compile_dml, compile_expr, compile_form, compile_from,
	  compile_fulltext, compile_func, compile_generated, compile_group, compile_inherited,
	  compile_json, compile_linked, compile_merge, compile_path, compile_select, compile_source,
	  compile_spelling, compile_template, compile_text, compile_upsert, compile_value, compile_view,
	  compile_window, compiled, compiler, ddl_plan, dialect, features, scope
	layer 5 execute: cartesian, classify, conn, conn_commit, conn_copy, conn_raw, conn_twophase,
	  conn_tx, connector, cursor, engine, engine_events, engine_options, exec_many, execution, fetch,
	  insert_exec, inspect, legs, logging, message, pool, result, route, route_shard, scan,
	  scan_fields, schema, schema_events, socket, socket_other, socket_unix, stmtcache, stream,
	  transact, tuple, url
	layer 6 map: attribute, column_property, composite_draft, composite_part, discriminator, field,
	  inheritance, inheritance_concrete, inheritance_draft, listeners, mapper, mapper_draft,
	  mapper_row, mapper_table, property, property_generated, registry, registry_convert,
	  registry_schema, relationship, relationship_config, relationship_draft, relationship_join,
	  relationship_link, relationship_overlap, relationship_path, tag, tag_value
	layer 7 track: columnset, downcast, evaluate, evaluate_like, evaluate_value, history, hybrid,
	  identity, relationship_proxy, relationship_where, state, unit
	layer 8 load: load, load_expression, load_joined, load_keys, load_lazy, load_optional, load_plan,
	  load_polymorphic, load_relation, load_route, load_select, load_selectin, load_stream,
	  load_subquery, load_untracked, option
	layer 9 flush: cascade, detour, keyfollow, keysync, makeway, persist, persist_expr,
	  persist_insert, persist_link, persist_part, persist_route, persist_update, persist_version,
	  position, reconcile, roworder, shape, unitofwork
	layer 10 session: bulk, bulk_insert, bulk_returning, bulk_update, events, events_execute,
	  events_flush, events_guard, events_session, future, query, query_clause, query_inherited,
	  query_interface, query_objects, query_source, query_statement, query_stream, query_write,
	  session, session_collection, session_factory, session_fetch, session_flush, session_guard,
	  session_load, session_merge, session_relate, session_route, session_shard, session_sync,
	  session_tx, sync_change, sync_match, validate

Where a lower layer needs something of a higher one, it goes through one of five
seams. Nodes do not write themselves: the compile layer switches on their types.
A field of a struct is a node that resolves itself late, when its struct is
registered. A Base holds its state without knowing its type. Hooks know nothing
but functions. A database is reached through the contracts of dialect.go and of
engine.go alone.
*/
package orm
