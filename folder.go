package smt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const modelSuffix = ".safetensors"

// ModelFile is the file of the model of a name in a folder of models.
func ModelFile(folder, name string) string { return filepath.Join(folder, name+modelSuffix) }

// Models are the names of the models in a folder, in order.
func Models(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder) // by name
	if err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), modelSuffix); is && !e.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// LoadEnsemble reads the model at path or, if that is a folder, all the models in it, in
// the order of their names and of equal weight.
func LoadEnsemble(path string) (*Ensemble, error) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		names, err := Models(path)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("smt: %s has no models: want files NAME%s", path, modelSuffix)
		}
		files = nil
		for _, name := range names {
			files = append(files, ModelFile(path, name))
		}
	}
	var members []Member
	for _, f := range files {
		m, err := Load(f)
		if err != nil {
			return nil, err
		}
		members = append(members, Member{Name: strings.TrimSuffix(filepath.Base(f), modelSuffix), Model: m, Weight: 1})
	}
	return NewEnsemble(members...)
}
