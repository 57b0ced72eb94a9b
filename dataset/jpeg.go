package dataset

import (
	"image"
	"image/color"
	"image/jpeg"
	"io"

	"github.com/sparse-manifold/smt/internal/jpegplanes"
)

// image/jpeg reads four components in two ways of subsampling, and with Adobe's segment only, and
// three if the second and third are subsampled alike, but not if such an image is progressive with
// restarts. What else there is, and all of four, is decoded to planes, and coloured here as libjpeg
// and Pillow do.

// decodeConfigJPEG is the size and model of a JPEG, image/jpeg may read it or not, and its frame if it is
// decoded to planes.
func decodeConfigJPEG(r io.ReadSeeker) (config image.Config, planar *jpegplanes.Frame, err error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return config, nil, err
	}
	config, configErr := jpeg.DecodeConfig(r)
	if configErr == nil && config.ColorModel == color.GrayModel {
		return config, nil, nil
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return config, nil, err
	}
	frame, err := jpegplanes.ReadFrame(r)
	if err != nil || len(frame.Components) < 3 {
		return config, nil, configErr // image/jpeg says what is wrong
	}
	if configErr == nil && config.ColorModel != color.CMYKModel && !(frame.Progressive && frame.Restarts && frame.Subsampled()) {
		return config, nil, nil
	}
	config = image.Config{ColorModel: color.RGBAModel, Width: frame.Width, Height: frame.Height}
	if len(frame.Components) == 4 {
		config.ColorModel = color.CMYKModel
	}
	return config, &frame, nil
}

// decodePlanar decodes a JPEG to planes, and colours them.
func decodePlanar(r io.Reader) (image.Image, error) {
	p, err := jpegplanes.Decode(r)
	if err != nil {
		return nil, err
	}
	bounds := image.Rect(0, 0, p.Width, p.Height)
	var img image.Image
	if len(p.Components) == 4 {
		img = image.NewCMYK(bounds)
	} else {
		img = image.NewRGBA(bounds)
	}
	pix := pixelsOf(img)
	luma := p.Luma()
	rows := make([]uint8, 4*p.Width)
	for y := range p.Height {
		for c := range p.Components {
			p.Row(c, y, rows[c*p.Width:])
		}
		for x := range p.Width {
			a, b, c, d := rows[x], rows[p.Width+x], rows[2*p.Width+x], rows[3*p.Width+x]
			if luma {
				a, b, c = fromJFIF(a, b, c)
			}
			if len(p.Components) == 3 {
				d = 0xff
			} else if d = ^d; !luma {
				// Adobe writes what is left of white, not ink. Of luma it is R, G and B that are ink.
				a, b, c = ^a, ^b, ^c
			}
			pix[0], pix[1], pix[2], pix[3] = a, b, c, d
			pix = pix[4:]
		}
	}
	return img, nil
}

// fromJFIF makes colours of luma and chroma in the whole range, in libjpeg's numbers of 16 binary places.
func fromJFIF(y, cb, cr uint8) (r, g, b uint8) {
	const half = 1 << 15
	l, u, v := int(y), int(cb)-128, int(cr)-128
	return clip(l + (91881*v+half)>>16), clip(l + (-22554*u-46802*v+half)>>16), clip(l + (116130*u+half)>>16)
}

func clip(v int) uint8 { return uint8(min(max(v, 0), 255)) }
