package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // what folders have
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparse-manifold/smt/bench/internal/whole"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/shuffle"
	"github.com/sparse-manifold/smt/outliers"
)

type bench struct {
	odd, limit, draw int
	fit              string
}

const (
	photograph = "photograph"
	planted    = "planted"
)

func (b *bench) run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("want a FOLDER of photographs and an OTHER one")
	}
	dir, err := os.MkdirTemp("", "smt-outliers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	items := filepath.Join(dir, "items")
	if err := b.make(items, args[0], args[1]); err != nil {
		return err
	}
	program, model, file := filepath.Join(dir, "smt"), filepath.Join(dir, "model"), filepath.Join(dir, "index")
	for _, command := range [][]string{
		{"go", "build", "-o", program, "./cmd/smt"},
		append([]string{program, "fit", items, "-o", model, "-q"}, strings.Fields(b.fit)...),
		{program, "index", model, items, "-o", file, "-q"},
	} {
		if _, err := whole.Output(ctx, "", command[0], command[1:]...); err != nil {
			return err
		}
	}
	x, err := index.Open(file)
	if err != nil {
		return err
	}
	defer x.Close()
	return judge(ctx, x)
}

// make fills a folder: the name of each file begins with what it is.
func (b *bench) make(to, folder, other string) error {
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	photographs, err := pictures(folder, b.limit+len(ways)*b.odd, uint64(b.draw))
	if err != nil {
		return err
	}
	others, err := pictures(other, b.odd, uint64(b.draw))
	if err != nil {
		return err
	}
	spoiled := len(ways) * b.odd
	if len(photographs) < 2*spoiled || len(others) < b.odd {
		return fmt.Errorf("%s has %d pictures and %s %d: want %d and %d", folder, len(photographs), other, len(others), 2*spoiled, b.odd)
	}
	for i, path := range photographs {
		kind, spoil := photograph, func(*image.NRGBA) {}
		if i < spoiled {
			kind, spoil = string(ways[i%len(ways)].fault), ways[i%len(ways)].spoil
		}
		if err := put(to, kind, i, path, spoil); err != nil {
			return err
		}
	}
	for i, path := range others {
		if err := put(to, planted, i, path, func(*image.NRGBA) {}); err != nil {
			return err
		}
	}
	return nil
}

// pictures are some of the files of a folder, at most so many, in an order of their own.
func pictures(folder string, most int, draw uint64) (paths []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if ext := strings.ToLower(filepath.Ext(path)); err == nil && !d.IsDir() && (ext == ".jpg" || ext == ".jpeg" || ext == ".png") {
			paths = append(paths, path)
		}
		return err
	})
	some := make([]string, 0, most)
	for _, i := range shuffle.Order(len(paths), 20+draw)[:min(most, len(paths))] {
		some = append(some, paths[i])
	}
	return some, err
}

func put(to, kind string, number int, from string, spoil func(*image.NRGBA)) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	m := copied(picture)
	spoil(m)
	// Not by internal/output: a temporary folder of our own.
	out, err := os.Create(filepath.Join(to, fmt.Sprintf("%s-%05d.png", kind, number)))
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(out, m), out.Close())
}

// judge prints what is found.
func judge(ctx context.Context, x *index.Index) error {
	g, err := graph.New(ctx, x, graph.Nearest, nil)
	if err != nil {
		return err
	}
	kinds, measures := make([]string, x.Len()), make([]outliers.Measures, x.Len())
	for i := range kinds {
		id, err := x.ID(i)
		if err != nil {
			return err
		}
		kinds[i], _, _ = strings.Cut(id, "-")
		file, err := x.Thumbnail(i)
		if err != nil {
			return err
		}
		picture, _, err := image.Decode(strings.NewReader(string(file)))
		if err != nil {
			return fmt.Errorf("thumbnail of %s: %w", id, err)
		}
		measures[i] = outliers.Measure(picture)
	}
	corrected, plain := make([]float64, x.Len()), make([]float64, x.Len())
	for _, s := range outliers.Scores(g) {
		corrected[s.Item] = s.Distance
		plain[s.Item] = -g.Hubness(s.Item)
	}
	fmt.Printf("planted above photographs: %.4f, %.4f by the nearest without hubs corrected\n", area(corrected, kinds), area(plain, kinds))
	for _, set := range outliers.Sets(g) {
		odd := 0
		for _, i := range set.Items {
			if kinds[i] == planted {
				odd++
			}
		}
		fmt.Printf("small set of %d, %d of them planted, %.1f deviations\n", len(set.Items), odd, set.Deviations)
	}
	faults := outliers.Faults(measures)
	for _, kind := range append([]string{photograph, planted}, faultNames()...) {
		counts := map[outliers.Fault]int{}
		n := 0
		for i, k := range kinds {
			if k == kind {
				n++
				counts[faults[i]]++
			}
		}
		fmt.Printf("%-10s %5d:", kind, n)
		for _, w := range ways {
			fmt.Printf("  %s %d", w.fault, counts[w.fault])
		}
		fmt.Println()
	}
	return nil
}

func faultNames() (names []string) {
	for _, w := range ways {
		names = append(names, string(w.fault))
	}
	return names
}

// area is the share of pairs of a planted image and a photograph of which the planted one has the larger score; half of
// those that are equal count.
func area(scores []float64, kinds []string) float64 {
	var usual, odd []float64
	for i, k := range kinds {
		switch k {
		case photograph:
			usual = append(usual, scores[i])
		case planted:
			odd = append(odd, scores[i])
		}
	}
	slices.Sort(usual)
	var above float64
	for _, s := range odd {
		first, _ := slices.BinarySearch(usual, s)
		last := first
		for last < len(usual) && usual[last] == s {
			last++
		}
		above += float64(first+last) / 2
	}
	return above / float64(max(1, len(odd)*len(usual)))
}
