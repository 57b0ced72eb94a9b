package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/linalg"
	"github.com/sparse-manifold/smt/knn"
)

// statusAnswer is how far the preparations have come: so many of a stage, which is
// number step of steps.
type statusAnswer struct {
	Ready bool   `json:"ready"`
	Stage string `json:"stage,omitempty"`
	Step  int    `json:"step"`
	Steps int    `json:"steps"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

func (a *statusAnswer) String() string {
	if a.Steps == 0 {
		return "it has not begun"
	}
	return fmt.Sprintf("%s, %d of %d (step %d of %d)", a.Stage, a.Done, a.Total, a.Step, a.Steps)
}

// Prepare chooses the images, embeds the bank, which the server holds in 5·Dim bytes an
// image, codes patches of it and lays the atoms out. It does nothing where that is done.
func (s *Server) Prepare(ctx context.Context) error {
	s.preparing.Lock()
	defer s.preparing.Unlock()
	if s.isReady() {
		return nil
	}
	stages := []struct {
		name string
		run  func(ctx context.Context, report func(done, total int)) error
	}{
		{"choosing images", s.chooseImages},
		{"embedding bank", s.embedBank},
		{"looking at atoms", s.lookAtAtoms},
		{"coding patches", s.scatter},
		{"preparing to invert", s.prepareToInvert},
		{"laying out atoms", s.layOut},
	}
	for i, stage := range stages {
		err := stage.run(ctx, func(done, total int) {
			s.stage.Store(&statusAnswer{Stage: stage.name, Step: i + 1, Steps: len(stages), Done: done, Total: total})
			s.o.Progress(stage.name, done, total)
		})
		if err != nil {
			return err
		}
	}
	s.stage.Store(&statusAnswer{Ready: true, Step: len(stages), Steps: len(stages)})
	close(s.ready)
	return nil
}

func (s *Server) isReady() bool {
	select {
	case <-s.ready:
		return true
	default:
		return false
	}
}

// status takes no place: it is asked for while all others are taken.
func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.stage.Load())
}

func (s *Server) chooseImages(ctx context.Context, report func(done, total int)) error {
	report(0, 1)
	images, err := s.choose(ctx)
	if err != nil {
		return err
	}
	if images.Bank == nil || images.Test == nil || images.Bank.Len() == 0 || images.Test.Len() == 0 {
		return errors.New("server: want images for the bank and images to choose from, at least one of each")
	}
	if images.Bank.Shape() != images.Test.Shape() {
		return fmt.Errorf("server: bank images are %v, those to choose from %v", images.Bank.Shape(), images.Test.Shape())
	}
	images.Bank, images.Test = s.seen.See(images.Bank), s.seen.See(images.Test)
	s.images, s.shape = images, images.Test.Shape()
	report(1, 1)
	return s.m.Check(s.shape)
}

// Images are those that a server shows, once it is prepared.
func (s *Server) Images() Images { return s.images }

// bankBlock is the number of images whose embeddings are searched together.
const bankBlock = 256

func (s *Server) embedBank(ctx context.Context, report func(done, total int)) error {
	dim := s.m.Dim(s.shape)
	bank, err := knn.NewBank(dim, dim)
	if err != nil {
		return err
	}
	var block []float32
	left := s.images.Bank.Len()
	for e, err := range s.m.EmbedAll(ctx, s.images.Bank, smt.Progress(func(_ string, done, total int) { report(done, total) })) {
		if err != nil {
			return err
		}
		if block == nil {
			block = make([]float32, 0, min(bankBlock, left)*dim)
		}
		block = append(block, e...)
		linalg.Unit(block[len(block)-dim:])
		left--
		if len(block) == cap(block) {
			bank.Add(block)
			block = nil
		}
	}
	s.bank = bank
	return nil
}
