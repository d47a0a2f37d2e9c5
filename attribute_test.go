// This file tests entity references and what the addresses of their fields
// stand for.

package orm

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm/types"
)

// columnBehind is the column that an expression stands for: "item.column".
func columnBehind(t *testing.T, e Expression) string {
	t.Helper()
	n, err := resolved(e.expression())
	if err != nil {
		t.Fatal(err)
	}
	column, ok := n.(*columnNode)
	if !ok {
		t.Fatalf("%T is no column", n)
	}
	return column.from.fromName() + "." + column.column.name
}

// mistakeBehind is the error that an expression brings to its statement.
func mistakeBehind(t *testing.T, n Node) error {
	t.Helper()
	n, err := resolved(n)
	if err != nil {
		return err
	}
	mistake, ok := n.(*errorNode)
	if !ok {
		t.Fatalf("%T is no mistake", n)
	}
	return mistake.err
}

type refStamps struct {
	CreatedAt time.Time
}

type refUser struct {
	refStamps // first, so that three things begin at one address
	Base      `orm:"table:users"`

	ID    int64
	Name  string `orm:"size:50"`
	Age   *int
	Notes []string `orm:"-"`
	Links types.JSON[[]string]
}

var refRegistry = MustRegister(&refUser{})

func TestFieldsOfAnEntityAreColumns(t *testing.T) {
	u, manager := Entity[refUser](), Alias[refUser]("manager")
	got := map[string]string{
		"C":         columnBehind(t, C(&u.Name)),
		"N":         columnBehind(t, N(&u.Age)),
		"C pointer": columnBehind(t, C(&u.Age)),
		"promoted":  columnBehind(t, C(&u.CreatedAt)),
		"alias":     columnBehind(t, C(&manager.ID)),
	}
	want := map[string]string{
		"C": "users.name", "N": "users.age", "C pointer": "users.age", "promoted": "users.created_at", "alias": "manager.id",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := typeOf(C(&u.Name).n); !got.Equal(types.String(50)) {
		t.Errorf("type %s", got)
	}
}

func TestReferenceIsOneForEachTypeAndName(t *testing.T) {
	//nolint:staticcheck // that they are the same is the rule
	if Entity[refUser]() != Entity[refUser]() || Alias[refUser]("a") != Alias[refUser]("a") {
		t.Error("a reference is made anew")
	}
	other := NewRegistry()
	references := []*refUser{Entity[refUser](), Alias[refUser]("a"), Alias[refUser]("b"), EntityIn[refUser](other), EntityIn[refUser](refRegistry)}
	seen := map[*refUser]bool{}
	for _, ref := range references {
		seen[ref] = true
	}
	if len(seen) != len(references) {
		t.Errorf("%d references, want %d", len(seen), len(references))
	}
	if EntityIn[refUser](nil) != Entity[refUser]() {
		t.Error("no registry is not the first registry")
	}
}

func TestFromItemOfAReferenceIsOne(t *testing.T) {
	u := Alias[refUser]("same")
	var items []fromNode
	for _, n := range []Node{fieldAt(address(u), reflect.TypeFor[refUser]()), C(&u.ID).n, C(&u.Name).n} {
		n, err := resolved(n)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, sourceOf(n))
	}
	for _, item := range items {
		if alias, ok := item.(*TableAlias); !ok || item != items[0] || alias.Table().Name() != "users" {
			t.Errorf("FROM item %#v", item)
		}
	}
}

func TestTypeTellsApartWhatSharesAnAddress(t *testing.T) {
	u := Entity[refUser]()
	if reflect.ValueOf(u).Pointer() != reflect.ValueOf(&u.CreatedAt).Pointer() {
		t.Fatal("the test needs a first field at the address of the struct")
	}
	whole, err := resolved(fieldAt(address(u), reflect.TypeFor[refUser]()))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := whole.(*entityFrom); !ok {
		t.Errorf("the struct is a %T", whole)
	}
	if got := columnBehind(t, C(&u.CreatedAt)); got != "users.created_at" {
		t.Errorf("the first field is %s", got)
	}
	err = mistakeBehind(t, C(&u.refStamps).n)
	want := "orm: refer to field refUser.refStamps: the field is no column (the columns are those of CreatedAt, ID, Name, Age, Links)"
	if diff := cmp.Diff([]string{want}, errorTexts(err)); diff != "" || !errors.Is(err, ErrUnknownName) {
		t.Errorf("the embedded struct (-want +got):\n%s", diff)
	}
}

