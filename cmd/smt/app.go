package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/spf13/cobra"
)

// app is what the commands share: where they write, and the flags of all.
type app struct {
	stdout, stderr io.Writer
	every          time.Duration // between two progress lines, where there are no bars
	demoConfig     func() (smt.Config, error)

	json    bool
	quiet   bool
	seed    uint64
	seeded  bool // --seed was given
	workers int

	working bool // the command line was understood
}

func newApp(stdout, stderr io.Writer) *app {
	return &app{stdout: stdout, stderr: stderr, every: 10 * time.Second, demoConfig: demoConfig}
}

const (
	exitFailure = 1
	exitUsage   = 2
)

// main runs a command line and returns the exit code.
func (a *app) main(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	message := strings.TrimPrefix(err.Error(), "smt: ")
	fmt.Fprintln(a.stderr, "smt:", strings.Join(strings.FieldsFunc(message, isBreak), "; "))
	// Whatever goes wrong before a command begins to work is wrong usage.
	if _, ok := errors.AsType[usageError](err); ok || !a.working {
		return exitUsage
	}
	return exitFailure
}

func isBreak(r rune) bool { return r == '\n' || r == '\r' }

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:   "smt",
		Short: "Learn a representation of images with the Sparse Manifold Transform",
		Long: `smt learns a representation of images without labels and without gradients: it
codes image patches sparsely and finds the linear map of the codes that varies
least over patches that occur together (Chen, Yun, Ma, Olshausen and LeCun,
ICLR 2023).`,
		Example: `  smt demo
  smt data get cifar10
  smt fit data/cifar-10-batches-bin -o cifar.safetensors
  smt eval cifar.safetensors data/cifar-10-batches-bin`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	group(c, a.demo(), a.data(), a.fit(), a.embed(), a.eval(), a.explain(), a.serve(), a.reproduce(), a.info(), a.version())
	f := c.PersistentFlags()
	f.BoolVar(&a.json, "json", false, "print one JSON object on standard output")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "show no progress")
	f.Uint64Var(&a.seed, "seed", 0, "seed of all that is random (default: the configuration's, or the model's)")
	f.IntVar(&a.workers, "workers", 0, "processor cores to use, which does not change results (default: all)")
	return c
}

// group makes c a command that only has commands below it.
func group(c *cobra.Command, below ...*cobra.Command) {
	c.AddCommand(below...)
	var names []string
	for _, b := range below {
		names = append(names, b.Name())
	}
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		want := "want one of " + strings.Join(names, ", ")
		if len(args) > 0 {
			return usagef("unknown command %q for %q: %s", args[0], c.CommandPath(), want)
		}
		c.SetOut(c.ErrOrStderr())
		if err := c.Help(); err != nil {
			return err
		}
		return usagef("no command for %q: %s", c.CommandPath(), want)
	}
}

// run makes the RunE of a command of its work.
func (a *app) run(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if a.workers < 0 {
			return usagef("--workers is %d: want a number of cores, or 0 for all", a.workers)
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(a.workers)) // 0 changes nothing
		a.seeded = c.Flags().Changed("seed")
		a.working = true
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

// args demands one argument for each of the names.
func args(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing; see %s --help", names[len(args)], c.CommandPath())
		case len(args) > len(names):
			return fmt.Errorf("unexpected argument %q; see %s --help", args[len(names)], c.CommandPath())
		}
		return nil
	}
}

// usageError is wrong usage that is noticed only when a command is at work.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
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
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// A result is what a command found out. As JSON it is one object; print writes
// it for people, one "name\tvalue" a line.
type result interface{ print(w io.Writer) }

func (a *app) emit(r result) error {
	var b bytes.Buffer
	if a.json {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		r.print(w)
		if err := w.Flush(); err != nil {
			return err
		}
	}
	_, err := a.stdout.Write(b.Bytes())
	return err
}
