package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/judge/wordtest"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/words"
)

// Words is what came out of the words of a corpus.
type Words struct {
	Head
	Corpus  words.Data   `json:"corpus"`
	Config  words.Config `json:"config"`
	Shared  int          `json:"shared_words"` // that all methods have, and that are asked for
	Methods []Method     `json:"methods"`
}

// Method is what vectors of one method come to. Seconds go from the file to vectors.
type Method struct {
	Name       string               `json:"name"`
	Dims       int                  `json:"dims"`
	Seconds    float64              `json:"seconds"`
	WordSim    *wordtest.Similarity `json:"wordsim353"`
	SimLex     *wordtest.Similarity `json:"simlex999"`
	Analogies  *wordtest.Analogies  `json:"analogies"`
	vocabulary *wordtest.Vocabulary
}

// wordWork is what words are learned from, and how.
type wordWork struct {
	dir    string // where the tokens are, the tests, and what peers made
	config words.Config
	peers  wordPeers
}

// runWords has smt and peers learn from the same tokens, one line a document, and asks all for the
// words that all have.
func runWords(ctx context.Context, r *runner) (_ Study, err error) {
	path, err := corpusIn(filepath.Join(r.opt.Data, "words"))
	if err != nil {
		return nil, err
	}
	w := wordWork{r.folder("words"), words.Default(), fullPeers}
	w.config.Seed = r.opt.Seed
	if r.opt.Quick {
		w.config.Dims, w.peers = 50, quickPeers
	}
	fingerprint, err := w.tokens(ctx, r, path)
	defer func() { err = errors.Join(err, remove(w.corpus())) }()
	if err != nil {
		return nil, err
	}
	work := digest(results, smt.Version, w.config, w.peers, r.opt.Quick, fingerprint)
	m := &Words{Head: Head{Row: "words", Quick: r.opt.Quick, Work: work}, Config: w.config}
	return r.keep(m, new(Words), func() error { return w.run(ctx, r, m) })
}

// corpusIn is the corpus in a folder, which may hold tests beside it.
func corpusIn(dir string) (string, error) {
	var found []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("reproduce: the corpus of words: %w", err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".gz")
		if ending := filepath.Ext(name); (ending == ".txt" || ending == ".tsv") && !slices.Contains(wordTests, name) {
			found = append(found, e.Name())
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("reproduce: %s has %s of text, %s: want one corpus, .txt or .tsv, with .gz or without", dir, plural.Of(len(found), "file"), strings.Join(found, ", "))
	}
	return filepath.Join(dir, found[0]), nil
}

// quickLines is how many lines of a corpus a quick run takes.
const quickLines = 1500

// corpus is where the tokens are.
func (w *wordWork) corpus() string { return filepath.Join(w.dir, "corpus.txt") }

// tokens writes the words of a corpus as all methods read them: those that come up often enough,
// with spaces between them.
func (w *wordWork) tokens(ctx context.Context, r *runner, path string) (fingerprint string, err error) {
	r.say("words: reading %s", path)
	c, err := text.Open(ctx, path, text.Options{MinCount: w.config.MinCount})
	if err != nil {
		return "", err
	}
	lines := c.Len()
	if r.opt.Quick {
		lines = min(lines, quickLines)
	}
	var b strings.Builder
	var u manifold.Units
	for i := range lines {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if err := lineOf(c, i, &u); err != nil {
			return "", err
		}
		for k, number := range u.Codes.Wide {
			if k > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(c.Words[number])
		}
		b.WriteByte('\n')
	}
	return digest(b.String()), writeFile(w.corpus(), []byte(b.String()))
}

// run learns by all methods and judges what they learned.
func (w *wordWork) run(ctx context.Context, r *runner, m *Words) error {
	r.say("words: smt")
	ours, err := w.ours(ctx, r, m)
	if err != nil {
		return err
	}
	m.Methods = []Method{*ours}
	if theirs, note, err := w.peers.run(ctx, w.dir, w.config.MinCount, r); err == nil {
		m.Methods, m.Peers = append(m.Methods, theirs...), note
	} else if err := m.without(ctx, r, err); err != nil {
		return err
	}
	tests, err := w.tests(filepath.Join(r.opt.Data, "words"))
	if err != nil {
		return errors.Join(err, errors.New("they come with the peers, who need Python"))
	}
	return m.judge(ctx, tests, r)
}

// ours fits smt's vectors.
func (w *wordWork) ours(ctx context.Context, r *runner, m *Words) (*Method, error) {
	began := time.Now()
	c, err := text.Open(ctx, w.corpus(), text.Options{MinCount: w.config.MinCount})
	if err != nil {
		return nil, err
	}
	model, err := words.Fit(ctx, c, w.config, manifold.Run{Progress: r.report})
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	m.Corpus = model.Data()
	v, err := wordtest.NewVocabulary(model.Words(), model.Vectors(), model.Dim())
	r.say("words: smt in %s", brief(took))
	return &Method{Name: "smt", Dims: model.Dim(), Seconds: took, vocabulary: v}, err
}

// judge asks all methods for the words that all have.
func (m *Words) judge(ctx context.Context, tests [3]*wordtest.Test, r *runner) error {
	var all []*wordtest.Vocabulary
	for _, x := range m.Methods {
		all = append(all, x.vocabulary)
	}
	for i := range m.Methods {
		x := &m.Methods[i]
		v := x.vocabulary.Only(all...)
		m.Shared = v.Len()
		var errs [3]error
		x.WordSim, errs[0] = v.Similarity(tests[0].Pairs)
		x.SimLex, errs[1] = v.Similarity(tests[1].Pairs)
		x.Analogies, errs[2] = v.Analogies(ctx, tests[2].Questions)
		if err := errors.Join(errs[:]...); err != nil {
			return fmt.Errorf("%s: %w", x.Name, err)
		}
		r.report("judging", i+1, len(m.Methods))
	}
	return nil
}

// Text writes the table of methods.
func (m *Words) Text(out io.Writer) {
	fmt.Fprintln(out, "words by\tdims\tWordSim-353\tSimLex-999\tanalogies\ttime")
	for _, x := range m.Methods {
		fmt.Fprintf(out, "%s\t%d\t%.3f\t%.3f\t%.1f %%\t%s\n", x.Name, x.Dims, x.WordSim.Spearman, x.SimLex.Spearman, 100*x.Analogies.Accuracy(), brief(x.Seconds))
	}
	x := m.Methods[0]
	fmt.Fprintf(out, "asked: %d of %s, %d of %s, %d of %s, of the %s that all have\n",
		x.WordSim.Asked, plural.Of(x.WordSim.Pairs, "pair"), x.SimLex.Asked, plural.Of(x.SimLex.Pairs, "pair"), x.Analogies.Asked, plural.Of(x.Analogies.Of, "question"), plural.Of(m.Shared, "word"))
	fmt.Fprintf(out, "of %s in %s; %v\n", plural.Of(m.Corpus.Kept, "word"), plural.Of(m.Corpus.Lines, "line"), m.Machine)
}
