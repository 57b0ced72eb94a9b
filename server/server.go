package server

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/knn"
)

//go:embed web
var web embed.FS

// Images are what a server shows: a bank to search, and images to choose from, Test.
// They are of one shape.
type Images struct{ Bank, Test dataset.Source }

// Fitted says whether a model was fitted on images.
type Fitted string

const (
	FittedUnknown Fitted = "unknown"
	FittedYes     Fitted = "yes"
	FittedNo      Fitted = "no"
)

// Options say what a server shows and how much it prepares. The zero value is good.
type Options struct {
	Name string // of the model, for the page
	Data string // of the images
	// TestSplit tells that the images to choose from are of the test split of the
	// data, and Fitted whether the model was fitted on them: empty is FittedUnknown.
	TestSplit bool
	Fitted    Fitted
	// Public lets every host name in. Otherwise requests have to name this machine,
	// as localhost or by its loopback address: a page of another site could
	// otherwise read this one through a name that it has resolve to 127.0.0.1.
	Public bool
	// MapAtoms bounds the atoms on the map, those most in use; 0 is 2,000.
	MapAtoms int
	// Progress is told how far the preparations have come, and Ready that they are
	// done.
	Progress func(stage string, done, total int)
	Ready    func()
}

// Server answers questions about a model. Once prepared it does not change but for
// the images uploaded. It is safe for concurrent use.
type Server struct {
	m       *smt.Model
	o       Options
	images  Images
	shape   dataset.Shape
	p       smt.Protocol
	handler http.Handler

	busy     places // of requests that compute, one for each processor
	decoding places // of uploads that are decoded
	bodies   budget // of uploads that are read or wait to be decoded
	uploads  uploads

	stage     atomic.Pointer[statusAnswer]
	preparing sync.Mutex
	ready     chan struct{} // closed when all below is there
	bank      *knn.Bank
	atoms     *dictionary
	patches   *patches
	layout    mapAnswer
}

// New returns a server of a model, after checks that take no time. Until it is
// prepared it answers GET /api/status and shows the page, which waits.
func New(m *smt.Model, images Images, o Options) (*Server, error) {
	if images.Bank == nil || images.Test == nil || images.Bank.Len() == 0 || images.Test.Len() == 0 {
		return nil, errors.New("server: want images for the bank and images to choose from, at least one of each")
	}
	s := &Server{m: m, o: o, images: images, shape: images.Test.Shape(), p: m.PaperProtocol(), ready: make(chan struct{})}
	if images.Bank.Shape() != s.shape {
		return nil, fmt.Errorf("server: bank images are %v, those to choose from %v", images.Bank.Shape(), s.shape)
	}
	if err := m.Check(s.shape); err != nil {
		return nil, err
	}
	if s.o.Progress == nil {
		s.o.Progress = func(string, int, int) {}
	}
	if s.o.Ready == nil {
		s.o.Ready = func() {}
	}
	if s.o.MapAtoms <= 0 {
		s.o.MapAtoms = 2000
	}
	if s.o.Fitted == "" {
		s.o.Fitted = FittedUnknown
	}
	s.busy = make(places, runtime.GOMAXPROCS(0))
	s.decoding = make(places, 1)
	s.bodies.left.Store(bodyBytes)
	s.stage.Store(&statusAnswer{})
	pages, err := fs.Sub(web, "web")
	if err != nil {
		return nil, err
	}
	s.handler = s.guard(s.routes(pages))
	return s, nil
}

// ServeHTTP makes a Server an http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }
