package reproduce

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/python"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/judge/wordtest"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/sparse"
)

// wordTests are the files of the tests, as gensim calls them.
var wordTests = []string{"wordsim353.tsv", "simlex999.txt", "questions-words.txt"}

// wordPeers are how the peers are trained.
type wordPeers struct {
	Epochs  int
	Workers int
	Dims    []int
}

var (
	fullPeers  = wordPeers{5, 2, []int{100, 200, 300}}
	quickPeers = wordPeers{1, 2, []int{20}}
)

// said is a line of what the peers' script says.
type said struct {
	Note    string  `json:"note"`
	Name    string  `json:"name"`
	Dims    int     `json:"dims"`
	Seconds float64 `json:"seconds"`
	File    string  `json:"file"`
}

// run has the peers learn from the tokens in dir, and puts the tests that they carry there.
func (p wordPeers) run(ctx context.Context, dir string, minCount int, r *runner) (methods []Method, note string, err error) {
	peers, err := startPeers(ctx, "python")
	if err != nil {
		return nil, "", err
	}
	defer peers.Close()
	args := []string{dir, strconv.Itoa(minCount), strconv.Itoa(p.Epochs), strconv.Itoa(p.Workers)}
	for _, d := range p.Dims {
		args = append(args, strconv.Itoa(d))
	}
	err = python.Run(ctx, peers, func(s said) (err error) {
		if s.Name == "" {
			note = s.Note
			return nil
		}
		m := Method{Name: s.Name, Dims: s.Dims, Seconds: s.Seconds}
		path := filepath.Join(dir, s.File)
		m.vocabulary, err = readVectors(path, s.Dims)
		methods = append(methods, m)
		r.say("words: %s of %s in %s", s.Name, plural.Of(s.Dims, "dimension"), brief(s.Seconds))
		return errors.Join(err, remove(path+".words"), remove(path+".f32"))
	}, "words", args...)
	if err == nil && len(methods) == 0 {
		err = errors.New("words.py trained nothing")
	}
	return methods, note, err
}

// readVectors reads what a script kept: path.words, a word a line, and path.f32, dim values a word.
func readVectors(path string, dim int) (*wordtest.Vocabulary, error) {
	names, err := regular.ReadFile(path + ".words")
	if err != nil {
		return nil, err
	}
	list := strings.Split(strings.TrimSuffix(string(names), "\n"), "\n")
	values, err := readFloats(path+".f32", len(list), dim)
	if err != nil {
		return nil, err
	}
	return wordtest.NewVocabulary(list, values, dim)
}

// tests reads the tests: those that the peers brought, else those in a folder.
func (w *wordWork) tests(folder string) (tests [3]*wordtest.Test, err error) {
	for i, name := range wordTests {
		path := filepath.Join(w.dir, name)
		if !exists(path) {
			path = filepath.Join(folder, name)
		}
		if tests[i], err = wordtest.Open(path); err != nil {
			return tests, err
		}
	}
	return tests, nil
}

// lineOf reads the words of line i.
func lineOf(c *text.Corpus, i int, u *manifold.Units) error {
	if u.Codes == nil {
		u.Codes = &sparse.Codes{}
	}
	u.Codes.Reset()
	line, err := c.Open(i, nil)
	if err != nil {
		return err
	}
	return line.Read(0, c.Topology(i).Units(), u)
}
