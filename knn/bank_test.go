package knn

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/internal/linalg"
)

func units(rng *rand.Rand, n, dim int) []float32 {
	x := make([]float32, n*dim)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range n {
		linalg.Unit(x[i*dim : (i+1)*dim])
	}
	return x
}

// A bank prepared once is searched as one that is prepared for each search: the
// same neighbours, in the same order, with the same last bits.
func TestBankIsSearchedToTheBit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.SampledFrom([]int{1, 16, 17, 64, 900}).Draw(rt, "dim")
		split := rapid.IntRange(0, dim).Draw(rt, "split")
		m, block := rapid.IntRange(1, 300).Draw(rt, "bank"), rapid.IntRange(1, 300).Draw(rt, "block")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		rows := units(rng, m, dim)
		bank, err := NewBank(dim, split)
		if err != nil {
			rt.Fatal(err)
		}
		for first := 0; first < m; first += block {
			bank.Add(slices.Clone(rows[first*dim : min(m, first+block)*dim]))
		}
		for search := range 2 {
			n, k := rapid.IntRange(1, 20).Draw(rt, "queries"), rapid.IntRange(1, 40).Draw(rt, "k")
			queries := units(rng, n, dim)
			searchers := [2]*Searcher{}
			for i := range searchers {
				if searchers[i], err = New(n, dim, split, k); err != nil {
					rt.Fatal(err)
				}
				for q := range n {
					searchers[i].SetQuery(q, queries[q*dim:(q+1)*dim])
				}
			}
			for first := 0; first < m; first += block {
				searchers[0].Search(rows[first*dim:min(m, first+block)*dim], first)
			}
			if err := searchers[1].SearchBank(t.Context(), bank); err != nil {
				rt.Fatal(err)
			}
			for q := range n {
				if want, got := searchers[0].Neighbours(q), searchers[1].Neighbours(q); !slices.Equal(got, want) {
					rt.Fatalf("search %d, query %d: %v, want %v", search, q, got, want)
				}
			}
		}
	})
}

func TestBankErrors(t *testing.T) {
	for _, a := range [][2]int{{0, 0}, {1, 2}, {1, -1}} {
		if _, err := NewBank(a[0], a[1]); err == nil {
			t.Errorf("NewBank%v: no error", a)
		}
	}
	bank, err := NewBank(3, 2)
	if err != nil {
		t.Fatal(err)
	}
	bank.Add([]float32{1, 0, 0, 0, 1, 0})
	s, err := New(1, 3, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SearchBank(t.Context(), bank); err == nil || !strings.Contains(err.Error(), "2 even") {
		t.Errorf("another split: %v", err)
	}
	if s, err = New(1, 3, 2, 1); err != nil {
		t.Fatal(err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.SearchBank(done, bank); !errors.Is(err, context.Canceled) || bank.Len() != 2 {
		t.Errorf("after an end: %v", err)
	}
}

// One query in a bank of the size that smt serve has, of embeddings of CIFAR-10.
func BenchmarkOneQuery(b *testing.B) {
	const n, dim, block = 2500, 6528, 256
	rows := units(rand.New(rand.NewPCG(1, 2)), n, dim)
	bank, err := NewBank(dim, dim)
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < n; first += block {
		bank.Add(rows[first*dim : min(n, first+block)*dim])
	}
	search := func(b *testing.B, all func(s *Searcher) error) {
		for b.Loop() {
			s, err := New(1, dim, dim, 30)
			if err != nil {
				b.Fatal(err)
			}
			s.SetQuery(0, rows[:dim])
			if err := all(s); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("blocks", func(b *testing.B) {
		search(b, func(s *Searcher) error {
			for first := 0; first < n; first += block {
				s.Search(rows[first*dim:min(n, first+block)*dim], first)
			}
			return nil
		})
	})
	b.Run("bank", func(b *testing.B) {
		search(b, func(s *Searcher) error { return s.SearchBank(b.Context(), bank) })
	})
}
