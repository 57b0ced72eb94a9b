package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// Sum is a sum over images, modulo 2²⁵⁶, of the SHA-256 of the number, the label and the pixels of each. Sums of
// parts of a source add up to that of the source, in any order. It tells images apart that differ by accident: who
// means to may find others of the same sum.
type Sum [4]uint64 // the lowest first

// SumOf is the sum of the images of src, which have the numbers from first on. Errors are those of Fingerprint.
func SumOf(ctx context.Context, src Source, first int, report func(done, total int)) (Sum, error) {
	const numbers = 16   // bytes before the pixels
	const together = 256 // images, until it is said how many are read
	all, workers := src.Len(), parallel.Workers(src.Len())
	sums, images := make([]Sum, workers), make([][]uint8, workers)
	if report == nil {
		report = func(int, int) {}
	}
	for at := 0; at < all; at += together {
		report(at, all)
		err := parallel.ForErr(ctx, min(together, all-at), func(w, k int) error {
			if images[w] == nil {
				images[w] = make([]uint8, numbers+src.Shape().Len())
			}
			image, i := images[w], at+k
			if err := src.Image(i, image[numbers:]); err != nil {
				return err
			}
			binary.LittleEndian.PutUint64(image, uint64(first+i))
			binary.LittleEndian.PutUint64(image[8:], uint64(src.Label(i)))
			sums[w].add(sha256.Sum256(image))
			return nil
		})
		if err != nil {
			return Sum{}, err
		}
	}
	report(all, all)
	var sum Sum
	for _, s := range sums {
		sum.Add(s)
	}
	return sum, nil
}

// Add adds the sum of other images.
func (s *Sum) Add(other Sum) {
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], other[i], carry)
	}
}

func (s *Sum) add(digest [sha256.Size]byte) {
	var other Sum
	for i := range other {
		other[i] = binary.LittleEndian.Uint64(digest[8*i:])
	}
	s.Add(other)
}

// Fingerprint is that of so many images of a shape which have the numbers from 0 on and the sum s.
func (s Sum) Fingerprint(shape Shape, images int) string {
	h := sha256.New() // writing to it cannot fail
	for _, n := range []int{shape.Height, shape.Width, shape.Channels, images} {
		_ = binary.Write(h, binary.LittleEndian, uint64(n))
	}
	_ = binary.Write(h, binary.LittleEndian, s)
	return hex.EncodeToString(h.Sum(nil))
}

// MarshalText is the sum in hexadecimal, 64 digits.
func (s Sum) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%016x%016x%016x%016x", s[3], s[2], s[1], s[0]), nil
}

// UnmarshalText reads what MarshalText wrote, and nothing else.
func (s *Sum) UnmarshalText(text []byte) error {
	digits, err := hex.DecodeString(string(text))
	if err != nil || len(digits) != sha256.Size || hex.EncodeToString(digits) != string(text) {
		return fmt.Errorf("%q is no sum: want 64 hexadecimal digits in lower case", text)
	}
	for i := range s {
		s[3-i] = binary.BigEndian.Uint64(digits[8*i:])
	}
	return nil
}
