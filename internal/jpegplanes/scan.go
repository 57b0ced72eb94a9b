package jpegplanes

import (
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt/internal/plural"
)

// scan codes some coefficients of some planes (T.81, B.2.3).
type scan struct {
	*decoder
	parts       []part
	first, last int   // coefficients, in the order of the file
	fine        bool  // a bit more of coefficients that are known, not their first bits
	low         uint8 // the lowest bit that is coded
}

// part is a plane in a scan.
type part struct {
	*plane
	dc, ac *huffman
	before int32 // DC of the block before
}

// scan reads a scan, up to its last block.
func (d *decoder) scan() error {
	body, err := d.body()
	if err != nil {
		return err
	}
	s, err := d.scanHeader(body)
	if err != nil {
		return err
	}
	return s.read()
}

func (d *decoder) scanHeader(body []byte) (*scan, error) {
	if len(d.frame.Components) == 0 {
		return nil, errors.New("a scan before the frame")
	}
	if f := d.frame; f.Width == 0 || f.Height == 0 {
		return nil, fmt.Errorf("size %d×%d (width×height)", f.Width, f.Height)
	}
	if d.planes == nil {
		d.lay()
	}
	if len(body) < 6 || len(body) != 4+2*int(body[0]) {
		return nil, fmt.Errorf("a scan header of %s", plural.Of(len(body), "byte"))
	}
	end := body[len(body)-3:]
	s := &scan{decoder: d, first: int(end[0]), last: int(end[1]), fine: end[2]>>4 != 0, low: end[2] & 15}
	if !d.frame.Progressive {
		s.first, s.last, s.fine, s.low = 0, 63, false, 0
	}
	if s.first > s.last || s.last > 63 || s.low > 13 || s.fine && end[2]>>4 != s.low+1 ||
		d.frame.Progressive && (s.first == 0 && s.last > 0 || s.first > 0 && body[0] > 1) {
		return nil, fmt.Errorf("a scan of %s with coefficients %d to %d and bits %d, %d", plural.Of(body[0], "component"), end[0], end[1], end[2]>>4, s.low)
	}
	for b := body[1 : len(body)-3]; len(b) > 0; b = b[2:] {
		p, err := s.part(b[0], b[1]>>4, b[1]&15)
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, p)
	}
	return s, nil
}

// part is the component of this name in a scan, marked as coded, with the tables of codes that it needs.
func (s *scan) part(id, dc, ac uint8) (part, error) {
	for _, p := range s.planes {
		if p.ID != id {
			continue
		}
		if dc > 3 || ac > 3 {
			return part{}, fmt.Errorf("tables %d and %d of codes, want 0 to 3", dc, ac)
		}
		found := part{plane: p, dc: s.huffman[0][dc], ac: s.huffman[1][ac]}
		if s.first == 0 && !s.fine && found.dc == nil || s.last > 0 && found.ac == nil {
			return part{}, fmt.Errorf("component %d has no Huffman table", id)
		}
		if p.quant == nil {
			if p.quant = s.quant[p.table]; p.quant == nil {
				return part{}, fmt.Errorf("component %d has no quantization table", id)
			}
		}
		known := int8(-1)
		if s.fine {
			known = int8(s.low) + 1
		}
		for k := s.first; k <= s.last; k++ {
			if p.coded[k] != known {
				return part{}, fmt.Errorf("coefficient %d of component %d is coded from bit %d on after bit %d", k, id, s.low, p.coded[k])
			}
			p.coded[k] = int8(s.low)
		}
		return found, nil
	}
	return part{}, fmt.Errorf("a scan of component %d, which the frame has not", id)
}

// read reads all blocks.
func (s *scan) read() error {
	s.reset()
	across, down := s.parts[0].blocks.X, s.parts[0].blocks.Y
	single := len(s.parts) == 1
	if !single {
		units := s.frame.units()
		across, down = units.X, units.Y
	}
	done := 0
	for y := range down {
		for x := range across {
			if s.restart > 0 && done > 0 && done%s.restart == 0 {
				marker, err := s.bits.end()
				if err != nil {
					return err
				}
				if want := markerRST0 + byte(done/s.restart-1)%8; marker != want {
					return fmt.Errorf("marker %#x in a scan, want %#x", marker, want)
				}
				s.reset()
			}
			done++
			for i := range s.parts {
				p := &s.parts[i]
				if single {
					if err := s.block(p, y*p.across+x); err != nil {
						return err
					}
					continue
				}
				for v := range p.V {
					for h := range p.H {
						if err := s.block(p, (y*p.V+v)*p.across+x*p.H+h); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	return nil
}

// reset begins anew after a restart.
func (s *scan) reset() {
	s.run = 0
	for i := range s.parts {
		s.parts[i].before = 0
	}
}
