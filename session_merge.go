// This file merges objects that a session does not hold, with all that they lead
// to, into those that it does.

package orm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// Merge copies an object into the session's object of the same key, which is read
// if the session does not hold it; without a key or a row it becomes a new one.
// Along relationships with the cascade merge, which is the default, it does the
// same for what the object leads to. The object that was given is left as it is;
// what belongs to the session is returned.
//
// A zero in a column that has a default or is a foreign key which cannot be NULL, a
// column that was never read, and a nil collection or reference say nothing, and change nothing. A collection that is
// not nil replaces the other. An object that the session holds already is returned
// as it is. A version that is not that of the row is an [ErrStaleData].
//
// What was changed before is flushed first, once. It emits one SELECT for each
// object that has to be read, and for each relationship of those that were found.
func Merge[T any, P modelOf[T]](ctx context.Context, s *Session, object P) (P, error) {
	if err := s.enter("merge"); err != nil {
		return nil, err
	}
	defer s.leave()
	mapper, err := s.mapperOfModel(object)
	if err != nil {
		return nil, err
	}
	m := &merger{session: s, done: map[types.Ptr]*instance{}, fresh: map[*Mapper]map[identityKey]*instance{}}
	target, err := m.merge(ctx, mapper, modelPointer(object))
	if err != nil {
		return nil, err
	}
	for at := 0; at < len(m.queue); at++ { //nolint:intrange // the list grows
		if err := m.follow(ctx, m.queue[at]); err != nil {
			return nil, err
		}
	}
	if err := s.saveFrom(m.targets(), true); err != nil {
		return nil, err
	}
	return P(typedPointer[T](target.object)), nil
}

// merger is one call of Merge.
type merger struct {
	session *Session
	done    map[types.Ptr]*instance // what was given → what the session holds
	fresh   map[*Mapper]map[identityKey]*instance
	queue   []merged
	flushed bool
}

// prepare makes the session ready for a statement. What is merged so far is half
// of a change, and not flushed.
func (m *merger) prepare(ctx context.Context) error {
	flush := !m.flushed
	m.flushed = true
	return m.session.prepare(ctx, flush)
}

// merged is an object of which the columns are merged.
type merged struct {
	source types.Ptr
	target *instance
}

func (m *merger) targets() []*instance {
	targets := make([]*instance, len(m.queue))
	for i, q := range m.queue {
		targets[i] = q.target
	}
	return targets
}

// merge finds or makes the session's object for one that was given.
func (m *merger) merge(ctx context.Context, mapper *Mapper, source types.Ptr) (*instance, error) {
	if target := m.done[source]; target != nil {
		return target, nil
	}
	link := linkAt(mapper, source)
	known, _ := link.(*instance)
	if known != nil && known.unit == &m.session.unit {
		m.done[source] = known
		return known, nil
	}
	target, err := m.target(ctx, mapper, source)
	if err != nil {
		return nil, err
	}
	m.done[source] = target
	m.queue = append(m.queue, merged{source, target})
	var unread columnSet
	switch link := link.(type) {
	case *instance:
		unread = link.unloaded
	case *untracked:
		unread = link.unloaded
	}
	return target, m.copy(mapper, source, target, unread)
}

