package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// A comparison has the cosine of the two embeddings, and all its parts, which add up to it.
func TestCompare(t *testing.T) {
	data := pngData(t, 48)
	model := fitSmall(t, data, "--preset", "cifar")
	a, b := filepath.Join(data, "class0", "0000.png"), filepath.Join(data, "class0", "0004.png")
	r := mustJSON(t, []string{"cosine", "flip", "a", "b", "cells", "cell_rows", "cell_cols", "sum_cells", "off"}, "compare", model, a, b)
	cosine := r["cosine"].(float64)
	sum := func(values any, key string) (total float64) {
		for _, v := range values.([]any) {
			if key != "" {
				v = v.(map[string]any)[key]
			}
			total += v.(float64)
		}
		return total
	}
	near := func(what string, got float64) {
		if !(math.Abs(got-cosine) <= sumsWithin) {
			t.Errorf("%s: %g, want the cosine %g", what, got, cosine)
		}
	}
	near("cells", sum(r["cells"], ""))
	near("sum of cells", r["sum_cells"].(float64))
	for name, id := range map[string]string{"a": a, "b": b} {
		side := r[name].(map[string]any)
		near("patches of "+name, sum(side["patches"], ""))
		near("atoms of "+name, sum(side["atoms"], "value"))
		near("pixels of "+name, side["sum_pixels"].(float64))
		if side["id"] != id {
			t.Errorf("%s is named %v, want %s", name, side["id"], id)
		}
	}
	text := must(t, "compare", model, a, b)
	for _, want := range []string{a, b, "cosine", "cells", "atoms of A", "each is the cosine, within"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said in\n%s", want, text)
		}
	}
	if same := mustJSON(t, nil, "compare", model, a, a); same["flip"] != false || math.Abs(same["cosine"].(float64)-1) > 1e-5 {
		t.Errorf("an image and itself: %v, flipped %v", same["cosine"], same["flip"])
	}
}

// An image and its flip are the same to a model with flips, and a flip is said.
func TestCompareWithFlip(t *testing.T) {
	data := pngData(t, 48)
	model := fitSmall(t, data, "--preset", "cifar")
	path := filepath.Join(data, "class1", "0001.png")
	img, err := png.Decode(bytes.NewReader(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	mirror := image.NewNRGBA(img.Bounds())
	for k := range side * side {
		mirror.Set(side-1-k%side, k/side, color.NRGBAModel.Convert(img.At(k%side, k/side)))
	}
	var file bytes.Buffer
	if err := png.Encode(&file, mirror); err != nil {
		t.Fatal(err)
	}
	flipped := filepath.Join(t.TempDir(), "flipped.png")
	write(t, flipped, file.Bytes())
	if r := mustJSON(t, nil, "compare", model, path, flipped); r["flip"] != true || math.Abs(r["cosine"].(float64)-1) > 1e-5 {
		t.Errorf("cosine %v, flipped %v", r["cosine"], r["flip"])
	}
	if text := must(t, "compare", model, path, flipped); !strings.Contains(text, flipped+", flipped") {
		t.Errorf("no flip is said in\n%s", text)
	}
	plain := fitSmall(t, data, "--preset", "mnist")
	if r := mustJSON(t, nil, "compare", plain, path, flipped); r["flip"] != false {
		t.Error("a flip is looked for by a model without")
	}
}

// Of a picture of one colour no atom is active, and no list of none is shown.
func TestCompareBlank(t *testing.T) {
	data := pngData(t, 48)
	model := fitSmall(t, data, "--preset", "cifar")
	blank := image.NewGray(image.Rect(0, 0, side, side))
	var file bytes.Buffer
	if err := png.Encode(&file, blank); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "blank.png")
	write(t, path, file.Bytes())
	if text := must(t, "compare", model, path, filepath.Join(data, "class1", "0001.png")); !strings.Contains(text, "none active") || strings.Contains(text, "of 0 active") {
		t.Errorf("of a blank picture it says\n%s", text)
	}
}

// Images may be in a file of many, and pictures are of the kind that the ending names.
func TestCompareFiles(t *testing.T) {
	data := idxData(t, 40, 6)
	model := fitSmall(t, data)
	train := filepath.Join(data, "train-images-idx3-ubyte")
	dir := t.TempDir()
	for _, name := range []string{"why.svg", "why.html", "why.PNG"} {
		out := filepath.Join(dir, name)
		if r := mustJSON(t, []string{"out"}, "compare", model, train+"#3", train+"#39", "-o", out); r["out"] != out {
			t.Errorf("the picture is %v", r["out"])
		}
		file := read(t, out)
		switch filepath.Ext(name) {
		case ".PNG":
			if _, err := png.Decode(bytes.NewReader(file)); err != nil {
				t.Error(err)
			}
		case ".svg":
			d := xml.NewDecoder(bytes.NewReader(file))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Contains(file, []byte("train-images-idx3-ubyte#39")) {
				t.Error("the picture does not name its images")
			}
		case ".html":
			if !bytes.HasPrefix(file, []byte("<!doctype html>")) {
				t.Errorf("no page: %.40s", file)
			}
		}
	}
	mustFail(t, exitUsage, []string{train, "no image 40", "0 to 39"}, "compare", model, train+"#3", train+"#40")
	mustFail(t, exitUsage, []string{".svg, .html, .png"}, "compare", model, train+"#3", train+"#4", "-o", filepath.Join(dir, "why.jpg"))
	mustFail(t, exitFailure, []string{"none.png"}, "compare", model, train+"#3", filepath.Join(dir, "none.png"))
	image := filepath.Join(dir, "why.PNG")
	mustFail(t, exitFailure, []string{"IMAGE", image}, "compare", model, image, image, "-o", image)
	write(t, filepath.Join(dir, "cut.png"), []byte("none"))
	mustFail(t, exitFailure, []string{"cut.png"}, "compare", model, train+"#3", filepath.Join(dir, "cut.png"))
	// A file whose name has a # is itself.
	odd := filepath.Join(dir, "a#1")
	write(t, odd, read(t, filepath.Join(dir, "why.PNG")))
	must(t, "compare", model, odd, odd)
}
