package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
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
	x                                 *index.Index
	labels, learned, table, page, out string
	why                               int

	known    *answers.Labels // nil where something was learned before
	asked    answers.Unnamed
	pictures [][]byte // a file of each image that is named, nil where none are
}

func (j *classifyJob) answer(ctx context.Context, images []string) (*classified, error) {
	p := j.newProgress()
	defer p.close()
	began := time.Now()
	var err error
	if j.learned == "" {
		if j.known, err = j.labelsOf(ctx); err != nil {
			return nil, err
		}
	}
	if j.asked, err = j.queries(ctx, images); err != nil {
		return nil, err
	}
	c, err := j.classifier(ctx, j.asked, memory.Available(), p)
	if err != nil {
		return nil, err
	}
	found, err := answers.Classify(ctx, j.x, c, j.known, j.asked)
	if err != nil {
		return nil, err
	}
	found.Seconds = time.Since(began).Seconds()
	return &classified{Classified: found, Peak: memory.Peak()}, nil
}

// classifier learns from labels, or is what was learned before. It says so if there is no room to do so and to answer.
func (j *classifyJob) classifier(ctx context.Context, u answers.Unnamed, room memory.Room, p *progress) (*readout.Classifier, error) {
	identity, err := identityOf(ctx, j.x)
	if err != nil {
		return nil, err
	}
	if j.learned != "" {
		c, err := readout.Load(j.learned, identity, j.x)
		if err != nil {
			return nil, err
		}
		need := c.Memory() + u.Memory(j.x.Shape(), len(c.Classes()))
		return c, room.Enough("classifying "+numberOf(u.Images.Len(), "image"), memory.Estimate(need))
	}
	if err := enoughToAsk("classifying", j.x, j.known.Memory(j.x.Dim())+u.Memory(j.x.Shape(), len(j.known.Classes)), room); err != nil {
		return nil, err
	}
	g, err := graph.New(ctx, j.x, graph.Nearest, p.report)
	if err != nil {
		return nil, err
	}
	c, err := answers.Learn(ctx, j.x, g, j.known, p.report)
	if err == nil && j.out != "" {
		err = c.Save(j.out, identity)
	}
	return c, err
}

// labelsOf are those of the file that is named, or the classes of the index.
func (j *classifyJob) labelsOf(ctx context.Context) (*answers.Labels, error) {
	if j.labels == "" {
		if len(j.x.Classes()) == 0 {
			return nil, usagef("the images of the index have no classes: want --labels FILE")
		}
		return answers.OwnLabels(j.x)
	}
	f, err := os.Open(j.labels)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	items, err := answers.NumbersOf(ctx, j.x)
	if err != nil {
		return nil, err
	}
	l, err := answers.ReadLabels(f, items)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.labels, err)
	}
	return l, nil
}

// identityOf tells an index from others: a digest of all ids and of the embeddings of some.
func identityOf(ctx context.Context, x *index.Index) (string, error) {
	const some = 64
	h := sha256.New() // writing to it cannot fail
	for i := range x.Len() {
		if i%4096 == 0 && ctx.Err() != nil {
			return "", ctx.Err()
		}
		id, err := x.ID(i)
		if err != nil {
			return "", err
		}
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

// queries are images, with the pixels of those that are files, or, if there are none, the items without labels.
func (j *classifyJob) queries(ctx context.Context, images []string) (answers.Unnamed, error) {
	u := answers.Unnamed{Why: j.why}
	if len(images) > 0 {
		s := &searching{app: j.app, x: j.x}
		q := embedding.Vectors{Width: j.x.Dim(), EvenWidth: j.x.Even(), IDs: images}
		for _, image := range images {
			row, item, picture, err := s.embed(ctx, image)
			if err != nil {
				return u, err
			}
			q.Rows, u.Own, u.Pixels.Of = append(q.Rows, slices.Clone(row)), append(u.Own, item), append(u.Pixels.Of, s.last)
			j.pictures = append(j.pictures, picture)
		}
		u.Images, u.Pixels.Models = q, s.models
		return u, nil
	}
	if j.known != nil {
		u.Own = j.known.Open()
	}
	if len(u.Own) == 0 {
		return u, usagef("all images of the index have labels, or were learned from before: want an IMAGE")
	}
	u.Images = j.x.Pick(u.Own)
	return u, nil
}
