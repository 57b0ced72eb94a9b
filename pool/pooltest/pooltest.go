// Package pooltest has definitions that tests of pooling, and of what goes through it, compare with.
package pooltest

// Used says of each patch of a grid, by rows, whether an embedding of one patch in thin is made of it: a pattern in
// one corner, brought to the three others by mirrors.
func Used(thin, rows, cols int) []bool {
	all := make([]bool, rows*cols)
	for y := range (rows + 1) / 2 {
		for x := range (cols + 1) / 2 {
			used := thin <= 1 || thin == 2 && (y+x)%2 == 0 || thin == 4 && y%2 == 0 && x%2 == 0
			for _, i := range []int{y*cols + x, y*cols + cols - 1 - x, (rows-1-y)*cols + x, (rows-1-y)*cols + cols - 1 - x} {
				all[i] = used
			}
		}
	}
	return all
}
