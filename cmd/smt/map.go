package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/words"
)

// mostMapped bounds the words of a map: their cosines, each with each, are held in memory.
const mostMapped = 5000

func (a *app) mapping() *cobra.Command {
	var (
		c    *cobra.Command
		out  string
		n, k int
		m    = imageMap{app: a}
	)
	c = &cobra.Command{
		Use:   "map INDEX -o MAP",
		Short: "Draw images, or words, in the plane, those alike near each other",
		Long: `Draw the images of an index in the plane, so that those of large cosines are near each other (t-SNE of their
neighbour graph).

MAP is one page, .html, that needs no network: thumbnails that can be moved and zoomed with mouse, fingers or keys,
coloured by class, group (smt groups) or outlier score (smt outliers), encircled with a lasso, found by name, and asked for their
neighbours. Without JavaScript it shows a still picture. An index may have up to 250,000 images.

Of a model of words, smt map MODEL [WORD…] draws words: the most frequent ones or, of words that are given, these and
their neighbours. MAP is then an SVG drawing or, with the ending .html, a page of it; - is standard output, for a drawing. Of names that would lie over each
other one is written, and the others are dots that show theirs on hovering.`,
		Example: `  smt map photos.index -o map.html
  smt map words.safetensors -o map.html
  smt map words.safetensors seattle river king -k 30 -o map.svg`,
		Args: someArgs("INDEX"),
		RunE: a.run(func(ctx context.Context, args []string) error {
			out = output.Named(out)
			if isIndex(args[0]) {
				if len(args) > 1 {
					return usagef("unexpected argument %q: words are of no use with an index", args[1])
				}
				for _, flag := range []string{"words", "neighbours"} {
					if c.Flags().Changed(flag) {
						return usagef("--%s is of words: want none with an index", flag)
					}
				}
				m.index, m.out, m.csv = args[0], out, output.Named(m.csv)
				return m.write(ctx)
			}
			if format := formatOf(args[0]); format != "" && format != words.Format {
				return fmt.Errorf("%s is a model, but not of words: want one of words, or the index of images that smt index makes with a model", args[0])
			}
			page := strings.EqualFold(filepath.Ext(out), ".html")
			switch {
			case !page && out != output.Stdout && !strings.EqualFold(filepath.Ext(out), ".svg"):
				return usagef("-o is %q: want a name that ends with .svg or .html, or - for standard output", out)
			case n < 2 || n > mostMapped:
				return usagef("--words is %d: want 2 to %d", n, mostMapped)
			}
			if err := output.Check([]output.Output{{Flag: "-o", Path: out}}, []output.Input{{Name: "MODEL", Path: args[0]}}); err != nil {
				return err
			}
			m, err := neighboursOf(args[0], k)
			if err != nil {
				return err
			}
			mapped, strong, err := chooseWords(m, args[1:], n, k)
			if err != nil {
				return usageError{err}
			}
			f, err := a.create(ctx, out)
			if err != nil {
				return err
			}
			drawn, err := a.drawWords(ctx, m, mapped, strong)
			if err != nil {
				return errors.Join(err, f.Abort())
			}
			if page {
				err = drawn.page(f)
			} else {
				_, err = f.Write(drawn.wide.File())
			}
			if err != nil {
				return errors.Join(err, f.Abort())
			}
			if err := f.Commit(); err != nil {
				return err
			}
			return a.emit(&mappedWords{out, len(mapped)}, out)
		}),
	}
	f := c.Flags()
	f.StringVarP(&out, "out", "o", "", "`MAP` to write, .svg or .html, or -")
	_ = c.MarkFlagRequired("out") // fails for a flag that does not exist
	f.IntVar(&n, "words", 1000, "how many of the most frequent words, where none are given")
	f.IntVarP(&k, "neighbours", "k", 20, "how many neighbours of each word that is given")
	f.StringVar(&m.csv, "csv", "", "write where images lie to `FILE` as a table, a row an image; - is standard output")
	f.IntVar(&m.groups, "groups", 0, "how many groups of images, 0 for what their graph says")
	f.IntVar(&m.tile, "tile", 0, "longer edge of thumbnails in pixels, 16, 32, 48, 64 or 96, 0 for as large as they are, below some tens of megabytes")
	return c
}

// chooseWords are the words to map, by their numbers, and those of them that were given.
func chooseWords(m *words.Model, given []string, n, k int) (mapped, strong []int, err error) {
	if len(given) == 0 {
		for i := range min(n, len(m.Words())) {
			mapped = append(mapped, i)
		}
		return mapped, nil, nil
	}
	for _, word := range given {
		i, err := m.Number(word)
		if err != nil {
			return nil, nil, err
		}
		strong = append(strong, i)
		near, err := m.Nearest(word, k)
		if err != nil {
			return nil, nil, err
		}
		mapped = append(mapped, i)
		for _, w := range near {
			j, err := m.Number(w.Word)
			if err != nil {
				return nil, nil, err
			}
			mapped = append(mapped, j)
		}
	}
	slices.Sort(mapped)
	if mapped = slices.Compact(mapped); len(mapped) > mostMapped {
		return nil, nil, fmt.Errorf("to be mapped: %s: want at most %d", plural.Of(len(mapped), "word"), mostMapped)
	}
	return mapped, strong, nil
}

// drawWords lays words out. It begins with their first two coordinates.
func (a *app) drawWords(ctx context.Context, m *words.Model, mapped, strong []int) (d drawing, err error) {
	p := a.newProgress()
	defer p.close()
	dim := m.Dim()
	var x []float32
	for _, w := range mapped {
		x = append(x, m.Vectors()[w*dim:][:dim]...)
	}
	const perplexity = 20 // about so many neighbours count
	places, err := explain.Plane(ctx, x, dim, perplexity, func(done, total int) { p.report("map", done, total) })
	if err != nil {
		return d, err
	}
	labels := make([]draw.Label, len(mapped))
	for i, w := range mapped {
		name := m.Words()[w]
		labels[i] = draw.Label{At: places[i], Name: name, Title: fmt.Sprintf("%s, %s", name, numberOf(int(m.Count(w)), "time")), Strong: slices.Contains(strong, w)}
	}
	alt := fmt.Sprintf("%s in the plane, those that are used alike near each other", numberOf(len(mapped), "word"))
	return drawing{draw.Labels(labels, 1280, 960, alt), draw.Labels(labels, narrowWidth, 640, alt)}, nil
}

type mappedWords struct {
	Map   string `json:"map"`
	Words int    `json:"words"`
}

func (r *mappedWords) print(w io.Writer) {
	fmt.Fprintf(w, "map\t%s, %s\n", r.Map, numberOf(r.Words, "word"))
}
