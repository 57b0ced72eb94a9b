package dataset

import (
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
)

// sampling is how many pixels, across and down, a sample of chroma is for.
func (f tiffFile) sampling() (h, v int) {
	if s := f.values(tagSubsampling); len(s) == 2 {
		return int(s[0]), int(s[1])
	}
	return 2, 2
}

// checkLuma reports luma and chroma that are not read.
func (f tiffFile) checkLuma() error {
	h, v := f.sampling()
	sides := []int{1, 2, 4}
	switch {
	case f.planar:
		return errors.New("tiff: planes of YCbCr are not read")
	case !slices.Contains(sides, h) || !slices.Contains(sides, v):
		return fmt.Errorf("tiff: YCbCr with chroma of %d×%d pixels, want 1, 2 or 4 a side", h, v)
	}
	for tag, n := range map[uint16]int{tagLumaWeights: 3, tagReferenceBlackWhite: 6} {
		if field, ok := f.fields[tag]; ok && len(f.rationals(tag)) != n {
			return fmt.Errorf("tiff: tag %d declares %s of type %d, want %s within the file", tag, plural.Of(field.count, "value"), field.kind, plural.Of(n, "fraction"))
		}
	}
	return nil
}

// lumaPlanes are red, green and blue of luma and chroma: of a block of pixels first all luma,
// row after row, then a sample of each chroma (TIFF 6.0, section 21).
func (f tiffFile) lumaPlanes() ([]image.Image, error) {
	size := f.extent()
	h, v := f.sampling()
	block := h*v + 2
	rows, err := f.unpackedRows(0, func(width int) int { return (width + h - 1) / h * block }, v)
	if err != nil {
		return nil, err
	}
	var planes [3]*image.Gray
	for c := range planes {
		planes[c] = image.NewGray(image.Rectangle{Max: size})
	}
	colour := f.lumaColours()
	for y := range size.Y {
		for x := range size.X {
			row, inner := rows.at(x, y)
			b := row[inner/h*block:][:block]
			rgb := colour(b[y%v*h+inner%h], b[h*v], b[h*v+1])
			for c, value := range rgb {
				planes[c].Pix[y*size.X+x] = value
			}
		}
	}
	return []image.Image{planes[0], planes[1], planes[2]}, nil
}

// lumaColours makes colours of luma and chroma by the coefficients and the range that the file states
// (TIFF 6.0, sections 20 and 21), else by those of ITU-R 601 and the whole range.
func (f tiffFile) lumaColours() func(y, cb, cr uint8) [3]uint8 {
	weights := f.rationals(tagLumaWeights)
	if len(weights) == 0 || weights[1] == 0 {
		weights = []float64{0.299, 0.587, 0.114}
	}
	ends := f.rationals(tagReferenceBlackWhite)
	if len(ends) == 0 || ends[0] == ends[1] || ends[2] == ends[3] || ends[4] == ends[5] {
		ends = []float64{0, 255, 128, 255, 128, 255}
	}
	return func(y, cb, cr uint8) [3]uint8 {
		l := (float64(y) - ends[0]) * 255 / (ends[1] - ends[0])
		u := (float64(cb) - ends[2]) * 127 / (ends[3] - ends[2])
		w := (float64(cr) - ends[4]) * 127 / (ends[5] - ends[4])
		r := l + w*(2-2*weights[0])
		b := l + u*(2-2*weights[2])
		g := (l - weights[2]*b - weights[0]*r) / weights[1]
		return [3]uint8{rounded(r), rounded(g), rounded(b)}
	}
}

func rounded(v float64) uint8 { return uint8(min(max(v, 0), 255) + 0.5) }
