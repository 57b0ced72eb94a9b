package video

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/sparse"
)

// Presets fit frames of any size: small ones are units as they are, large ones keep their aspect.
func TestPreset(t *testing.T) {
	for clip, want := range map[dataset.Shape]struct {
		shape dataset.Shape
		patch int
	}{
		{Height: 32, Width: 32, Channels: 1}:     {dataset.Shape{Height: 32, Width: 32, Channels: 1}, 0},
		{Height: 40, Width: 300, Channels: 1}:    {dataset.Shape{Height: 40, Width: 300, Channels: 1}, 0},
		{Height: 41, Width: 60, Channels: 3}:     {dataset.Shape{Height: 41, Width: 60, Channels: 3}, 16},
		{Height: 576, Width: 768, Channels: 1}:   {dataset.Shape{Height: 72, Width: 96, Channels: 1}, 16},
		{Height: 1920, Width: 1080, Channels: 3}: {dataset.Shape{Height: 128, Width: 72, Channels: 3}, 16},
	} {
		c := Preset(clip)
		if c.Shape != want.shape || c.Patch != want.patch {
			t.Errorf("frames of %v: %v and patches of %d, want %v and %d", clip, c.Shape, c.Patch, want.shape, want.patch)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("frames of %v: %v", clip, err)
		}
	}
}

// A stride is bounded by the frame. One of half of all integers left no place in it, and cutting it was a panic.
func TestStrideIsBounded(t *testing.T) {
	c := Preset(dataset.Shape{Height: 60, Width: 80, Channels: 1})
	for stride, fine := range map[int]bool{0: false, 1: true, 80: true, 81: false, 1 << 62: false, math.MaxInt64: false} {
		c.Stride = stride
		if err := c.Validate(); (err == nil) != fine || err != nil && !strings.Contains(err.Error(), fmt.Sprintf("stride %d ", stride)) {
			t.Errorf("stride %d: error %v", stride, err)
		}
	}
}

// Every code of the engine is one of frames. The λ of an L1 code has a least one.
func TestCodes(t *testing.T) {
	c := Preset(dataset.Shape{Height: 32, Width: 32, Channels: 1})
	for _, c.Code = range append(sparse.Kinds(), "hard") {
		err := c.Validate()
		if fine := c.Code != "hard"; (err == nil) != fine || err != nil && !strings.Contains(err.Error(), "want general, nearest, soft or l1") {
			t.Errorf("code %s: error %v", c.Code, err)
		}
	}
	c.Code, c.Threshold = sparse.L1, sparse.LeastL1/2
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "threshold is 0.005: want at least 0.01 of an L1 code") {
		t.Errorf("λ of 0.005: error %v", err)
	}
}
