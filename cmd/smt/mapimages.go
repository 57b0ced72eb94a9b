package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
)

// isIndex says whether a file is an index, by its first bytes.
func isIndex(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false // what reads it says why
	}
	defer f.Close()
	start := make([]byte, 64)
	n, _ := io.ReadFull(f, start)
	return bytes.Contains(start[:n], []byte(index.Format))
}

// imageMap is a map of the images of an index, to be written.
type imageMap struct {
	*app
	index, out string
	csv        string // where the table of items goes, "" for nowhere
	groups     int    // 0 for what the graph says
	tile       int    // 0 for what suits the images
}

func (m *imageMap) write(ctx context.Context) error {
	if ext := filepath.Ext(m.out); m.out != output.Stdout && !strings.EqualFold(ext, ".html") {
		return usagef("-o is %q: want a name that ends with .html for a map of images, or - for standard output", m.out)
	}
	if m.groups < 0 || m.groups == 1 {
		return usagef("--groups is %d: want 2 groups or more, or 0 for what the graph says", m.groups)
	}
	if m.tile != 0 && !slices.Contains(atlas.Tiles, m.tile) {
		return usagef("--tile is %d: want one of %v pixels, or 0 for what suits the images", m.tile, atlas.Tiles)
	}
	if err := output.Check([]output.Output{{Flag: "-o", Path: m.out}, {Flag: "--csv", Path: m.csv}}, []output.Input{{Name: "INDEX", Path: m.index}}); err != nil {
		return err
	}
	x, err := index.Open(m.index)
	if err != nil {
		return err
	}
	defer x.Close()
	if x.Len() < 2 || x.Len() > atlas.Most {
		return fmt.Errorf("%s has %s: want 2 to %d for a map", m.index, plural.Of(x.Len(), "item"), atlas.Most)
	}
	if err := noMoreThanItems("--groups", m.groups, x.Len(), m.index); err != nil {
		return err
	}
	if err := enoughToAsk("mapping", x, atlas.Memory(x.Len(), m.groups), memory.Available()); err != nil {
		return fmt.Errorf("%s: %w", m.index, err)
	}
	began := time.Now()
	f, err := m.create(ctx, m.out)
	if err != nil {
		return err
	}
	counted := &countedWriter{w: f}
	r, err := m.draw(ctx, x, counted)
	if err != nil {
		return errors.Join(err, f.Abort())
	}
	if err := f.Commit(); err != nil {
		return err
	}
	r.took(began)
	if m.csv != "" {
		if err := m.writeTable(ctx, m.csv, r.table); err != nil {
			return err
		}
	}
	r.Map, r.Index, r.Items, r.Bytes = m.out, m.index, x.Len(), counted.bytes
	return m.emit(r, m.out, m.csv)
}

// draw lays out the items of an index and writes the page.
func (m *imageMap) draw(ctx context.Context, x *index.Index, w io.Writer) (*mappedImages, error) {
	p := m.newAskingProgress()
	defer p.close()
	g, err := graph.New(ctx, x, graph.Nearest, p.report)
	if err != nil {
		return nil, err
	}
	page, err := atlas.OfIndex(ctx, x, g, atlas.Grouping{K: m.groups, Seed: m.seedOr(answers.Seed)}, p.report)
	if err != nil {
		return nil, err
	}
	page.Title, page.Tile = filepath.Base(m.index), m.tile
	err = page.Write(ctx, w, func(done, total int) { p.report("thumbnails", done, total) })
	if err != nil {
		return nil, err
	}
	in := page.Kinds[len(page.Kinds)-1]
	table, err := mapTable(x, page, in.Of)
	return &mappedImages{Groups: len(in.Names), table: table}, err
}

// mapTable has a row an item: what it is, where it lies, and its group.
func mapTable(x *index.Index, page *atlas.Map, group []int) ([][]string, error) {
	table := [][]string{{"id", "label", "x", "y", "group", "outlier_score"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	for i, at := range page.Places {
		item, err := x.Item(i)
		if err != nil {
			return nil, err
		}
		table = append(table, []string{item.ID, item.Label, number(at.X), number(at.Y), strconv.Itoa(group[i] + 1), number(page.Scores[0].Of[i])})
	}
	return table, nil
}

// countedWriter counts what is written to it.
type countedWriter struct {
	w     io.Writer
	bytes int64
}

func (c *countedWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.bytes += int64(n)
	return n, err
}

type mappedImages struct {
	Map    string `json:"map"`
	Index  string `json:"index"`
	Items  int    `json:"items"`
	Groups int    `json:"groups"`
	Bytes  int64  `json:"bytes"`
	spent
	table [][]string
}

func (r *mappedImages) print(w io.Writer) {
	fmt.Fprintf(w, "map\t%s, %s in %s, %s\n", r.Map, numberOf(r.Items, "image"), numberOf(r.Groups, "group"), size(r.Bytes))
	r.printSpent(w)
}
