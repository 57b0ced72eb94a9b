package cooccur

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/safetensors/safetensorstest"
)

// What no texts lead to is refused, and named.
func TestSparseFileRefuses(t *testing.T) {
	kind := files(t)["sparse"]
	for says, c := range map[string][2]string{
		`tensor "V": shape is [20], expected [6]`:          {`\"atoms\":20`, `\"atoms\":6`},
		`tensor "V": shape is [20], expected [2147483647]`: {`\"atoms\":20`, `\"atoms\":2147483647`},
		"a number out of range":                            {`\"atoms\":20`, `\"atoms\":2147483648`},
		"want a window and first differences":              {`\"difference\":1`, `\"difference\":2`},
		`weights "rising"`:                                 {`falling`, `rising`},
		"V has":                                            {`\"coded\":`, `\"coded\":1`},
		"around its":                                       {`\"radius\":3`, `\"radius\":1`},
		`tensor "W": not known`:                            {`"counts":`, `"W":{"dtype":"U8","shape":[0],"data_offsets":[320,320]},"counts":`},
	} {
		if err := kind.load(safetensorstest.Older(t, kind.file, c[0], c[1])); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
	file := safetensorstest.Older(t, kind.file, "", "")
	set := func(tensor string, element, size int, value uint64) []byte {
		b := append([]byte(nil), file...)
		from, to := safetensorstest.Place(t, b, tensor)
		at := from + element*size
		if element < 0 {
			at = to + element*size
		}
		if size == 8 {
			binary.LittleEndian.PutUint64(b[at:], value)
		} else {
			binary.LittleEndian.PutUint32(b[at:], uint32(value))
		}
		return b
	}
	for says, b := range map[string][]byte{
		"tensor V: element 3 is -1":                      set("V", 3, 8, 1<<64-1),
		"tensor ends: element 0 is":                      set("ends", 0, 8, 1<<40),
		"tensor ends: element 1 is 0":                    set("ends", 1, 8, 0),
		"tensor ends: the last one is -1":                set("ends", -1, 8, 1<<64-1),
		`tensor "atoms": shape is`:                       set("ends", -1, 8, 1<<40),
		"tensor atoms: element 0, of atom 0, is":         set("atoms", 0, 4, 20),
		"tensor atoms: element 1, of atom 0, is 0, want": set("atoms", 1, 4, 0),
		"tensor counts: element 2, of atoms 0 and":       set("counts", 2, 4, 0),
		"tensor counts: those of atom 0 sum to":          set("counts", 0, 4, 1<<31),
	} {
		if err := kind.load(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one of %q", err, says)
		}
	}
}

func smallSlots(t testing.TB) *Sparse {
	c := falling(3)
	c.Slots = true
	return countedTexts(t, c, 20, texts(rand.New(rand.NewPCG(12, 11)), 9, 20))
}

// Rows of slots have all atoms, and are refused without slots.
func TestSlotsFile(t *testing.T) {
	file := fileOf(t, smallSlots(t))
	s, notes, err := Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "again")
	if err := s.Save(path, notes); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, file) {
		t.Errorf("read and saved, the file is another: %v", err)
	}
	without := safetensorstest.Older(t, file, `,\"slots\":true`, "")
	if _, _, err := Read(bytes.NewReader(without), int64(len(without))); err == nil || !strings.Contains(err.Error(), "tensor atoms") {
		t.Errorf("without slots: error %v, want one of tensor atoms", err)
	}
}
