package index

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/pace"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/knn"
)

// Head is what embeddings of one index have in common.
type Head struct {
	Models    *smt.Ensemble // that make them
	Dim, Even int           // as an embedding.Set has them
	Shape     dataset.Shape // that images are brought to
	Depth     int           // bits of samples of 16 bits in files that do not say it, 0 for 16
}

// Create begins an index at path of some images, in their order. It is written beside it, under the name of the path
// and ".partial", and takes its place when it is committed. A Writer of the same images by the same models goes on
// from what it finds there; what is there of others is an error, and so is an id that comes twice.
func Create(path string, h Head, of Items) (*Writer, error) {
	k, err := output.Continue(path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	w := &Writer{path: k.Name(), f: k, of: of, pace: pace.Begin(), place: k.Commit, close: k.Close}
	return w.opened(w.create(h))
}

// Append begins to add images to the index at path, which is of the same models. The index is what it was until they
// are committed. A Writer of the same images goes on from what an earlier one left, and one of others leaves that out.
// An id that is in the index, or comes twice, is an error.
func Append(path string, h Head, of Items) (*Writer, error) {
	r, _, err := regular.Open(path) // Log would make a file
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if err := r.Close(); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	f, err := output.Log(path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	w := &Writer{path: path, f: f, of: of, pace: pace.Begin(), place: f.Close, close: f.Close}
	return w.opened(w.append(h))
}

func (w *Writer) opened(err error) (*Writer, error) {
	if err != nil {
		return nil, fmt.Errorf("index: %s: %w", w.path, errors.Join(err, w.close()))
	}
	return w, nil
}

func (w *Writer) create(h Head) error {
	if err := unique(nil, w.of); err != nil {
		return err
	}
	info, err := w.f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < firstData { // it ended before there was anything to go on from
		return w.begin(h)
	}
	err = w.goOn(h, info.Size())
	switch {
	case errors.Is(err, errUnfinished):
		return w.begin(h)
	case err == nil && w.d.Blocks > 0:
		err = errors.New("it is a complete index")
	case err == nil && !w.keeps():
		err = errors.New("it has other images than those that are to be written")
	}
	if err != nil {
		return fmt.Errorf("%w; remove it to begin anew", err)
	}
	return nil
}

func (w *Writer) append(h Head) error {
	info, err := w.f.Stat()
	if err != nil {
		return err
	}
	if err := w.goOn(h, info.Size()); err != nil {
		return err
	}
	if !w.keeps() {
		w.forget()
	}
	x, err := newIndex(w.path, read{w.f}, info.Size(), false)
	if err != nil {
		return err
	}
	return unique(x, w.of)
}

// begin writes an index without items.
func (w *Writer) begin(h Head) error {
	if err := w.f.Truncate(0); err != nil {
		return err
	}
	w.d = &directory{header: header{Dim: h.Dim, Even: h.Even, Shape: h.Shape, Depth: h.Depth}}
	w.end, w.at, w.class = firstData, root{}, map[string]int32{}
	var first [page]byte
	copy(first[:], titleLine)
	if err := w.writeAt(first[:], 0); err != nil {
		return err
	}
	if err := w.sync(); err != nil { // whatever is longer has a first line
		return err
	}
	for _, m := range h.Models.Members() {
		at := aligned(w.end)
		to := &tally{w: io.NewOffsetWriter(w.f, at)}
		digest, err := digestOf(m.Model, to)
		if err != nil {
			return err
		}
		w.d.Models = append(w.d.Models, member{m.Name, m.Gray, m.Weight, at, to.bytes, digest})
		w.end = at + to.bytes
	}
	err := w.d.check(w.end)
	if err == nil {
		w.scan, err = knn.NewRounded(w.d.Dim, w.d.split())
	}
	if err != nil {
		return err
	}
	return w.save()
}

// tally counts what is written.
type tally struct {
	w     io.Writer
	bytes int64
}

func (t *tally) Write(b []byte) (int, error) {
	n, err := t.w.Write(b)
	t.bytes += int64(n)
	return n, err
}

// digestOf writes a model as its file is, and returns the digest of that.
func digestOf(m *smt.Model, to io.Writer) (string, error) {
	h := sha256.New()
	if err := m.SaveTo(io.MultiWriter(to, h)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// goOn reads what there is of an index, which has to be of the same models and sizes.
func (w *Writer) goOn(h Head, size int64) error {
	x, err := newIndex(w.path, read{w.f}, size, true)
	if err != nil {
		return err
	}
	w.d, w.at, w.end, w.scan = x.d, x.at, x.at.end, x.scan
	w.d.entries = append([]byte(nil), w.d.entries...)
	var models []member
	for _, m := range h.Models.Members() {
		digest, err := digestOf(m.Model, io.Discard)
		if err != nil {
			return err
		}
		models = append(models, member{Gray: m.Gray, Weight: m.Weight, Digest: digest})
	}
	switch {
	case !same(models, w.d.Models):
		return errors.New("it is of another model than is given: want the one that it was made by")
	case h.Dim != w.d.Dim || h.Even != w.d.Even:
		return fmt.Errorf("its embeddings have %s (%d even), those to be written %d (%d even)", plural.Of(w.d.Dim, "value"), w.d.Even, h.Dim, h.Even)
	case h.Shape != w.d.Shape:
		return fmt.Errorf("its images were brought to %d × %d × %d, those to be written are %d × %d × %d: want the same --size",
			w.d.Shape.Height, w.d.Shape.Width, w.d.Shape.Channels, h.Shape.Height, h.Shape.Width, h.Shape.Channels)
	case h.Depth != w.d.Depth:
		return fmt.Errorf("samples of its images had a depth of %d bits, those to be written %d (0 is not stated)", w.d.Depth, h.Depth)
	}
	w.class = map[string]int32{}
	for i, name := range w.d.Classes {
		w.class[name] = int32(i)
	}
	w.first = w.d.rows(w.d.Blocks)
	w.done = x.n - w.first
	w.saved, w.kept = w.done, x
	return nil
}

// keeps reports whether what is pending is of the first of the images.
func (w *Writer) keeps() bool {
	if w.done > w.of.Len() {
		return false
	}
	for i := range w.done {
		if id, err := w.kept.ID(w.first + i); err != nil || id != w.of.ID(i) {
			return false
		}
	}
	return true
}

// forget leaves out what is pending. Its bytes stay, and nothing leads to them.
func (w *Writer) forget() {
	w.d.entries, w.d.Pending = w.d.entries[:w.d.Blocks*entrySize], 0
	w.done, w.saved, w.kept = 0, 0, nil
}

// Forget has the work begin anew: none of the images are written.
func (w *Writer) Forget() { w.forget() }
