package smt

import (
	"fmt"
	"os"

	"github.com/sparse-manifold/smt/internal/modelfile"
)

// LoadEnsemble reads the model at path or, if that is a folder, all the models in it, which are
// files NAME.safetensors, in the order of their names and of equal weight. A folder is written
// model by model, with Save: an ensemble has no file of its own, and nothing to keep but its
// models. Weights and Gray are the program's to choose, and models from anywhere else than
// files are read by LoadFrom and put side by side by NewEnsemble.
func LoadEnsemble(path string) (*Ensemble, error) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		names, err := modelfile.Names(path)
		if err != nil {
			return nil, fmt.Errorf("smt: %w", err)
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("smt: %s has no models: want files NAME%s", path, modelfile.Suffix)
		}
		files = nil
		for _, name := range names {
			files = append(files, modelfile.Path(path, name))
		}
	}
	var members []Member
	for _, f := range files {
		m, err := Load(f)
		if err != nil {
			return nil, err
		}
		members = append(members, Member{Name: modelfile.Name(f), Model: m, Weight: 1})
	}
	return NewEnsemble(members...)
}
