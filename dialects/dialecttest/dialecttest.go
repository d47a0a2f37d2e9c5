// This file is the suite's front: what the author of a dialect tells about the
// database, and the one function that runs everything.

// Package dialecttest is the compliance suite of dialects. A dialect is one that
// passes it:
//
//	func TestCompliance(t *testing.T) {
//		dialecttest.Run(t, dialecttest.Config{
//			Open: func(t *testing.T) *orm.Engine { … },
//		})
//	}
//
// The suite asks the dialect's [orm.Features] what the database can do. What it
// lacks has to be refused with an [orm.ErrUnsupported]; where there is nothing to
// refuse, the case is skipped. What the database cannot do although no feature
// says so is listed in Config.Missing, with the reason. Everything else has to
// work, on every database in the same way.
//
// Cases are called "topic/name". With -v the suite ends with the list of all
// that was not run.
package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
)

// Config is the database under test.
type Config struct {
	// Open returns an engine on an empty database, and has t remove the database
	// when it ends. The suite closes the engine before that. It is called once for
	// each topic, for several of them at the same time.
	Open func(t *testing.T) *orm.Engine

	// Server is the SQL that no two databases spell alike.
	Server Server

	// Tells says which names the database puts into an error, by its kind. The
	// table of the statement is always there.
	Tells map[orm.ErrorKind]Names

	// Missing lists the cases that the database cannot pass.
	Missing []Exemption
}

// Exemption is a case that is not run, and why. One that names no case, or one
// that the features leave out anyway, is an error.
type Exemption struct{ Case, Reason string }

// Names are the names that an error has. Where the database does not tell a name,
// the error has none: nothing is guessed.
type Names struct {
	Constraint bool
	Columns    bool
}

// Server is SQL that no two databases spell alike. A case whose text is missing
// fails, unless Config.Missing lists it.
type Server struct {
	// Raise makes a trigger on the table guarded(id, name) that refuses every
	// new row with an error of the trigger's own.
	Raise []orm.SQL

	// Sleep is a query that runs for at least ten seconds.
	Sleep orm.SQL

	// ConnectionID is a query for the number of the connection, as a whole
	// number. Kill is what an administrator ends that connection with, and Alive a
	// query for how many connections have the number.
	ConnectionID orm.SQL
	Kill         func(id int64) orm.SQL
	Alive        func(id int64) orm.SQL

	// ImpatientLocks has a connection give up after a second, or sooner, when it
	// waits for a lock.
	ImpatientLocks orm.SQL

	// Snapshot is the isolation level at which it is a serialization failure to
	// change a row that somebody else has changed since the transaction began.
	// SnapshotSetup, if any, is sent to both connections before.
	Snapshot      string
	SnapshotSetup orm.SQL
}

// topics are all that the suite looks at, each in a file of its own.
var topics = []topic{
	{"connect", connectChecks},
	{"ddl", ddlChecks},
	{"inspect", inspectChecks},
	{"types", typeChecks},
	{"literals", literalChecks},
	{"insert", insertChecks},
	{"rowcount", rowCountChecks},
	{"update", updateChecks},
	{"select", selectChecks},
	{"in", inChecks},
	{"like", likeChecks},
	{"setop", setOperationChecks},
	{"window", windowChecks},
	{"group", groupChecks},
	{"cte", cteChecks},
	{"from", fromChecks},
	{"upsert", upsertChecks},
	{"merge", mergeChecks},
	{"cursor", cursorChecks},
	{"expression", expressionChecks},
	{"json", jsonChecks},
	{"array", arrayChecks},
	{"transaction", transactionChecks},
	{"savepoint", savepointChecks},
	{"isolation", isolationChecks},
	{"errors", errorChecks},
	{"identifiers", identifierChecks},
	{"cancel", cancelChecks},
	{"lock", lockChecks},
	{"batch", batchChecks},
	{"prepared", preparedChecks},
}

// Run tests a dialect against a database. Topics run in parallel, each on a
// database of its own.
func Run(t *testing.T, c Config) {
	s := &suite{config: &c, cases: casesOf(topics)}
	t.Run("exemptions", s.checkExemptions)
	t.Cleanup(func() { s.report(t) })
	for i := range topics {
		t.Run(topics[i].name, func(t *testing.T) {
			t.Parallel()
			s.run(t, &topics[i])
		})
	}
}
