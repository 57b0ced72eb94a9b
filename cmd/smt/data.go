package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/dataset/fetch"
	"github.com/sparse-manifold/smt/internal/output"
)

func (a *app) data() *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "Download data sets, and tell what a path holds",
		Example: `  smt data get mnist
  smt data info data/mnist`,
	}
	group(c, a.dataGet(), a.dataInfo())
	return c
}

func (a *app) dataGet() *cobra.Command {
	var opt fetch.Options
	names := fetch.Names()
	c := &cobra.Command{
		Use:   "get NAME",
		Short: "Download a published data set",
		Long: `Download a published data set from its authors' address, or a mirror.

NAME is one of ` + strings.Join(names, ", ") + `. text8 is text, the others are images. Checksums are checked, what is
there already is kept, and a download that was cut off is resumed.`,
		Example: `  smt data get cifar10
  smt data get mnist --dir /srv/data --url http://mirror.example/mnist`,
		Args:      args("NAME"),
		ValidArgs: names,
		RunE: a.run(func(ctx context.Context, args []string) error {
			if !slices.Contains(names, args[0]) {
				return usagef("data get: NAME is %q: want one of %s", args[0], strings.Join(names, ", "))
			}
			if err := output.Check(within("--dir", opt.Dir, nil), nil); err != nil {
				return err
			}
			p := a.newProgress()
			defer p.close()
			p.bytes = true
			opt.Progress = p.report64
			path, err := fetch.Get(ctx, args[0], opt)
			p.close()
			if err != nil {
				return err
			}
			return a.emit(gotten{args[0], path})
		}),
	}
	c.Flags().StringVar(&opt.Dir, "dir", "data", "`FOLDER` to put the data set's own folder in")
	c.Flags().StringVar(&opt.URL, "url", "", "`ADDRESS` of a mirror that holds the authors' files, under their names")
	return c
}

type gotten struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

func (g gotten) print(w io.Writer) {
	fmt.Fprintf(w, "%s is in\t%s\n", g.Name, g.Path)
	data := g.Path
	if text := filepath.Join(g.Path, g.Name); exists(text) { // of words, which are in a file of that name
		data = text + " --preset words"
	}
	fmt.Fprintf(w, "next\tsmt fit %s -o %s.safetensors\n", data, g.Name)
}

func (a *app) dataInfo() *cobra.Command {
	var (
		src   source
		check bool
	)
	c := &cobra.Command{
		Use:   "info PATH",
		Short: "Tell what a path holds",
		Long: `Tell the format, number, shape, classes, mean and standard deviation of the images at PATH.

Which files of a folder are not used is said in one line, as by all commands, and what size its
images are brought to, and why; with --json the files are all named, with the reasons.

Image files that cannot be read are an error, as by all commands. --check lists them in place of that, each with its
cause, and tells the rest of the others.`,
		Example: `  smt data info data/cifar-10-batches-bin
  smt data info photos --check
  smt data info photos --size 64x64 --json`,
		Args: args("PATH"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			set, err := src.open(args[0])
			if err != nil {
				return err
			}
			defer set.Close()
			if check {
				err = src.decode(ctx, set, math.MaxInt)
			} else {
				err = src.check(ctx, set, "")
			}
			if err != nil {
				return err
			}
			info, err := set.Info(ctx)
			if err != nil {
				return err
			}
			return a.emit(dataInfo{info, check})
		}),
	}
	src.flags(a, c)
	c.Flags().BoolVar(&check, "check", false, "list the image files of a folder that cannot be read, in place of an error")
	return c
}

type dataInfo struct {
	dataset.Info
	Checked bool `json:"checked"` // --check: Bad is all files that cannot be read
}

func (i dataInfo) print(w io.Writer) {
	fmt.Fprintf(w, "path\t%s\n", i.Path)
	fmt.Fprintf(w, "format\t%s\n", i.Format)
	fmt.Fprintf(w, "training images\t%s%s\n", count(i.Train), spread(i.TrainPerClass))
	if i.Test > 0 {
		fmt.Fprintf(w, "test images\t%s%s\n", count(i.Test), spread(i.TestPerClass))
	} else {
		fmt.Fprintf(w, "test images\tnone\n")
	}
	fmt.Fprintf(w, "shape\t%v\n", dataset.Shape{Height: i.Height, Width: i.Width, Channels: i.Channels})
	fmt.Fprintf(w, "classes\t%s\n", classes(i.Classes))
	fmt.Fprintf(w, "mean\t%s\n", decimals(i.Mean))
	fmt.Fprintf(w, "standard deviation\t%s\n", decimals(i.Std))
	if i.Resized > 0 {
		fmt.Fprintf(w, "resized\t%s\n", numberOf(i.Resized, "image"))
	}
	if i.Checked {
		fmt.Fprintf(w, "checked\t%s; %s cannot be read\n", numberOf(i.Train+i.Test+len(i.Bad), "image"), count(len(i.Bad)))
		for _, f := range i.Bad[:min(badSaid, len(i.Bad))] {
			fmt.Fprintf(w, "bad\t%s: %s\n", f.File, f.Cause)
		}
		if more := len(i.Bad) - badSaid; more > 0 {
			fmt.Fprintf(w, "bad\t%s more, which --json lists\n", count(more))
		}
	}
}

// spread tells how many images the classes have.
func spread(perClass []int) string {
	if len(perClass) == 0 {
		return ""
	}
	least, most := slices.Min(perClass), slices.Max(perClass)
	if least == most {
		return fmt.Sprintf(", %s of each class", count(least))
	}
	return fmt.Sprintf(", %s to %s of a class", count(least), count(most))
}

// classes lists the first few.
func classes(names []string) string {
	const shown = 10
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > shown:
		return fmt.Sprintf("%s: %s, …", count(len(names)), strings.Join(names[:shown], ", "))
	}
	return fmt.Sprintf("%d: %s", len(names), strings.Join(names, ", "))
}

func decimals(values []float64) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("%.2f", v)
	}
	return strings.Join(words, ", ") + " of 255"
}
