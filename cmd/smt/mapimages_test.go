package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/index"
)

type imageNames []string

func (n imageNames) Len() int        { return len(n) }
func (n imageNames) ID(i int) string { return n[i] }

// indexSmall writes an index of n images in three groups: their embeddings lie about three directions.
func indexSmall(t *testing.T, n int) string {
	t.Helper()
	models, err := smt.LoadEnsemble(fitSmall(t, idxData(t, 40, 0)))
	if err != nil {
		t.Fatal(err)
	}
	const dim = 12
	rng := rand.New(rand.NewPCG(1, 2))
	var (
		ids  imageNames
		rows []float32
		all  []index.NewItem
	)
	for i := range n {
		ids = append(ids, fmt.Sprintf("kind%d/%03d.png", i%3, i))
		row, square := make([]float32, dim), 0.0
		for k := range row {
			row[k] = float32(0.15 * rng.NormFloat64())
			if k == i%3 {
				row[k]++
			}
			square += float64(row[k] * row[k])
		}
		for k := range row {
			row[k] /= float32(math.Sqrt(square))
		}
		rows = append(rows, row...)
		im := image.NewGray(image.Rect(0, 0, 10, 8))
		for k := range im.Pix {
			im.Pix[k] = uint8(80*(i%3) + rng.IntN(20))
		}
		im.SetGray(0, 0, color.Gray{255})
		var b bytes.Buffer
		if err := png.Encode(&b, im); err != nil {
			t.Fatal(err)
		}
		all = append(all, index.NewItem{Item: index.Item{ID: ids[i], Label: fmt.Sprintf("kind%d", i%3), Width: 10, Height: 8}, Thumbnail: b.Bytes(), Digest: uint64(i)})
	}
	path := filepath.Join(t.TempDir(), "small.index")
	w, err := index.Create(path, index.Head{Models: models, Dim: dim, Even: -1, Shape: dataset.Shape{Height: 12, Width: 12, Channels: 1}}, ids)
	if err != nil {
		t.Fatal(err)
	}
	for first := 0; first < n; first += 4096 { // as many as are written at a time
		end := min(n, first+4096)
		if err := w.Write(rows[first*dim:end*dim], all[first:end]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMapOfImages(t *testing.T) {
	x := indexSmall(t, 60)
	page := filepath.Join(t.TempDir(), "map.html")
	var r mappedImages
	decodeInto(t, must(t, "map", x, "-o", page, "--groups", "3", "--json"), &r)
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if r.Map != page || r.Items != 60 || r.Groups != 3 || r.Bytes != int64(len(b)) || r.Seconds <= 0 || r.Peak < 1<<20 {
		t.Errorf("map --json: %+v, of a page of %d bytes", r, len(b))
	}
	for _, has := range []string{"<title>small.index</title>", `"names":["kind0","kind1","kind2"]`, "group 1, 20 images", "outlier score", `id="sheet-0"`} {
		if !bytes.Contains(b, []byte(has)) {
			t.Errorf("the page has no %s", has)
		}
	}
	table := filepath.Join(t.TempDir(), "map.csv")
	must(t, "map", x, "-o", page, "--groups", "3", "--csv", table)
	lines, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(lines)).ReadAll()
	if err != nil || len(rows) != 61 || len(rows[0]) != 6 || rows[1][0] != "kind0/000.png" || rows[1][1] != "kind0" || rows[1][2] == rows[2][2] {
		t.Errorf("the table, %v:\n%.300s", err, lines)
	}
	if out := must(t, "map", x, "-o", page, "--tile", "16"); !strings.Contains(out, "60 images in ") || !strings.Contains(out, "peak memory") {
		t.Errorf("map prints %s", out)
	}
	again := must(t, "map", x, "-o", "-", "--groups", "3", "--quiet")
	if again != string(b) {
		t.Error("the same index gave another page")
	}
	mustFail(t, exitUsage, []string{"-o is", ".html"}, "map", x, "-o", "map.svg")
	mustFail(t, exitUsage, []string{"--groups is 1: want 2"}, "map", x, "-o", page, "--groups", "1")
	mustFail(t, exitUsage, []string{"--tile is 20: want one of [16 32"}, "map", x, "-o", page, "--tile", "20")
	mustFail(t, exitUsage, []string{`unexpected argument "word"`}, "map", x, "word", "-o", page)
	mustFail(t, exitUsage, []string{"--words is of words"}, "map", x, "-o", page, "--words", "50")
	mustFail(t, exitUsage, []string{"--neighbours is of words"}, "map", x, "-o", page, "-k", "5")
	mustFail(t, exitFailure, []string{"is a model, but not of words", "smt index"}, "map", fitSmall(t, idxData(t, 40, 0)), "-o", page)
	one := indexSmall(t, 1)
	mustFail(t, exitFailure, []string{"has 1 item: want 2"}, "map", one, "-o", page)
	if err := os.Rename(one, one+".html"); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{"INDEX"}, "map", one+".html", "-o", one+".html")
}
