// This file hands every kind of bad input to the library and compares what it
// says with testdata/errors.txt. badinput_cases_test.go has the inputs. A change
// of the texts that is meant is written by
//
//	go test -run BadInput . -update

package orm_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// badInput is one mistake that a program can make.
type badInput struct {
	name   string
	kind   error
	run    func(b *bench) error
	sends  bool                      // only the database can find the mistake
	unless func(f orm.Features) bool // it is none where the database has this
}

// secret stands for whatever a value or password is in a bad input. It shows up
// in no error.
const secret = "s3cr3t"

// bench is where a bad input is tried: a database with a row in each table, and
// a session of its own.
type bench struct {
	*testing.T
	db  *testDB
	s   *orm.Session
	ctx context.Context
}

const errorsGolden = "testdata/errors.txt"

const errorsPreface = `What the library says to bad input: a section for each case of TestBadInput. Where
a database says it in other words, the section names it.
`

func TestBadInputIsRefusedInWordsThatHelp(t *testing.T) {
	inputs := slices.Concat(badStatements(), badLanguage(), badValues(), badObjects(), badRows(), badTransactions(), badDefinitions())
	said := &saidTexts{inputs: inputs, byCase: map[string]map[string]string{}}
	t.Cleanup(func() { said.compare(t) })
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		must(t, skyModels.CreateAll(t.Context(), db.Engine))
		fillBench(t, db)
		for _, input := range inputs {
			if input.unless != nil && input.unless(db.Dialect().Features()) {
				continue
			}
			if err := try(t, db, input); err != nil {
				said.add(db.name(), input.name, err.Error())
			}
		}
	})
}

// fillBench gives each table of the models a row with the key 1, and users two.
func fillBench(t *testing.T, db *testDB) {
	t.Helper()
	s := db.session(t)
	s.Add(&User{Name: "ed", Email: "ed@example.org"}, &User{Name: "al", Email: "al@example.org"}, &Account{Owner: "ed"}, &OrderLine{OrderID: 1, LineNo: 1}, &Document{Title: "one"}, &Ticket{Title: "one"})
	must(t, s.Commit(t.Context()))
}

// try runs a bad input, and checks what holds for all of them: it does not
// panic, its error is of the kind that was promised and repeats no value, nothing
// was sent that need not be, and afterwards everything works as before.
func try(t *testing.T, db *testDB, input badInput) (err error) {
	t.Helper()
	b := &bench{t, db, orm.NewSession(db.Engine), t.Context()}
	open := db.Stats().OpenConnections
	db.statements()
	func() {
		defer func() {
			if cause := recover(); cause != nil {
				t.Errorf("%s: panic: %v", input.name, cause)
			}
		}()
		err = input.run(b)
	}()
	sent := db.statements()
	if !errors.Is(err, input.kind) {
		t.Errorf("%s: the error is no %q: %v", input.name, input.kind, err)
	}
	if len(sent) > 0 && !input.sends {
		t.Errorf("%s: %q was sent", input.name, sent)
	}
	if text := fmt.Sprintf("%v %+v %s", err, err, err); strings.Contains(text, secret) {
		t.Errorf("%s: the error repeats a value: %s", input.name, text)
	}
	if err != nil && !wellFormed.MatchString(err.Error()) {
		t.Errorf("%s: the text is not as errors are written here: %s", input.name, err)
	}
	must(t, b.s.Close())
	stats := db.Stats()
	if stats.InUse != 0 || stats.OpenConnections < open {
		t.Errorf("%s: %d connections in use, %d of %d are left", input.name, stats.InUse, stats.OpenConnections, open)
	}
	if n, err := orm.FetchOne[int](t.Context(), db.Engine, orm.Text("SELECT count(*) FROM users")); n != 2 || err != nil {
		t.Errorf("%s: afterwards there are %d users, %v", input.name, n, err)
	}
	return err
}

// wellFormed errors name the package first, and end without a full stop. Joined
// ones stand on lines of their own; a line of a tag is indented.
var wellFormed = regexp.MustCompile(`^orm: \S(.*[^.])?(\n(\t|orm: \S).*[^.])*$`)

// saidTexts collects the texts of errors by case and database.
type saidTexts struct {
	sync.Mutex
	inputs []badInput
	byCase map[string]map[string]string
}

func (s *saidTexts) add(database, name, text string) {
	s.Lock()
	defer s.Unlock()
	if s.byCase[name] == nil {
		s.byCase[name] = map[string]string{}
	}
	s.byCase[name][database] = text
}

// sections returns the texts under the headings that they have in the file: the
// name of the case, with that of the database where they differ.
func (s *saidTexts) sections() map[string]string {
	sections := map[string]string{}
	for name, texts := range s.byCase {
		same := true
		for _, text := range texts {
			same = same && text == texts["sqlite"]
		}
		if same {
			sections[name] = texts["sqlite"]
			continue
		}
		for database, text := range texts {
			sections[name+" ["+database+"]"] = text
		}
	}
	return sections
}

func (s *saidTexts) compare(t *testing.T) {
	sections := s.sections()
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		must(t, os.WriteFile(errorsGolden, []byte(s.file(sections)), 0o644))
	}
	file, err := os.ReadFile(errorsGolden)
	must(t, err)
	_, rest, _ := strings.Cut(string(file), "\n== ")
	want := map[string]string{}
	for section := range strings.SplitSeq(rest, "\n== ") {
		heading, text, _ := strings.Cut(section, "\n")
		want[heading] = strings.TrimSuffix(text, "\n")
	}
	for name, texts := range s.byCase {
		for database, text := range texts {
			expected, ok := want[name]
			if !ok {
				expected = want[name+" ["+database+"]"]
			}
			if diff := cmp.Diff(expected, text); diff != "" {
				t.Errorf("%s on %s; if it is meant: go test -run BadInput . -update (-want +got):\n%s", name, database, diff)
			}
		}
	}
	for heading := range want {
		name, _, _ := strings.Cut(heading, " [")
		if !slices.ContainsFunc(s.inputs, func(input badInput) bool { return input.name == name }) {
			t.Errorf("%s has the section %q, and there is no such case", errorsGolden, heading)
		}
	}
}

func (s *saidTexts) file(sections map[string]string) string {
	var b strings.Builder
	b.WriteString(errorsPreface)
	for _, input := range s.inputs {
		for _, heading := range []string{input.name, input.name + " [sqlite]", input.name + " [postgres]", input.name + " [mysql]"} {
			if text, ok := sections[heading]; ok {
				fmt.Fprintf(&b, "\n== %s\n%s\n", heading, text)
			}
		}
	}
	return b.String()
}
