// This file keeps the layers of the package apart, which the compiler does not:
// to Go, all files of a package are one. The table below says which file is in
// which layer. A file uses declarations of its own layer and of lower ones.

package orm

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	gotypes "go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// layer is a name and its files, without their ending.
type layer struct{ name, files string }

// layers is the table, lowest first. doc.go shows the same one.
var layers = []layer{
	{"ground", "access doc errors hooks naming toposort"},
	{"expression", "address aggregate array attribute_name base coerce expr from fulltext func func_number func_text func_time json json_build operator predicate range row sample source spelling window"},
	{"schema", "column constraint generated metadata table view"},
	{"statement", "composite correlate criteria cte ddl delete hint insert join merge_into path select setop sourced sqltext synchronize table_group tablefunc text update upsert values walk"},
	{"compile", "compile_around compile_cache compile_composite compile_criteria compile_cte compile_ddl compile_debug compile_dml compile_expr compile_form compile_from compile_fulltext compile_func compile_generated compile_group compile_inherited compile_json compile_linked compile_merge compile_path compile_select compile_source compile_spelling compile_template compile_text compile_upsert compile_value compile_view compile_window compiled compiler ddl_plan dialect features scope"},
	{"execute", "cartesian classify conn conn_commit conn_copy conn_raw conn_twophase conn_tx connector cursor engine engine_events engine_options exec_many execution fetch insert_exec inspect legs logging message pool result route route_shard scan scan_fields schema schema_events socket socket_other socket_unix stmtcache stream transact tuple url"},
	{"map", "attribute column_property composite_draft composite_part discriminator field inheritance inheritance_concrete inheritance_draft listeners mapper mapper_draft mapper_row mapper_table property property_generated registry registry_convert registry_schema relationship relationship_config relationship_draft relationship_join relationship_link relationship_overlap relationship_path tag tag_value"},
	{"track", "columnset downcast evaluate evaluate_like evaluate_value history hybrid identity relationship_proxy relationship_where state unit"},
	{"load", "load load_expression load_joined load_keys load_lazy load_optional load_plan load_polymorphic load_relation load_route load_select load_selectin load_stream load_subquery load_untracked option"},
	{"flush", "cascade detour keyfollow keysync makeway persist persist_expr persist_insert persist_link persist_part persist_route persist_update persist_version position reconcile roworder shape unitofwork"},
	{"session", "bulk bulk_insert bulk_returning bulk_update events events_execute events_flush events_guard events_session future query query_clause query_inherited query_interface query_objects query_source query_statement query_stream query_write session session_collection session_factory session_fetch session_flush session_guard session_load session_merge session_relate session_route session_shard session_sync session_tx sync_change sync_match validate"},
}

// pureLayers hold no I/O and no time: all that makes SQL, and all that finds
// changes, can be tested without a database.
var pureLayers = []int{0, 1, 2, 3, 4, 7}

// sources are the package's files, parsed.
type sources struct {
	fset  *token.FileSet
	files []*ast.File
	names []string // without ending, as in the table
}

func parseSources(t *testing.T, pattern string) *sources {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	s := &sources{fset: token.NewFileSet()}
	for _, file := range paths {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(s.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, parsed)
		s.names = append(s.names, strings.TrimSuffix(filepath.Base(file), ".go"))
	}
	if len(s.files) == 0 {
		t.Fatalf("no files match %s", pattern)
	}
	return s
}

