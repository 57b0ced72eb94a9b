package reproduce

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sparse-manifold/smt/internal/python"
)

//go:embed sfa
var sfa embed.FS

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
	Name        string  `json:"name"`
	Dims        int     `json:"dims"`
	Seconds     float64 `json:"seconds"`
	train, held []float32
}

// sfaEnvironment is where slow feature analysis runs, another in tests.
var sfaEnvironment = func(ctx context.Context, dir string, log io.Writer) (*python.Environment, error) {
	scripts, err := fs.Sub(sfa, "sfa")
	if err != nil {
		return nil, err
	}
	return python.New(ctx, scripts, dir, log)
}

// slowFeatureAnalysis has sklearn-sfa learn from the pixels of train, and apply it to those of held too. note has the versions.
func (r *runner) slowFeatureAnalysis(ctx context.Context, task sfaTask, train, held []uint8) (all []slowFeatures, note string, err error) {
	// Not by internal/output: a temporary folder of our own, which is removed.
	dir, err := os.MkdirTemp("", "smt-sfa-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	env, err := sfaEnvironment(ctx, filepath.Join(dir, "python"), r.log)
	if err != nil {
		return nil, "", err
	}
	asked, err := json.Marshal(task)
	if err != nil {
		return nil, "", err
	}
	for name, content := range map[string][]byte{"task.json": asked, "train.u8": train, "held.u8": held} {
		// Not by internal/output: for a peer to read, in a temporary folder of our own.
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, "", err
		}
	}
	out, err := env.Command(ctx, "sfa", dir).Output()
	if ctx.Err() != nil {
		return nil, "", ctx.Err() // which ended it
	}
	if err != nil {
		return nil, "", fmt.Errorf("sfa.py: %w", err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var line struct {
			Note string `json:"note"`
			slowFeatures
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, "", fmt.Errorf("sfa.py said %q: %w", lines.Text(), err)
		}
		if line.Note != "" {
			note = line.Note
			continue
		}
		for split, rows := range map[string]*[]float32{"train": &line.train, "held": &line.held} {
			frames := len(train) / task.Pixels
			if split == "held" {
				frames = len(held) / task.Pixels
			}
			if *rows, err = floats(filepath.Join(dir, split+"."+line.Name+".f32"), frames*line.Dims); err != nil {
				return nil, "", err
			}
		}
		all = append(all, line.slowFeatures)
	}
	if len(all) != len(task.Methods) {
		return nil, "", fmt.Errorf("sfa.py answered for %d methods: want %d", len(all), len(task.Methods))
	}
	return all, note, nil
}

// floats reads n values of a file.
func floats(path string, n int) ([]float32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values := make([]float32, n)
	if len(b) != 4*n {
		return nil, fmt.Errorf("%s has %d bytes: want %d values", path, len(b), n)
	}
	_, err = binary.Decode(b, binary.LittleEndian, values)
	return values, err
}
