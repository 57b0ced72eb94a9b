package answers

import (
	"context"

	"github.com/sparse-manifold/smt/index"
)

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

// Number is the number of the item of an id, -1 if there is none. It reads all ids before it.
func Number(ctx context.Context, x *index.Index, id string) (int, error) {
	for i := range x.Len() {
		if i%4096 == 0 && ctx.Err() != nil {
			return -1, ctx.Err()
		}
		is, err := x.ID(i)
		if err != nil {
			return -1, err
		}
		if is == id {
			return i, nil
		}
	}
	return -1, nil
}

// IDs are the ids of all items.
func IDs(ctx context.Context, x *index.Index) ([]string, error) {
	ids := make([]string, x.Len())
	for i := range ids {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var err error
		if ids[i], err = x.ID(i); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
