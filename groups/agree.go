package groups

import (
	"math"
	"slices"
)

// Agreement says how well groups agree with labels.
type Agreement struct {
	// NMI is the mutual information of groups and labels over the mean of their entropies (Strehl and Ghosh,
	// JMLR 2002, with the arithmetic mean): 0 of groups that say nothing of labels, 1 of the same division.
	NMI float64 `json:"nmi"`
	// Rand is the adjusted Rand index (Hubert and Arabie, Journal of Classification 1985): of pairs of items,
	// how many are together, or apart, in both divisions, adjusted so that chance has 0 and the same division 1.
	Rand float64 `json:"adjusted_rand"`
	// Matched is the share of items whose group is matched to their label, each group to one label at most, the
	// best of all matchings.
	Matched float64 `json:"matched"`
}

// Agree compares the groups of items with their labels, numbers from 0 on, both as many.
func Agree(of, labels []int) Agreement {
	if len(of) == 0 {
		return Agreement{}
	}
	counts := make([][]float64, slices.Max(of)+1)
	for g := range counts {
		counts[g] = make([]float64, slices.Max(labels)+1)
	}
	for i, g := range of {
		counts[g][labels[i]]++
	}
	n := float64(len(of))
	rows, columns := make([]float64, len(counts)), make([]float64, len(counts[0]))
	var mutual, together float64
	for g, row := range counts {
		for l, c := range row {
			rows[g] += c
			columns[l] += c
			together += pairs(c)
		}
	}
	for g, row := range counts {
		for l, c := range row {
			if c > 0 {
				mutual += c / n * math.Log(c*n/(rows[g]*columns[l]))
			}
		}
	}
	a := Agreement{NMI: 1, Rand: 1, Matched: matched(counts) / n}
	if h := (entropy(rows, n) + entropy(columns, n)) / 2; h > 0 {
		a.NMI = max(0, mutual/h)
	}
	var inRows, inColumns float64
	for _, c := range rows {
		inRows += pairs(c)
	}
	for _, c := range columns {
		inColumns += pairs(c)
	}
	chance := 0.0
	if n > 1 {
		chance = inRows * inColumns / pairs(n)
	}
	if most := (inRows + inColumns) / 2; most != chance {
		a.Rand = (together - chance) / (most - chance)
	}
	return a
}

// pairs is the number of pairs of c items.
func pairs(c float64) float64 { return c * (c - 1) / 2 }

func entropy(counts []float64, n float64) float64 {
	var h float64
	for _, c := range counts {
		if c > 0 {
			h -= c / n * math.Log(c/n)
		}
	}
	return h
}

// matched is the largest sum of counts of which no two are in one row or in one column: the Hungarian method by
// shortest augmenting paths (Jonker and Volgenant, Computing 1987), in time r²·c for r rows and c columns, r ≤ c.
func matched(counts [][]float64) float64 {
	if len(counts) > len(counts[0]) {
		counts = turned(counts)
	}
	r, c := len(counts), len(counts[0])
	// Costs are −counts. Row and column 0 stand for none; u and v are the potentials, u[i] + v[j] ≤ cost.
	u, v := make([]float64, r+1), make([]float64, c+1)
	row, from := make([]int, c+1), make([]int, c+1) // the row of a column; the column before it on the path
	for i := 1; i <= r; i++ {
		row[0] = i
		end := 0
		least, used := slices.Repeat([]float64{math.Inf(1)}, c+1), make([]bool, c+1)
		for row[end] != 0 {
			used[end] = true
			at, step, next := row[end], math.Inf(1), 0
			for j := 1; j <= c; j++ {
				if used[j] {
					continue
				}
				if d := -counts[at-1][j-1] - u[at] - v[j]; d < least[j] {
					least[j], from[j] = d, end
				}
				if least[j] < step {
					step, next = least[j], j
				}
			}
			for j := range used {
				if used[j] {
					u[row[j]] += step
					v[j] -= step
				} else {
					least[j] -= step
				}
			}
			end = next
		}
		for end != 0 {
			row[end] = row[from[end]]
			end = from[end]
		}
	}
	var sum float64
	for j := 1; j <= c; j++ {
		if row[j] != 0 {
			sum += counts[row[j]-1][j-1]
		}
	}
	return sum
}

func turned(a [][]float64) [][]float64 {
	t := make([][]float64, len(a[0]))
	for j := range t {
		t[j] = make([]float64, len(a))
		for i := range a {
			t[j][i] = a[i][j]
		}
	}
	return t
}
