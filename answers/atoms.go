package answers

import (
	"cmp"
	"context"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/readout"
)

// Split is how the score that an image has of its class is split over the atoms that are active in it. A score is no linear function of
// the image, but for what readout.Direction says.
type Split struct {
	Score    float64 `json:"score"`
	Sum      float64 `json:"sum"` // of all parts: the score, but for rounding
	Active   int     `json:"active"`
	RunnerUp string  `json:"runner_up"` // the class of the second largest score
}

// Atom is an atom of an image that speaks for its class.
type Atom struct {
	From     int     `json:"-"`                // its member of the models
	Member   string  `json:"member,omitempty"` // the member's name, where there are several
	Atom     int     `json:"atom"`
	Part     float64 `json:"part"`      // of the score
	Share    float64 `json:"share"`     // Part as a share of all parts above 0
	RunnerUp float64 `json:"runner_up"` // its part of the score of the class that comes second
	Patches  int     `json:"patches"`   // in which it is active
	// Places are the patches in which it adds the most, x, y, width and height in pixels of the image as the member sees it.
	Places [][4]int `json:"places"`
}

// placesTold is the number of places of an atom that are told.
const placesTold = 3

// Pixels are images as the shape of an index has them, and the models that embed them.
type Pixels struct {
	Models *smt.Ensemble
	Of     [][]byte // of each image, nil where there are none: an index has no pixels of its items
}

// tellAtoms adds to verdicts the atoms that speak most for them, of images with pixels, up to n of each.
func tellAtoms(ctx context.Context, x *index.Index, c *readout.Classifier, u Unnamed, found []readout.Answer, verdicts []Verdict) error {
	var with, images, classes []int
	for i, a := range found {
		if u.Pixels.Of[i] == nil {
			continue
		}
		// Its class, and the one that comes second.
		order := make([]int, len(a.Scores))
		for class := range order {
			order[class] = class
		}
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(a.Scores[y], a.Scores[x]) })
		with, images, classes = append(with, i), append(images, i, i), append(classes, order[0], order[1])
	}
	if len(with) == 0 {
		return nil
	}
	directions, err := c.Directions(ctx, u.Images.Pick(images), classes)
	if err != nil {
		return err
	}
	for k, i := range with {
		if err := ctx.Err(); err != nil {
			return err
		}
		along, err := explain.AlongOf(u.Pixels.Models, dataset.Single(x.Shape(), u.Pixels.Of[i]), directions[2*k].Values, directions[2*k+1].Values)
		if err != nil {
			return err
		}
		v := &verdicts[i]
		v.Split = &Split{Score: directions[2*k].Score, RunnerUp: c.Classes()[classes[2*k+1]]}
		v.Atoms = atomsOf(along[0], along[1], u.Why, v.Split)
	}
	return nil
}

// atomsOf are the atoms that add most to a score, and what they add to that of the class that comes second.
func atomsOf(best, second explain.Along, n int, s *Split) []Atom {
	type place struct{ member, atom int }
	against, places := map[place]float64{}, map[place]*explain.MemberAlong{}
	var all []Atom
	var at []place
	var speaks float64
	for m := range best.Members {
		member := &best.Members[m]
		for _, a := range second.Members[m].Atoms {
			against[place{m, a.Atom}] = a.Value
		}
		for _, a := range member.Atoms {
			s.Sum += a.Value
			s.Active++
			speaks += max(0, a.Value)
			p := place{m, a.Atom}
			at, places[p] = append(at, p), member
			all = append(all, Atom{From: m, Atom: a.Atom, Part: a.Value, RunnerUp: against[p]})
			if len(best.Members) > 1 {
				all[len(all)-1].Member = member.Member
			}
		}
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(all[j].Part, all[i].Part) })
	told := []Atom{}
	for _, i := range order {
		if len(told) == n || !(all[i].Part > 0) {
			break
		}
		a := all[i]
		a.Share = a.Part / speaks
		where := places[at[i]].Places(a.Atom)
		a.Patches = len(where)
		for _, p := range where[:min(placesTold, len(where))] {
			a.Places = append(a.Places, [4]int{p.Box.Min.X, p.Box.Min.Y, p.Box.Dx(), p.Box.Dy()})
		}
		told = append(told, a)
	}
	return told
}
