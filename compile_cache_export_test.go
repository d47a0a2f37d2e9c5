package orm

import (
	"reflect"
	"slices"
	"time"

	"github.com/aurum-go/orm/types"
)

// CompiledCache is a cache of compiled statements without an engine.
type CompiledCache struct{ cache *compiledCache }

func NewCompiledCache(d Dialect, limit int) CompiledCache {
	return CompiledCache{newCompiledCache(d, limit)}
}

func (c CompiledCache) Stats() CompiledCacheStats { return c.cache.stats() }

// Compile compiles by the cache, and by itself.
func (c CompiledCache) Compile(stmt Statement, criteria ...Criteria) (cached, plain Sent) {
	compiled, err := c.cache.compile(stmt, criteria)
	cached = asSent(compiled, err)
	compiled, err = compileUnder(stmt, c.cache.dialect, criteria)
	return cached, asSent(compiled, err)
}

// Sent is what a driver would get, and what is known of the statement.
type Sent struct {
	SQL     string
	Args    []any
	Columns int
	Op      string
	Table   string
	Read    bool
	Err     string
}

func asSent(c *Compiled, err error) Sent {
	if err != nil {
		return Sent{Err: err.Error()}
	}
	s := Sent{SQL: c.SQL, Columns: len(c.columns), Op: c.op, Table: c.table, Read: c.read}
	if s.Args, err = c.argsAt(nil, func() time.Time { return time.Unix(0, 0) }); err != nil {
		s.Err = err.Error()
	}
	return s
}

// WithOtherValues returns a statement of the same form whose values are others,
// and whose lists are longer.
func WithOtherValues(stmt Statement, change func(any) any) Statement {
	return (&copier{change: change, done: map[copied]types.Ptr{}}).node(stmt).(Statement)
}

type copied struct {
	at types.Ptr
	of reflect.Type
}

type copier struct {
	change func(any) any
	done   map[copied]types.Ptr
}

// node copies what a pointer to a node leads to, unless there is only one of it.
func (c *copier) node(n any) any {
	if once, ok := n.(lasting); ok && once.lasting() {
		return n
	}
	v := reflect.ValueOf(n)
	return reflect.NewAt(v.Type().Elem(), c.pointee(v.UnsafePointer(), v.Type().Elem())).Interface()
}

func (c *copier) pointee(at types.Ptr, t reflect.Type) types.Ptr {
	key := copied{at, t}
	if done, ok := c.done[key]; ok {
		return done
	}
	fresh := reflect.New(t)
	c.done[key] = fresh.UnsafePointer()
	fresh.Elem().Set(reflect.NewAt(t, at).Elem())
	c.value(fresh.UnsafePointer(), t, "")
	return fresh.UnsafePointer()
}

// value replaces in place what lies below an address.
func (c *copier) value(at types.Ptr, t reflect.Type, tag string) {
	v := reflect.NewAt(t, at).Elem()
	switch {
	case tag == "-" || v.IsZero():
	case tag == "value":
		v.Set(reflect.ValueOf(c.change(v.Interface())))
	case tag == "list" || tag == "rows" || tag == "arguments":
		c.values(v, tag)
	case t == paramType:
		changed := M{}
		for name, value := range v.Interface().(M) {
			changed[name] = c.change(value)
		}
		v.Set(reflect.ValueOf(changed))
	case t.Kind() == reflect.Interface && v.Elem().Kind() == reflect.Pointer && t.Implements(nodeType):
		v.Set(reflect.ValueOf(c.node(v.Elem().Interface())))
	case t.Kind() == reflect.Pointer && t != reflect.TypeFor[*types.Type]():
		v.Set(reflect.ValueOf(c.node(v.Interface())))
	case t.Kind() == reflect.Slice:
		list := reflect.MakeSlice(t, v.Len(), v.Len())
		reflect.Copy(list, v)
		v.Set(list)
		for i := range v.Len() {
			c.value(v.Index(i).Addr().UnsafePointer(), t.Elem(), "")
		}
	case t.Kind() == reflect.Struct && t != sqlTypes:
		for f := range t.Fields() {
			c.value(fieldPtr(at, f.Offset), f.Type, f.Tag.Get("form"))
		}
	}
}

func (c *copier) values(v reflect.Value, tag string) {
	switch values := v.Interface().(type) {
	case []any:
		var changed []any
		for _, value := range values {
			changed = append(changed, c.argument(value))
			if tag == "list" {
				changed = append(changed, value)
			}
		}
		v.Set(reflect.ValueOf(changed))
	case [][]any:
		var longer [][]any
		for _, row := range slices.Concat(values, values) {
			longer = append(longer, slices.Clone(row))
		}
		v.Set(reflect.ValueOf(longer))
	}
}

// argument changes a value of a text, which may be an expression or has a name.
func (c *copier) argument(value any) any {
	if e, ok := value.(Expression); ok {
		return Expr[any]{c.node(e.expression()).(Node)}
	}
	if _, _, named := types.NamedArg(value); named || value == nil {
		return value
	}
	return c.change(value)
}
