// This file tests the suite itself: that it forgets nothing of what is written,
// that every dialect runs it, and that exemptions do not outlive their reasons.

package dialecttest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// parseSources returns the files of the package without its tests.
func parseSources(t *testing.T) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	must(t, err)
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		must(t, err)
		files = append(files, file)
	}
	return files
}

// TestNoCaseIsForgotten looks for functions that make or are cases, and that
// nobody mentions.
func TestNoCaseIsForgotten(t *testing.T) {
	declared, mentioned := map[string]bool{}, map[string]int{}
	for _, file := range parseSources(t) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name != "Run" {
				declared[f.Name.Name] = true
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				mentioned[id.Name]++
			}
			return true
		})
	}
	if len(declared) < len(topics) {
		t.Fatalf("only %d functions were found", len(declared))
	}
	for name := range declared {
		if mentioned[name] < 2 {
			t.Errorf("%s is never called", name)
		}
	}
}

func TestEveryTopicHasItsFile(t *testing.T) {
	for _, topic := range topics {
		if _, err := os.Stat(topic.name + ".go"); err != nil {
			t.Errorf("topic %q: %v", topic.name, err)
		}
	}
}

func TestNamesOfCasesAreDistinct(t *testing.T) {
	for _, topic := range topics {
		seen := map[string]bool{}
		for _, c := range topic.checks() {
			if seen[c.name] || c.name == "" || c.run == nil {
				t.Errorf("the case %q of topic %q is there twice, or not whole", c.name, topic.name)
			}
			seen[c.name] = true
		}
		if len(seen) == 0 {
			t.Errorf("topic %q has no cases", topic.name)
		}
	}
}

func TestEveryDialectRunsTheSuite(t *testing.T) {
	folders, err := os.ReadDir("..")
	must(t, err)
	dialects := 0
	for _, folder := range folders {
		if !folder.IsDir() || folder.Name() == "dialecttest" {
			continue
		}
		dialects++
		text, err := os.ReadFile(filepath.Join("..", folder.Name(), "compliance_test.go"))
		must(t, err)
		if !strings.Contains(string(text), "dialecttest.Run(") {
			t.Errorf("the dialect %s does not run the suite", folder.Name())
		}
	}
	if dialects == 0 {
		t.Error("no dialect was found")
	}
}

// testSuite is a suite of two cases on a database in memory.
func testSuite(t *testing.T, missing ...Exemption) (*suite, *database) {
	t.Helper()
	c := &Config{Missing: missing, Open: func(t *testing.T) *orm.Engine {
		engine, err := orm.Open("sqlite://")
		must(t, err)
		return engine
	}}
	s := &suite{config: c, cases: map[string][]need{"a/plain": nil, "a/array": {needsType(types.Array(types.Text()))}}}
	return s, openDatabase(t, c)
}

func TestExemptionsThatSayNothingAreErrors(t *testing.T) {
	s, db := testSuite(
		t, Exemption{"a/plain", "reason"}, Exemption{"a/plain", "reason"}, Exemption{"a/array", "reason"},
		Exemption{"a/nothing", "reason"}, Exemption{"a/plain", ""},
	)
	want := []string{
		`the exemption "a/plain" is there twice`, `the exemption "a/array" is not needed: the dialect says so itself`,
		`the exemption "a/nothing" names no case`, `the exemption "a/plain" has no reason`,
	}
	if diff := cmp.Diff(want, s.exemptionProblems(db)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExemptionWithReasonIsTaken(t *testing.T) {
	s, db := testSuite(t, Exemption{"a/plain", "reason"})
	if problems := s.exemptionProblems(db); problems != nil {
		t.Error(problems)
	}
}

func TestCaseIsRunRefusedOrLeftOut(t *testing.T) {
	array := []need{needsType(types.Array(types.Text()))}
	for _, c := range []struct {
		name, full string
		needs      []need
		lacking    bool
		want       string
	}{
		{"runs where nothing is missing", "a/plain", nil, true, "run"},
		{"sees a missing feature refused", "a/array", array, true, "lacking"},
		{"is left out where there is nothing to refuse", "a/array", array, false, ""},
		{"is left out where it is exempt", "a/exempt", nil, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, db := testSuite(t, Exemption{"a/exempt", "reason"})
			got := ""
			check := &check{needs: c.needs, run: func(*testing.T, *database) { got = "run" }}
			if c.lacking {
				check.lacking = func(*testing.T, *database) { got = "lacking" }
			}
			t.Run("case", func(t *testing.T) { s.runCheck(t, db, c.full, check) })
			if got != c.want {
				t.Errorf("want %q, got %q", c.want, got)
			}
			if left := slices.ContainsFunc(s.left, func(line string) bool { return strings.HasPrefix(line, c.full) }); left != (c.want == "") {
				t.Errorf("the list of what was left out is %q", s.left)
			}
		})
	}
}
