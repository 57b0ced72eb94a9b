//go:build unix

package dataset

import (
	"bufio"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/sys/unix"

	"github.com/sparse-manifold/smt/internal/parallel"
)

// grained is a smooth image with the grain of a photograph.
func grained(side int, seed uint64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	few := colourful(32, 32, seed)
	for i := range few.Pix {
		few.Pix[i] |= 0xff * uint8(i%4/3) // opaque
	}
	xdraw.CatmullRom.Scale(img, img.Rect, few, few.Rect, xdraw.Src, nil)
	for i, v := range noise(len(img.Pix), seed) {
		if i%4 < 3 {
			img.Pix[i] = clip(int(img.Pix[i])/2 + 64 + int(v%9) - 4)
		}
	}
	return img
}

// spent is the processor time of the program, in microseconds: what else the machine does hardly changes it.
func spent(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3
}

// BenchmarkRead reads photographs in files on all workers: by the codec alone, as image.Decode has them, and as images of a
// folder, brought to 32 × 32 pixels or as they are. "Performance" in docs has the ratios.
func BenchmarkRead(b *testing.B) {
	for _, format := range []string{"jpeg", "png"} {
		for _, side := range []int{64, 256, 1024} {
			dir := b.TempDir()
			const n = 16
			for i := range n {
				path := write(b, dir, fmt.Sprintf("%02d.%s", i, format), nil)
				f, err := os.Create(path)
				if err != nil {
					b.Fatal(err)
				}
				if format == "jpeg" {
					err = jpeg.Encode(f, grained(side, uint64(i)), &jpeg.Options{Quality: 90})
				} else {
					err = png.Encode(f, grained(side, uint64(i)))
				}
				if err != nil || f.Close() != nil {
					b.Fatal(err)
				}
			}
			name := fmt.Sprintf("%s-%d", format, side)
			all := func(what string, read func(src Source, i int) error) {
				b.Run(name+"/"+what, func(b *testing.B) {
					opt := Options{}
					if what == "to-32" {
						opt.Shape.Height = 32
					}
					set := mustOpen(b, dir, opt)
					before := spent(b)
					for b.Loop() {
						if err := parallel.ForErr(b.Context(), n, func(_, i int) error { return read(set.Train, i) }); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric((spent(b)-before)/float64(b.N*n), "cpu-µs/image")
				})
			}
			asImage := func(src Source, i int) error { return src.Image(i, make([]uint8, src.Shape().Len())) }
			all("codec", func(src Source, i int) error {
				f, err := os.Open(src.(*folder).files[i])
				if err != nil {
					return err
				}
				defer f.Close()
				_, _, err = image.Decode(bufio.NewReader(f))
				return err
			})
			all("to-32", asImage)
			all("whole", asImage)
		}
	}
}
