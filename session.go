// This file holds the Session: the objects of one unit of work, and what users
// do with them. session_tx.go has its transactions, session_load.go its reads.

package orm

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
)

// Session is a unit of work: it holds objects, one for each row, sees what was
// changed, and writes it within a transaction. It takes a connection when it
// first needs one, and gives it back at Commit, Rollback and Close.
//
// A Session belongs to one goroutine. Use by two at once is refused with
// [ErrConcurrentUse]; there is no race.
type Session struct {
	unit
	options  sessionOptions
	mistakes []error
	busy     atomic.Bool                // held by the call that is under way
	writing  atomic.Bool                // which is sending a flush
	misuse   atomic.Pointer[UsageError] // what another goroutine did meanwhile
	open     atomic.Bool                // a transaction is
	saved    bool                       // something was committed
	closed   bool

	lazyLoads map[*relationship]int // of this transaction, if anybody counts them

	shared  *SessionEvents         // of the factory, or nil
	own     *SessionEvents         // or nil
	moment  atomic.Pointer[moment] // listeners are being called
	flushed *flushView             // what a flush has just written, for those who listen to that
}

type sessionOptions struct {
	registry     *Registry
	conn         *Conn
	tx           []TxOption
	noAutoflush  bool
	noAutobegin  bool
	keepOnCommit bool
	lazy         lazyLimits
	strict       *bool // nil: as the engine is
	criteria     []Criteria
	router       *router // or nil, with one engine
	twoPhase     bool
	mistakes     []error // of options
}

// SessionOption sets up a [Session].
type SessionOption func(*sessionOptions)

// WithRegistry maps structs as the registry does, where a struct is in several.
func WithRegistry(r *Registry) SessionOption { return func(o *sessionOptions) { o.registry = r } }

// Autoflush says whether queries flush first, which is the default.
func Autoflush(on bool) SessionOption { return func(o *sessionOptions) { o.noAutoflush = !on } }

// Autobegin says whether the first statement begins a transaction, which is the
// default; without it Begin has to.
func Autobegin(on bool) SessionOption { return func(o *sessionOptions) { o.noAutobegin = !on } }

// ExpireOnCommit says whether objects are stale after a commit, so that the
// next query, Get or Load that meets their rows reads them again. That is the
// default.
func ExpireOnCommit(on bool) SessionOption { return func(o *sessionOptions) { o.keepOnCommit = !on } }

// StrictMode says for one session what [Strict] says for an engine: whether a
// statement of which nothing connects the items of FROM is refused. Without it a
// session is as its engine is.
func StrictMode(on bool) SessionOption { return func(o *sessionOptions) { o.strict = &on } }

// WithCriteria has criteria hold in every statement of the session, whoever makes
// it: queries, [Get], Refresh, [Load] and what options load, joins and subqueries,
// [Fetch] and [Exec], and the rows that an [Update] or [Delete] finds. An object
// of such a struct is never taken from memory without asking. SQL text is as it
// is.
//
// They are no condition on what a flush writes: the rows of the session's objects
// are found by their keys, and what has to go with a deleted object goes, whether
// it can be seen or not.
//
//	deleted := orm.CriteriaFor(func(d *SoftDelete) orm.Expr[bool] { return orm.N(&d.DeletedAt).IsNull() })
//	s := orm.NewSession(engine, orm.WithCriteria(deleted))
func WithCriteria(criteria ...Criteria) SessionOption {
	return func(o *sessionOptions) { o.criteria = append(slices.Clip(o.criteria), criteria...) }
}

// WithTx gives the session's transactions options: an isolation level, say, or
// [ReadOnly].
func WithTx(options ...TxOption) SessionOption {
	return func(o *sessionOptions) { o.tx = append(o.tx, options...) }
}

// WithConn has the session work on a connection of the caller, inside of the
// transaction that is open there: its Commit releases a savepoint, its Rollback
// goes back to it, and the caller's transaction goes on.
func WithConn(c *Conn) SessionOption { return func(o *sessionOptions) { o.conn = c } }

