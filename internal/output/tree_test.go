package output

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Nothing but this package opens what is written, unless a comment above the line says
// why: "Not by internal/output: …". The comparisons in bench write to folders of their
// own only.
func TestNothingElseWrites(t *testing.T) {
	const root = "../.."
	writers := []string{"Create", "OpenFile", "WriteFile", "CreateTemp", "MkdirTemp", "Rename"}
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || name == "node_modules" || name == "bench" || path == filepath.Join(root, "internal", "output") || strings.HasPrefix(name, ".") && path != root):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		excused := map[int]bool{} // lines
		for _, c := range file.Comments {
			if strings.Contains(c.Text(), "Not by internal/output: ") {
				excused[set.Position(c.End()).Line+1] = true
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is {
				return true
			}
			f, is := call.Fun.(*ast.SelectorExpr)
			if !is || !slices.Contains(writers, f.Sel.Name) || f.Sel.Name == "OpenFile" && reads(call) {
				return true
			}
			if from, is := f.X.(*ast.Ident); !is || from.Name != "os" {
				return true
			}
			if at := set.Position(call.Pos()); !excused[at.Line] {
				t.Errorf("%s: os.%s: want internal/output, or a comment above that says why not", at, f.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files were looked at, %v", files, err)
	}
}

// reads reports a call of os.OpenFile for reading alone.
func reads(call *ast.CallExpr) bool {
	only := false
	ast.Inspect(call.Args[1], func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is && s.Sel.Name == "O_RDONLY" {
			only = true
		}
		return true
	})
	return only
}
