package cooccur

import (
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// The product of the groups' mean codes is a product of integer matrices:
//
//	Σ_i N_i·μ_iμ_iᵀ = Σ_i c_i·(c_i/N_i)ᵀ,   c_i the code sums of group i.
//
// With w = N/N_i in fixed point, c_i(w·c_i)ᵀ is cut into a part for w = 1, which
// is all there is of groups whose units are all coded, and one for what w is
// more than 1, of the other groups. Sums are cut into digits of digitBits bits;
// 16-bit products of two digits are summed in 32 bits over as many groups as are
// sure to fit, and put together in 64.
const digitBits = 11

// codeSums are the sums of a group's codes.
type codeSums struct {
	values []int64 // c_i, one for each atom
	coded  int64   // N_i
}

// add adds the codes of units first to last-1.
func (t *codeSums) add(c *sparse.Codes, first, last int) {
	for i := first; i < last; i++ {
		from, to := c.Start[i], c.Start[i+1]
		if from < to {
			t.coded++
		}
		if len(c.Value) == 0 {
			for _, a := range c.Atom[from:to] {
				t.values[a]++
			}
			continue
		}
		for k := from; k < to; k++ {
			t.values[c.Atom[k]] += int64(c.Value[k])
		}
	}
}

// meansAtOnce is the number of groups whose products are added to M in one go: enough
// to spread the cost of passing over it, few enough for a second or so.
func (s *Dense) meansAtOnce() int {
	if s.Context.Kind != Whole {
		return BatchGroups
	}
	products := 100 << 30 // of two numbers, for each worker
	if simd.Tier() == "generic" {
		products >>= 5
	}
	return max(1, min(BatchGroups, products*parallel.Workers(s.Atoms)/(s.Atoms*s.Atoms)))
}

// addMeans adds the products of the mean codes of groups to M.
func (s *Dense) addMeans(x []codeSums) {
	sums := make([][]int64, len(x))
	excess := make([]int64, len(x)) // w − 1
	scale, common := s.weightScale()<<weightBits, int64(1)<<weightBits
	if s.ownTopologies() {
		common = 0 // w is less than 1 of groups of more than ownScale units
	}
	ones := make([]int64, len(x))
	for i, t := range x {
		sums[i], ones[i] = t.values, 1
		if t.coded > 0 {
			excess[i] = max(1, (scale+t.coded/2)/t.coded) - common
		}
	}
	var products []product
	if common != 0 {
		all := digits(sums, ones, s.Atoms)
		products = multiply(all, all, s.Atoms, weightBits)
	}
	var some [][]int64
	var times []int64
	for i, e := range excess {
		if e != 0 {
			some, times = append(some, sums[i]), append(times, e)
		}
	}
	products = append(products, multiply(digits(some, ones[:len(some)], s.Atoms), digits(some, times, s.Atoms), s.Atoms, 0)...)
	addProducts(s.M, s.Atoms, products)
}

// multiply is the products of all pairs of digits, << shift.
func multiply(rows, cols []*plane, atoms, shift int) (products []product) {
	for q, c := range cols {
		if c == nil {
			continue
		}
		panels := c.pack(atoms)
		for p, r := range rows {
			if r != nil {
				products = append(products, product{r, panels, shift + digitBits*(p+q), safePairs(r, c)})
			}
		}
	}
	return products
}

// plane is one digit of a matrix of counts: atom a's digits for all groups are
// [a·stride, (a+1)·stride), the stride an even number.
type plane struct {
	stride int
	data   []int16
	most   int // the largest digit
}

// digits cuts counts, groups × atoms and not negative, times a number for each group,
// into planes, lowest first; a plane of zeros is nil.
func digits(counts [][]int64, times []int64, atoms int) []*plane {
	stride := (len(counts) + 1) / 2 * 2
	var largest int64
	for i, row := range counts {
		largest = max(largest, times[i]*slices.Max(row))
	}
	var planes []*plane
	for shift := 0; largest>>shift > 0; shift += digitBits {
		// Whole kernel groups and panels of atoms, so that no edge needs care.
		p := &plane{stride: stride, data: make([]int16, (atoms+simd.Rows+simd.Columns())*stride)}
		most := make([]int, len(counts))
		parallel.For(len(counts), func(_, i int) {
			for a, v := range counts[i] {
				if d := int(times[i] * v >> shift & (1<<digitBits - 1)); d != 0 {
					p.data[a*stride+i] = int16(d)
					most[i] = max(most[i], d)
				}
			}
		})
		if p.most = slices.Max(most); p.most == 0 {
			p = nil
		}
		planes = append(planes, p)
	}
	return planes
}

// pack lays the atoms' digits out as panels for the kernel.
func (p *plane) pack(atoms int) []int16 {
	width, pairs := simd.Columns(), p.stride/2
	panels := (atoms + width - 1) / width
	packed := make([]int16, panels*width*2*pairs)
	parallel.For(panels, func(_, i int) {
		panel := packed[i*width*2*pairs:]
		for j := range width {
			col := p.data[(i*width+j)*p.stride:]
			for k := range pairs {
				panel[k*2*width+2*j], panel[k*2*width+2*j+1] = col[2*k], col[2*k+1]
			}
		}
	})
	return packed
}

// safePairs is the number of pairs of groups over which products are sure to sum to 32 bits.
func safePairs(r, c *plane) int { return math.MaxInt32 / 2 / (r.most * c.most) }

// product is Σ_i rows[a,i]·cols[b,i] << shift.
type product struct {
	rows  *plane
	cols  []int16 // packed
	shift int
	safe  int // pairs of groups to sum at a time
}

// addProducts adds the products to the elements (a, b ≤ a) of dst. All are added
// to a tile before the next: dst is much larger than the caches.
func addProducts(dst []int64, atoms int, products []product) {
	const groups = 16 // of simd.Rows rows, a piece of work
	width := simd.Columns()
	pieces := (atoms + groups*simd.Rows - 1) / (groups * simd.Rows)
	tiles := make([][]int32, parallel.Workers(pieces))
	parallel.For(pieces, func(w, i int) {
		if tiles[w] == nil {
			tiles[w] = make([]int32, simd.Rows*width)
		}
		first := (pieces - 1 - i) * groups * simd.Rows // long rows first
		last := min(first+groups*simd.Rows, atoms)
		for p := 0; p*width < last; p++ {
			for a0 := first; a0 < last; a0 += simd.Rows {
				if p*width < a0+simd.Rows {
					for _, f := range products {
						f.addTile(dst, a0, min(a0+simd.Rows, last), p, tiles[w])
					}
				}
			}
		}
	})
}

// addTile adds rows [first, last) of panel p.
func (f *product) addTile(dst []int64, first, last, p int, tile []int32) {
	width, stride := simd.Columns(), f.rows.stride
	panel := f.cols[p*width*stride : (p+1)*width*stride]
	for k := 0; 2*k < stride; k += f.safe {
		clear(tile)
		simd.Gemm16(min(f.safe, stride/2-k), f.rows.data[first*stride+2*k:], stride, panel[2*k*width:], tile, width)
		for a := max(first, p*width); a < last; a++ {
			n := min(width, a+1-p*width)
			out := dst[a*(a+1)/2+p*width:][:n]
			for j, v := range tile[(a-first)*width:][:n] {
				out[j] += int64(v) << f.shift
			}
		}
	}
}
