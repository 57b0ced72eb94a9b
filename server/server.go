package server

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/dataset"
	"github.com/sparse-manifold/smt/internal/linalg"
)

//go:embed web
var web embed.FS

// Images are what a server shows: a bank to search, and test images to choose
// from. They are of one shape.
type Images struct{ Bank, Test dataset.Source }

// Options say how much a server prepares. The zero value is good.
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

// Server answers questions about a model. It does not change but for the images
// uploaded, and is safe for concurrent use.
type Server struct {
	m       *smt.Model
	o       Options
	images  Images
	shape   dataset.Shape
	p       smt.Protocol
	bank    [][]float32 // embeddings as unit vectors, in blocks of whole images
	atoms   *dictionary
	patches *patches
	layout  mapAnswer
	uploads uploads
	busy    chan struct{} // a place for each request that computes
	handler http.Handler
}

// New prepares a server: it embeds the bank, which it holds in 4·Dim bytes an
// image, and lays the atoms out.
func New(ctx context.Context, m *smt.Model, images Images, o Options) (*Server, error) {
	if images.Bank == nil || images.Test == nil || images.Bank.Len() == 0 || images.Test.Len() == 0 {
		return nil, errors.New("server: want images for the bank and test images, at least one of each")
	}
	s := &Server{m: m, o: o, images: images, shape: images.Test.Shape(), p: m.PaperProtocol()}
	if images.Bank.Shape() != s.shape {
		return nil, fmt.Errorf("server: bank images are %v, test images %v", images.Bank.Shape(), s.shape)
	}
	if err := m.Check(s.shape); err != nil {
		return nil, err
	}
	if s.o.Progress == nil {
		s.o.Progress = func(string, int, int) {}
	}
	if s.o.MapAtoms <= 0 {
		s.o.MapAtoms = 2000
	}
	if err := s.embedBank(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.atoms, err = newDictionary(m); err != nil {
		return nil, err
	}
	if s.patches, err = s.scatter(ctx); err != nil {
		return nil, err
	}
	if err := s.layOut(ctx); err != nil {
		return nil, err
	}
	s.busy = make(chan struct{}, runtime.GOMAXPROCS(0))
	pages, err := fs.Sub(web, "web")
	if err != nil {
		return nil, err
	}
	s.handler = s.guard(s.routes(pages))
	return s, nil
}

// bankBlock is the number of images whose embeddings are kept and searched
// together.
const bankBlock = 256

func (s *Server) embedBank(ctx context.Context) error {
	dim := s.m.Dim(s.shape)
	progress := smt.Progress(func(_ string, done, total int) { s.o.Progress("embedding bank", done, total) })
	i := 0
	for e, err := range s.m.EmbedAll(ctx, s.images.Bank, progress) {
		if err != nil {
			return err
		}
		if i%bankBlock == 0 {
			s.bank = append(s.bank, make([]float32, 0, min(bankBlock, s.images.Bank.Len()-i)*dim))
		}
		block := append(s.bank[i/bankBlock], e...)
		linalg.Unit(block[len(block)-dim:])
		s.bank[i/bankBlock] = block
		i++
	}
	return nil
}

// ServeHTTP makes a Server an http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers requests on l until ctx is done, and then lets those under way
// finish, for some seconds. It returns nil once ctx is done.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	stopped := make(chan error, 1)
	end := context.AfterFunc(ctx, func() {
		late, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := h.Shutdown(late)
		if errors.Is(err, context.DeadlineExceeded) {
			err = h.Close()
		}
		stopped <- err
	})
	err := h.Serve(l)
	if end() {
		return fmt.Errorf("server: %w", err) // it failed before ctx was done
	}
	return <-stopped
}
