package smt_test

import (
	"testing"

	smt "github.com/sparse-manifold/smt"
)

// A fast configuration is valid and changes what it says, and nothing else.
func TestFast(t *testing.T) {
	for _, name := range smt.Presets() {
		c, err := smt.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		want := c
		want.Thin, want.Images = 4, min(c.Images, 2500)
		if got := c.Fast(); got != want || got.Validate() != nil {
			t.Errorf("%s: fast is %+v: %v", name, got, got.Validate())
		}
		c.Images, c.Pool = 0, 2 // windows without a patch
		want.Images, want.Pool, want.Thin = 2500, 2, 0
		if got := c.Fast(); got != want || got.Validate() != nil {
			t.Errorf("%s with windows of 2: fast is %+v: %v", name, got, got.Validate())
		}
	}
}

// The members of the preset best count all images, as they were measured.
func TestBestCountsAll(t *testing.T) {
	for _, r := range smt.Best() {
		if r.Config.Images != 0 {
			t.Errorf("%s counts %d images", r.Name, r.Config.Images)
		}
	}
}
