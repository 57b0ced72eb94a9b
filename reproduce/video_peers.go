package reproduce

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/python"
)

// sfaTask is what slow feature analysis is asked for: task.json of its script.
type sfaTask struct {
	Pixels    int      `json:"pixels"` // of a frame
	Clip      int      `json:"clip"`   // frames of a clip, 0 where all are one
	Dims      int      `json:"dims"`
	Linear    int      `json:"linear"`    // principal components that it is given
	Quadratic int      `json:"quadratic"` // principal components that it is given with all their products
	Methods   []string `json:"methods"`
}

// slowFeatures is what one method made of the frames of two splits.
type slowFeatures struct {
	name        string
	dims        int
	seconds     float64
	train, held []float32
}

// slowFeatureAnalysis has sklearn-sfa learn from the pixels of train, and apply it to those of held too. note has the versions.
func slowFeatureAnalysis(ctx context.Context, task sfaTask, train, held []uint8) (all []slowFeatures, note string, err error) {
	peers, err := startPeers(ctx, "sfa")
	if err != nil {
		return nil, "", err
	}
	defer peers.Close()
	asked, err := json.Marshal(task)
	if err != nil {
		return nil, "", err
	}
	for name, content := range map[string][]byte{"task.json": asked, "train.u8": train, "held.u8": held} {
		// Not by internal/output: for a peer to read, in a temporary folder of our own.
		if err := os.WriteFile(filepath.Join(peers.Dir, name), content, 0o600); err != nil {
			return nil, "", err
		}
	}
	err = python.Run(ctx, peers, func(s said) (err error) {
		if s.Name == "" {
			note = s.Note
			return nil
		}
		f := slowFeatures{name: s.Name, dims: s.Dims, seconds: s.Seconds}
		if f.train, err = readFloats(filepath.Join(peers.Dir, "train."+s.Name+".f32"), len(train)/task.Pixels, s.Dims); err != nil {
			return err
		}
		f.held, err = readFloats(filepath.Join(peers.Dir, "held."+s.Name+".f32"), len(held)/task.Pixels, s.Dims)
		all = append(all, f)
		return err
	}, "sfa", peers.Dir)
	if err == nil && len(all) != len(task.Methods) {
		err = fmt.Errorf("sfa.py answered for %s: want %d", plural.Of(len(all), "method"), len(task.Methods))
	}
	return all, note, err
}
