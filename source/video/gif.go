package video

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"io"

	"github.com/sparse-manifold/smt/internal/plural"
)

// animation reads an animated GIF frame by frame. The blocks of a frame, with the screen's
// header before them, are a GIF of one image, which the library decodes: of a long animation one
// frame is held, not all. Delays are not looked at: a frame is a step in time.
type animation struct {
	r       *bufio.Reader
	screen  []byte // header and global colours, which each image needs
	control []byte // the graphic control extension before an image
	canvas  *image.NRGBA
	read    int // frames so far
}

// Kinds of blocks, and of a graphic control extension (GIF89a, sections 20 to 27).
const (
	gifExtension, gifImage, gifTrailer = 0x21, 0x2c, 0x3b
	gifControl                         = 0xf9
	gifColours                         = 0x80 // the flag that a table of colours follows
)

func newGIF(r *bufio.Reader) (*animation, error) {
	head := make([]byte, 13)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("GIF header: %w", inside(err))
	}
	if v := string(head[:6]); v != "GIF87a" && v != "GIF89a" {
		return nil, fmt.Errorf("GIF header begins with %q: want GIF87a or GIF89a", v)
	}
	width, height := int(head[6])|int(head[7])<<8, int(head[8])|int(head[9])<<8
	if err := checkSize(width, height); err != nil {
		return nil, fmt.Errorf("GIF header: %w", err)
	}
	a := &animation{r: r, screen: head}
	var err error
	if a.screen, err = a.colours(a.screen, head[10]); err != nil {
		return nil, fmt.Errorf("GIF colours: %w", err)
	}
	a.canvas = image.NewNRGBA(image.Rect(0, 0, width, height))
	return a, nil
}

// take appends the next n bytes to b.
func (a *animation) take(b []byte, n int) ([]byte, error) {
	at := len(b)
	b = append(b, make([]byte, n)...)
	_, err := io.ReadFull(a.r, b[at:])
	return b, inside(err)
}

// colours appends the table of colours that flags tell of.
func (a *animation) colours(b []byte, flags byte) ([]byte, error) {
	if flags&gifColours == 0 {
		return b, nil
	}
	return a.take(b, 3<<(flags&7+1))
}

// blocks appends sub-blocks, up to the empty one that ends them.
func (a *animation) blocks(b []byte) ([]byte, error) {
	for {
		n, err := a.r.ReadByte()
		if err != nil {
			return nil, inside(err)
		}
		if b = append(b, n); n == 0 {
			return b, nil
		}
		if b, err = a.take(b, int(n)); err != nil {
			return nil, err
		}
	}
}

func (a *animation) Next() (Frame, error) {
	for {
		kind, err := a.r.ReadByte()
		if err != nil {
			return nil, fmt.Errorf("GIF frame %d: %w", a.read, inside(err))
		}
		switch kind {
		case gifTrailer:
			return nil, io.EOF
		case gifExtension:
			err = a.extension()
		case gifImage:
			f, err := a.image()
			if err != nil {
				return nil, fmt.Errorf("GIF frame %d: %w", a.read, inside(err))
			}
			a.read, a.control = a.read+1, nil
			return f, nil
		default:
			err = fmt.Errorf("a block of kind %#02x: want an image, an extension or the end", kind)
		}
		if err != nil {
			return nil, fmt.Errorf("GIF frame %d: %w", a.read, err)
		}
	}
}

// extension keeps the graphic control extension, which belongs to the next image, and passes over
// others.
func (a *animation) extension() error {
	label, err := a.r.ReadByte()
	if err != nil {
		return inside(err)
	}
	b, err := a.blocks([]byte{gifExtension, label})
	if err != nil {
		return err
	}
	if label == gifControl {
		if len(b) != 8 || b[2] != 4 {
			return fmt.Errorf("a graphic control extension of %s, want 8", plural.Of(len(b), "byte"))
		}
		a.control = b
	}
	return nil
}

// image reads an image and puts it on the canvas.
func (a *animation) image() (Frame, error) {
	descriptor, err := a.take([]byte{gifImage}, 9)
	if err != nil {
		return nil, err
	}
	at := func(i int) int { return int(descriptor[i]) | int(descriptor[i+1])<<8 }
	r := image.Rect(at(1), at(3), at(1)+at(5), at(3)+at(7))
	if r.Empty() || !r.In(a.canvas.Rect) {
		return nil, fmt.Errorf("an image at %v: want one within the screen, %v", r, a.canvas.Rect)
	}
	rest, err := a.colours(nil, descriptor[9])
	if err != nil {
		return nil, err
	}
	if rest, err = a.take(rest, 1); err != nil { // the size of codes
		return nil, err
	}
	before := len(rest)
	if rest, err = a.blocks(rest); err != nil {
		return nil, err
	}
	// A code of up to 12 bits stands for fewer than 4,096 pixels.
	if most := 4096 * (len(rest) - before); r.Dx()*r.Dy() > most {
		return nil, errors.New("not enough image data")
	}
	var single bytes.Buffer
	for _, part := range [][]byte{a.screen, a.control, descriptor, rest, {gifTrailer}} {
		single.Write(part)
	}
	img, err := gif.Decode(&single)
	if err != nil {
		return nil, err
	}
	return a.compose(img), nil
}

// compose draws an image on the canvas, of which the frame is a copy, and then disposes of it as its
// control says.
func (a *animation) compose(img image.Image) Frame {
	disposal := byte(0)
	if a.control != nil {
		disposal = a.control[3] >> 2 & 7
	}
	var before []uint8
	if disposal == gif.DisposalPrevious {
		before = bytes.Clone(a.canvas.Pix)
	}
	draw.Draw(a.canvas, img.Bounds(), img, img.Bounds().Min, draw.Over)
	frame := *a.canvas
	frame.Pix = bytes.Clone(a.canvas.Pix)
	switch disposal {
	case gif.DisposalBackground:
		draw.Draw(a.canvas, img.Bounds(), image.Transparent, image.Point{}, draw.Src)
	case gif.DisposalPrevious:
		copy(a.canvas.Pix, before)
	}
	return picture{&frame, false}
}