// NewSession returns a session on an engine. It takes no connection yet. Without
// an engine, what would need one is an [ErrArgument].
func NewSession(e *Engine, options ...SessionOption) *Session {
	s := &Session{unit: unit{engine: e, identity: identityMap{}, epoch: 1}}
	s.owner, s.watch = s, s
	for _, o := range options {
		if o == nil {
			s.mistakes = append(s.mistakes, nilOption("open session"))
			continue
		}
		o(&s.options)
	}
	s.criteria = s.options.criteria
	s.setRoutes()
	return s
}

// Engine returns the session's engine; with several ([Bind], [Shards]) its own, or
// else the first of the others.
func (s *Session) Engine() *Engine {
	if s.legs != nil {
		if known := s.legs.engines(); len(known) > 0 {
			return known[0]
		}
	}
	return s.engine
}

// enter begins a call, and refuses it where the session cannot work.
func (s *Session) enter(op string) error {
	if err := s.claim(op, false); err != nil {
		return err
	}
	err := s.ready(op)
	if err != nil {
		s.leave()
	}
	return err
}

// claim takes the session for one call. Two at once spoil the transaction if one
// of them writes, or if one is silent and cannot say that it was refused.
func (s *Session) claim(op string, silent bool) error {
	if err := s.moment.Load().refusal(op); err != nil {
		if silent {
			s.misuse.Store(err)
		}
		return err
	}
	if s.busy.CompareAndSwap(false, true) {
		return nil
	}
	err := concurrentUse(op)
	if silent || s.writing.Load() {
		s.misuse.Store(err)
	}
	return err
}

func (s *Session) leave() { s.busy.Store(false) }

// ready says why the session accepts nothing but a rollback.
func (s *Session) ready(op string) error {
	if misuse := s.misuse.Swap(nil); misuse != nil {
		s.fail(misuse)
		return misuse
	}
	switch {
	case s.closed:
		return closedError(op, "the session")
	case s.engine == nil:
		return nilArgument(op, "engine")
	case s.failure != nil:
		return &UsageError{Kind: ErrTxFailed, Op: op, Reason: "the transaction has failed", Advice: "roll it back first", Err: s.failure}
	case s.legs != nil:
		return s.legs.refusal(op)
	case s.conn == nil:
		return nil
	case s.options.conn != nil && !slices.Contains(s.conn.savepoints, s.frames[0].savepoint):
		return s.conn.savepointGone(op)
	}
	return s.conn.refusal(op)
}

func concurrentUse(op string) *UsageError {
	return &UsageError{Kind: ErrConcurrentUse, Op: op, Subject: "session", Reason: "another call is using it", Advice: "give each goroutine a session of its own"}
}

// note is enter, work and leave for a method that returns no error. What is
// wrong is kept, and comes out of the next call that can return it.
func (s *Session) note(op string, work func() error) {
	if s.claim(op, true) != nil {
		return
	}
	defer s.leave()
	if s.closed {
		return
	}
	if err := work(); err != nil {
		s.mistakes = append(s.mistakes, err)
	}
}

// each does something to every one of the objects, and returns what went wrong.
func each(objects []Model, do func(Model) error) error {
	var problems []error
	for _, m := range objects {
		if err := do(m); err != nil {
			problems = append(problems, err)
		}
	}
	return joinErrors(problems)
}

// mapperOf returns how the session maps a struct.
func (s *Session) mapperOf(t reflect.Type) (*Mapper, error) {
	if s.options.registry != nil {
		return s.options.registry.mapperOf(t)
	}
	return mapperFor(t)
}

// mapperOfModel is mapperOf for an object, and refuses what is none.
func (s *Session) mapperOfModel(m Model) (*Mapper, error) {
	no := func(reason, advice string) (*Mapper, error) {
		return nil, &UsageError{Kind: ErrArgument, Op: "use", Subject: fmt.Sprintf("%T", m), Reason: reason, Advice: advice}
	}
	v := reflect.ValueOf(m)
	switch {
	case isNil(m):
		return no("the object is nil", "give an object of your own, as &User{}")
	case v.Kind() != reflect.Pointer:
		return no("it is not a pointer to a struct", "")
	}
	if _, _, isReference := addresses.find(v.Pointer()); isReference {
		return no("it is an entity reference, and no object", "give an object of your own, as &"+v.Type().Elem().Name()+"{}")
	}
	return s.mapperOf(v.Type().Elem())
}

