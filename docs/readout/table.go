package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/internal/shuffle"
	"github.com/sparse-manifold/smt/readout"
)

// The seed of smt fit and smt eval with a model's own configuration, and the number of images that they hold out here.
const (
	seed = 1
	held = 5000
)

// paper and hubs are the ways of package judge, beside the methods of package readout.
const (
	paper = "paper"
	hubs  = "hubs"
)

// record is how one way did with one draw of labels.
type record struct {
	Data    string  `json:"data"`
	Bank    int     `json:"bank"`
	Labels  int     `json:"labels"` // a class; 0 for all
	Draw    int     `json:"draw"`
	Method  string  `json:"method"`
	Right   int     `json:"right"`
	Queries int     `json:"queries"`
	Loss    float64 `json:"loss"` // the mean −log of the probability of the label; 0 where there is none
	Seconds float64 `json:"seconds"`
}

// trial is a bank and queries.
type trial struct {
	bank, queries   embedding.Set
	labels, answers []int // of the bank, of the queries
	names           []string
	whole, labelled *readout.Bank // whose kernels are of all items, and of labelled ones
}

func table(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("table", flag.ContinueOnError)
	bank := f.Int("bank", 0, "images of the bank, 0 for all that are not held out")
	each := f.String("labels", "1,4,10,40,100,500,all", "labels a class")
	draws := f.Int("draws", 3, "draws of labels")
	methods := f.String("methods", "paper,hubs,spreading,ridge,ridge+vote", "ways to read them out")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() < 2 {
		return fmt.Errorf("table: want DATA and EMBEDDINGS")
	}
	set, err := dataset.Open(f.Arg(0), dataset.Options{})
	if err != nil {
		return err
	}
	defer set.Close()
	t, err := newTrial(ctx, set, f.Args()[1:], *bank)
	if err != nil {
		return err
	}
	for _, level := range strings.Split(*each, ",") {
		n, times := 0, 1
		if level != "all" {
			times = *draws
			if n, err = strconv.Atoi(level); err != nil {
				return fmt.Errorf("labels: %w", err)
			}
		}
		for draw := range times {
			labels := drawn(t.labels, len(t.names), n, draw)
			for _, m := range strings.Split(*methods, ",") {
				r := record{Data: f.Arg(0)[strings.LastIndex(f.Arg(0), "/")+1:], Bank: t.bank.Len(), Labels: n, Draw: draw, Method: m, Queries: len(t.answers)}
				began := time.Now()
				if err := t.run(ctx, labels, &r); err != nil {
					return fmt.Errorf("%s, %d labels: %w", m, n, err)
				}
				r.Seconds = time.Since(began).Seconds()
				if err := json.NewEncoder(out).Encode(r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// newTrial takes the training images apart as smt fit --holdout does.
func newTrial(ctx context.Context, set *dataset.Set, files []string, bank int) (*trial, error) {
	var parts []embedding.Set
	var weights []float64
	for _, name := range files {
		e, err := embedding.Open(name)
		if err != nil {
			return nil, err
		}
		parts, weights = append(parts, e), append(weights, 1)
	}
	all, err := embedding.Join(weights, parts...)
	if err != nil {
		return nil, err
	}
	if all.Len() != set.Train.Len() {
		return nil, fmt.Errorf("%d embeddings of %d training images", all.Len(), set.Train.Len())
	}
	order := shuffle.Order(all.Len(), seed)
	rows := order[held:]
	if bank > 0 {
		rows = rows[:min(bank, len(rows))]
	}
	slices.Sort(rows)
	queries := slices.Sorted(slices.Values(order[:held]))
	t := &trial{bank: all.Pick(rows), queries: all.Pick(queries), names: set.Train.Classes()}
	for _, i := range rows {
		t.labels = append(t.labels, set.Train.Label(i))
	}
	for _, i := range queries {
		t.answers = append(t.answers, set.Train.Label(i))
	}
	g, err := graph.New(ctx, t.bank, graph.Nearest, nil)
	if err != nil {
		return nil, err
	}
	if t.whole, err = readout.NewBank(t.bank, g, nil); err != nil {
		return nil, err
	}
	t.labelled, err = readout.NewBank(t.bank, g, nil)
	return t, err
}

// drawn keeps n labels of each class, or all of them for 0.
func drawn(labels []int, classes, n, draw int) []int {
	if n == 0 {
		return labels
	}
	kept := make([]int, len(labels))
	left := make([]int, classes)
	for i := range kept {
		kept[i] = -1
	}
	for _, i := range shuffle.Order(len(labels), uint64(100+draw)) {
		if c := labels[i]; left[c] < n {
			left[c]++
			kept[i] = c
		}
	}
	return kept
}

// run classifies the queries by a method.
func (t *trial) run(ctx context.Context, labels []int, r *record) error {
	if r.Method == paper || r.Method == hubs {
		return t.judge(ctx, labels, r)
	}
	b := t.labelled
	if readout.Method(r.Method) == readout.SpreadRidge || r.Labels == 0 {
		b = t.whole
	}
	c, err := b.Learn(ctx, labels, t.names, readout.Method(r.Method))
	if err != nil {
		return err
	}
	answers, err := c.Classify(ctx, t.queries)
	if err != nil {
		return err
	}
	r.count(answers, t.answers)
	return nil
}
