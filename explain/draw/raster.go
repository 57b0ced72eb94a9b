package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"sync"

	"golang.org/x/image/draw"

	"github.com/sparse-manifold/smt/explain"
)

// Photo is an image as it is.
func Photo(im explain.Image) *image.NRGBA {
	c := im.Shape.Channels
	out := image.NewNRGBA(image.Rect(0, 0, im.Shape.Width, im.Shape.Height))
	for k := range im.Shape.Height * im.Shape.Width {
		p := im.Pix[k*c : (k+1)*c]
		out.SetNRGBA(k%im.Shape.Width, k/im.Shape.Width, color.NRGBA{p[0], p[c/2], p[c-1], 255})
	}
	return out
}

// Patch is a patch of signed values, size × size × channels: zero is middle gray
// and the largest in absolute value black or white.
func Patch(x []float32, size, channels int) *image.NRGBA {
	most := float32(0)
	for _, v := range x {
		most = max(most, v, -v)
	}
	return PatchWithin(x, size, channels, most)
}

// PatchWithin is Patch with black and white at −most and most.
func PatchWithin(x []float32, size, channels int, most float32) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, size, size))
	tone := func(v float32) uint8 {
		if most > 0 {
			v /= most
		}
		return uint8(math.Round(float64(127.5 + 127.5*min(max(v, -1), 1))))
	}
	for k := range size * size {
		p := x[k*channels : (k+1)*channels]
		out.SetNRGBA(k%size, k/size, color.NRGBA{tone(p[0]), tone(p[channels/2]), tone(p[channels-1]), 255})
	}
	return out
}

// Mosaic sets tiles of one size in rows of so many, gap pixels apart. The gaps
// are transparent.
func Mosaic(tiles []*image.NRGBA, columns, gap int) *image.NRGBA {
	if len(tiles) == 0 {
		return image.NewNRGBA(image.Rect(0, 0, 1, 1))
	}
	columns = max(1, min(columns, len(tiles)))
	rows := (len(tiles) + columns - 1) / columns
	w, h := tiles[0].Rect.Dx()+gap, tiles[0].Rect.Dy()+gap
	out := image.NewNRGBA(image.Rect(0, 0, columns*w-gap, rows*h-gap))
	for i, t := range tiles {
		at := image.Pt(i%columns*w, i/columns*h)
		draw.Draw(out, t.Rect.Add(at), t, image.Point{}, draw.Src)
	}
	return out
}

// Tile is a picture as a PNG, enlarged by a whole factor to a width of at most so many pixels.
func Tile(im *image.NRGBA, width int) []byte { return PNG(Enlarge(im, max(1, width/im.Rect.Dx()))) }

// Enlarge multiplies the sides of an image, pixel by pixel.
func Enlarge(im *image.NRGBA, factor int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, im.Rect.Dx()*factor, im.Rect.Dy()*factor))
	draw.NearestNeighbor.Scale(out, out.Rect, im, im.Rect, draw.Src, nil)
	return out
}

// Fit enlarges an image by a whole factor, or shrinks it smoothly, so that its
// longer side is not above `side` pixels, and near it.
func Fit(im *image.NRGBA, side int) *image.NRGBA {
	longer := max(im.Rect.Dx(), im.Rect.Dy())
	if longer <= side {
		return Enlarge(im, side/longer)
	}
	out := image.NewNRGBA(image.Rect(0, 0, max(1, im.Rect.Dx()*side/longer), max(1, im.Rect.Dy()*side/longer)))
	draw.CatmullRom.Scale(out, out.Rect, im, im.Rect, draw.Src, nil)
	return out
}

// warm and cold are the colours of positive and negative values.
var (
	warm = color.NRGBA{0xf2, 0x7a, 0x2a, 255}
	cold = color.NRGBA{0x2f, 0x7f, 0xc1, 255}
)

// FullColour is the size that all but a hundredth of the values stay below: the
// most that Heat shows them well with.
func FullColour(lists ...[]float64) float64 {
	var sizes []float64
	for _, v := range slices.Concat(lists...) {
		sizes = append(sizes, math.Abs(v))
	}
	slices.Sort(sizes)
	return sizes[len(sizes)*99/100]
}

