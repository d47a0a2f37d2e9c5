// This file keeps README.md, the pages of docs/ and the package's tour true:
// their code is that of examples, which run; the names in them exist; and the
// lists in them are those of the code. The table of features is written by
//
//	go test -run Docs . -update

package orm

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docPage is a text for readers.
type docPage struct{ path, text string }

func docPages(t *testing.T) []docPage {
	t.Helper()
	paths, err := filepath.Glob("docs/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no pages", err)
	}
	pages := make([]docPage, 0, len(paths)+1)
	for _, path := range append(paths, "README.md") {
		pages = append(pages, docPage{path, docText(t, path)})
	}
	return pages
}

func docText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// exampleSources are the files whose code is compiled and run.
func exampleSources(t *testing.T) []docPage {
	t.Helper()
	var sources []docPage
	for _, pattern := range []string{"example*_test.go", "examples/*/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal(pattern, err)
		}
		for _, path := range paths {
			sources = append(sources, docPage{path, docText(t, path)})
		}
	}
	return sources
}

var docGoBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// dedented is a text without the indentation of its lines.
func dedented(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.Join(lines, "\n")
}

func TestGoCodeOfDocsIsThatOfExamples(t *testing.T) {
	sources := exampleSources(t)
	for _, p := range docPages(t) {
		if p.path == "docs/sql.md" {
			continue // it is written from the recipes, which run
		}
		for _, block := range docGoBlock.FindAllStringSubmatch(p.text, -1) {
			if !slices.ContainsFunc(sources, func(s docPage) bool { return strings.Contains(dedented(s.text), dedented(block[1])) }) {
				t.Errorf("%s: no example has this code, as it stands here:\n%s", p.path, block[1])
			}
		}
	}
}

