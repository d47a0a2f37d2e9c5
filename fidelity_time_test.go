// This file holds the tests of exact times: any zone goes in, the same instant
// comes back, in UTC and whole microseconds, in the object at once.

package orm_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// asStored is the form in which an instant comes back.
func asStored(v time.Time) time.Time { return v.UTC().Truncate(time.Microsecond) }

// anyInstant makes random instants between the years 1 and 9999, in random zones.
func anyInstant(r *rand.Rand) time.Time {
	first, last := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).Unix(), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC).Unix()
	zone := time.FixedZone("", r.IntN(26*3600)-13*3600)
	return time.Unix(first+r.Int64N(last-first), r.Int64N(1e9)).In(zone)
}

// zoned are instants that zones make difficult: in the hours that summer time
// leaves out and has twice.
func zoned(t *testing.T) []time.Time {
	t.Helper()
	var list []time.Time
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"} {
		zone := get(time.LoadLocation(name))(t)
		for _, utc := range []time.Time{
			time.Date(2024, 3, 31, 0, 59, 59, 999999000, time.UTC), time.Date(2024, 3, 31, 1, 0, 0, 0, time.UTC),
			time.Date(2024, 10, 27, 0, 30, 0, 0, time.UTC), time.Date(2024, 10, 27, 1, 30, 0, 0, time.UTC),
			time.Date(2024, 11, 3, 5, 30, 0, 0, time.UTC), time.Date(2024, 11, 3, 6, 30, 0, 0, time.UTC),
			time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			list = append(list, utc.In(zone))
		}
	}
	return list
}

// edges are the first and last instants, and those around the zeros of clocks.
var edges = []time.Time{
	{}, time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	time.Unix(0, 0), time.Unix(-1, 999999999), time.Unix(0, 1), time.Unix(0, 1000), time.Date(1582, 10, 10, 0, 0, 0, 0, time.UTC),
	time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC), time.Date(2016, 12, 31, 23, 59, 59, 0, time.UTC),
}

func TestInstantsAreExact(t *testing.T) {
	t.Run("edges", func(t *testing.T) { keepsAs[kept[time.Time], time.Time](t, asStored, edges...) })
	t.Run("zones", func(t *testing.T) { keepsAs[kept[time.Time], time.Time](t, asStored, zoned(t)...) })
	t.Run("random", func(t *testing.T) { keepsAs[kept[time.Time], time.Time](t, asStored, some(t, 20, anyInstant)...) })
	t.Run("now", func(t *testing.T) { keepsAs[kept[time.Time], time.Time](t, asStored, time.Now(), time.Now().UTC()) })
	t.Run("without a zone", func(t *testing.T) {
		keepsAs[keptTimestamp[time.Time], time.Time](t, asStored, append(zoned(t), edges...)...)
	})
	t.Run("pointer", func(t *testing.T) {
		keepsAs[kept[*time.Time], *time.Time](t, func(v *time.Time) *time.Time {
			if v == nil {
				return nil
			}
			return new(asStored(*v))
		}, nil, new(time.Time{}), new(edges[2]))
	})
	t.Run("named", func(t *testing.T) {
		type moment time.Time
		onEachDatabase(t, func(t *testing.T, db *testDB) {
			k := keptIn[kept[moment], moment](t, db)
			id, _ := k.save(t, moment(edges[2]))
			if got := time.Time(k.read(t, id)); !got.Equal(asStored(edges[2])) {
				t.Errorf("%s came back as %s", edges[2], got)
			}
		})
	})
}

// keptTimestamp is a column of times without a zone.
type keptTimestamp[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:timestamp"`
}

func (k *keptTimestamp[T]) key() *int64 { return &k.ID }
func (k *keptTimestamp[T]) value() *T   { return &k.V }

// keptDate is a column of days.
type keptDate[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:date"`
}

func (k *keptDate[T]) key() *int64 { return &k.ID }
func (k *keptDate[T]) value() *T   { return &k.V }

