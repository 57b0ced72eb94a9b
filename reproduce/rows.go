package reproduce

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt"
)

// row is one line of the table.
type row struct {
	name        string
	data        *data
	paper, goal float64 // top-1; 0 for none
	members     []member
	// Temperatures of the votes: of the paper's protocol, of whitened embeddings, and
	// with hubs corrected. The spread of cosines is another in each.
	temperature, whitened, corrected float64
	seeds                            int
}

// member is one model of a row.
type member struct {
	// Recipe is without components: what is fitted and kept are all values, as the paper has them.
	smt.Recipe
	short  smt.Config // with the components of the preset, which are learned of the values that are kept
	weight float64
}

func newMember(r smt.Recipe, weight float64) member {
	short := r.Config
	r.Config.Components, r.Config.Power = 0, 0
	return member{r, short, weight}
}

// What is not the paper's of protocols, but for temperatures of rows.
const (
	whitenTo  = 2048 // values, where embeddings are whitened
	hubSample = 4000 // images of the bank that hubs are found by
	// shortTemperature is that of the vote on the models' own components ("Components in the model" in
	// docs/research).
	shortTemperature = 0.05
)

// Names are the names of the rows, in the order of the table, and of the studies.
func Names() []string {
	var names []string
	for _, r := range table() {
		names = append(names, r.name)
	}
	for _, s := range studies() {
		names = append(names, s.name)
	}
	return names
}

// named are the rows with these names, in the order of the table; all, without any.
func named(all []row, names []string) ([]row, error) {
	for _, n := range names {
		if !slices.ContainsFunc(all, func(r row) bool { return r.name == n }) {
			var known []string
			for _, r := range all {
				known = append(known, r.name)
			}
			for _, s := range studies() {
				known = append(known, s.name)
			}
			return nil, UnknownRow{n, known}
		}
	}
	var rows []row
	for _, r := range all {
		if len(names) == 0 || slices.Contains(names, r.name) {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// UnknownRow says that there is no row of a name.
type UnknownRow struct {
	Name string
	want []string
}

func (e UnknownRow) Error() string {
	return fmt.Sprintf("reproduce: row %q: want one of %s", e.Name, strings.Join(e.want, ", "))
}

// table is all rows. What of it is not the paper's was chosen on images held out of
// the training set ("Settings of a fit, with the spectrum" in docs/research).
func table() []row {
	digits := newMember(smt.Recipe{Config: preset("mnist")}, 1)
	counted := preset("cifar")
	counted.Images = 0 // all, as in the paper
	small := newMember(smt.Recipe{Config: counted}, 1)
	var digitsBest []member // one of straightened digits
	for _, p := range smt.BestGray() {
		digitsBest = append(digitsBest, newMember(p, 1))
	}
	var best []member // 65,536 atoms, and gray
	for _, p := range smt.Best() {
		best = append(best, newMember(p, 1))
	}
	single := func(m member) []member { return []member{m} }
	return []row{
		{"mnist", mnist, 0.993, 0.994, single(digits), 0.03, 0.03, 0.03, 3},
		{"mnist-best", mnist, 0, 0.994, digitsBest, 0.03, 0.05, 0.03, 3},
		{"cifar10-8192", cifar10, 0.792, 0.795, single(small), 0.03, 0.05, 0.05, 3},
		{"cifar10-65536", cifar10, 0.811, 0.815, single(best[0]), 0.03, 0.05, 0.05, 1},
		{"cifar10-65536-gray", cifar10, 0.832, 0.84, best, 0.03, 0.05, 0.05, 1},
		{"cifar100-65536", cifar100, 0.532, 0.54, single(best[0]), 0.03, 0.05, 0.05, 1},
		{"cifar100-65536-gray", cifar100, 0.570, 0.58, best, 0.03, 0.05, 0.05, 1},
		{"cifar10-best", cifar10, 0, 0.86, best, 0.03, 0.05, 0.05, 1},
		{"cifar100-best", cifar100, 0, 0.61, best, 0.03, 0.05, 0.05, 1},
	}
}

func preset(name string) smt.Config {
	c, err := smt.Preset(name)
	if err != nil {
		panic(err) // a name of the program's own
	}
	return c
}

// quickened is the row at a size that takes seconds. It goes the same ways.
func (r row) quickened() row {
	const most = 512 // atoms
	r.seeds = 1
	r.members = slices.Clone(r.members)
	for i := range r.members {
		c := &r.members[i].Config
		r.members[i].short.Components = min(r.members[i].short.Components, most)
		if c.Atoms > 8192 {
			c.Atoms = 2 * most
		} else {
			c.Atoms = most
		}
		c.Dims, c.Sample = min(c.Dims, 96), 500
		if c.Images > 0 {
			c.Images = min(c.Images, 200)
		}
	}
	return r
}

// Images of a quick run.
const (
	quickTrain = 2000
	quickTest  = 500
)
