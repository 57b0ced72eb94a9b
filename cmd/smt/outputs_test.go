package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pace"
)

// watch runs a command line with every step told, and noted.
func watch(t testing.TB, args ...string) outcome {
	t.Helper()
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	var stdout, stderr bytes.Buffer
	a := newApp(&stdout, &stderr)
	a.every = 0
	code := a.main(t.Context(), args)
	return outcome{code, stdout.String(), stderr.String()}
}

// contents are the files below a folder and what they hold.
func contents(t testing.TB, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			fmt.Fprintf(&all, "%s %q\n", path, read(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// Outputs that would destroy something, or cannot be written, are refused by every
// command before any work, and nothing is touched.
func TestOutputsAreChecked(t *testing.T) {
	home := t.TempDir()
	at := func(names ...string) string { return filepath.Join(append([]string{home}, names...)...) }
	for _, dir := range []string{"data", "photos", "folder", "report/pictures"} {
		if err := os.MkdirAll(at(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	writeIDX(t, at("data"), "train", 40)
	model, config := at("model"), at("config.json")
	write(t, model, read(t, fitSmall(t, at("data"))))
	write(t, config, []byte("{}"))
	images, labels := at("data", "train-images-idx3-ubyte"), at("data", "train-labels-idx1-ubyte")
	photos := pngData(t, 8)
	photo := filepath.Join(photos, "class0", "0000.png")
	write(t, at("report", "index.html"), []byte(`<meta name="generator" content="smt explain">`))
	write(t, at("report", "pictures", "1.png"), read(t, photo))
	if err := os.Link(photo, at("hard")); err != nil {
		t.Fatal(err)
	}
	before := contents(t, home) + contents(t, photos)
	for _, c := range []struct {
		says []string
		args []string
	}{
		{[]string{"-o", "MODEL", "would replace"}, []string{"embed", model, at("data"), "-o", model}},
		{[]string{"-o", "MODEL"}, []string{"embed", model, at("data"), "-o", at("data", "..", "model")}},
		{[]string{"--labels", "MODEL"}, []string{"embed", model, at("data"), "-o", at("a"), "--labels", model}},
		{[]string{images, "DATA"}, []string{"embed", model, at("data"), "-o", images}},
		{[]string{labels, "DATA"}, []string{"embed", model, images, "-o", at("a"), "--labels", labels}},
		{[]string{photo, "DATA"}, []string{"embed", model, photos, "-o", photo}},
		{[]string{"0000.png", "DATA"}, []string{"embed", model, photos, "-o", at("hard")}},
		{[]string{"--bank"}, []string{"embed", model, at("data"), "-o", photo, "--whiten", "4", "--bank", photos}},
		{[]string{"-o", "--labels", "one file"}, []string{"embed", model, at("data"), "-o", at("a"), "--labels", at("a")}},
		{[]string{"-o", "--labels", "one file"}, []string{"embed", model, at("data"), "-o", at("a"), "--labels", at("data", "..", "a")}},
		{[]string{"-o", "--labels", "standard output"}, []string{"embed", model, at("data"), "-o", "-", "--labels", "-"}},
		{[]string{"--ids", "MODEL"}, []string{"embed", model, at("data"), "-o", at("a"), "--ids", model}},
		{[]string{"--labels", "--ids", "one file"}, []string{"embed", model, at("data"), "-o", at("a"), "--labels", at("b"), "--ids", at("b")}},
		{[]string{"--labels", "--ids", "standard output"}, []string{"embed", model, at("data"), "-o", at("a"), "--labels", "-", "--ids", "-"}},
		{[]string{at("folder"), "folder"}, []string{"embed", model, at("data"), "-o", at("folder")}},
		{[]string{at("none", "a"), "there is no folder " + at("none")}, []string{"embed", model, at("data"), "-o", at("none", "a")}},
		{[]string{at("model", "a"), "not a directory"}, []string{"embed", model, at("data"), "-o", at("model", "a")}},
		{[]string{images, "DATA"}, []string{"fit", at("data"), "-o", images}},
		{[]string{labels, "DATA"}, []string{"fit", images, "-o", labels}},
		{[]string{"--config"}, []string{"fit", at("data"), "-o", config, "--config", config}},
		{[]string{"-o", "--cpuprofile", "one file"}, []string{"fit", at("data"), "-o", at("a"), "--cpuprofile", at("a")}},
		{[]string{"--cpuprofile", "one file"}, []string{"fit", at("data"), "-o", at("a"), "--cpuprofile", at("a.partial")}},
		{[]string{"--cpuprofile", "DATA"}, []string{"fit", at("data"), "-o", at("a"), "--cpuprofile", images}},
		{[]string{"standard output", "folder"}, []string{"fit", photos, "-o", "-", "--preset", "best"}},
		{[]string{"regular file", "folder"}, []string{"fit", photos, "-o", model, "--preset", "best"}},
		{[]string{at("folder"), "folder"}, []string{"fit", at("data"), "-o", at("folder")}},
		{[]string{"standard output", "folder"}, []string{"explain", model, at("data"), "-o", "-"}},
		{[]string{"standard output", "folder"}, []string{"explain", "toy", "-o", "-"}},
		{[]string{at("model", "report"), "not a directory"}, []string{"explain", model, at("data"), "-o", at("model", "report")}},
		{[]string{at("model"), "regular file"}, []string{"explain", model, at("data"), "-o", model}},
		{[]string{"DATA", "as a whole"}, []string{"explain", model, at("report", "pictures"), "-o", at("report")}},
		{[]string{"no folder", at("none")}, []string{"explain", "toy", "-o", at("none", "toy")}},
		{[]string{"standard output", "folder"}, []string{"demo", "-o", "-"}},
		{[]string{at("model"), "regular file"}, []string{"demo", "-o", model}},
		{[]string{"standard output", "folder"}, []string{"reproduce", "--out", "-"}},
		{[]string{at("model")}, []string{"reproduce", "--out", filepath.Join(model, "table")}},
		{[]string{"standard output", "folder"}, []string{"data", "get", "mnist", "--dir", "-"}},
		{[]string{at("model")}, []string{"data", "get", "mnist", "--dir", filepath.Join(model, "data")}},
	} {
		o := watch(t, c.args...)
		o.wantFailure(t, exitFailure, c.says...)
		if n := strings.Count(o.stderr, "\n"); n != 1 {
			t.Errorf("smt %s: it had begun to work:\n%s", strings.Join(c.args, " "), o.stderr)
		}
		if contents(t, home)+contents(t, photos) != before {
			t.Fatalf("smt %s: files have changed", strings.Join(c.args, " "))
		}
	}
}

// A folder that the system lets nobody write to, root neither.
func TestUnwritableFolder(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no /proc here")
	}
	data := idxData(t, 40, 8)
	model := fitSmall(t, data)
	for _, args := range [][]string{
		{"embed", model, data, "-o", "/proc/smt.npy"},
		{"embed", model, data, "-o", filepath.Join(t.TempDir(), "a"), "--labels", "/proc/smt.npy"},
		{"fit", data, "-o", "/proc/smt"},
		{"fit", pngData(t, 8), "-o", "/proc/smt/best", "--preset", "best"},
		{"explain", model, data, "-o", "/proc/smt"},
		{"explain", "toy", "-o", "/proc/smt"},
		{"demo", "-o", "/proc/smt"},
	} {
		o := watch(t, args...)
		o.wantFailure(t, exitFailure, "/proc/smt", "cannot be written")
		if strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("smt %s: it had begun to work:\n%s", strings.Join(args, " "), o.stderr)
		}
	}
}

// Another process that writes the same file is noticed before the work.
func TestTwoAtOnce(t *testing.T) {
	data := idxData(t, 40, 8)
	model := fitSmall(t, data)
	path := filepath.Join(t.TempDir(), "out")
	f, err := output.Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	commands := [][]string{
		{"fit", data, "-o", path},
		{"embed", model, data, "-o", path},
		{"embed", model, data, "-o", filepath.Join(t.TempDir(), "out"), "--labels", path},
	}
	for _, args := range commands {
		watch(t, args...).wantFailure(t, exitFailure, path, "another process")
	}
	if err := f.Abort(); err != nil {
		t.Fatal(err)
	}
	k, err := output.Continue(path)
	if err != nil {
		t.Fatal(err)
	}
	watch(t, commands[1]...).wantFailure(t, exitFailure, path, "another process")
	if err := k.Discard(); err != nil {
		t.Fatal(err)
	}
	must(t, commands[1]...)
}

func TestStandardOutput(t *testing.T) {
	data := idxData(t, 300, 40)
	dir := t.TempDir()
	model, out, labels := filepath.Join(dir, "model"), filepath.Join(dir, "out.npy"), filepath.Join(dir, "labels.npy")
	fit := append([]string{"fit", data}, small...)
	must(t, append(fit, "-o", model)...)
	o := smtRun(t, append(fit, "-o", "-")...)
	if o.code != 0 || o.stdout != string(read(t, model)) || !strings.Contains(o.stderr, "fitted on") {
		t.Errorf("fit -o -: exit code %d, %d bytes, %s", o.code, len(o.stdout), o.stderr)
	}
	embed := []string{"embed", model, data, "--quiet"}
	must(t, append(embed, "-o", out, "--labels", labels)...)
	o = smtRun(t, append(embed, "-o", "-")...)
	if o.code != 0 || o.stdout != string(read(t, out)) || !strings.Contains(o.stderr, "float32 340 × ") {
		t.Errorf("embed -o -: exit code %d, %d bytes, %s", o.code, len(o.stdout), o.stderr)
	}
	o = smtRun(t, append(embed, "-o", "-", "--json")...)
	if o.code != 0 || o.stdout != string(read(t, out)) {
		t.Errorf("embed -o - --json: exit code %d, %d bytes, %s", o.code, len(o.stdout), o.stderr)
	}
	decode(t, o.stderr, []string{"shape"})
	again := filepath.Join(dir, "again.npy")
	o = smtRun(t, append(embed, "-o", again, "--labels", "-")...)
	if o.code != 0 || o.stdout != string(read(t, labels)) || !bytes.Equal(read(t, again), read(t, out)) {
		t.Errorf("embed --labels -: exit code %d, %d bytes, %s", o.code, len(o.stdout), o.stderr)
	}
	if got := strings.Join(names(t, dir), " "); got != "again.npy labels.npy model out.npy" {
		t.Errorf("files are %s", got)
	}
}

// deaf is a writer that takes so many bytes.
type deaf struct{ left int }

func (d *deaf) Write(b []byte) (int, error) {
	n := min(d.left, len(b))
	d.left -= n
	if n < len(b) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

// A result that standard output does not take is an error, whoever wanted to print it.
func TestStandardOutputThatIsFull(t *testing.T) {
	data := idxData(t, 40, 8)
	model := fitSmall(t, data)
	for _, args := range [][]string{
		{"--help"}, {"help", "fit"}, {"fit", "--help"}, {"completion", "bash"}, {"version"}, {"version", "--json"},
		{"info", model}, {"data", "info", data}, {"eval", model, data},
		{"embed", model, data, "-o", "-"}, append([]string{"fit", data, "-o", "-"}, small...),
	} {
		for _, room := range []int{0, 10} {
			var stderr bytes.Buffer
			code := newApp(&deaf{room}, &stderr).main(t.Context(), append(args, "--quiet"))
			outcome{code, "", stderr.String()}.wantFailure(t, exitFailure, "standard output", "no space left")
		}
	}
	// Where the work has another result, that is there all the same.
	path := filepath.Join(t.TempDir(), "out.npy")
	if code := newApp(&deaf{}, &deaf{}).main(t.Context(), []string{"embed", model, data, "-o", path}); code != exitFailure || !exists(path) {
		t.Errorf("exit code %d, the array is there: %v", code, exists(path))
	}
}

func TestRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if _, known := output.RoomFor(path); !known {
		t.Skip("this system does not tell")
	}
	if err := roomFor(need{path: path, bytes: 1}, need{path: "-", bytes: 1 << 62}); err != nil {
		t.Error(err)
	}
	for _, needs := range [][]need{
		{{path: path, bytes: 1 << 62}},
		{{path: path, bytes: 1}, {path: path + "2", bytes: 1 << 62}},
	} {
		if err := roomFor(needs...); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "free") {
			t.Errorf("%v: %v", needs, err)
		}
	}
	r, _ := output.RoomFor(path)
	// Together they are too much, and what is there already is not needed once more.
	half := need{path: path, bytes: r.Free/2 + 1<<32}
	if err := roomFor(half, half); err == nil {
		t.Error("two outputs of more than half of what is free, and no error")
	}
	begun := path + output.Partial
	write(t, begun, nil)
	if err := os.Truncate(begun, 1<<40); err != nil { // it takes no blocks
		t.Skip(err)
	}
	for being, enough := range map[string]bool{"": false, begun: true} {
		if err := roomFor(need{path, r.Free + 1<<39, being}); (err == nil) != enough {
			t.Errorf("%q is there: %v", being, err)
		}
	}
}
