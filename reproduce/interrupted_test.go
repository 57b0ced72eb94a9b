package reproduce

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/internal/pace"
)

// Stopped anywhere, and in one folder again and again, a run comes to the numbers
// and the models of one that was never stopped.
func TestInterruptedRunGoesOn(t *testing.T) {
	data := writeData(t)
	rows := tiny()[2:3]
	whole := Options{Seed: 1, Data: data, Out: t.TempDir()}
	want, _ := must(t, whole, rows)

	opt := Options{Seed: 1, Data: data, Out: t.TempDir()}
	stops := []struct {
		stage string
		nth   int // time that some of it is done
	}{{"reading images", 1}, {"dictionary", 1}, {"statistics", 1}, {"solving", 1}, {"embedding test", 1}, {"embedding train", 1}, {"whitening", 1}, {"statistics", 1},
		{"embedding train", 1}, {"searching bank", 1}, {"holding components", 1}, {"components", 1}, {"sampling bank", 1}, {"searching bank", 1},
		{"reading bank", 1}, {"training probe", 1}}
	for i, s := range stops {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		opt.Progress = func(stage string, done, total int) {
			if stage == s.stage && done > 0 {
				if seen++; seen == s.nth {
					cancel()
				}
			}
		}
		_, err := run(ctx, opt, rows)
		cancel()
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "same command goes on") || !strings.Contains(err.Error(), "two") {
			t.Fatalf("stop %d, in %s: %v", i, s.stage, err)
		}
		if _, err := os.Stat(filepath.Join(opt.Out, "two", "metrics.json")); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("stop %d, in %s: there are metrics: %v", i, s.stage, err)
		}
	}
	opt.Progress = nil
	got, lines := must(t, opt, rows)
	if lines.count("the model is there") != 2 || lines.count("the embeddings are there") != 2 || lines.count("kNN: top-1") != 0 || lines.count("corrected") != 0 || lines.count("linear probe") != 1 {
		t.Errorf("the last run said %q", lines)
	}
	if !reflect.DeepEqual(numbers(t, got), numbers(t, want)) {
		t.Errorf("%+v of interrupted runs, want %+v", numbers(t, got), numbers(t, want))
	}
	for _, name := range files(t, filepath.Join(whole.Out, "models")) {
		if strings.HasSuffix(name, ".safetensors") && read(t, filepath.Join(opt.Out, "models", name)) != read(t, filepath.Join(whole.Out, "models", name)) {
			t.Errorf("%s differs", name)
		}
	}
	if log := read(t, filepath.Join(opt.Out, "two", "log")); strings.Count(log, "stopped: ") != len(stops) {
		t.Errorf("the log does not tell of %d stops:\n%s", len(stops), log)
	}
	if n := len(files(t, filepath.Join(opt.Out, "embeddings"))); n != 0 {
		t.Errorf("%d files of embeddings are left", n)
	}
	if got.Results[0].Seconds <= 0 {
		t.Error("no time was counted")
	}
}

// The statistics of a job stay until its model and the digest of that are on disk: killed
// in between, the next run only solves.
func TestCheckpointOutlivesFit(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	rows := tiny()[:1]
	opt := Options{Data: writeData(t), Out: t.TempDir()}
	im, err := mnist.open(t.Context(), opt.Data, false)
	if err != nil {
		t.Fatal(err)
	}
	defer im.set.Close()
	first := -1
	r := &runner{opt: opt, images: map[*data]*images{mnist: im}}
	r.opt.Progress = func(stage string, done, total int) {
		if stage == "statistics" && first < 0 {
			first = done
		}
	}
	for _, dir := range []string{"models", "embeddings"} {
		if err := os.MkdirAll(filepath.Join(opt.Out, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	j := newJob(mnist, im, rows[0].members[0], 1)
	var once, again jobState
	if err := r.fit(t.Context(), j, &once); err != nil {
		t.Fatal(err)
	}
	first = -1
	if err := r.fit(t.Context(), j, &again); err != nil || again.Model != once.Model { // as nothing says that the first one ended
		t.Fatalf("fitted again the model is %s, was %s: %v", again.Model, once.Model, err)
	}
	if n := j.Config.Images; first != n {
		t.Errorf("the second fit counted from image %d of %d on", first, n)
	}
	if _, err := r.finish(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if exists(r.checkpointPath(j)) {
		t.Error("the statistics of a model that is there stay")
	}
}
