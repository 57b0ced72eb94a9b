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

// inversion is what a request asks to invert.
type inversion struct {
	image  *shown
	lambda float64
}

// kept is what each level has kept of an image.
func (s *Server) kept(w http.ResponseWriter, r *http.Request) {
	asked, err := s.toInvert(r) // at once: what is asked wrongly does not wait
	if err != nil {
		refuse(w, err)
		return
	}
	body, kind, err := s.invertAlone(r, asked)
	respond(w, body, kind, err)
}

func (s *Server) toInvert(r *http.Request) (asked inversion, err error) {
	if asked.image, err = s.named(r); err != nil {
		return asked, err
	}
	if asked.lambda, err = amount(r, "lambda", leastLambda, mostLambda, explain.Lambda); err != nil {
		return asked, err
	}
	if s.inverter == nil {
		return asked, badRequest("%s", s.notInverted())
	}
	return asked, nil
}

// invertAlone is invert, one at a time, as it takes all processors. The others wait for it without a place
// among those that compute.
func (s *Server) invertAlone(r *http.Request, asked inversion) (body []byte, kind string, err error) {
	if err := s.inverting.enter(r.Context()); err != nil {
		return nil, "", err
	}
	defer s.inverting.leave()
	return s.compute(r, func(r *http.Request) (any, error) { return s.invert(r.Context(), asked) })
}

func (s *Server) invert(ctx context.Context, asked inversion) (any, error) {
	levels, err := s.inverter.Invert(ctx, asked.image.Image, asked.lambda)
	if err != nil {
		return nil, err
	}
	a := keptAnswer{Image: asked.image.id, Lambda: asked.lambda}
	for _, k := range levels {
		a.Levels = append(a.Levels, keptLevel{k, draw.PNG(draw.Photo(k.Image))})
	}
	return a, nil
}
