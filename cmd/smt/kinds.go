package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/vectors"
	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/words"
)

// kind is what smt fit learns from, if not from images: its flags and its work.
type kind struct {
	name    string   // of the preset, and of what errors call it
	endings []string // of files of that kind
	// own are the flags that only this kind has; also are those of images that it has too.
	own  *pflag.FlagSet
	also []string
	// fit learns from the file data, and writes a model to out.
	fit func(ctx context.Context, data, out string) (result, error)
}

// kinds are those there are, with flags for a fit that starts from s and brings images to the size of src.
func (a *app) kinds(s *settings, src *source) []kind {
	return []kind{a.fitWords(s), a.fitVectors(s), a.fitVideo(s, src)}
}

// always are the flags of fit that every kind has.
var always = []string{"out", "preset", "cpuprofile", "json", "quiet", "seed", "workers", "help"}

// kindOf is the kind of data: that of a preset or, without a preset, of the name of a file. It
// is nil for images, a list of their files among them.
func kindOf(kinds []kind, s *settings, src *source, data string) *kind {
	for i, k := range kinds {
		if s.preset == k.name {
			return &kinds[i]
		}
	}
	if info, err := os.Stat(data); s.preset != "" || err == nil && info.IsDir() {
		return nil
	}
	if src.opt.Format != "" || dataset.IsList(data) {
		return nil
	}
	name := strings.ToLower(filepath.Base(data))
	for i, k := range kinds {
		if slices.ContainsFunc(k.endings, func(e string) bool { return strings.HasSuffix(name, e) }) {
			return &kinds[i]
		}
	}
	return nil
}

// checkKind refuses flags that were given and that fitting to a kind, nil for images, does
// not have.
func checkKind(flags *pflag.FlagSet, kinds []kind, k *kind, data string) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		if err != nil || !f.Changed || slices.Contains(always, f.Name) {
			return
		}
		owner := "images"
		var also []string
		for _, other := range kinds {
			switch {
			case other.own.Lookup(f.Name) != nil:
				owner = other.name
			case slices.Contains(other.also, f.Name):
				also = append(also, other.name)
			}
		}
		switch {
		case k == nil && owner != "images":
			err = usagef("--%s is for %s, and %s is taken for images: want --preset %s, or no --%s", f.Name, owner, data, owner, f.Name)
		case k != nil && owner != k.name && !slices.Contains(k.also, f.Name):
			owners := strings.Join(append([]string{owner}, also...), " and ")
			err = usagef("--%s is for %s, and %s is taken for %s: want none of it", f.Name, owners, data, k.name)
		}
	})
	return err
}

// fitKind fits a model of a kind, and reports it.
func (a *app) fitKind(ctx context.Context, k *kind, data, out, profile string) error {
	stop, err := a.startProfile(ctx, profile)
	if err != nil {
		return err
	}
	r, err := k.fit(ctx, data, out)
	if e := stop(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return a.emit(r, out, profile)
}

// notOfImages says what a model file is of, where that is not images; takes is what the command takes.
func notOfImages(path, takes string) error {
	of := map[string]string{vectors.Format: "vectors", video.Format: "film", words.Format: "words"}[formatOf(path)]
	if of == "" {
		return nil
	}
	return fmt.Errorf("%s is a model of %s: want one of %s", path, of, takes)
}

// formatOf is the format that a model file says it is of, "" where it says none: reading it
// as a model of images then tells what is wrong with it.
func formatOf(path string) string {
	format, _ := readFormat(path)
	return format
}

// readFormat is formatOf, with what is wrong with a file that is none of a model. A folder says none.
func readFormat(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", nil
	}
	f, info, err := regular.Open(path)
	if err != nil {
		return "", fmt.Errorf("model: %w", err)
	}
	defer f.Close()
	read, err := safetensors.Read(f, info.Size())
	if err != nil {
		return "", fmt.Errorf("model %s: %w", path, err)
	}
	return read.Metadata["format"], nil
}
