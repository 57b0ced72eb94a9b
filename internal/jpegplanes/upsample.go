package jpegplanes

// Planes are the decoded samples of an image. Rows may be asked for from many goroutines.
type Planes struct {
	Frame
	planes []*plane
}

// Row writes row y of a component, as wide as the image, into row. Of a plane that is
// subsampled by two, in one direction or both, a sample is interpolated between the centres of
// the nearest two or four, as in libjpeg. Of any other it is the nearest one.
func (p *Planes) Row(component, y int, row []uint8) {
	c := p.planes[component]
	h, v := p.most()
	row = row[:p.Width]
	wide := h == 2*c.H && c.width > 2 // of two samples libjpeg interpolates none
	if v == 2*c.V && (wide || h == c.H) {
		near := y / 2
		far := min(max(near+2*(y&1)-1, 0), c.height-1)
		if wide {
			square(row, c.row(near), c.row(far))
		} else {
			below(row, c.row(near), c.row(far), y&1)
		}
		return
	}
	from := c.row(y * c.V / v)
	switch {
	case wide && v == c.V:
		beside(row, from)
	case h == c.H:
		copy(row, from)
	default:
		for x := range row {
			row[x] = from[x*c.H/h]
		}
	}
}

// row is a row of samples within the image.
func (p *plane) row(y int) []uint8 { return p.samples[8*p.across*y:][:p.width] }

// beside makes two samples of one: of 3 parts of it, and 1 of the one next on that side.
func beside(row, from []uint8) {
	for x := range row {
		a := int(from[x/2])
		next := x/2 + 2*(x&1) - 1
		if next < 0 || next == len(from) {
			row[x] = uint8(a)
			continue
		}
		row[x] = uint8((3*a + int(from[next]) + 1 + x&1) >> 2)
	}
}

// below makes a row, the upper or the lower of two, of 3 parts of the near row and 1 of the far one.
func below(row, near, far []uint8, lower int) {
	for x := range row {
		row[x] = uint8((3*int(near[x]) + int(far[x]) + 1 + lower) >> 2)
	}
}

// square does both.
func square(row, near, far []uint8) {
	sum := func(x int) int { return 3*int(near[x]) + int(far[x]) }
	for x := range row {
		a := sum(x / 2)
		next := min(max(x/2+2*(x&1)-1, 0), len(near)-1)
		row[x] = uint8((3*a + sum(next) + 8 - x&1) >> 4)
	}
}
