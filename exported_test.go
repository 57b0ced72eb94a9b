package smt_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a package exports speaks no type that importers cannot name: none that is not
// exported, and none of an internal package.
func TestExportedTypesHaveNames(t *testing.T) {
	for folder := range imports(t) {
		if top, _, _ := strings.Cut(folder, "/"); top == "cmd" || top == "bench" || top == "docs" || top == "internal" {
			continue // none of them is imported from outside
		}
		for _, fault := range unnameable(t, folder) {
			t.Error(fault)
		}
	}
}

func TestTypesWithoutNamesAreFound(t *testing.T) {
	const source = `package p
import "x/internal/hidden"
type own struct{ F int }
type Result struct { A own; b own; C map[string][]own; D hidden.T; E struct{ a own; B own } }
type Other struct { own }
func F(f func(own), g int) (Result, error) { var w own; return w, nil }
func (Result) M() *own { return nil }
func (own) N() own { return own{} }
func f() own { return own{} }
var V, w own
var U = &own{}
type I interface { M(own); m(own) }
type T[own any] struct { F own }
func (t *T[own]) G() own { return t.F }
`
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "p.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, fault := range unnameable(t, folder) {
		lines = append(lines, strings.Split(fault, ":")[1])
	}
	if got := strings.Join(lines, " "); got != "4 4 4 4 6 7 10 11 12" {
		t.Errorf("found in lines %s", got)
	}
}

// unnameable are the places in the exported declarations of a package that have such types.
func unnameable(t *testing.T, folder string) (faults []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset, hidden := token.NewFileSet(), map[string]bool{}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		for _, d := range f.Decls {
			if g, is := d.(*ast.GenDecl); is && g.Tok == token.TYPE {
				for _, s := range g.Specs {
					if name := s.(*ast.TypeSpec).Name; !name.IsExported() {
						hidden[name.Name] = true
					}
				}
			}
		}
	}
	for _, f := range files {
		e := exported{hidden: hidden, inner: map[string]bool{}}
		for _, i := range f.Imports {
			if p := strings.Trim(i.Path.Value, `"`); strings.Contains(p, "/internal/") {
				name := p[strings.LastIndex(p, "/")+1:]
				if i.Name != nil {
					name = i.Name.Name
				}
				e.inner[name] = true
			}
		}
		for _, d := range f.Decls {
			e.declaration(d)
		}
		for _, n := range e.faults {
			faults = append(faults, fmt.Sprintf("%v: an exported name speaks a type that importers cannot name", fset.Position(n.Pos())))
		}
	}
	return faults
}

// exported looks through the exported declarations of a file.
type exported struct {
	hidden map[string]bool // types of the package that are not exported
	inner  map[string]bool // imported internal packages
	faults []ast.Node
}

func (e *exported) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		parameters := map[string]bool{}
		if d.Recv != nil {
			receiver := d.Recv.List[0].Type
			if p, is := receiver.(*ast.StarExpr); is {
				receiver = p.X
			}
			if g, is := receiver.(*ast.IndexExpr); is {
				receiver = g.X
				parameters[g.Index.(*ast.Ident).Name] = true
			}
			if !receiver.(*ast.Ident).IsExported() {
				return
			}
		}
		if d.Name.IsExported() {
			e.look(d.Type, with(parameters, d.Type.TypeParams))
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					e.look(s.Type, with(nil, s.TypeParams))
				}
			case *ast.ValueSpec:
				for i, name := range s.Names {
					if !name.IsExported() {
						continue
					}
					if s.Type != nil {
						e.look(s.Type, nil)
					} else if i < len(s.Values) {
						e.value(s.Values[i])
					}
				}
			}
		}
	}
}

// with is type parameters, and some more.
func with(parameters map[string]bool, more *ast.FieldList) map[string]bool {
	all := map[string]bool{}
	for name := range parameters {
		all[name] = true
	}
	if more != nil {
		for _, f := range more.List {
			for _, name := range f.Names {
				all[name.Name] = true
			}
		}
	}
	return all
}

// value looks at the type of a composite literal, or of its address: that of other values is
// not in the syntax.
func (e *exported) value(v ast.Expr) {
	if u, is := v.(*ast.UnaryExpr); is {
		v = u.X
	}
	if c, is := v.(*ast.CompositeLit); is {
		e.look(c.Type, nil)
	}
}

// look goes through a type, but for fields and methods that are not exported.
func (e *exported) look(n ast.Node, parameters map[string]bool) {
	switch x := n.(type) {
	case *ast.StructType:
		e.fields(x.Fields, parameters)
		return
	case *ast.InterfaceType:
		e.fields(x.Methods, parameters)
		return
	case nil:
		return
	}
	ast.Inspect(n, func(m ast.Node) bool {
		switch x := m.(type) {
		case *ast.StructType, *ast.InterfaceType:
			e.look(x, parameters)
			return false
		case *ast.Field: // its names are no types
			e.look(x.Type, parameters)
			return false
		case *ast.SelectorExpr:
			if e.inner[x.X.(*ast.Ident).Name] {
				e.faults = append(e.faults, x)
			}
			return false
		case *ast.Ident:
			if e.hidden[x.Name] && !parameters[x.Name] {
				e.faults = append(e.faults, x)
			}
		}
		return true
	})
}

func (e *exported) fields(list *ast.FieldList, parameters map[string]bool) {
	for _, f := range list.List {
		// Of an embedded type of the package its exported fields and methods are seen, and it
		// need not be named.
		name, is := f.Type.(*ast.Ident)
		shown := len(f.Names) == 0 && !(is && e.hidden[name.Name])
		for _, name := range f.Names {
			shown = shown || name.IsExported()
		}
		if shown {
			e.look(f.Type, parameters)
		}
	}
}
