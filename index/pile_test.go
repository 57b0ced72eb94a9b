package index

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/half"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/smttest"
)

// models are two small models, fitted once: the second has another seed.
var models = sync.OnceValues(func() (two [2]*smt.Ensemble, err error) {
	for i := range two {
		cfg := smttest.Small()
		cfg.Seed = uint64(i + 1)
		m, err := smt.Fit(context.Background(), smttest.Colour(30), cfg)
		if err != nil {
			return two, err
		}
		if two[i], err = smt.NewEnsemble(smt.Member{Name: "m", Model: m, Weight: 1}); err != nil {
			return two, err
		}
	}
	return two, nil
})

// pile is images with random embeddings.
type pile struct {
	dim, even int
	rows      []float32
	items     []NewItem
}

func (p pile) Len() int        { return len(p.items) }
func (p pile) ID(i int) string { return p.items[i].ID }

// randomPile makes n images, whose ids begin with a name.
func randomPile(seed uint64, name string, n, dim, even int) pile {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	p := pile{dim: dim, even: even, rows: make([]float32, n*dim)}
	for i := range n {
		row := p.rows[i*dim : (i+1)*dim]
		for k := range row {
			row[k] = float32(rng.NormFloat64())
		}
		if linalg.Unit(row); rng.IntN(20) == 0 {
			clear(row) // a blank image
		}
		item := NewItem{Item: Item{ID: fmt.Sprintf("%s/%d%s", name, i, name[:rng.IntN(len(name))]), Width: rng.IntN(5000), Height: rng.IntN(5000)}, Digest: rng.Uint64()}
		if c := rng.IntN(4); c > 0 {
			item.Label = fmt.Sprintf("class %d of %s", c, name)
		}
		item.Thumbnail = make([]byte, rng.IntN(60))
		for k := range item.Thumbnail {
			item.Thumbnail[k] = byte(rng.Uint32())
		}
		p.items = append(p.items, item)
	}
	return p
}

func (p pile) head(t testing.TB) Head {
	t.Helper()
	two, err := models()
	if err != nil {
		t.Fatal(err)
	}
	return Head{Models: two[0], Dim: p.dim, Even: p.even, Shape: dataset.Shape{Height: 13, Width: 14, Channels: 3}}
}

// write has a writer write up to some images, in blocks.
func (p pile) write(w *Writer, stop, block int) error {
	for w.Done() < stop {
		end := min(stop, w.Done()+block)
		if err := w.Write(p.rows[w.Done()*p.dim:end*p.dim], p.items[w.Done():end]); err != nil {
			return err
		}
	}
	return nil
}

// file writes an index of piles, the first created and the others appended.
func fileOf(t testing.TB, block int, piles ...pile) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all")
	begin := Create
	for _, p := range piles {
		w, err := begin(path, p.head(t), p)
		if err == nil {
			err = p.write(w, p.Len(), block)
		}
		if err == nil {
			err = w.Commit()
		}
		if err != nil {
			t.Fatal(err)
		}
		begin = Append
	}
	return path
}

func open(t testing.TB, path string) *Index {
	t.Helper()
	x, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

// stored is what a file has of values.
func stored(x []float32) []float32 {
	b, y := make([]byte, half.Size*len(x)), make([]float32, len(x))
	half.Encode(b, x)
	half.Decode(y, b)
	return y
}

// difference says in what an index is not of these piles, one after the other.
func difference(t testing.TB, x *Index, piles ...pile) error {
	n := 0
	for _, p := range piles {
		if x.Dim() != p.dim || x.Even() != p.even {
			return fmt.Errorf("dim %d even %d, want %d, %d", x.Dim(), x.Even(), p.dim, p.even)
		}
		for i, want := range p.items {
			if n+i >= x.Len() {
				return fmt.Errorf("%d items, want more", x.Len())
			}
			got, err := x.Item(n + i)
			picture, errPicture := x.Thumbnail(n + i)
			id, errID := x.ID(n + i)
			if err != nil || errPicture != nil || errID != nil || got != want.Item || id != want.ID || !slices.Equal(picture, want.Thumbnail) {
				return fmt.Errorf("item %d is %v with a picture of %d bytes: %v, %v; want %v with %d", n+i, got, len(picture), err, errPicture, want.Item, len(want.Thumbnail))
			}
			if c := slices.Index(x.Classes(), got.Label); (c >= 0) != (got.Label != "") {
				return fmt.Errorf("item %d has the class %q of %v", n+i, got.Label, x.Classes())
			}
		}
		n += p.Len()
	}
	if x.Len() != n {
		return fmt.Errorf("%d items, want %d", x.Len(), n)
	}
	var rows []float32
	for b, err := range x.Blocks(t.Context(), 7) {
		if err != nil {
			return err
		}
		rows = append(rows, b...)
	}
	var want []float32
	for _, p := range piles {
		want = append(want, stored(p.rows)...)
	}
	if !slices.Equal(rows, want) {
		return fmt.Errorf("other embeddings than were written")
	}
	return x.Check(t.Context(), nil)
}

// read is the bytes of a file.
func contents(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// begun is a file that has the first line of an index, and no root.
func begun(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "begun")
	b := make([]byte, firstData)
	copy(b, titleLine)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// noIndex is a file that is something else.
func noIndex(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "none")
	if err := os.WriteFile(path, make([]byte, 2*firstData), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// partOf is the path of an index of which the first images of a pile are written.
func partOf(t testing.TB, p pile) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "part")
	w, err := Create(path, p.head(t), p)
	if err == nil {
		err = p.write(w, 2, 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
