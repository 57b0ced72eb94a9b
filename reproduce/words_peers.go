package reproduce

import (
	"bufio"
	"context"
	"embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/internal/python"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/judge/wordtest"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/source/text"
	"github.com/sparse-manifold/smt/sparse"
)

//go:embed python
var pythons embed.FS

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

// peerEnvironment is where the peers run, another in tests.
var peerEnvironment = func(ctx context.Context, dir string, log io.Writer) (*python.Environment, error) {
	scripts, err := fs.Sub(pythons, "python")
	if err != nil {
		return nil, err
	}
	return python.New(ctx, scripts, dir, log)
}

// run has the peers learn from the tokens in dir, and puts the tests that they carry there.
func (p wordPeers) run(ctx context.Context, dir string, minCount int, r *runner) (methods []Method, note string, err error) {
	run, err := newScripts(ctx)
	if err != nil {
		return nil, "", err
	}
	defer run.remove()
	args := []string{dir, strconv.Itoa(minCount), strconv.Itoa(p.Epochs), strconv.Itoa(p.Workers)}
	for _, d := range p.Dims {
		args = append(args, strconv.Itoa(d))
	}
	c := run.command(ctx, "words", args...)
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := c.Start(); err != nil {
		return nil, "", err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && err == nil {
		var s said
		if err = json.Unmarshal(lines.Bytes(), &s); err != nil {
			err = fmt.Errorf("words.py says %.80q: %w", lines.Text(), err)
			break
		}
		if s.Name == "" {
			note = s.Note
			continue
		}
		m := Method{Name: s.Name, Dims: s.Dims, Seconds: s.Seconds}
		path := filepath.Join(dir, s.File)
		m.vocabulary, err = readVectors(path, s.Dims)
		err = errors.Join(err, remove(path+".words"), remove(path+".f32"))
		methods = append(methods, m)
		r.say("words: %s of %d dimensions in %s", s.Name, s.Dims, brief(s.Seconds))
	}
	if err = errors.Join(err, lines.Err()); err != nil {
		_ = c.Process.Kill()
	}
	ended := c.Wait()
	if ctx.Err() != nil {
		return nil, "", ctx.Err() // which ended it
	}
	if err == nil && ended != nil {
		err = run.failed("words", ended)
	}
	if err == nil && len(methods) == 0 {
		err = errors.New("words.py trained nothing")
	}
	return methods, note, err
}

// lastLine is what a program said at last.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// readVectors reads what a script kept: path.words, a word a line, and path.f32, dim values a word.
func readVectors(path string, dim int) (*wordtest.Vocabulary, error) {
	names, err := regular.ReadFile(path + ".words")
	if err != nil {
		return nil, err
	}
	raw, err := regular.ReadFile(path + ".f32")
	if err != nil {
		return nil, err
	}
	list := strings.Split(strings.TrimSuffix(string(names), "\n"), "\n")
	if want := 4 * dim * len(list); len(raw) != want {
		return nil, fmt.Errorf("%s.f32 has %d bytes: want %d, of %d words with %d values", path, len(raw), want, len(list), dim)
	}
	values := make([]float32, len(raw)/4)
	if _, err := binary.Decode(raw, binary.LittleEndian, values); err != nil {
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
