// Command peers measures smt side by side with the libraries that are known for
// the same work: numpy and scipy on OpenBLAS, faiss, scikit-learn, and the machine's own peak.
//
//	go run ./bench/peers [--json] [--only codes,knn] [--data data] [--rounds 5] [--whole] [--quick]
//
// It prints a table or, with --json, an array of objects {name, ours, peer, ratio,
// goal, unit, note}; what it is doing goes to standard error. --only takes the
// names codes-peak, codes, knn, search, eigen, counts, gemm and atoms. --whole adds whole runs on
// MNIST and CIFAR-10 against the first version of smt, which takes half an hour
// and needs the repository's history. --quick makes everything small: it shows
// that all works and that both sides agree, and its ratios mean nothing.
//
// Both sides do the same work on the same arrays and threads, in turn, in one
// run; each is given as the least of its times. A result that the two sides do
// not agree on is an error.
//
// The peers come from PyPI, at the versions in python/requirements.txt, into a
// virtual environment in the user's cache that is made once; Python 3.11 or later
// is needed. --data is a folder with cifar-10-batches-bin (and mnist, for
// --whole); without it images are synthetic.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sparse-manifold/smt/bench/internal/coding"
	"github.com/sparse-manifold/smt/bench/internal/images"
	"github.com/sparse-manifold/smt/internal/python"
)

//go:embed python
var peers embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// bench is what the comparisons share.
type bench struct {
	sizes
	rounds int
	data   string // folder of the data sets
	dir    string // for arrays, one folder a comparison
	env    *python.Environment
	images *images.Images
	coding *coding.Coding // nil until a comparison needs it
}

// comparison is one subject, of one or more results.
type comparison struct {
	name string
	run  func(context.Context, *bench) ([]Result, error)
}

var comparisons = []comparison{
	{"codes-peak", codesOfPeak},
	{"codes", codes},
	{"gemm", gemm},
	{"knn", neighbours},
	{"search", inIndex},
	{"eigen", eigen},
	{"counts", counts},
	{"atoms", atoms},
}

func run(ctx context.Context) error {
	asJSON := flag.Bool("json", false, "print a JSON array, not a table")
	only := flag.String("only", "", "comparisons to make, separated by commas; all if empty")
	data := flag.String("data", "data", "folder with cifar-10-batches-bin and mnist")
	rounds := flag.Int("rounds", 5, "times that both sides do the work")
	quick := flag.Bool("quick", false, "make everything small")
	whole := flag.Bool("whole", false, "whole runs against the first version too")
	child := flag.String("child", "", "internal: measure codes against the peak, on the arrays in this folder")
	flag.Parse()
	if flag.NArg() > 0 || *rounds < 1 {
		return fmt.Errorf("arguments %q, %d rounds: want no arguments and a round at least", flag.Args(), *rounds)
	}
	if *child != "" {
		return codesChild(*child, *rounds)
	}
	chosen, err := choose(*only, *whole)
	if err != nil {
		return err
	}
	b := &bench{sizes: full, rounds: *rounds, data: *data}
	if *quick {
		b.sizes = small
	}
	results, err := b.measure(ctx, chosen)
	write := writeTable
	if *asJSON {
		write = writeJSON
	}
	return errors.Join(err, write(os.Stdout, results))
}

// choose returns the comparisons with the names in a list, all if it is empty.
func choose(only string, whole bool) ([]comparison, error) {
	all := comparisons
	if whole {
		all = append(slices.Clone(all), comparison{"whole", wholeRuns})
	}
	if only == "" {
		return all, nil
	}
	var chosen []comparison
	for _, name := range strings.Split(only, ",") {
		i := slices.IndexFunc(all, func(c comparison) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("--only %s: no such comparison (whole needs --whole)", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// measure makes the comparisons. One that fails does not keep the others.
func (b *bench) measure(ctx context.Context, chosen []comparison) (results []Result, err error) {
	if b.dir, err = os.MkdirTemp("", "smt-peers-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.dir)
	scripts, err := fs.Sub(peers, "python")
	if err != nil {
		return nil, err
	}
	if b.env, err = python.New(ctx, scripts, filepath.Join(b.dir, "python"), os.Stderr); err != nil {
		return nil, err
	}
	if b.images, err = images.Open(b.data); err != nil {
		return nil, err
	}
	defer b.images.Close()
	progress("images: %v", b.images)
	if err := describeMachine(ctx); err != nil {
		return nil, err
	}
	about, err := start(ctx, b.env, "about", b.dir)
	if err != nil {
		return nil, err
	}
	about.stop()
	progress("peers: %s", about.note)
	for _, c := range chosen {
		found, failure := c.run(ctx, b)
		results = append(results, found...)
		if failure != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", c.name, failure))
		}
		if ctx.Err() != nil {
			return results, err
		}
	}
	return results, err
}

// needCoding makes the coding that comparisons share.
func (b *bench) needCoding(ctx context.Context) (*coding.Coding, error) {
	if b.coding == nil {
		c, err := coding.New(ctx, b.images.Train, b.atoms)
		if err != nil {
			return nil, err
		}
		progress("a dictionary of %d atoms of %d values", b.atoms, c.Transform.Dim())
		b.coding = c
	}
	return b.coding, nil
}

// folder makes a folder for the arrays of a comparison, and a function that removes it.
func (b *bench) folder(name string) (dir string, remove func(), err error) {
	dir = filepath.Join(b.dir, name)
	return dir, func() { os.RemoveAll(dir) }, os.Mkdir(dir, 0o755)
}

// against has us, in one way or several, and then a script do the same work in
// turn, on the arrays in dir. The script's last result is then in dir, and its
// seconds are the last of those returned.
func (b *bench) against(ctx context.Context, script, dir string, rounds int, ours ...func() (float64, error)) (best []float64, note string, err error) {
	p, err := start(ctx, b.env, script, dir)
	defer p.stop()
	if err != nil {
		return nil, "", err
	}
	if best, err = contest(script, rounds, append(ours, p.run)...); err != nil {
		return nil, "", err
	}
	return best, p.note, p.answer()
}

var began = time.Now()

// progress tells on standard error what is done.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%6.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}
