package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	at := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	for _, d := range []string{"data/class/deep", "report/pictures", "empty"} {
		if err := os.MkdirAll(at(d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"model", "data/class/deep/1.png", "data/class/b.npy.smt-new", "other", "report/index.html", "report/pictures/1.png", "kept.partial"} {
		write(t, at(f), f)
	}
	for name, to := range map[string]string{"hard": "data/class/deep/1.png", "twin": "other"} {
		if err := os.Link(at(to), at(name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"link": "model", "round": "data", "data/loop": at("data")} {
		if err := os.Symlink(to, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	dot := dir + string(filepath.Separator) + "." + string(filepath.Separator)
	inputs := []Input{{"MODEL", at("model")}, {"DATA", at("data")}, {"--bank", ""}, {"--config", at("nothing")}}
	o := func(path string) Output { return Output{Flag: "-o", Path: path} }
	l := func(path string) Output { return Output{Flag: "--labels", Path: path} }
	for _, c := range []struct {
		outs []Output
		says []string // nothing: they may be written
	}{
		{[]Output{o(at("a"))}, nil},
		{[]Output{o(at("a")), l(at("b"))}, nil},
		{[]Output{o(at("other")), l("")}, nil},
		{[]Output{o(Stdout), l(at("b"))}, nil},
		{[]Output{o(at("data", "new.npy"))}, nil},
		{[]Output{{"-o", at("a"), AFile, []string{Partial}}}, nil},
		{[]Output{{"-o", at("kept"), AFile, []string{Partial}}}, nil},
		{[]Output{{"-o", at("new"), AFolder, nil}}, nil},
		{[]Output{{"-o", at("report"), AFolder, nil}}, nil},
		{[]Output{{"-o", at("new", "below"), Within, nil}}, nil},
		{[]Output{{"-o", at("empty"), Within, nil}}, nil},

		{[]Output{o(at("model"))}, []string{"-o", at("model"), "MODEL", "would replace"}},
		{[]Output{o(at("link"))}, []string{at("link"), "MODEL"}},
		{[]Output{o(dot + "model")}, []string{"MODEL"}},
		{[]Output{o(at("a")), l(at("model"))}, []string{"--labels", "MODEL"}},
		{[]Output{o(at("hard"))}, []string{at("hard"), at("data", "class", "deep", "1.png"), "DATA"}},
		{[]Output{o(at("data", "class", "deep", "1.png"))}, []string{"DATA"}},
		{[]Output{o(at("round", "class", "deep", "1.png"))}, []string{"DATA"}},
		{[]Output{o(at("data", "class", "b.npy"))}, []string{"b.npy.smt-new", "DATA"}},
		{[]Output{o(at("a")), l(at("a"))}, []string{"-o", "--labels", "one file"}},
		{[]Output{o(at("a")), l(dot + "a")}, []string{"one file"}},
		{[]Output{o(at("other")), l(at("twin"))}, []string{"one file"}},
		{[]Output{o(at("a")), l(at("a") + fresh)}, []string{"one file"}},
		{[]Output{{"-o", at("a"), AFile, []string{Partial}}, l(at("a") + Partial)}, []string{"one file"}},
		{[]Output{{"-o", at("a"), AFile, []string{Partial}}, {"--labels", at("a") + Partial + fresh, AFile, nil}}, []string{"one file"}},
		{[]Output{o(Stdout), l(Stdout)}, []string{"-o", "--labels", "standard output"}},
		{[]Output{{"-o", Stdout, AFolder, nil}}, []string{"standard output", "folder"}},
		{[]Output{{"-o", Stdout, Within, nil}}, []string{"standard output", "folder"}},
		{[]Output{o(dir)}, []string{dir, "folder"}},
		{[]Output{o(at("none", "a"))}, []string{at("none", "a"), "no such file"}},
		{[]Output{o(at("model", "a"))}, []string{at("model", "a"), "not a directory"}},
		{[]Output{{"-o", at("model"), AFolder, nil}}, []string{at("model"), "regular file", "folder"}},
		{[]Output{{"-o", at("none", "new"), AFolder, nil}}, []string{"no folder", at("none")}},
		{[]Output{{"-o", at("model", "new"), AFolder, nil}}, []string{at("model"), "not a directory"}},
		{[]Output{{"-o", at("model", "a", "b"), Within, nil}}, []string{at("model")}},
		{[]Output{{"-o", at("data"), AFolder, nil}}, []string{at("data"), "DATA", "as a whole"}},
		{[]Output{{"-o", dir, AFolder, nil}}, []string{"MODEL", "as a whole"}},
	} {
		err := Check(c.outs, inputs)
		if len(c.says) == 0 && err != nil {
			t.Errorf("%v: %v", c.outs, err)
		}
		for _, s := range c.says {
			if err == nil || !strings.Contains(err.Error(), s) {
				t.Errorf("%v: error %v, want one that says %q", c.outs, err, s)
			}
		}
	}
	// Inputs that are folders in the way of a report.
	wantError(t, Check([]Output{{"-o", at("report"), AFolder, nil}}, []Input{{"DATA", at("report", "pictures")}}), "DATA", "as a whole")

	wantNames(t, dir, "data", "empty", "hard", "kept.partial", "link", "model", "other", "report", "round", "twin")
	wantText(t, at("model"), "model")
	wantText(t, at("kept.partial"), "kept.partial")
}

// A file that may not be written is not replaced, as a rename would.
func TestCheckReadOnlyFile(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write any file")
	}
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "mine")
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	wantError(t, Check([]Output{{Flag: "-o", Path: path}}, nil), path, "permission denied")
}

// Another process that is at it is noticed before the work.
func TestCheckBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f := create(t, path)
	defer f.Abort()
	wantError(t, Check([]Output{{Flag: "-o", Path: path}}, nil), path, "another process")
}

func TestRoomFor(t *testing.T) {
	dir := t.TempDir()
	r, known := RoomFor(filepath.Join(dir, "f"))
	if !known {
		t.Skip("this system does not tell")
	}
	if r.Free < 1 {
		t.Errorf("%d bytes are free where a test has just made a folder", r.Free)
	}
	if other, _ := RoomFor(filepath.Join(dir, "g")); other.Device != r.Device {
		t.Error("two files of a folder are said to be on two file systems")
	}
	if _, known := RoomFor(filepath.Join(dir, "none", "f")); known {
		t.Error("the room of no folder is known")
	}
}
