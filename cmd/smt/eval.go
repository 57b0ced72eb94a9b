package main

import (
	"context"
	"math"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/words"
)

func (a *app) eval() *cobra.Command {
	var (
		src   source
		table string
		j     judging
		flags *pflag.FlagSet
	)
	c := &cobra.Command{
		Use:   "eval MODEL DATA…",
		Short: "Measure the accuracy of nearest neighbours, or of words",
		Long: `Classify the test images of DATA by their nearest neighbours among the training
images (the bank), as MODEL embeds them: by cosine, k neighbours, each with a vote
of exp(cosine/temperature). Below the accuracy stands what the fit of MODEL noted of
the VICReg objective it reached, over the images that MODEL's statistics are of.

Two other protocols know the bank alone, never a test image. --whiten N shortens the
embeddings to the N principal components of the bank, in place of those that MODEL has,
and evens out how much these vary; --hubs N takes off how near an image of the bank is to N others of it, so
that images near to everything count for less. Both want --temperature 0.05.

MODEL may be a folder of models, as smt fit --preset best writes it: they stand side by
side, and the cosine of two images is the mean of theirs. Models of gray images see the
gray views of colour images.

With --readout the classes are also read out in another way, and its accuracy follows that
of the neighbours: the labels spread over the graph of the bank where there are few, and
kernel ridge regression and the corrected vote answer together where there are many.
--each N keeps N labels of each class alone, chosen by the seed.

With --holdout N the test images are not touched: N training images, those that
smt fit --holdout N left out with the same seed, are classified by the others.

Of a model of words, DATA is one or more published tests: pairs of words and how similar
people find them (wordsim353.tsv, simlex999.txt), where cosines are held against that
by Spearman's correlation of ranks, and analogies (questions-words.txt), where the word
nearest to b − a + c is to be d. The files come with gensim, in gensim/test/test_data.`,
		Example: `  smt eval cifar.safetensors data/cifar-10-batches-bin
  smt eval cifar.safetensors data/cifar-10-batches-bin --holdout 5000 --k 50
  smt eval cifar.safetensors data/cifar-10-batches-bin --whiten 2048 --temperature 0.05
  smt eval best data/cifar-10-batches-bin --hubs 4000 --temperature 0.05
  smt eval photos.safetensors photos --holdout 100 --csv votes.csv
  smt eval best data/cifar-10-batches-bin --holdout 5000 --readout --each 10
  smt eval cifar.safetensors data/cifar-10-batches-bin --bank 10000 --test 1000 --json
  smt eval words.safetensors wordsim353.tsv simlex999.txt questions-words.txt`,
		Args: someArgs("MODEL", "DATA"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			if formatOf(args[0]) == words.Format {
				return a.evalWords(ctx, flags, args[0], args[1:])
			}
			if err := notOfImages(args[0], "images, or of words"); err != nil {
				return err
			}
			if len(args) > 2 {
				return usagef("unexpected argument %q: of images there is one DATA", args[2])
			}
			if err := j.check(); err != nil {
				return err
			}
			table = output.Named(table)
			err := output.Check([]output.Output{{Flag: "--csv", Path: table}, src.badList(table), src.keepPixels(args[0], table)},
				append(dataInputs("DATA", args[1]), output.Input{Name: "MODEL", Path: args[0]}))
			if err != nil {
				return err
			}
			e, err := smt.LoadEnsemble(args[0])
			if err != nil {
				return err
			}
			a.noteUnsummed(args[0], e.Members()...)
			if j.components > 0 {
				e = e.Long()
			}
			protocol, err := j.protocol(e)
			if err != nil {
				return err
			}
			data, err := src.openFor(e, args[1])
			if err != nil {
				return err
			}
			defer data.Close()
			seed := a.seedOr(e.Members()[0].Model.Config().Seed)
			if _, _, err := j.split(data, seed); err != nil {
				return err
			}
			if err := src.check(ctx, data, table); err != nil {
				return err
			}
			bank, test, err := j.split(data, seed)
			if err != nil {
				return err
			}
			if err := keepBeside(ctx, needToEvaluate(e, bank, test, protocol), data.Train, memory.Available()); err != nil {
				return err
			}
			// It reads the images, and comes first: nothing that fails there costs the work.
			p := a.newProgress()
			defer p.close()
			origin, err := j.origin(ctx, e, data, seed, p.reading)
			p.close()
			if err != nil {
				return err
			}
			r, err := a.evaluate(ctx, e, evaluating{bank, test, protocol, j.readout, j.labels, seed})
			if err != nil {
				return err
			}
			r.Holdout, r.Origin, r.Bad = j.holdout, origin, data.Bad
			if table != "" {
				if err := a.writePredictions(ctx, table, &r.Evaluation, bank, test); err != nil {
					return err
				}
			}
			if err := src.listBad(data, table); err != nil {
				return err
			}
			return a.emit(r, table)
		}),
	}
	f := c.Flags()
	f.SortFlags, flags = false, f
	j.given = f.Changed
	f.IntVar(&j.k, "k", 0, "neighbours that vote (default: the paper's 30)")
	f.Float64Var(&j.temperature, "temperature", 0, "a vote weighs exp(cosine/temperature) (default: the paper's 0.03)")
	j.flips = "auto"
	f.Var(oneOf(&j.flips, "auto", "true", "false"), "flips", "put the flips of images in the bank too; auto: if the model was fitted with flips")
	f.Lookup("flips").NoOptDefVal = "true"
	f.IntVar(&j.hubs, "hubs", 0, "count images near to everything as less near, found by so many images of the bank, 0 for no such correction (4000 is good)")
	f.IntVar(&j.components, "whiten", 0, "shorten embeddings to so many principal components of the bank, evened out, 0 for all values as they are (2048 is good)")
	f.BoolVar(&j.readout, "readout", false, "read classes out by kernel ridge or by labels that spread, too")
	f.IntVar(&j.labels, "each", 0, "--readout knows this many labels of each class only, chosen by the seed, 0 for all")
	f.IntVar(&j.holdout, "holdout", 0, "test on this many training images, chosen by the seed, in place of the test images; 0 for these")
	f.IntVar(&j.test, "test", 0, "test on this many images only, chosen by the seed, 0 for all")
	f.IntVar(&j.bank, "bank", 0, "search this many images only, chosen by the seed, 0 for all")
	f.StringVar(&table, "csv", "", "write what is voted for each test image, and its nearest image of the bank, to `FILE` as a table; - is standard output")
	src.flags(a, c)
	return c
}

