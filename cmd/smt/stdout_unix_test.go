//go:build unix

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Standard output under another of its names, or another output that is the file it goes to,
// is seen to be one: nothing is written twice to one place, and nothing is lost.
func TestStandardOutputByOtherNames(t *testing.T) {
	if _, err := os.Stat("/dev/fd/1"); err != nil {
		t.Skip(err)
	}
	data, dir := idxData(t, 60, 10), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	model := fitSmall(t, data)
	whole := at("whole")
	must(t, "embed", model, data, "-o", whole)
	if err := os.Symlink("/dev/fd/1", at("so")); err != nil { // as /dev/stdout is
		t.Fatal(err)
	}
	run := func(script string, args ...string) outcome {
		return start(t, script, args...).outcome()
	}
	for _, c := range []struct {
		script string
		args   []string
	}{
		{`"$0" "$@" > ` + at("f"), []string{"embed", model, data, "-o", "-", "--labels", at("so")}},
		{`"$0" "$@" > ` + at("f"), []string{"embed", model, data, "-o", at("so"), "--labels", "-"}},
		{`"$0" "$@" | cat > ` + at("f") + `; exit 1`, []string{"embed", model, data, "-o", "-", "--labels", at("so")}},
		{`"$0" "$@" > ` + at("a.npy"), []string{"embed", model, data, "-o", at("a.npy"), "--labels", "-"}},
		{`"$0" "$@" > ` + at("a.npy"), []string{"embed", model, data, "-o", at("a.npy")}},
		{`"$0" "$@" > ` + at("f"), []string{"fit", data, "-o", "-", "--cpuprofile", at("so"), "--atoms", "64", "--dims", "8", "--skip", "0"}},
		{`"$0" "$@" 1<> ` + model, []string{"embed", model, data, "-o", "-"}},
	} {
		before := read(t, model)
		o := run(c.script, c.args...)
		o.wantFailure(t, exitFailure, "want ")
		if string(read(t, model)) != string(before) {
			t.Fatalf("%q: the model was written to", c.args)
		}
	}
	// By another name it is standard output: what is there stays, and the report goes elsewhere.
	write(t, at("log"), []byte("kept"))
	o := run(`"$0" "$@" >> `+at("log"), "embed", model, data, "-o", at("so"))
	if got := read(t, at("log")); o.code != 0 || string(got) != "kept"+string(read(t, whole)) {
		t.Errorf("exit code %d, %d bytes in the file that was appended to, want 4 more than %d\n%s", o.code, len(got), len(read(t, whole)), o.stderr)
	}
	if !strings.Contains(o.stderr, "embeddings") {
		t.Errorf("no report on standard error:\n%s", o.stderr)
	}
	// Another open file has a name of its own.
	o = run(`"$0" "$@" 7> `+at("seventh"), "embed", model, data, "-o", "/dev/fd/7")
	o.wantFailure(t, exitFailure, "open file number 7")
}

// A configuration may come of a pipe, as a shell makes of <(…); one that nobody writes to
// holds nothing up.
func TestConfigurationOfAPipe(t *testing.T) {
	data, dir := idxData(t, 60, 10), t.TempDir()
	config, fifo := filepath.Join(dir, "config"), filepath.Join(dir, "fifo")
	model := fitSmall(t, data)
	text, err := json.Marshal(mustJSON(t, nil, "info", model)["config"])
	if err != nil {
		t.Fatal(err)
	}
	write(t, config, text)
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, exitFailure, []string{fifo, "nobody writes"}, "fit", data, "-o", filepath.Join(dir, "m"), "--config", fifo)
	o := start(t, `cat `+config+` | "$0" "$@" --config /dev/fd/0`, "fit", data, "-o", filepath.Join(dir, "m")).outcome()
	if o.code != 0 {
		t.Fatalf("exit code %d\n%s", o.code, o.stderr)
	}
}

// Files that are at a name beside an output belong to the user.
func TestFilesBesideOutputsStay(t *testing.T) {
	data, dir := idxData(t, 60, 10), t.TempDir()
	model := fitSmall(t, data)
	out := filepath.Join(dir, "r.npy")
	for _, suffix := range []string{".new", ".tmp", ".bak", ".partial.new", ".partial.json"} {
		write(t, out+suffix, []byte("precious"))
	}
	must(t, "embed", model, data, "-o", out)
	for _, suffix := range []string{".new", ".tmp", ".bak", ".partial.new", ".partial.json"} {
		if got := string(read(t, out+suffix)); got != "precious" {
			t.Errorf("%s holds %q", suffix, got)
		}
	}
}

// A link to nothing is not replaced by a folder, and one that statistics are found by is
// followed as the model's is.
func TestLinksOfOutputs(t *testing.T) {
	data, dir := idxData(t, 60, 10), t.TempDir()
	model := fitSmall(t, data)
	at := func(name string) string { return filepath.Join(dir, name) }
	for link, to := range map[string]string{"dangling": "nowhere", "m": "sub/m"} {
		if err := os.Symlink(to, at(link)); err != nil {
			t.Fatal(err)
		}
	}
	mustFail(t, exitFailure, []string{at("dangling"), "link"}, "explain", model, "-o", at("dangling"))
	if to, err := os.Readlink(at("dangling")); err != nil || to != "nowhere" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if err := os.Mkdir(at("sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, at("sub/m.partial"), []byte("no statistics"))
	mustFail(t, exitFailure, []string{"sub/m.partial"}, "fit", data, "-o", at("m"), "--atoms", "64", "--dims", "8", "--skip", "0")
}
