package cooccur

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/memory/memorytest"
	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

func smallStatistics(t testing.TB) *Dense {
	t.Helper()
	s, err := dense(Context{Kind: Whole, Difference: 2}, 20, 1, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	s.Encoder = "a digest"
	if err := accumulate(s, randomImages(rand.New(rand.NewPCG(1, 2)), 9, 12, 20)); err != nil {
		t.Fatal(err)
	}
	return s
}

func smallPacked(t testing.TB) (*Packed, []uint16) {
	t.Helper()
	mirror := flips(1, 2, 1)
	s, err := packed(mirror, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	s.Encoder = "a digest"
	if err := accumulate(s, randomImages(rand.New(rand.NewPCG(4, 4)), 9, 12, len(mirror))); err != nil {
		t.Fatal(err)
	}
	return s, mirror
}

// kinds has statistics of every kind.
func kinds(t testing.TB) map[string]Statistics {
	packed, _ := smallPacked(t)
	words := countedTexts(t, falling(3), 20, texts(rand.New(rand.NewPCG(11, 11)), 9, 20))
	return map[string]Statistics{"statistics": smallStatistics(t), "packed": packed, "sparse": words}
}

// statisticsFile is a file of statistics.
type statisticsFile struct {
	file []byte
	load func(b []byte) error
}

// files are those of every kind.
func files(t *testing.T) map[string]statisticsFile {
	all := map[string]statisticsFile{}
	for name, s := range kinds(t) {
		all[name] = statisticsFile{fileOf(t, s), func(b []byte) error {
			_, _, err := Read(bytes.NewReader(b), int64(len(b)))
			return err
		}}
	}
	return all
}

// A file is what is written to a writer, and what is read from either is what was there,
// of the same kind.
func TestReadFindsTheKind(t *testing.T) {
	for name, s := range kinds(t) {
		notes := map[string]string{"next": "17"}
		path := filepath.Join(t.TempDir(), "s")
		if err := s.Save(path, notes); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var written bytes.Buffer
		if err := s.SaveTo(&written, notes); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written.Bytes(), file) {
			t.Errorf("%s: what is written is not the file", name)
		}
		for from, read := range map[string]func() (Statistics, map[string]string, error){
			"a file":   func() (Statistics, map[string]string, error) { return Load(path) },
			"a reader": func() (Statistics, map[string]string, error) { return Read(bytes.NewReader(file), int64(len(file))) },
		} {
			got, gotNotes, err := read()
			if err != nil {
				t.Fatalf("%s from %s: %v", name, from, err)
			}
			if reflect.TypeOf(got) != reflect.TypeOf(s) || got.Of() != s.Of() || !reflect.DeepEqual(gotNotes, notes) || !bytes.Equal(fileOf(t, got), fileOf(t, s)) {
				t.Errorf("%s from %s: got %T of %v with notes %v", name, from, got, got.Of(), gotNotes)
			}
		}
	}
}

// Statistics of two kinds do not add up.
func TestAddRefusesAnotherKind(t *testing.T) {
	for kind, s := range kinds(t) {
		for other, o := range kinds(t) {
			if err := s.Add(o); (err == nil) != (kind == other) || err != nil && !strings.Contains(err.Error(), fmt.Sprintf("kind %T to those of kind %T", o, s)) {
				t.Errorf("%s added to %s: error %v", other, kind, err)
			}
		}
	}
}

// What was added is what it was, whatever becomes of the sum.
func TestAddSharesNothing(t *testing.T) {
	for name, s := range kinds(t) {
		file := fileOf(t, s)
		sum := kinds(t)[name]
		if err := sum.Add(s); err != nil {
			t.Fatal(err)
		}
		want := fileOf(t, sum) // which puts packed groups in order
		again := kinds(t)[name]
		if err := again.Add(s); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(fileOf(t, s), file) || !bytes.Equal(fileOf(t, again), want) {
			t.Errorf("%s: the sum changed what was added to it", name)
		}
	}
}

// Of changed bytes, at random and everywhere in the header, all are noticed.
func TestChangedStatisticsAreRefused(t *testing.T) {
	for name, kind := range files(t) {
		if err := kind.load(kind.file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rng := rand.New(rand.NewPCG(150, 1))
		var places []int
		for range 150 {
			places = append(places, rng.IntN(len(kind.file)))
		}
		for i := range 8 + int(binary.LittleEndian.Uint64(kind.file)) {
			places = append(places, i)
		}
		for _, at := range places {
			changed := bytes.Clone(kind.file)
			changed[at] ^= byte(1 + rng.IntN(255))
			if err := kind.load(changed); err == nil {
				t.Errorf("%s: byte %d, %#x, became %#x and the file was read", name, at, kind.file[at], changed[at])
			}
		}
	}
}

// Files without checksums are read; what is wrong with one is named.
func TestLoadRefuses(t *testing.T) {
	all, version := files(t), map[string]string{"statistics": "1", "packed": "2", "sparse": "1"}
	for name, kind := range all {
		if err := kind.load(safetensorstest.Older(t, kind.file, "", "")); err != nil {
			t.Errorf("%s without checksums: %v", name, err)
		}
		for says, c := range map[string][2]string{
			"format is":                       {`smt-`, `xmt-`},
			"version 3":                       {`{\"version\":` + version[name], `{\"version\":3,\"new\":0`},
			`"version" comes twice`:           {`{\"version\":`, `{\"version\":3,\"version\":`},
			`"coded" comes twice`:             {`\"coded\":`, `\"coded\":1,\"coded\":`},
			`unknown field "Coded"`:           {`\"coded\":`, `\"Coded\":`},
			`unknown field "cod"`:             {`\"coded\":`, `\"cod\":`},
			`metadata "nota.next": not known`: {`note.next`, `nota.next`},
			"out of range":                    {`\"grid_rows\":3`, `\"grid_rows\":9223372036854775807`},
			"range":                           {`\"grid_cols\":4`, `\"grid_cols\":-4`},
		} {
			if name == "sparse" && strings.Contains(c[0], "grid") {
				continue // which lines have none of
			}
			if err := kind.load(safetensorstest.Older(t, kind.file, c[0], c[1])); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: error %v, want %q in it", name, err, says)
			}
		}
	}
	statistics, packed := all["statistics"], all["packed"]
	for says, err := range map[string]error{
		`tensor "V": shape is [210], expected [21]`: statistics.load(safetensorstest.Older(t, statistics.file, `\"atoms\":20`, `\"atoms\":6`)),
		"Unit:2147483648":          statistics.load(safetensorstest.Older(t, statistics.file, `\"unit\":1`, `\"unit\":2147483648`)),
		`tensor "W": not known`:    statistics.load(append(safetensorstest.Older(t, statistics.file, `,"M":`, `,"W":{"dtype":"U8","shape":[1],"data_offsets":[3360,3361]},"M":`), 0)),
		"batch 0 has -1 groups":    packed.load(safetensorstest.Older(t, packed.file, `[9]`, `[-1]`)),
		"batch 0 has 0 groups":     packed.load(safetensorstest.Older(t, packed.file, `[9]`, `[0]`)),
		`expected [5000000000 64]`: packed.load(safetensorstest.Older(t, packed.file, `[9]`, `[5000000000]`)),
		"version 1, this software": packed.load(safetensorstest.Older(t, packed.file, `{\"version\":2`, `{\"version\":1`)),
		"have 0 coded units":       packed.load(safetensorstest.Older(t, packed.file, `[9]`, `[]`)),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
	b := safetensorstest.Older(t, packed.file, "", "")
	b[len(b)-1] = 13
	if err := packed.load(b); err == nil || !strings.Contains(err.Error(), "group 8 has 13 coded units of 3 × 4") {
		t.Errorf("error %v of more patches than there are", err)
	}
}

// What a header states takes no memory that the file has not.
func TestStatedSizesTakeNoMemory(t *testing.T) {
	all := files(t)
	for name, changes := range map[string]map[string]string{
		"statistics": {`\"atoms\":20`: `\"atoms\":65536`, `\"grid_rows\":3`: `\"grid_rows\":100000000`, `\"images\":9`: `\"images\":9000000000000`},
		"packed":     {`[9]`: `[9223372036854775807]`, `\"grid_rows\":3`: `\"grid_rows\":63`},
	} {
		for old, new := range changes {
			changed := safetensorstest.Older(t, all[name].file, old, new)
			if n := memorytest.Allocated(func() { _ = all[name].load(changed) }); n > 1<<20 {
				t.Errorf("%s, %s: %d bytes of memory", name, new, n)
			}
		}
	}
}
