// This file compares what the packages export with testdata/api.txt and
// testdata/api_types.txt, so that nothing is promised, and nothing promised is
// broken, by accident. A change that is meant is written by
//
//	go test -run API . -update

package orm

import (
	"bytes"
	"flag"
	"go/ast"
	"go/printer"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateAPI = flag.Bool("update", false, "write the files of testdata anew")

func TestAPIIsTheOneInTestdata(t *testing.T) {
	for golden, pattern := range map[string]string{"testdata/api.txt": "*.go", "testdata/api_types.txt": "types/*.go"} {
		got := strings.Join(exportedAPI(parseSources(t, pattern)), "\n") + "\n"
		if *updateAPI {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s differs from what is exported (-want +got); if it is meant: go test -run API . -update\n%s", golden, diff)
		}
	}
}

// apiLines collects the exported API, one line for each name.
type apiLines struct {
	fset  *token.FileSet
	lines []string
}

func exportedAPI(s *sources) []string {
	a := &apiLines{fset: s.fset}
	for _, f := range s.files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				a.function(d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					a.spec(d.Tok, spec)
				}
			}
		}
	}
	slices.Sort(a.lines)
	return slices.Compact(a.lines)
}

func (a *apiLines) add(words ...string) { a.lines = append(a.lines, strings.Join(words, " ")) }

// function adds a function, or a method of an exported type.
func (a *apiLines) function(f *ast.FuncDecl) {
	if !f.Name.IsExported() {
		return
	}
	if f.Recv == nil {
		a.add("func", f.Name.Name+a.signature(f.Type))
		return
	}
	receiver := a.text(f.Recv.List[0].Type)
	if ast.IsExported(strings.TrimLeft(receiver, "*")) {
		a.add("method", "("+receiver+")", f.Name.Name+a.signature(f.Type))
	}
}

func (a *apiLines) spec(kind token.Token, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() {
			a.typeSpec(spec)
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if !name.IsExported() {
				continue
			}
			line := kind.String() + " " + name.Name
			if spec.Type != nil {
				line += " " + a.text(spec.Type)
			}
			a.add(line)
		}
	}
}

func (a *apiLines) typeSpec(spec *ast.TypeSpec) {
	name := spec.Name.Name
	head := "type " + name
	if spec.TypeParams != nil {
		head += "[" + a.fieldList(spec.TypeParams) + "]"
	}
	if spec.Assign.IsValid() {
		head += " ="
	}
	switch t := spec.Type.(type) {
	case *ast.StructType:
		a.add(head, "struct")
		a.members("field", name, t.Fields)
	case *ast.InterfaceType:
		a.add(head, "interface")
		a.members("method", name, t.Methods)
	default:
		a.add(head, a.text(t))
	}
}

// members adds the exported fields of a struct or methods of an interface, and
// what is embedded. An interface that others cannot fulfil shows one unexported
// method.
func (a *apiLines) members(kind, owner string, list *ast.FieldList) {
	for _, f := range list.List {
		if len(f.Names) == 0 {
			a.add("embeds", owner+"."+a.text(f.Type))
		}
		for _, name := range f.Names {
			switch t, isMethod := f.Type.(*ast.FuncType); {
			case isMethod && kind == "method" && !name.IsExported():
				a.add("sealed", owner)
			case !name.IsExported():
			case isMethod && kind == "method":
				a.add(kind, owner+"."+name.Name+a.signature(t))
			default:
				a.add(kind, owner+"."+name.Name, a.text(f.Type))
			}
		}
	}
}

func (a *apiLines) signature(t *ast.FuncType) string {
	return strings.TrimPrefix(a.text(t), "func")
}

func (a *apiLines) fieldList(list *ast.FieldList) string {
	var fields []string
	for _, f := range list.List {
		var names []string
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
		fields = append(fields, strings.Join(names, ", ")+" "+a.text(f.Type))
	}
	return strings.Join(fields, ", ")
}

// text returns a piece of syntax on one line.
func (a *apiLines) text(node ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestExportedAPIShowsWhatOthersCanUse(t *testing.T) {
	s := parseSource(t, `package p
type Open[K comparable, V any] struct { A, B int; c int; Other }
func (o *Open[K, V]) Do(f func(x int) error, more ...string) (err error) { return nil }
func (closed) Hidden() {}
type Sealed interface { Do(int); sealed() }
type Alias = string
const One, two = 1, 2
var Three int
func hidden() {}
func Make[T any](t T) T { return t }
`)
	want := []string{
		"const One", "embeds Open.Other", "field Open.A int", "field Open.B int", "func Make[T any](t T) T",
		"method (*Open[K, V]) Do(f func(x int) error, more ...string) (err error)", "method Sealed.Do(int)", "sealed Sealed",
		"type Alias = string", "type Open[K comparable, V any] struct", "type Sealed interface", "var Three int",
	}
	if diff := cmp.Diff(want, exportedAPI(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