// parseSource is parseSources for a text.
func parseSource(t *testing.T, text string) *sources {
	t.Helper()
	s := &sources{fset: token.NewFileSet(), names: []string{"text"}}
	parsed, err := parser.ParseFile(s.fset, "text.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	s.files = []*ast.File{parsed}
	return s
}

// layerOf returns the number of each file's layer.
func layerOf() map[string]int {
	numbers := map[string]int{}
	for number, l := range layers {
		for name := range strings.FieldsSeq(l.files) {
			numbers[name] = number
		}
	}
	return numbers
}

func TestEveryFileIsInOneLayer(t *testing.T) {
	var listed []string
	for _, l := range layers {
		listed = append(listed, strings.Fields(l.files)...)
	}
	slices.Sort(listed)
	there := parseSources(t, "*.go").names
	slices.Sort(there)
	if diff := cmp.Diff(listed, there); diff != "" {
		t.Errorf("files in the table and in the folder differ (-table +folder):\n%s", diff)
	}
}

func TestNoFileUsesAHigherLayer(t *testing.T) {
	s := parseSources(t, "*.go")
	numbers, uses := layerOf(), usesOf(s)
	byPosition := func(a, b *ast.Ident) int { return int(a.Pos() - b.Pos()) }
	for _, id := range slices.SortedFunc(maps.Keys(uses), byPosition) {
		object := uses[id]
		if !isDeclaration(object) {
			continue
		}
		from, to := s.fset.Position(id.Pos()), s.fset.Position(object.Pos())
		user, userListed := numbers[fileName(from)]
		used, usedListed := numbers[fileName(to)]
		if userListed && usedListed && user < used {
			t.Errorf("%s (layer %s) uses %s of a higher layer: %s (%s)", from, layers[user].name, id.Name, to, layers[used].name)
		}
	}
}

func fileName(p token.Position) string {
	return strings.TrimSuffix(filepath.Base(p.Filename), ".go")
}

// usesOf resolves the names that the package declares itself. What it imports
// is replaced by empty packages, and what does not resolve for that is ignored.
func usesOf(s *sources) map[*ast.Ident]gotypes.Object {
	info := &gotypes.Info{Uses: map[*ast.Ident]gotypes.Object{}}
	config := gotypes.Config{Importer: emptyImporter{}, Error: func(error) {}}
	_, _ = config.Check("orm", s.fset, s.files, info)
	maps.DeleteFunc(info.Uses, func(_ *ast.Ident, object gotypes.Object) bool {
		return object.Pkg() == nil || object.Pkg().Path() != "orm"
	})
	return info.Uses
}

// emptyImporter gives a package without declarations for every import.
type emptyImporter struct{}

func (emptyImporter) Import(name string) (*gotypes.Package, error) {
	p := gotypes.NewPackage(name, path.Base(name))
	p.MarkComplete()
	return p, nil
}

// isDeclaration reports whether an object is declared at package level, or is a
// method.
func isDeclaration(object gotypes.Object) bool {
	if f, ok := object.(*gotypes.Func); ok && f.Signature().Recv() != nil {
		return true
	}
	return object.Parent() == object.Pkg().Scope()
}

func TestPureLayersImportNoIO(t *testing.T) {
	numbers := layerOf()
	eachImport(t, "*.go", func(file, imported string, at token.Position) {
		number, listed := numbers[file]
		if listed && slices.Contains(pureLayers, number) && (imported == "context" || imported == "database/sql") {
			t.Errorf("%s: layer %s imports %s", at, layers[number].name, imported)
		}
	})
}

func TestPackagesImportTheStandardLibraryOnly(t *testing.T) {
	const own = "github.com/aurum-go/orm/types"
	for _, pattern := range []string{"*.go", "types/*.go"} {
		eachImport(t, pattern, func(_, imported string, at token.Position) {
			first, _, _ := strings.Cut(imported, "/")
			if strings.Contains(first, ".") && (imported != own || pattern != "*.go") {
				t.Errorf("%s: import of %s", at, imported)
			}
		})
	}
}

func TestUnsafeIsKeptInOneFileOfEachPackage(t *testing.T) {
	for pattern, allowed := range map[string]string{"*.go": "access", "types/*.go": "ptr"} {
		eachImport(t, pattern, func(file, imported string, at token.Position) {
			if imported == "unsafe" && file != allowed {
				t.Errorf("%s: unsafe outside of %s.go", at, allowed)
			}
		})
	}
}

func eachImport(t *testing.T, pattern string, visit func(file, imported string, at token.Position)) {
	t.Helper()
	s := parseSources(t, pattern)
	for i, f := range s.files {
		for _, spec := range f.Imports {
			visit(s.names[i], strings.Trim(spec.Path.Value, `"`), s.fset.Position(spec.Pos()))
		}
	}
}

var (
	layerLine = regexp.MustCompile(`^layer (\d+) (\w+): (.*)$`)
	fileList  = regexp.MustCompile(`^[\w, .]+$`)
)

// documentedLayers reads the lines "layer n name: file, file" of a text. A list
// goes on in the next line that holds nothing but files.
func documentedLayers(text string) []string {
	var lines []string
	open := false
	for part := range strings.Lines(text) {
		part = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(part), "//"))
		switch {
		case layerLine.MatchString(part):
			lines, open = append(lines, part), true
		case open && fileList.MatchString(part):
			lines[len(lines)-1] += " " + part
		default:
			open = false
		}
	}
	for i, l := range lines {
		m := layerLine.FindStringSubmatch(l)
		files := strings.FieldsFunc(strings.ReplaceAll(m[3], ".go", ""), func(r rune) bool { return r == ',' || r == ' ' })
		lines[i] = fmt.Sprintf("layer %s %s: %s", m[1], m[2], strings.Join(files, ", "))
	}
	return lines
}

func TestDocShowsTheLayers(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i, l := range layers {
		want = append(want, fmt.Sprintf("layer %d %s: %s", i, l.name, strings.Join(strings.Fields(l.files), ", ")))
	}
	if diff := cmp.Diff(want, documentedLayers(string(text))); diff != "" {
		t.Errorf("the table of doc.go differs from that of the test (-want +got):\n%s", diff)
	}
}

func TestDocumentedLayersAreReadOverSeveralLines(t *testing.T) {
	got := documentedLayers("//	layer 0 ground: a.go,\n//	  b.go\n//	layer 1 next: c\n//\n// Other words, d\n")
	if diff := cmp.Diff([]string{"layer 0 ground: a, b", "layer 1 next: c"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
