package reproduce

import (
	"context"
	"errors"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/judge"
)

// kept is the embeddings of a split by all members of a row, as their files have them.
type kept struct {
	files   []*embedding.File
	weights []float64
	src     dataset.Source
}

func (r *runner) kept(w row, jobs []job, split string) (*kept, error) {
	k := &kept{src: jobs[0].images.split(split).Source}
	for i, j := range jobs {
		f, err := r.embeddings(j, split)
		if err != nil {
			return nil, errors.Join(err, k.Close())
		}
		k.files, k.weights = append(k.files, f), append(k.weights, w.members[i].weight)
	}
	return k, nil
}

func (k *kept) Close() error {
	var errs []error
	for _, f := range k.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// labelled is the members side by side: all values of each, or with own what these components, one
// a member, make of them.
func (k *kept) labelled(own []*embedding.Components) (judge.Labelled, error) {
	var sets []embedding.Set
	for i, f := range k.files {
		if own == nil {
			sets = append(sets, f)
		} else {
			sets = append(sets, own[i].Of(f))
		}
	}
	set, err := embedding.Join(k.weights, sets...)
	return judge.Labelled{Set: set, Labels: k.src, Coarse: dataset.Coarse(k.src)}, err
}

// labelledBoth is labelled of the bank and of the test images.
func labelledBoth(bank, test *kept, own []*embedding.Components) (b, t judge.Labelled, err error) {
	b, bankErr := bank.labelled(own)
	t, testErr := test.labelled(own)
	return b, t, errors.Join(bankErr, testErr)
}

// ownComponents are those that a fit of each member would have learned and stored. k is of the
// images of the fit, all in their order, so that nothing is embedded again.
func (r *runner) ownComponents(ctx context.Context, jobs []job, k *kept) ([]*embedding.Components, error) {
	const stage = "components of the models"
	var own []*embedding.Components
	for i, j := range jobs {
		r.report(stage, i, len(jobs))
		c, err := j.short.LearnComponents(ctx, k.files[i])
		if err != nil {
			return nil, err
		}
		own = append(own, c)
	}
	r.report(stage, len(jobs), len(jobs))
	return own, nil
}
