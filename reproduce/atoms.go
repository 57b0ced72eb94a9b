package reproduce

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dictionary"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/python"
	"github.com/sparse-manifold/smt/patch"
	imagesource "github.com/sparse-manifold/smt/source/image"
)

// Atoms is what came of learning a dictionary for L1 codes.
type Atoms struct {
	Head
	Learning dictionary.Learning `json:"learning"`
	Side     int                 `json:"side"` // of a patch, in pixels
	Held     int                 `json:"held"` // patches that atoms are judged by
	Methods  []AtomMethod        `json:"methods"`
}

// AtomMethod is what the atoms of one method come to, on patches held out.
type AtomMethod struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	dictionary.Judgement
	// Oriented is the share of atoms that are waves of one orientation in one place (explain.Tuning).
	Oriented float64 `json:"oriented"`
	atoms    []float32
}

const (
	atomSide    = 12
	atomEpsilon = 1e-3 // of the whitening
)

// runAtoms has smt and scikit-learn learn atoms from the same whitened gray patches of CIFAR-10's training
// images, with the same λ, batches and passes, and judges both on patches of its test images.
func runAtoms(ctx context.Context, r *runner) (Study, error) {
	set, err := dataset.OpenContext(ctx, filepath.Join(r.opt.Data, "cifar-10-batches-bin"), dataset.Options{})
	if err != nil {
		return nil, fmt.Errorf("reproduce: the photographs that atoms are learned from: %w", err)
	}
	defer set.Close()
	if set.Test == nil {
		return nil, errors.New("reproduce: the photographs that atoms are learned from have no test split")
	}
	m := &Atoms{Head: Head{Row: "atoms", Quick: r.opt.Quick}, Side: atomSide, Held: 2000, Learning: dictionary.Learning{
		Atoms: 288, Lambda: 0.15, Signed: true, Units: 20_000, Passes: 5, Batch: 256,
	}}
	sample := 4096 // images
	if r.opt.Quick {
		m.Learning.Atoms, m.Learning.Units, m.Learning.Passes, m.Held, sample = 64, 1000, 1, 200, 200
	}
	fingerprint, err := dataset.Fingerprint(ctx, set.Train, nil)
	if err != nil {
		return nil, err
	}
	m.Work = digest(results, smt.Version, m.Learning, m.Side, m.Held, r.opt.Seed, fingerprint)
	return r.keep(m, new(Atoms), func() error {
		x, held, err := m.patches(ctx, set, sample, r.opt.Seed)
		if err != nil {
			return err
		}
		return m.run(ctx, r, x, held)
	})
}

// patches are random whitened patches of training images, and of test images.
func (m *Atoms) patches(ctx context.Context, set *dataset.Set, images int, seed uint64) (x, held []float32, err error) {
	train := dataset.Gray(set.Train)
	_, sample := dataset.Holdout(train, min(images, train.Len()), seed)
	t := &patch.Transform{Size: m.Side, Channels: 1, Center: patch.CenterPatch}
	if t, err = t.Whiten(ctx, sample, atomEpsilon, true); err != nil {
		return nil, nil, err
	}
	drawn, err := dictionary.Exemplars(ctx, imagesource.Sample(sample, t, false, seed), m.Learning.Units, 1, nil)
	if err != nil {
		return nil, nil, err
	}
	apart, err := dictionary.Exemplars(ctx, imagesource.Sample(dataset.Gray(set.Test), t, false, seed), m.Held, 1, nil)
	if err != nil {
		return nil, nil, err
	}
	return drawn.Atoms, apart.Atoms, nil
}

// run learns by both methods and judges what they learned.
func (m *Atoms) run(ctx context.Context, r *runner, x, held []float32) error {
	dim := m.Side * m.Side
	r.say("atoms: smt")
	began := time.Now()
	d, err := dictionary.Learn(ctx, dictionary.SampleOf(x, dim, r.opt.Seed), m.Learning, func(done, total int) { r.report("learning atoms", done, total) })
	if err != nil {
		return err
	}
	m.Methods = []AtomMethod{{Name: "smt", Seconds: time.Since(began).Seconds(), atoms: d.Atoms}}
	r.say("atoms: scikit-learn")
	if theirs, note, err := m.peer(ctx, x); err == nil {
		m.Methods, m.Peers = append(m.Methods, *theirs), note
	} else if err := m.without(ctx, r, err); err != nil {
		return err
	}
	for i := range m.Methods {
		method := &m.Methods[i]
		if method.Judgement, err = dictionary.Judge(ctx, m.Learning, held, method.atoms, dim); err != nil {
			return err
		}
		for a := range m.Learning.Atoms {
			if explain.TuningOf(method.atoms[a*dim:(a+1)*dim], m.Side).Oriented() {
				method.Oriented += 1 / float64(m.Learning.Atoms)
			}
		}
	}
	return nil
}

// peer has scikit-learn learn from x.
func (m *Atoms) peer(ctx context.Context, x []float32) (theirs *AtomMethod, note string, err error) {
	peers, err := startPeers(ctx, "python")
	if err != nil {
		return nil, "", err
	}
	defer peers.Close()
	raw, err := binary.Append(nil, binary.LittleEndian, x)
	if err != nil {
		return nil, "", err
	}
	// Not by internal/output: for a peer to read, in a temporary folder of our own.
	if err := os.WriteFile(filepath.Join(peers.Dir, "units.f32"), raw, 0o600); err != nil {
		return nil, "", err
	}
	dim, l := m.Side*m.Side, m.Learning
	args := []string{peers.Dir}
	for _, n := range []int{len(x) / dim, dim, l.Atoms} {
		args = append(args, strconv.Itoa(n))
	}
	args = append(args, strconv.FormatFloat(l.Lambda, 'g', -1, 64), strconv.Itoa(l.Batch), strconv.Itoa(l.Passes))
	theirs = &AtomMethod{}
	err = python.Run(ctx, peers, func(s said) (err error) {
		if s.Name == "" {
			note = s.Note
			return nil
		}
		theirs.Name, theirs.Seconds = s.Name, s.Seconds
		theirs.atoms, err = readFloats(filepath.Join(peers.Dir, "sklearn.f32"), l.Atoms, dim)
		return err
	}, "atoms", args...)
	if err == nil && theirs.atoms == nil {
		err = errors.New("atoms.py learned nothing")
	}
	return theirs, note, err
}

// Text writes the table of methods.
func (m *Atoms) Text(out io.Writer) {
	fmt.Fprintln(out, "atoms by\tobjective\tatoms active\toriented\ttime")
	for _, x := range m.Methods {
		fmt.Fprintf(out, "%s\t%.5f\t%.1f\t%.0f %%\t%s\n", x.Name, x.Objective, x.Active, 100*x.Oriented, brief(x.Seconds))
	}
	fmt.Fprintf(out, "%d atoms of %d × %[2]d pixels, %d patches, %d passes, λ = %g; judged on %d patches of test images; %v\n",
		m.Learning.Atoms, m.Side, m.Learning.Units, m.Learning.Passes, m.Learning.Lambda, m.Held, m.Machine)
}
