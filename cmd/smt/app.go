package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

// app is what the commands share: where they write, and the flags of all.
type app struct {
	stdout, stderr io.Writer
	unheard        bool          // standard output may have been closed: stdout is another
	every          time.Duration // between two progress lines, where there are no bars
	columns        func() int    // that help is wrapped to
	demoConfig     func() (smt.Config, error)

	json    bool
	quiet   bool
	seed    uint64
	seeded  bool // --seed was given
	workers int

	working  bool  // the command line was understood
	unhelped error // why no help was given
}

func newApp(stdout, stderr io.Writer) *app {
	return &app{stdout: stdout, stderr: stderr, every: 10 * time.Second, columns: func() int { return terminal(stdout) }, demoConfig: demoConfig}
}

const (
	exitFailure = 1
	exitUsage   = 2
)

// main runs a command line and returns the exit code.
func (a *app) main(ctx context.Context, args []string) int {
	stdout := &heard{w: a.stdout}
	a.stdout = stdout
	root := a.root()
	root.SetArgs(args)
	err := cmp.Or(root.ExecuteContext(ctx), a.unhelped)
	if stdout.err != nil {
		a.working = true
		err = cmp.Or(err, stdout.err) // help and such do not look
	}
	if err == nil {
		return 0
	}
	code := exitFailure
	// Whatever goes wrong before a command begins to work is wrong usage.
	if _, ok := errors.AsType[usageError](err); ok || !a.working {
		code = exitUsage
	}
	message := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "smt: "), ": smt: ", ": ")
	message = strings.Join(strings.FieldsFunc(message, isBreak), "; ")
	if a.json || wantsJSON(args) {
		bad, _ := errors.AsType[dataset.BadFilesError](err)
		_ = encodeJSON(visible{w: a.stderr}, failure{message, code, bad.Files}, "") // there is nowhere else to report to
	} else {
		fmt.Fprintln(visible{w: a.stderr}, "smt:", message)
	}
	return code
}

// failure is an error as JSON, the last line on standard error.
type failure struct {
	Error string `json:"error"`
	Code  int    `json:"exit_code"`

	Bad []dataset.BadFile `json:"bad,omitempty"` // all files that cannot be read, where it is of these
}

// wantsJSON finds --json in a command line that was not understood, before or after what
// is wrong with it.
func wantsJSON(args []string) (yes bool) {
	for _, arg := range args {
		name, value, given := strings.Cut(arg, "=")
		switch {
		case name == "--":
			return yes
		case name == "--json" && given:
			yes, _ = strconv.ParseBool(value)
		case name == "--json":
			yes = true
		}
	}
	return yes
}

func isBreak(r rune) bool { return r == '\n' || r == '\r' }

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:   "smt",
		Short: "Learn representations with the Sparse Manifold Transform",
		Long: `smt learns a representation of images without labels and without gradients: it
codes image patches sparsely and finds the linear map of the codes that varies
least over patches that occur together (Chen, Yun, Ma, Olshausen and LeCun,
ICLR 2023). Words of a text, frames of film and points go the same way.`,
		Example: `  smt demo
  smt data get cifar10
  smt fit data/cifar-10-batches-bin -o cifar.safetensors
  smt eval cifar.safetensors data/cifar-10-batches-bin`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	group(c, a.demo(), a.data(), a.fit(), a.embed(), a.indexing(), a.search(), a.duplicates(), a.outliers(), a.groups(), a.classify(), a.eval(), a.explain(), a.compare(), a.serve(), a.nearest(), a.analogy(), a.mapping(), a.encoder(), a.stats(), a.merge(), a.solve(), a.reproduce(), a.info(), a.version())
	a.versionFlag(c)
	f := c.PersistentFlags()
	f.BoolVar(&a.json, "json", false, "print one JSON object on standard output or, of an error, as the last line of standard error")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "show no progress")
	f.Uint64Var(&a.seed, "seed", 0, "seed of all that is random (default: the configuration's, or the model's)")
	f.IntVar(&a.workers, "workers", 0, "processor cores to use, which does not change results, 0 for all (default: all)")
	c.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return checkFlags(c) }
	c.SetFlagErrorFunc(wrongFlag)
	c.SetHelpCommand(a.help())
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		// Of smt fti --help it is the command that is wrong.
		if rest := c.Flags().Args(); c.Annotations[isGroup] != "" && len(rest) > 0 {
			a.unhelped = unknownCommand(c, rest[0])
			return
		}
		help(c.OutOrStdout(), c, a.columns())
	})
	c.SetOut(a.stdout) // before the next line, which asks for it
	c.SetErr(a.stderr)
	c.InitDefaultCompletionCmd()
	if script, _, err := c.Find([]string{"completion"}); err == nil {
		group(script)
	}
	completions(c)
	decimalFlags(c)
	return c
}

// mostWorkers bounds what the runtime sets up for each of them.
const mostWorkers = 1024

// run makes the RunE of a command of its work.
func (a *app) run(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if a.workers < 0 || a.workers > mostWorkers {
			return usagef("--workers is %d: want 1 to %d cores, or 0 for all", a.workers, mostWorkers)
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(a.workers)) // 0 changes nothing
		a.seeded = c.Flags().Changed("seed")
		a.working = true
		if err := memory.Short(); err != nil {
			return err
		}
		err := work(c.Context(), args)
		if errors.Is(err, context.Canceled) && c.Context().Err() != nil {
			return interruption(err)
		}
		return err
	}
}

// interruption says that the user stopped the work, and what err knows beyond that.
func interruption(err error) error {
	text := strings.ReplaceAll(": "+strings.TrimPrefix(err.Error(), "smt: "), ": "+context.Canceled.Error(), "")
	return errors.New("interrupted" + text)
}

// seedOr is the seed given on the command line, or else this one.
func (a *app) seedOr(seed uint64) uint64 {
	if a.seeded {
		return a.seed
	}
	return seed
}

// note writes a line for the reader, who may have asked for none.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(visible{a.stderr, true}, format+"\n", args...)
	}
}

// A result is what a command found out. As JSON it is one object; print writes
// it for people, one "name\tvalue" a line and a call.
type result interface{ print(w io.Writer) }

func encodeJSON(w io.Writer, v any, indent string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	return enc.Encode(v)
}

// emit writes a result to standard output or, where one of the outputs is that, to
// standard error.
func (a *app) emit(r result, outs ...string) error {
	to := a.stdout
	switch {
	case slices.Contains(outs, output.Stdout):
		to = a.stderr
	case a.unheard:
		a.note("standard output is closed, or the null device open for reading too: the result is here, on standard error")
	}
	var b bytes.Buffer
	if a.json {
		if err := encodeJSON(&b, r, "  "); err != nil {
			return err
		}
	} else {
		w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		r.print(visible{w, true})
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if _, err := (visible{w: to}).Write(b.Bytes()); err != nil {
		return err
	}
	if c, is := r.(checked); is && c.unmet() != "" {
		fmt.Fprintf(visible{a.stderr, true}, "the check of the fit does not hold: %s\n", c.unmet())
	}
	return nil
}
