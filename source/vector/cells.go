package vector

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/reuse"
)

// cellPoints is about how many points a cell has.
const cellPoints = 256

// cells are the points, each in the cell of the atom that is nearest to it. They are a finder.
type cells struct {
	points, atoms *Points
	of            []int32   // the cell of each point
	members       [][]int32 // of each atom's cell, in order
	factor, right float64   // the part right of neighbours is found with factor
}

// newCells are to find k neighbours.
func newCells(ctx context.Context, points, atoms *Points, of []int32, k int) (*cells, error) {
	c := &cells{points, atoms, of, make([][]int32, atoms.N()), 1, 1}
	for i, a := range of {
		c.members[a] = append(c.members[a], int32(i))
	}
	var err error
	if points.N() > ExactPoints {
		c.factor, c.right, err = c.factorOf(ctx, k)
	}
	return c, err
}

func (c *cells) order() []int32  { return slices.Concat(c.members...) }
func (c *cells) recall() float64 { return c.right }

// partly is false: what is compared with is moved to where the points of a cell are, however few of them are searched for.
// Of 60,000 digits a search for the 24,000 that a sample and its pieces take was not faster than one for all.
func (c *cells) partly() bool { return false }

// find searches cell by cell.
func (c *cells) find(ctx context.Context, which []int32, into *Neighbours, done func(points int)) error {
	queries := make([][]int32, len(c.members))
	for _, i := range which {
		queries[c.of[i]] = append(queries[c.of[i]], i)
	}
	work := make([]visit, parallel.Workers(len(queries)))
	const step = 64 // cells between two reports
	for first := 0; first < len(queries); first += step {
		some := queries[first:min(first+step, len(queries))]
		err := parallel.ForErr(ctx, len(some), func(w, i int) error {
			if len(some[i]) == 0 {
				return nil
			}
			best, err := c.search(ctx, first+i, some[i], into.K, c.factor, &work[w])
			if err != nil {
				return err
			}
			for j, q := range some[i] {
				into.set(int(q), best[j].best)
			}
			return nil
		})
		if err != nil {
			return err
		}
		count := 0
		for _, list := range some {
			count += len(list)
		}
		done(count)
	}
	return nil
}

// visit is the working memory of a search.
type visit struct {
	queries, block, halves, scores, rows []float32
	order                                []other
	some                                 []int
	open                                 []query
}

// query is a point whose neighbours are searched for.
type query struct {
	length float64 // from the atom
	best   []near  // by half the square of the distance, less half that of length
	reach  float64 // the distance of the last of best, if these are as many as wanted
}

// other is another cell, whose atom is so far away.
type other struct {
	cell     int
	distance float64
}

// margin is what a distance, in float32, may be off by, as a part of those that it is made of.
const margin = 1e-5

// search finds the k nearest other points of queries, which are of the cell of atom a, nearest first. A
// cell is left out if the plane between the two atoms, times factor, is further from a query than the k nearest
// so far: with a factor of 1 neighbours are exact. All is computed about the atom, where distances
// are small numbers.
func (c *cells) search(ctx context.Context, a int, queries []int32, k int, factor float64, v *visit) ([]query, error) {
	dim, origin := c.points.Dim, c.atoms.Row(a)
	v.queries = c.moved(v.queries, queries, origin)
	v.open = reuse.Slice(v.open, len(queries))
	longest := 0.0
	for i := range v.open {
		x := v.queries[i*dim:][:dim]
		v.open[i] = query{root(linalg.Dot(x, x)), v.open[i].best[:0], math.Inf(1)}
		longest = max(longest, v.open[i].length)
	}
	c.sort(a, v)
	for _, o := range v.order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v.some = v.some[:0]
		furthest := 0.0
		for i := range v.open {
			q := &v.open[i]
			furthest = max(furthest, q.reach)
			if o.distance > 0 && !math.IsInf(q.reach, 1) && c.plane(v.queries[i*dim:][:dim], q.length, a, o)*factor > q.reach {
				continue
			}
			v.some = append(v.some, i)
		}
		if (o.distance/2-longest-margin*(o.distance+longest))*factor > furthest {
			break // and those after it are further
		}
		if len(v.some) > 0 && len(c.members[o.cell]) > 0 {
			c.compare(queries, c.members[o.cell], origin, k, v)
		}
	}
	for i, q := range queries {
		settle(v.open[i].best, c.points.Row(int(q)), c.points)
		v.open[i].best = v.open[i].best[:min(k, len(v.open[i].best))]
	}
	return v.open, nil
}

// plane is at most the distance of x, given from atom a, to the plane between a and another atom.
func (c *cells) plane(x []float32, length float64, a int, o other) float64 {
	product, from, to := 0.0, c.atoms.Row(a), c.atoms.Row(o.cell)
	for j, v := range x {
		product += float64(v) * (float64(to[j]) - float64(from[j]))
	}
	return o.distance/2 - product/o.distance - margin*(o.distance+length)
}

// moved are points less an origin.
func (c *cells) moved(into []float32, which []int32, origin []float32) []float32 {
	into = into[:0]
	for _, i := range which {
		for j, x := range c.points.Row(int(i)) {
			into = append(into, x-origin[j])
		}
	}
	return into
}

// sort lists all cells, those nearest to that of a first.
func (c *cells) sort(a int, v *visit) {
	v.order = v.order[:0]
	for b := range c.members {
		v.order = append(v.order, other{b, root(square(c.atoms.Row(a), c.atoms.Row(b)))})
	}
	slices.SortFunc(v.order, func(x, y other) int {
		if x.cell == a || y.cell == a { // its own first, whatever else is as near
			return cmp.Compare(b2i(y.cell == a), b2i(x.cell == a))
		}
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.cell, y.cell))
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compare offers the members of a cell to some of the queries.
func (c *cells) compare(queries, members []int32, origin []float32, k int, v *visit) {
	dim := c.points.Dim
	v.block = c.moved(v.block, members, origin)
	v.halves = v.halves[:0]
	for j := range members {
		x := v.block[j*dim:][:dim]
		v.halves = append(v.halves, float32(linalg.Dot(x, x)/2))
	}
	const rows = 256 // queries at a time
	for some := range slices.Chunk(v.some, rows) {
		v.rows = v.rows[:0]
		for _, i := range some {
			v.rows = append(v.rows, v.queries[i*dim:][:dim]...)
		}
		v.scores = reuse.Zeros(v.scores, len(some)*len(members))
		scores := linalg.Wrap(len(some), len(members), v.scores)
		linalg.AddMulSerial(scores, linalg.Wrap(len(some), dim, v.rows), linalg.Wrap(len(members), dim, v.block).T())
		for r, i := range some {
			q := &v.open[i]
			last := float32(math.Inf(1))
			if len(q.best) == k+spare {
				last = float32(q.best[k+spare-1].square)
			}
			for j, product := range scores.Row(r) {
				if x := v.halves[j] - product; x <= last && members[j] != queries[i] {
					if q.best = offer(q.best, k+spare, members[j], float64(x)); len(q.best) == k+spare {
						last = float32(q.best[k+spare-1].square)
					}
				}
			}
			if len(q.best) == k+spare {
				q.reach = root(2*q.best[k-1].square + q.length*q.length)
			}
		}
	}
}
