package readout

import (
	"context"
	"fmt"
	"math"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
)

const (
	// temperature is T of κ(c) = exp(min(c, mostCosine)/T) − 1.
	temperature = 0.07
	mostCosine  = 0.2
	// hubPower is how much a hub counts for less: g = exp(−hubPower·(r − r̄)/T).
	hubPower = 0.35
	// panelRows is the number of items that are compared with all before them at a time.
	panelRows = 16 * side
)

// kernel is K, symmetric, with zeros on the diagonal:
//
//	K_ij = g_i·g_j·(κ(c_ij) + κ(c_ij′))
//
// c is the cosine of two items, c′ that of one and the other's flip; it counts only where flips can be told. Below the
// diagonal and on it K is kept, in tiles (tile.go). What is beyond the last item is zero. Whole, it takes n² bytes. With a cut θ, κ is
// that of how far a cosine is above θ, and zero below; what is zero is not kept.
type kernel struct {
	n     int
	cut   float32    // 0 for none
	tiles [][][]byte // by rows of tiles
}

// newKernel compares all rows of a set, which g weighs.
func newKernel(ctx context.Context, set embedding.Set, g []float32, cut float32, report func(stage string, done, total int)) (*kernel, error) {
	n := set.Len()
	k := &kernel{n: n, cut: cut, tiles: make([][][]byte, whole(n))}
	for i := range k.tiles {
		k.tiles[i] = make([][]byte, i+1)
	}
	c := newCosines(set)
	for first := 0; first < n; first += panelRows {
		report("kernel", first, n)
		rows := make([]int, min(panelRows, n-first))
		for i := range rows {
			rows[i] = first + i
		}
		panel, err := read(ctx, set.Pick(rows))
		if err != nil {
			return nil, err
		}
		at := 0
		for block, err := range set.Blocks(ctx, side) {
			if err != nil {
				return nil, err
			}
			units(block, set.Dim())
			even, odd, err := c.of(ctx, panel, linalg.Wrap(len(block)/set.Dim(), set.Dim(), block))
			if err != nil {
				return nil, err
			}
			parallel.For(whole(len(rows)), func(_, t int) {
				k.fill(first/side+t, at/side, even.Block(t*side, min(len(rows), (t+1)*side), 0, even.Cols), odd, t*side, g)
			})
			if at += len(block) / set.Dim(); at >= first+len(rows) {
				break
			}
		}
	}
	report("kernel", n, n)
	return k, nil
}

// kept is the share of its values that the kernel keeps, and the bytes they take.
func (k *kernel) kept() (share float64, bytes int) {
	values := 0
	for row, tiles := range k.tiles {
		for column, tile := range tiles {
			bytes += len(tile)
			n := (len(tile) - countsSize) / entrySize
			if row == column { // it has both sides of the diagonal
				n /= 2
			}
			values += n
		}
	}
	if k.cut == 0 {
		return 1, bytes
	}
	return float64(values) / max(1, float64(k.n)*float64(k.n-1)/2), bytes
}

// fill writes a tile: of the products of rows of a panel with a block, whose values have a row of odd products
// at odd row from on.
func (k *kernel) fill(row, column int, even, odd linalg.Matrix, from int, g []float32) {
	if column > row {
		return
	}
	values := make([]float32, side*side)
	for i := range even.Rows {
		a := row*side + i
		n := min(even.Cols, a-column*side) // below the diagonal
		if n <= 0 {
			continue
		}
		to := values[i*side : i*side+n]
		kappas(to, even.Row(i), odd, from+i, k.cut)
		for j, w := range g[column*side : column*side+n] {
			to[j] *= g[a] * w
			if row == column {
				values[j*side+i] = to[j]
			}
		}
	}
	k.tiles[row][column] = encode(values, k.cut > 0)
}

// kappas writes to dst, which may be even, κ(e + o) + κ(e − o) for each of the first values e of even and o of row i of odd, or κ(e) where there are
// no odd products, without cosines below the cut.
func kappas(dst, even []float32, odd linalg.Matrix, i int, cut float32) {
	even = even[:len(dst)]
	if odd.Data == nil {
		for j, e := range even {
			dst[j] = kappaFrom(cut, e)
		}
		return
	}
	others := odd.Row(i)[:len(dst)]
	for j, e := range even {
		o := others[j]
		dst[j] = kappaFrom(cut, e+o) + kappaFrom(cut, e-o)
	}
}

// kappaFrom is κ(c − θ) of a cosine above the cut θ, and 0 of one below: without a step at θ. Where there is no cut it is κ(c).
func kappaFrom(cut, c float32) float32 {
	if cut > 0 && c <= cut {
		return 0
	}
	return kappa(c - cut)
}

// steps is the number of values of κ in a table, between which it is taken for straight: its second derivative is at most
// exp(mostCosine/T)/T², so that this is off by 2·10⁻⁵ at most, where halves round by 0.004.
const steps = 6000

var table = func() (t [steps + 2]float32) {
	for i := range t {
		c := -1 + float64(i)*(1+mostCosine)/steps
		t[i] = float32(math.Expm1(c / temperature))
	}
	return t
}()

// kappa is κ(c) = exp(min(c, 0.2)/T) − 1.
func kappa(c float32) float32 {
	at := (c + 1) * (steps / (1 + mostCosine))
	if !(at >= 0) {
		at = 0
	} else if at > steps {
		at = steps
	}
	i := int(at)
	return table[i] + (at-float32(i))*(table[i+1]-table[i])
}

// cosines has room for the products of rows.
type cosines struct {
	split, dim int
	flips      bool
	even, odd  []float32
}

func newCosines(set embedding.Set) *cosines {
	c := &cosines{split: set.Dim(), dim: set.Dim()}
	if set.Even() >= 0 {
		c.split, c.flips = set.Even(), true
	}
	return c
}

// of returns the products of the even values of the rows of a and b, and of their odd ones, until the next call. Where flips
// cannot be told there are no odd ones.
func (c *cosines) of(ctx context.Context, a, b linalg.Matrix) (even, odd linalg.Matrix, err error) {
	size := a.Rows * b.Rows
	product := func(values *[]float32, from, to int) linalg.Matrix {
		if cap(*values) < size {
			*values = make([]float32, size)
		}
		clear((*values)[:size])
		m := linalg.Wrap(a.Rows, b.Rows, *values)
		if err == nil && from < to {
			err = linalg.AddMulUntil(ctx, m, 1, a.Block(0, a.Rows, from, to), b.Block(0, b.Rows, from, to).T())
		}
		return m
	}
	even = product(&c.even, 0, c.split)
	if c.flips {
		odd = product(&c.odd, c.split, c.dim)
	}
	return even, odd, err
}

// read holds the rows of a set, scaled to unit length.
func read(ctx context.Context, set embedding.Set) (linalg.Matrix, error) {
	x := linalg.New(set.Len(), set.Dim())
	at := 0
	for block, err := range set.Blocks(ctx, embedding.BlockRows(panelRows, set.Dim())) {
		if err != nil {
			return x, err
		}
		at += copy(x.Data[at:], block)
	}
	if at != len(x.Data) {
		return x, fmt.Errorf("readout: the set gave %s, want %d", plural.Of(at, "value"), len(x.Data))
	}
	units(x.Data, set.Dim())
	return x, nil
}

// units scales rows to unit length.
func units(rows []float32, dim int) {
	parallel.For(len(rows)/dim, func(_, i int) { linalg.Unit(rows[i*dim : (i+1)*dim]) })
}
