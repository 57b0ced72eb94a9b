package dataset

import "io"

// Gray is the gray view of src, one channel: ITU-R 601 luma, with the weights of
// image/color's GrayModel, rounded to the nearest. A source that has one channel is its own gray view.
func Gray(src Source) Source {
	if src.Shape().Channels == 1 {
		return src
	}
	return gray{recounted{src, 1}}
}

// recounted is a source whose images have another number of channels.
type recounted struct {
	Source
	channels int
}

func (r recounted) Shape() Shape {
	s := r.Source.Shape()
	s.Channels = r.channels
	return s
}

// gray is a source of three channels as one of one. Closing it closes the source.
type gray struct{ recounted }

func (g gray) Image(i int, pix []uint8) error {
	pix = target(pix, g.Shape(), i, g.Len())
	colour := make([]uint8, g.Source.Shape().Len())
	if err := g.Source.Image(i, colour); err != nil {
		return err
	}
	for k := range pix {
		pix[k] = luma8(colour[3*k], colour[3*k+1], colour[3*k+2])
	}
	return nil
}

func (g gray) Close() error {
	if c, ok := g.Source.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func luma8(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// Repeat is src, of one channel, as images of three equal ones. A source that has
// three channels is returned as it is.
func Repeat(src Source) Source {
	if src.Shape().Channels == 3 {
		return src
	}
	return repeated{recounted{src, 3}}
}

type repeated struct{ recounted }

func (r repeated) Image(i int, pix []uint8) error {
	pix = target(pix, r.Shape(), i, r.Len())
	n := len(pix) / 3
	if err := r.Source.Image(i, pix[:n]); err != nil {
		return err
	}
	for k := n - 1; k >= 0; k-- { // from the end, so that nothing is lost
		v := pix[k]
		pix[3*k], pix[3*k+1], pix[3*k+2] = v, v, v
	}
	return nil
}
