package main

import (
	"fmt"
	"io"
	"os"

	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/manifold"
)

// modelOf is a model of words, film or points: C is its configuration, D what it was fitted on.
type modelOf[C, D any] interface {
	Config() C
	Data() D
	Eigenvalues() []float64
	VICReg() manifold.VICReg
}

// fittedModel is what a fit of such a model came to.
type fittedModel[C, D any] struct {
	Model       string  `json:"model"`
	ModelBytes  int64   `json:"model_bytes"`
	Data        D       `json:"data"`
	ReadSeconds float64 `json:"read_seconds,omitempty"` // of fit_seconds
	FitSeconds  float64 `json:"fit_seconds"`
	Peak        int64   `json:"peak_rss_bytes"`
	Config      C       `json:"config"`
	objective
}

// take notes the model that was fitted, and the bytes of its file.
func (r *fittedModel[C, D]) take(m modelOf[C, D], bytes int64) {
	r.ModelBytes, r.Data, r.Config, r.objective, r.Peak = bytes, m.Data(), m.Config(), objectiveOf(m.VICReg()), memory.Peak()
}

// printTail prints what a fit came to and took.
func (r *fittedModel[C, D]) printTail(w io.Writer) {
	r.objective.print(w)
	reading := ""
	if r.ReadSeconds > 0 {
		reading = ", of which reading " + seconds(r.ReadSeconds)
	}
	fmt.Fprintf(w, "time\tfit %s%s\n", seconds(r.FitSeconds), reading)
	printPeak(w, r.Peak)
}

// infoModel is what is told of such a model.
type infoModel[C, D any] struct {
	Model       string    `json:"model"`
	ModelBytes  int64     `json:"model_bytes"`
	Config      C         `json:"config"`
	Data        D         `json:"data"`
	Eigenvalues []float64 `json:"eigenvalues"`
	objective
}

// infoOf tells what the model in a file is.
func infoOf[C, D any](path string, m modelOf[C, D]) (i infoModel[C, D], err error) {
	file, err := os.Stat(path)
	if err != nil {
		return i, err
	}
	return infoModel[C, D]{path, file.Size(), m.Config(), m.Data(), m.Eigenvalues(), objectiveOf(m.VICReg())}, nil
}

// printTail prints eigenvalues, objective and configuration.
func (i *infoModel[C, D]) printTail(w io.Writer) {
	e := i.Eigenvalues
	fmt.Fprintf(w, "eigenvalues\t%s, from %.4g to %.4g, median %.4g\n", count(len(e)), e[0], e[len(e)-1], e[len(e)/2])
	i.printRecorded(w)
	printConfig(w, i.Config)
}
