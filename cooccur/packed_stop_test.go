package cooccur

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/sparse-manifold/smt/sparse"
)

// Wherever counting is stopped, between parts or in one, whose pairs are then owed, the statistics
// are those of the images that are said to be added, and the rest can be added later.
func TestPackedStopsBetweenWholeImages(t *testing.T) {
	defer func(old int) { partEntries = old }(partEntries)
	const images = 12
	mirror := flips(16, 3, 5) // 139 orbits, in nine pieces
	all := randomImages(rand.New(rand.NewPCG(7, 7)), images, 6, len(mirror))
	entries := 0
	for _, c := range all {
		entries += len(c.Atom)
	}
	partEntries = entries / 3
	count := func(codes []*sparse.Codes) *Packed {
		s, err := packed(mirror, 2, 3)
		if err == nil {
			err = accumulate(s, codes)
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	same := func(a, b *Packed) bool {
		a.arrange()
		b.arrange()
		return a.Groups == b.Groups && a.Coded == b.Coded && slices.Equal(a.Same, b.Same) && slices.Equal(a.Crossed, b.Crossed) &&
			reflect.DeepEqual(a.rows(), b.rows())
	}
	whole := count(all)
	stops, pieces, inPart := map[int]int{}, rowPieces(139), 0 // inPart: stops that left some pieces of a part to be counted, not all
	for looks := 0; ; looks++ {
		s := count(all[:0])
		n, err := s.Accumulate(until(looks), groups(all))
		if err == nil {
			if n != images {
				t.Fatalf("%d of %d images and no error", n, images)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		stops[n]++
		if len(s.owed) > 0 && len(s.owed) < pieces {
			inPart++
		}
		if !same(s, count(all[:n])) {
			t.Fatalf("stopped after %d images, the statistics are of others", n)
		}
		if err := accumulate(s, all[n:]); err != nil {
			t.Fatal(err)
		}
		if !same(s, whole) {
			t.Fatalf("gone on after %d images, other sums", n)
		}
	}
	for _, n := range []int{3, 6, 9, 12} { // in each part
		if stops[n] < pieces {
			t.Errorf("stops after so many images: %v, want some after %d", stops, n)
		}
	}
	if inPart < 4*(pieces-1) {
		t.Errorf("%d stops within a part: want one at each of its pieces, nothing of which is counted after the stop", inPart)
	}
}

// Whatever statistics are used for that were stopped in a part, they are whole.
func TestPackedOwesNothingInUse(t *testing.T) {
	mirror := flips(16, 3, 5)
	all := randomImages(rand.New(rand.NewPCG(8, 8)), 5, 6, len(mirror))
	empty := func() *Packed {
		s, err := packed(mirror, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	basis := Bases(len(mirror), mirror)[0]
	rows := [][]float32{make([]float32, len(mirror))}
	for a := range rows[0] {
		rows[0][a] = 1 // even
	}
	uses := map[string]func(s *Packed) any{
		"Usage": func(s *Packed) any { return s.Usage() },
		"Forms": func(s *Packed) any {
			v, l, err := s.Forms(t.Context(), basis, rows)
			return []any{v, l, err}
		},
		"Smallest": func(s *Packed) any {
			found, err := s.Smallest(t.Context(), basis, 2, nil, Search{Ridge: 0.1})
			return []any{found, err}
		},
		"SaveTo": func(s *Packed) any {
			var b bytes.Buffer
			err := s.SaveTo(&b, nil)
			return []any{b.String(), err}
		},
		"Add": func(s *Packed) any {
			to := empty()
			err := to.Add(s)
			return []any{to.Same, to.Crossed, err}
		},
		"Accumulate":    func(s *Packed) any { return []any{accumulate(s, all[:2]), s.Same, s.Crossed} },
		"adding others": func(s *Packed) any { return []any{s.Add(empty()), s.Same, s.Crossed} },
	}
	for name, use := range uses {
		s := empty()
		if n, err := s.Accumulate(until(4), groups(all)); n != 5 || !errors.Is(err, context.Canceled) || s.owed == nil {
			t.Fatalf("%d images, error %v, %d pieces owed: want a stop in the part", n, err, len(s.owed))
		}
		s.Release()
		whole := empty()
		if err := accumulate(whole, all); err != nil {
			t.Fatal(err)
		}
		if got, want := use(s), use(whole); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: not what it is of statistics that were not stopped", name)
		}
	}
}
