package manifold

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pace"
)

// Codes that another run has kept, and a file that is none of ours, are lost to no run: to one that keeps
// codes, to one that keeps none, and to one that knows no codes. What was not written yet is in nobody's way.
func TestCodesOfOthersStay(t *testing.T) {
	all, src := codedGroups(rand.New(rand.NewPCG(1, 1)), 4, 3)
	for name, c := range map[string]struct {
		write  func(path string)
		refuse bool
	}{
		"none":         {func(string) {}, false},
		"an empty one": {func(path string) { os.WriteFile(path, nil, 0o600) }, false},
		"no record":    {func(path string) { l, _ := openLog(path, logHead{Groups: "g"}, src); l.f.Close() }, false},
		"records": {func(path string) {
			l, _ := openLog(path, logHead{Groups: "g"}, src)
			l.append(all)
			l.f.Close()
		}, true},
		"a text":       {func(path string) { os.WriteFile(path, []byte("my thesis\n"), 0o600) }, true},
		"a short text": {func(path string) { os.WriteFile(path, []byte("hi\n"), 0o600) }, true},
		"a later log":  {func(path string) { os.WriteFile(path, laterLog(), 0o600) }, true},
	} {
		for kind, e := range engines(t) {
			if strings.HasPrefix(kind, "packed") && name == "no record" {
				continue // of another run, which a run that keeps codes says
			}
			checkpoint := filepath.Join(t.TempDir(), "m.partial")
			path := checkpoint + Codes
			c.write(path)
			before, _ := os.ReadFile(path)
			_, err := e.Learn(t.Context(), e.src, Run{Checkpoint: checkpoint, Groups: "x"})
			after, _ := os.ReadFile(path)
			switch refused := err != nil && strings.Contains(err.Error(), path); {
			case c.refuse && (!refused || !bytes.Equal(before, after)):
				t.Errorf("%s, %s: error %v", kind, name, err)
			case !c.refuse && err != nil:
				t.Errorf("%s, %s: error %v", kind, name, err)
			}
		}
	}
}

// opened counts the groups that are opened, to be coded, and can end the work at one.
type opened struct {
	Source
	n      atomic.Int64 // workers open groups
	endAt  int64
	cancel context.CancelFunc
}

func (o *opened) Open(i int, last Group) (Group, error) {
	if o.n.Add(1) == o.endAt {
		o.cancel()
	}
	return o.Source.Open(i, last)
}

// endWhileCounting ends packed statistics' work between coding and counting.
type endWhileCounting struct {
	cooccur.Statistics
	cancel context.CancelFunc
}

func (e endWhileCounting) Accumulate(ctx context.Context, batch []cooccur.Group) (int, error) {
	e.cancel()
	return e.Statistics.Accumulate(ctx, batch)
}

// A run of packed statistics that is asked to end while it counts writes no statistics, and codes no
// group again.
func TestPackedAnswersAtOnce(t *testing.T) {
	for _, name := range []string{"packed", "packed lines"} {
		e := engines(t)[name]
		want := learned(t, e)
		path := filepath.Join(t.TempDir(), "part")
		src := &opened{Source: e.src}
		run := Run{Groups: "groups", Checkpoint: path}
		k, err := e.begin(groups, run)
		if err == nil {
			err = k.catchUp(t.Context(), e.Encoder, src)
		}
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		k.done, err = e.collect(ctx, src, 0, endWhileCounting{k.s, cancel}, nil, stages{k.coded, k.counted})
		if err := k.stopped(ctx, err); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the codes of 40 are kept in "+path+Codes) {
			t.Errorf("%s: error %v", name, err)
		}
		k.close()
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: statistics were written: %v", name, err)
		}
		coded := src.n.Load()
		if coded == 0 {
			t.Fatalf("%s: nothing was coded before the end", name)
		}
		s, err := e.Learn(t.Context(), src, run)
		if err != nil {
			t.Fatal(err)
		}
		if text(s) != want {
			t.Errorf("%s: another solution", name)
		}
		if n := src.n.Load(); n != groups {
			t.Errorf("%s: %d groups were coded in all, %d of them before the end: want each of %d once", name, n, coded, groups)
		}
		for _, run := range []Run{{Groups: "others", Checkpoint: path}} {
			if _, err := e.Learn(t.Context(), src, run); err == nil || !strings.Contains(err.Error(), Codes+" is of other") {
				t.Errorf("%s: error %v of codes of others", name, err)
			}
		}
	}
}

// A run whose codes cannot be kept goes on, says so once, and its statistics are written as others are.
func TestCodesCannotBeKept(t *testing.T) {
	defer func(least time.Duration) { pace.Least = least }(pace.Least)
	pace.Least = 0
	e := engines(t)["packed"]
	want := learned(t, e)
	for name, fault := range map[string]func(path string, l *codeLog){
		"from the beginning": nil,
		"later":              func(_ string, l *codeLog) { l.f.Close() },
	} {
		path, said := filepath.Join(t.TempDir(), "part"), 0
		if fault == nil {
			if err := os.Mkdir(path+Codes, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		k, err := e.begin(groups, Run{Groups: "groups", Checkpoint: path, Warn: func(err error) {
			if said++; !strings.Contains(err.Error(), "codes cannot be kept") || !strings.Contains(err.Error(), "the fit goes on") {
				t.Errorf("%s: warned of %v", name, err)
			}
		}})
		if err == nil {
			err = k.catchUp(t.Context(), e.Encoder, e.src)
		}
		if err != nil {
			t.Fatal(err)
		}
		if k.done, err = e.collect(t.Context(), e.src.first(15), 0, k.s, nil, stages{k.coded, k.counted}); err != nil {
			t.Fatal(err)
		}
		if fault != nil {
			fault(path, k.log)
		}
		if k.done, err = e.collect(t.Context(), e.src, 15, k.s, nil, stages{k.coded, k.counted}); err != nil {
			t.Fatal(err)
		}
		s, err := e.Solve(t.Context(), k.s, nil)
		if err != nil || text(s) != want || said != 1 {
			t.Errorf("%s: warned %d times, error %v, or another solution", name, said, err)
		}
		if read, _, err := cooccur.Load(path); err != nil || read.Of().Groups != groups {
			t.Errorf("%s: the checkpoint has not all groups, error %v", name, err)
		}
	}
}
