package groups

// Memory is what Find takes for k groups of so many items with so many neighbours each, 0 for as many groups as the graph
// says, in bytes. The graph is not in it.
func Memory(items, neighbours, k int) float64 {
	if k == 0 {
		k = mostGroups
	}
	count := float64(min(items, vectorsOf(k)))
	const (
		search = 15     // vectors that the solver goes through for one that is found, about, where eigenvalues are close
		slab   = 256    // of which it makes room for so many at a time
		others = 4 * 48 // bundles of vectors, an item
	)
	slabs := float64(int(search*count)/slab+1) * slab
	matrix := 2 * float64(neighbours) * (8 + 4) // the weights, and S with the same columns
	return float64(items) * (4*(min(slabs, max(slab, float64(items)))+2*count) + others + matrix)
}
