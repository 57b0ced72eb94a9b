package answers

import "github.com/sparse-manifold/smt/index"

// Item is an item of an answer.
type Item struct {
	ID     string `json:"id"`
	Label  string `json:"label,omitempty"`
	Number int    `json:"-"` // in the index
}

// ItemOf is item i of an index. It panics if i is out of range.
func ItemOf(x *index.Index, i int) (Item, error) {
	item, err := x.Item(i)
	return Item{item.ID, item.Label, i}, err
}
