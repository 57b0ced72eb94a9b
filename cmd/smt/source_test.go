package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every command that opens DATA says in one line which files of it are not used, and how
// a folder was taken whose name leaves in doubt whether it is a split, even
// when it is to be quiet, and on standard error, so that JSON stays JSON.
func TestLeftOutIsSaid(t *testing.T) {
	data := pngData(t, 12)
	model := fitSmall(t, data)
	heic := []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
	write(t, filepath.Join(data, "class0", "a.heic"), heic)
	write(t, filepath.Join(data, "class1", ".hidden"), nil)
	write(t, filepath.Join(data, "test1", "a.png"), read(t, filepath.Join(data, "class0", "0000.png")))
	const line = "taken as held out: test1: rename what is a class; " +
		"3 files left out: 1 HEIC (class0/a.heic), 1 held out in test1 (test1/a.png), 1 hidden (class1/.hidden)\n"
	out := t.TempDir()
	for _, args := range [][]string{
		{"data", "info", data},
		append([]string{"fit", data, "-o", filepath.Join(out, "m.safetensors")}, small...),
		{"embed", model, data, "-o", filepath.Join(out, "e.npy")},
		{"eval", model, data, "--holdout", "4", "--k", "2"},
		{"explain", model, data, "-o", filepath.Join(out, "report")},
	} {
		for _, more := range [][]string{nil, {"--quiet"}, {"--json"}} {
			if args[0] == "explain" {
				os.RemoveAll(filepath.Join(out, "report"))
			}
			o := smtRun(t, append(args, more...)...)
			if o.code != 0 {
				t.Fatalf("%s: %s", strings.Join(args, " "), o.stderr)
			}
			if strings.Count(o.stderr, line) != 1 || strings.Contains(o.stdout, "left out:") {
				t.Errorf("smt %s %s: want once %q, on standard error only:\n%s%s", strings.Join(args, " "), more, line, o.stderr, o.stdout)
			}
		}
	}
	info := mustJSON(t, nil, "data", "info", data)
	if got := fmt.Sprint(info["left"]); info["skipped"] != 3.0 || got != "[map[count:1 files:[class0/a.heic] reason:HEIC] "+
		"map[count:1 files:[test1/a.png] reason:held out in test1] map[count:1 files:[class1/.hidden] reason:hidden]]" {
		t.Errorf("data info reports %v skipped, %s", info["skipped"], got)
	}
	if got := fmt.Sprint(info["splits"]); got != "[taken as held out: test1: rename what is a class]" {
		t.Errorf("data info reports %s on splits", got)
	}

	// Where images held out would be learned from, nothing is fitted.
	for _, name := range []string{"train/x", "train/y", "prueba/x", "prueba/y"} {
		write(t, filepath.Join(out, "doubt", name, "a.png"), read(t, filepath.Join(data, "class0", "0000.png")))
	}
	mustFail(t, exitFailure, []string{"prueba, train hold folders of the same names (x, y), as splits do"},
		append([]string{"fit", filepath.Join(out, "doubt"), "-o", filepath.Join(out, "none")}, small...)...)
}

// A model keeps how many bits samples of 16 had, and an image is then embedded the same
// whatever lies beside it.
func TestDepthIsKept(t *testing.T) {
	deep := func(path string, seed, scale int) {
		t.Helper()
		img := image.NewGray16(image.Rect(0, 0, side, side))
		for i := range side * side {
			img.SetGray16(i%side, i/side, color.Gray16{uint16((i*i*31 + i*seed*17) % 4096 * scale)})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		write(t, path, b.Bytes())
	}
	data := t.TempDir()
	for i := range 12 {
		deep(filepath.Join(data, fmt.Sprintf("%02d.png", i)), i, 1)
	}
	o := smtRun(t, append([]string{"fit", data, "-o", filepath.Join(t.TempDir(), "m")}, small[:len(small)-1]...)...)
	if o.code != 0 || !strings.Contains(o.stderr, "samples of 16 bits are taken as 12 bits") {
		t.Fatalf("fit: code %d:\n%s", o.code, o.stderr)
	}
	model := fitSmall(t, data)
	info := mustJSON(t, nil, "info", model)
	if d := info["data"].(map[string]any)["depth"]; d != 12.0 {
		t.Errorf("the model keeps a depth of %v, want 12", d)
	}
	embed := func(dir string, flags ...string) []byte {
		t.Helper()
		out := filepath.Join(t.TempDir(), "e.npy")
		must(t, append([]string{"embed", model, dir, "-o", out, "--quiet"}, flags...)...)
		return read(t, out)
	}
	lone, dark := t.TempDir(), t.TempDir()
	deep(filepath.Join(lone, "00.png"), 5, 1)
	deep(filepath.Join(dark, "00.png"), 5, 1)
	write(t, filepath.Join(dark, "01.png"), read(t, filepath.Join(data, "03.png")))
	single, beside := embed(lone), embed(dark)
	row := len(beside) - len(single) // the headers are of one size
	if !bytes.Equal(single[len(single)-row:], beside[len(beside)-2*row:len(beside)-row]) {
		t.Error("an image is embedded in another way beside another one")
	}
	bright := t.TempDir()
	deep(filepath.Join(bright, "00.png"), 5, 16)
	mustFail(t, exitFailure, []string{"00.png", "want at most 4095"}, "embed", model, bright, "-o", filepath.Join(t.TempDir(), "e.npy"))
	embed(bright, "--depth", "16")

	// A model of images of eight bits has nothing to say on it.
	plain := fitSmall(t, idxData(t, 12, 0))
	o = smtRun(t, "embed", plain, lone, "-o", filepath.Join(t.TempDir(), "e.npy"))
	if o.code != 0 || !strings.Contains(o.stderr, "samples of 16 bits are taken as 16 bits") {
		t.Errorf("code %d:\n%s", o.code, o.stderr)
	}
	mustFail(t, exitUsage, []string{"depth 17: want 1 to 16"}, "data", "info", lone, "--depth", "17")
}
