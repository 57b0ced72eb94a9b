package main

import (
	"context"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/bench/internal/whole"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/duplicates"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/python"
)

//go:embed python
var scripts embed.FS

type bench struct {
	each, limit int
	fit         string
}

func (b *bench) run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("want one FOLDER of photographs")
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
	made := filepath.Join(peers.Dir, "made")
	if out, err := peers.Env.Command(ctx, "copies", args[0], made, strconv.Itoa(b.each), strconv.Itoa(b.limit)).Output(); err != nil {
		return fmt.Errorf("copies.py: %w: %s", err, out)
	}
	items := filepath.Join(made, "items")
	truth, err := readTruth(filepath.Join(made, "truth.csv"))
	if err != nil {
		return err
	}
	fmt.Printf("%d photographs, %d copies of each of %d kinds\n\n", truth.photographs, b.each, len(truth.kinds))
	ours, err := b.ours(ctx, peers.Dir, items)
	if err != nil {
		return err
	}
	methods := []*method{ours}
	err = python.Run(ctx, peers, func(s said) error {
		methods = s.add(methods)
		return nil
	}, "pairs", items)
	if err != nil {
		return err
	}
	truth.print(os.Stdout, methods)
	return nil
}

// ours are the pairs that smt finds.
func (b *bench) ours(ctx context.Context, dir, items string) (*method, error) {
	program, file := filepath.Join(dir, "smt"), filepath.Join(dir, "model.safetensors")
	if _, err := whole.Output(ctx, "", "go", "build", "-o", program, "./cmd/smt"); err != nil {
		return nil, err
	}
	if _, err := whole.Output(ctx, "", program, append([]string{"fit", items, "-o", file}, strings.Fields(b.fit)...)...); err != nil {
		return nil, err
	}
	model, err := smt.Load(file)
	if err != nil {
		return nil, err
	}
	all, err := dataset.Open(items, dataset.Options{Fitted: model.Record().Data.Shape})
	if err != nil {
		return nil, err
	}
	set, err := model.Embeddings(all.Train)
	if err != nil {
		return nil, err
	}
	return found(ctx, set)
}

// found are the pairs of the groups that smt duplicates would find, and the margins of all pairs of neighbours.
func found(ctx context.Context, set embedding.Set) (*method, error) {
	g, err := graph.New(ctx, set, graph.Nearest, nil)
	if err != nil {
		return nil, err
	}
	m := &method{name: "smt", pairs: map[pair]float64{}, own: map[pair]bool{}}
	ids := make([]string, set.Len())
	for i := range ids {
		if ids[i], err = set.ID(i); err != nil {
			return nil, err
		}
	}
	for i := range ids {
		for _, n := range g.Near(i) {
			m.pairs[pairOf(ids[i], ids[n.Index])] = float64(n.Cosine) - (g.Hubness(i)+g.Hubness(n.Index))/2
		}
	}
	threshold, any := duplicates.Threshold(g)
	if !any {
		return m, nil
	}
	m.threshold = threshold
	groups, err := duplicates.Find(ctx, set, g, threshold)
	if err != nil {
		return nil, err
	}
	for _, members := range groups {
		for i, a := range members {
			for _, b := range members[:i] {
				m.own[pairOf(ids[a.Item], ids[b.Item])] = true
			}
		}
	}
	return m, nil
}

// said is a line of pairs.py.
type said struct {
	Method           string
	A, B             string
	Score            float64
	Default, Seconds float64
}

func (s said) add(to []*method) []*method {
	if last := to[len(to)-1]; last.name != s.Method {
		to = append(to, &method{name: s.Method, pairs: map[pair]float64{}})
	}
	last := to[len(to)-1]
	if s.A == "" {
		last.threshold = s.Default
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