// Add puts objects into the session; the next flush inserts those that have no
// row yet. A detached object is taken back with its row; one that was read
// without being held ([EntityQuery.Untracked]) is written as a whole, for nobody
// knows what was changed in it. It emits no SQL.
//
// An object that cannot be added (of another session, of a struct that is not
// registered) is an error of every Flush, Commit and query until Rollback.
func (s *Session) Add(objects ...Model) {
	s.note("add", func() error { return each(objects, s.add) })
}

// AddAll adds the objects of a slice.
func AddAll[T any, P modelOf[T]](s *Session, objects []P) { s.Add(asModels(objects)...) }

// modelOf is a pointer to a struct that embeds [Base].
type modelOf[T any] interface {
	*T
	Model
}

func asModels[T any, P modelOf[T]](objects []P) []Model {
	models := make([]Model, len(objects))
	for i, o := range objects {
		models[i] = o
	}
	return models
}

// add adds an object, and what its relationships lead to by save-update.
func (s *Session) add(m Model) error {
	mapper, err := s.mapperOfModel(m)
	if err == nil {
		err = s.addOne(m, mapper)
	}
	if err != nil || len(mapper.rels) == 0 {
		return err
	}
	return s.saveFrom([]*instance{instanceOf(m)}, false)
}

func (s *Session) addOne(m Model, mapper *Mapper) error {
	inst := s.instance(m, mapper)
	switch {
	case inst == nil:
		return s.addUnknown(m, mapper)
	case inst.unit != nil && inst.unit != &s.unit:
		return &UsageError{Kind: ErrOtherSession, Op: "add", Subject: mapper.name, Reason: "the object belongs to another session", Advice: "expunge it there first"}
	case inst.state == Deleted:
		return &UsageError{Kind: ErrArgument, Op: "add", Subject: mapper.name, Reason: "the object was deleted in this transaction", Advice: "add a copy"}
	case inst.rowless():
		s.makePending(&instance{mapper: mapper, object: inst.object})
	case inst.state == Detached:
		return s.attach(inst)
	case inst.doomed:
		inst.doomed = false
		s.doomed = slices.DeleteFunc(s.doomed, func(d *instance) bool { return d == inst })
	}
	return nil
}

// instance returns what is known of an object, also if it has lost its link.
func (s *Session) instance(m Model, mapper *Mapper) *instance {
	if linkOf(m) != nil {
		return instanceOf(m)
	}
	inst := s.find(mapper, modelPointer(m))
	if inst != nil {
		inst.link()
	}
	return inst
}

// addUnknown adds a struct that no session knows: a new object, or one that
// was read without being held.
func (s *Session) addUnknown(m Model, mapper *Mapper) error {
	inst := &instance{mapper: mapper, object: modelPointer(m)}
	link, read := linkOf(m).(*untracked)
	if !read {
		s.makePending(inst)
		return nil
	}
	return s.attach(s.adopted(mapper, inst.object, link))
}

// Delete marks objects for deletion; the next flush deletes their rows. It
// emits no SQL. An object without a row is an [ErrNotPersistent] of every Flush,
// Commit and query until Rollback.
func (s *Session) Delete(objects ...Model) {
	s.note("delete", func() error { return each(objects, s.doom) })
}

// DeleteAll marks the objects of a slice for deletion.
func DeleteAll[T any, P modelOf[T]](s *Session, objects []P) { s.Delete(asModels(objects)...) }

