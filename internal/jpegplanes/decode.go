package jpegplanes

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/sparse-manifold/smt/internal/plural"
)

// decoder reads the segments of a file.
type decoder struct {
	r       *bufio.Reader
	frame   Frame
	quant   [4]*[64]uint16 // by the order of coefficients in the file
	huffman [2][4]*huffman // of DC, of AC
	restart int            // units between two restarts, 0 for none

	planes []*plane
	bits   bits
	run    int // blocks to come whose coefficients in this scan are all zero
}

// plane is a component while it is decoded.
type plane struct {
	Component
	quant         *[64]uint16
	width, height int         // samples within the image
	blocks        image.Point // that a scan of this component alone has
	across        int         // blocks in a row, those beside the image among them
	samples       []uint8     // a row of 8·across after the other
	coefficients  []int16     // of a progressive image, in the order of a block
	coded         [64]int8    // the lowest bit of each coefficient that is known, or -1
}

func newDecoder(r io.Reader) *decoder {
	b := bufio.NewReader(r)
	return &decoder{r: b, bits: bits{r: b}}
}

// Decode reads a JPEG to its end.
func Decode(r io.Reader) (*Planes, error) {
	d := newDecoder(r)
	marker, err := d.marker()
	for err == nil && marker != markerEOI {
		if marker == markerSOS {
			if err = d.scan(); err == nil {
				marker, err = d.bits.end()
			}
			continue
		}
		if err = d.segment(marker); err == nil {
			marker, err = d.marker()
		}
	}
	if err != nil {
		return nil, noEOF(err)
	}
	return d.finish()
}

// units are the minimum coded units of an image: the blocks of all components that lie over
// one another (T.81, A.2).
func (f Frame) units() image.Point {
	h, v := f.most()
	return image.Pt(over(f.Width, 8*h), over(f.Height, 8*v))
}

// most are the largest sampling factors.
func (f Frame) most() (h, v int) {
	for _, c := range f.Components {
		h, v = max(h, c.H), max(v, c.V)
	}
	return h, v
}

// over is a/b, rounded up.
func over(a, b int) int { return (a + b - 1) / b }

// marker is the next marker, what lies before it passed over.
func (d *decoder) marker() (byte, error) {
	for {
		b, err := d.r.ReadByte()
		for err == nil && b == 0xff {
			if b, err = d.r.ReadByte(); err == nil && b != 0 && b != 0xff {
				return b, nil
			}
		}
		if err != nil {
			return 0, err
		}
	}
}

// segment reads what is neither a scan nor the end.
func (d *decoder) segment(marker byte) error {
	if marker == markerSOI || marker == markerTEM || marker >= markerRST0 && marker <= markerRST7 {
		return nil // they have no content
	}
	body, err := d.body()
	if err != nil {
		return err
	}
	switch {
	case marker == markerDQT:
		return d.readQuant(body)
	case marker == markerDHT:
		return d.readHuffman(body)
	case marker == markerDRI:
		if len(body) != 2 {
			return fmt.Errorf("a restart interval of %s, want 2", plural.Of(len(body), "byte"))
		}
		d.restart = int(body[0])<<8 | int(body[1])
	case marker == markerSOF0 || marker == markerSOF1 || marker == markerSOF2:
		return d.readFrame(marker, body)
	case marker == markerDAC, marker >= markerSOF0 && marker <= markerSOF15 && marker != markerJPG:
		return fmt.Errorf("a frame of kind %#x: want a sequential or progressive one with Huffman codes", marker)
	default:
		d.readApp(marker, body)
	}
	return nil
}

// body is the content of a segment.
func (d *decoder) body() ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(d.r, head[:]); err != nil {
		return nil, err
	}
	length := int(head[0])<<8 | int(head[1])
	if length < 2 {
		return nil, fmt.Errorf("a segment of length %d, want 2 or more", length)
	}
	body := make([]byte, length-2)
	_, err := io.ReadFull(d.r, body)
	return body, err
}

// readQuant reads quantization tables (T.81, B.2.4.1).
func (d *decoder) readQuant(body []byte) error {
	for len(body) > 0 {
		wide, to := int(body[0]>>4), body[0]&15
		body = body[1:]
		if wide > 1 || to > 3 || len(body) < 64<<wide {
			return fmt.Errorf("quantization table %d of kind %d in %s", to, wide, plural.Of(len(body), "byte"))
		}
		table := new([64]uint16)
		for i := range table {
			if table[i] = uint16(body[0]); wide == 1 {
				table[i] = table[i]<<8 | uint16(body[1])
			}
			body = body[1+wide:]
		}
		d.quant[to] = table
	}
	return nil
}

// lay makes the planes of the frame.
func (d *decoder) lay() {
	f := d.frame
	units := f.units()
	h, v := f.most()
	for _, c := range f.Components {
		p := &plane{Component: c, width: over(f.Width*c.H, h), height: over(f.Height*c.V, v), across: units.X * c.H}
		p.blocks = image.Pt(over(p.width, 8), over(p.height, 8))
		n := p.across * units.Y * c.V * 64
		p.samples = make([]uint8, n)
		if f.Progressive {
			p.coefficients = make([]int16, n)
		}
		for i := range p.coded {
			p.coded[i] = -1
		}
		d.planes = append(d.planes, p)
	}
}

// finish transforms what is left, and reports planes that are missing.
func (d *decoder) finish() (*Planes, error) {
	if len(d.planes) == 0 {
		return nil, errors.New("no scan")
	}
	for _, p := range d.planes {
		if p.coded[0] < 0 {
			return nil, fmt.Errorf("no scan of component %d", p.ID)
		}
		for i := 0; i < len(p.coefficients); i += 64 {
			p.transform(i/64, (*[64]int16)(p.coefficients[i:]))
		}
		p.coefficients = nil
	}
	return &Planes{d.frame, d.planes}, nil
}
