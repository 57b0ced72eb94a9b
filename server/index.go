package server

import (
	"bytes"
	"context"
	"embed"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
)

// Index answers questions about the items of an index. It is safe for concurrent use.
//
// The neighbour graph of the items and the answers about all of them are computed when they are first asked for, one
// at a time, and kept. Work that nobody waits for goes on until Close.
type Index struct {
	desk
	x *index.Index

	room   func() memory.Room
	models *smt.Ensemble // nil before the first upload; of who has the place to decode

	naming  places // of who makes numbers
	numbers atomic.Pointer[answers.Numbers]

	computing places       // of who computes about all items
	graph     *graph.Graph // of who has that place
	work      atomic.Pointer[workAnswer]
	lasting   lasting
	life      context.Context // of work that nobody waits for
	end       context.CancelFunc
}

// NewIndex returns a server of an index, which is to stay open as long as the server is used. Of the options, Name
// is what the index is called, and MapAtoms and Data are of no use.
func NewIndex(x *index.Index, o Options) *Index {
	s := &Index{x: x, naming: make(places, 1), computing: make(places, 1), room: memory.Left}
	s.desk.open(o)
	s.work.Store(&workAnswer{})
	s.life, s.end = context.WithCancel(context.Background())
	s.early = func() string { return "" }
	s.handler = s.guard(s.leading(s.routes(s.table(), embed.FS{})))
	return s
}

// table is the whole API of an index.
func (s *Index) table() []route {
	return []route{
		{"GET /map", s.mapPage, false},
		{"GET /api/status", s.status, true},
		{"GET /api/index", s.answer(s.about), false},
		{"POST /api/search", s.search, false},
		{"GET /api/items", s.answer(s.list), false},
		{"GET /api/items/{item}", s.answer(s.item), false},
		{"GET /api/items/{item}/thumbnail", s.answer(s.thumbnail), false},
		{"GET /api/items/{item}/neighbours", s.answer(s.neighbours), false},
		{"GET /api/duplicates", s.asking(s.findDuplicates), false},
		{"GET /api/outliers", s.asking(s.findOutliers), false},
		{"GET /api/groups", s.asking(s.findGroups), false},
		{"POST /api/classify", s.classify, false},
		{"POST /api/compare", s.compare(comparisonItself), false},
		{"POST /api/compare.png", s.compare(comparisonInPixels), false},
		{"POST /api/compare.svg", s.compare(comparisonDrawn), false},
	}
}

// Serve answers requests on l until ctx is done, and returns nil then. It closes the server.
func (s *Index) Serve(ctx context.Context, l net.Listener) error {
	defer s.Close()
	return s.desk.Serve(ctx, l)
}

// Close ends the work that nobody waits for, and waits for all that computes, which ends soon. The index can be closed after it.
func (s *Index) Close() {
	s.end()
	s.asked.Wait()
}

// related is the neighbour graph of the items, unless there is no room for it and the asking bytes of what is asked of it.
func (s *Index) related(ctx context.Context, asking float64) (*graph.Graph, error) {
	if err := s.enough(asking); err != nil {
		return nil, err
	}
	if s.graph == nil {
		g, err := graph.New(ctx, s.x, graph.Nearest, s.report)
		if err != nil {
			return nil, err
		}
		s.graph = g
	}
	return s.graph, nil
}

// thumbnail is the thumbnail of an item. It is a copy: writing it may outlast the index.
func (s *Index) thumbnail(r *http.Request) (any, error) {
	i, err := s.number(r)
	if err != nil {
		return nil, err
	}
	file, err := s.x.Thumbnail(i)
	return pictureFile(bytes.Clone(file)), err
}
