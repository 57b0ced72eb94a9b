package main

import (
	"fmt"
	"io"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/memory"
)

type fitted struct {
	Model      string `json:"model"`
	ModelBytes int64  `json:"model_bytes"`
	fitImages
	Holdout    int        `json:"holdout"`
	FitSeconds float64    `json:"fit_seconds"`
	Peak       int64      `json:"peak_rss_bytes"`
	Config     smt.Config `json:"config"`
	Dim        int        `json:"dim"` // values of the embedding of an image of the fit
	objective
	Choice *chosen           `json:"choice,omitempty"` // where the configuration was chosen from the images
	Bad    []dataset.BadFile `json:"bad,omitempty"`    // files that are left out, as they cannot be read

	model *smt.Model
}

// newFitted is the report of a model that was saved in so many bytes.
func newFitted(path string, m *smt.Model, bytes int64, spent time.Duration) *fitted {
	return &fitted{
		Model: path, ModelBytes: bytes, fitImages: fitImagesOf(m),
		FitSeconds: spent.Seconds(), Peak: memory.Peak(), Config: m.Config(), Dim: m.Dim(m.Record().Data.Shape), objective: objectiveOf(m.Record().Objective), model: m,
	}
}

// embeddingOf says how many values the embedding of an image has, whether they are components, and what they are made of.
func embeddingOf(dim int, c smt.Config) string {
	of := numberOf(dim, "value") + " an image"
	if c.Components > 0 {
		of = fmt.Sprintf("%s an image, of power %g", numberOf(dim, "component"), c.Power)
	}
	if c.Thin > 1 {
		of += fmt.Sprintf(", of one patch in %d", c.Thin)
	}
	return of
}

func (r *fitted) print(w io.Writer) {
	r.describe(w)
	printPeak(w, r.Peak)
}

func (r *fitted) describe(w io.Writer) {
	if r.Choice != nil {
		r.Choice.print(w)
	}
	fmt.Fprintf(w, "model\t%s, %s\n", r.Model, size(r.ModelBytes))
	images := r.fitImages.String()
	if r.Holdout > 0 {
		images += fmt.Sprintf("; %s held out", numberOf(r.Holdout, "other"))
	}
	fmt.Fprintf(w, "fitted on\t%s\n", images)
	fmt.Fprintf(w, "atoms, dimensions\t%s, %s\n", count(r.Config.Atoms), count(r.Config.Dims))
	fmt.Fprintf(w, "embedding\t%s\n", embeddingOf(r.Dim, r.Config))
	if r.FitSeconds == 0 {
		r.printRecorded(w)
		fmt.Fprintf(w, "time\tit was there\n")
		return
	}
	r.objective.print(w)
	fmt.Fprintf(w, "time\tfit %s\n", seconds(r.FitSeconds))
}
