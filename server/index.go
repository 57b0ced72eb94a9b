package server

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/answers"
	"github.com/sparse-manifold/smt/graph"
	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/internal/plural"
)

// Index answers questions about the items of an index. It is safe for concurrent use.
//
// The neighbour graph of the items and the answers about all of them are computed when they are first asked for, one
// at a time, and kept.
type Index struct {
	desk
	x *index.Index

	room   func() memory.Room
	models *smt.Ensemble // nil before the first upload; of who has the place to decode

	naming  places // of who makes numbers
	numbers atomic.Pointer[answers.Numbers]

	computing  places // of who computes about all items, which all below is of
	graph      *graph.Graph
	duplicates *answers.Duplicates // of the threshold that is chosen
	outliers   *answers.Outliers   // all of them
	groups     *answers.Groups     // of the number that was asked for last
	groupsK    int
	drawn      page // the map
}

// NewIndex returns a server of an index, which is to stay open as long as the server is used. Of the options, Name
// is what the index is called, and MapAtoms and Data are of no use.
func NewIndex(x *index.Index, o Options) *Index {
	s := &Index{x: x, naming: make(places, 1), computing: make(places, 1), room: memory.Left}
	s.desk.open(o)
	s.early = func() string { return "" }
	s.handler = s.guard(s.leading(s.routes(s.table(), embed.FS{})))
	return s
}

// table is the whole API of an index.
func (s *Index) table() []route {
	return []route{
		{"GET /map", s.mapPage, false},
		{"GET /api/index", s.answer(s.about), false},
		{"POST /api/search", s.search, false},
		{"GET /api/items", s.answer(s.list), false},
		{"GET /api/items/{item}", s.answer(s.item), false},
		{"GET /api/items/{item}/thumbnail", s.answer(s.thumbnail), false},
		{"GET /api/items/{item}/neighbours", s.answer(s.neighbours), false},
		{"GET /api/duplicates", s.alone(s.findDuplicates), false},
		{"GET /api/outliers", s.alone(s.findOutliers), false},
		{"GET /api/groups", s.alone(s.findGroups), false},
		{"POST /api/classify", s.classify, false},
		{"POST /api/compare", s.compare(comparisonItself), false},
		{"POST /api/compare.png", s.compare(comparisonInPixels), false},
		{"POST /api/compare.svg", s.compare(comparisonDrawn), false},
	}
}

// Serve answers requests on l until ctx is done, and returns nil then. It waits for all that computes, which ends
// soon, so that the index can be closed after it.
func (s *Index) Serve(ctx context.Context, l net.Listener) error {
	defer s.asked.Wait()
	return s.desk.Serve(ctx, l)
}

// alone makes a handler of a function that computes about all items. One is at work at a time, as it takes all
// processors, and who waits for it holds no other place. It may take longer than writing an answer: the time for
// that begins when it is done. When who asked leaves, it stops, and the next one who asks begins again.
func (s *Index) alone(f func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// Without a connection, as in tests, these are errors and change nothing.
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Time{})
		v, err := s.computeAlone(r, f)
		_ = control.SetWriteDeadline(time.Now().Add(writeTime))
		if err != nil {
			refuse(w, err)
			return
		}
		s.answer(func(*http.Request) (any, error) { return v, nil })(w, r)
	}
}

func (s *Index) computeAlone(r *http.Request, f func(r *http.Request) (any, error)) (any, error) {
	if s.x.Len() < 2 {
		return nil, problem{http.StatusConflict, fmt.Sprintf("the index has %s: want 2 or more, to compare", plural.Of(s.x.Len(), "item"))}
	}
	if err := s.computing.enter(r.Context()); err != nil {
		return nil, err
	}
	defer s.computing.leave()
	return f(r)
}

// related is the neighbour graph of the items, unless there is no room for it and the asking bytes of what is asked of it.
func (s *Index) related(ctx context.Context, asking float64) (*graph.Graph, error) {
	if err := s.enough(asking); err != nil {
		return nil, err
	}
	if s.graph == nil {
		g, err := graph.New(ctx, s.x, graph.Nearest, s.o.Progress)
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
