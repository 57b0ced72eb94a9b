package reproduce

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/output"
)

// told are the lines a run tells its reader.
type told []string

func (l told) count(says string) (n int) {
	for _, line := range l {
		if strings.Contains(line, says) {
			n++
		}
	}
	return n
}

// must runs rows that have to succeed.
func must(t testing.TB, opt Options, rows []row) (*Report, told) {
	t.Helper()
	var lines told
	opt.Note = func(line string) { lines = append(lines, line) }
	p, err := run(t.Context(), opt, rows)
	if err != nil {
		t.Fatal(err)
	}
	return p, lines
}

// numbers are what has to be the same for the same work: all but what it took.
func numbers(t testing.TB, p *Report) []Result {
	t.Helper()
	var all []Result
	b, err := json.Marshal(p.Results)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Seconds, all[i].Peak = 0, 0
		for k := range all[i].Judged {
			all[i].Judged[k].Embedded, all[i].Judged[k].Judged = Cost{}, Cost{}
		}
	}
	return all
}

func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestRun(t *testing.T) {
	opt := Options{Seed: 1, Data: writeData(t), Out: filepath.Join(t.TempDir(), "new", "out")}
	p, lines := must(t, opt, tiny())

	// Six members, of which rows one and two share that of the first seed.
	if n := lines.count(": fitting"); n != 6 {
		t.Errorf("%d models were fitted, want 6:\n%s", n, strings.Join(lines, "\n"))
	}
	if n := lines.count(": embedding"); n != 6 {
		t.Errorf("%d models embedded the images, want 6", n)
	}
	models := files(t, filepath.Join(opt.Out, "models"))
	if len(models) != 12 { // and what they took
		t.Errorf("models are %q", models)
	}
	if left := files(t, filepath.Join(opt.Out, "embeddings")); left != nil {
		t.Errorf("embeddings are left: %q", left)
	}

	if len(p.Results) != 4 {
		t.Fatalf("%d results, want 4", len(p.Results))
	}
	for i, m := range p.Results {
		w := tiny()[i]
		if m.Row != w.name || (m.Paper == nil) != (w.paper == 0) || m.Seed != 1 || len(m.Judged) != w.seeds || m.Quick {
			t.Errorf("result %d is %+v", i, m)
		}
		if m.Top1 < 0.3 || m.Top5 < m.Top1 || m.CorrectedTop1 < 0.3 || m.WhitenedTop1 == nil || *m.WhitenedTop1 < 0.3 || m.Probe < 0.3 { // chance is 1/10 and 1/20
			t.Errorf("%s: top-1 %g, top-5 %g, corrected %g, probe %g", m.Row, m.Top1, m.Top5, m.CorrectedTop1, m.Probe)
		}
		if coarse := m.Row == "hundred"; coarse != (m.CoarseTop1 != nil) || coarse && *m.CoarseTop1 < 0.3 {
			t.Errorf("%s: coarse top-1 %v", m.Row, m.CoarseTop1)
		}
		if (m.Deviation != nil) != (w.seeds > 1) {
			t.Errorf("%s: deviation %v of %d seeds", m.Row, m.Deviation, w.seeds)
		}
		if m.Seconds <= 0 || m.Peak <= 0 || m.Revision == "" || m.Machine.Cores < 1 {
			t.Errorf("%s: %g s, %d bytes, revision %q on %v", m.Row, m.Seconds, m.Peak, m.Revision, m.Machine)
		}
		for k, want := range w.members {
			counted, sampled := trainImages, min(trainImages, want.Config.Sample)
			if want.Config.Images > 0 {
				counted = want.Config.Images
			}
			for _, j := range m.Judged {
				if d := j.Fitted[k]; d.Images != trainImages || d.Counted != counted || d.Sampled != sampled {
					t.Errorf("%s: model %d is fitted on %+v, want %d images, %d counted, %d sampled", m.Row, k, d, trainImages, counted, sampled)
				}
			}
		}
		for _, j := range m.Judged {
			if j.Whitened.Components < 1 || j.Whitened.Hubs != 0 || j.Whitened.Temperature != w.whitened || j.Corrected.Components != 0 || j.KNN.Components != 0 {
				t.Errorf("%s: judged by %+v", m.Row, j.Whitened.Protocol)
			}
			if hubs := j.Corrected.Hubs; hubs != trainImages || // of a bank of so many, not hubSample
				j.KNN.Hubs != 0 || j.KNN.K != 30 || j.KNN.Temperature != w.temperature || j.Corrected.Temperature != w.corrected {
				t.Errorf("%s: judged by %+v and %+v", m.Row, j.KNN.Protocol, j.Corrected.Protocol)
			}
		}
		if log := read(t, filepath.Join(opt.Out, m.Row, "log")); !strings.Contains(log, "kNN: top-1") || !strings.Contains(log, " on 200 images") && !strings.Contains(log, "is there") || !strings.Contains(log, "searching bank: 200 in") {
			t.Errorf("%s: the log is\n%s", m.Row, log)
		}
	}
	if mean := p.Results[1]; mean.Judged[0].Seed != 1 || mean.Judged[1].Seed != 2 || mean.Top1 != (mean.Judged[0].KNN.Top1+mean.Judged[1].KNN.Top1)/2 {
		t.Errorf("the mean of two seeds is %g of %+v", mean.Top1, mean.Judged)
	}

	checkJSON(t, filepath.Join(opt.Out, "results.json"), p)
	md := read(t, filepath.Join(opt.Out, "results.md"))
	var text strings.Builder
	p.Text(&text)
	for _, says := range []string{"digits", "90.00", "±", "hundred", "200 images", "200 images, statistics of 150 of them"} {
		if !strings.Contains(md, says) || !strings.Contains(text.String(), says) {
			t.Errorf("no %q in\n%s\nor in\n%s", says, md, &text)
		}
	}
	if strings.Contains(md, quickWarning) {
		t.Error("full results are said to be quick ones")
	}

	again, lines := must(t, opt, tiny())
	if !reflect.DeepEqual(again, p) || lines.count("is done") != 4 || len(lines) != 4 {
		t.Errorf("run again, it said %q and came to\n%+v, before\n%+v", lines, again, p)
	}
	// A row without its metrics is judged again, by the models that are there.
	if err := os.RemoveAll(filepath.Join(opt.Out, "two")); err != nil {
		t.Fatal(err)
	}
	third, lines := must(t, opt, tiny())
	if lines.count(": fitting") != 0 || lines.count(": the model is there") != 2 || !reflect.DeepEqual(numbers(t, third), numbers(t, p)) {
		t.Errorf("judged again, it said %q and came to\n%+v, before\n%+v", lines, third, p)
	}
	// Another seed is other work.
	opt.Seed, opt.Rows = 2, []string{"two", "digits"}
	other, lines := must(t, opt, tiny())
	if lines.count("another configuration") != 2 || other.Results[0].Seed != 2 || other.Results[1].Seed != 1 {
		t.Errorf("with another seed it said %q and came to %+v", lines, other)
	}
	if lines.count(": fitting") != 2 { // seed 2 of row one was fitted before
		t.Errorf("with another seed it said %q", lines)
	}
}

