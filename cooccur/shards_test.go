package cooccur

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/sparse"
)

func TestShardsAddToTheSameBits(t *testing.T) {
	for _, c := range contexts() {
		for _, unit := range []int{1, sparse.SoftUnit} {
			rng := rand.New(rand.NewPCG(7, 7))
			all := make([]*sparse.Codes, 40)
			for i := range all {
				all[i] = randomCodes(rng, 20, 33, unit)
			}
			collect := func(codes []*sparse.Codes) *Dense {
				s, err := dense(c, 33, unit, 4, 5)
				if err != nil {
					t.Fatal(err)
				}
				if err := accumulate(s, codes); err != nil {
					t.Fatal(err)
				}
				return s
			}
			whole := collect(all)
			old := runtime.GOMAXPROCS(1)
			sum := collect(all[30:])
			runtime.GOMAXPROCS(3)
			for _, part := range [][]*sparse.Codes{all[5:17], all[:5], all[17:30]} {
				if err := sum.Add(collect(part)); err != nil {
					t.Fatal(err)
				}
			}
			runtime.GOMAXPROCS(old)
			if !reflect.DeepEqual(whole, sum) {
				t.Errorf("%+v unit %d: shards do not add up", c, unit)
			}
		}
	}
}

func TestAddRefusesOtherKinds(t *testing.T) {
	base := func() *Dense {
		s, err := dense(Context{Kind: Whole, Difference: 2}, 3, 1, 2, 2)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for want, change := range map[string]func(*Dense){
		"context":       func(s *Dense) { s.Context.Difference = 1 },
		"atoms":         func(s *Dense) { s.Atoms = 4 },
		"encoder":       func(s *Dense) { s.Encoder = "another" },
		"units":         func(s *Dense) { s.Denominator = 2 },
		"units a group": func(s *Dense) { s.Grid[0] = 5 },
		"full":          func(s *Dense) { s.V[0] = math.MaxInt64 },
	} {
		s, o := base(), base()
		s.V[0] = 1
		change(o)
		if err := s.Add(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
}

func TestNewRefusesBadContexts(t *testing.T) {
	for _, c := range []Context{{}, {Kind: Window, Difference: 1}, {Kind: Whole, Radius: 2, Difference: 1}, {Kind: Whole, Difference: 3}} {
		if _, err := dense(c, 3, 1, 2, 2); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if _, err := dense(Context{Kind: Whole, Difference: 1}, 0, 1, 2, 2); err == nil {
		t.Error("0 atoms: no error")
	}
}

func TestAccumulateRefusesOtherCodes(t *testing.T) {
	s, _ := dense(Context{Kind: Whole, Difference: 2}, 5, 1, 2, 2)
	rng := rand.New(rand.NewPCG(1, 1))
	if err := accumulate(s, []*sparse.Codes{randomCodes(rng, 3, 5, 1)}); err == nil {
		t.Error("codes of 3 patches were taken for a grid of 4")
	}
	if err := accumulate(s, []*sparse.Codes{randomCodes(rng, 4, 5, 9)}); err == nil {
		t.Error("soft codes were taken for 0/1 codes")
	}
}

func TestSaveAndLoad(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	s, _ := dense(Context{Kind: Window, Radius: 1, Difference: 1}, 12, sparse.SoftUnit, 3, 3)
	if err := accumulate(s, []*sparse.Codes{randomCodes(rng, 9, 12, sparse.SoftUnit)}); err != nil {
		t.Fatal(err)
	}
	s.Encoder = "mine"
	path := filepath.Join(t.TempDir(), "s.safetensors")
	if err := s.Save(path, map[string]string{"next": "17"}); err != nil {
		t.Fatal(err)
	}
	got, notes, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, s) || notes["next"] != "17" || len(notes) != 1 {
		t.Errorf("got %+v %v, want %+v", got, notes, s)
	}
	if _, _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("missing file: %v", err)
	}
}