// target is the session's object with the key of one that was given, or a new
// one.
func (m *merger) target(ctx context.Context, mapper *Mapper, source types.Ptr) (*instance, error) {
	s := m.session
	fresh := func() *instance {
		inst := &instance{mapper: mapper, object: newBlock(mapper.goType, 1)}
		s.makePending(inst)
		return inst
	}
	if mapper.auto != nil && mapper.auto.codec.IsZero(fieldPtr(source, mapper.auto.offset)) {
		return fresh(), nil
	}
	if s.sharded(mapper) {
		d, err := s.legs.shards.only(ctx, RouteRequest{Model: mapper.goType, Table: mapper.table, Op: "merge"})
		if err != nil {
			return nil, err
		}
		s.shard = d.shard
	}
	key, err := s.keyAt(mapper, source)
	if err != nil {
		return nil, err
	}
	if inst := s.identity.table(mapper).of(mapper, key); inst != nil && !inst.stale() {
		return inst, nil
	}
	if inst := m.pending(mapper)[key]; inst != nil {
		return inst, nil
	}
	if err := m.prepare(ctx); err != nil {
		return nil, err
	}
	p, err := s.loadByKey(ctx, mapper, source)
	switch {
	case errors.Is(err, ErrNoRows):
		m.fresh[mapper][key] = fresh()
		return m.fresh[mapper][key], nil
	case err != nil:
		return nil, err
	}
	return linkAt(mapper, p).(*instance), nil
}

// pending returns the session's new objects of a mapper that have a key.
func (m *merger) pending(mapper *Mapper) map[identityKey]*instance {
	if m.fresh[mapper] != nil {
		return m.fresh[mapper]
	}
	byKey := map[identityKey]*instance{}
	for _, inst := range m.session.pending {
		if inst.mapper == mapper && !inst.keyless() {
			if key, err := m.session.keyAt(mapper, inst.object); err == nil {
				byKey[key] = inst
			}
		}
	}
	m.fresh[mapper] = byKey
	return byKey
}

// copy takes the columns over that the source says something of.
func (m *merger) copy(mapper *Mapper, source types.Ptr, target *instance, unread columnSet) error {
	if v := mapper.version; v != nil && target.snapshot != nil {
		if !v.codec.IsZero(fieldPtr(source, v.offset)) && !sameField(v, source, target.snapshot) {
			reason := "the object and its row have different versions"
			if given := describeVersion(v, source); given != "" {
				reason = fmt.Sprintf("the object has version %s and its row %s", given, describeVersion(v, target.snapshot))
			}
			return &UsageError{Kind: ErrStaleData, Op: "merge", Subject: mapper.name, Reason: reason, Advice: "read it again, and repeat"}
		}
	}
	isNew := target.state == Pending
	for _, p := range mapper.props {
		field := fieldPtr(source, p.offset)
		silent := p.codec.IsZero(field) && (!p.column.fallback.IsZero() || !p.column.server.IsZero() || mapper.refers(p) && !p.codec.Nullable())
		if unread.has(p.index) || silent || p.served && !p.version || !isNew && (p.key || p.version) {
			continue
		}
		p.codec.Copy(fieldPtr(target.object, p.offset), field)
		target.unloaded = target.unloaded.without(p.index)
	}
	return nil
}

// refers reports whether a column is part of a foreign key.
func (m *Mapper) refers(p *property) bool {
	return slices.ContainsFunc(m.table.foreignKeys, func(k *ForeignKey) bool { return slices.Contains(k.columns, p.column.name) })
}

// follow merges what an object leads to.
func (m *merger) follow(ctx context.Context, q merged) error {
	for _, r := range q.target.mapper.rels {
		given := r.read(q.source)
		if !r.has(cascadeMerge) || given == nil {
			continue
		}
		if r.writeOnly() {
			return r.refuseWhole(ErrArgument, "merge")
		}
		if q.target.state == Persistent && !q.target.hasRelation(r) {
			if err := m.prepare(ctx); err != nil {
				return err
			}
			if err := m.session.loadRelated(ctx, r, []*instance{q.target}, m.session.criteria, false); err != nil {
				return err
			}
		}
		members := make([]types.Ptr, len(given))
		for i, p := range given {
			if p == nil {
				return &UsageError{Kind: ErrArgument, Op: "merge", Subject: r.fullName(), Reason: "there is a nil in the collection", Advice: "take it out"}
			}
			inst, err := m.merge(ctx, r.target, p)
			if err != nil {
				return err
			}
			members[i] = inst.object
		}
		q.target.show(r, members)
	}
	return nil
}
