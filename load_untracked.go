// This file loads objects with their relationships for somebody who does not want
// the session to hold them: in a unit of their own, which lets all of them go.

package orm

// scratch is a unit on the same connection that holds nothing.
func (u *unit) scratch() *unit {
	return &unit{engine: u.engine, conn: u.conn, legs: u.legs, shard: u.shard, epoch: 1, identity: identityMap{}, owner: u.owner}
}

// releaseAll leaves all objects behind as ones that nobody holds.
func (u *unit) releaseAll() {
	for _, table := range u.identity {
		for _, inst := range table.all {
			inst.base().link = &untracked{mapper: inst.mapper, unloaded: inst.unloaded, rels: inst.loadedRelations(), block: inst.object, size: inst.mapper.goType.Size()}
		}
	}
}

// loadedRelations are the relationships of which all is known.
func (i *instance) loadedRelations() columnSet {
	var set columnSet
	for index, s := range i.rels {
		if s.loaded {
			set = set.with(index)
		}
	}
	return set
}
