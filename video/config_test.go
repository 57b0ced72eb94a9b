package video

import (
	"testing"

	"github.com/sparse-manifold/smt/dataset"
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
