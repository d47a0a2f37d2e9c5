/*
Package softdelete has objects stay in the database when they are deleted. A struct
that embeds [Columns] gets a time at which it was deleted; Delete of a session sets
it, and criteria hide such rows from all that is read.

	type Note struct {
		orm.Base `orm:"table:notes"`

		ID   int64
		Text string
		softdelete.Columns
	}

	sessions := orm.NewSessionFactory(engine, softdelete.Hide())
	softdelete.Listen(sessions)

What is deleted with an object by a cascade goes only if the object itself does: a
note that is deleted softly keeps what belongs to it. DELETE statements of the user
delete rows for good.
*/
package softdelete

import (
	"context"
	"time"

	"github.com/aurum-go/orm"
)

// Columns are what a struct needs to be deleted softly.
type Columns struct {
	DeletedAt *time.Time `orm:"index"`
}

// IsDeleted reports whether the object was deleted. It emits no SQL.
func (c *Columns) IsDeleted() bool { return c.DeletedAt != nil }

// Restore takes the deletion back; the next flush writes it. It emits no SQL.
func (c *Columns) Restore() { c.DeletedAt = nil }

func (c *Columns) delete(at time.Time) { //nolint:unused // structs that embed Columns have it
	if c.DeletedAt == nil {
		c.DeletedAt = &at
	}
}

// deletable is an object that embeds Columns.
type deletable interface {
	orm.Model
	delete(at time.Time)
}

// Criteria are the criteria that hide what was deleted, for a statement or query.
func Criteria() orm.Criteria {
	return orm.CriteriaFor(func(c *Columns) orm.Expr[bool] { return orm.N(&c.DeletedAt).IsNull() })
}

// Hide has a session not see what was deleted, but for queries that say
// WithoutCriteria: "… WHERE notes.deleted_at IS NULL".
func Hide() orm.SessionOption { return orm.WithCriteria(Criteria()) }

// Listen has sessions of a factory set the time where Delete would delete the row:
//
//	UPDATE notes SET deleted_at = ? WHERE notes.id = ?
//
// The objects stay in the session. The function that it returns ends it.
func Listen(sessions *orm.SessionFactory) (remove func()) {
	return sessions.Events().BeforeFlush(func(_ context.Context, s *orm.Session) error {
		for _, m := range s.Deleted() {
			if d, ok := m.(deletable); ok {
				s.Add(m) // it is not to be deleted after all
				d.delete(time.Now())
			}
		}
		return nil
	})
}
