package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/bench/internal/whole"
)

// firstVersion is the commit that whole runs are compared with: the first
// landing of smt.
const firstVersion = "3f41998"

// lostAccuracy is how much lower top-1 may be before a run counts as wrong: about
// the standard error of a share of 10,000 images.
const lostAccuracy = 0.003

// wholeRuns fits and judges a model of each data set, with the presets, by smt as
// it is and as it was first. Each is run once.
func wholeRuns(ctx context.Context, b *bench) ([]Result, error) {
	dir, remove, err := b.folder("whole")
	if err != nil {
		return nil, err
	}
	defer remove()
	root, err := whole.Output(ctx, "", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("whole runs need the repository: %w", err)
	}
	old, err := checkOut(ctx, root, firstVersion, filepath.Join(dir, "first"))
	if err != nil {
		return nil, err
	}
	programs := []string{filepath.Join(dir, "smt-now"), filepath.Join(dir, "smt-first")}
	for i, from := range []string{root, old} {
		if _, err := whole.Output(ctx, from, "go", "build", "-buildvcs=false", "-o", programs[i], "./cmd/smt"); err != nil {
			return nil, err
		}
	}
	var results []Result
	for _, set := range []struct{ name, folder, preset string }{{"mnist", "mnist", "mnist"}, {"cifar10", "cifar-10-batches-bin", "cifar"}} {
		path := filepath.Join(b.data, set.folder)
		if _, err := os.Stat(path); err != nil {
			return results, fmt.Errorf("whole runs need the data: %w", err)
		}
		var took, top1 [2]float64
		for i, program := range programs {
			if took[i], top1[i], err = b.wholeRun(ctx, program, []string{"fit", path, "--preset", set.preset}, filepath.Join(dir, "model.safetensors")); err != nil {
				return results, err
			}
			progress("whole: %s, %s: %.1f s, top-1 %.2f %%", set.name, filepath.Base(program), took[i], 100*top1[i])
		}
		if top1[0] < top1[1]-lostAccuracy {
			return results, fmt.Errorf("%s: top-1 is %.4f, in the first version it was %.4f", set.name, top1[0], top1[1])
		}
		results = append(results, seconds("whole-"+set.name, took[0], took[1], 3, fmt.Sprintf("smt fit and eval; top-1 %.2f %%, in the first version, %s, %.2f %%",
			100*top1[0], firstVersion, 100*top1[1])))
	}
	return results, nil
}

// checkOut puts the files of a commit into dir. It leaves the repository as it
// is, which a work tree of git would not.
func checkOut(ctx context.Context, root, commit, dir string) (string, error) {
	if _, err := whole.Output(ctx, root, "git", "rev-parse", "--verify", "--quiet", commit+"^{commit}"); err != nil {
		return "", fmt.Errorf("commit %s is not in the history here; git fetch --unshallow brings it", commit)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	packed := dir + ".tar"
	if _, err := whole.Output(ctx, root, "git", "archive", "--output", packed, commit); err != nil {
		return "", err
	}
	_, err := whole.Output(ctx, dir, "tar", "-xf", packed)
	return dir, err
}

// wholeRun fits a model as a command line begins, to the images it names first, and judges it, and returns the
// seconds of both and the accuracy.
func (b *bench) wholeRun(ctx context.Context, program string, fit []string, model string) (took, top1 float64, err error) {
	eval := append([]string{"eval", model, fit[1]}, b.evalFlags...)
	fit = append(append(fit, "-o", model), b.fitFlags...)
	if took, top1, err = whole.Run(ctx, program, fit, eval); err != nil {
		return 0, 0, err
	}
	return took, top1, os.Remove(model)
}
