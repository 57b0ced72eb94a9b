package embedding

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/spectral"
)

// Components shorten embeddings to their first principal components and evens out
// how much these vary. A component of variance λ is divided by λ^(Power/2): 0 keeps
// the variances, 1 makes them equal. What all items have in common, such as
// one light and one colour from edge to edge, then counts less in a cosine.
//
// Means and variances are those of a set of items and their flips, so that
// components are even or odd and the flip remains a change of signs.
type Components struct {
	even  int       // values that a flip keeps
	mean  []float32 // of these
	parts []part    // even and odd values; all, where flips cannot be told
}

// part is the components of the values [from, to).
type part struct {
	from, to int
	rows     linalg.Matrix // components, scaled, in rows: k × (to − from)
	values   []float64     // their variances λ, largest first
}

// Power is the power of the standard deviation that a component is divided by. It
// was chosen on images held out ("Whitened embeddings" in docs/research).
const Power = 0.4

// rounding is the share of the largest variance below which one is nothing but
// float32's rounding.
const rounding = 1e-6

// SampleBlock is the number of rows that NewComponents has made at a time.
const SampleBlock = 384

// NewComponents finds the n first principal components of a set of unit vectors, fewer if
// they do not vary in so many directions. All of the set is held in memory: it is
// meant for a sample, of a few times n rows.
func NewComponents(ctx context.Context, s Set, n int, seed uint64) (*Components, error) {
	rows, dim := s.Len(), s.Dim()
	if n < 1 || n > rows || n > dim {
		return nil, fmt.Errorf("embedding: components: %s of %s of %s: want 1 to %d", plural.Of(n, "component"), plural.Of(rows, "row"), plural.Of(dim, "value"), min(rows, dim))
	}
	x := linalg.New(rows, dim)
	at := 0
	for block, err := range s.Blocks(ctx, SampleBlock) {
		if err != nil {
			return nil, err
		}
		at += copy(x.Data[at:], block)
	}
	c := &Components{even: s.Even()}
	spans := [][2]int{{0, dim}}
	if c.even >= 0 {
		spans = [][2]int{{0, c.even}, {c.even, dim}}
	}
	c.mean = make([]float32, spans[0][1])
	if err := c.subtractMean(ctx, x); err != nil {
		return nil, err
	}
	// Components compete over all parts: first so many of each as there can be.
	for _, span := range spans {
		p, err := components(ctx, x.Block(0, rows, span[0], span[1]), n, c.variances(), seed)
		if err != nil {
			return nil, err
		}
		p.from, p.to = span[0], span[1]
		c.parts = append(c.parts, p)
	}
	c.keep(n)
	return c, nil
}

// subtractMean takes the mean of the leading values of x from them, and keeps it.
func (c *Components) subtractMean(ctx context.Context, x linalg.Matrix) error {
	return parallel.ForErr(ctx, len(c.mean), func(_, j int) error {
		var sum float64
		for i := range x.Rows {
			sum += float64(x.Data[i*x.RowStride+j])
		}
		c.mean[j] = float32(sum / float64(x.Rows))
		for i := range x.Rows {
			x.Data[i*x.RowStride+j] -= c.mean[j]
		}
		return nil
	})
}

// components finds the first principal components of the rows of x, as many as are
// among the n with the largest variances of these and others.
func components(ctx context.Context, x linalg.Matrix, n int, others []float64, seed uint64) (part, error) {
	if x.Cols == 0 {
		return part{}, nil
	}
	// The smaller one of the covariance and the Gram matrix, which have the same
	// eigenvalues λ: an eigenvector u of the latter leads to the component Xᵀu/√(mλ).
	y, dual := x.T(), x.Cols > x.Rows
	if dual {
		y = x
	}
	a := linalg.New(y.Rows, y.Rows)
	if err := linalg.AddMulLower(ctx, a, 1/float32(x.Rows), y, y.T()); err != nil {
		return part{}, err
	}
	linalg.MirrorLower(a)
	s, err := spectral.Largest(ctx, a, min(n, y.Rows+len(others)), others, seed)
	if err != nil {
		return part{}, fmt.Errorf("embedding: components: %w", err)
	}
	p := part{rows: s.Vectors}
	if dual {
		p.rows = linalg.New(len(s.Values), x.Cols)
		if err := linalg.AddMulUntil(ctx, p.rows, 1, s.Vectors, x); err != nil {
			return part{}, err
		}
	}
	for k, value := range s.Values {
		if !(value > rounding*s.Values[0]) {
			p.rows = p.rows.Block(0, k, 0, x.Cols)
			break
		}
		p.values = append(p.values, value)
		by := math.Pow(value, -Power/2)
		if dual {
			by /= math.Sqrt(value * float64(x.Rows))
		}
		scale(p.rows.Row(k), p.rows.Row(k), float32(by))
	}
	return p, nil
}

// variances are those of all components so far, largest first.
func (c *Components) variances() (all []float64) {
	for _, p := range c.parts {
		all = append(all, p.values...)
	}
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
	return all
}

// keep drops all but the n components with the largest variances.
func (c *Components) keep(n int) {
	all := c.variances()
	if len(all) <= n {
		return
	}
	for i := range c.parts {
		p := &c.parts[i]
		k := 0
		for k < len(p.values) && p.values[k] > all[n] {
			k++
		}
		p.values, p.rows = p.values[:k], p.rows.Block(0, k, 0, p.rows.Cols)
	}
}

// Digest is the SHA-256, in hexadecimal, of all values of the components: rows shortened by
// others cannot be compared.
func (c *Components) Digest() string {
	h := sha256.New() // writing to it cannot fail
	put := func(values any) { _ = binary.Write(h, binary.LittleEndian, values) }
	put([]int64{int64(c.even), int64(len(c.mean)), int64(len(c.parts))})
	put(c.mean)
	for _, p := range c.parts {
		put([]int64{int64(p.from), int64(p.to), int64(p.rows.Rows)})
		for i := range p.rows.Rows {
			put(p.rows.Row(i))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Dim is the number of components.
func (c *Components) Dim() (n int) {
	for _, p := range c.parts {
		n += p.rows.Rows
	}
	return n
}

// Of is the set with rows shortened and evened out: unit vectors again.
func (c *Components) Of(s Set) Set { return shortened{s, c} }

type shortened struct {
	Set
	c *Components
}

func (s shortened) Dim() int { return s.c.Dim() }

func (s shortened) Even() int {
	if s.c.even < 0 {
		return -1
	}
	return s.c.parts[0].rows.Rows
}

func (s shortened) Pick(rows []int) Set { return shortened{s.Set.Pick(rows), s.c} }

func (s shortened) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		from, to := s.Set.Dim(), s.Dim()
		out := make([]float32, min(n, s.Len())*to)
		for block, err := range s.Set.Blocks(ctx, n) {
			if err != nil {
				yield(nil, err)
				return
			}
			rows := len(block) / from
			parallel.For(rows, func(_, i int) {
				for j, v := range s.c.mean {
					block[i*from+j] -= v
				}
			})
			x, y := linalg.Wrap(rows, from, block), linalg.Wrap(rows, to, out[:rows*to])
			clear(y.Data)
			at := 0
			for _, p := range s.c.parts {
				if err := linalg.AddMulUntil(ctx, y.Block(0, rows, at, at+p.rows.Rows), 1, x.Block(0, rows, p.from, p.to), p.rows.T()); err != nil {
					yield(nil, err)
					return
				}
				at += p.rows.Rows
			}
			parallel.For(rows, func(_, i int) { linalg.Unit(y.Row(i)) })
			if !yield(y.Data, nil) {
				return
			}
		}
	}
}
