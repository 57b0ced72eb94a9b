package draw

import (
	"fmt"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Journey draws the nearest patches of one patch in each space, side by side,
// with a line from each to its place in the next space: whole where it is still
// among the nearest, broken where it is not, with the rank it has there.
// The chart has so many pixels across, at least 400.
func Journey(j *explain.Journey, width float64, thumb func(index int) []byte) *Chart {
	const (
		size, line = 30.0, 37.0
		top        = 58.0
	)
	columns := [explain.Stages]float64{34, 34 + (width-134)/2, width - 100}
	apart := 0.0 // of the two texts of a row, up and down, where they have no room side by side
	if width < 600 {
		apart = 7
	}
	k := len(j.Nearest[explain.Signal])
	c := NewChart(width, top+float64(k)*line+6, fmt.Sprintf("The %s in signal space, in code space and in the embedding, with lines from each to its place in the next space: %s.", plural.Of(k, "nearest patch"), kept(j)))
	for s, title := range []string{"signal", "sparse code", "embedding"} {
		x := columns[s] + size/2
		c.Text("middle strong", x, 16, title)
		c.Text("middle", x, 33, []string{"looks the same", "shares atoms", "near by the map"}[s])
	}
	at := func(rank int) float64 { return top + (float64(rank)+.5)*line }
	for s := range explain.Stages {
		for r, n := range j.Nearest[s] {
			if s+1 < explain.Stages {
				from, to := columns[s]+size+5, columns[s+1]-5
				if rank := n.Ranks[s+1]; rank < k {
					c.Curve("link", from, at(r), to, at(rank))
				} else {
					c.Curve("link lost", from, at(r), from+38, at(r)+5)
					c.Text("halo", from+43, at(r)+9-apart, "to "+Number(float64(rank+1)))
				}
			}
			if s > 0 && n.Ranks[s-1] >= k {
				to := columns[s] - 5
				c.Curve("link lost", to-30, at(r)+5, to, at(r))
				c.Text("end halo", to-35, at(r)+9+apart, "from "+Number(float64(n.Ranks[s-1]+1)))
			}
		}
	}
	for s := range explain.Stages {
		for r, n := range j.Nearest[s] {
			c.Image(thumb(n.Index), columns[s], at(r)-size/2, size, size,
				fmt.Sprintf("patch %d: cosine %.2f in signal, %.2f in code, %.2f in embedding", n.Index, n.Cosines[0], n.Cosines[1], n.Cosines[2]))
			if s == 0 {
				c.Text("end", columns[s]-8, at(r)+4, fmt.Sprint(r+1))
			}
		}
	}
	return c
}

// kept says how many neighbours stay from one space to the next.
func kept(j *explain.Journey) string {
	count := func(s int) (n int) {
		for _, near := range j.Nearest[s] {
			if near.Ranks[s+1] < len(j.Nearest[s]) {
				n++
			}
		}
		return n
	}
	return fmt.Sprintf("%d stay from signal to code, %d from code to embedding", count(0), count(1))
}
