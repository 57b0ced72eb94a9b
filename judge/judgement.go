package judge

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Judgement is what the nearest neighbours of some items in a bank say of their
// classes, one by one.
type Judgement struct {
	Protocol
	Bank    int      `json:"bank"` // items in the bank, flips counted
	Classes []string `json:"-"`    // nil for items without labels
	Queries []Query  `json:"-"`
	// Confusion[t][v] is the number of items of class t that were voted v.
	Confusion [][]int `json:"confusion,omitempty"`
	Right     int     `json:"right"`
	Labelled  int     `json:"labelled"` // queries with a class
}

// StandardError is that of a share of n items: √(p(1 − p)/n), that of the binomial distribution.
func StandardError(p float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return math.Sqrt(p * (1 - p) / float64(n))
}

// Top1 is the fraction of the labelled queries that were voted their own class.
func (j *Judgement) Top1() float64 { return share(j.Right, j.Labelled) }

// Accuracy is Top1 of the queries of class t, and their number.
func (j *Judgement) Accuracy(t int) (accuracy float64, n int) {
	for _, count := range j.Confusion[t] {
		n += count
	}
	return share(j.Confusion[t][t], n), n
}

// Query is an item and its neighbours.
type Query struct {
	Index      int         `json:"index"` // in the set of queries
	ID         string      `json:"id"`    // its name
	Label      int         `json:"label"` // −1 for none
	Voted      int         `json:"voted"` // −1 where the bank has no labels
	Share      float64     `json:"share"` // of the votes, that the class voted for got
	Neighbours []Neighbour `json:"neighbours"`
}

// Neighbour is an item of the bank near a query.
type Neighbour struct {
	Index  int     `json:"index"`
	ID     string  `json:"id"`
	Flip   bool    `json:"mirrored,omitempty"` // it is the item's flip
	Cosine float64 `json:"cosine"`
	Label  int     `json:"label"` // −1 for none
	Vote   float64 `json:"vote"`  // its share of the votes
}

// Judge finds the neighbours of the queries in the bank and lets them vote, as
// Evaluate does. Items without labels have neighbours and no vote.
func Judge(ctx context.Context, bank, queries Labelled, p Protocol, report func(stage string, done, total int)) (*Judgement, error) {
	classes := bank.Labels.Classes()
	labelled := classes != nil && queries.Labels.Classes() != nil
	if labelled && !slices.Equal(classes, queries.Labels.Classes()) {
		return nil, fmt.Errorf("judge: the bank has classes %v, the queries %v", classes, queries.Labels.Classes())
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	n, err := find(ctx, bank.Set, queries.Set, p, report)
	if err != nil {
		return nil, err
	}
	j := &Judgement{Protocol: n.protocol, Bank: n.bank}
	var label func(int) int
	var found score
	if labelled {
		j.Classes, label = classes, bank.Labels.Label
		j.Confusion = make([][]int, len(classes))
		for t := range j.Confusion {
			j.Confusion[t] = make([]int, len(classes))
		}
	}
	for i := range queries.Len() {
		near := n.Neighbours(i)
		votes := Vote(near, label, p.Temperature)
		q := Query{Index: i, Label: -1, Voted: -1, Neighbours: make([]Neighbour, len(near))}
		if q.ID, err = queries.ID(i); err != nil {
			return nil, err
		}
		for k, v := range near {
			id, err := bank.ID(v.Index)
			if err != nil {
				return nil, err
			}
			q.Neighbours[k] = Neighbour{v.Index, id, v.Flip, float64(v.Cosine), -1, votes.Shares[k]}
			if labelled {
				q.Neighbours[k].Label = label(v.Index)
			}
		}
		if labelled {
			q.Label, q.Voted, q.Share = queries.Labels.Label(i), votes.Classes[0].Class, votes.Classes[0].Share
			if q.Label >= 0 && q.Voted >= 0 {
				found.add(votes.place(q.Label))
				j.Confusion[q.Label][q.Voted]++
			}
		}
		j.Queries = append(j.Queries, q)
	}
	j.Right, j.Labelled = found.first, found.items
	return j, nil
}
