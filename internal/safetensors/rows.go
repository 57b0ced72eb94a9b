package safetensors

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
