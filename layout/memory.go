package layout

// Memory is what Gaussian and TSNE take for n points with so many neighbours each, in bytes. The neighbours are in it.
func Memory(n, neighbours int) float64 {
	lists := float64(neighbours)*(8+8) + 2*24 // neighbours, and their probabilities
	entries := 2 * float64(neighbours) * 16
	affinities := 2 * float64(neighbours) * 12
	const (
		descent = 7 * 16 // places, speeds, gains and gradients
		tree    = 64     // codes, places and nodes
	)
	return float64(n) * (max(lists+entries+24, affinities+descent+tree) + affinities)
}
