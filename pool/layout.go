package pool

// MaxLine is the most cells side by side that have a spectrum: the transform numbers
// them by 16 bits.
const MaxLine = 1 << 16

// Layout says how patches become an embedding. It is a plain value, which does not change.
type Layout struct {
	// Window × Window patches are a cell; cells are about Stride patches apart.
	Window, Stride int
	// Spectrum is 0 for an embedding of cells. Otherwise it is of the spatial frequencies
	// of the cells with at most so many half periods over the image, √(down² + across²).
	Spectrum int
	// Dims is the number of values of the embedding of a patch.
	Dims int
	// Parity says of each of them whether a left-right flip keeps it, 1, or negates it,
	// −1. It is nil where patches have no flips.
	Parity []int8
}

// Cells are the first rows and the first columns of the windows on a grid, in patches: cell
// (i, j) is Window × Window patches from row ys[i] and column xs[j] on.
func (l Layout) Cells(rows, cols int) (ys, xs []int) {
	return starts(rows, l.Window, l.Stride), starts(cols, l.Window, l.Stride)
}

// Grid is how many rows and columns of cells there are, without a list of them.
func (l Layout) Grid(rows, cols int) (down, across int) {
	return count(rows, l.Window, l.Stride), count(cols, l.Window, l.Stride)
}

// Dim is the number of values of an embedding: Dims for each cell, or for each frequency that is kept.
func (l Layout) Dim(rows, cols int) int { return l.kept(l.Grid(rows, cols)) * l.Dims }

// starts are the first rows (or columns) of the windows over n patches: about `stride`
// apart, the first at the first patch, the last ending at the last, and the same seen from
// either side, so that flipping an image flips its cells.
func starts(n, window, stride int) []int {
	span, k := n-window, count(n, window, stride)
	if k == 1 {
		return []int{span / 2}
	}
	all := make([]int, k)
	for i := range (k + 1) / 2 {
		// Rounded down from the near side, so that both halves agree.
		all[i] = i * span / (k - 1)
		all[k-1-i] = span - all[i]
	}
	return all
}

// count is how many windows there are.
func count(n, window, stride int) int {
	span := n - window
	k := span/stride + 1
	if k%2 == 1 && span%2 == 1 && k > 1 {
		k++ // a middle window could not be centred
	}
	return k
}

// kept is how many places an embedding of so many cells has, without a list of them.
func (l Layout) kept(rows, cols int) (n int) {
	if l.Spectrum == 0 {
		return rows * cols
	}
	across := cols - 1
	for down := 0; down < rows && l.Keeps(down, 0); down++ {
		for across > 0 && !l.Keeps(down, across) {
			across--
		}
		n += across + 1
	}
	return n
}

// places are what an embedding has Dims values of, in its order: all cells, by rows; or
// the frequencies that are kept, of as many, half periods down before those across.
func (l Layout) places(rows, cols int) []int {
	var kept []int
	for i := range rows * cols {
		if l.Spectrum == 0 || l.Keeps(i/cols, i%cols) {
			kept = append(kept, i)
		}
	}
	return kept
}
