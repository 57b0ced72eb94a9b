package smt_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sparse-manifold/smt"

// imports are those of every package of the module, but for tests: of the module's own
// packages by their folders, "." for the root.
func imports(t *testing.T) map[string][]string {
	all := map[string][]string{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || name != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(name))
		for _, i := range file.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if own, is := strings.CutPrefix(p, module); is {
				p = path.Join(".", own[min(1, len(own)):])
			}
			all[folder] = append(all[folder], p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// reached are the packages that a package imports, and those that these import.
func reached(all map[string][]string, from string) map[string]bool {
	found := map[string]bool{}
	var visit func(string)
	visit = func(p string) {
		for _, next := range all[p] {
			if !found[next] {
				found[next] = true
				visit(next)
			}
		}
	}
	visit(from)
	return found
}

// rooms are the packages that an image walks through, and those that look on.
var rooms = []string{
	"sparse",
	"dictionary",
	"cooccur",
	"manifold",
	"source/vector",
	"vectors",
	"source/text",
	"source/text/kjv",
	"words",
	"dataset",
	"patch",
	"source/image",
	"source/video",
	"video",
	"video/shapes",
	"pool",
	"knn",
	"embedding",
	"graph",
	"groups",
	"duplicates",
	"outliers",
	"judge/probe",
	"judge/wordtest",
	"judge",
	"readout",
	".",
	"index",
	"choice",
	"estimate",
	"layout",
	"explain/toy",
	"explain",
	"answers",
	"explain/atlas",
	"explain/sources",
	"explain/draw",
	"explain/report",
	"server",
	"reproduce/shapes",
	"reproduce",
	"cmd/smt",
}

// A room knows those before it, and none after it.
func TestArrowsGoDown(t *testing.T) {
	all := imports(t)
	for i, room := range rooms {
		if len(all[room]) == 0 {
			t.Fatalf("there is no package %s", room)
		}
		for p := range reached(all, room) {
			if slices.Index(rooms, p) > i {
				t.Errorf("%s imports %s, a later room", room, p)
			}
		}
	}
}

// imageless are the rooms that judge embeddings and answer by them.
var imageless = []string{
	"judge",
	"judge/wordtest",
	"judge/probe",
	"knn",
	"embedding",
	"graph",
	"groups",
	"duplicates",
}

// Who judges embeddings knows nothing of what they are of.
func TestJudgesKnowNoImages(t *testing.T) {
	all := imports(t)
	for _, room := range imageless {
		for p := range reached(all, room) {
			for _, no := range []string{"image", "dataset", "patch", "pool", "source", "manifold", "explain"} {
				if p == no || strings.HasPrefix(p, no+"/") || p == "." {
					t.Errorf("%s imports %s", room, p)
				}
			}
		}
	}
}

// What reads labels out knows them no more. Its files are models' files, which know the engine.
func TestReadoutKnowsNoImages(t *testing.T) {
	for p := range reached(imports(t), "readout") {
		for _, no := range []string{".", "image", "dataset", "patch", "pool", "source", "explain"} {
			if p == no || strings.HasPrefix(p, no+"/") {
				t.Errorf("readout imports %s", p)
			}
		}
	}
}

// What learns from points of any kind knows no images.
func TestPointsAreNoImages(t *testing.T) {
	all := imports(t)
	for p := range reached(all, "vectors") {
		for _, no := range []string{".", "image", "dataset", "patch", "pool", "source/image", "embedding", "explain"} {
			if p == no || strings.HasPrefix(p, no+"/") {
				t.Errorf("vectors imports %s", p)
			}
		}
	}
}

// The engine and what it stands on know nothing of images, nor does the source that is none
// of images.
func TestEngineKnowsNoImages(t *testing.T) {
	all := imports(t)
	for _, room := range []string{"manifold", "explain/toy"} {
		for p := range reached(all, room) {
			for _, no := range []string{"image", "dataset", "patch", "pool", "source", "embedding", "knn", "explain"} {
				if p == no || strings.HasPrefix(p, no+"/") || p == "." {
					t.Errorf("%s imports %s", room, p)
				}
			}
		}
	}
}
