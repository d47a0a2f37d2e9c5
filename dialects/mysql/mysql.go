// This file is the dialect's front: its name, what MySQL and MariaDB can do,
// how names and literals are quoted, and how a transaction begins.

// Package mysql is the dialect of MySQL from version 8.0 and of MariaDB from
// 10.5 on, on the driver github.com/go-sql-driver/mysql. A program imports it
// for its effect and opens a URL:
//
//	import _ "github.com/aurum-go/orm/dialects/mysql"
//
//	engine, err := orm.Open("mysql://user:password@host:3306/database")
//
// At the first connection the server is asked which of the two it is, and of
// what version. Until then, and for [orm.Compile], it is taken for MySQL 8.4.
//
// Every connection is in strict mode, in UTC, and in the character set utf8mb4.
// An UPDATE reports the rows that it found, changed or not. The options behind
// the question mark are those of the driver (tls, timeout, readTimeout …);
// those that would undo any of this are refused. The server is asked for its
// max_allowed_packet, and nothing larger is sent. The path of a socket is given
// as the option unix_socket.
package mysql

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aurum-go/orm"
)

func init() { orm.RegisterDialect(dialect{features: mysql8()}, "mysql", "mariadb") }

// dialect is one of the two servers. The differences are in the features, but
// for what they say of defaults and checks.
type dialect struct {
	orm.StandardDialect
	features orm.Features
	mariaDB  bool
}

// mysql8 is the form of MySQL 8.4.
func mysql8() orm.Features {
	return orm.Features{
		MaxIdentifier: 64, MaxParams: 65535,
		LastInsertID: true, DefaultKeyword: true, OnDuplicateKey: true, UpdateJoin: true, DeleteJoin: true, UnionRows: true,
		LikeBackslash: true, Regexp: true, DistinctFrom: true, RowValues: true,
		ForUpdate: true, ForShare: true, NoWait: true, SkipLocked: true, LockOf: true,
		OffsetLimit: "18446744073709551615", Intersect: true, SetAll: true, SetParens: true, WindowFunctions: true, WithRollup: true, RollupOrder: true, GroupingFunction: true, GroupConcat: true, JSONContains: true, CTE: true, LeadingCTE: true, Lateral: true,
		LagDefault:     true,
		VirtualColumns: true, ReplaceView: true, AlterConstraint: true, IfExists: true, DropIndexOnTable: true, ExpressionIndex: true, IndexUsing: true, IndexUsingLast: true, InlineComments: true, Schemas: true, Enums: true,
		Savepoints: true, ReadOnlyTx: true, HoldsTxOnError: true, NativeTimes: true,
		Isolation: []string{"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"},
	}
}

// mariaDB10 is the form of MariaDB 10.5.
func mariaDB10() orm.Features {
	f := mysql8()
	f.InsertReturning, f.DeleteReturning, f.MultiRowReturning = true, true, true
	f.IndexIfExists, f.JSONOrder, f.Sequences, f.ViewIfNotExists = true, true, true, true
	f.ForShare, f.LockOf, f.SkipLocked, f.ExpressionIndex, f.LagDefault = false, false, false, false, false
	f.RollupOrder, f.GroupingFunction = false, false
	f.LeadingCTE, f.Lateral = false, false
	return f
}

// The optional contracts, which the library finds by type assertion: a method
// that does not fit would go unnoticed.
var (
	_ orm.Opener                 = dialect{}
	_ orm.ServerProber           = dialect{}
	_ orm.StaleStatementDetector = dialect{}
	_ orm.Beginner               = dialect{}
	_ orm.TwoPhaser              = dialect{}
	_ orm.ErrorClassifier        = dialect{}
	_ orm.Introspector           = dialect{}
	_ orm.LiteralQuoter          = dialect{}
	_ orm.CastTyper              = dialect{}
	_ orm.ValueBinder            = dialect{}
	_ orm.FunctionRenderer       = dialect{}
	_ orm.DateRenderer           = dialect{}
	_ orm.ExtractRenderer        = dialect{}
	_ orm.MatchRenderer          = dialect{}
	_ orm.JSONBuilder            = dialect{}
	_ orm.JSONRenderer           = dialect{}
	_ orm.OperatorRenderer       = dialect{}
	_ orm.ColumnRenderer         = dialect{}
	_ orm.TableOptionRenderer    = dialect{}
)

