package cooccur

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/internal/simd"
	"github.com/sparse-manifold/smt/sparse"
)

// Parts add up to the whole, whatever the batches, and a file holds all of it.
func TestPackedAddAndSave(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	mirror := flips(1, 2, 1)
	images := randomImages(rng, 20, 12, len(mirror))
	collect := func(images []*sparse.Codes) *Packed {
		s, err := packed(mirror, 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		s.Encoder = "e"
		if err := accumulate(s, images); err != nil {
			t.Fatal(err)
		}
		return s
	}
	whole, sum := collect(images), collect(images[:7])
	if err := sum.Add(collect(images[7:])); err != nil {
		t.Fatal(err)
	}
	if sum.Groups != whole.Groups || sum.Coded != whole.Coded || !reflect.DeepEqual(sum.Same, whole.Same) || !reflect.DeepEqual(sum.Crossed, whole.Crossed) {
		t.Fatal("parts do not add up to the whole")
	}
	b := Bases(len(mirror), mirror)[0]
	x, y, z := linalg.NewBundle(b.Size()), linalg.NewBundle(b.Size()), linalg.NewBundle(b.Size())
	for v := range simd.Bundle {
		row := make([]float32, b.Size())
		for i := range row {
			row[i] = rng.Float32()
		}
		x.Set(v, row)
	}
	whole.between(b)(x, y)
	sum.between(b)(x, z)
	if !reflect.DeepEqual(y, z) {
		t.Fatal("B of the parts is not that of the whole")
	}

	path := filepath.Join(t.TempDir(), "packed")
	if err := sum.Save(path, map[string]string{"next": "20"}); err != nil {
		t.Fatal(err)
	}
	read, notes := loaded[*Packed](t, path)
	if notes["next"] != "20" || read.Encoder != "e" || read.Groups != 20 || read.Coded != sum.Coded ||
		!reflect.DeepEqual(read.Same, sum.Same) || !reflect.DeepEqual(read.Crossed, sum.Crossed) ||
		!reflect.DeepEqual(read.rows(), sum.rows()) {
		t.Fatal("what was read is not what was saved")
	}
	if err := accumulate(read, images[:3]); err != nil { // it can be gone on with
		t.Fatal(err)
	}
	other := slices.Clone(mirror) // atoms 0 and 1 have each other's flips
	other[0], other[1], other[mirror[0]], other[mirror[1]] = mirror[1], mirror[0], 1, 0
	o, err := NewPacked(sum.Origin, other)
	if err != nil {
		t.Fatal(err)
	}
	if err := sum.Add(o); err == nil || !strings.Contains(err.Error(), "other flips") {
		t.Errorf("error %v of atoms with other flips", err)
	}
}
