package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/cooccur"
	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/strictjson"
	"github.com/sparse-manifold/smt/patch"
	"github.com/sparse-manifold/smt/sparse"
)

// best is the preset of several models, smt.Best.
const best = "best"

// settings are the flags that make a Config: a preset or a file to start from,
// and single fields that override it.
type settings struct {
	preset, file string
	explain      bool // how a configuration was chosen
	fast         bool

	fields *pflag.FlagSet
	value  smt.Config // what the flags of fields set
}

func (s *settings) flags(f *pflag.FlagSet, kinds []kind) {
	presets := append([]string{best}, smt.Presets()...)
	for _, k := range kinds {
		presets = append(presets, k.name)
	}
	f.Var(oneOf(&s.preset, presets...), "preset", "configuration to start from (default: chosen from the images); best is several models; the others are no images")
	f.BoolVar(&s.explain, "explain-choice", false, "print what was chosen from the images, and why, before the result")
	f.BoolVar(&s.fast, "fast", false, "for speed: embed the images of a bank by a quarter of their patches, and count 2,500 images at the most")
	f.StringVar(&s.file, "config", "", "`FILE` with a whole configuration to start from, as JSON: config of smt info --json")

	v := &s.value
	s.fields = pflag.NewFlagSet("fields", pflag.ContinueOnError)
	s.fields.SortFlags = false
	s.fields.IntVar(&v.Atoms, "atoms", 0, "size D of the dictionary")
	dictionaries := oneOf(&v.Dictionary, smt.Exemplars, smt.KMeans, smt.Learned)
	dictionaries.but = "; learned ones are of images alone"
	s.fields.Var(dictionaries, "dictionary", "how atoms are chosen; learned ones want --code l1")
	s.fields.Float64Var(&v.MaxCosine, "max-cosine", 0, "exemplars are kept apart: their cosines are below this, 1 or more for no spacing")
	s.fields.BoolVar(&v.Deskew, "deskew", false, "straighten gray images of digits or letters, and bring their ink to one width, before they are cut into patches")
	s.fields.IntVar(&v.Patch, "patch", 0, "side of a patch, in pixels")
	s.fields.Var(oneOf(&v.Center, patch.CenterImage, patch.CenterPatch, patch.CenterNone), "center", "what the mean is taken over that is subtracted from a patch")
	s.fields.Float64Var(&v.Epsilon, "epsilon", 0, "turn whitening on, with this ε added to the eigenvalues of the covariance")
	s.fields.Var(oneOf(&v.Code, sparse.Kinds()...), "code", "sparse code")
	s.fields.Float64Var(&v.Threshold, "threshold", 0, "cosine t from which on an atom is active; of --code l1 the λ of ½‖x − Aα‖² + λ Σα")
	s.fields.Var(oneOf(&v.Context.Kind, cooccur.Whole, cooccur.Window), "context", "patches that co-occur, all of an image or those near each other")
	s.fields.IntVar(&v.Context.Radius, "radius", 0, "radius of the window, in patches")
	s.fields.IntVar(&v.Context.Difference, "difference", 0, "1 for pairs of patches, 2 for a patch and the mean of its context")
	s.fields.IntVar(&v.Step, "step", 0, "distance of the patches that statistics are made of, 1 (or 0) for every patch")
	s.fields.BoolVar(&v.Flips, "flips", false, "add the left-right flip of every image")
	s.fields.BoolVar(&v.Grayscale, "grayscale", false, "add the gray view of every image")
	s.fields.IntVar(&v.Dims, "dims", 0, "coordinates kept")
	s.fields.IntVar(&v.Skip, "skip", 0, "coordinates dropped before the first one kept")
	s.fields.IntVar(&v.Pool, "pool", 0, "side of a pooling window, in patches")
	s.fields.IntVar(&v.Stride, "stride", 0, "distance between pooling windows, in patches")
	s.fields.IntVar(&v.Thin, "thin", 0, "embed the images of a bank by one patch in so many: 2, a checkerboard, or 4, every second one in rows and columns; 1 (or 0) for all. Queries are embedded by all")
	s.fields.IntVar(&v.Spectrum, "spectrum", 0, "embed an image as the signed roots of its cells' spatial frequencies, up to so many half periods, not as the cells; 0 for the cells")
	s.fields.IntVar(&v.Components, "components", 0, "shorten embeddings to at most so many of their principal components, learned from images of the fit and evened out; 0 leaves them as they are")
	s.fields.Float64Var(&v.Power, "power", 0, "components are divided by this power of their standard deviations, from 0, as they are, to 1, where all vary alike")
	s.fields.Float64Var(&v.Ridge, "ridge", 0, "added to the diagonal of V, times its mean")
	s.fields.IntVar(&v.Images, "images", 0, "at most this many images in the statistics, 0 for all")
	f.AddFlagSet(s.fields)
}