// checkJSON compares results.json with the schema it promises.
func checkJSON(t *testing.T, path string, p *Report) {
	t.Helper()
	var rows []map[string]any
	if err := json.Unmarshal([]byte(read(t, path)), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(p.Results) {
		t.Fatalf("%d results in %s, want %d", len(rows), path, len(p.Results))
	}
	for i, object := range rows {
		for _, key := range []string{"row", "paper", "top1", "top5", "probe", "seconds", "peak_rss_bytes", "seed", "revision"} {
			if _, found := object[key]; !found {
				t.Errorf("no key %q in result %d", key, i)
			}
		}
		if object["row"] != p.Results[i].Row || object["top1"] != p.Results[i].Top1 {
			t.Errorf("result %d is %v", i, object)
		}
	}
	if rows[0]["paper"] != 0.9 || rows[2]["paper"] != nil {
		t.Errorf("the paper's numbers are %v and %v, want 0.9 and null", rows[0]["paper"], rows[2]["paper"])
	}
}

func TestRunErrors(t *testing.T) {
	data := writeData(t)
	opt := Options{Seed: 1, Data: data, Out: t.TempDir(), Rows: []string{"digits"}}
	try := func(change func(*Options)) error {
		o := opt
		change(&o)
		_, err := run(t.Context(), o, tiny())
		return err
	}
	err := try(func(o *Options) { o.Rows = []string{"digits", "letters"} })
	wantError(t, err, `row "letters": want one of digits, one, two, hundred`)
	if _, ok := errors.AsType[UnknownRow](err); !ok {
		t.Errorf("%T is no UnknownRow", err)
	}
	images := t.TempDir()
	if err := os.Mkdir(filepath.Join(images, "test"), 0o755); err != nil {
		t.Fatal(err)
	}
	wantError(t, try(func(o *Options) { o.Out = images }), images, "holds test", "not of reproduce")
	if left := files(t, images); len(left) != 1 {
		t.Errorf("%v in a folder that was refused", left)
	}
	must(t, opt, tiny())
	wantError(t, try(func(o *Options) { o.Quick = true }), opt.Out, "full results", "quick ones")

	unlock, err := output.Lock(filepath.Join(opt.Out, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := try(func(*Options) {}); err != nil { // a system without locks finds nothing wrong
		wantError(t, err, opt.Out, "another process")
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}

	metrics := filepath.Join(opt.Out, "digits", "metrics.json")
	good := read(t, metrics)
	for _, bad := range []string{"", "{", good + "{}", strings.Replace(good, "top1", "top2", 1)} {
		write(t, metrics, []byte(bad))
		wantError(t, try(func(*Options) {}), metrics, "remove it")
	}
	if err := os.Remove(metrics); err != nil {
		t.Fatal(err)
	}
	models := files(t, filepath.Join(opt.Out, "models"))
	model := filepath.Join(opt.Out, "models", models[slices.IndexFunc(models, func(n string) bool { return strings.HasSuffix(n, ".safetensors") })])
	write(t, model, []byte(read(t, model)+"\n"))
	wantError(t, try(func(*Options) {}), model, "has changed")
	if err := os.Remove(model); err != nil {
		t.Fatal(err)
	}
	if _, lines := must(t, opt, tiny()); lines.count(": fitting") != 1 {
		t.Errorf("without its model it said %q", lines)
	}
}

func TestMemoryIsCheckedFirst(t *testing.T) {
	rows := tiny()
	rows[1].members = slices.Clone(rows[1].members)
	rows[1].members[0].Config.Atoms = 1 << 22 // some TiB
	opt := Options{Seed: 1, Data: writeData(t), Out: t.TempDir(), Rows: []string{"digits", "one"}}
	_, err := run(t.Context(), opt, rows)
	if err != nil && strings.Contains(err.Error(), "atoms is") {
		t.Skip("the system does not tell how much memory there is")
	}
	wantError(t, err, "do not fit: one, which takes about", "these do fit: digits")
	if _, err := os.Stat(filepath.Join(opt.Out, "digits")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("work was begun: %v", err)
	}
}

func TestQuickTable(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range table() {
		for _, m := range w.members {
			if err := m.Config.Validate(); err != nil {
				t.Errorf("%s: %v", w.name, err)
			}
		}
		q := w.quickened()
		for i, m := range q.members {
			if err := m.Config.Validate(); err != nil {
				t.Errorf("%s, quick: %v", w.name, err)
			}
			if m.Config.Atoms > 2048 || 4*m.Config.Atoms > w.members[i].Config.Atoms {
				t.Errorf("%s: %d atoms, quick %d", w.name, w.members[i].Config.Atoms, m.Config.Atoms)
			}
		}
		if seen[w.name] {
			t.Errorf("row %s comes twice", w.name)
		}
		seen[w.name] = true
	}
	want := "mnist mnist-best cifar10-8192 cifar10-65536 cifar10-65536-gray cifar100-65536 cifar100-65536-gray cifar10-best cifar100-best words vectors atoms video-shapes video-footage"
	if got := strings.Join(Names(), " "); got != want {
		t.Errorf("rows are %s, want %s", got, want)
	}
}
