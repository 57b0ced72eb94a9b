package manifold

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/sparse"
)

const logAtoms = 300

// codedGroups are groups of drawn codes, of so many units or, for 0, of drawn ones, and a source that has their topologies.
func codedGroups(rng *rand.Rand, n, units int) ([]cooccur.Group, Source) {
	var all []cooccur.Group
	var topologies []cooccur.Topology
	for range n {
		g := cooccur.Group{Codes: new(sparse.Codes), Topology: cooccur.Grid{cmp.Or(units, rng.IntN(4))}}
		g.Codes.Reset()
		for range g.Topology.Units() {
			var row []uint16
			for a := range logAtoms {
				if rng.IntN(40) == 0 {
					row = append(row, uint16(a))
				}
			}
			g.Codes.Add(row...)
		}
		all, topologies = append(all, g), append(topologies, g.Topology)
	}
	return all, walks(rng, topologies...)
}

func same(a, b cooccur.Group) bool {
	return reflect.DeepEqual(a.Codes.Start, b.Codes.Start) && bytes.Equal(appendRecord(nil, a.Codes), appendRecord(nil, b.Codes))
}

// readAll reads a log until its end, or until a record is damaged.
func readAll(l *codeLog, src Source) (all []cooccur.Group) {
	for at := l.begin; l.head.First+len(all) < l.end; {
		g := cooccur.Group{Codes: new(sparse.Codes)}
		next, err := l.read(src, l.head.First+len(all), logAtoms, at, &g)
		if err != nil {
			return all
		}
		all, at = append(all, g), next
	}
	return all
}

// Wherever a log breaks off, and whatever byte of it changes, what is read of it are the first groups that
// were appended, as they were; all of those before the place.
func TestCodeLogDamaged(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		first, n := rapid.IntRange(0, 3).Draw(rt, "first"), rapid.IntRange(1, 12).Draw(rt, "groups")
		all, src := codedGroups(rng, first+n, 0)
		all = all[first:]
		path := filepath.Join(t.TempDir(), "codes")
		head := logHead{Groups: "g", Encoder: "e", First: first}
		open := func() *codeLog {
			l, err := openLog(path, head, src)
			if err != nil {
				rt.Fatal(err)
			}
			return l
		}
		l := open()
		ends := []int64{l.size} // of records
		for i := range all {
			if rapid.Bool().Draw(rt, "again") {
				l.f.Close()
				l = open()
			}
			if err := l.append(all[i : i+1]); err != nil {
				rt.Fatal(err)
			}
			ends = append(ends, l.size)
		}
		l.f.Close()
		b, err := os.ReadFile(path)
		if err != nil || int64(len(b)) != l.size {
			rt.Fatalf("%d bytes, want %d, error %v", len(b), l.size, err)
		}
		place := rapid.IntRange(0, len(b)-1).Draw(rt, "place")
		if rapid.Bool().Draw(rt, "cut") {
			b = b[:place]
		} else {
			b[place] ^= 1 << rng.IntN(8)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			rt.Fatal(err)
		}
		whole := 0 // records before the place
		for whole < n && ends[whole+1] <= int64(place) {
			whole++
		}
		if begins := b[:min(len(b), 4+len(logBegins))]; len(b) > 0 && (len(b) <= 4 || !strings.HasPrefix(logBegins, string(begins[4:]))) {
			if _, err := openLog(path, head, src); !errors.Is(err, errNoLog) {
				rt.Fatalf("a file that does not begin as a log: error %v", err)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, b) {
				rt.Fatal("a file that does not begin as a log was changed")
			}
			return
		}
		l = open()
		defer l.f.Close()
		got := readAll(l, src)
		if int64(place) < ends[0] {
			whole = 0
		}
		if len(got) != whole {
			rt.Fatalf("%d groups are read, want %d of %d", len(got), whole, n)
		}
		for i, g := range got {
			if !same(g, all[i]) {
				rt.Fatalf("group %d is not what was appended", i)
			}
		}
	})
}

