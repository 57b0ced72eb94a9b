package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// Fingerprint is the SHA-256, in hexadecimal, of the shape, the number of images and their Sum, so of every
// label and pixel of src and of where it is. It does not depend on the format or the path: the same images in
// another file have the same fingerprint. It reads images on all workers, and stops with ctx's error when that
// is done, or with that of the first image, in order, that cannot be read. report, if not nil, is told how many
// images are read.
func Fingerprint(ctx context.Context, src Source, report func(done, total int)) (string, error) {
	s, err := SumOf(ctx, src, 0, report)
	if err != nil {
		return "", err
	}
	return s.Fingerprint(src.Shape(), src.Len()), nil
}

// HasFingerprint reports whether src is of the images of a fingerprint, as Fingerprint gives it, or as it is in
// models of earlier software, which went through the images in order: those of parts did not add up.
func HasFingerprint(ctx context.Context, src Source, fingerprint string, report func(done, total int)) (bool, error) {
	for _, of := range []func(context.Context, Source, func(done, total int)) (string, error){Fingerprint, formerFingerprint} {
		if found, err := of(ctx, src, report); err != nil || found == fingerprint {
			return err == nil, err
		}
	}
	return false, nil
}

// formerFingerprint is the SHA-256 of the shape, the number of images and every label and pixel of src in order.
func formerFingerprint(ctx context.Context, src Source, report func(done, total int)) (string, error) {
	h := sha256.New()
	number := func(n int) {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
	shape := src.Shape()
	for _, n := range []int{shape.Height, shape.Width, shape.Channels, src.Len()} {
		number(n)
	}
	err := each(ctx, src, report, func(i int, pix []uint8) {
		number(src.Label(i))
		h.Write(pix)
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// What is read ahead: at most so many bytes, unless an image a worker is more, and so many images, as those of files
// may take long.
const (
	aheadBytes  = 4 << 20
	aheadImages = 256
)

// each calls visit with every image in order; pix is valid during the call. Images are read ahead
// on all workers, as to decode a photograph takes longer than to look at its pixels.
func each(ctx context.Context, src Source, report func(done, total int), visit func(i int, pix []uint8)) error {
	size, all := src.Shape().Len(), src.Len()
	ahead := max(parallel.Workers(all), min(aheadBytes/max(1, size), aheadImages, all))
	pix := make([]uint8, ahead*size)
	if report == nil {
		report = func(int, int) {}
	}
	for first := 0; first < all; first += ahead {
		report(first, all)
		n := min(ahead, all-first)
		err := parallel.ForErr(ctx, n, func(_, k int) error {
			return src.Image(first+k, pix[k*size:(k+1)*size])
		})
		if err != nil {
			return err
		}
		for k := range n {
			visit(first+k, pix[k*size:(k+1)*size])
		}
	}
	report(all, all)
	return nil
}
