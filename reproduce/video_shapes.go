package reproduce

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/video"
	"github.com/sparse-manifold/smt/video/shapes"
)

// Shapes is what came out of generated film, whose latent variables are known.
type Shapes struct {
	Head
	Kinds []ShapeKind `json:"kinds"`
}

// ShapeKind is what came out of one shape.
type ShapeKind struct {
	Name    string        `json:"name"`
	Methods []ShapeMethod `json:"methods"`
	Turns   []Turns       `json:"turns"`
}

// ShapeMethod is how well a linear regression on what one method makes of frames gives their latent variables
// back, on sequences that neither it nor the regression has seen.
type ShapeMethod struct {
	Name    string    `json:"name"`
	Dims    int       `json:"dims"`
	Seconds float64   `json:"seconds"` // to learn, the regression not counted
	R2      []float64 `json:"r2"`      // of shapes.Names
}

// Turns is the curvature of held-out trajectories, in degrees, in steps of so many frames.
type Turns struct {
	Step   int     `json:"step"`
	Pixels float64 `json:"pixels"`
	Codes  float64 `json:"codes"`
	Beta   float64 `json:"beta"`
}

// shapeWork is how much film there is, and how it is learned from. Settings were chosen on sequences of the
// seed 1001, which are not those that are reported.
type shapeWork struct {
	Kinds            []shapes.Kind
	Clips, Held      int
	Frames           int // of a clip
	Slow, Straight   video.Config
	Linear, Quadrate int // principal components that slow feature analysis is given
}

func shapesWork(seed uint64, quick bool) shapeWork {
	w := shapeWork{Kinds: []shapes.Kind{shapes.Bar, shapes.Triangle, shapes.Square}, Clips: 200, Held: 50, Frames: 100, Linear: 256, Quadrate: 40}
	w.Slow = video.Preset(shapes.Shape())
	w.Slow.Seed = seed
	w.Straight = w.Slow
	w.Straight.Difference, w.Straight.Dims, w.Straight.Threshold = 2, 16, 0.5
	if quick {
		w.Clips, w.Held, w.Frames, w.Linear, w.Quadrate = 40, 10, 40, 64, 10
		for _, c := range []*video.Config{&w.Slow, &w.Straight} {
			c.Atoms, c.Dims = 300, min(c.Dims, 32)
		}
	}
	return w
}

// heldSeed is added to the seed of a run for film that is held out.
const heldSeed = 2000

// shapeNames are what shapes are called.
var shapeNames = map[shapes.Kind]string{shapes.Wedge: "wedge", shapes.Bar: "bar", shapes.Triangle: "triangle", shapes.Square: "square"}

// runShapes learns from moving, turning and growing shapes, and asks embeddings of others for where they are.
func runShapes(ctx context.Context, r *runner) (Study, error) {
	w := shapesWork(r.opt.Seed, r.opt.Quick)
	m := &Shapes{Head: Head{Row: "video-shapes", Quick: r.opt.Quick, Work: digest(results, smt.Version, w, r.opt.Seed)}}
	return r.keep(m, new(Shapes), func() error {
		for _, kind := range w.Kinds {
			k, err := w.kind(ctx, r, kind, m)
			if err != nil {
				return err
			}
			m.Kinds = append(m.Kinds, k)
		}
		return nil
	})
}