func (s *Session) doom(m Model) error {
	mapper, err := s.mapperOfModel(m)
	if err != nil {
		return err
	}
	inst := s.instance(m, mapper)
	_, read := linkOf(m).(*untracked)
	switch {
	case inst == nil && !read, inst != nil && (inst.state == Pending || inst.rowless()):
		return &UsageError{Kind: ErrNotPersistent, Op: "delete", Subject: mapper.name, Reason: "the object has no row", Advice: "expunge it if it was only added"}
	case inst == nil || inst.unit != &s.unit:
		if err := s.add(m); err != nil {
			return err
		}
		inst = instanceOf(m)
	}
	if inst.state == Persistent && !inst.doomed {
		inst.doomed = true
		s.doomed = append(s.doomed, inst)
	}
	return nil
}

// Expunge takes objects out of the session, with what was changed in them: a
// persistent object is then detached, a pending one transient. What they lead to
// goes with them along relationships with the cascade expunge. It emits no SQL.
func (s *Session) Expunge(objects ...Model) {
	s.note("expunge", func() error {
		return each(objects, func(m Model) error {
			inst := instanceOf(m)
			if inst == nil || inst.unit != &s.unit {
				return notHeld("expunge", m, "the session does not hold the object", "")
			}
			s.expunge(s.along(inst, cascadeExpunge)...)
			return nil
		})
	})
}

// ExpungeAll takes all objects out of the session. It emits no SQL.
func (s *Session) ExpungeAll() {
	s.note("expunge all", func() error { s.expungeAll(); return nil })
}

// New returns the objects that the next flush inserts, in the order in which
// they were added. It emits no SQL.
func (s *Session) New() []Model {
	return s.models("new", func() []*instance {
		if s.flushed != nil {
			return s.flushed.added
		}
		return s.pending
	})
}

// Dirty returns the objects whose columns or relationships differ from their rows. It compares
// now; an assignment of an equal value is no change. It emits no SQL.
func (s *Session) Dirty() []Model {
	return s.models("dirty", func() []*instance {
		if s.flushed != nil {
			return s.flushed.dirty
		}
		return s.dirty()
	})
}

// Deleted returns the objects whose rows the next flush deletes. It emits no
// SQL.
func (s *Session) Deleted() []Model {
	return s.models("deleted", func() []*instance {
		if s.flushed != nil {
			return s.flushed.deleted
		}
		return s.doomed
	})
}

func (s *Session) models(op string, list func() []*instance) (models []Model) {
	s.note(op, func() error {
		for _, inst := range list() {
			models = append(models, inst.model())
		}
		return nil
	})
	return models
}

// SessionOf returns the session that holds the object, or nil.
func SessionOf(m Model) *Session {
	if inst := instanceOf(m); inst != nil && inst.unit != nil {
		return inst.unit.owner.(*Session)
	}
	return nil
}

// Contains reports whether the session holds the object, as a new one or for its
// row.
func (s *Session) Contains(m Model) (held bool) {
	s.note("look", func() error {
		inst := instanceOf(m)
		held = inst != nil && inst.unit == &s.unit && inst.state != Deleted
		return nil
	})
	return held
}

// IsModified reports whether an object of the session differs from its row. It
// emits no SQL.
func (s *Session) IsModified(m Model) (modified bool) {
	s.note("compare", func() error {
		inst := instanceOf(m)
		modified = inst != nil && inst.unit == &s.unit && (inst.state == Pending || inst.state == Persistent && (inst.isChanged() || inst.relationsChanged()))
		return nil
	})
	return modified
}

// Flush writes what is new, changed and deleted, within the session's
// transaction. A failed flush leaves nothing behind: the transaction can then
// only be rolled back. Where nothing changed it emits no SQL.
func (s *Session) Flush(ctx context.Context) error {
	if err := s.enter("flush"); err != nil {
		return err
	}
	defer s.leave()
	return s.flush(ctx)
}

