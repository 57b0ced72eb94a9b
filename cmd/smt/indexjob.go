package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/parallel"
)

// indexJob is the work of index.
type indexJob struct {
	*app
	models *smt.Ensemble
	data   *dataset.Set
	splits []dataset.Source
	out    string
	append bool

	thumbnails *thumbnails // of files that are decoded
}

// splitIDs are the ids of some splits, one after the other.
type splitIDs []dataset.Source

func (s splitIDs) Len() (n int) {
	for _, src := range s {
		n += src.Len()
	}
	return n
}

func (s splitIDs) ID(i int) string {
	for _, src := range s {
		if i < src.Len() {
			return src.ID(i)
		}
		i -= src.Len()
	}
	panic("smt: an image that no split has")
}

// mostOfPicture is about what an index takes for an image beside its embedding.
const mostOfPicture = 4 << 10

// write writes the index, or goes on with it.
func (j *indexJob) write(ctx context.Context) (*indexReport, error) {
	p := j.newProgress()
	defer p.close()
	set, err := j.models.Embeddings(j.splits[0])
	if err != nil {
		return nil, err
	}
	head := index.Head{Models: j.models, Dim: set.Dim(), Even: set.Even(), Shape: j.splits[0].Shape(), Depth: dataset.Depth(j.splits[0])}
	all := splitIDs(j.splits)
	if err := roomFor(need{j.out, int64(all.Len()) * int64(7*head.Dim/2+mostOfPicture), j.out + output.Partial}); err != nil {
		return nil, err
	}
	begin, at := index.Create, j.out+output.Partial
	if j.append {
		begin, at = index.Append, j.out
	}
	w, err := begin(j.out, head, all)
	if err != nil {
		return nil, err
	}
	if err := j.goOn(ctx, w, p); err != nil {
		return nil, keptIndex(w, at, err)
	}
	if n := w.Done(); n > 0 {
		p.close()
		j.note("going on from the %s in %s", numberOf(n, "image"), at)
	}
	if err := j.embedTo(ctx, w, p); err != nil {
		return nil, keptIndex(w, at, err)
	}
	if err := w.Commit(); err != nil {
		return nil, err
	}
	x, err := index.Open(j.out)
	if err != nil {
		return nil, err
	}
	r, err := indexReportOf(j.out, x)
	if err == nil {
		r.Added = all.Len()
		err = x.Close()
	}
	return r, err
}

// goOn compares the images that were embedded before with what they are now, and begins anew if one has changed.
func (j *indexJob) goOn(ctx context.Context, w *index.Writer, p *progress) error {
	before := newPixels(j.splits)
	changed := errors.New("changed")
	for first := 0; first < w.Done(); first += block {
		p.report("comparing images", first, w.Done())
		err := parallel.ForErr(ctx, min(block, w.Done()-first), func(_, i int) error {
			was, err := w.Digest(first + i)
			if err != nil {
				return err
			}
			src, at := before.at(first + i)
			now, err := src.take(at)
			if err == nil && digestOf(now) != was {
				err = fmt.Errorf("%s has %w", src.ID(at), changed)
			}
			return err
		})
		if errors.Is(err, changed) {
			p.close()
			j.note("not going on from %s that are embedded: %v", numberOf(w.Done(), "image"), err)
			w.Forget()
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// digestOf are the first bytes of a digest of pixels: enough to tell an image that has changed.
func digestOf(sum [32]byte) uint64 { return binary.LittleEndian.Uint64(sum[:]) }

// embedTo embeds the images that are not embedded yet.
func (j *indexJob) embedTo(ctx context.Context, w *index.Writer, p *progress) error {
	images := newPixels(j.splits)
	first := 0 // image of the split, of all
	for _, src := range images.splits {
		from := min(max(0, w.Done()-first), src.Len())
		set, err := j.models.Embeddings(dataset.Slice(src, from, src.Len()))
		if err != nil {
			return err
		}
		at := from
		for rows, err := range set.Blocks(ctx, block) {
			if err != nil {
				return err
			}
			items, err := j.items(ctx, src, at, len(rows)/set.Dim())
			if err != nil {
				return err
			}
			if err := w.Write(rows, items); err != nil {
				return err
			}
			at += len(items)
			p.report("embedding", at, src.Len())
		}
		first += src.Len()
	}
	return nil
}

// items are what an index has of images beside their embeddings.
func (j *indexJob) items(ctx context.Context, src *watched, first, n int) ([]index.NewItem, error) {
	items := make([]index.NewItem, n)
	classes := src.Classes()
	err := parallel.ForErr(ctx, n, func(_, i int) error {
		at := first + i
		item := &items[i]
		item.ID = src.ID(at)
		if class := src.Label(at); class >= 0 {
			item.Label = classes[class]
		}
		sum, err := src.take(at)
		if err != nil {
			return err
		}
		item.Digest = digestOf(sum)
		picture, err := j.picture(ctx, src.Source, at)
		if err != nil {
			return err
		}
		item.Width, item.Height, item.Thumbnail = picture.width, picture.height, picture.file
		return nil
	})
	return items, err
}
