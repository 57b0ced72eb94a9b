package pool

import "iter"

// thinned is a grid of patches, numbered by rows, of which an embedding is made of one in thin.
//
// What is left out looks the same from all sides: rows and columns are counted from the nearer edge. Half of
// them are the patches whose row and column are both even or both odd, so counted, a checkerboard; a quarter
// those where both are even. A flip therefore moves patches that are used to patches that are used.
type thinned struct{ rows, cols, thin int }

// before is the number of patches used that come before column x of row y.
func (p thinned) before(y, x int) int {
	if p.thin <= 1 {
		return y*p.cols + x
	}
	even := alike(p.rows, y, 0) // rows above
	odd := y - even
	inEven := alike(p.cols, p.cols, 0)
	row := 0
	if y < p.rows {
		row = min(y, p.rows-1-y) % 2
	}
	if p.thin == 2 {
		return even*inEven + odd*(p.cols-inEven) + alike(p.cols, x, row)
	}
	if row == 1 {
		x = 0
	}
	return even*inEven + alike(p.cols, x, 0)
}

// used reports whether an embedding has the patch in column x of row y.
func (p thinned) used(y, x int) bool { return p.before(y, x+1) > p.before(y, x) }

// alike is how many of the first x of n places are an even number of places from the nearer end, or an odd
// number for odd 1.
func alike(n, x, odd int) int {
	below := func(k int) int { return (k + 1 - odd) / 2 } // of the k places nearest to an end
	near := (n + 1) / 2
	if x <= near {
		return below(x)
	}
	return below(near) + below(n-near) - below(n-x)
}

// Used are the numbers of the patches, by rows, that an embedding is made of.
func (l Layout) Used(rows, cols int) []int {
	p := thinned{rows, cols, l.Thin}
	numbers := make([]int, 0, p.before(rows, 0))
	for y := range rows {
		for x := range cols {
			if p.used(y, x) {
				numbers = append(numbers, y*cols+x)
			}
		}
	}
	return numbers
}

// Patches yields the numbers of the patches of every cell that are used, both by rows. A list is valid until
// the next one is yielded.
func (l Layout) Patches(rows, cols int) iter.Seq2[int, []int] {
	return func(yield func(cell int, patches []int) bool) {
		p, numbers := thinned{rows, cols, l.Thin}, make([]int, 0, l.Window*l.Window)
		ys, xs := l.Cells(rows, cols)
		for i, top := range ys {
			for j, left := range xs {
				numbers = numbers[:0]
				for y := top; y < top+l.Window; y++ {
					for x := left; x < left+l.Window; x++ {
						if p.used(y, x) {
							numbers = append(numbers, y*cols+x)
						}
					}
				}
				if !yield(i*len(xs)+j, numbers) {
					return
				}
			}
		}
	}
}
