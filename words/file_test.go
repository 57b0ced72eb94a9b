package words

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

func loadBytes(b []byte) (*Model, error) { return LoadFrom(bytes.NewReader(b), int64(len(b))) }

// What is read is what was written.
func TestLoad(t *testing.T) {
	m := fit(t, read(t, topics(3, 300, 20), 2), small())
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Error("another model was read than was written")
	}
	file, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(file, saved(t, m)) {
		t.Errorf("the file is not what is written to a writer: error %v", err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("error %v", err)
	}
}

// What no fit leads to is refused, and named.
func TestLoadRefuses(t *testing.T) {
	file := saved(t, fit(t, read(t, topics(3, 300, 20), 2), small()))
	for i := range file {
		if i%97 != 0 && i > 2000 {
			continue
		}
		changed := bytes.Clone(file)
		changed[i] ^= 1
		if _, err := loadBytes(changed); err == nil {
			t.Errorf("byte %d was changed and the file was read", i)
		}
	}
	for says, c := range map[string][2]string{
		`format is "smt-model"`: {"smt-words", "smt-model"},
		"version 7":             {`{\"version\":1`, `{\"version\":7`},
		"dims is 0":             {`\"dims\":9`, `\"dims\":0`},
		"expected [40 8]":       {`\"dims\":9`, `\"dims\":8`},
		"weights":               {`falling`, `rising`},
		"40 lines, want 41":     {`\"words\":40`, `\"words\":41`},
		"words is -1":           {`\"words\":40`, `\"words\":-1`},
		"words is 9000":         {`\"words\":40`, `\"words\":9000`},
		"want 9000 to":          {`\"min_count\":2`, `\"min_count\":9000`},
		"kept is 6001":          {`\"kept\":6000`, `\"kept\":6001`},
		"eigenvalue_sum is":     {`\"eigenvalue_sum\":1`, `\"eigenvalue_sum\":2`},
		"not known":             {`"format"`, `"formab"`},
	} {
		if _, err := loadBytes(safetensorstest.Older(t, file, c[0], c[1])); err == nil || !strings.Contains(err.Error(), says) && !(says == "not known" && strings.Contains(err.Error(), `format is ""`)) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
	plain := safetensorstest.Older(t, file, "", "")
	set := func(tensor string, at int, value ...byte) []byte {
		b := bytes.Clone(plain)
		from, _ := safetensorstest.Place(t, b, tensor)
		copy(b[from+at:], value)
		return b
	}
	nan := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	for says, b := range map[string][]byte{
		"tensor words: not UTF-8":       set("words", 0, 0xff),
		"tensor words: 41 lines, want":  set("words", 1, '\n'),
		"tensor counts: element 0 is 0": set("counts", 0, 0, 0, 0, 0, 0, 0, 0, 0),
		"index 0 is NaN":                set("projection", 0, nan...),
		"want the smallest first":       set("eigenvalues", 0, binary.LittleEndian.AppendUint64(nil, math.Float64bits(1.9999))...),
	} {
		if _, err := loadBytes(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
}

// Whatever a file holds, reading it fails or gives a model that is good for what is done with it.
func FuzzLoad(f *testing.F) {
	file := saved(f, fit(f, read(f, topics(2, 60, 9), 2), small()))
	f.Add(file)
	f.Add(safetensorstest.Older(f, file, "", ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := loadBytes(b)
		if err != nil {
			return
		}
		for _, word := range m.Words()[:1] {
			if _, err := m.Nearest(word, 3); err != nil && !strings.ContainsFunc(word, func(r rune) bool { return r >= 'A' }) {
				t.Errorf("%q: %v", word, err)
			}
		}
		if again, err := loadBytes(saved(t, m)); err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("what was read cannot be written and read: %v", err)
		}
	})
}
