package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/judge/wordtest"
	"github.com/sparse-manifold/smt/words"
)

// evalWords asks a model of words what published tests ask.
func (a *app) evalWords(ctx context.Context, flags *pflag.FlagSet, model string, paths []string) error {
	var foreign error
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed && !slices.Contains(always, f.Name) && foreign == nil {
			foreign = usagef("--%s is for models of images, and %s is one of words: want none of it", f.Name, model)
		}
	})
	if foreign != nil {
		return foreign
	}
	var tests []*wordtest.Test
	for _, path := range paths {
		t, err := wordtest.Open(path)
		if err != nil {
			return err
		}
		tests = append(tests, t)
	}
	m, err := words.Load(model)
	if err != nil {
		return err
	}
	v, err := wordtest.NewVocabulary(m.Words(), m.Vectors(), m.Dim())
	if err != nil {
		return err
	}
	r := &wordEvaluation{Words: v.Len(), Dims: m.Dim()}
	for i, t := range tests {
		e := wordTest{Test: filepath.Base(paths[i])}
		if t.Pairs != nil {
			e.Similarity, err = v.Similarity(t.Pairs)
		} else {
			e.Analogies, err = v.Analogies(ctx, t.Questions)
			if err == nil {
				e.Ranked, err = v.Favouring(m.Words(), m.Gains()).Analogies(ctx, t.Questions)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", paths[i], err)
		}
		r.Tests = append(r.Tests, e)
	}
	return a.emit(r)
}

// wordEvaluation is how vectors of words agree with people.
type wordEvaluation struct {
	Words int        `json:"words"`
	Dims  int        `json:"dims"`
	Tests []wordTest `json:"tests"`
}

// wordTest is what came out of one test: of pairs, or of questions.
type wordTest struct {
	Test       string               `json:"test"`
	Similarity *wordtest.Similarity `json:"similarity,omitempty"`
	Analogies  *wordtest.Analogies  `json:"analogies,omitempty"`
	Ranked     *wordtest.Analogies  `json:"ranked,omitempty"` // answered as smt analogy does, not by cosines alone
}

func (e *wordEvaluation) print(w io.Writer) {
	for _, t := range e.Tests {
		if s := t.Similarity; s != nil {
			fmt.Fprintf(w, "%s\tcorrelation of ranks %.3f   (%s of %s, whose words are both among the %s of the model)\n",
				t.Test, s.Spearman, count(s.Asked), numberOf(s.Pairs, "pair"), count(e.Words))
			continue
		}
		a := t.Analogies
		fmt.Fprintf(w, "%s\t%.1f %% right   (%s of %s; %s in all)\n", t.Test, 100*a.Accuracy(), count(a.Right), count(a.Asked), numberOf(a.Of, "question"))
		fmt.Fprintf(w, "  as smt analogy ranks\t%s\n", sectionScore(t.Ranked.Score))
		for _, s := range a.Sections {
			fmt.Fprintf(w, "  %s\t%s\n", s.Name, sectionScore(s.Score))
		}
	}
}

func sectionScore(s wordtest.Score) string {
	if s.Asked == 0 {
		return "the model has the words of no question"
	}
	return fmt.Sprintf("%.1f %%   (%s of %s)", 100*s.Accuracy(), count(s.Right), count(s.Asked))
}
