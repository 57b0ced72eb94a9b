package sparse

import "github.com/sparse-manifold/smt/internal/linalg"

// BandLen is the number of vectors of dim values that are best taken at a time: few enough
// for their values to stay near the processor, and a multiple of linalg.SumRows and of
// the rows that Coder searches for at once.
func BandLen(dim int) int {
	const values = 1 << 19
	return max(1, min(4, values/(dim*linalg.SumRows))) * linalg.SumRows
}
