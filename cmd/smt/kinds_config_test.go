package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"reflect"
	"testing"
)

// A fit goes by the configuration of another, as smt info has it, to the byte, but for what flags say.
func TestFitKindsByConfig(t *testing.T) {
	dir := t.TempDir()
	clip := filmed(t, dir, "a.y4m", 120, 1)
	circle := npyFile(t, filepath.Join(dir, "circle.npy"), circlePoints(300), 2)
	file := filepath.Join(dir, "config.json")
	for kind, c := range map[string]struct {
		data  string
		flags []string // that differ from the preset in fields of all types
		flag  []string // that overrides the file
		field string
		value any
		bad   string // a field
		says  string // of 0 in it
		other string // a flag that 0 is a bad value of
	}{
		"vectors": {circle, []string{"--atoms", "40", "--neighbours", "6", "--smooth", "3", "--active", "9", "--mutual", "--dictionary", "exemplars", "--ridge", "0.001", "--seed", "5"},
			[]string{"--active", "7"}, "active", 7.0, "neighbours", "config " + file + ": neighbours is 0", "--neighbours"},
		"video": {clip, []string{"--atoms", "60", "--dims", "6", "--threshold", "0.4", "--difference", "2", "--colour", "--size", "20x24", "--seed", "5", "--ridge", "0.001"},
			[]string{"--dims", "4"}, "dims", 4.0, "radius", "config " + file + ": radius is 0", "--dims"},
	} {
		first, again := filepath.Join(dir, kind+"1"), filepath.Join(dir, kind+"2")
		must(t, append([]string{"fit", c.data, "-o", first}, c.flags...)...)
		config := mustJSON(t, []string{"config"}, "info", first)["config"].(map[string]any)
		put := func(change func(map[string]any)) {
			t.Helper()
			change(config)
			b, err := json.Marshal(config)
			if err != nil {
				t.Fatal(err)
			}
			write(t, file, b)
		}
		put(func(map[string]any) {})
		must(t, "fit", c.data, "-o", again, "--config", file, "--preset", kind)
		if !bytes.Equal(read(t, first), read(t, again)) {
			t.Errorf("%s: the model by the configuration of another is not the same", kind)
		}
		must(t, append([]string{"fit", c.data, "-o", again, "--config", file}, c.flag...)...)
		want := maps.Clone(config)
		want[c.field] = c.value
		if got := mustJSON(t, []string{"config"}, "info", again)["config"]; !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s: configuration %v, want %v", kind, got, want)
		}

		mustFail(t, exitUsage, []string{c.other + " is 0"}, "fit", c.data, "-o", again, "--config", file, c.other, "0")
		put(func(m map[string]any) { m[c.bad] = 0 })
		mustFail(t, exitUsage, []string{c.says}, "fit", c.data, "-o", again, "--config", file)
		put(func(m map[string]any) { m["nosuch"] = 0 })
		mustFail(t, exitUsage, []string{file, "nosuch"}, "fit", c.data, "-o", again, "--config", file)
		mustFail(t, exitFailure, []string{"--config"}, "fit", c.data, "-o", file, "--config", file)
	}
}