// TestTourIsThatOfTheExample reads the code of doc.go line by line, and of the
// comments in it the SQL.
func TestTourIsThatOfTheExample(t *testing.T) {
	lines := map[string]bool{}
	for _, s := range exampleSources(t) {
		for line := range strings.Lines(s.text) {
			lines[strings.TrimSpace(withoutComment(line))] = true
			lines[strings.TrimSpace(line)] = true
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, content := range new(comment.Parser).Parse(file.Doc.Text()).Content {
		code, ok := content.(*comment.Code)
		if !ok || strings.HasPrefix(code.Text, "layer ") {
			continue
		}
		blocks++
		for line := range strings.Lines(code.Text) {
			statement, sql, _ := strings.Cut(strings.TrimSpace(line), "   // ")
			if !lines[statement] || sql != "" && !lines["// "+sql] {
				t.Errorf("doc.go: no example has this line, or its output: %s", line)
			}
		}
	}
	if blocks < 4 {
		t.Errorf("doc.go: %d blocks of code", blocks)
	}
}

func withoutComment(line string) string {
	code, _, _ := strings.Cut(line, " // ")
	return code
}

func TestExamplesAreProgramsToPaste(t *testing.T) {
	paths, err := filepath.Glob("example*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	for _, path := range paths {
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range doc.Examples(file) {
			switch {
			case example.Play == nil:
				t.Errorf("%s: Example%s uses what its file does not import or declare", path, example.Name)
			case example.Output == "":
				t.Errorf("%s: Example%s has no output, so it is not run", path, example.Name)
			case example.Doc == "":
				t.Errorf("%s: Example%s does not say what it shows", path, example.Name)
			}
		}
	}
}

var (
	docNames        = regexp.MustCompile(`\b(orm|types)\.([A-Z]\w*)`)
	docMembers      = regexp.MustCompile("`([A-Z]\\w*)\\.([A-Z]\\w*)\\b")
	docTestNames    = regexp.MustCompile(`\b(?:Test|Example)[A-Z_]\w*`)
	apiDeclaration  = regexp.MustCompile(`^(?:func|type|const|var) (\w+)|^(?:method|field|embeds) \(?\*?(\w+)(?:\[[^\]]*\])?\)?[ .](\w+)`)
	testDeclaration = regexp.MustCompile(`(?m)^func ((?:Test|Example)\w*)\(`)
)

func TestNamesInDocsExist(t *testing.T) {
	known := map[string]map[string]bool{"orm": exportedNames(t, "*.go"), "types": exportedNames(t, "types/*.go")}
	tests := testFunctions(t)
	for _, p := range docPages(t) {
		for _, m := range docNames.FindAllStringSubmatch(p.text, -1) {
			if !known[m[1]][m[2]] {
				t.Errorf("%s: there is no %s", p.path, m[0])
			}
		}
		for _, m := range docMembers.FindAllStringSubmatch(p.text, -1) {
			if known["orm"][m[1]] && !known["orm"][m[1]+"."+m[2]] {
				t.Errorf("%s: there is no %s.%s", p.path, m[1], m[2])
			}
		}
		for _, name := range docTestNames.FindAllString(p.text, -1) {
			if !tests[name] {
				t.Errorf("%s: there is no %s", p.path, name)
			}
		}
	}
}

// exportedNames holds "Name" and "Type.Member".
func exportedNames(t *testing.T, pattern string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, line := range exportedAPI(parseSources(t, pattern)) {
		switch m := apiDeclaration.FindStringSubmatch(line); {
		case m == nil:
		case m[1] != "":
			names[m[1]] = true
		default:
			names[m[2]+"."+m[3]] = true
		}
	}
	return names
}

func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, m := range testDeclaration.FindAllStringSubmatch(docText(t, path), -1) {
			names[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

var (
	docLink     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docHeading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	docCode     = regexp.MustCompile("(?ms)^```.*?^```$|`[^`]*`")
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}\- ]`)
)

func TestLinksInDocsLeadSomewhere(t *testing.T) {
	for _, p := range docPages(t) {
		for _, m := range docLink.FindAllStringSubmatch(docCode.ReplaceAllString(p.text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(m[1], "#")
			target := filepath.Join(filepath.Dir(p.path), path)
			if path == "" {
				target = p.path
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link %s leads nowhere", p.path, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(docAnchors(docText(t, target)), anchor) {
				t.Errorf("%s: %s has no heading for the link %s", p.path, target, m[1])
			}
		}
	}
}

// docAnchors are the names by which the headings of a page can be linked to.
func docAnchors(text string) []string {
	var names []string
	for _, m := range docHeading.FindAllStringSubmatch(docCode.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return names
}

// firstCells returns what stands between backquotes in the first cell of each
// row of the tables below a heading.
func firstCells(text, heading string) []string {
	_, section, found := strings.Cut(text, "\n## "+heading+"\n")
	if !found {
		return nil
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var cells []string
	for line := range strings.Lines(section) {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(cell, "`")
			cells = append(cells, name)
		}
	}
	slices.Sort(cells)
	return cells
}

func TestDocsHaveEveryWordOfATag(t *testing.T) {
	text := docText(t, "docs/tags.md")
	for heading, v := range map[string]*vocabulary{
		"The struct": structWords, "A column": columnWords, "An embedded struct": embeddedWords, "A composite": compositeWords,
		"A relationship": relationshipWords,
	} {
		want := slices.Sorted(maps.Keys(v.words))
		if diff := cmp.Diff(want, firstCells(text, heading)); diff != "" {
			t.Errorf("docs/tags.md, %q (-code +page):\n%s", heading, diff)
		}
	}
}

