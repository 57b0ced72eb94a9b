package dictionary

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/sparse"
)

const (
	kmeansRounds = 10 // Lloyd iterations
	kmeansEach   = 30 // units that an atom is learned from at the least, if the sample has them
)

// KMeans returns the n centres, scaled to unit length, of a spherical k-means of random units: Lloyd's
// iteration under the cosine. It starts from random units. A centre that loses all its units starts again
// from another unit. Where units have flips, a unit may join a centre or, flipped, that centre's flip; n
// is then even. Atoms are rounded last (sparse.Round).
func KMeans(ctx context.Context, s Sample, n int, progress func(round, rounds int)) (*Dictionary, error) {
	dim, flips := s.Dim, s.Flip != nil
	learned := n // centres that are learned; the others are their flips
	if flips {
		if n%2 != 0 {
			return nil, fmt.Errorf("dictionary: k-means with flips: %s: want an even number", plural.Of(n, "atom"))
		}
		learned = n / 2
	}
	if err := checkNumber(n); err != nil {
		return nil, err
	}
	per := max(drawEach, kmeansEach*n/s.Groups+1)
	drawn, err := s.draw(ctx, 0, 1, 0, s.Groups, per)
	if err != nil {
		return nil, err
	}
	x := drawn[0]
	if x.Rows < 2*n {
		few := x.Rows / 2
		if flips {
			few -= few % 2
		}
		return nil, &TooFewError{Found: few, Wanted: n, Tried: x.Rows, Centres: true}
	}
	d := &Dictionary{Dim: dim, Atoms: make([]float32, n*dim)}
	// draw orders units by group: a stride through them visits all groups.
	for a := range learned {
		d.set(&s, a, x.Row(a*(x.Rows/learned)))
	}
	if flips { // centre a is atom 2a, and its flip atom 2a+1
		for a := range learned {
			d.Mirror = append(d.Mirror, uint16(2*a+1), uint16(2*a))
		}
	}
	flip := make([]float32, dim)
	for round := range kmeansRounds {
		nearest, err := assign(ctx, d, x.Data, x.Rows)
		if err != nil {
			return nil, err
		}
		sums, counts := make([]float64, learned*dim), make([]int, learned)
		for i, a := range nearest {
			row, centre := x.Row(i), int(a)
			if flips {
				if centre%2 == 1 {
					s.flipTo(row, flip)
					row = flip
				}
				centre /= 2
			}
			counts[centre]++
			sum := sums[centre*dim : (centre+1)*dim]
			for k, v := range row {
				sum[k] += float64(v)
			}
		}
		for a := range learned {
			c := make([]float32, dim)
			for k, v := range sums[a*dim : (a+1)*dim] {
				c[k] = float32(v)
			}
			if counts[a] == 0 || !scaleToUnit(c) {
				c = x.Row((a*7919 + round*104729) % x.Rows)
			}
			d.set(&s, a, c)
		}
		if progress != nil {
			progress(round+1, kmeansRounds)
		}
	}
	return d.finish(s.Flip), nil
}

// set makes c centre a, and its flip the centre's mirror.
func (d *Dictionary) set(s *Sample, a int, c []float32) {
	if s.Flip == nil {
		copy(d.Atoms[a*d.Dim:], c)
		return
	}
	copy(d.Atoms[2*a*d.Dim:], c)
	s.flipTo(c, d.Atoms[(2*a+1)*d.Dim:(2*a+2)*d.Dim])
}

// assign finds the nearest atom of each of n units.
func assign(ctx context.Context, d *Dictionary, x []float32, n int) ([]uint16, error) {
	coder, err := sparse.NewCoder(sparse.Nearest, 0, d.Atoms, d.Dim, nil)
	if err != nil {
		return nil, err
	}
	const block = 768
	blocks := (n + block - 1) / block
	nearest := make([]uint16, n)
	scratch := make([]sparse.Scratch, parallel.Workers(blocks))
	err = parallel.ForErr(ctx, blocks, func(w, b int) error {
		first := b * block
		rows := min(block, n-first)
		var v sparse.Vectors
		v.Pack(x[first*d.Dim:(first+rows)*d.Dim], d.Dim, coder.Stride())
		var codes sparse.Codes
		if err := coder.Encode(&v, false, &scratch[w], &codes); err != nil {
			return err
		}
		copy(nearest[first:], codes.Atom)
		return nil
	})
	return nearest, err
}
