package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strings"
	"testing"
)

// Without a preset settings are chosen from a folder's images, and a line says how; large images are brought to a
// smaller size.
func TestFitChooses(t *testing.T) {
	data, path := pngData(t, 40), filepath.Join(t.TempDir(), "model.safetensors")
	o := smtRun(t, "fit", data, "-o", path, "--explain-choice")
	if o.code != 0 {
		t.Fatalf("exit code %d\n%s", o.code, o.stderr)
	}
	if !strings.Contains(o.stderr, "settings chosen for 40 images of 14 × 14: style scenes, as there are too few images for a trial") {
		t.Errorf("what was chosen is not said:\n%s", o.stderr)
	}
	for _, setting := range []string{"size ", "max-cosine ", "dims, skip ", "counted "} {
		if !strings.Contains(o.stdout, "\n"+setting) {
			t.Errorf("no line of %sin\n%s", setting, o.stdout)
		}
	}
	r := mustJSON(t, []string{"choice"}, "fit", data, "-o", path, "--quiet")
	c := r["choice"].(map[string]any)
	images := c["images"].(map[string]any)
	for _, key := range []string{"len", "shape", "blank"} { // as other keys are written
		if _, ok := images[key]; !ok {
			t.Errorf("the images of the choice have no %s: %v", key, images)
		}
	}
	if c["style"] != "scenes" || len(c["why"].([]any)) == 0 || len(c["settings"].([]any)) != 15 {
		t.Errorf("the choice is %v", c)
	}
	must(t, "embed", path, data, "-o", filepath.Join(t.TempDir(), "rows.npy"), "--quiet")

	if out := must(t, "fit", data, "-o", path, "--quiet", "--fast"); !strings.Contains(out, "of one patch in 4") {
		t.Errorf("a fast fit says\n%s", out)
	}
	if c := load(t, path).Config(); c.Thin != 4 {
		t.Errorf("--fast embeds one patch in %d", c.Thin)
	}
	must(t, "fit", data, "-o", path, "--quiet", "--fast", "--thin", "2")
	if c := load(t, path).Config(); c.Thin != 2 {
		t.Errorf("--fast --thin 2 embeds one patch in %d", c.Thin)
	}
	must(t, "embed", path, data, "-o", filepath.Join(t.TempDir(), "rows.npy"), "--quiet")

	large := filepath.Join(t.TempDir(), "large.safetensors")
	must(t, "fit", data, "-o", large, "--quiet", "--size", "48", "--atoms", "64", "--dims", "8")
	if s := load(t, large).Record().Data.Shape; s.Height != 48 {
		t.Errorf("images that are to be 48 pixels are %v", s)
	}
	mustFail(t, exitUsage, []string{"--explain-choice", "cifar"}, "fit", data, "-o", path, "--preset", "cifar", "--explain-choice")
}

// A folder of frames is fitted as images, and a line says that there is a preset for film.
func TestFitOfFramesSaysSo(t *testing.T) {
	frames, path := t.TempDir(), filepath.Join(t.TempDir(), "model.safetensors")
	for i := range 30 {
		img := image.NewGray(image.Rect(0, 0, side, side))
		for k := range img.Pix {
			img.Pix[k] = uint8(k%side*(k/side)*10 + 4*i)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(frames, fmt.Sprintf("frame%d.png", i+100)), b.Bytes())
	}
	for folder, want := range map[string]bool{frames: true, pngData(t, 30): false} {
		o := smtRun(t, "fit", folder, "-o", path)
		if said := strings.Contains(o.stderr, "look like frames of film") && strings.Contains(o.stderr, "--preset video"); o.code != 0 || said != want {
			t.Errorf("exit code %d, film is said to be there: %v, want %v\n%s", o.code, said, want, o.stderr)
		}
	}
}
