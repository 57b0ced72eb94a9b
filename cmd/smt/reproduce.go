package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/reproduce"
)

func (a *app) reproduce() *cobra.Command {
	var opt reproduce.Options
	c := &cobra.Command{
		Use:   "reproduce [ROW…]",
		Short: "Run the paper's table and print it beside the paper's numbers",
		Long: `Run rows of the paper's table, and of ours past it: fit, embed and judge, by
nearest neighbours as the paper does, on the models' components and on those of the bank, with
hubs corrected, by a linear probe, and by the readout of smt eval --readout, from 1, 10, 100,
500 labels a class and from all.

ROW is any of ` + strings.Join(reproduce.Names(), ", ") + `;
without one all of images are run. Row words has smt learn from text, beside gensim's
word2vec and PPMI-SVD on the same words where there are Python 3.11 and PyPI: it wants a
corpus, words/*.txt or *.tsv, with .gz or without, in --data. Row vectors has smt embed points
of manifolds and digits, beside scikit-learn and umap-learn, and wants those two, but no data.
Row atoms has it learn a dictionary from patches of CIFAR-10, beside scikit-learn. Rows that are done are skipped. On Ctrl-C everything so far
is kept, and the same command goes on. The folder of results holds the models, a log
and the metrics of each row, and results.json and results.md of rows of images.`,
		Example: `  smt reproduce cifar10-8192 --data data
  smt reproduce --data data --out table
  smt reproduce --data data --quick`,
		ValidArgs: reproduce.Names(),
		RunE: a.run(func(ctx context.Context, rows []string) error {
			opt.Rows = rows
			if opt.Out == "" {
				opt.Out = "smt-reproduce"
				if opt.Quick {
					opt.Out = "smt-reproduce-quick"
				}
			}
			if err := output.Check(within("--out", opt.Out, nil), nil); err != nil {
				return err
			}
			opt.Seed = a.seedOr(1)
			p := a.newProgress()
			defer p.close()
			opt.Progress = p.report
			opt.Note = func(line string) {
				p.close()
				a.note("%s", line)
			}
			report, err := reproduce.Run(ctx, opt)
			p.close()
			if err != nil {
				if _, ok := errors.AsType[reproduce.UnknownRow](err); ok {
					return usageError{err}
				}
				return err
			}
			return a.emit(reproduced{report})
		}),
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&opt.Data, "data", "data", "`FOLDER` that holds mnist, cifar-10-batches-bin and cifar-100-binary, as smt data get makes it")
	f.StringVar(&opt.Out, "out", "", "`FOLDER` of results (default: smt-reproduce, or smt-reproduce-quick)")
	f.BoolVar(&opt.Quick, "quick", false, "run every row on few images with few atoms, to see that everything works")
	return c
}

type reproduced struct{ *reproduce.Report }

func (r reproduced) print(w io.Writer) {
	r.Text(w)
	fmt.Fprintln(w)
	fmt.Fprintf(w, "in %s: of each row metrics.json and log, and results.json and results.md of those of images\n", r.Out)
}
