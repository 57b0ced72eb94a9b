package reproduce

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/manifold"
	videosource "github.com/sparse-manifold/smt/source/video"
	"github.com/sparse-manifold/smt/video"
)

// Footage is what came out of the films of footage, in the folder video of the data.
type Footage struct {
	Head
	Films []Film `json:"films"`
}

// Film is what came out of one. The model is fitted on the first two thirds of its frames, and all but
// Eigenvalues is of the last third. The control is fitted on the same frames in another order.
type Film struct {
	Name    string       `json:"name"`
	Frames  int          `json:"frames"`
	Held    int          `json:"held"`
	Config  video.Config `json:"config"`
	Seconds float64      `json:"seconds"` // to fit

	Eigenvalues [2]float64 `json:"eigenvalues"` // their mean, and that of the control's
	// Change is the mean over coordinates of how much β changes in a step of time at a place, 1 being chance: of the
	// model, of the control, and of the model on held-out frames in another order.
	Change [3]float64 `json:"change"`
	// Slowest is the mean change of the slowest coordinates of a frame's embedding: the model's, the control's and
	// those of linear slow feature analysis of its pixels, null where that was not run.
	Slowest []*float64 `json:"slowest"`
	Turns   []Turns    `json:"turns"`        // at a place
	Whole   []Turns    `json:"turns_frames"` // of whole frames, and their embeddings; of codes 0
	Follows []Follow   `json:"follows"`
}

// Follow is the correlations of a coordinate of the embedding of held-out frames with what is seen in them.
type Follow struct {
	Coordinate int     `json:"coordinate"` // from 0, smoothest first
	Brightness float64 `json:"brightness"`
	Motion     float64 `json:"motion"`
	Foreground float64 `json:"foreground"`
}

// slowest is how many coordinates of frames are compared with slow features, and looked at one by one.
const slowest = 5

// runFootage learns from films, each by itself.
func runFootage(ctx context.Context, r *runner) (Study, error) {
	clips, err := findFootage(ctx, filepath.Join(r.opt.Data, "video"))
	if err != nil {
		return nil, err
	}
	var films []string // digests of their files
	for _, c := range clips {
		sum, err := digestFile(c.Path)
		if err != nil {
			return nil, err
		}
		films = append(films, sum)
	}
	m := &Footage{Head: Head{Row: "video-footage", Quick: r.opt.Quick, Work: digest(results, smt.Version, r.opt.Quick, r.opt.Seed, films)}}
	return r.keep(m, new(Footage), func() error {
		for _, c := range clips {
			f, err := r.film(ctx, m, c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.Name, err)
			}
			m.Films = append(m.Films, f)
		}
		return nil
	})
}