// Heat lays values, one for each pixel, over an image in gray: orange for
// positive ones, blue for negative ones, full at ±most.
func Heat(im explain.Image, values []float64, most float64) *image.NRGBA {
	photo := Photo(im)
	for k, v := range values {
		x, y := k%im.Shape.Width, k/im.Shape.Width
		gray := color.GrayModel.Convert(photo.NRGBAAt(x, y)).(color.Gray).Y
		// Flatter and darker, so that the colour over it is seen.
		ground := uint8(20 + int(gray)*7/10)
		photo.SetNRGBA(x, y, over(color.NRGBA{ground, ground, ground, 255}, v, most))
	}
	return photo
}

// over mixes the colour of a value into c.
func over(c color.NRGBA, v, most float64) color.NRGBA {
	hue := warm
	if v < 0 {
		hue = cold
	}
	part := 0.0
	if most > 0 {
		part = 0.85 * min(1, math.Abs(v)/most) // what is under it shows through
	}
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + part*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(c.R, hue.R), mix(c.G, hue.G), mix(c.B, hue.B), 255}
}

// Matrix is a matrix of signed values with so many columns, a pixel a value, with
// transparent zeros: orange for positive values, blue for negative ones, opaque
// at ±most.
func Matrix(values []float64, columns int, most float64) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, columns, len(values)/columns))
	for k, v := range values {
		c := warm
		if v < 0 {
			c = cold
		}
		c.A = 0
		if most > 0 {
			c.A = uint8(math.Round(255 * min(1, math.Abs(v)/most)))
		}
		out.SetNRGBA(k%columns, k/columns, c)
	}
	return out
}

// Frame draws the outline of a rectangle on an image enlarged by factor, white
// with a black rim, to be seen on any ground.
func Frame(im *image.NRGBA, r image.Rectangle, factor int) {
	r = image.Rect(r.Min.X*factor, r.Min.Y*factor, r.Max.X*factor, r.Max.Y*factor)
	rim := func(r image.Rectangle, c color.Color) {
		for x := r.Min.X; x < r.Max.X; x++ {
			im.Set(x, r.Min.Y, c)
			im.Set(x, r.Max.Y-1, c)
		}
		for y := r.Min.Y; y < r.Max.Y; y++ {
			im.Set(r.Min.X, y, c)
			im.Set(r.Max.X-1, y, c)
		}
	}
	rim(r.Inset(-1), color.Black)
	rim(r, color.White)
}

// buffers are the working memory of encoders, which is a hundred times the size
// of a small picture.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() *png.EncoderBuffer {
	e, _ := b.pool.Get().(*png.EncoderBuffer)
	return e
}

func (b *buffers) Put(e *png.EncoderBuffer) { b.pool.Put(e) }

var shared buffers

// PNG is the file of an image, the same bytes for the same image.
func PNG(im image.Image) []byte {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.DefaultCompression, BufferPool: &shared}
	if err := e.Encode(&b, im); err != nil {
		panic(err) // a buffer takes what it is given, and no image here is empty
	}
	return b.Bytes()
}

// Framed sets an image on a larger one, in a frame two pixels wide: "right" has a
// whole blue one, "wrong" a broken orange one, anything else none.
func Framed(on, im *image.NRGBA, x, y int, mark string) {
	r := im.Rect.Add(image.Pt(x, y))
	rim := r.Inset(-2)
	for py := rim.Min.Y; py < rim.Max.Y; py++ {
		for px := rim.Min.X; px < rim.Max.X; px++ {
			switch {
			case image.Pt(px, py).In(r):
			case mark == "right":
				on.SetNRGBA(px, py, cold)
			case mark == "wrong" && (px+py)%6 < 4:
				on.SetNRGBA(px, py, warm)
			}
		}
	}
	draw.Draw(on, r, im, image.Point{}, draw.Src)
}
