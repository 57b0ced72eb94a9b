package main

import "github.com/sparse-manifold/smt"

// fitImages is how many images a model is of, as commands report it.
type fitImages struct {
	Images  int `json:"fit_images"`
	Counted int `json:"counted_images,omitempty"` // of them, in the statistics; absent where that is not recorded
}

func fitImagesOf(m *smt.Model) fitImages {
	return fitImages{m.Record().Data.Images, m.Record().Data.Counted}
}

func (i fitImages) String() string {
	text := numberOf(i.Images, "image")
	if i.Counted != i.Images {
		text += ", statistics of " + ofThem(i.Counted, i.Images)
	}
	return text
}

// ofThem is a number of images out of all, 0 where it is not recorded.
func ofThem(n, all int) string {
	switch n {
	case 0:
		return "a number of them that is not recorded"
	case all:
		return "all of them"
	}
	return count(n) + " of them"
}
