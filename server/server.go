package server

import (
	"context"
	"embed"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/judge"
	"github.com/sparse-manifold/smt/knn"
)

//go:embed web
var web embed.FS

// Images are what a server shows: a bank to search, and images to choose from, Test,
// which have an origin. They are of one shape.
type Images struct {
	Bank, Test dataset.Source
	Origin     explain.Origin
}

// Options say what a server shows and how much it prepares. The zero value is good.
type Options struct {
	Name string // of the model, for the page
	Data string // of the images
	// Public lets every host name in. Otherwise requests have to name this machine,
	// as localhost or by its loopback address: a page of another site could
	// otherwise read this one through a name that it has resolve to 127.0.0.1.
	Public bool
	// MapAtoms bounds the atoms on the map, those most in use; 0 is 2,000.
	MapAtoms int
	// Progress is told how far the preparations have come.
	Progress func(stage string, done, total int)
}

// Server answers questions about a model. Once prepared it does not change but for
// the images uploaded. It is safe for concurrent use.
type Server struct {
	desk
	m      *smt.Model // of images as seen sees them
	seen   *smt.Model // as it was given
	p      judge.Protocol
	choose func(context.Context) (Images, error)

	inverting places // of images that are inverted
	uploads   uploads

	stage     atomic.Pointer[statusAnswer]
	preparing sync.Mutex
	ready     chan struct{} // closed when all below is there
	images    Images
	shape     dataset.Shape
	bank      *knn.Bank
	atoms     *dictionary
	patches   *patches
	inverter  *explain.Inverter // nil where images are too large
	layout    mapAnswer
	maps      map[string]page // of each layout
}

// New returns a server of a model and of the images that choose gives. It takes no
// time: choose is called by Prepare. Until that is done the server answers GET
// /api/status and shows the page, which waits.
func New(m *smt.Model, choose func(context.Context) (Images, error), o Options) (*Server, error) {
	s := &Server{m: m.Straight(), seen: m, p: judge.Paper(m.Config().Flips), choose: choose, ready: make(chan struct{})}
	s.open(o)
	if s.o.MapAtoms <= 0 {
		s.o.MapAtoms = mapAtoms
	}
	s.early = func() string {
		if s.isReady() {
			return ""
		}
		return s.stage.Load().String()
	}
	s.inverting = make(places, 1)
	s.stage.Store(&statusAnswer{})
	pages, err := fs.Sub(web, "web")
	if err != nil {
		return nil, err
	}
	s.handler = s.guard(s.routes(s.table(), pages))
	return s, nil
}
