// This file holds the sample: a table of which FROM takes a part.

package orm

// SampledTable is a part of a table's rows, chosen by chance. It is an immutable
// value.
type SampledTable struct {
	of      Node
	percent float64
	method  sqlText
	seed    *float64
}

// TableSample has FROM take about so many percent of the rows of a table, an
// alias or an entity reference, whose columns are referred to as ever. Each row is
// taken or not by itself. It is a [CompileError] where there is none (all but
// PostgreSQL).
//
//	orm.Select(orm.C(&u.Name)).From(orm.TableSample(u, 10))
//	// SELECT users.name FROM users TABLESAMPLE BERNOULLI ($1)
func TableSample(table any, percent float64) *SampledTable {
	return &SampledTable{of: fromItem(table), percent: percent, method: "BERNOULLI"}
}

// System takes whole pages of the table, which is faster and less even.
func (s *SampledTable) System() *SampledTable {
	changed := *s
	changed.method = "SYSTEM"
	return &changed
}

// Repeatable has the same seed give the same rows, as long as the table is not
// written to.
func (s *SampledTable) Repeatable(seed float64) *SampledTable {
	changed := *s
	changed.seed = &seed
	return &changed
}

func (*SampledTable) node() {}

// unsampled is the item of FROM itself, which may be there in part.
func unsampled(n Node) Node {
	if s, ok := n.(*SampledTable); ok {
		return s.of
	}
	return n
}
