package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"iter"
	"slices"
	"time"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/shuffle"
	"github.com/sparse-manifold/smt/readout"
)

// classifyJob is the work of classify.
type classifyJob struct {
	*app
	x                           *index.Index
	labels, learned, table, out string
	why                         int

	classes []string // of the labels
	label   []int    // of each item, -1 for none; nil where something was learned before
}

func (j *classifyJob) answer(ctx context.Context, images []string) (*classified, error) {
	p := j.newProgress()
	defer p.close()
	began := time.Now()
	c, err := j.classifier(ctx, p)
	if err != nil {
		return nil, err
	}
	queries, err := j.queries(ctx, images)
	if err != nil {
		return nil, err
	}
	answers, err := c.Classify(ctx, queries)
	if err != nil {
		return nil, err
	}
	r := &classified{Items: j.x.Len(), Method: c.Method(), Classes: c.Classes(), Images: []verdict{}}
	for _, l := range j.label {
		if l >= 0 {
			r.Labels++
		}
	}
	best := make([]int, len(answers))
	for i, a := range answers {
		best[i] = a.Class
		id, err := queries.ID(i)
		if err != nil {
			return nil, err
		}
		r.Images = append(r.Images, verdict{Image: id, Label: r.Classes[a.Class], Probability: a.Probabilities[a.Class], Probabilities: a.Probabilities})
	}
	if j.why > 0 {
		reasons, err := c.Explain(ctx, queries, best, j.open(images), j.why)
		if err != nil {
			return nil, err
		}
		for i, list := range reasons {
			if r.Images[i].Why, err = j.speakers(list); err != nil {
				return nil, err
			}
		}
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

// speakers are the reasons of an answer, by the names of their images and the labels that were given.
func (j *classifyJob) speakers(reasons []readout.Reason) ([]speaker, error) {
	var list []speaker
	for _, r := range reasons {
		id, err := j.x.ID(r.Item)
		if err != nil {
			return nil, err
		}
		s := speaker{answers.Neighbour{Item: answers.Item{ID: id, Number: r.Item}, Cosine: r.Cosine, Flip: r.Flip}, r.Share}
		if j.label != nil && j.label[r.Item] >= 0 {
			s.Label = j.classes[j.label[r.Item]]
		}
		list = append(list, s)
	}
	return list, nil
}

// classifier learns from labels, or is what was learned before.
func (j *classifyJob) classifier(ctx context.Context, p *progress) (*readout.Classifier, error) {
	ids := make([]string, j.x.Len())
	for i := range ids {
		var err error
		if ids[i], err = j.x.ID(i); err != nil {
			return nil, err
		}
	}
	identity, err := identityOf(ctx, j.x, ids)
	if err != nil {
		return nil, err
	}
	if j.learned != "" {
		return readout.Load(j.learned, identity, j.x)
	}
	if j.labels != "" {
		j.label, j.classes, err = labelsOf(j.labels, ids)
	} else {
		j.label, j.classes, err = ownLabels(j.x)
	}
	if err != nil {
		return nil, err
	}
	labelled := 0
	for _, l := range j.label {
		if l >= 0 {
			labelled++
		}
	}
	learning := readout.Memory(readout.Chosen, labelled, len(ids), j.x.Dim(), len(j.classes))
	if err := enoughToAsk("classifying", j.x, learning, memory.Available()); err != nil {
		return nil, err
	}
	g, err := graph.New(ctx, j.x, graph.Nearest, p.report)
	if err != nil {
		return nil, err
	}
	b, err := readout.NewBank(j.x, g, p.report)
	if err != nil {
		return nil, err
	}
	c, err := b.Learn(ctx, j.label, j.classes, readout.Chosen)
	if err == nil && j.out != "" {
		err = c.Save(j.out, identity)
	}
	return c, err
}

// ownLabels are the classes that an index has itself.
func ownLabels(x *index.Index) (labels []int, names []string, err error) {
	names = x.Classes()
	if len(names) == 0 {
		return nil, nil, usagef("the images of the index have no classes: want --labels FILE")
	}
	labels = make([]int, x.Len())
	for i := range labels {
		item, err := x.Item(i)
		if err != nil {
			return nil, nil, err
		}
		labels[i] = slices.Index(names, item.Label)
	}
	return labels, names, nil
}

// identityOf tells an index from others: a digest of all ids and of the embeddings of some.
func identityOf(ctx context.Context, x *index.Index, ids []string) (string, error) {
	const some = 64
	h := sha256.New() // writing to it cannot fail
	for _, id := range ids {
		_ = binary.Write(h, binary.LittleEndian, uint64(len(id)))
		_, _ = h.Write([]byte(id))
	}
	for rows, err := range x.Pick(shuffle.Sample(x.Len(), some, 0)).Blocks(ctx, some) {
		if err != nil {
			return "", err
		}
		_ = binary.Write(h, binary.LittleEndian, rows)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// queries are the embeddings of images or, if there are none, of the items without labels.
func (j *classifyJob) queries(ctx context.Context, images []string) (embedding.Set, error) {
	if len(images) > 0 {
		s := &searching{app: j.app, x: j.x}
		q := queried{dim: j.x.Dim(), even: j.x.Even(), ids: images}
		for _, image := range images {
			row, _, _, err := s.embed(ctx, image)
			if err != nil {
				return nil, err
			}
			q.rows = append(q.rows, slices.Clone(row))
		}
		return q, nil
	}
	open := j.open(images)
	if len(open) == 0 {
		return nil, usagef("all images of the index have labels, or were learned from before: want an IMAGE")
	}
	return j.x.Pick(open), nil
}

// open are the items without labels, which are classified where no images are named; nil where some are.
func (j *classifyJob) open(images []string) (items []int) {
	if len(images) > 0 {
		return nil
	}
	for i, l := range j.label {
		if l < 0 {
			items = append(items, i)
		}
	}
	return items
}

// queried are the embeddings of images, in memory.
type queried struct {
	dim, even int
	ids       []string
	rows      [][]float32
}

func (q queried) Len() int                 { return len(q.rows) }
func (q queried) Dim() int                 { return q.dim }
func (q queried) Even() int                { return q.even }
func (q queried) ID(i int) (string, error) { return q.ids[i], nil }

func (q queried) Pick(rows []int) embedding.Set {
	p := queried{dim: q.dim, even: q.even}
	for _, r := range rows {
		p.ids, p.rows = append(p.ids, q.ids[r]), append(p.rows, q.rows[r])
	}
	return p
}

func (q queried) Blocks(ctx context.Context, n int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for rows := range slices.Chunk(q.rows, n) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(slices.Concat(rows...), nil) {
				return
			}
		}
	}
}
