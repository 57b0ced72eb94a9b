package smt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// modelSuffix ends the names of the files that LoadEnsemble reads in a folder.
const modelSuffix = ".safetensors"

// LoadEnsemble reads the model at path or, if that is a folder, all the models in it,
// NAME.safetensors each, in the order of their names and of equal weight.
func LoadEnsemble(path string) (*Ensemble, error) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if files, err = modelsIn(path); err != nil {
			return nil, err
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

// modelsIn are the files of models in a folder, by name: one at least.
func modelsIn(folder string) (files []string, err error) {
	entries, err := os.ReadDir(folder) // by name
	if err != nil {
		return nil, fmt.Errorf("smt: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), modelSuffix) {
			files = append(files, filepath.Join(folder, e.Name()))
		}
	}
	if files == nil {
		return nil, fmt.Errorf("smt: %s has no models: want files NAME%s", folder, modelSuffix)
	}
	return files, nil
}
