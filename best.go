package smt

import "github.com/sparse-manifold/smt/dataset"

// Recipe is how a member of an ensemble is to be fitted.
type Recipe struct {
	Name   string
	Config Config
	Gray   bool // it is fitted on gray views
}

// Best is the preset "best" for colour images: the models that nearest neighbours did
// best with, side by side, on images held out ("The gray member" and "More atoms, with the spectrum" in docs/research). Each is fitted on
// its View of the images; LoadEnsemble joins them.
func Best() []Recipe {
	colour := presets["cifar"]
	colour.Atoms, colour.Step = 65536, 2
	colour.MaxCosine, colour.Threshold = 0.5, 0.35
	colour.Images = 0        // fewer were not measured with so many atoms
	colour.Components = 1000 // 2,000 values of both, as many as an index of pgvector takes
	// Gray patches have a third of the values: cosines of chance are larger.
	gray := colour
	gray.Atoms = 16384
	gray.Epsilon, gray.Threshold, gray.MaxCosine = 1e-2, 0.45, 0.75
	return []Recipe{{Name: "colour", Config: colour}, {Name: "gray", Config: gray, Gray: true}}
}

// BestGray is the preset "best" for gray images of digits or letters: two models of 4,096 atoms, one of the
// images as they are and one that straightens them (Config.Deskew), side by side ("Digits, straightened" in docs/research).
func BestGray() []Recipe {
	plain := presets["mnist"]
	plain.Atoms, plain.Power = 4096, 0.6
	straight := plain
	straight.Deskew = true
	return []Recipe{{Name: "plain", Config: plain}, {Name: "straight", Config: straight}}
}

// View is what the member is fitted on of colour images.
func (r Recipe) View(src dataset.Source) dataset.Source {
	if r.Gray {
		return dataset.Gray(src)
	}
	return src
}
