package main

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tarsOf makes tars of the images of a folder, with labels beside them, and a list of the tars.
func tarsOf(t *testing.T, folder string, shards int) (list string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*", "*.png"))
	if err != nil || len(files) < shards {
		t.Fatal(files, err)
	}
	dir, lines := t.TempDir(), ""
	for k := range shards {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		add := func(name string, data []byte) {
			if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(data)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
		}
		own := slices.Clone(files[k*len(files)/shards : (k+1)*len(files)/shards])
		slices.Reverse(own)
		for _, f := range own {
			name, err := filepath.Rel(folder, f)
			if err != nil {
				t.Fatal(err)
			}
			add(strings.TrimSuffix(name, ".png")+".cls", []byte(filepath.Dir(name)))
			add(name, read(t, f))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		shard := filepath.Join(dir, "shard-"+string(rune('a'+k))+".tar")
		write(t, shard, b.Bytes())
		lines = filepath.Base(shard) + "\n" + lines
	}
	list = filepath.Join(dir, "shards.txt")
	write(t, list, []byte(lines))
	return list
}

// inShard is the name of a tar in an id.
var inShard = regexp.MustCompile(`shard-[a-z]\.tar/`)

// Tars are to every command the folder of their images: the same model in one and in parts, and the same embeddings.
func TestTarsAreTheirFolder(t *testing.T) {
	folder := pngData(t, 12)
	list := tarsOf(t, folder, 3)
	model := fitSmall(t, folder)
	made := map[string][]byte{}
	for _, data := range []string{folder, list} {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		must(t, slices.Concat([]string{"fit", data, "-o", at("model")}, fitSettings)...)
		parts, _ := inParts(t, data, 4, fitSettings...)
		must(t, "embed", model, data, "-o", at("rows.npy"), "--ids", at("ids.txt"), "--labels", at("labels.npy"), "-q")
		must(t, "embed", model, data, "--part", "2/3", "-o", at("rows"), "-q")
		must(t, "index", model, data, "-o", at("index"), "-q")
		ids := inShard.ReplaceAll(read(t, at("ids.txt")), nil)
		outputs := map[string][]byte{"parts": read(t, parts), "model": read(t, at("model")), "ids": ids,
			"rows": read(t, at("rows.npy")), "rows of a part": read(t, at("rows/part-2-of-3.npy")), "labels": read(t, at("labels.npy"))}
		for name, b := range outputs {
			if data == folder {
				made[name] = b
			} else if !bytes.Equal(made[name], b) {
				t.Errorf("%s differs", name)
			}
		}
		if !bytes.Equal(outputs["parts"], outputs["model"]) {
			t.Errorf("the model of %s in parts is another one", data)
		}
	}
	shards, err := filepath.Glob(filepath.Join(filepath.Dir(list), "*.tar"))
	if err != nil || len(shards) != 3 {
		t.Fatal(shards, err)
	}
	before := read(t, shards[1])
	mustFail(t, exitFailure, []string{shards[1], "DATA"}, "embed", model, list, "-o", shards[1])
	if !bytes.Equal(read(t, shards[1]), before) {
		t.Error("a tar was written over")
	}
	if err := os.Truncate(shards[1], int64(len(before)/2)); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{shards[1], "want a whole tar"}, "fit", list, "-o", filepath.Join(t.TempDir(), "model"))
}
