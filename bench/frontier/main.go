// Command frontier measures what accuracy on CIFAR-10 takes how many seconds.
//
//	go run ./bench/frontier [--data data] [--out FILE] [--holdout N] [--quick]
//
// It fits and judges a model for every point, by smt fit and smt eval, and has other libraries find the
// neighbours of pixels and of their principal components, by the same vote. Seconds are those of whole commands, each run once; the
// machine should be idle. It takes about a quarter of an hour. docs/chart draws the file.
//
// --data is a folder with cifar-10-batches-bin. --holdout judges on so many training images in place of the test
// images: settings are chosen there. --quick makes everything small: it shows that all works, and its numbers mean nothing. Both want an --out; without
// them it is docs/frontier.json.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/output"
)

func main() {
	var m measuring
	flag.StringVar(&m.data, "data", "data", "folder with cifar-10-batches-bin")
	flag.IntVar(&m.holdout, "holdout", 0, "judge on so many training images, not on the test images")
	flag.BoolVar(&m.quick, "quick", false, "make everything small")
	out := flag.String("out", "", "file of the points (default \""+measured+"\", where the test images are judged, and not --quick)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, &m, *out); err != nil {
		fmt.Fprintln(os.Stderr, "frontier:", err)
		os.Exit(1)
	}
}

// measured is the file of what README shows. Other measurements do not replace it.
const measured = "docs/frontier.json"

func run(ctx context.Context, m *measuring, out string) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if m.holdout < 0 {
		return fmt.Errorf("--holdout is %d: want a number of images, 0 for the test images", m.holdout)
	}
	if out == "" {
		if m.quick || m.holdout > 0 {
			return fmt.Errorf("--quick and --holdout want --out FILE, as %s has what was measured on the test images", measured)
		}
		out = measured
	}
	m.data = filepath.Join(m.data, "cifar-10-batches-bin")
	if _, err := os.Stat(m.data); err != nil {
		return err
	}
	if err := output.Check([]output.Output{{Flag: "--out", Path: out}}, []output.Input{{Name: "--data", Path: m.data}}); err != nil {
		return err
	}
	points, err := m.all(ctx)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(points, "", "  ")
	if err != nil {
		return err
	}
	return output.WriteFile(out, append(text, '\n'))
}
