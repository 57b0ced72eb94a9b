package main

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt"
)

// jsonFields are the fields of a struct as its JSON has them, those of structs in it by
// their path.
func jsonFields(t reflect.Type, path ...string) (all [][]string) {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if at := append(append([]string(nil), path...), name); t.Field(i).Type.Kind() == reflect.Struct {
			all = append(all, jsonFields(t.Field(i).Type, at...)...)
		} else {
			all = append(all, at)
		}
	}
	return all
}

// with is a configuration as JSON with one field of another value.
func with(t *testing.T, preset string, path []string, value any) []byte {
	t.Helper()
	c, err := smt.Preset(preset)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(b, &object); err != nil {
		t.Fatal(err)
	}
	in := object
	for _, name := range path[:len(path)-1] {
		in = in[name].(map[string]any)
	}
	in[path[len(path)-1]] = value
	if b, err = json.Marshal(object); err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever is wrong with the file of --config, the error names the file and the field, and
// nothing is made.
func TestConfigErrorsNameFileAndField(t *testing.T) {
	gray, colour := idxData(t, 8, 0), pngData(t, 8)
	dir := t.TempDir()
	file, out := filepath.Join(dir, "of mine.json"), filepath.Join(dir, "model")
	refused := func(data string, text []byte, field string) {
		t.Helper()
		write(t, file, text)
		o := smtRun(t, "fit", data, "-o", out, "--config", file, "--quiet")
		o.wantFailure(t, exitUsage, file, field)
		if strings.Contains(o.stderr, "unmarshal") || strings.Contains(o.stderr, " Go ") {
			t.Errorf("in Go's words: %s", o.stderr)
		}
	}
	// Values that are of the field's type and out of its range; of a number -1 is one.
	beyond := map[string][]any{
		"patch": {0, 257}, "epsilon": {}, "atoms": {1, 65537}, "max_cosine": {0}, "threshold": {0, 1}, "step": {1 << 30, 2},
		"dims": {0, 8193}, "skip": {8192}, "ridge": {1}, "pool": {0}, "stride": {0, 1 << 30}, "thin": {3, 5, 1 << 30}, "spectrum": {1 << 30}, "components": {}, "power": {1.5},
		"radius": {0, 1 << 30}, "difference": {0, 3}, "sample": {}, "images": {}, "seed": {1.5},
	}
	for _, path := range jsonFields(reflect.TypeFor[smt.Config]()) {
		field := path[len(path)-1]
		preset, data := "mnist", gray // whose context is a window
		if field == "epsilon" {
			preset, data = "cifar", colour // which are whitened
		}
		var kind any = -1
		c, err := smt.Preset(preset)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(c)
		var object map[string]any
		if err := json.Unmarshal(b, &object); err != nil {
			t.Fatal(err)
		}
		for _, name := range path[:len(path)-1] {
			object = object[name].(map[string]any)
		}
		values := append([]any{map[string]any{"a": 1}, []any{}, "a word"}, beyond[field]...)
		switch object[field].(type) {
		case string, nil: // a word or, of spectrum or thin, a number that is left out
			if object[field] != nil {
				kind = 7
			}
		case bool:
			kind = 1
		}
		for _, v := range append(values, kind) {
			refused(data, with(t, preset, path, v), field)
		}
		misspelt := append(append([]string(nil), path[:len(path)-1]...), field+"z")
		refused(data, with(t, preset, misspelt, 1), field+"z")
	}
	good := with(t, "mnist", []string{"atoms"}, 64)
	for says, text := range map[string]string{
		"patch":      "{}",
		"JSON":       string(good) + "{}",
		"unexpected": string(good[:len(good)-1]),
		"character":  "atoms: 64",
	} {
		refused(gray, []byte(text), says)
	}
	if exists(out) {
		t.Error("a model was made")
	}
}

// A flag that does not go with the file is not said to be in it.
func TestConfigErrorsOfFlags(t *testing.T) {
	data, dir := idxData(t, 8, 0), t.TempDir()
	file := filepath.Join(dir, "c.json")
	write(t, file, with(t, "mnist", []string{"atoms"}, 256))
	mustFail(t, exitUsage, []string{"config " + file + " with the flags given: dims is 128: want at most the 64 atoms"},
		"fit", data, "-o", filepath.Join(dir, "m"), "--config", file, "--atoms", "64")
	mustFail(t, exitUsage, []string{"smt: config: patch is 0"}, "fit", data, "-o", filepath.Join(dir, "m"), "--patch", "0")
	// A flag may set right what is wrong in the file.
	write(t, file, with(t, "mnist", []string{"patch"}, 0))
	must(t, "fit", data, "-o", filepath.Join(dir, "m"), "--config", file, "--patch", "6", "--atoms", "64", "--dims", "8", "--max-cosine", "1", "--quiet")
}
