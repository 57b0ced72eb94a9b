// Command time draws what learning from time comes to, into a folder:
//
//	go run ./docs/time docs/images [FILM]
//
// time-trajectory.svg: one sequence of a moving shape, held out, as its pixels and as its embedding, each along
// its own two largest principal components. time-latents.svg: what a linear regression reads from the embedding
// along others, beside what the shape was drawn from. time-film.svg, of a film: its smoothest coordinates along time.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/sparse-manifold/smt/explain/draw"
	"github.com/sparse-manifold/smt/internal/output"
	"github.com/sparse-manifold/smt/manifold"
	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/video/shapes"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "time:", err)
		os.Exit(1)
	}
}

const (
	clips, frames = 200, 100 // to learn from
	heldSeed      = 2001     // of sequences that nothing was learned or chosen from
)

func run(ctx context.Context, args []string) error {
	if len(args) != 1 && len(args) != 2 {
		return errors.New("want the folder to draw into and, for a picture of one, a film")
	}
	train, err := shapes.New(shapes.Bar, clips, frames, 1)
	if err != nil {
		return err
	}
	held, err := shapes.New(shapes.Bar, 8, frames, heldSeed)
	if err != nil {
		return err
	}
	slow := video.Preset(shapes.Shape())
	straight := slow
	straight.Difference, straight.Dims, straight.Threshold = 2, 16, 0.5
	pictures := map[string]func() (*draw.Chart, error){
		"time-trajectory.svg": func() (*draw.Chart, error) { return trajectory(ctx, straight, train, held) },
		"time-latents.svg":    func() (*draw.Chart, error) { return latents(ctx, slow, train, held) },
	}
	if len(args) == 2 {
		pictures["time-film.svg"] = func() (*draw.Chart, error) { return film(ctx, args[1]) }
	}
	for name, picture := range pictures {
		c, err := picture()
		if err != nil {
			return err
		}
		if err := output.WriteFile(filepath.Join(args[0], name), c.File()); err != nil {
			return err
		}
	}
	return nil
}

// embed fits a model and returns the embeddings of the frames of two films.
func embed(ctx context.Context, c video.Config, train, held *shapes.Film) (x, y []float32, err error) {
	m, err := video.Fit(ctx, train.Frames, c, manifold.Run{})
	if err != nil {
		return nil, nil, err
	}
	for rows, f := range map[*[]float32]*shapes.Film{&x: train, &y: held} {
		for i := range f.Frames.Clips() {
			out := make([]float32, f.Frames.ClipLen(i)*c.Dim())
			if err := m.Embed(ctx, f.Frames.ClipPixels(i), out); err != nil {
				return nil, nil, err
			}
			*rows = append(*rows, out...)
		}
	}
	return x, y, nil
}

// shown is how many frames of a sequence a trajectory has.
const shown = 40

// trajectory draws the beginning of the first held-out sequence.
func trajectory(ctx context.Context, c video.Config, train, held *shapes.Film) (*draw.Chart, error) {
	_, beta, err := embed(ctx, c, train, held)
	if err != nil {
		return nil, err
	}
	size := shapes.Shape().Len()
	pix := held.Frames.ClipPixels(0)[:shown*size]
	var pixels []float32
	for _, p := range pix {
		pixels = append(pixels, float32(p))
	}
	beta = beta[:shown*c.Dim()]
	const side, gap = 300, 40
	chart := draw.NewChart(2*side+3*gap, side+140, "A sequence of a moving bar as a trajectory of pixels, and as one of its embedding")
	const every, thumb = 5, 64.0
	for i := range shown / every {
		png, err := frame(pix[i*every*size : (i*every+1)*size])
		if err != nil {
			return nil, err
		}
		x := gap + float64(i)*(thumb+16)
		chart.Image(png, x, 8, thumb, thumb, fmt.Sprintf("frame %d", i*every))
	}
	for k, of := range []struct {
		title string
		rows  []float32
		dim   int
	}{{"pixels", pixels, size}, {"embedding", beta, c.Dim()}} {
		xs, ys, err := plane(of.rows, of.dim)
		if err != nil {
			return nil, err
		}
		left, top := gap+float64(k)*(side+gap), 90.0
		fit(xs, ys, left, top, side)
		chart.Rect("grid", left, top, side, side)
		chart.Path("line", xs, ys)
		for t := range xs {
			r := 2.5
			if t%every == 0 {
				r = 4.5
			}
			chart.Dot("dot", xs[t], ys[t], r, fmt.Sprintf("frame %d", t))
		}
		chart.Text("middle", left+side/2, top+side+18, fmt.Sprintf("%s: steps turn by %.0f° on average", of.title, video.Turning(of.rows, of.dim, 1)))
	}
	chart.Text("", gap, 90+side+40, "Large dots are the frames above. Both are seen along their own two largest principal components.")
	return chart, nil
}

// plane is rows along their two largest principal components.
func plane(rows []float32, dim int) (xs, ys []float64, err error) {
	n := len(rows) / dim
	m := mat.NewDense(n, dim, nil)
	for j := range dim {
		var mean float64
		for i := range n {
			mean += float64(rows[i*dim+j]) / float64(n)
		}
		for i := range n {
			m.Set(i, j, float64(rows[i*dim+j])-mean)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil, nil, errors.New("the principal components of a trajectory did not converge")
	}
	var u mat.Dense
	svd.UTo(&u)
	s := svd.Values(nil)
	for i := range n {
		xs, ys = append(xs, s[0]*u.At(i, 0)), append(ys, s[1]*u.At(i, 1))
	}
	return xs, ys, nil
}

// fit moves and scales points, both ways alike, into a square.
func fit(xs, ys []float64, left, top, side float64) {
	const edge = 14
	lowX, highX, lowY, highY := xs[0], xs[0], ys[0], ys[0]
	for i := range xs {
		lowX, highX, lowY, highY = min(lowX, xs[i]), max(highX, xs[i]), min(lowY, ys[i]), max(highY, ys[i])
	}
	scale := (side - 2*edge) / max(highX-lowX, highY-lowY)
	for i := range xs {
		xs[i] = left + side/2 + (xs[i]-(lowX+highX)/2)*scale
		ys[i] = top + side/2 + (ys[i]-(lowY+highY)/2)*scale
	}
}
