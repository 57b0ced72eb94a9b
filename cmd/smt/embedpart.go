package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

// partJob is a part of the rows of DATA to be embedded.
type partJob struct {
	model, data, folder string
	part                partOf
	split               string
	whole               bool
}

// notOfParts are the flags of embed that parts do not take: what they say is of all rows.
var notOfParts = []string{"labels", "ids", "whiten", "bank", "skip-bad"}

// embedPart writes a part of the rows of DATA to files of a folder.
func (a *app) embedPart(ctx context.Context, src *source, j partJob, flags *pflag.FlagSet) error {
	for _, name := range notOfParts {
		if flags.Changed(name) {
			return usagef("--%s is of all rows: want none with --part", name)
		}
	}
	if j.folder == output.Stdout {
		return usagef("-o is -: --part wants a folder")
	}
	path := func(ending string) string { return filepath.Join(j.folder, j.part.name()+ending) }
	out, ids, labels := path(".npy"), path(".ids.json"), path(".labels.npy")
	names := []string{filepath.Base(out), filepath.Base(ids), filepath.Base(labels)}
	outs := within("-o", j.folder, beside, names...)
	src.keepPixels(j.model, "") // which are taken up and not written
	if err := output.Check(outs, append(dataInputs("DATA", j.data), output.Input{Name: "MODEL", Path: j.model})); err != nil {
		return err
	}
	models, err := smt.LoadEnsemble(j.model)
	if err != nil {
		return err
	}
	a.noteUnsummed(j.model, models.Members()...)
	if j.whole {
		models = models.Whole()
	}
	data, err := src.openFor(models, j.data)
	if err != nil {
		return err
	}
	defer data.Close()
	if err := refuseBad(data, nil); err != nil {
		return err
	}
	splits, err := splitsOf(data, j.split)
	if err != nil {
		return err
	}
	splits = j.part.cut(splits)
	bank := slices.MaxFunc(splits, func(a, b dataset.Source) int { return a.Len() - b.Len() })
	need, room := needToEmbed(models, splits, bank, 0), memory.Available()
	if err := enoughFor("embedding", splits[0].Shape(), need, room); err != nil {
		return err
	}
	if splits[0].Classes() == nil || len(splits) > 1 && !slices.Equal(splits[0].Classes(), splits[1].Classes()) {
		labels = ""
	}
	if err := os.MkdirAll(j.folder, 0o777); err != nil {
		return err
	}
	began := time.Now()
	e := &embedJob{app: a, loaded: models.Members(), models: models, bankModels: models, splits: splits, bank: bank, out: out, labels: labels, ids: ids}
	r := &embedded{Out: out, Labels: labels, IDs: ids, Part: j.part.String()}
	if r.Shape, err = e.write(ctx); err != nil {
		return err
	}
	r.Seconds, r.Peak = time.Since(began).Seconds(), memory.Peak()
	return a.emit(r)
}