func (w shapeWork) kind(ctx context.Context, r *runner, kind shapes.Kind, m *Shapes) (ShapeKind, error) {
	k := ShapeKind{Name: shapeNames[kind]}
	r.say("%s: %s of %s, %s held out", k.Name, plural.Of(w.Clips, "sequence"), plural.Of(w.Frames, "frame"), plural.Of(w.Held, "other"))
	train, err := shapes.New(kind, w.Clips, w.Frames, r.opt.Seed)
	if err != nil {
		return k, err
	}
	held, err := shapes.New(kind, w.Held, w.Frames, r.opt.Seed+heldSeed)
	if err != nil {
		return k, err
	}
	add := func(name string, dims int, seconds float64, of, other []float32) error {
		regression, err := video.Regress(of, dims, train.Latents, shapes.Latents)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		k.Methods = append(k.Methods, ShapeMethod{name, dims, seconds, regression.R2(other, held.Latents)})
		return nil
	}
	began := time.Now()
	slow, err := video.Fit(ctx, train.Frames, w.Slow, manifold.Run{Progress: r.report})
	if err != nil {
		return k, err
	}
	seconds := time.Since(began).Seconds()
	x, err := embedFilm(ctx, slow, train.Frames)
	if err != nil {
		return k, err
	}
	y, err := embedFilm(ctx, slow, held.Frames)
	if err != nil {
		return k, err
	}
	if err := add("smt", w.Slow.Dims, seconds, x, y); err != nil {
		return k, err
	}
	size := shapes.Shape().Len()
	if err := add("pixels", size, 0, values(allPixels(train.Frames)), values(allPixels(held.Frames))); err != nil {
		return k, err
	}
	if err := w.peers(ctx, r, m, train, held, add); err != nil {
		return k, err
	}
	straight, err := video.Fit(ctx, train.Frames, w.Straight, manifold.Run{Progress: r.report})
	if err != nil {
		return k, err
	}
	for _, step := range []int{1, 2, 4} {
		found, err := straight.Measure(ctx, held.Frames, step)
		if err != nil {
			return k, err
		}
		k.Turns = append(k.Turns, Turns{step, found.Curvature.Pixels, found.Curvature.Codes, found.Curvature.Beta})
	}
	return k, nil
}

// peers adds what slow feature analysis makes of the same frames, or why there is nothing of it.
func (w shapeWork) peers(ctx context.Context, r *runner, m *Shapes, train, held *shapes.Film, add func(name string, dims int, seconds float64, of, other []float32) error) error {
	if m.Missing != "" {
		return nil
	}
	found, note, err := slowFeatureAnalysis(ctx, sfaTask{
		Pixels: shapes.Shape().Len(), Clip: w.Frames, Dims: w.Slow.Dims, Linear: w.Linear, Quadratic: w.Quadrate, Methods: []string{"linear", "quadratic"},
	}, allPixels(train.Frames), allPixels(held.Frames))
	if err != nil {
		return m.without(ctx, r, err)
	}
	m.Peers = note
	for _, f := range found {
		if err := add("SFA, "+f.name, f.dims, f.seconds, f.train, f.held); err != nil {
			return err
		}
	}
	return nil
}

// embedFilm is the embeddings of all frames.
func embedFilm(ctx context.Context, m *video.Model, f *videosource.Frames) ([]float32, error) {
	out := make([]float32, f.Len()*m.Config().Dim())
	return out, m.Embed(ctx, allPixels(f), out)
}

// allPixels are those of all frames.
func allPixels(f *videosource.Frames) (pix []uint8) {
	for i := range f.Clips() {
		pix = append(pix, f.ClipPixels(i)...)
	}
	return pix
}

// values are pixels as numbers.
func values(pix []uint8) []float32 {
	out := make([]float32, len(pix))
	for i, p := range pix {
		out[i] = float32(p) / 255
	}
	return out
}

// Text writes R², and the curvature of trajectories.
func (m *Shapes) Text(w io.Writer) {
	fmt.Fprintf(w, "shape\tmethod\tvalues\t%s\ttime\n", strings.Join(shapes.Names[:], "\t"))
	for _, k := range m.Kinds {
		for _, method := range k.Methods {
			fmt.Fprintf(w, "%s\t%s\t%d", k.Name, method.Name, method.Dims)
			for _, v := range method.R2 {
				fmt.Fprintf(w, "\t%.3f", v)
			}
			took := "–"
			if method.Seconds > 0 {
				took = brief(method.Seconds)
			}
			fmt.Fprintf(w, "\t%s\n", took)
		}
	}
	fmt.Fprintln(w, "R² of a linear regression, on sequences held out")
	fmt.Fprintln(w)
	fmt.Fprintln(w, "shape\tstep\tpixels\tcodes\tβ")
	for _, k := range m.Kinds {
		for _, t := range k.Turns {
			fmt.Fprintf(w, "%s\t%d\t%.1f°\t%.1f°\t%.1f°\n", k.Name, t.Step, t.Pixels, t.Codes, t.Beta)
		}
	}
	fmt.Fprintln(w, "mean angle between steps of so many frames, fitted with the second difference, on sequences held out")
}
