package judge

import (
	"context"
	"fmt"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/shuffle"
)

// sampleRows is the number of items for each component, so that variances are not those of
// chance.
const sampleRows = 4

// componentSeed chooses the sample of a bank. Others choose by other seeds.
const componentSeed = 5

// Components finds the first n principal components of the embeddings of a bank, in a sample
// of it, as Evaluate does with Protocol.Components: Of the result is embeddings shortened to
// n values and evened out. report, if not nil, is told when it begins and when it is done.
func Components(ctx context.Context, bank embedding.Set, n int, report func(stage string, done, total int)) (*embedding.Components, error) {
	if most := min(bank.Len(), bank.Dim()); n < 1 || n > most {
		return nil, fmt.Errorf("judge: whiten is %d: want 1 to %d components, of %s of %s, or 0 for none", n, most, plural.Of(bank.Len(), "embedding"), plural.Of(bank.Dim(), "value"))
	}
	if report == nil {
		report = func(string, int, int) {}
	}
	report("components", 0, 1)
	c, err := embedding.NewComponents(ctx, bank.Pick(shuffle.Sample(bank.Len(), sampleRows*n, componentSeed)), n, embedding.Power, componentSeed)
	if err != nil {
		return nil, err
	}
	report("components", 1, 1)
	return c, nil
}
