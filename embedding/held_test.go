package embedding

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What is held is what a file of the set has.
func TestHeldIsAsAFile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.IntRange(1, 20).Draw(rt, "dim")
		h := random(rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2)), rapid.IntRange(1, 300).Draw(rt, "rows"), dim, rapid.IntRange(-1, dim).Draw(rt, "even"))
		var w bytes.Buffer
		if err := WriteTo(t.Context(), &w, "", h); err != nil {
			rt.Fatal(err)
		}
		file, err := OpenFrom(bytes.NewReader(w.Bytes()), int64(w.Len()))
		if err != nil {
			rt.Fatal(err)
		}
		read := 0
		kept, err := Hold(t.Context(), h, func(done, total int) { read = done })
		if err != nil {
			rt.Fatal(err)
		}
		if kept.Len() != h.Len() || kept.Dim() != dim || kept.Even() != h.EvenWidth || read != h.Len() {
			rt.Fatalf("%d rows of %d values, %d even, %d read", kept.Len(), kept.Dim(), kept.Even(), read)
		}
		rows := rapid.SliceOfN(rapid.IntRange(0, h.Len()-1), 1, 20).Draw(rt, "picked")
		twice := rapid.SliceOfN(rapid.IntRange(0, len(rows)-1), 1, 9).Draw(rt, "picked again")
		n := rapid.IntRange(1, 50).Draw(rt, "block")
		for _, s := range [][2]Set{{kept, file}, {kept.Pick(rows), file.Pick(rows)}, {kept.Pick(rows).Pick(twice), file.Pick(rows).Pick(twice)}} {
			var all [2][]float32
			for k := range s {
				for b, err := range s[k].Blocks(t.Context(), n) {
					if err != nil {
						rt.Fatal(err)
					}
					all[k] = append(all[k], b...)
				}
			}
			if !slices.Equal(all[0], all[1]) {
				rt.Fatal("other values than a file has")
			}
			for i := range s[0].Len() {
				a, errA := s[0].ID(i)
				b, errB := s[1].ID(i)
				if a != b || errA != nil || errB != nil {
					rt.Fatalf("row %d has the id %q, want %q", i, a, b)
				}
			}
		}
	})
}

func TestHoldStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	h := random(rand.New(rand.NewPCG(1, 2)), 2*Block+5, 3, -1)
	if _, err := Hold(ctx, h, func(done, total int) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