func TestPointerThatIsNoColumnIsAMistake(t *testing.T) {
	u := Entity[refUser]()
	var local refUser
	for _, test := range []struct {
		name string
		node Node
		kind ErrorKind
		want string
	}{
		{
			"a field that is left out", C(&u.Notes).n, ErrUnknownName,
			"orm: refer to field refUser.Notes: the field is no column (the columns are those of CreatedAt, ID, Name, Age, Links)",
		},
		{
			"Base", C(&u.Base).n, ErrUnknownName,
			"orm: refer to field refUser.Base: the field is no column (the columns are those of CreatedAt, ID, Name, Age, Links)",
		},
		{
			"a part of a field", C(&u.Links.V).n, ErrUnknownName,
			"orm: refer to field refUser.Links.V: the field is no column (the columns are those of CreatedAt, ID, Name, Age, Links)",
		},
		{
			"an object", C(&local.Name).n, ErrArgument,
			"orm: refer to *string: the pointer does not point into an entity reference (take the address of a field of orm.Entity[T]() or orm.Alias[T](name); for a value use the value itself)",
		},
		{
			"nil", C[int](nil).n, ErrArgument,
			"orm: refer to *int: the pointer does not point into an entity reference (take the address of a field of orm.Entity[T]() or orm.Alias[T](name); for a value use the value itself)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := mistakeBehind(t, test.node)
			if diff := cmp.Diff([]string{test.want}, errorTexts(err)); diff != "" || !errors.Is(err, test.kind) {
				t.Errorf("kind %t (-want +got):\n%s", errors.Is(err, test.kind), diff)
			}
		})
	}
}

func TestTypeThatIsNoModelHasAReferenceOfMistakes(t *testing.T) {
	type plain struct{ Name string }
	type empty struct{}
	err := mistakeBehind(t, C(&Entity[plain]().Name).n)
	want := "orm: map orm.plain: it is not a struct that embeds orm.Base (give a mapped struct)"
	if diff := cmp.Diff([]string{want}, errorTexts(err)); diff != "" || !errors.Is(err, ErrArgument) {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, n := range map[string]Node{
		"a number":            C(Entity[int]()).n,
		"a pointer":           C(Entity[*refUser]()).n,
		"an interface":        C(Entity[error]()).n,
		"a struct of no size": C(Entity[empty]()).n,
		"an array of none":    C(Entity[[0]int]()).n,
	} {
		if err := mistakeBehind(t, n); !errors.Is(err, ErrArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := mistakeBehind(t, C(&Alias[refUser]("").Name).n); !errors.Is(err, ErrBadIdentifier) {
		t.Errorf("an alias without a name: %v", err)
	}
}

func TestExpressionMayBeWrittenBeforeTheStructIsRegistered(t *testing.T) {
	type Late struct {
		Base
		ID   int64
		Name string
	}
	forgetLater(t, &Late{})
	e := Entity[Late]()
	name := C(&e.Name)
	if err := mistakeBehind(t, name.n); !errors.Is(err, ErrNotRegistered) {
		t.Fatalf("err = %v", err)
	}
	if !typeOf(name.n).IsZero() {
		t.Error("a type before registration")
	}
	MustRegister(&Late{})
	if got := columnBehind(t, name); got != "late.name" || !typeOf(name.n).Equal(types.Text()) {
		t.Errorf("%s of type %s", got, typeOf(name.n))
	}
}

func TestReferenceInARegistryMeansItsTable(t *testing.T) {
	type Thing struct {
		Base
		ID int64
	}
	r := NewRegistry(WithTableName(strings.ToUpper), WithSchema("second"))
	MustRegister(&Thing{})
	in := EntityIn[Thing](r)
	if err := mistakeBehind(t, C(&in.ID).n); !errors.Is(err, ErrNotRegistered) {
		t.Fatalf("err = %v", err)
	}
	if err := r.Register(&Thing{}); err != nil {
		t.Fatal(err)
	}
	if got := columnBehind(t, C(&in.ID)); got != "THING.id" {
		t.Errorf("column %s", got)
	}
	if got := columnBehind(t, C(&Entity[Thing]().ID)); got != "thing.id" {
		t.Errorf("column %s", got)
	}
}

func TestEntityKnowsItsFieldsByName(t *testing.T) {
	type Post struct {
		Base
		ID   int64
		Body string `orm:"deferred"`
	}
	MustRegister(&Post{})
	n, err := resolved(fieldAt(address(Entity[Post]()), reflect.TypeFor[Post]()))
	if err != nil {
		t.Fatal(err)
	}
	item := n.(entityItem)
	if diff := cmp.Diff([]string{"ID", "Body"}, item.fieldNames()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if column, ok := item.property("Body"); !ok || column.column.name != "body" || column.from != item.source() {
		t.Errorf("Body is %+v", column)
	}
	if _, ok := item.property("body"); ok {
		t.Error("the name of a column is no name of a field")
	}
	if columns := item.entityColumns(); len(columns) != 1 || columns[0].column.name != "id" {
		t.Errorf("loaded by default: %d columns", len(columns))
	}
}

func TestReferencesAreMadeAndUsedAtOnce(t *testing.T) {
	type Busy struct {
		Base
		ID int64
	}
	MustRegister(&Busy{})
	names := []string{"a", "b", "c", "d"}
	var mu sync.Mutex
	items := map[fromNode]bool{}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			b := Alias[Busy](names[i%len(names)])
			n, err := resolved(C(&b.ID).n)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			items[sourceOf(n)] = true
		})
	}
	wg.Wait()
	if len(items) != len(names) {
		t.Errorf("%d FROM items for %d names", len(items), len(names))
	}
}

func TestReferenceCostsNoMemoryOnceMade(t *testing.T) {
	u := Entity[refUser]()
	if n := testing.AllocsPerRun(100, func() { u = Entity[refUser]() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if got := columnBehind(t, C(&u.ID)); got != "users.id" {
		t.Errorf("column %s", got)
	}
}
