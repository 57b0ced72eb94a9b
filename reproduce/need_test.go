package reproduce

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory/memorytest"
)

// judgedCase is the judging of one of judgedRows.
type judgedCase struct{ Row, Data, Out string }

func TestMain(m *testing.M) {
	if mode := os.Getenv(peerMode); mode != "" {
		os.Exit(fake(mode, os.Args[3], os.Args[4:])) // after -c and what runs it
	}
	memorytest.Main(m, func(c judgedCase) (estimate, peak int64, err error) {
		// A folder of its own each time: rows that are done are not run again, and tell what the first one took.
		out, err := os.MkdirTemp(c.Out, "")
		if err != nil {
			return 0, 0, err
		}
		opt := Options{Rows: []string{c.Row}, Data: c.Data, Out: out, Seed: 1}
		report, err := run(context.Background(), opt, judgedRows())
		if err != nil {
			return 0, 0, err
		}
		rows, err := named(judgedRows(), opt.Rows)
		if err != nil {
			return 0, 0, err
		}
		estimate = rows[0].judgingMemory(dataset.Shape{Height: 32, Width: 32, Channels: 3}, judgedTrain, judgedTest, 10)
		return estimate, report.Results[0].Judged[0].Judged.Peak, nil
	})
}

const judgedTrain, judgedTest = 2500, 500

// judgedRows are of models that are soon fitted and of embeddings that take some memory
// to judge: of one model and of two.
func judgedRows() []row {
	c := preset("cifar")
	c.Atoms, c.MaxCosine, c.Sample, c.Images, c.Dims, c.Skip, c.Ridge = 512, 1.5, 100, 50, 384, 8, 1e-3
	colour, gray := newMember(smt.Recipe{Config: c}, 1), newMember(smt.Recipe{Config: c, Gray: true}, 1)
	return []row{
		{"one", cifar10, 0, 0, []member{colour}, 0.03, 0.05, 0.05, 1},
		{"two", cifar10, 0, 0, []member{colour, gray}, 0.03, 0.05, 0.05, 1},
	}
}

// The estimate of what judging takes is within a quarter of what it takes.
func TestJudgingMemory(t *testing.T) {
	memorytest.Skip(t)
	dir := t.TempDir()
	writeTen(t, dir, rand.New(rand.NewPCG(5, 6)), judgedTrain, judgedTest)
	for _, w := range judgedRows() {
		t.Run(w.name, func(t *testing.T) {
			memorytest.Compare(t, judgedCase{w.name, dir, t.TempDir()})
		})
	}
}
