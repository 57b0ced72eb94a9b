package reproduce

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/readout"
)

func TestReadoutOfARow(t *testing.T) {
	opt := Options{Seed: 1, Data: writeData(t), Out: t.TempDir(), Rows: []string{"digits", "two"}}
	p, lines := must(t, opt, tiny())
	if lines.count("readout of 1 label a class by spreading") != 2 || lines.count("readout of all labels by ridge+vote") != 2 {
		t.Errorf("it said\n%s", strings.Join(lines, "\n"))
	}
	for _, m := range p.Results {
		j := m.Judged[0]
		if len(j.Readout) != 3 { // 500 and 100 of each of ten classes are more than 200 images
			t.Fatalf("%s: readings %+v, want those of 1, 10 and all", m.Row, j.Readout)
		}
		for i, want := range []Reading{{Labels: 1, Method: readout.Spreading}, {Labels: 10, Method: readout.Spreading}, {Method: readout.RidgeVote}} {
			of, draws := j.Readout[i], labelDraws
			if want.Labels == 0 {
				draws = 1
			}
			if of.Labels != want.Labels || of.Method != want.Method || len(of.Top1) != draws || len(of.Vote) != draws || len(of.Loss) != draws {
				t.Errorf("%s: reading %+v, want %d draws of %+v", m.Row, of, draws, want)
			}
			for d := range of.Top1 {
				if of.Top1[d] < 0.3 || of.Vote[d] < 0.3 || !(of.Loss[d] > 0 && of.Loss[d] < 2*math.Log(10)) { // chance is 1/10
					t.Errorf("%s: reading %+v", m.Row, of)
				}
			}
		}
		if all := j.Readout[2]; *m.ReadoutTop1 != all.Top1[0] || all.Vote[0] != j.Components.Top1 {
			t.Errorf("%s: all labels: %+v, want %g, and %g of the vote on components", m.Row, all, *m.ReadoutTop1, j.Components.Top1)
		}
	}
	var text strings.Builder
	p.Text(&text)
	for _, says := range []string{"row\tlabels a class\t1\t10\tall", "two\tits method\tspreading\tspreading\tridge+vote"} {
		if !strings.Contains(text.String(), says) || !strings.Contains(p.Markdown(), strings.ReplaceAll(says, "\t", " | ")) {
			t.Errorf("no %q in\n%s\nor in\n%s", says, &text, p.Markdown())
		}
	}
}

// A row of a version that read nothing out is done, with a dash. If its embeddings are there, what is missing is judged on them, and
// nothing else.
func TestReadoutIsAddedToARowThatIsDone(t *testing.T) {
	opt := Options{Seed: 1, Data: writeData(t), Out: t.TempDir(), Rows: []string{"two"}}
	saved := map[string]string{}
	opt.Progress = func(stage string, _, _ int) {
		if stage == "training probe" { // the embeddings are about to go
			for _, name := range files(t, filepath.Join(opt.Out, "embeddings")) {
				saved[name] = read(t, filepath.Join(opt.Out, "embeddings", name))
			}
		}
	}
	want, _ := must(t, opt, tiny())
	opt.Progress = nil

	metrics := filepath.Join(opt.Out, "two", "metrics.json")
	var before map[string]any
	if err := json.Unmarshal([]byte(read(t, metrics)), &before); err != nil {
		t.Fatal(err)
	}
	delete(before, "readout_top1")
	delete(before["judgements"].([]any)[0].(map[string]any), "readout")
	b, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	write(t, metrics, b)
	p, lines := must(t, opt, tiny())
	if lines.count("two is done") != 1 || len(lines) != 1 || p.Results[0].ReadoutTop1 != nil || p.Results[0].Top1 != want.Results[0].Top1 {
		t.Errorf("without embeddings it said %q and came to %+v", lines, p.Results[0])
	}
	if cells := p.Results[0].cells(); cells[9] != "–" || p.readoutTable() != nil {
		t.Errorf("cells %q and a table %q, want a dash and none", cells, p.readoutTable())
	}
	for name, b := range saved {
		write(t, filepath.Join(opt.Out, "embeddings", name), []byte(b))
	}
	p, lines = must(t, opt, tiny())
	if lines.count("asked less") != 1 || lines.count(": fitting")+lines.count(": embedding")+lines.count("kNN") != 0 || lines.count("readout of") != 3 {
		t.Errorf("with embeddings it said\n%s", strings.Join(lines, "\n"))
	}
	if !reflect.DeepEqual(numbers(t, p), numbers(t, want)) {
		t.Errorf("completed it is\n%+v, want\n%+v", numbers(t, p), numbers(t, want))
	}
	if left := files(t, filepath.Join(opt.Out, "embeddings")); left != nil {
		t.Errorf("embeddings are left: %q", left)
	}
	if _, err := os.Stat(filepath.Join(opt.Out, "two", "partial.json")); err == nil {
		t.Error("partial.json is left")
	}
}

// A row of the models, images and votes of another is judged with that.
func TestTheSameRowIsJudgedOnce(t *testing.T) {
	rows := tiny()
	again := rows[2]
	again.name, again.goal = "again", 0.9
	opt := Options{Seed: 1, Data: writeData(t), Out: t.TempDir(), Rows: []string{"two", "again"}}
	p, lines := must(t, opt, append(rows, again))
	if lines.count("hubs corrected: top-1") != 1 || lines.count("again has the models, images and votes of two") != 1 {
		t.Errorf("it said\n%s", strings.Join(lines, "\n"))
	}
	if all := numbers(t, p); len(all) != 2 || *all[1].Goal != 0.9 || !reflect.DeepEqual(all[0].Judged, all[1].Judged) {
		t.Errorf("results %+v", all)
	}
	if left := files(t, filepath.Join(opt.Out, "embeddings")); len(left) != 0 {
		t.Errorf("embeddings are left: %v", left)
	}
}
