// This file lets a caller past this library, down to database/sql, without
// leaving the transaction.

package orm

import (
	"context"
	"database/sql"
)

// Raw hands the connection of database/sql to a function, within the
// transaction of the Conn, which begins if none is open. What the function sends
// reaches the driver untouched, with the driver's own placeholders, and is
// neither logged nor seen by listeners. It must not begin or end a transaction,
// and must close the rows that it opens. An error of the function fails the
// transaction, as an error of a statement does, and is returned as the
// [DBError] that it is to the database, or as it is.
func (c *Conn) Raw(ctx context.Context, work func(conn *sql.Conn) error) error {
	if err := c.enter("use the raw connection", true); err != nil {
		return err
	}
	defer c.leave()
	cc := &Compiled{op: "raw"}
	if err := c.admit(ctx, cc); err != nil {
		return err
	}
	err := work(c.raw)
	c.calling = false
	if err == nil {
		return nil
	}
	if details := detailsOf(c.engine.Dialect(), err); details.Code == "" && !isGone(err) {
		err = ownError{err}
	}
	return c.judge(ctx, cc, err)
}
