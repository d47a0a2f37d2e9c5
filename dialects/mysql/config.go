// This file holds the settings of a connection: those that the library's
// promises rest on, and what a URL may say beside them.

package mysql

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/aurum-go/orm"
)

// refused are options that would undo a promise, with the reason. Each may be
// given with the value that it has anyway.
var refused = map[string]struct{ value, reason string }{
	"interpolateParams": {"false", "values never become a part of the statement's text"},
	"multiStatements":   {"false", "a text is one statement"},
	"clientFoundRows":   {"true", "stale rows are noticed by the number of rows that were found"},
	"parseTime":         {"true", "times would arrive as text"},
	"loc":               {"UTC", "times are stored in UTC"},
	"time_zone":         {"'+00:00'", "times are stored in UTC"},
	"strict":            {"", "strict mode is always on"},
}

// Connector returns the driver's connector for the URL.
func (dialect) Connector(u *orm.URL, dial orm.DialFunc) (driver.Connector, error) {
	settings, err := config(u, dial)
	if err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, fmt.Errorf("orm: open mysql: %w", err)
	}
	return connector, nil
}

// config is the URL in the driver's form.
func config(u *orm.URL, dial orm.DialFunc) (*mysql.Config, error) {
	query := u.Query()
	socket := query.Get("unix_socket")
	query.Del("unix_socket")
	c, err := options(query)
	if err != nil {
		return nil, err
	}
	c.User, c.DBName = u.User(), u.Database()
	c.Passwd, _ = u.Password()
	c.Net, c.Addr = "tcp", net.JoinHostPort(cmp.Or(u.Host(), "127.0.0.1"), strconv.Itoa(cmp.Or(u.Port(), 3306)))
	if socket != "" {
		c.Net, c.Addr = "unix", socket
	}
	c.DialFunc = dial
	return c, nil
}

// options reads the options of a URL, and sets what is the same for all.
func options(query url.Values) (*mysql.Config, error) {
	for option := range query {
		if r, ok := refused[option]; ok && query.Get(option) != r.value {
			return nil, urlError("the option "+option+" is refused: "+r.reason, nil)
		}
	}
	query.Del("time_zone")
	query.Del("strict")
	c, err := mysql.ParseDSN("/?" + query.Encode())
	if err != nil {
		return nil, urlError("the driver refuses an option of the URL", err)
	}
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	c.Params["time_zone"] = "'+00:00'"
	c.Params["sql_mode"] = strictMode(c.Params["sql_mode"])
	c.ClientFoundRows, c.ParseTime, c.Loc = true, true, time.UTC
	if !query.Has("maxAllowedPacket") {
		c.MaxAllowedPacket = 0 // what the server takes: it cuts the connection of who sends more
	}
	// The driver's log repeats what its errors say.
	c.Logger = &mysql.NopLogger{}
	if !query.Has("charset") {
		err = c.Apply(mysql.Charset("utf8mb4", c.Collation))
	}
	return c, err
}

// strictMode adds to a mode, as an expression of SQL, what has the server
// refuse a value that it would otherwise change. Backslashes have to escape,
// as literals and LIKE are written for that.
func strictMode(base string) string {
	return "concat(replace(" + cmp.Or(base, "@@sql_mode") + ", 'NO_BACKSLASH_ESCAPES', ''), " +
		"',STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION')"
}

func urlError(reason string, cause error) error {
	return &orm.UsageError{Kind: orm.ErrURL, Op: "open", Subject: "mysql", Reason: reason, Err: cause}
}
