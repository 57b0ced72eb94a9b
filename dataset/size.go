package dataset

import (
	"fmt"
	"image"
	"slices"
)

// decideShape fills in what is 0 in want by the rule that Open documents, and working, if not nil, changes a size that it
// fills in. The notes say how a size was chosen among several, and which images are much smaller than it.
func decideShape(s *survey, images []imageFile, want Shape, working func(Shape) Shape) (shape Shape, notes []string) {
	size := images[0].size()
	sides := make([]int, len(images))
	same, gray := true, true
	for i, img := range images {
		sides[i] = min(img.size().X, img.size().Y)
		same = same && img.size() == size
		gray = gray && img.gray
	}
	shape = want
	if want.Channels == 0 {
		shape.Channels = 3
		if gray {
			shape.Channels = 1
		}
	}
	why := ""
	if want.Height == 0 {
		if !same {
			slices.Sort(sides)
			median := sides[len(sides)/2]
			side := sides[0]
			for _, s := range sides {
				if 2*s >= median {
					side = s
					break
				}
			}
			size = image.Pt(side, side)
			why = fmt.Sprintf("images differ in size and are brought to %d×%d: the smallest side of those that are at least half the median, %d", side, side, median)
		}
		shape.Height, shape.Width = size.Y, size.X
		if working != nil {
			shape = working(shape)
		}
	}
	small := Tally{root: s.root}
	for _, img := range images {
		if 2*img.size().X < shape.Width || 2*img.size().Y < shape.Height {
			small.Add("", img.path)
		}
	}
	if why != "" {
		notes = append(notes, why)
	}
	if left := small.All(); len(left) > 0 {
		notes = append(notes, fmt.Sprintf("enlarged more than twofold to %d×%d: %d (%s)", shape.Width, shape.Height, len(left[0].Files), someOf(left[0].Files)))
	}
	return shape, notes
}
