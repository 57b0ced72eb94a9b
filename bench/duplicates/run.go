package main

import (
	"context"
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/bench/internal/whole"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/python"
)

//go:embed python
var scripts embed.FS

type bench struct {
	draws, each, limit int
	fit                string
}

// firstSeed is the seed of the first draw, and those of the others follow.
const firstSeed = 21

func (b *bench) run(ctx context.Context, args []string) error {
	if len(args) != 1 || b.draws < 1 {
		return fmt.Errorf("arguments %q, %d draws: want one FOLDER of photographs, and a draw at least", args, b.draws)
	}
	folder, err := fs.Sub(scripts, "python")
	if err != nil {
		return err
	}
	peers, err := python.Start(ctx, folder)
	if err != nil {
		return err
	}
	defer peers.Close()
	program := filepath.Join(peers.Dir, "smt")
	if _, err := whole.Output(ctx, "", "go", "build", "-o", program, "./cmd/smt"); err != nil {
		return err
	}
	var names []string
	var draws [][]row
	for draw := range b.draws {
		dir := filepath.Join(peers.Dir, "draw"+strconv.Itoa(draw))
		out, err := peers.Env.Command(ctx, "copies", args[0], dir, strconv.Itoa(b.each), strconv.Itoa(b.limit), strconv.Itoa(firstSeed+draw)).Output()
		if err != nil {
			return fmt.Errorf("copies.py: %w: %s", err, out)
		}
		truth, err := readTruth(filepath.Join(dir, "truth.csv"))
		if err != nil {
			return err
		}
		methods, err := b.methods(ctx, peers, program, dir)
		if err != nil {
			return err
		}
		rows := truth.rows(methods)
		draws, names = append(draws, rows), nil
		for _, m := range methods {
			names = append(names, m.name)
		}
		fmt.Fprintf(os.Stderr, "draw %d of %d: %d photographs, %d copies of each of %d kinds\n", draw+1, b.draws, truth.photographs, b.each, len(truth.kinds))
		printTable(os.Stderr, names, [][]row{rows})
	}
	printTable(os.Stdout, names, draws)
	return nil
}

// methods find the pairs in the folder of items in dir, each in its way.
func (b *bench) methods(ctx context.Context, peers *python.Peers, program, dir string) ([]*method, error) {
	items := filepath.Join(dir, "items")
	ours, err := b.ours(ctx, program, dir, items)
	if err != nil {
		return nil, err
	}
	methods := []*method{ours}
	err = python.Run(ctx, peers, func(s said) error {
		methods = s.add(methods)
		return nil
	}, "pairs", items)
	return methods, err
}

// ours are the pairs that smt finds.
func (b *bench) ours(ctx context.Context, program, dir, items string) (*method, error) {
	model, file := filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "index")
	if _, err := whole.Output(ctx, "", program, append([]string{"fit", items, "-o", model}, strings.Fields(b.fit)...)...); err != nil {
		return nil, err
	}
	began := time.Now()
	indexing := exec.CommandContext(ctx, program, "index", model, items, "-o", file, "--quiet")
	if out, err := indexing.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("smt index: %w: %s", err, out)
	}
	took, state := time.Since(began).Seconds(), indexing.ProcessState
	x, err := index.Open(file)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	m, err := found(ctx, x)
	if err != nil {
		return nil, err
	}
	m.seconds, m.processor = took, (state.UserTime() + state.SystemTime()).Seconds()
	m.search, err = searchTime(ctx, x)
	return m, err
}

// searchTime is the mean seconds of a search of an index for one of its items.
func searchTime(ctx context.Context, x *index.Index) (float64, error) {
	const queries, nearest = 20, 30
	var took time.Duration
	done := -1 // the first search compares checksums, and is not counted
	for i := 0; i < x.Len(); i += max(1, x.Len()/queries) {
		query, err := rowOf(ctx, x, i)
		if err != nil {
			return 0, err
		}
		began := time.Now()
		if _, err := x.Search(ctx, query, nearest); err != nil {
			return 0, err
		}
		if done++; done > 0 {
			took += time.Since(began)
		}
	}
	return took.Seconds() / float64(max(1, done)), nil
}

// rowOf is the embedding of an item.
func rowOf(ctx context.Context, x *index.Index, i int) ([]float32, error) {
	for row, err := range x.Pick([]int{i}).Blocks(ctx, 1) {
		return row, err
	}
	return nil, fmt.Errorf("item %d has no embedding", i)
}

// found are the pairs of the groups that smt duplicates would find, and the margins of all pairs of neighbours.
func found(ctx context.Context, x *index.Index) (*method, error) {
	g, err := graph.New(ctx, x, graph.Nearest, nil)
	if err != nil {
		return nil, err
	}
	m := &method{name: "smt", pairs: map[pair]float64{}, own: map[pair]bool{}}
	ids := make([]string, x.Len())
	for i := range ids {
		if ids[i], err = x.ID(i); err != nil {
			return nil, err
		}
	}
	for i := range ids {
		for _, n := range g.Near(i) {
			m.pairs[pairOf(ids[i], ids[n.Index])] = float64(n.Cosine) - (g.Hubness(i)+g.Hubness(n.Index))/2
		}
	}
	answer, err := answers.FindDuplicates(ctx, x, g, 0, func(string, int, int) {})
	if err != nil {
		return nil, err
	}
	m.threshold = answer.Threshold.Margin
	for _, members := range answer.Groups {
		for i, a := range members {
			for _, b := range members[:i] {
				m.own[pairOf(a.ID, b.ID)] = true
			}
		}
	}
	return m, nil
}

// said is a line of pairs.py.
type said struct {
	Method                     string
	A, B                       string
	Score                      float64
	Default                    float64
	Seconds, Processor, Search float64
}

func (s said) add(to []*method) []*method {
	if last := to[len(to)-1]; last.name != s.Method {
		to = append(to, &method{name: s.Method, pairs: map[pair]float64{}})
	}
	last := to[len(to)-1]
	if s.A == "" {
		last.threshold, last.seconds, last.processor, last.search = s.Default, s.Seconds, s.Processor, s.Search
	} else {
		last.pairs[pairOf(s.A, s.B)] = s.Score
	}
	return to
}

// readTruth reads what copies.py says of each item.
func readTruth(name string) (*truth, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := &truth{of: map[string]string{}, kind: map[string]string{}}
	for _, row := range rows[1:] {
		id, kind, of := row[0], row[1], row[2]
		t.add(id, kind, of)
	}
	return t, nil
}
