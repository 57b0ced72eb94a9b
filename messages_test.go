package smt_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// counted is a number in a format, and the noun it counts. "× " before a number makes it a side, not a count.
var counted = regexp.MustCompile(`(× ?)?%[ds] (?:(?:different|smooth|coded|active|test|class|nearest|others?) )?(values|bytes|atoms|units|rows|pixels|frames|words|patches|coordinates|times|points|neighbours|images|pairs|dimensions|components|passes|vectors|pictures|entries|embeddings|columns|channels|strips|questions|lines|groups|files|clips|weights|tensors|samples|places|pieces|edges|chapters|classes|digits)\b`)

// limit is an argument that is a constant of the program, which is never 1.
var limit = regexp.MustCompile(`^([a-z]+\.)?(Max|Most|max|most|math\b|Digits$)[A-Za-z.0-9]*$`)

// Messages say "1 word" and "2 words", by internal/plural: a format with a number and a noun in the plural is wrong of one.
func TestMessagesCount(t *testing.T) {
	// Digests are of these. They are not read.
	hashed := []string{"%d values\\n", "%s, %d neighbours, %d of atoms %s", "points of %d values, %d active atoms, graph %+v\\n"}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains([]string{"bench", "docs", "internal/asmgen", "internal/memory/memorytest", "testdata"}, filepath.ToSlash(name)) || name != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is {
				return true
			}
			for i, arg := range call.Args {
				text, is := arg.(*ast.BasicLit)
				if !is || text.Kind != token.STRING || slices.Contains(hashed, strings.Trim(text.Value, "\"`")) {
					continue
				}
				for _, at := range counted.FindAllStringSubmatchIndex(text.Value, -1) {
					number := i + 1 + len(verb.FindAllString(text.Value[:at[0]], -1))
					if at[2] >= 0 || number >= len(call.Args) || strings.Contains(text.Value, "%[") || constant(call.Args[number]) {
						continue
					}
					if strings.Contains(text.Value[at[0]:at[1]], "%s") && !isNumber(call.Args[number]) {
						continue
					}
					t.Errorf("%v: %q: want internal/plural to word the number", files.Position(text.Pos()), text.Value[at[0]:at[1]])
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var verb = regexp.MustCompile(`%[-+#0-9. ]*[a-zA-Z]`)

// isNumber says whether an argument that is formatted as a text is a number: what count, of cmd/smt, makes of one.
func isNumber(x ast.Expr) bool {
	call, is := x.(*ast.CallExpr)
	if !is {
		return false
	}
	name, is := call.Fun.(*ast.Ident)
	return is && name.Name == "count"
}

// constant says whether an argument is a limit of the program, or a number in place.
func constant(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return limit.MatchString(x.Name)
	case *ast.SelectorExpr:
		of, is := x.X.(*ast.Ident)
		return is && limit.MatchString(of.Name+"."+x.Sel.Name)
	case *ast.BinaryExpr:
		return constant(x.X) // a part of a limit
	case *ast.CallExpr:
		name, is := x.Fun.(*ast.Ident)
		return is && len(x.Args) == 1 && (strings.HasPrefix(name.Name, "int") || strings.HasPrefix(name.Name, "uint")) && constant(x.Args[0])
	}
	return false
}
