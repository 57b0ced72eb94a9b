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

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/explain/atlas"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/groups"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/knn"
	"github.com/sparse-manifold/smt/layout"
	"github.com/sparse-manifold/smt/outliers"
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
	found, err := groups.Find(ctx, g, m.groups, m.seedOr(answers.Seed), p.report)
	if err != nil {
		return nil, err
	}
	page := &atlas.Map{Title: filepath.Base(m.index), Items: x, Tile: m.tile}
	if page.Kinds, err = classesOf(x); err != nil {
		return nil, err
	}
	page.Kinds = append(page.Kinds, groupKinds(found))
	odd := atlas.Scores{Name: "outlier score", Of: make([]float64, x.Len())}
	for _, s := range outliers.Scores(g) {
		odd.Of[s.Item] = s.Distance
	}
	page.Scores = []atlas.Scores{odd}
	near := make([][]layout.Near, x.Len())
	page.Near = make([][]knn.Neighbour, x.Len())
	for i := range near {
		page.Near[i] = g.Near(i)
		for _, n := range page.Near[i] {
			near[i] = append(near[i], layout.Near{Index: int32(n.Index), Square: 2 - 2*n.Cosine})
		}
	}
	start, err := firstTwo(ctx, x)
	if err != nil {
		return nil, err
	}
	// All neighbours count alike: of a graph of so few, that keeps more neighbourhoods than a Gaussian does.
	page.Places, err = layout.TSNE(ctx, layout.Gaussian(near, graph.Nearest), start, func(done, total int) { p.report("map", done, total) })
	if err != nil {
		return nil, err
	}
	err = page.Write(ctx, w, func(done, total int) { p.report("thumbnails", done, total) })
	if err != nil {
		return nil, err
	}
	table, err := mapTable(x, page, found)
	return &mappedImages{Groups: len(found.Members), table: table}, err
}

// classesOf is the classes of items, if they have any.
func classesOf(x *index.Index) ([]atlas.Kinds, error) {
	k := atlas.Kinds{Name: "class", Names: slices.Sorted(slices.Values(x.Classes())), Of: make([]int, x.Len())}
	if len(k.Names) == 0 {
		return nil, nil
	}
	number := map[string]int{"": -1}
	for c, name := range k.Names {
		number[name] = c
	}
	for i := range k.Of {
		item, err := x.Item(i)
		if err != nil {
			return nil, err
		}
		k.Of[i] = number[item.Label]
	}
	return []atlas.Kinds{k}, nil
}

func groupKinds(found *groups.Groups) atlas.Kinds {
	k := atlas.Kinds{Name: "group", Of: found.Of}
	for i, members := range found.Members {
		k.Names = append(k.Names, fmt.Sprintf("group %d, %s", i+1, plural.Of(len(members), "image")))
	}
	return k
}

// firstTwo are the first two values of each row, where a layout begins.
func firstTwo(ctx context.Context, x *index.Index) ([]layout.Point, error) {
	var start []layout.Point
	for b, err := range x.Blocks(ctx, block) {
		if err != nil {
			return nil, err
		}
		for at := 0; at < len(b); at += x.Dim() {
			start = append(start, layout.Point{X: float64(b[at]), Y: float64(b[at+min(1, x.Dim()-1)])})
		}
	}
	return start, nil
}

// mapTable has a row an item: what it is, and where it lies.
func mapTable(x *index.Index, page *atlas.Map, found *groups.Groups) ([][]string, error) {
	table := [][]string{{"id", "label", "x", "y", "group", "outlier_score"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	for i, at := range page.Places {
		item, err := x.Item(i)
		if err != nil {
			return nil, err
		}
		table = append(table, []string{item.ID, item.Label, number(at.X), number(at.Y), strconv.Itoa(found.Of[i] + 1), number(page.Scores[0].Of[i])})
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
	table  [][]string
}

func (r *mappedImages) print(w io.Writer) {
	fmt.Fprintf(w, "map\t%s, %s in %s, %s\n", r.Map, numberOf(r.Items, "image"), numberOf(r.Groups, "group"), size(r.Bytes))
}