// recipes are the models the flags ask for, for images of so many channels: one without
// a name, or those of the preset best.
func (s *settings) recipes(ctx context.Context, channels int, a *app) ([]smt.Recipe, error) {
	recipes, err := s.start(ctx, channels)
	if err != nil {
		return nil, err
	}
	given := s.given()
	for i := range recipes {
		if recipes[i].Config, err = s.override(recipes[i].Config, given, a); err != nil {
			return nil, err
		}
	}
	return recipes, nil
}

// given are the fields that flags were given for, and the values of these.
func (s *settings) given() map[*pflag.Flag]string {
	given := map[*pflag.Flag]string{}
	s.fields.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			given[f] = f.Value.String()
		}
	})
	return given
}

// override is the configuration start with the fields that flags were given for.
func (s *settings) override(start smt.Config, given map[*pflag.Flag]string, a *app) (smt.Config, error) {
	if s.fast {
		start = start.Fast()
	}
	// The flags write to s.value: put the start there and set them once more.
	s.value = start
	for f, value := range given {
		if err := f.Value.Set(value); err != nil {
			return smt.Config{}, usagef("--%s: %w", f.Name, err)
		}
	}
	c := s.value
	c.Seed = a.seedOr(c.Seed)
	c.Whiten = c.Whiten || s.fields.Lookup("epsilon").Changed
	if s.fields.Lookup("context").Changed && !s.fields.Lookup("radius").Changed && c.Context.Kind == cooccur.Whole {
		c.Context.Radius = 0 // the preset's was of a window
	}
	switch given := s.fields.Lookup("power").Changed; {
	case given && c.Components == 0:
		return c, usagef("--power is of no use without components: want --components N")
	case s.fields.Lookup("components").Changed && c.Components == 0:
		c.Power = 0 // the preset's was of components
	}
	return c, s.name(start, c.Validate())
}

// name has an error of a configuration name the file that it comes of.
func (s *settings) name(start smt.Config, err error) error {
	if err == nil {
		return nil
	}
	if s.file == "" {
		return usageError{err}
	}
	from := "config " + s.file
	if start.Validate() == nil {
		from += " with the flags given"
	}
	return usagef("%s: %s", from, strings.TrimPrefix(err.Error(), "smt: config: "))
}

// flagged has an error of a field, "words: min_count is 0: …", name the flag that set it, one of those
// of s or its own, or the file that it comes of.
func (s *settings) flagged(own *pflag.FlagSet, of string, err error) error {
	text := strings.TrimPrefix(err.Error(), of+": ")
	field, rest, _ := strings.Cut(text, " ")
	name := strings.ReplaceAll(field, "_", "-")
	for _, set := range []*pflag.FlagSet{s.fields, own} {
		if f := set.Lookup(name); f != nil && f.Changed {
			return usagef("--%s %s", name, rest)
		}
	}
	if s.file != "" {
		return usagef("config %s: %s", s.file, text)
	}
	return usageError{err}
}

func (s *settings) start(ctx context.Context, channels int) ([]smt.Recipe, error) {
	var c smt.Config
	var err error
	switch {
	case s.file != "" && s.preset != "":
		return nil, usagef("--preset is %s and --config %s: want one of them to start from", s.preset, s.file)
	case s.file != "":
		c, err = readConfig[smt.Config](ctx, s.file)
	case s.preset == best && channels == 1:
		return smt.BestGray(), nil
	case s.preset == best:
		return smt.Best(), nil
	default:
		c, err = smt.Preset(s.preset)
	}
	return []smt.Recipe{{Config: c}}, err
}

// readConfig is the configuration, of what C is one of, in the file at path.
func readConfig[C any](ctx context.Context, path string) (c C, err error) {
	b, err := readPiped(ctx, path)
	if err != nil {
		return c, fmt.Errorf("config: %w", err)
	}
	if len(b) > mostConfig {
		return c, usagef("config %s: the file has more than %d bytes: want a configuration", path, mostConfig)
	}
	if err := strictjson.Whole(b, &c); err != nil {
		return c, usagef("config %s: %w", path, err)
	}
	return c, nil
}

// mostConfig is a thousand times the bytes that a configuration has.
const mostConfig = 1 << 20

// readPiped reads a little more than that, at most, of the file at path, or of the FIFO
// that a shell makes of <(…).
func readPiped(ctx context.Context, path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	piped := info.Mode()&fs.ModeNamedPipe != 0
	var f *os.File
	if piped { // without waiting for one who writes to it
		f, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	} else {
		f, _, err = regular.Open(path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if piped { // one who writes no end would hold the program
		defer context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })()
	}
	b, err := io.ReadAll(io.LimitReader(f, mostConfig+1))
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err == nil && piped && len(b) == 0:
		err = fmt.Errorf("%s is a FIFO that nobody writes to", path)
	}
	return b, err
}
