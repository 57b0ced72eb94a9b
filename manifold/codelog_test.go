package manifold

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparse-manifold/smt/cooccur"
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

// laterLog is a head of a later version.
func laterLog() []byte {
	text := logBegins + `,"version":2}`
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(text)))
	return withSum(append(b, text...))
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