func (dialect) Name() string { return "mysql" }

func (d dialect) Features() orm.Features { return d.features }

func (dialect) QuoteIdent(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// QuoteLiteral doubles backslashes as well, which would otherwise escape.
func (dialect) QuoteLiteral(text string) string {
	return "'" + literalEscaper.Replace(text) + "'"
}

var literalEscaper = strings.NewReplacer(`'`, `''`, `\`, `\\`)

// Probe asks the server for its version, as "8.4.3" or "10.11.6-MariaDB".
func (d dialect) Probe(ctx context.Context, query func(context.Context, orm.SQL) ([]string, error)) (orm.Dialect, error) {
	answer, err := query(ctx, "SELECT VERSION()")
	if err != nil || len(answer) == 0 {
		return d, err
	}
	return forVersion(answer[0]), nil
}

func forVersion(text string) dialect {
	v := versionOf(text)
	if strings.Contains(strings.ToLower(text), "mariadb") {
		f := mariaDB10()
		f.SkipLocked, f.WithTies = !v.before(version{10, 6, 0}), !v.before(version{10, 6, 0})
		if v.before(version{10, 5, 0}) {
			f.InsertReturning, f.MultiRowReturning = false, false
		}
		return dialect{features: f, mariaDB: true}
	}
	f := mysql8()
	f.Intersect = !v.before(version{8, 0, 31})
	f.SetAll = f.Intersect
	f.Lateral = !v.before(version{8, 0, 14})
	f.SetParens = !v.before(version{8, 0, 22})
	f.ExpressionIndex = !v.before(version{8, 0, 13})
	return dialect{features: f}
}

// version is major, minor and patch.
type version [3]int

// versionOf reads the numbers at the front. Old clients had MariaDB put
// "5.5.5-" before them.
func versionOf(text string) version {
	var v version
	text = strings.TrimPrefix(text, "5.5.5-")
	for i, part := range strings.SplitN(text, ".", 3) {
		if end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			part = part[:end]
		}
		v[i], _ = strconv.Atoi(part)
	}
	return v
}

func (v version) before(other version) bool { return slices.Compare(v[:], other[:]) < 0 }

// TwoPhaseSQL has XA in place of the transaction.
func (dialect) TwoPhaseSQL(step orm.TwoPhaseStep, xid string, _ orm.SQL) []orm.SQL {
	name := orm.SQL(" '" + xid + "'")
	switch step {
	case orm.TwoPhaseBegin:
		return []orm.SQL{"XA START" + name}
	case orm.TwoPhasePrepare:
		return []orm.SQL{"XA END" + name, "XA PREPARE" + name}
	case orm.TwoPhaseCommit:
		return []orm.SQL{"XA COMMIT" + name}
	case orm.TwoPhaseRollback:
		return []orm.SQL{"XA ROLLBACK" + name}
	}
	return []orm.SQL{"XA END" + name, "XA ROLLBACK" + name}
}

// PreparedSQL lists the prepared transactions of the server.
func (dialect) PreparedSQL() orm.SQL { return "XA RECOVER" }

// BeginSQL sets the isolation level for the one transaction that follows.
func (dialect) BeginSQL(o orm.TxOptions) ([]orm.SQL, error) {
	var statements []orm.SQL
	if o.Isolation != "" {
		statements = append(statements, orm.SQL("SET TRANSACTION ISOLATION LEVEL "+o.Isolation))
	}
	if o.ReadOnly {
		return append(statements, "START TRANSACTION READ ONLY"), nil
	}
	return append(statements, "START TRANSACTION"), nil
}
