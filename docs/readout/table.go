package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
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

// Items of the bank are asked for as if they were not of it, or as they are.
const (
	left  = "left"
	among = "among"
)

// fewest is the number of labels a class that a ridge wants, which holds some of them out.
const fewest = 5

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
	Items   string  `json:"items,omitempty"` // left or among, where items of the bank are asked for
	Loss    float64 `json:"loss"`            // the mean −log of the probability of the label; 0 where there is none
	Seconds float64 `json:"seconds"`
	Cut     float64 `json:"cut,omitempty"`   // of the kernel
	Kept    float64 `json:"kept,omitempty"`  // the share of its values, 1 for all
	Bytes   int     `json:"bytes,omitempty"` // of it
	// Gained and Lost are the queries that are right where with the first of -keep they are wrong, and the other way.
	Gained int `json:"gained,omitempty"`
	Lost   int `json:"lost,omitempty"`

	*Calibration // nil of ways without probabilities
}

// trial is a bank and queries.
type trial struct {
	bank, queries   embedding.Set
	asked           *readout.Queries // the queries, of all methods and labels
	labels, answers []int            // of the bank, of the queries
	names           []string
	items           string        // left or among, where items of the bank are asked for in place of queries
	whole, labelled *readout.Bank // whose kernels are of all items, and of labelled ones
}

func table(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("table", flag.ContinueOnError)
	test := f.String("test", "", "embeddings of the test images, to be read once; by default training images are held out")
	bank := f.Int("bank", 0, "images of the bank, 0 for all that are not held out")
	each := f.String("labels", "1,4,10,40,100,500,all", "labels a class")
	draws := f.Int("draws", 3, "draws of labels")
	methods := f.String("methods", "paper,hubs,spreading,ridge,ridge+vote", "ways to read them out")
	keep := f.String("keep", "1", "shares of its values that the kernel of a ridge keeps, 1 for all; each is held against the first")
	items := f.String("items", "", "ask for items of the bank without a label in place of queries: left, each left out of the bank, or among, as one of it")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() < 2 {
		return fmt.Errorf("table: want DATA and EMBEDDINGS")
	}
	if !slices.Contains([]string{"", left, among}, *items) {
		return fmt.Errorf("items is %q: want %s or %s", *items, left, among)
	}
	set, err := dataset.Open(f.Arg(0), dataset.Options{})
	if err != nil {
		return err
	}
	defer set.Close()
	t, err := newTrial(ctx, set, f.Args()[1:], *test, *bank)
	if err != nil {
		return err
	}
	t.items = *items
	shares, err := sharesOf(*keep)
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
			labels := readout.Draw(t.labels, len(t.names), n, uint64(100+draw))
			for _, m := range strings.Split(*methods, ",") {
				if strings.Contains(m, "ridge") && n > 0 && n < fewest {
					continue
				}
				r := record{Data: f.Arg(0)[strings.LastIndex(f.Arg(0), "/")+1:], Bank: t.bank.Len(), Labels: n, Draw: draw, Method: m, Queries: len(t.answers), Items: t.items}
				if err := t.row(ctx, labels, shares, r, out); err != nil {
					return fmt.Errorf("%s, %d labels: %w", m, n, err)
				}
			}
		}
	}
	return nil
}

// sharesOf are shares of a kernel, from a flag.
func sharesOf(list string) (shares []float64, err error) {
	for _, s := range strings.Split(list, ",") {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v > 0 && v <= 1) {
			return nil, fmt.Errorf("keep: %q: want shares above 0, to 1", s)
		}
		shares = append(shares, v)
	}
	return shares, nil
}

// row writes a line for a method or, of one with a kernel, for each share of it.
func (t *trial) row(ctx context.Context, labels []int, shares []float64, r record, out io.Writer) error {
	var first []bool // which queries are right with the first share
	for _, share := range shares {
		r := r
		if len(shares) > 1 || share < 1 {
			t.whole.Keep(share)
			t.labelled.Keep(share)
		}
		began := time.Now()
		right, err := t.run(ctx, labels, &r)
		if err != nil {
			return err
		}
		r.Seconds = time.Since(began).Seconds()
		for i, is := range first {
			if is && !right[i] {
				r.Lost++
			} else if right[i] && !is {
				r.Gained++
			}
		}
		if first == nil {
			first = right
		}
		if err := json.NewEncoder(out).Encode(r); err != nil {
			return err
		}
		if r.Bytes == 0 { // no kernel
			return nil
		}
	}
	return nil
}

