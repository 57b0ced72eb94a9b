package main

import (
	"path/filepath"
	"testing"
)

// A kind is chosen by its preset, or else by the ending of a file.
func TestKindOf(t *testing.T) {
	kinds := []kind{{name: "words", endings: []string{".txt", ".tsv", ".txt.gz", ".tsv.gz"}}, {name: "other", endings: []string{".x"}}}
	folder := filepath.Join(t.TempDir(), "folder.txt")
	write(t, filepath.Join(folder, "file"), nil)
	for _, c := range []struct{ preset, config, data, want string }{
		{"", "", "a.txt", "words"}, {"", "", "a.TXT", "words"}, {"", "", "a.tsv.gz", "words"}, {"", "", "a.x", "other"}, {"", "", "-.x.gz", ""},
		{"words", "", "a.x", "words"}, {"other", "", "folder", "other"},
		{"cifar", "", "a.txt", ""}, {"", "config.json", "a.txt", "words"}, {"", "config.json", folder, ""}, {"", "", folder, ""}, {"", "", "txt", ""}, {"", "", "a.gz", ""}, {"", "", "train-images-idx3-ubyte.gz", ""},
	} {
		got := ""
		if k := kindOf(kinds, &settings{preset: c.preset, file: c.config}, &source{}, c.data); k != nil {
			got = k.name
		}
		if got != c.want {
			t.Errorf("%+v is of kind %q", c, got)
		}
	}
}

// A flag of one kind is refused with another, by its name and those of both kinds.
func TestFlagsOfAnotherKind(t *testing.T) {
	dir := t.TempDir()
	text, out := filepath.Join(dir, "text.txt"), filepath.Join(dir, "model")
	write(t, text, []byte("a few words\n"))
	for _, c := range []struct {
		says []string
		args []string
	}{
		{[]string{"--atoms is for images", "taken for words"}, []string{text, "--atoms", "9"}},
		{[]string{"--flips is for images", "taken for words"}, []string{text, "--preset", "words", "--flips"}},
		{[]string{"--holdout is for images", "taken for words"}, []string{text, "--holdout", "9"}},
		{[]string{"--min-count is for words", "taken for images", "--preset words"}, []string{idxData(t, 12, 0), "--min-count", "2"}},
		{[]string{"--min-count is for words", "taken for images"}, []string{text, "--preset", "mnist", "--min-count", "2"}},
	} {
		mustFail(t, exitUsage, c.says, append([]string{"fit", "-o", out}, c.args...)...)
		if exists(out) {
			t.Errorf("fit %v wrote a model", c.args)
		}
	}
}

// Without DATA, a model that cannot be read is what is wrong. It was said that DATA was missing.
func TestEmbedNamesTheModel(t *testing.T) {
	dir := t.TempDir()
	out, missing, damaged := filepath.Join(dir, "a.npy"), filepath.Join(dir, "missing"), filepath.Join(dir, "damaged")
	model := read(t, fitWordsSmall(t))
	model[20] ^= 1
	write(t, damaged, model)
	mustFail(t, exitFailure, []string{"model: ", missing}, "embed", missing, "-o", out)
	mustFail(t, exitFailure, []string{"model " + damaged}, "embed", damaged, "-o", out)
	mustFail(t, exitUsage, []string{"DATA is missing"}, "embed", fitSmall(t, idxData(t, 12, 0)), "-o", out)
	mustFail(t, exitUsage, []string{`unexpected argument "word"; did you mean words?`}, "demo", "word")
}
