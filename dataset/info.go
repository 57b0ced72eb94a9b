package dataset

import (
	"context"
	"math"
)

// Info describes a Set.
type Info struct {
	Format        string    `json:"format"`
	Path          string    `json:"path"`
	Train         int       `json:"train"` // number of images
	Test          int       `json:"test"`  // 0 without a test split
	Height        int       `json:"height"`
	Width         int       `json:"width"`
	Channels      int       `json:"channels"`
	Classes       []string  `json:"classes,omitempty"`
	TrainPerClass []int     `json:"train_per_class,omitempty"` // images of each class; nil when unlabelled
	TestPerClass  []int     `json:"test_per_class,omitempty"`
	Mean          []float64 `json:"mean"`              // of each channel over the training pixels, 0 to 255
	Std           []float64 `json:"std"`               // their standard deviation (dividing by the count)
	Resized       int       `json:"resized,omitempty"` // images of a folder not of its shape
	Skipped       int       `json:"skipped,omitempty"` // files of a folder that are left out
	Left          []Left    `json:"left,omitempty"`    // which, and why
	Bad           []BadFile `json:"bad,omitempty"`     // of a folder, image files that cannot be read and are left out
	Splits        []string  `json:"splits,omitempty"`  // how folders in doubt were taken
	Depth         int       `json:"depth,omitempty"`   // bits that samples of 16 bits are taken to have, see Depth
	Notes         []string  `json:"notes,omitempty"`   // what was decided on the way
}

// Info describes the set. It reads every training image once; it stops with
// ctx's error when that is done, or at the first image that cannot be read.
func (s *Set) Info(ctx context.Context) (Info, error) {
	shape := s.Train.Shape()
	info := Info{
		Format: s.Format, Path: s.Path,
		Train:  s.Train.Len(),
		Height: shape.Height, Width: shape.Width, Channels: shape.Channels,
		Classes:       s.Train.Classes(),
		TrainPerClass: perClass(s.Train),
		Left:          s.Left,
		Bad:           s.Bad,
		Splits:        s.Splits,
		Depth:         Depth(s.Train),
		Notes:         s.Notes,
	}
	if s.Test != nil {
		info.Test = s.Test.Len()
		info.TestPerClass = perClass(s.Test)
	}
	for _, src := range []Source{s.Train, s.Test} {
		if f, ok := src.(*folder); ok {
			for _, resized := range f.resized {
				if resized {
					info.Resized++
				}
			}
		}
	}
	for _, l := range s.Left {
		info.Skipped += l.Count
	}
	var err error
	info.Mean, info.Std, err = moments(ctx, s.Train)
	return info, err
}

func perClass(src Source) []int {
	if src.Classes() == nil {
		return nil
	}
	count := make([]int, len(src.Classes()))
	for i := range src.Len() {
		if label := src.Label(i); label >= 0 {
			count[label]++
		}
	}
	return count
}

// moments is the mean and standard deviation of each channel. Sums are of
// integers, so they are exact: 2^64 holds the squares of 2^48 pixels.
func moments(ctx context.Context, src Source) (mean, std []float64, err error) {
	channels := src.Shape().Channels
	sum, squares := make([]uint64, channels), make([]uint64, channels)
	err = each(ctx, src, nil, func(_ int, pix []uint8) {
		for at := 0; at < len(pix); at += channels {
			for c, v := range pix[at : at+channels] {
				sum[c] += uint64(v)
				squares[c] += uint64(v) * uint64(v)
			}
		}
	})
	if err != nil || src.Len() == 0 {
		return nil, nil, err
	}
	n := float64(src.Len()) * float64(src.Shape().Height*src.Shape().Width)
	for c := range channels {
		m := float64(sum[c]) / n
		mean = append(mean, m)
		std = append(std, math.Sqrt(max(0, float64(squares[c])/n-m*m)))
	}
	return mean, std, nil
}
