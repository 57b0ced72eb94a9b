package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/vectors"
	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/words"
)

func (a *app) info() *cobra.Command {
	return &cobra.Command{
		Use:   "info MODEL",
		Short: "Tell what a model is",
		Long:  "Tell the configuration of a model, the images or the text it was fitted on, its eigenvalues and the objective it reached.",
		Example: `  smt info cifar.safetensors
  smt info cifar.safetensors --json | jq .config > config.json`,
		Args: args("MODEL"),
		RunE: a.run(func(_ context.Context, args []string) error {
			switch formatOf(args[0]) {
			case vectors.Format:
				return a.infoVectors(args[0])
			case video.Format:
				return a.infoVideo(args[0])
			case words.Format:
				return a.infoWords(args[0])
			}
			m, err := smt.Load(args[0])
			if err != nil {
				return err
			}
			file, err := os.Stat(args[0])
			if err != nil {
				return err
			}
			return a.emit(&modelInfo{
				Model: args[0], ModelBytes: file.Size(), Software: m.Record().Software,
				Config: m.Config(), Data: m.Record().Data, Dim: m.Dim(m.Record().Data.Shape),
				Eigenvalues: m.Stages().Eigenvalues, objective: objectiveOf(m.Record().Objective), Checksums: m.Record().Checksums,
			})
		}),
	}
}

type modelInfo struct {
	Model      string     `json:"model"`
	ModelBytes int64      `json:"model_bytes"`
	Software   string     `json:"software"` // version that fitted it
	Config     smt.Config `json:"config"`
	Data       smt.Data   `json:"data"`
	// Dim is the number of values of the embedding of an image of that shape.
	Dim         int       `json:"dim"`
	Eigenvalues []float64 `json:"eigenvalues"`
	objective
	Checksums bool `json:"checksums"` // that the file has, and is as it was written
}

func (i *modelInfo) print(w io.Writer) {
	fmt.Fprintf(w, "model\t%s, %s, by smt %s\n", i.Model, size(i.ModelBytes), i.Software)
	d, c := i.Data, i.Config
	views := map[[2]bool]string{
		{true, false}: " and their flips", {false, true}: " and their gray views", {true, true}: ", their gray views, and the flips of both",
	}
	straightened := ""
	if c.Deskew {
		straightened = ", which it straightens"
	}
	fmt.Fprintf(w, "fitted on\t%s of %v%s\n", numberOf(d.Images, "image"), d.Shape, straightened)
	fmt.Fprintf(w, "atoms\t%s, from a sample of %s%s\n", count(c.Atoms), ofThem(d.Sampled, d.Images), views[[2]bool{c.Flips, c.Grayscale}])
	without := ""
	if c.Flips {
		without = ", flips not counted"
	}
	fmt.Fprintf(w, "statistics\tof %s%s; %s%s\n", ofThem(d.Counted, d.Images), views[[2]bool{c.Flips, c.Grayscale}], numberOf(int(d.Patches), "coded patch"), without)
	if i.Data.Fingerprint != "" {
		fmt.Fprintf(w, "fingerprint\t%s\n", i.Data.Fingerprint)
	}
	fmt.Fprintf(w, "embedding\t%s\n", embeddingOf(i.Dim, i.Config))
	e := i.Eigenvalues
	fmt.Fprintf(w, "eigenvalues\t%s, from %.4g to %.4g, median %.4g\n", count(len(e)), e[0], e[len(e)-1], e[len(e)/2])
	i.printRecorded(w)
	if i.Checksums {
		fmt.Fprintf(w, "checksums\tof the header and of every tensor, and they agree\n")
	} else {
		fmt.Fprintf(w, "checksums\tnone: whether the file is as it was written cannot be told\n")
	}
	printConfig(w, i.Config)
}

// printConfig writes a configuration. It has many fields and grows: its JSON names them all.
func printConfig(w io.Writer, config any) {
	if fields, err := json.MarshalIndent(config, "  ", "  "); err == nil {
		fmt.Fprintln(w, "configuration")
		for line := range strings.Lines("  " + string(fields) + "\n") {
			fmt.Fprint(w, line)
		}
	}
}