// A log of other groups or another encoder is told from one that is from before the checkpoint.
func TestCodeLogOfOthers(t *testing.T) {
	all, src := codedGroups(rand.New(rand.NewPCG(1, 1)), 4, 3)
	head := logHead{Groups: "g", Encoder: "e"}
	for name, c := range map[string]struct {
		change  func(*logHead)
		foreign bool
		groups  int
	}{
		"the same":         {func(*logHead) {}, false, 4},
		"other groups":     {func(h *logHead) { h.Groups = "x" }, true, 0},
		"another encoder":  {func(h *logHead) { h.Encoder = "x" }, true, 0},
		"counted groups":   {func(h *logHead) { h.First = 3 }, false, 0},
		"other first too":  {func(h *logHead) { h.First, h.Groups = 3, "x" }, true, 0},
		"only the comment": {func(h *logHead) { h.Config = "x" }, false, 4},
	} {
		path := filepath.Join(t.TempDir(), "codes")
		l, err := openLog(path, head, src)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.append(all); err != nil {
			t.Fatal(err)
		}
		l.f.Close()
		before, _ := os.ReadFile(path)
		other := head
		c.change(&other)
		l, err = openLog(path, other, src)
		if _, foreign := errors.AsType[*foreignError](err); foreign != c.foreign {
			t.Fatalf("%s: error %v", name, err)
		}
		if c.foreign {
			if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
				t.Errorf("%s: the file was changed", name)
			}
			continue
		}
		if got := readAll(l, src); len(got) != c.groups {
			t.Errorf("%s: %d groups, want %d", name, len(got), c.groups)
		}
		l.f.Close()
	}
}

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

// laterLog is a head of a later version.
func laterLog() []byte {
	text := logBegins + `,"version":2}`
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
	return withSum(append(b, text...))
}

// opened counts the groups that are opened, to be coded, and can end the work at one.
type opened struct {
	Source
	n      int
	endAt  int
	cancel context.CancelFunc
}

func (o *opened) Open(i int, last Group) (Group, error) {
	if o.n++; o.n == o.endAt {
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
		coded := src.n
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
		if src.n != groups {
			t.Errorf("%s: %d groups were coded in all, %d of them before the end: want each of %d once", name, src.n, coded, groups)
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

// Whatever a log has, what is read of it are codes, and those that it has.
func FuzzCodeLog(f *testing.F) {
	all, src := codedGroups(rand.New(rand.NewPCG(3, 3)), 3, 0)
	for _, g := range all {
		b := appendRecord(nil, g.Codes)
		f.Add(b[:len(b)-4], true)
	}
	f.Add([]byte("\x02\x00\x00\x00{}"), false)
	f.Fuzz(func(t *testing.T, b []byte, records bool) {
		path := filepath.Join(t.TempDir(), "codes")
		if records { // the sums are right, after the right head
			l, err := openLog(path, logHead{Groups: "g", Encoder: "e"}, src)
			if err != nil {
				t.Fatal(err)
			}
			_, err = l.f.WriteAt(withSum(slices.Clone(b)), l.size)
			if l.f.Close(); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := openLog(path, logHead{Groups: "g", Encoder: "e"}, src)
		if err != nil {
			return
		}
		defer l.f.Close()
		for i, g := range readAll(l, src) {
			if again := appendRecord(nil, g.Codes); g.Codes.N() != src.Topology(i).Units() || !bytes.HasPrefix(b, again[:len(again)-4]) {
				t.Errorf("group %d has codes that are not those of the record", i)
			}
		}
	})
}

// A batch of 65,536 atoms, as CIFAR-10 has it: 391 images of 196 patches of 281 atoms, 43 MB.
func BenchmarkCodeLogAppend(b *testing.B) {
	codes := new(sparse.Codes)
	codes.Reset()
	for range 196 {
		var row []uint16
		for a := range 281 {
			row = append(row, uint16(233*a))
		}
		codes.Add(row...)
	}
	batch := make([]cooccur.Group, 391)
	for i := range batch {
		batch[i] = cooccur.Group{Codes: codes, Topology: cooccur.Grid{14, 14}}
	}
	src := walks(rand.New(rand.NewPCG(1, 1)))
	l, err := openLog(filepath.Join(b.TempDir(), "codes"), logHead{}, src)
	if err != nil {
		b.Fatal(err)
	}
	defer l.f.Close()
	for b.Loop() {
		if err := l.append(batch); err != nil {
			b.Fatal(err)
		}
		if err := l.restart(0); err != nil {
			b.Fatal(err)
		}
	}
}
