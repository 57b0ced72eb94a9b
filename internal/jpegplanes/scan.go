package jpegplanes

import (
	"errors"
	"fmt"
)

// natural is where in a block, row after row, the coefficients of a file belong, in their order.
var natural = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

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
	if d.planes == nil {
		d.lay()
	}
	if len(body) < 6 || len(body) != 4+2*int(body[0]) {
		return nil, fmt.Errorf("a scan header of %d bytes", len(body))
	}
	end := body[len(body)-3:]
	s := &scan{decoder: d, first: int(end[0]), last: int(end[1]), fine: end[2]>>4 != 0, low: end[2] & 15}
	if !d.frame.Progressive {
		s.first, s.last, s.fine, s.low = 0, 63, false, 0
	}
	if s.first > s.last || s.last > 63 || s.low > 13 || s.fine && end[2]>>4 != s.low+1 ||
		d.frame.Progressive && (s.first == 0 && s.last > 0 || s.first > 0 && body[0] > 1) {
		return nil, fmt.Errorf("a scan of %d components with coefficients %d to %d and bits %d, %d", body[0], end[0], end[1], end[2]>>4, s.low)
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
		made := part{plane: p, dc: s.huffman[0][dc], ac: s.huffman[1][ac]}
		if s.first == 0 && !s.fine && made.dc == nil || s.last > 0 && made.ac == nil {
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
		return made, nil
	}
	return part{}, fmt.Errorf("a scan of component %d, which the frame has not", id)
}

// read reads all blocks.
func (s *scan) read() error {
	s.reset()
	across, down := s.parts[0].blocks.X, s.parts[0].blocks.Y
	alone := len(s.parts) == 1
	if !alone {
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
				if alone {
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

// block reads what the scan has of a block.
func (s *scan) block(p *part, at int) error {
	var whole [64]int16
	b := &whole
	if s.frame.Progressive {
		b = (*[64]int16)(p.coefficients[64*at:])
	}
	k := s.first
	if k == 0 {
		if err := s.dc(p, b); err != nil {
			return err
		}
		k++
	}
	var err error
	switch {
	case k > s.last:
	case s.fine:
		err = s.refine(p.ac, b, k)
	default:
		err = s.ac(p.ac, b, k)
	}
	if err == nil && !s.frame.Progressive {
		p.transform(at, b)
	}
	return err
}

// dc reads the first coefficient, or a bit of it (T.81, F.2.2.1, G.1.2.1).
func (s *scan) dc(p *part, b *[64]int16) error {
	if s.fine {
		bit, err := s.bits.take(1)
		b[0] |= int16(bit << s.low)
		return err
	}
	size, err := s.bits.symbol(p.dc)
	if err != nil {
		return err
	}
	if size > 15 {
		return fmt.Errorf("a DC coefficient of %d bits", size)
	}
	change, err := s.bits.signed(int(size))
	p.before += change
	b[0] = int16(p.before << s.low)
	return err
}

// ac reads the first bits of coefficients from k on (T.81, F.2.2.2, G.1.2.2).
func (s *scan) ac(t *huffman, b *[64]int16, k int) error {
	if s.run > 0 {
		s.run--
		return nil
	}
	for k <= s.last {
		symbol, err := s.bits.symbol(t)
		if err != nil {
			return err
		}
		zeros, size := int(symbol>>4), int(symbol&15)
		if size == 0 && zeros < 15 {
			s.run, err = s.blocks(zeros)
			s.run--
			return err
		}
		if k += zeros; k > s.last {
			return fmt.Errorf("a coefficient past %d", s.last)
		}
		v, err := s.bits.signed(size)
		if err != nil {
			return err
		}
		b[natural[k]] = int16(v << s.low)
		k++
	}
	return nil
}

// blocks is how many blocks, this one among them, have no more coefficients.
func (s *scan) blocks(size int) (int, error) {
	if !s.frame.Progressive && size > 0 {
		return 1, fmt.Errorf("a run of blocks in a sequential image")
	}
	rest, err := s.bits.take(size)
	return 1<<size + int(rest), err
}

// refine reads a bit more of coefficients from k on, and those that are not zero any more (T.81, G.1.2.3).
func (s *scan) refine(t *huffman, b *[64]int16, k int) error {
	one := int16(1) << s.low
	for s.run == 0 && k <= s.last {
		symbol, err := s.bits.symbol(t)
		if err != nil {
			return err
		}
		zeros, size := int(symbol>>4), symbol&15
		fresh := int16(0)
		switch {
		case size > 1:
			return fmt.Errorf("a coefficient of %d bits where one is refined", size)
		case size == 1:
			positive, err := s.bits.take(1)
			if err != nil {
				return err
			}
			if fresh = -one; positive == 1 {
				fresh = one
			}
		case zeros < 15:
			if s.run, err = s.blocks(zeros); err != nil {
				return err
			}
			continue
		}
		if k, err = s.pass(b, k, zeros, one); err != nil {
			return err
		}
		if fresh != 0 {
			if k > s.last {
				return fmt.Errorf("a coefficient past %d", s.last)
			}
			b[natural[k]] = fresh
		}
		k++
	}
	if s.run > 0 {
		s.run--
		_, err := s.pass(b, k, 64, one)
		return err
	}
	return nil
}

// pass refines the coefficients that are known, from k to the zero after so many zeros.
func (s *scan) pass(b *[64]int16, k, zeros int, one int16) (int, error) {
	for ; k <= s.last; k++ {
		at := natural[k]
		if b[at] == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		bit, err := s.bits.take(1)
		if err != nil {
			return k, err
		}
		if bit == 0 || b[at]&one != 0 {
			continue
		}
		if b[at] > 0 {
			b[at] += one
		} else {
			b[at] -= one
		}
	}
	return k, nil
}