// film learns from one.
func (r *runner) film(ctx context.Context, m *Footage, c videosource.Clip) (Film, error) {
	r.say("%s: reading", c.Name)
	shape, err := videosource.Size(ctx, c)
	if err != nil {
		return Film{}, err
	}
	shape.Channels = 1
	cfg := video.Preset(shape)
	cfg.Seed = r.opt.Seed
	if r.opt.Quick {
		cfg.Atoms, cfg.Dims = 100, 8
	}
	frames, err := videosource.Load(ctx, []videosource.Clip{c}, cfg.Shape, nil)
	if err != nil {
		return Film{}, err
	}
	f := Film{Name: c.Name, Frames: frames.Len(), Config: cfg}
	size := cfg.Shape.Len()
	from := frames.Len() * 2 / 3
	f.Held = frames.Len() - from
	pix := frames.ClipPixels(0)
	first, last := pix[:from*size], pix[from*size:]
	var parts [4]*videosource.Frames // the first, in time and not, and the last
	for i, p := range [][]uint8{first, shuffled(first, size, cfg.Seed), last, shuffled(last, size, cfg.Seed)} {
		if parts[i], err = videosource.NewFrames(cfg.Shape, p); err != nil {
			return f, err
		}
	}
	var models [2]*video.Model
	var embedded [2][]float32 // of held-out frames
	f.Slowest = make([]*float64, 3)
	for i := range models {
		r.say("%s: fitting to %s%s", c.Name, plural.Of(from, "frame"), []string{"", " in another order"}[i])
		var cost Cost
		err := measured(&cost, func() (err error) {
			models[i], err = video.Fit(ctx, parts[i], cfg, manifold.Run{Progress: r.report})
			return err
		})
		if err != nil {
			return f, err
		}
		if i == 0 {
			f.Seconds = cost.Seconds
		}
		f.Eigenvalues[i] = mean(models[i].Eigenvalues())
		moved, err := models[i].Measure(ctx, parts[2], 1)
		if err != nil {
			return f, err
		}
		f.Change[i] = moved.MeanChange()
		if embedded[i], err = embedFilm(ctx, models[i], parts[2]); err != nil {
			return f, err
		}
		f.Slowest[i] = pointer(mean(video.Change(embedded[i], cfg.Dim())[:slowest]))
	}
	moved, err := models[0].Measure(ctx, parts[3], 1)
	if err != nil {
		return f, err
	}
	f.Change[2] = moved.MeanChange()
	for _, step := range []int{1, 2, 4, 8} {
		moved, err := models[0].Measure(ctx, parts[2], step)
		if err != nil {
			return f, err
		}
		f.Turns = append(f.Turns, Turns{step, moved.Curvature.Pixels, moved.Curvature.Codes, moved.Curvature.Beta})
		f.Whole = append(f.Whole, Turns{step, video.Turning(values(last), size, step), 0, video.Turning(embedded[0], cfg.Dim(), step)})
	}
	f.Follows = follows(embedded[0], cfg.Dim(), last, size)
	return f, r.slowFilm(ctx, m, &f, first, last, size)
}

// slowFilm adds what slow feature analysis makes of the pixels of the same frames.
func (r *runner) slowFilm(ctx context.Context, m *Footage, f *Film, first, last []uint8, size int) error {
	if m.Missing != "" {
		return nil
	}
	found, note, err := slowFeatureAnalysis(ctx, sfaTask{Pixels: size, Dims: f.Config.Dims, Linear: f.Config.Dims, Methods: []string{"linear"}}, first, last)
	if err != nil {
		return m.without(ctx, r, err)
	}
	m.Peers = note
	f.Slowest[2] = pointer(mean(video.Change(found[0].held, found[0].dims)[:slowest]))
	return nil
}

// shuffled are frames in an order of the seed's.
func shuffled(pix []uint8, size int, seed uint64) []uint8 {
	var out []uint8
	for _, i := range rand.New(rand.NewPCG(seed, 16)).Perm(len(pix) / size) {
		out = append(out, pix[i*size:(i+1)*size]...)
	}
	return out
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

// Text writes three tables.
func (m *Footage) Text(w io.Writer) {
	perhaps := func(v *float64) string {
		if v == nil {
			return "–"
		}
		return fmt.Sprintf("%.4f", *v)
	}
	fmt.Fprintln(w, "film\tframes\theld out\teigenvalues\tcontrol\tchange\tcontrol\tother order\tslowest\tcontrol\tSFA\ttime")
	for _, f := range m.Films {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.3g\t%.3g\t%.3f\t%.3f\t%.3f\t%s\t%s\t%s\t%s\n", f.Name, f.Frames, f.Held, f.Eigenvalues[0], f.Eigenvalues[1],
			f.Change[0], f.Change[1], f.Change[2], perhaps(f.Slowest[0]), perhaps(f.Slowest[1]), perhaps(f.Slowest[2]), brief(f.Seconds))
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "film\tstep\tpixels\tcodes\tβ\tframes' pixels\tframes' β")
	for _, f := range m.Films {
		for i, t := range f.Turns {
			fmt.Fprintf(w, "%s\t%d\t%.1f°\t%.1f°\t%.1f°\t%.1f°\t%.1f°\n", f.Name, t.Step, t.Pixels, t.Codes, t.Beta, f.Whole[i].Pixels, f.Whole[i].Beta)
		}
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "film\tcoordinate\tbrightness\tmotion\tforeground")
	for _, f := range m.Films {
		for _, c := range f.Follows {
			fmt.Fprintf(w, "%s\t%d\t%+.2f\t%+.2f\t%+.2f\n", f.Name, c.Coordinate, c.Brightness, c.Motion, c.Foreground)
		}
	}
}