// Expire drops what was changed in objects, or in the named fields of one, and
// has them read again by the next query, Get or Load that meets their rows. The
// fields keep their last known values until then. What the object leads to is
// expired as well along relationships with the cascade refresh-expire. It emits
// no SQL.
func (s *Session) Expire(m Model, fields ...any) {
	s.note("expire", func() error {
		inst, err := s.held("expire", m)
		if err != nil {
			return err
		}
		if len(fields) == 0 {
			for _, along := range s.along(inst, cascadeRefresh) {
				if err := s.expire(along); err != nil {
					return err
				}
			}
			return nil
		}
		fields = slices.DeleteFunc(slices.Clone(fields), func(field any) bool {
			r := inst.mapper.ownRelation(m, field)
			if r != nil {
				inst.revertRelation(r)
				inst.relation(r).epoch = 0
			}
			return r != nil
		})
		props, err := inst.mapper.fieldsOf(m, fields)
		for _, p := range props {
			inst.revertField(p)
			inst.expired = inst.expired.with(p.index)
		}
		return err
	})
}

func (i *instance) expire() {
	i.revert()
	i.epoch, i.explicit, i.exprs = 0, columnSet{}, nil
	for n := range i.rels {
		i.rels[n].epoch = 0
	}
}

// ExpireAll expires every object of the session.
func (s *Session) ExpireAll() {
	s.note("expire all", func() error {
		for _, table := range s.identity {
			for _, inst := range table.all {
				if err := s.expire(inst); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s *Session) expire(inst *instance) error {
	inst.expire()
	return tell(inst.mapper.tellExpired(), s, inst.object)
}

// held returns what is known of a persistent object of the session.
func (s *Session) held(op string, m Model) (*instance, error) {
	inst := instanceOf(m)
	switch {
	case inst == nil || inst.unit == nil || inst.state == Detached:
		return nil, sessionless(op, m)
	case inst.unit != &s.unit:
		return nil, &UsageError{Kind: ErrOtherSession, Op: op, Subject: inst.mapper.name, Reason: "the object belongs to another session"}
	case inst.state != Persistent:
		return nil, &UsageError{Kind: ErrNotPersistent, Op: op, Subject: inst.mapper.name, Reason: "the object is " + inst.state.String(), Advice: "flush first"}
	}
	return inst, nil
}

// notHeld is the error for an object that a session does not hold, or for none.
func notHeld(op string, m Model, reason, advice string) error {
	if isNil(m) {
		return &UsageError{Kind: ErrArgument, Op: op, Subject: modelName(m), Reason: "the object is nil", Advice: "give one that the session holds"}
	}
	return &UsageError{Kind: ErrDetached, Op: op, Subject: modelName(m), Reason: reason, Advice: advice}
}

func sessionless(op string, m Model) error {
	return notHeld(op, m, "the object belongs to no session", "add it to one")
}

func isNil(m Model) bool { return m == nil || isNilPointer(m) }

func modelName(m Model) string {
	if t := reflect.TypeOf(m); t != nil && t.Kind() == reflect.Pointer {
		return t.Elem().Name()
	}
	return fmt.Sprintf("%T", m)
}

// Explicit says that the fields of an object are to be written as they are,
// zero included: on INSERT in place of the column's default, on UPDATE also
// where nothing seems to have changed. Fields are given by their addresses.
//
//	orm.Explicit(u, &u.Active)
func Explicit(m Model, fields ...any) error {
	inst := instanceOf(m)
	if inst == nil || inst.unit == nil {
		return sessionless("set explicitly", m)
	}
	props, err := inst.mapper.fieldsOf(m, fields)
	for _, p := range props {
		inst.explicit = inst.explicit.with(p.index)
	}
	return err
}

// Assign has the next flush write what SQL expressions give, computed where the
// row is. The fields keep what they hold until the next query, Get or Load that
// meets the row reads the result. A key or version cannot be assigned so.
//
//	orm.Assign(a, orm.C(&ref.Balance).SetExpr(orm.C(&ref.Balance).Plus(5)))
//	// UPDATE accounts SET balance = accounts.balance + ? WHERE accounts.id = ?
func Assign(m Model, assignments ...Assignment) error {
	inst := instanceOf(m)
	if inst == nil || inst.unit == nil {
		return sessionless("assign to", m)
	}
	columns, err := inst.mapper.spreader(inst.mapper.table).assignments(assignments)
	if err != nil {
		return err
	}
	for _, a := range columns {
		if err := inst.assign(a); err != nil {
			return err
		}
	}
	return nil
}