// docTagCell is the second cell of a row: an example of the word of the first.
var docTagCell = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| `([^`]+)`(?:, `([^`]+)`)?(?:, `([^`]+)`)? \\|")

func TestTagsOfDocsAreGood(t *testing.T) {
	examples := 0
	for _, m := range docTagCell.FindAllStringSubmatch(docText(t, "docs/tags.md"), -1) {
		for _, tag := range m[2:] {
			if tag == "" {
				continue
			}
			words, err := parseTag(tag)
			if err != nil || !slices.ContainsFunc(words, func(w tagWord) bool { return w.key == m[1] }) {
				t.Errorf("docs/tags.md: %q is no example of %q: %v", tag, m[1], err)
				continue
			}
			if !slices.ContainsFunc(vocabularies, func(v *vocabulary) bool { return len(v.check(words)) == 0 }) {
				t.Errorf("docs/tags.md: the tag %q is not taken anywhere", tag)
			}
			examples++
		}
	}
	if examples < len(columnWords.words) {
		t.Errorf("docs/tags.md: %d examples", examples)
	}
}

func TestDocsHaveEveryKindOfError(t *testing.T) {
	text := docText(t, "docs/errors.md")
	var listed []string
	for _, m := range docHeading.FindAllStringSubmatch(text, -1) {
		listed = append(listed, firstCells(text, m[1])...)
	}
	slices.Sort(listed)
	want := []string{"ErrNoRows"}
	for name := range exportedNames(t, "errors.go") {
		if strings.HasPrefix(name, "Err") && name != "ErrorKind" && !strings.Contains(name, ".") {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("docs/errors.md (-code +page):\n%s", diff)
	}
}

const (
	featuresBegin = "<!-- features: go test -run Docs . -update -->\n"
	featuresEnd   = "<!-- end of features -->"
)

func TestDocsShowTheFeaturesOfEachDatabase(t *testing.T) {
	const path = "docs/dialects.md"
	text := docText(t, path)
	before, rest, begun := strings.Cut(text, featuresBegin)
	_, after, ended := strings.Cut(rest, featuresEnd)
	if !begun || !ended {
		t.Fatalf("%s has no place for the table of features", path)
	}
	want := before + featuresBegin + featureTable(t) + featuresEnd + after
	if *updateAPI {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		text = want
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(text, "\n")); diff != "" {
		t.Errorf("%s (-code +page); if it is meant: go test -run Docs . -update\n%s", path, diff)
	}
}

// featureTable is a row for each feature, with what the source says of it.
func featureTable(t *testing.T) string {
	t.Helper()
	databases := []string{"SQLite", "PostgreSQL", "MySQL 8.4", "MariaDB 10.11"}
	forms := []Features{featuresOf(t, "sqlite", ""), featuresOf(t, "postgres", ""), featuresOf(t, "mysql", "8.4.0"), featuresOf(t, "mysql", "10.11.0-MariaDB")}
	var b bytes.Buffer
	head := "| feature | question | " + strings.Join(databases, " | ") + " |\n|" + strings.Repeat("---|", len(databases)+2) + "\n"
	for _, field := range featureFields(t) {
		if field.Doc != nil {
			fmt.Fprintf(&b, "\n**%s**\n\n%s", strings.TrimSuffix(strings.TrimSpace(field.Doc.Text()), "."), head)
		}
		name := field.Names[0].Name
		fmt.Fprintf(&b, "| `%s` | %s |", name, strings.ReplaceAll(strings.TrimSpace(field.Comment.Text()), "|", `\|`))
		for _, form := range forms {
			b.WriteString(" " + featureAnswer(reflect.ValueOf(form).FieldByName(name)) + " |")
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.String()
}

// featureFields are the fields of Features, with their comments.
func featureFields(t *testing.T) []*ast.Field {
	t.Helper()
	var fields []*ast.Field
	for _, f := range parseSources(t, "features.go").files {
		ast.Inspect(f, func(n ast.Node) bool {
			if form, ok := n.(*ast.StructType); ok {
				fields = append(fields, form.Fields.List...)
			}
			return true
		})
	}
	return fields
}

// featureAnswer is a value of a feature in words.
func featureAnswer(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool && v.Bool():
		return "yes"
	case v.Kind() == reflect.Slice:
		return strings.ToLower(strings.Join(v.Interface().([]string), ", "))
	case v.Kind() == reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	case v.Kind() == reflect.String && v.String() != "":
		return "`" + v.String() + "`"
	}
	return "–"
}

// featuresOf returns the form of a dialect that the behaviour tests import, of
// a server with the given version if there is one.
func featuresOf(t *testing.T, name, version string) Features {
	t.Helper()
	d, err := DialectByName(name)
	if err != nil {
		t.Fatal(err)
	}
	if prober, ok := d.(ServerProber); ok && version != "" {
		d, err = prober.Probe(context.Background(), func(context.Context, SQL) ([]string, error) { return []string{version}, nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	return d.Features()
}