// judging is the flags that say how a model is judged, and on what.
type judging struct {
	k                   int
	temperature         float64
	flips               string
	hubs, components    int
	holdout, test, bank int
	readout             bool
	labels              int // of each class, for readout

	given func(flag string) bool // the flag was on the command line
}

func (j *judging) check() error {
	switch {
	case j.given("k") && j.k < 1:
		return usagef("--k is %d: want at least 1 neighbour", j.k)
	case j.given("temperature") && (!(j.temperature > 0) || math.IsInf(j.temperature, 1)):
		return usagef("--temperature is %g: want a positive number", j.temperature)
	case j.hubs < 0:
		return usagef("--hubs is %d: want a number of images, 0 for no correction", j.hubs)
	case j.labels < 0:
		return usagef("--each is %d: want a number of labels, 0 for all", j.labels)
	case j.labels > 0 && !j.readout:
		return usagef("--each is for --readout")
	case j.components < 0:
		return usagef("--whiten is %d: want a number of components, 0 for all values as they are", j.components)
	}
	return nil
}

func (j *judging) protocol(e *smt.Ensemble) (judge.Protocol, error) {
	fitted := flips(e)
	p := judge.Paper(fitted)
	p.Hubs, p.Components = j.hubs, j.components
	if j.given("k") {
		p.K = j.k
	}
	if j.given("temperature") {
		p.Temperature = j.temperature
	}
	if j.flips != "auto" {
		p.Flips = j.flips == "true"
	}
	if p.Flips && !fitted {
		return p, usagef("--flips is true: the model was fitted without flips")
	}
	return p, nil
}

func (j *judging) split(set *dataset.Set, seed uint64) (bank, test dataset.Source, err error) {
	switch {
	case j.holdout != 0:
		if bank, test, err = holdout("--holdout", set.Train, j.holdout, seed); err != nil {
			return nil, nil, err
		}
	case set.Test == nil:
		return nil, nil, usagef("%s has no test split: want --holdout N, to test on N of its images", set.Path)
	default:
		bank, test = set.Train, set.Test
	}
	// Fitting uses seed and seed+1: the bank shall not be just the images that
	// the atoms or the statistics are of.
	if bank, err = bound("--bank", bank, j.bank, seed+2); err != nil {
		return nil, nil, err
	}
	test, err = bound("--test", test, j.test, seed+3)
	return bank, test, err
}

// origin says what the images tested on are to the models: the one that may have seen the
// most of them counts.
func (j *judging) origin(ctx context.Context, e *smt.Ensemble, set *dataset.Set, seed uint64, reading func(done, total int)) (most explain.Origin, err error) {
	order := []explain.Seen{explain.SeenNone, explain.Unknown, explain.SeenSome, explain.SeenAll}
	for i, m := range e.Members() {
		fit, err := explain.FitOf(ctx, m.Model, set, reading)
		if err != nil {
			return most, err
		}
		o := fit.Of(explain.Test)
		if j.holdout > 0 {
			o = fit.HeldOut(j.holdout, seed)
		}
		if i == 0 || slices.Index(order, o.Seen) > slices.Index(order, most.Seen) {
			most = o
		}
	}
	return most, nil
}
