package pool

// MaxLine is the most cells side by side of which frequencies are made: the transform numbers cells by 16
// bits.
const MaxLine = 1 << 16

// Layout says how patches become an embedding. It is a plain value.
type Layout struct {
	// Window × Window patches are a cell; cells are about Stride patches apart.
	Window, Stride int
	// Frequencies is 0 for an embedding of cells. Otherwise an embedding has the frequencies of the cells
	// with at most so many half periods over the image, √(down² + across²).
	Frequencies int
	// Thin is 2 or 4 for an embedding of one patch in so many (thin.go), and 0 or 1 for one of all.
	Thin int
	// Dims is the number of values of the embedding of a patch.
	Dims int
	// Parity is, of each of these values, 1 if a left-right flip keeps it and −1 if it negates it. It is
	// nil where patches have no flips.
	Parity []int8
}

// Cells are where the windows on a grid of patches begin: cell (i, j) is Window × Window patches, from row
// ys[i] and column xs[j] on.
func (l Layout) Cells(rows, cols int) (ys, xs []int) {
	return starts(rows, l.Window, l.Stride), starts(cols, l.Window, l.Stride)
}

// Grid is the number of rows and of columns of cells, without a list of them.
func (l Layout) Grid(rows, cols int) (down, across int) {
	return count(rows, l.Window, l.Stride), count(cols, l.Window, l.Stride)
}

// Dim is the number of values of an embedding: Dims for each cell, or for each frequency that is kept.
func (l Layout) Dim(rows, cols int) int { return l.kept(l.Grid(rows, cols)) * l.Dims }

// starts are the first rows, or columns, of the windows over n patches. They are about `stride` apart. The
// first window begins at the first patch, and the last one ends at the last. They are the same seen from
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

// count is the number of windows over n patches.
func count(n, window, stride int) int {
	span := n - window
	k := span/stride + 1
	if k%2 == 1 && span%2 == 1 && k > 1 {
		k++ // a middle window could not be centred
	}
	return k
}

// kept is the number of places of an embedding of rows × cols cells, without a list of them.
func (l Layout) kept(rows, cols int) (n int) {
	if l.Frequencies == 0 {
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

// places are the cells, or the frequencies, that an embedding has Dims values of, in its order. Cells are
// numbered by rows. Frequencies, of which there are as many, are numbered in the same way: by half periods
// down, then by half periods across.
func (l Layout) places(rows, cols int) []int {
	var kept []int
	for i := range rows * cols {
		if l.Frequencies == 0 || l.Keeps(i/cols, i%cols) {
			kept = append(kept, i)
		}
	}
	return kept
}
