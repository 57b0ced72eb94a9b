package cooccur

import (
	"context"
	"fmt"
	"iter"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/sparse"
)

// Band is some rows of the patches of an image.
type Band struct {
	// Codes are those of the rows and, for a window context, of as many of their
	// neighbours above and below as the window's radius reaches in the image.
	Codes *sparse.Codes
	// Above is the number of rows of Codes that are there as neighbours alone, before
	// the band's own Rows.
	Above, Rows int
}

// AccumulateBands adds one image, band by band, of which no more than one need be in
// memory. It does so apart, in as much memory as s takes, and adds the sum at the end:
// after an error of bands, or of ctx, s is what it was.
func (s *Statistics) AccumulateBands(ctx context.Context, bands iter.Seq2[Band, error]) error {
	if s.apart == nil {
		s.apart = &Statistics{Context: s.Context, Atoms: s.Atoms, Unit: s.Unit, Encoder: s.Encoder,
			GridRows: s.GridRows, GridCols: s.GridCols, V: make([]int64, len(s.V)), M: make([]int64, len(s.M))}
	}
	o := s.apart
	o.Images, o.Coded, o.Pairs, o.Inner = 1, 0, 0, 0
	clear(o.V)
	clear(o.M)
	sums, rows := codeSums{values: make([]int64, s.Atoms)}, 0
	for b, err := range bands {
		if err != nil {
			return err
		}
		if err := o.addBand(ctx, b, &sums); err != nil {
			return err
		}
		rows += b.Rows
	}
	if rows != s.GridRows {
		return fmt.Errorf("cooccur: bands of %d rows of patches: want the %d of an image", rows, s.GridRows)
	}
	o.Coded = sums.coded
	if s.Context.Kind == Image {
		o.addMeans([]codeSums{sums})
	}
	return s.Add(o)
}

// Release gives back the memory that AccumulateBands has taken.
func (s *Statistics) Release() { s.apart = nil }

// addBand adds what is counted patch by patch, as many patches at a time as are little
// work.
func (s *Statistics) addBand(ctx context.Context, b Band, sums *codeSums) error {
	first, last := b.Above*s.GridCols, (b.Above+b.Rows)*s.GridCols
	if b.Above < 0 || b.Rows < 1 || b.Codes.N() < last || b.Codes.N()%s.GridCols != 0 {
		return fmt.Errorf("cooccur: a band of %d rows after %d of %d patches: want rows of %d", b.Rows, b.Above, b.Codes.N(), s.GridCols)
	}
	if err := s.checkUnit(b.Codes); err != nil {
		return fmt.Errorf("cooccur: a band: %w", err)
	}
	if err := s.checkWindow(b.Codes); err != nil {
		return err
	}
	sums.add(b.Codes, first, last)
	for first < last {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, work, from := 1, s.workOf(b.Codes, first, first+1), b.Codes.Start[first]
		for first+n < last && n < partPatches {
			work += s.workOf(b.Codes, first+n, first+n+1)
			if work > s.mostWork() || int(b.Codes.Start[first+n+1]-from) > PartEntries(s.Atoms) {
				break
			}
			n++
		}
		var pieces []lists
		// Pieces for all workers, though they be small.
		parts := parallel.Workers(n)
		for k := range parts {
			pieces = s.cut(pieces, b.Codes, first+k*n/parts, first+(k+1)*n/parts)
		}
		if err := s.addPart(pieces); err != nil {
			return err
		}
		first += n
	}
	return nil
}

// bandsOf is an image whose codes are all there as one band.
func (s *Statistics) bandsOf(c *sparse.Codes) iter.Seq2[Band, error] {
	return func(yield func(Band, error) bool) { yield(Band{Codes: c, Rows: s.GridRows}, nil) }
}
