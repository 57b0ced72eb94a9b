package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// y4mOf is film of gray frames of 8 × 8 pixels, each of a pattern.
func y4mOf(patterns ...uint32) []byte {
	b := bytes.NewBufferString("YUV4MPEG2 W8 H8 F25:1 Ip A1:1 Cmono XCOLORRANGE=FULL\n")
	for _, p := range patterns {
		b.WriteString("FRAME\n")
		for range 64 {
			p = p*1664525 + 1013904223
			b.WriteByte(byte(p >> 24))
		}
	}
	return b.Bytes()
}

// TestFramesThatRepeat fits film of which little can be learned: what is wrong is said, and no advice is given that
// would be refused.
func TestFramesThatRepeat(t *testing.T) {
	dir := t.TempDir()
	equal, alternating := filepath.Join(dir, "equal.y4m"), filepath.Join(dir, "alternating.y4m")
	var same, turns []uint32
	for i := range 50 {
		same, turns = append(same, 1), append(turns, uint32(i%2))
	}
	write(t, equal, y4mOf(same...))
	write(t, alternating, y4mOf(turns...))
	out := filepath.Join(dir, "m")
	o := smtRun(t, "fit", alternating, "-o", out)
	if o.code != 0 || !strings.Contains(o.stderr, "no coordinate changes from frame to frame") || strings.Contains(o.stderr, "not hold") || !strings.Contains(o.stderr, " so far") {
		t.Errorf("alternating frames: exit code %d: %s", o.code, o.stderr)
	}
	o = smtRun(t, "fit", equal, "-o", out, "-q")
	if o.wantFailure(t, exitFailure, "all 50 frames look the same"); strings.Contains(o.stderr, "atom") {
		t.Errorf("advice that is refused: %s", o.stderr)
	}
	if o = smtRun(t, "fit", alternating, "-o", out+"1", "--skip", "1"); o.code != 0 || strings.Contains(o.stderr, "no coordinate changes") {
		t.Errorf("without the constant: %d, %s", o.code, o.stderr)
	}
}

// TestFewFramesOfKMeans takes the centres that few frames have, as exemplars are taken.
func TestFewFramesOfKMeans(t *testing.T) {
	dir := t.TempDir()
	var patterns []uint32
	for i := range 12 {
		patterns = append(patterns, uint32(i))
	}
	clip, out := filepath.Join(dir, "a.y4m"), filepath.Join(dir, "m")
	write(t, clip, y4mOf(patterns...))
	o := smtRun(t, "fit", clip, "-o", out, "--dictionary", "kmeans")
	if says := fmt.Sprintf("the frames have %d atoms of two units each at least", 6); o.code != 0 || !strings.Contains(o.stderr, says) {
		t.Errorf("exit code %d: %s", o.code, o.stderr)
	}
	mustFail(t, exitFailure, []string{"12 units that are not blank, want 40: --atoms 6 would do, or give more frames", "--atoms 6 would do"},
		"fit", clip, "-o", out, "--dictionary", "kmeans", "--atoms", "20", "--dims", "3")
}
