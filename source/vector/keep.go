package vector

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"

	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/parallel"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/manifold"
)

// keptFinder is a finder that keeps what it found in the checkpoint of a run, now and then: to find neighbours takes
// longer than all else. What is in the file already is not searched for again.
type keptFinder struct {
	finder
	manifold.Run
	of     map[string]string // what neighbours depend on
	found  *Neighbours       // that are in the file, or are to be
	saved  int               // points in the file
	pace   *pace.Pace
	warned bool
}

const (
	keptFormat  = "smt-neighbours"
	keptVersion = "2"
)

// keptFields are the names of what neighbours depend on, in the file.
var keptFields = []string{"points_sha256", "neighbours", "active", "atoms_sha256"}

// Digest tells apart points.
func (p *Points) Digest() string {
	rows := make([][sha256.Size]byte, p.N())
	parallel.For(len(rows), func(_, i int) {
		h := sha256.New() // writing to it cannot fail
		_ = binary.Write(h, binary.LittleEndian, p.Row(i))
		h.Sum(rows[i][:0])
	})
	all := sha256.New()
	fmt.Fprintf(all, "%d values\n", p.Dim)
	for _, row := range rows {
		all.Write(row[:])
	}
	return hex.EncodeToString(all.Sum(nil))
}

// kept is f with the checkpoint of run, of a search for the k nearest of points; it is f if there is none.
func kept(f finder, run manifold.Run, p *Points, coder *Coder, k int) (finder, error) {
	if run.Checkpoint == "" {
		return f, nil
	}
	kept := &keptFinder{finder: f, Run: run, of: keptOf(p, coder, k), found: newNeighbours(p.N(), k), pace: pace.Begin()}
	err := kept.resume()
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("vectors: checkpoint %s %w: run what it was made by, or remove it to begin anew", run.Checkpoint, err)
	}
	return kept, nil
}

// keptOf tells apart searches for the k nearest.
func keptOf(p *Points, coder *Coder, k int) map[string]string {
	of := map[string]string{}
	for i, value := range []string{p.Digest(), strconv.Itoa(k), strconv.Itoa(coder.active), coder.atoms.Digest()} {
		of[keptFields[i]] = value
	}
	return of
}

// same reports the first field in which a file is of another search.
func (f *keptFinder) same(found map[string]string) error {
	for i, name := range keptFields {
		if a, b := found[name], f.of[name]; a != b {
			return fmt.Errorf("is of %s: %s is %.12s, not %.12s", []string{"other points", "another configuration"}[min(i, 1)], name, cmp.Or(a, "none"), b)
		}
	}
	return nil
}

// resume reads the checkpoint.
func (f *keptFinder) resume() error {
	r, info, err := regular.Open(f.Checkpoint)
	if err != nil {
		return err
	}
	defer r.Close()
	file, err := safetensors.Read(r, info.Size())
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	m := file.Metadata
	if m["format"] != keptFormat || m["version"] != keptVersion {
		return fmt.Errorf("is of format %q, version %q, want %q, %q", m["format"], m["version"], keptFormat, keptVersion)
	}
	if err := f.same(m); err != nil {
		return err
	}
	n := f.found
	n.Index, err = safetensors.Values[int32](file, "neighbours", len(n.Known), n.K)
	var known []uint8
	if err == nil {
		known, err = safetensors.Values[uint8](file, "known", len(n.Known))
	}
	if err == nil {
		err = file.Complete(append(keptFields, "format", "version")...)
	}
	for i, is := range known {
		n.Known[i] = is != 0
		f.saved += int(min(is, 1))
	}
	if err == nil {
		err = n.check()
	}
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	return nil
}

// check wants k different others of each point whose neighbours are known.
func (n *Neighbours) check() error {
	last, sorted := int32(len(n.Known)-1), make([]int32, n.K)
	for i, known := range n.Known {
		if !known {
			continue
		}
		copy(sorted, n.of(i))
		slices.Sort(sorted)
		if _, itself := slices.BinarySearch(sorted, int32(i)); itself || sorted[0] < 0 || sorted[n.K-1] > last || len(slices.Compact(sorted)) < n.K {
			return fmt.Errorf("point %d has the neighbours %v: want %d different other points of %d", i, n.of(i), n.K, len(n.Known))
		}
	}
	return nil
}

// take takes the neighbours of points of which others has them.
func (n *Neighbours) take(others *Neighbours, points []int32) {
	for _, i := range points {
		if others.Known[i] {
			copy(n.of(int(i)), others.of(int(i)))
			n.Known[i] = true
		}
	}
}

func (f *keptFinder) find(ctx context.Context, which []int32, into *Neighbours, done func(points int)) error {
	into.take(f.found, which)
	rest := slices.DeleteFunc(slices.Clone(which), func(i int32) bool { return into.Known[i] })
	done(len(which) - len(rest))
	keep := func() error {
		f.found.take(into, rest)
		return f.save()
	}
	err := f.finder.find(ctx, rest, into, func(points int) {
		done(points)
		if f.pace.Due() {
			f.warn(keep())
		}
	})
	if err == nil {
		f.found.take(into, rest)
		return nil
	}
	var saving error
	if ctx.Err() != nil {
		saving = keep()
	}
	if f.saved > 0 {
		err = fmt.Errorf("vectors: stopped, the neighbours of %d of %s are kept in %s: %w", f.saved, plural.Of(len(into.Known), "point"), f.Checkpoint, err)
	}
	return errors.Join(err, saving)
}

// rest writes the checkpoint before work of another kind, if that is worth it.
func (f *keptFinder) rest() {
	if f.pace.Worth(4 * int64(len(f.found.Index))) {
		f.warn(f.save())
	}
}

// warn says once that something cannot be kept, and that the fit goes on.
func (f *keptFinder) warn(err error) {
	if err != nil && !f.warned && f.Warn != nil {
		f.warned = true
		f.Warn(fmt.Errorf("%w; the fit goes on", err))
	}
}

func (f *keptFinder) metadata() map[string]string {
	m := maps.Clone(f.of)
	m["format"], m["version"] = keptFormat, keptVersion
	return m
}

// save writes the checkpoint, unless it has all that is known.
func (f *keptFinder) save() error {
	n := f.found
	known, count := make([]uint8, len(n.Known)), 0
	for i, is := range n.Known {
		if is {
			known[i] = 1
			count++
		}
	}
	if count == f.saved {
		return nil
	}
	err := f.pace.Write(func() error {
		return safetensors.WriteFile(f.Checkpoint, f.metadata(), []safetensors.Tensor{
			safetensors.NewTensor("neighbours", n.Index, len(n.Known), n.K),
			safetensors.NewTensor("known", known, len(known)),
		})
	})
	if err != nil {
		return fmt.Errorf("vectors: the checkpoint cannot be written: %w", err)
	}
	f.saved = count
	return nil
}
