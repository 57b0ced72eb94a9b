package dataset

import (
	"fmt"
	"image"
	"slices"
)

// decideShape fills in what is 0 in want by the rule that Open documents, and working, if not nil, changes a size that it
// fills in; asked is why a size is wanted. The notes say what size images are brought to and why, and which are much
// smaller than it.
func decideShape(s *survey, images []imageFile, want Shape, asked string, working func(Shape) Shape) (shape Shape, notes []string) {
	size := images[0].size()
	same, gray := true, true
	for _, img := range images {
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
	found, why := "images are "+widthByHeight(size), asked
	if !same {
		found = "images differ in size"
	}
	if want.Height == 0 {
		side := ""
		if !same {
			size, side = smallestOf(images)
		}
		why = side
		shape.Height, shape.Width = size.Y, size.X
		if working != nil {
			if shape = working(shape); shape.Height != size.Y || shape.Width != size.X {
				less := "less work than " + widthByHeight(size)
				if why = less; !same {
					why = less + ", " + side
				}
			}
		}
	}
	brought := image.Pt(shape.Width, shape.Height)
	small := Tally{root: s.root}
	for _, img := range images {
		if 2*img.size().X < shape.Width || 2*img.size().Y < shape.Height {
			small.Add("", img.path)
		}
	}
	if !same || brought != images[0].size() {
		notes = append(notes, fmt.Sprintf("%s and are brought to %s: %s", found, widthByHeight(brought), why))
	}
	if left := small.All(); len(left) > 0 {
		notes = append(notes, fmt.Sprintf("enlarged more than twofold to %d×%d: %d (%s)", shape.Width, shape.Height, len(left[0].Files), someOf(left[0].Files)))
	}
	return shape, notes
}

// smallestOf is a square as large as the smallest side of images that is at least half the median, and says so.
func smallestOf(images []imageFile) (size image.Point, why string) {
	sides := make([]int, len(images))
	for i, img := range images {
		sides[i] = min(img.size().X, img.size().Y)
	}
	slices.Sort(sides)
	median := sides[len(sides)/2]
	at, _ := slices.BinarySearch(sides, (median+1)/2)
	return image.Pt(sides[at], sides[at]), fmt.Sprintf("the smallest side of those that are at least half the median, %d", median)
}

// widthByHeight is a size in words; of a square either order is right.
func widthByHeight(size image.Point) string {
	text := fmt.Sprintf("%d×%d", size.X, size.Y)
	if size.X != size.Y {
		text += " (width×height)"
	}
	return text
}
