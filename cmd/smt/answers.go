package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/output"
)

// answer is what the items of an index say: a result that is a table and a gallery too.
type answer interface {
	result
	// table has a row an item, below the names of its columns.
	table() [][]string
	// sections are the items that a page shows, without their pictures.
	sections() []shownItems
	// took notes that the work began then and is over.
	took(began time.Time)
}

// spent is what an answer took.
type spent struct {
	Seconds float64 `json:"seconds"`
	Peak    int64   `json:"peak_rss_bytes"`
}

func (s *spent) took(began time.Time) { s.Seconds, s.Peak = time.Since(began).Seconds(), memory.Peak() }

func (s *spent) printSpent(w io.Writer) {
	fmt.Fprintf(w, "time\t%s\n", seconds(s.Seconds))
	printPeak(w, s.Peak)
}

// shownItems are items of a page that belong together.
type shownItems struct {
	title string
	items []shownItem
}

type shownItem struct {
	answers.Item
	note string // beside its label
	flip bool
}

// asking is the flags of commands that ask the neighbour graph of an index.
type asking struct {
	*app
	csv, html string
	// more is the memory that the answer takes beside the graph, or why there is no such answer of the index.
	more func(x *index.Index) (bytes float64, err error)
}

func (a *app) asking(c *cobra.Command) *asking {
	q := &asking{app: a, more: func(*index.Index) (float64, error) { return 0, nil }}
	c.Flags().StringVar(&q.csv, "csv", "", "write the answer to `FILE` as a table, a row an item; - is standard output")
	c.Flags().StringVar(&q.html, "html", "", "write a page with the pictures to `FILE`")
	return q
}

// indexed is an index that is asked, and the graph of its items' neighbours.
type indexed struct {
	*index.Index
	path  string
	graph *graph.Graph
}

// answer prints what find makes of the index at path, and writes it as a table and as a page if that is wanted.
func (q *asking) answer(ctx context.Context, path string, find func(x indexed, p *progress) (answer, error)) error {
	if q.csv, q.html = output.Named(q.csv), output.Named(q.html); q.html == output.Stdout {
		return usagef("--html is -: want a file")
	}
	var outs []output.Output
	for _, o := range []output.Output{{Flag: "--csv", Path: q.csv}, {Flag: "--html", Path: q.html}} {
		if o.Path != "" {
			outs = append(outs, o)
		}
	}
	if err := output.Check(outs, []output.Input{{Name: "INDEX", Path: path}}); err != nil {
		return err
	}
	x, err := index.Open(path)
	if err != nil {
		return err
	}
	defer x.Close()
	if x.Len() < 2 {
		return fmt.Errorf("%s has %s: want 2 or more, to compare", path, numberOf(x.Len(), "item"))
	}
	more, err := q.more(x)
	if err != nil {
		return err
	}
	if err := enoughToAsk("comparing", x, more, memory.Available()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	began := time.Now()
	p := q.newAskingProgress()
	defer p.close()
	g, err := graph.New(ctx, x, graph.Nearest, p.report)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	found, err := find(indexed{x, path, g}, p)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	p.close()
	found.took(began)
	if q.csv != "" {
		if err := q.writeTable(ctx, q.csv, found.table()); err != nil {
			return err
		}
	}
	if q.html != "" {
		page, err := pageOf(x, path, found)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := q.writeGallery(ctx, q.html, page); err != nil {
			return err
		}
	}
	return q.emit(found, q.csv)
}

// pageOf is the page of an answer.
func pageOf(x *index.Index, path string, of answer) (*galleryPage, error) {
	page := &galleryPage{Title: path}
	for _, s := range of.sections() {
		section := gallerySection{Title: s.title}
		for _, item := range s.items {
			picture, err := x.Thumbnail(item.Number)
			if err != nil {
				return nil, err
			}
			note := item.note
			if item.Label != "" {
				note = strings.TrimSuffix(item.Label+", "+note, ", ")
			}
			section.Items = append(section.Items, galleryItem{item.ID, note, item.flip, dataURL(picture)})
		}
		page.Sections = append(page.Sections, section)
	}
	return page, nil
}

// itemText is an item for people: its id and, if it has one, its label.
func itemText(n answers.Item) string {
	if n.Label == "" {
		return n.ID
	}
	return n.ID + " (" + n.Label + ")"
}
