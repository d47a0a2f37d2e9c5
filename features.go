// This file is the capability form: each field is one question to a database.
// Code asks a question here; it never asks which database it is.

package orm

// Features answers what a database can do. The zero value is a database that
// has nothing but the SQL of 1992. A dialect fills the form in; what is not
// there gives a [CompileError] that names the feature.
type Features struct {
	// Limits.
	MaxIdentifier int // longest name in bytes
	MaxParams     int // most bound parameters in one statement

	// RETURNING.
	InsertReturning bool // INSERT … RETURNING
	UpdateReturning bool // UPDATE … RETURNING
	DeleteReturning bool // DELETE … RETURNING
	LateTriggers    bool // triggers fill columns in after RETURNING has told the row

	// Writing.
	MultiRowReturning bool // a multi-row INSERT … RETURNING gives keys that ascend in the order of the rows
	LastInsertID      bool // the driver reports the generated key of a single-row INSERT
	PreparedLoops     bool // no network lies in between: many rows are written fastest by one prepared statement in a loop
	DefaultValues     bool // INSERT … DEFAULT VALUES (else () VALUES ())
	DefaultKeyword    bool // DEFAULT as a value in VALUES
	OnConflict        bool // INSERT … ON CONFLICT … DO, with the row as excluded
	OnConstraint      bool // ON CONFLICT ON CONSTRAINT
	WhereForConflict  bool // INSERT … SELECT needs a WHERE before ON CONFLICT
	OnDuplicateKey    bool // INSERT … ON DUPLICATE KEY UPDATE, with the row as VALUES() (MySQL)
	Merge             bool // MERGE INTO … USING (PostgreSQL from 15 on)
	UpdateFrom        bool // UPDATE … FROM
	UpdateJoin        bool // UPDATE a JOIN b SET (MySQL)
	DeleteUsing       bool // DELETE FROM … USING
	DeleteJoin        bool // DELETE a FROM a JOIN b (MySQL)
	ValuesTable       bool // (VALUES …) AS t(a, b) in FROM
	ValuesColumns     bool // (VALUES …) in FROM, whose columns are column1, column2 and so on
	UnionRows         bool // SELECT ? AS a UNION ALL SELECT ? in FROM, in place of ValuesTable
	KeysAtEnd         bool // foreign keys are checked when a statement ends, and not row by row
	TypedValues       bool // parameters in VALUES need a cast to be of their column's type

	// Reading.
	NullsOrder       bool   // ORDER BY … NULLS FIRST | LAST
	DistinctOn       bool   // SELECT DISTINCT ON
	FullJoin         bool   // FULL OUTER JOIN
	ILike            bool   // the ILIKE operator
	LikeBackslash    bool   // LIKE takes a backslash for its escape character without being told
	Regexp           bool   // a regular expression operator
	DistinctFrom     bool   // IS [NOT] DISTINCT FROM
	AggregateFilter  bool   // count(*) FILTER (WHERE …)
	RowValues        bool   // (a, b) IN ((1, 2), …)
	RowNulls         bool   // IS NULL knows that (a, b) IN ((1, 2)) may be NULL
	RowValuesList    bool   // row values in IN need VALUES: (a, b) IN (VALUES (1, 2), …)
	RowOrder         bool   // (a, b) < (1, 2) and its like, which use an index and are NULL where they should be
	ForUpdate        bool   // SELECT … FOR UPDATE
	ForShare         bool   // SELECT … FOR SHARE
	NoWait           bool   // FOR UPDATE NOWAIT
	SkipLocked       bool   // FOR UPDATE SKIP LOCKED
	LockOf           bool   // FOR UPDATE OF t
	LocksIgnored     bool   // a lock clause is left out, for the whole database is locked anyway (SQLite)
	OffsetLimit      string // what LIMIT has to say when there is only an OFFSET; empty if it may be left out
	Intersect        bool   // INTERSECT and EXCEPT
	SetAll           bool   // INTERSECT ALL and EXCEPT ALL
	SetParens        bool   // members of a set operation may stand in parentheses
	WindowFunctions  bool   // OVER (…)
	FrameGroups      bool   // GROUPS BETWEEN … in a window
	FrameExclude     bool   // EXCLUDE … in a window
	GroupingSets     bool   // GROUP BY ROLLUP (…), CUBE (…), GROUPING SETS (…)
	WithRollup       bool   // GROUP BY … WITH ROLLUP
	RollupOrder      bool   // with an ORDER BY behind it
	GroupingFunction bool   // grouping(x)
	AggregateOrder   bool   // array_agg(x ORDER BY y)
	OrderedSets      bool   // percentile_cont(0.5) WITHIN GROUP (ORDER BY x)
	GroupConcat      bool   // group_concat(x ORDER BY y SEPARATOR ',') in place of string_agg(x, ',' ORDER BY y)
	GreatestSkips    bool   // greatest(a, b) leaves NULLs out, where it should be NULL
	JSONOrder        bool   // json_arrayagg(x ORDER BY y), in the database's spelling
	JSONContains     bool   // whether a JSON document contains another
	EmptyDocuments   bool   // what collects rows in JSON gives an empty document where there are none
	WithTies         bool   // FETCH FIRST … ROWS WITH TIES
	KeyLocks         bool   // FOR NO KEY UPDATE, FOR KEY SHARE
	LagDefault       bool   // lag(x, n, default)
	WaitingRows      bool   // the rows of a result can wait while another statement runs on the connection
	Lateral          bool   // LATERAL (SELECT …) in FROM
	TableFunctions   bool   // functions in FROM
	FunctionColumns  bool   // function(…) AS f (a, b) names the columns
	Ordinality       bool   // function(…) WITH ORDINALITY
	TableSample      bool   // TABLESAMPLE
	CTE              bool   // WITH [RECURSIVE]
	MaterializedCTE  bool   // WITH … AS [NOT] MATERIALIZED
	WritingCTE       bool   // INSERT, UPDATE and DELETE inside of WITH
	LeadingCTE       bool   // WITH before UPDATE and DELETE
	LeadingInsert    bool   // WITH before INSERT (else between INSERT and SELECT)

	// Schema.
	TransactionalDDL  bool // DDL is undone by ROLLBACK; without it DDL commits
	AlterConstraint   bool // ALTER TABLE … ADD and DROP CONSTRAINT
	IfExists          bool // CREATE … IF NOT EXISTS, DROP … IF EXISTS
	IndexIfExists     bool // CREATE INDEX IF NOT EXISTS
	DropIndexOnTable  bool // DROP INDEX … ON table
	PartialIndex      bool // CREATE INDEX … WHERE
	ExpressionIndex   bool // CREATE INDEX on an expression
	IndexUsing        bool // CREATE INDEX … USING method
	IndexUsingLast    bool // with USING behind the columns
	Comments          bool // COMMENT ON TABLE | COLUMN
	InlineComments    bool // COMMENT '…' inside CREATE TABLE
	Schemas           bool // CREATE SCHEMA, schema.table
	Enums             bool // columns of the type ENUM ('a', 'b')
	EnumTypes         bool // CREATE TYPE … AS ENUM, for enums that have a name
	DeferrableKeys    bool // DEFERRABLE INITIALLY DEFERRED foreign keys
	VirtualColumns    bool // computed columns that are not stored
	Identity          bool // GENERATED … AS IDENTITY columns
	Sequences         bool // CREATE SEQUENCE
	ReplaceView       bool // CREATE OR REPLACE VIEW
	TemporaryViews    bool // CREATE TEMPORARY VIEW
	ViewIfNotExists   bool // CREATE VIEW IF NOT EXISTS
	MaterializedViews bool // CREATE MATERIALIZED VIEW
	NextvalText       bool // nextval takes the name of a sequence as a text

	// Transactions.
	Savepoints     bool     // SAVEPOINT, ROLLBACK TO
	Isolation      []string // the isolation levels that can be asked for, as SQL writes them
	ReadOnlyTx     bool     // read-only transactions
	DeferrableTx   bool     // DEFERRABLE transactions
	HoldsTxOnError bool     // after a failed statement the others of the transaction stand; without it only ROLLBACK is accepted

	// Values.
	NaN         bool // a float column holds NaN and the infinities
	BinaryText  bool // texts are equal if their bytes are, whatever the usual collation
	ASCIICase   bool // lower and upper change the letters A to Z, and no others
	NativeTimes bool // dates and times are no text, so that equal instants are equal values
}
