package reproduce

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparse-manifold/smt/dictionary"
)

// fakeAtoms is atoms.py with the first units as atoms.
func fakeAtoms(mode string, args []string) {
	var rows, dim, atoms int
	if _, err := fmt.Sscan(strings.Join(args[1:4], " "), &rows, &dim, &atoms); err != nil {
		panic(err)
	}
	units, err := readFloats(filepath.Join(args[0], "units.f32"), rows, dim)
	if err != nil {
		panic(err)
	}
	leave(mode, filepath.Join(args[0], "sklearn.f32"), units[:atoms*dim])
	fmt.Println(`{"name": "fake", "seconds": 1.5}`)
}

func TestAtoms(t *testing.T) {
	with(t, "well")
	opt := Options{Seed: 1, Data: writeData(t), Out: t.TempDir(), Rows: []string{"atoms"}, Quick: true}
	m, _ := runStudy[*Atoms](t, opt)
	if len(m.Methods) != 2 || m.Peers != "a fake" || m.Missing != "" {
		t.Fatalf("%+v: want smt and the fake peer", m)
	}
	// The fake's atoms are units: learned ones code others better.
	ours, theirs := m.Methods[0], m.Methods[1]
	if theirs.Seconds != 1.5 || !(ours.Objective < theirs.Objective) || !(ours.Objective > 0) || ours.Active == 0 {
		t.Errorf("ours %+v, theirs %+v", ours.Judgement, theirs.Judgement)
	}
	learned, err := dictionary.Judge(t.Context(), m.Learning, theirs.atoms, theirs.atoms, m.Side*m.Side)
	if err != nil {
		t.Fatal(err)
	}
	// A unit that is an atom has a code of 1 − λ, or a better one.
	if most := m.Learning.Lambda * (1 - m.Learning.Lambda/2); learned.Objective > most+1e-6 {
		t.Errorf("the objective of atoms themselves is %g, want at most %g", learned.Objective, most)
	}
	var out strings.Builder
	studyText(&out, m)
	for _, want := range []string{"smt", "fake\t", "a fake", "Quick results"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("text has no %q:\n%s", want, out.String())
		}
	}
	checkKept(t, opt, "atoms: smt")
}

// Where the peer fails it is missing, and it is said why.
func TestAtomsWithoutPeer(t *testing.T) {
	data := writeData(t)
	for mode, says := range map[string]string{"": "no Python here", "fail": "no such module", "short": "want 36864", "odd": "Traceback"} {
		with(t, mode)
		opt := Options{Seed: 1, Data: data, Out: t.TempDir(), Rows: []string{"atoms"}, Quick: true}
		m, _ := runStudy[*Atoms](t, opt)
		if len(m.Methods) != 1 || !strings.Contains(m.Missing, says) {
			t.Errorf("mode %q: %d methods, missing %q: want smt alone, and %q", mode, len(m.Methods), m.Missing, says)
		}
	}
}

func TestAtomsErrors(t *testing.T) {
	with(t, "well")
	opt := Options{Seed: 1, Data: t.TempDir(), Out: t.TempDir(), Rows: []string{"atoms"}, Quick: true}
	_, err := run(t.Context(), opt, tiny())
	wantError(t, err, "cifar-10-batches-bin", "atoms")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opt.Data = writeData(t)
	if _, err := run(ctx, opt, tiny()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