// keptClock is a column of times of day.
type keptClock[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:time"`
}

func (k *keptClock[T]) key() *int64 { return &k.ID }
func (k *keptClock[T]) value() *T   { return &k.V }

func TestDatesAreTheDayOfTheirOwnZone(t *testing.T) {
	asDay := func(v time.Time) time.Time { return time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC) }
	t.Run("edges", func(t *testing.T) {
		keepsAs[keptDate[time.Time], time.Time](t, asDay, edges[0], edges[2], time.Date(2024, 2, 29, 23, 59, 0, 0, time.UTC))
	})
	t.Run("zones", func(t *testing.T) { keepsAs[keptDate[time.Time], time.Time](t, asDay, zoned(t)...) })
	t.Run("random", func(t *testing.T) { keepsAs[keptDate[time.Time], time.Time](t, asDay, some(t, 10, anyInstant)...) })
}

func TestYearsThatNotAllDatabasesHaveAreRefused(t *testing.T) {
	outside := []time.Time{
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)), time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)),
		time.Unix(1<<62, 0),
	}
	t.Run("instant", func(t *testing.T) { refusesAll[kept[time.Time], time.Time](t, outside...) })
	t.Run("timestamp", func(t *testing.T) { refusesAll[keptTimestamp[time.Time], time.Time](t, outside...) })
	t.Run("date", func(t *testing.T) { refusesAll[keptDate[time.Time], time.Time](t, outside[:3]...) })
}

func TestTimesOfDayAreExact(t *testing.T) {
	cut := func(d time.Duration) time.Duration { return d.Truncate(time.Microsecond) }
	random := func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(24 * time.Hour))) }
	t.Run("kept", func(t *testing.T) {
		keepsAs[keptClock[time.Duration], time.Duration](t, cut, append(some(t, 10, random), 0, time.Microsecond, 12*time.Hour, 24*time.Hour-1)...)
	})
	t.Run("refused", func(t *testing.T) {
		refusesAll[keptClock[time.Duration], time.Duration](t, -time.Microsecond, 24*time.Hour, math.MaxInt64)
	})
}

func TestDurationsAreExact(t *testing.T) {
	cut := func(d time.Duration) time.Duration { return d.Truncate(time.Microsecond) }
	random := func(r *rand.Rand) time.Duration { return time.Duration(r.Uint64()) }
	keepsAs[kept[time.Duration], time.Duration](t, cut, append(some(t, 10, random), 0, 1, -1, 999, -time.Hour, math.MaxInt64, math.MinInt64)...)
}

func TestOrderOfTimesIsTheirOrderInGo(t *testing.T) {
	values := slices.Concat(some(t, 60, anyInstant), edges, zoned(t))
	want := make([]time.Time, len(values))
	for i, v := range values {
		want[i] = asStored(v)
	}
	slices.SortFunc(want, time.Time.Compare)
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k := keptIn[kept[time.Time], time.Time](t, db)
		k.session(t, func(s *orm.Session) {
			for _, v := range values {
				s.Add(&kept[time.Time]{V: v})
			}
			must(t, s.Commit(t.Context()))
			e := orm.EntityIn[kept[time.Time]](k.models)
			got := get(orm.Pluck(t.Context(), orm.Query[kept[time.Time]](s).OrderBy(orm.C(&e.V)), orm.C(&e.V)))(t)
			if !slices.EqualFunc(want, got, time.Time.Equal) {
				t.Errorf("want %v, got %v", want, got)
			}
			for i, v := range want {
				n := get(orm.Query[kept[time.Time]](s).Filter(orm.C(&e.V).Lt(v)).Count(t.Context()))(t)
				if first := slices.IndexFunc(want, v.Equal); n != int64(first) {
					t.Errorf("%d times are before %s, which is number %d of %d", n, v, i, first)
				}
			}
		})
	})
}