// joined is embeddings from files, side by side.
func joined(files []string) (embedding.Set, error) {
	var parts []embedding.Set
	var weights []float64
	for _, name := range files {
		e, err := embedding.Open(name)
		if err != nil {
			return nil, err
		}
		parts, weights = append(parts, e), append(weights, 1)
	}
	return embedding.Join(weights, parts...)
}

// newTrial has a bank of training images, and queries: test images, or training images that smt fit --holdout leaves out.
func newTrial(ctx context.Context, set *dataset.Set, files []string, test string, bank int) (*trial, error) {
	all, err := joined(files)
	if err != nil {
		return nil, err
	}
	if all.Len() > set.Train.Len() || all.Len() <= held {
		return nil, fmt.Errorf("%d embeddings of %d training images: want more than %d", all.Len(), set.Train.Len(), held)
	}
	t := &trial{names: set.Train.Classes()}
	rows := shuffle.Order(all.Len(), seed)
	if test == "" {
		queries := slices.Sorted(slices.Values(rows[:held]))
		t.queries, rows = all.Pick(queries), rows[held:]
		t.answers = labelsOf(set.Train, queries)
	} else if t.queries, err = joined(strings.Split(test, ",")); err != nil {
		return nil, err
	} else if t.queries.Len() != set.Test.Len() {
		return nil, fmt.Errorf("%d embeddings of %d test images", t.queries.Len(), set.Test.Len())
	} else {
		t.answers = labelsOf(set.Test, numbers(set.Test.Len()))
	}
	if bank > 0 {
		rows = rows[:min(bank, len(rows))]
	}
	slices.Sort(rows)
	t.bank, t.labels = all.Pick(rows), labelsOf(set.Train, rows)
	began := time.Now()
	g, err := graph.New(ctx, t.bank, graph.Nearest, nil)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "graph of %d: %.1f s\n", g.Len(), time.Since(began).Seconds())
	if t.whole, err = readout.NewBank(t.bank, g, nil); err != nil {
		return nil, err
	}
	t.asked = readout.NewQueries(t.queries, nil)
	t.labelled, err = readout.NewBank(t.bank, g, nil)
	return t, err
}

// labelsOf are the labels of images.
func labelsOf(src dataset.Source, images []int) []int {
	labels := make([]int, len(images))
	for at, i := range images {
		labels[at] = src.Label(i)
	}
	return labels
}

// numbers are those below n.
func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// run classifies the queries by a method, and says which are right; nil for those of package judge.
func (t *trial) run(ctx context.Context, labels []int, r *record) ([]bool, error) {
	if r.Method == paper || r.Method == hubs {
		return nil, t.judge(ctx, labels, r)
	}
	b := t.labelled
	if readout.Method(r.Method) == readout.SpreadRidge || r.Labels == 0 {
		b = t.whole
	}
	c, err := b.Learn(ctx, labels, t.names, readout.Method(r.Method))
	if err != nil {
		return nil, err
	}
	if strings.Contains(string(c.Method()), "ridge") {
		r.Cut = c.Cut()
		r.Kept, r.Bytes = b.Kernel()
	}
	asked, truth := t.asked, t.answers
	if t.items != "" {
		asked, truth = t.unlabelled(labels)
	}
	answers, err := c.Answer(ctx, asked)
	if err != nil {
		return nil, err
	}
	_, r.Loss = readout.Score(answers, truth)
	r.Queries = len(truth)
	right := make([]bool, len(answers))
	for i, a := range answers {
		if right[i] = a.Class == truth[i]; right[i] {
			r.Right++
		}
	}
	r.Calibration = calibrationOf(answers, truth)
	return right, nil
}

// unlabelled are the first items of the bank without a label, as many as there are queries, and their classes.
func (t *trial) unlabelled(labels []int) (*readout.Queries, []int) {
	var own, truth []int
	for i, l := range labels {
		if l < 0 && len(own) < len(t.answers) {
			own, truth = append(own, i), append(truth, t.labels[i])
		}
	}
	items := t.bank.Pick(own)
	if t.items == among {
		own = nil
	}
	return readout.NewQueries(items, own), truth
}
