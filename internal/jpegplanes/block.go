package jpegplanes

import (
	"fmt"

	"github.com/sparse-manifold/smt/internal/plural"
)

// natural is where in a block, row after row, the coefficients of a file belong, in their order.
var natural = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
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
		return fmt.Errorf("a DC coefficient of %s", plural.Of(size, "bit"))
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
	step := int16(1) << s.low
	for s.run == 0 && k <= s.last {
		symbol, err := s.bits.symbol(t)
		if err != nil {
			return err
		}
		zeros, size := int(symbol>>4), symbol&15
		fresh := int16(0)
		switch {
		case size > 1:
			return fmt.Errorf("a coefficient of %s where one is refined", plural.Of(size, "bit"))
		case size == 1:
			positive, err := s.bits.take(1)
			if err != nil {
				return err
			}
			if fresh = -step; positive == 1 {
				fresh = step
			}
		case zeros < 15:
			if s.run, err = s.blocks(zeros); err != nil {
				return err
			}
			continue
		}
		if k, err = s.pass(b, k, zeros, step); err != nil {
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
		_, err := s.pass(b, k, 64, step)
		return err
	}
	return nil
}

// pass refines the coefficients that are known, from k to the zero after so many zeros.
func (s *scan) pass(b *[64]int16, k, zeros int, step int16) (int, error) {
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
		if bit == 0 || b[at]&step != 0 {
			continue
		}
		if b[at] > 0 {
			b[at] += step
		} else {
			b[at] -= step
		}
	}
	return k, nil
}
