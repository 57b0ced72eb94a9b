package cooccur

import (
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/simd"
)

// The product of the images' mean codes is a product of integer matrices:
//
//	Σ_i N_i·μ_iμ_iᵀ = Σ_i c_i·(c_i/N_i)ᵀ,   c_i the code sums of image i.
//
// c and w·c, with w = N/N_i in fixed point, are cut into digits of digitBits
// bits; a 16-bit product of two digits, summed over a batch, fits 32 bits, and
// the sums are put together in 64. Where all patches are coded w is 1 and one
// pair of digits is all there is.
const digitBits = 11

// addMeans adds the products of the mean codes to M.
func (s *Statistics) addMeans(x []lists) {
	sums := make([][]int64, len(x)) // code sums c_i
	scaled := make([][]int64, len(x))
	patches := int64(s.GridRows * s.GridCols)
	parallel.For(len(x), func(_, i int) {
		l := &x[i]
		sums[i], scaled[i] = make([]int64, s.Atoms), make([]int64, s.Atoms)
		for k, a := range l.atom {
			if l.value == nil {
				sums[i][a]++
			} else {
				sums[i][a] += int64(l.value[k])
			}
		}
		coded := int64(0)
		for p := range l.n() {
			if l.start[p] < l.start[p+1] {
				coded++
			}
		}
		if coded > 0 {
			weight := (patches<<weightBits + coded/2) / coded
			for a, c := range sums[i] {
				scaled[i][a] = weight * c
			}
		}
	})
	rows, cols := digits(sums, s.Atoms), digits(scaled, s.Atoms)
	for p, r := range rows {
		for q, c := range cols {
			if r != nil && c != nil {
				addProduct(s.M, s.Atoms, r, c, digitBits*(p+q))
			}
		}
	}
}

// plane is one digit of a matrix of counts: atom a's digits for all images are
// [a·stride, (a+1)·stride), the stride an even number.
type plane struct {
	stride int
	data   []int16
}

// digits cuts counts, images × atoms and not negative, into planes, lowest
// first; a plane of zeros is nil.
func digits(counts [][]int64, atoms int) []*plane {
	stride := (len(counts) + 1) / 2 * 2
	var largest int64
	for _, row := range counts {
		for _, v := range row {
			largest = max(largest, v)
		}
	}
	var planes []*plane
	for shift := 0; largest>>shift > 0; shift += digitBits {
		// Whole kernel groups and panels of atoms, so that no edge needs care.
		p := &plane{stride, make([]int16, (atoms+simd.Rows+simd.Columns())*stride)}
		used := make([]bool, len(counts))
		parallel.For(len(counts), func(_, i int) {
			for a, v := range counts[i] {
				if d := int16(v >> shift & (1<<digitBits - 1)); d != 0 {
					p.data[a*stride+i] = d
					used[i] = true
				}
			}
		})
		any := false
		for _, u := range used {
			any = any || u
		}
		if !any {
			p = nil
		}
		planes = append(planes, p)
	}
	return planes
}

// addProduct adds Σ_i rows[a,i]·cols[b,i] << shift to element (a, b ≤ a) of dst.
func addProduct(dst []int64, atoms int, rows, cols *plane, shift int) {
	width, pairs := simd.Columns(), rows.stride/2
	panels := (atoms + width - 1) / width
	packed := make([]int16, panels*width*2*pairs)
	parallel.For(panels, func(_, p int) {
		panel := packed[p*width*2*pairs:]
		for j := range width {
			col := cols.data[(p*width+j)*cols.stride:]
			for k := range pairs {
				panel[k*2*width+2*j], panel[k*2*width+2*j+1] = col[2*k], col[2*k+1]
			}
		}
	})
	const groups = 16 // of simd.Rows rows, a piece of work
	pieces := (atoms + groups*simd.Rows - 1) / (groups * simd.Rows)
	tiles := make([][]int32, parallel.Workers(pieces))
	parallel.For(pieces, func(w, i int) {
		if tiles[w] == nil {
			tiles[w] = make([]int32, simd.Rows*width)
		}
		tile := tiles[w]
		first := (pieces - 1 - i) * groups * simd.Rows // long rows first
		last := min(first+groups*simd.Rows, atoms)
		for p := 0; p*width < last; p++ {
			panel := packed[p*width*2*pairs : (p+1)*width*2*pairs]
			for a0 := first; a0 < last; a0 += simd.Rows {
				if p*width > a0+simd.Rows-1 {
					continue
				}
				clear(tile)
				simd.Gemm16(pairs, rows.data[a0*rows.stride:], rows.stride, panel, tile, width)
				for a := a0; a < min(a0+simd.Rows, last); a++ {
					if p*width > a {
						continue
					}
					n := min(width, a+1-p*width)
					out := dst[a*(a+1)/2+p*width:][:n]
					for j, v := range tile[(a-a0)*width:][:n] {
						out[j] += int64(v) << shift
					}
				}
			}
		}
	})
}
