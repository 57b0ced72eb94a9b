package server

import (
	"context"
	"net/http"

	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/draw"
)

// λ of inversion. A smaller one takes many times as long ("Inversion" in docs/sources/sparse-coding.md);
// of a larger one little comes back.
const (
	leastLambda = 0.05
	mostLambda  = 0.4
)

func (s *Server) prepareToInvert(_ context.Context, report func(done, total int)) (err error) {
	report(0, 1)
	if s.notInverted() == "" {
		s.inverter, err = explain.NewInverter(s.m)
	}
	report(1, 1)
	return err
}

// notInverted is why images are not inverted, "" where they are.
func (s *Server) notInverted() string {
	if err := explain.TooLargeToInvert(s.m, s.shape); err != nil {
		return err.Error()
	}
	return ""
}

type keptAnswer struct {
	Image  string      `json:"image"`
	Lambda float64     `json:"lambda"`
	Levels []keptLevel `json:"levels"` // brightness alone, codes, embedded patches, cells
}

// keptLevel is what a level has kept of an image, and lost.
type keptLevel struct {
	explain.Kept
	PNG []byte `json:"png"` // what comes back, in base64
}

// kept is what each level has kept of an image.
func (s *Server) kept(w http.ResponseWriter, r *http.Request) {
	body, kind, err := s.invertAlone(r)
	respond(w, body, kind, err)
}

// invertAlone is invert, one at a time, as it takes all processors. The others wait for it without a place
// among those that compute.
func (s *Server) invertAlone(r *http.Request) (body []byte, kind string, err error) {
	if err := s.inverting.enter(r.Context()); err != nil {
		return nil, "", err
	}
	defer s.inverting.leave()
	return s.compute(r, s.invert)
}

func (s *Server) invert(r *http.Request) (any, error) {
	im, err := s.named(r)
	if err != nil {
		return nil, err
	}
	lambda, err := amount(r, "lambda", leastLambda, mostLambda, explain.Lambda)
	if err != nil {
		return nil, err
	}
	if s.inverter == nil {
		return nil, badRequest("%s", s.notInverted())
	}
	levels, err := s.inverter.Invert(r.Context(), im.Image, lambda)
	if err != nil {
		return nil, err
	}
	a := keptAnswer{Image: im.id, Lambda: lambda}
	for _, k := range levels {
		a.Levels = append(a.Levels, keptLevel{k, draw.PNG(draw.Photo(k.Image))})
	}
	return a, nil
}
