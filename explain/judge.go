package explain

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/knn"
)

// Judgement is what the nearest neighbours of some images in a bank say of their
// classes.
type Judgement struct {
	smt.Protocol
	Bank    int      `json:"bank"` // images in the bank, flips counted
	Classes []string `json:"-"`    // nil for images without labels
	Queries []Query  `json:"-"`
	// Confusion[t][v] is the number of images of class t that were voted v.
	Confusion [][]int `json:"confusion,omitempty"`
	Right     int     `json:"right"`
	Labelled  int     `json:"labelled"` // queries with a class
}

// Top1 is the fraction of the labelled queries that were voted their own class.
func (j *Judgement) Top1() float64 { return float64(j.Right) / float64(max(1, j.Labelled)) }

// Accuracy is Top1 of the queries of class t, and their number.
func (j *Judgement) Accuracy(t int) (accuracy float64, n int) {
	for _, count := range j.Confusion[t] {
		n += count
	}
	return float64(j.Confusion[t][t]) / float64(max(1, n)), n
}

// Query is an image and its neighbours.
type Query struct {
	Index      int         `json:"index"` // in the source of queries
	ID         string      `json:"id"`    // there
	Label      int         `json:"label"` // −1 for none
	Voted      int         `json:"voted"` // −1 where the bank has no labels
	Share      float64     `json:"share"` // of the votes, that the class voted for got
	Neighbours []Neighbour `json:"neighbours"`
}

// Neighbour is an image of the bank near a query.
type Neighbour struct {
	Index    int     `json:"index"`
	ID       string  `json:"id"`
	Mirrored bool    `json:"mirrored,omitempty"` // it is the image's flip
	Cosine   float64 `json:"cosine"`
	Label    int     `json:"label"` // −1 for none
	Vote     float64 `json:"vote"`  // its share of the votes: exp(cosine/T), the votes of a query adding to 1
}

// Judge finds the neighbours of the queries in the bank and lets them vote, as
// Model.Evaluate does. Images without labels have neighbours and no vote.
func Judge(ctx context.Context, m *smt.Model, bank, queries dataset.Source, p smt.Protocol, list ...smt.Option) (*Judgement, error) {
	labelled := bank.Classes() != nil && queries.Classes() != nil
	if labelled && !slices.Equal(bank.Classes(), queries.Classes()) {
		return nil, fmt.Errorf("explain: the bank has classes %v, the queries %v", bank.Classes(), queries.Classes())
	}
	found, err := m.Neighbours(ctx, bank, queries, p.K, p.Flips, list...)
	if err != nil {
		return nil, err
	}
	j := &Judgement{Protocol: p, Bank: bank.Len()}
	if p.Flips {
		j.Bank *= 2
	}
	j.K = min(p.K, j.Bank) // those that vote
	if labelled {
		j.Classes = bank.Classes()
		j.Confusion = make([][]int, len(j.Classes))
		for t := range j.Confusion {
			j.Confusion[t] = make([]int, len(j.Classes))
		}
	}
	for i := range queries.Len() {
		near := found.Neighbours(i)
		q := Query{Index: i, ID: queries.ID(i), Label: -1, Voted: -1, Neighbours: make([]Neighbour, len(near))}
		var all float64
		for k, weight := range knn.Weights(near, p.Temperature) {
			q.Neighbours[k] = Neighbour{near[k].Index, bank.ID(near[k].Index), near[k].Mirrored, float64(near[k].Cosine), -1, weight}
			all += weight
		}
		for k := range q.Neighbours {
			q.Neighbours[k].Vote /= all
		}
		if labelled {
			j.vote(&q, queries.Label(i), bank, near)
		}
		j.Queries = append(j.Queries, q)
	}
	return j, nil
}

func (j *Judgement) vote(q *Query, label int, bank dataset.Source, near []knn.Neighbour) {
	q.Label, q.Voted = label, knn.Vote(near, bank.Label, j.Temperature)[0]
	for k := range q.Neighbours {
		n := &q.Neighbours[k]
		n.Label = bank.Label(n.Index)
		if n.Label == q.Voted {
			q.Share += n.Vote
		}
	}
	if label < 0 || q.Voted < 0 {
		return
	}
	j.Labelled++
	j.Confusion[label][q.Voted]++
	if label == q.Voted {
		j.Right++
	}
}
