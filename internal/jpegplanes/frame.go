package jpegplanes

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Markers of segments (T.81, table B.1).
const (
	markerSOF0  = 0xc0 // a frame of a sequential image, baseline
	markerSOF1  = 0xc1 // the same, extended
	markerSOF2  = 0xc2 // a frame of a progressive image
	markerDHT   = 0xc4
	markerJPG   = 0xc8 // reserved
	markerDAC   = 0xcc
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
	markerTEM   = 0x01
)

// A Frame is what a JPEG states of its samples before it codes them.
type Frame struct {
	Width, Height int
	Progressive   bool
	Restarts      bool // there are markers of restarts in the first scan
	Components    []Component

	jfif      bool
	adobe     bool
	transform uint8 // of Adobe's segment
}

// A Component is one of the planes that an image is made of.
type Component struct {
	ID   uint8
	H, V int // sampling factors: the share of the largest ones in the width and height of the image

	table uint8 // of quantization
}

// ReadFrame reads a JPEG up to its first scan. Width and Height are what it states, 0 too, which Decode refuses.
func ReadFrame(r io.Reader) (Frame, error) {
	d := newDecoder(r)
	for {
		marker, err := d.marker()
		if err != nil {
			return Frame{}, noEOF(err)
		}
		if marker == markerSOS || marker == markerEOI {
			if len(d.frame.Components) == 0 {
				return Frame{}, errors.New("no frame before the first scan")
			}
			d.frame.Restarts = d.restart > 0
			return d.frame, nil
		}
		if err := d.segment(marker); err != nil {
			return Frame{}, noEOF(err)
		}
	}
}

// Subsampled reports whether a component has fewer samples than another.
func (f Frame) Subsampled() bool {
	return slices.ContainsFunc(f.Components, func(c Component) bool { return c.H != f.Components[0].H || c.V != f.Components[0].V })
}

// Luma reports whether the first three components are Y, Cb and Cr, by the rules of libjpeg: what
// JFIF or Adobe's segment say, or else the names of the components.
func (f Frame) Luma() bool {
	switch len(f.Components) {
	case 4:
		return f.adobe && f.transform != 0
	case 3:
		if f.jfif {
			return true
		}
		if f.adobe {
			return f.transform != 0
		}
		return f.Components[0].ID != 'R' || f.Components[1].ID != 'G' || f.Components[2].ID != 'B'
	}
	return false
}

// Memory is a bound on the bytes that decoding takes at once.
func (f Frame) Memory() int64 {
	each := int64(1)
	if f.Progressive {
		each += 2 // coefficients are kept until the last scan
	}
	units := f.units()
	sum := int64(0)
	for _, c := range f.Components {
		sum += int64(units.X) * int64(units.Y) * int64(c.H*c.V) * 64 * each
	}
	return sum
}

// readFrame reads the segment that is SOF (T.81, B.2.2).
func (d *decoder) readFrame(marker byte, body []byte) error {
	if len(d.frame.Components) > 0 {
		return errors.New("a second frame")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) {
		return fmt.Errorf("a frame of %s", plural.Of(len(body), "byte"))
	}
	f := &d.frame
	f.Progressive = marker == markerSOF2
	f.Height, f.Width = int(body[1])<<8|int(body[2]), int(body[3])<<8|int(body[4])
	switch n := int(body[5]); {
	case body[0] != 8:
		return fmt.Errorf("samples of %s, want 8", plural.Of(body[0], "bit"))
	case n < 1 || n > 4:
		return fmt.Errorf("%s, want 1 to 4", plural.Of(n, "component"))
	}
	var all []Component
	for b := body[6:]; len(b) > 0; b = b[3:] {
		c := Component{ID: b[0], H: int(b[1] >> 4), V: int(b[1] & 15), table: b[2]}
		if c.H < 1 || c.H > 4 || c.V < 1 || c.V > 4 || c.table > 3 {
			return fmt.Errorf("component %d: sampling factors %d and %d of quantization table %d, want 1 to 4 of 0 to 3", c.ID, c.H, c.V, c.table)
		}
		for _, other := range all {
			if other.ID == c.ID {
				return fmt.Errorf("two components %d", c.ID)
			}
		}
		all = append(all, c)
	}
	if len(all) == 1 {
		all[0].H, all[0].V = 1, 1 // the largest ones, whatever they are
	}
	f.Components = all
	return nil
}

// readApp reads from the segments of applications what tells colours.
func (d *decoder) readApp(marker byte, body []byte) {
	switch {
	case marker == markerAPP0 && len(body) >= 5 && string(body[:5]) == "JFIF\x00":
		d.frame.jfif = true
	case marker == markerAPP14 && len(body) >= 12 && string(body[:5]) == "Adobe":
		d.frame.adobe, d.frame.transform = true, body[11]
	}
}

// noEOF is err, of a file that ends before it should.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
