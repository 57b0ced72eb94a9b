package fax

import (
	"errors"
	"fmt"
	"io"
)

// Decode writes lines of width pixels, one or more, into pix until it is full: 0 for a white
// pixel and 255 for a black one. The first bit of a byte is its highest. Lines are all runs unless
// they are twoDimensional.
func Decode(data []byte, width int, twoDimensional bool, pix []uint8) error {
	d := decoder{bits: bits{data: data}, width: width, runs: !twoDimensional}
	for y := 0; len(pix) >= width; y++ {
		if err := d.line(); err != nil {
			return fmt.Errorf("line %d: %w", y, err)
		}
		row := pix[:width]
		clear(row)
		for i := 0; i < len(d.changes); i += 2 {
			for x := d.changes[i]; x < d.change(d.changes, i+1); x++ {
				row[x] = 255
			}
		}
		pix = pix[width:]
	}
	return nil
}

type decoder struct {
	bits
	width          int
	runs           bool  // lines are runs, and no bit says how they are coded
	changes, above []int // where colours change in a line, the first to black, and in the one above
	at             int   // the number of a change above that is near
}

// change is where a line changes for the i-th time, at its end if it does not.
func (d *decoder) change(changes []int, i int) int {
	if i < len(changes) {
		return changes[i]
	}
	return d.width
}

// line reads a line.
func (d *decoder) line() error {
	zeros := 0
	for {
		bit, err := d.bit()
		if err != nil {
			return err
		}
		if bit == 1 {
			break
		}
		zeros++ // more than 11 fill a byte
	}
	if zeros < 11 {
		return errors.New("no end of the line before")
	}
	byRuns := 1
	if !d.runs {
		var err error
		if byRuns, err = d.bit(); err != nil {
			return err
		}
	}
	d.changes, d.above, d.at = d.above[:0], d.changes, 0
	if byRuns == 1 {
		return d.byRuns()
	}
	return d.below()
}

// byRuns reads a line of runs, white and black in turns.
func (d *decoder) byRuns() error {
	for x, colour := 0, 0; x < d.width; colour = 1 - colour {
		var err error
		if x, err = d.run(x, colour); err != nil {
			return err
		}
	}
	return nil
}

// run reads a run from x on, and is where it ends.
func (d *decoder) run(x, colour int) (int, error) {
	for {
		code, run := 1, int16(-1)
		for run < 0 {
			bit, err := d.bit()
			if err != nil {
				return 0, err
			}
			if code = code<<1 | bit; code >= len(table{}) {
				return 0, errors.New("bits that are no code of a run")
			}
			run = runs[colour][code]
		}
		if x += int(run); x > d.width {
			return 0, fmt.Errorf("a run up to pixel %d of %d", x, d.width)
		}
		if run < 64 {
			return x, d.turn(x)
		}
	}
}

// turn notes a change of colour at x. Two at one place are none.
func (d *decoder) turn(x int) error {
	if n := len(d.changes); n > 0 && d.changes[n-1] >= x {
		if d.changes[n-1] > x {
			return fmt.Errorf("a change of colour at pixel %d, after one at %d", x, d.changes[n-1])
		}
		d.changes = d.changes[:n-1]
		return nil
	}
	if x < 0 {
		return fmt.Errorf("a change of colour at pixel %d", x)
	}
	d.changes = append(d.changes, x)
	return nil
}

// below reads a line that is coded by the one above (T.4, 4.2.1.3).
func (d *decoder) below() error {
	colour := 0
	for x := -1; x < d.width; {
		mode, err := d.mode()
		if err != nil {
			return err
		}
		// The first change above after x to the other colour.
		for d.at > 0 && d.change(d.above, d.at-1) > x {
			d.at--
		}
		for d.change(d.above, d.at) <= x || d.at%2 != colour {
			d.at++
		}
		switch next := d.change(d.above, d.at); mode {
		case pass:
			x = d.change(d.above, d.at+1)
		case horizontal:
			if x, err = d.run(max(x, 0), colour); err == nil {
				x, err = d.run(x, 1-colour)
			}
		default:
			if x = next + mode; x > d.width {
				return fmt.Errorf("a change of colour at pixel %d of %d", x, d.width)
			}
			err = d.turn(x)
			colour = 1 - colour
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Modes of a line that is coded by the one above; those from -3 to 3 are vertical, and say how far
// a change is from the one above.
const (
	pass = iota + 4
	horizontal
)

// modes are the codes of modes, by their bits after a 1.
var modes = map[int]int{
	0b1_0001: pass, 0b1_001: horizontal, 0b1_1: 0,
	0b1_011: 1, 0b1_000011: 2, 0b1_0000011: 3, 0b1_010: -1, 0b1_000010: -2, 0b1_0000010: -3,
}

func (d *decoder) mode() (int, error) {
	for code := 1; code < 1<<7; {
		bit, err := d.bit()
		if err != nil {
			return 0, err
		}
		code = code<<1 | bit
		if mode, ok := modes[code]; ok {
			return mode, nil
		}
	}
	return 0, errors.New("bits that are no code of a mode")
}

// bits are read one by one.
type bits struct {
	data []byte
	n    int // that were read
}

func (b *bits) bit() (int, error) {
	if b.n >= 8*len(b.data) {
		return 0, io.ErrUnexpectedEOF
	}
	bit := int(b.data[b.n/8]>>(7-b.n%8)) & 1
	b.n++
	return bit, nil
}
