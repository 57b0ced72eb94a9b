// Command scaling measures how the cost of smt grows and draws it.
//
//	go run ./bench/scaling [--data data] [--out docs/images/scaling.svg] [--rounds 3] [--quick]
//
// On the left: the seconds that statistics and embeddings of 500 to 8,000 images
// take, with 2,048 atoms, and the straight lines nearest to them. On the right: the
// microseconds a patch that co-occurrence counts take, against D·s, the atoms of
// the dictionary times the mean number of active ones, for five dictionaries. The
// numbers are printed too. Times are the least of the rounds; the machine should
// be idle. It takes a minute or two. --quick makes everything small: it shows that all
// works, and its times mean nothing.
//
// --data is a folder with cifar-10-batches-bin; without it images are synthetic.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/bench/internal/images"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/output"
)

func main() {
	data := flag.String("data", "data", "folder with cifar-10-batches-bin")
	out := flag.String("out", "docs/images/scaling.svg", "file of the picture")
	rounds := flag.Int("rounds", 3, "times that each is measured")
	quick := flag.Bool("quick", false, "make everything small")
	flag.Parse()
	work := full
	if *quick {
		work = small
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *data, *out, *rounds, work); err != nil {
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}

// sizes are what is measured.
type sizes struct {
	images  []int
	encoder int   // atoms of what images are measured with
	solved  int   // images that its statistics are of
	atoms   []int // of the dictionaries that counting is measured with
}

var (
	full  = sizes{[]int{500, 1000, 2000, 4000, 8000}, 2048, 1000, []int{512, 1024, 2048, 4096, 8192}}
	small = sizes{[]int{20, 40, 80}, 512, 200, []int{256, 512}}
)

func run(ctx context.Context, data, out string, rounds int, work sizes) error {
	all, err := images.Open(data)
	if err != nil {
		return err
	}
	defer all.Close()
	fmt.Println("images:", all)
	left, err := growthWithImages(ctx, all.Train, work, rounds)
	if err != nil {
		return err
	}
	right, err := growthWithAtoms(ctx, all.Train, work.atoms, rounds)
	if err != nil {
		return err
	}
	return output.WriteFile(out, draw(left, right))
}

// growthWithImages measures statistics and embeddings of the first images of src.
func growthWithImages(ctx context.Context, src dataset.Source, size sizes, rounds int) (panel, error) {
	cfg, err := smt.Preset("cifar")
	if err != nil {
		return panel{}, err
	}
	cfg.Atoms = size.encoder
	encoder, err := smt.NewEncoder(ctx, src, cfg)
	if err != nil {
		return panel{}, err
	}
	counted, err := encoder.Collect(ctx, dataset.Slice(src, 0, size.solved))
	if err != nil {
		return panel{}, err
	}
	model, err := encoder.Solve(ctx, counted)
	if err != nil {
		return panel{}, err
	}
	var work []func() error // statistics and embeddings of each size in turn
	for _, n := range size.images {
		some := dataset.Slice(src, 0, n)
		work = append(work, func() error {
			_, err := encoder.Collect(ctx, some)
			return err
		}, func() error {
			for _, err := range model.EmbedAll(ctx, some) {
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	took, err := least(rounds, work)
	if err != nil {
		return panel{}, err
	}
	statistics, embeddings := series{name: "statistics"}, series{name: "embeddings"}
	fmt.Printf("\n%8s %12s %12s   s, %d atoms\n", "images", "statistics", "embeddings", cfg.Atoms)
	for i, n := range size.images {
		statistics.add(float64(n), took[2*i])
		embeddings.add(float64(n), took[2*i+1])
		fmt.Printf("%8d %12.3f %12.3f\n", n, took[2*i], took[2*i+1])
	}
	for _, s := range []*series{&statistics, &embeddings} {
		slope, intercept := line(s.x, s.y)
		s.fit = func(x float64) float64 { return slope*x + intercept }
		s.note = fmt.Sprintf("%s: %.2g ms an image, r² = %.5f", s.name, 1000*slope, determination(s.x, s.y))
		fmt.Println(s.note)
	}
	return panel{title: fmt.Sprintf("Time against images, %d atoms", cfg.Atoms), x: "images", y: "seconds", series: []series{statistics, embeddings}}, nil
}

// least does all the work in every round, and returns the least of the seconds
// that each piece takes.
func least(rounds int, work []func() error) ([]float64, error) {
	best := make([]float64, len(work))
	for round := range rounds {
		for i, piece := range work {
			began := time.Now()
			if err := piece(); err != nil {
				return nil, err
			}
			if took := time.Since(began).Seconds(); round == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	return best, nil
}
