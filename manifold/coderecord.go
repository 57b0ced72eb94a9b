package manifold

import (
	"encoding/binary"
	"errors"

	"github.com/sparse-manifold/smt/internal/checksum"
	"github.com/sparse-manifold/smt/sparse"
)

var errDamaged = errors.New("the codes are damaged")

// appendRecord appends the record of a group's codes, as codeLog has it.
func appendRecord(b []byte, c *sparse.Codes) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(c.N()))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(c.Atom)))
	for u := range c.N() {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c.Row(u))))
	}
	for _, a := range c.Atom {
		b = binary.LittleEndian.AppendUint16(b, a)
	}
	return withSum(b)
}

func withSum(b []byte) []byte { return binary.LittleEndian.AppendUint32(b, checksum.Append(0, b)) }

// summed reports whether b is as withSum made it.
func summed(b []byte) bool {
	at := len(b) - 4
	return binary.LittleEndian.Uint32(b[at:]) == checksum.Append(0, b[:at])
}

// parseRecord reads the codes of a record, which is as long as it says.
func parseRecord(b []byte, atoms int, c *sparse.Codes) error {
	if !summed(b) {
		return errDamaged
	}
	units := int(binary.LittleEndian.Uint32(b))
	counts, rest := b[8:8+4*units], b[8+4*units:len(b)-4]
	c.Reset()
	for ; len(counts) > 0; counts = counts[4:] {
		n := int(binary.LittleEndian.Uint32(counts))
		if 2*n > len(rest) {
			return errDamaged
		}
		next := 0 // the least atom that may follow
		for ; n > 0; n-- {
			a := binary.LittleEndian.Uint16(rest)
			if int(a) < next || int(a) >= atoms {
				return errDamaged
			}
			c.Atom, next, rest = append(c.Atom, a), int(a)+1, rest[2:]
		}
		c.Start = append(c.Start, int32(len(c.Atom)))
	}
	if len(rest) > 0 {
		return errDamaged
	}
	return nil
}
