package duplicates

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// Items that are equal, or each other's flip, are a group even where most items are, and where no threshold can be chosen;
// copies that are not quite equal are left to the threshold.
func TestEqualItems(t *testing.T) {
	for _, c := range []struct{ equal, others int }{{20, 12}, {30, 0}, {20, 1}, {3, 3}, {2, 600}} {
		rng := rand.New(rand.NewPCG(5, uint64(c.equal)))
		h := scattered(rng, 1, 64, 40)
		for i := range c.equal - 1 {
			h.copied(rng, 0, 0, i%2 == 0)
		}
		h.Rows = append(h.Rows, scattered(rng, c.others, 64, 40).Rows...)
		g := graphOf(t, h)
		threshold, found := Threshold(g)
		if found && c.others < 600 {
			t.Errorf("%v: the threshold is %g", c, threshold)
		}
		groups, err := Find(context.Background(), h, g, threshold, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(groups) != 1 || len(groups[0]) != c.equal {
			t.Errorf("%v: groups are %v", c, groups)
			continue
		}
		for _, m := range groups[0] {
			if m.Item >= c.equal || m.Flip != (m.Item > 0 && m.Item%2 == 1) {
				t.Errorf("%v: member %+v", c, m)
			}
		}
	}
	rng := rand.New(rand.NewPCG(6, 1))
	h := scattered(rng, 8, 64, 40)
	h.copied(rng, 0, 0.02, false) // of a cosine of about 0.9998
	groups, err := Find(context.Background(), h, graphOf(t, h), 0, nil)
	if err != nil || len(groups) > 0 {
		t.Errorf("a copy with noise is equal: %v, %v", slices.Concat(groups...), err)
	}
}
