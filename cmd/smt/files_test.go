//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

// A FIFO for a model, a configuration or statistics is refused, not waited for.
func TestFIFOsAreRefused(t *testing.T) {
	data := idxData(t, 40, 8)
	dir := t.TempDir()
	fifo, statistics, out := filepath.Join(dir, "fifo"), filepath.Join(dir, "fitted.partial"), filepath.Join(dir, "out")
	for _, path := range []string{fifo, statistics} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"info", fifo}, {"eval", fifo, data}, {"embed", fifo, data, "-o", out}, {"explain", fifo, "-o", out},
		{"serve", fifo, data}, {"fit", data, "-o", out, "--config", fifo},
	} {
		mustFail(t, exitFailure, []string{fifo, "a FIFO"}, args...)
	}
	mustFail(t, exitFailure, []string{statistics, "a FIFO"}, "fit", data, "-o", filepath.Join(dir, "fitted"), "--atoms", "64", "--dims", "8")
}

// Words from files and of their names do not reach the terminal as control characters: those of
// a model's metadata, of a tensor, of classes, of a configuration and of paths.
func TestNothingFromAFileIsObeyed(t *testing.T) {
	const bad = "\x1b[2J\u009b\u202e\a"
	plain := pngData(t, 12)
	file := read(t, fitSmall(t, plain))
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	data := in("data" + bad)
	if err := os.CopyFS(data, os.DirFS(plain)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(data, "class0"), filepath.Join(data, "class"+bad+"\nkNN top-1   100 %")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "left out"+bad+"\nkNN top-1   100 %.heic"), nil)
	model, tensor, format, config := in("model"+bad+".safetensors"), in("tensor"), in("format"), in("config"+bad)
	write(t, model, safetensorstest.Older(t, file, `\"software\":\"`, `\"software\":\"\\u001b[2J\\u009b\\u202e\\u0007`))
	write(t, tensor, safetensorstest.Older(t, file, `"parity":`, `"\u001b[2J\u009b\u202e":`))
	write(t, format, safetensorstest.Older(t, file, `smt-model`, `\u001b[2J\u009b\u202e`))
	write(t, config, []byte(`{"\u001b[2J\u009b\u202e":1}`))
	for _, args := range [][]string{
		{"info", model}, {"info", tensor}, {"info", format}, {"data", "info", data}, {"eval", model, data, "--holdout", "3"},
		{"embed", model, data, "-o", in("out" + bad)}, {"fit", data, "-o", in("fit" + bad), "--config", config},
		{"fit", data, "-o", in("none"+bad) + "/x"}, {"eval", in("missing" + bad), data}, {"info", "a" + bad, "b" + bad}, {"no" + bad},
		{"fit", data, "-o", in("model" + bad), "--atoms", "64", "--dims", "8", "--skip", "0"}, {"explain", model, "-o", in("report" + bad)},
	} {
		for _, more := range [][]string{nil, {"--json"}} {
			o := smtRun(t, append(args, more...)...)
			for name, text := range map[string]string{"output": o.stdout, "error": o.stderr} {
				if r, is := obeyed(text); is {
					t.Errorf("%q: standard %s has %U:\n%q", args, name, r, text)
				}
				if strings.Contains(text, "\nkNN top-1   100") {
					t.Errorf("%q: standard %s has a line of a class's name:\n%s", args, name, text)
				}
			}
			if o.stdout+o.stderr == "" {
				t.Errorf("%q prints nothing", args)
			}
		}
	}
}

// A file without checksums is read, and said to have none.
func TestOlderModelsAreSaidToBe(t *testing.T) {
	data := idxData(t, 60, 10)
	model := fitSmall(t, data)
	older := filepath.Join(t.TempDir(), "older.safetensors")
	write(t, older, safetensorstest.Older(t, read(t, model), "", ""))
	for path, says := range map[string]string{model: "they agree", older: "none"} {
		out := must(t, "info", path)
		if !strings.Contains(out, "checksums ") || !strings.Contains(out, says) {
			t.Errorf("info does not say %q:\n%s", says, out)
		}
		if i := mustJSON(t, []string{"checksums"}, "info", path); i["checksums"] != (path == model) {
			t.Errorf("%s: checksums is %v", path, i["checksums"])
		}
	}
	out := filepath.Join(t.TempDir(), "out.npy")
	for path, says := range map[string]bool{model: false, older: true} {
		for _, args := range [][]string{{"eval", path, data}, {"embed", path, data, "-o", out}} {
			o := smtRun(t, args...)
			if got := strings.Contains(o.stderr, "model older has no checksums"); o.code != 0 || got != says {
				t.Errorf("%s: exit code %d, says it has no checksums: %v\n%s", args, o.code, got, o.stderr)
			}
		}
	}
}
