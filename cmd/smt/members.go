package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/manifold"
)

// fittedMembers is the report of a fit of several models.
type fittedMembers struct {
	Folder  string   `json:"folder"`
	Holdout int      `json:"holdout"`
	Peak    int64    `json:"peak_rss_bytes"`
	Models  []fitted `json:"models"` // fit_seconds is 0 for one that was there

	Bad []dataset.BadFile `json:"bad,omitempty"` // files that are left out, as they cannot be read
}

// fitMembers fits the members that are not there, each to a file of its name in folder.
func (a *app) fitMembers(ctx context.Context, folder string, images dataset.Source, held int, recipes []smt.Recipe) (r *fittedMembers, err error) {
	if err = onlyMembers(folder, recipes); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	fresh := missing(folder)
	for _, p := range recipes {
		if err := enough(ctx, p.Config, p.View(images), memory.Available()); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	defer func() {
		for _, f := range fresh {
			if err == nil || os.Remove(f) != nil { // with something in it: what is kept of a fit stays
				break
			}
		}
	}()
	r = &fittedMembers{Folder: folder, Holdout: held}
	for _, p := range recipes {
		path, view := modelfile.Path(folder, p.Name), p.View(images)
		f, err := a.alreadyFitted(ctx, path, view, p.Config)
		if err != nil {
			return nil, err
		}
		if f == nil {
			a.note("fitting %s", path)
			if f, err = a.fitTo(ctx, path, view, p.Config); err != nil {
				return nil, fmt.Errorf("%s: %w", p.Name, err)
			}
		} else if err := manifold.RemoveCheckpoint(path + partial); err != nil { // of a fit killed once it had saved
			return nil, err
		}
		a.noteUnsummed(path, smt.Member{Name: p.Name, Model: f.model})
		f.Holdout = held
		r.Models = append(r.Models, *f)
	}
	r.Peak = memory.Peak()
	return r, nil
}

// missing are the folders that are to be made for one, the innermost first.
func missing(folder string) (folders []string) {
	for f := filepath.Clean(folder); !exists(f); f = filepath.Dir(f) {
		folders = append(folders, f)
	}
	return folders
}

// onlyMembers reports a model in the folder that is none of the recipes': it would be taken for
// a member.
func onlyMembers(folder string, recipes []smt.Recipe) error {
	names, err := modelfile.Names(folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(recipes, func(r smt.Recipe) bool { return r.Name == name }) {
			return fmt.Errorf("%s is no member of the preset: want another folder, or remove it", modelfile.Path(folder, name))
		}
	}
	return nil
}

// alreadyFitted is the report of a model that is in its file: nil if there is none, or one of
// another configuration or of other images.
func (a *app) alreadyFitted(ctx context.Context, path string, images dataset.Source, cfg smt.Config) (*fitted, error) {
	if !exists(path) {
		return nil, nil
	}
	m, err := smt.Load(path)
	if err != nil {
		return nil, err
	}
	if m.Config() != cfg {
		return nil, nil
	}
	p := a.newProgress()
	defer p.close()
	if same, err := dataset.HasFingerprint(ctx, images, m.Record().Data.Fingerprint, p.reading); err != nil || !same {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return newFitted(path, m, info.Size(), 0), nil
}

func (r *fittedMembers) print(w io.Writer) {
	for i := range r.Models {
		if i > 0 {
			fmt.Fprintln(w, "\t")
		}
		r.Models[i].describe(w)
	}
	printPeak(w, r.Peak)
}
