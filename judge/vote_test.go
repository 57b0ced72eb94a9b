package judge

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/knn"
)

func TestVote(t *testing.T) {
	label := func(i int) int { return []int{7, 8, 8, 9, 9}[i] }
	near := []knn.Neighbour{{Index: 0, Cosine: 0.9}, {Index: 1, Cosine: 0.89}, {Index: 2, Flip: true, Cosine: 0.88}, {Index: 3, Cosine: 0.5}}
	for _, c := range []struct {
		temperature float64
		want        []int
	}{
		{1, []int{8, 7, 9}},     // nearly one neighbour, one vote
		{0.001, []int{7, 8, 9}}, // the nearest decides
	} {
		v := Vote(near, label, c.temperature)
		var got []int
		for _, s := range v.Classes {
			got = append(got, s.Class)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("temperature %g: %v, want %v", c.temperature, got, c.want)
		}
		for place, class := range c.want {
			if v.place(class) != place {
				t.Errorf("temperature %g: class %d is at %d", c.temperature, class, v.place(class))
			}
		}
		if v.place(6) != -1 {
			t.Error("a class without votes has a place")
		}
	}
	if v := Vote(nil, label, 1); len(v.Shares) != 0 || v.Classes != nil {
		t.Errorf("no neighbours voted: %+v", v)
	}
	if v := Vote(near, nil, 1); len(v.Shares) != 4 || v.Classes != nil {
		t.Errorf("items without classes have some: %+v", v)
	}
}

// Of equal votes the class of the nearer neighbour comes first.
func TestEqualVotes(t *testing.T) {
	near := []knn.Neighbour{{Index: 2}, {Index: 0}, {Index: 1}}
	v := Vote(near, func(i int) int { return i }, 1)
	for place, n := range near {
		if v.Classes[place] != (ClassShare{n.Index, 1.0 / 3}) {
			t.Errorf("%+v", v.Classes)
		}
	}
}

// Shares from their definition: exp(cosine/temperature) over the sum of all.
func TestSharesAgreeWithTheirDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cosines := rapid.SliceOfN(rapid.Float32Range(-1, 1), 1, 40).Draw(t, "cosines")
		temperature := rapid.Float64Range(0.01, 1).Draw(t, "temperature") // exp(100) is a number
		slices.Sort(cosines)
		slices.Reverse(cosines)
		near := make([]knn.Neighbour, len(cosines))
		var all float64
		for i, c := range cosines {
			near[i] = knn.Neighbour{Index: i, Cosine: c}
			all += math.Exp(float64(c) / temperature)
		}
		label := func(i int) int { return i * i % 5 }
		v := Vote(near, label, temperature)
		want := map[int]float64{}
		for i, c := range cosines {
			share := math.Exp(float64(c)/temperature) / all
			want[label(i)] += share
			if math.Abs(v.Shares[i]-share) > 1e-12 {
				t.Fatalf("neighbour %d has %g of the votes, want %g", i, v.Shares[i], share)
			}
		}
		for i, c := range v.Classes {
			if math.Abs(c.Share-want[c.Class]) > 1e-12 || i > 0 && c.Share > v.Classes[i-1].Share {
				t.Fatalf("%+v, want %v", v.Classes, want)
			}
		}
		if len(v.Classes) != len(want) {
			t.Fatalf("%d classes have votes, want %d", len(v.Classes), len(want))
		}
	})
}
