package safetensors

import "sort"

// NewPieces is NewTensor for a vector whose values lie in memory in pieces.
func NewPieces[T Value](name string, pieces [][]T) Tensor {
	ends, n := make([]int, len(pieces)), 0
	for i, p := range pieces {
		n += len(p)
		ends[i] = n
	}
	// each calls f with the parts of pieces that have the values [from, to), and where each begins.
	each := func(from, to int, f func(at int, part []T)) {
		for i := sort.SearchInts(ends, from+1); from < to; i++ {
			p := pieces[i][from-(ends[i]-len(pieces[i])):]
			p = p[:min(len(p), to-from)]
			f(from, p)
			from += len(p)
		}
	}
	return Tensor{
		name:  name,
		dtype: dtypeOf[T](),
		shape: []int{n},
		len:   n,
		encode: func(dst []byte, from, to int) {
			size := dtypeOf[T]().size()
			each(from, to, func(at int, part []T) { encode(dst[(at-from)*size:], part) })
		},
		nonFinite: func(from, to int) int {
			bad := -1
			each(from, to, func(at int, part []T) {
				if i := nonFinite(part); i >= 0 && bad < 0 {
					bad = at - from + i
				}
			})
			return bad
		},
	}
}

// NewRows is NewTensor for a matrix of bytes whose rows, of width values each, lie
// apart in memory.
func NewRows(name string, rows [][]uint8, width int) Tensor {
	return Tensor{
		name:  name,
		dtype: dtypeOf[uint8](),
		shape: []int{len(rows), width},
		len:   len(rows) * width,
		encode: func(dst []byte, from, to int) {
			for from < to {
				n := copy(dst[:to-from], rows[from/width][from%width:width])
				dst, from = dst[n:], from+n
			}
		},
		nonFinite: func(int, int) int { return -1 },
	}
}
