// Package modelfile writes and reads the files of models of all kinds, and names those of a folder of models,
// which is how an ensemble is kept.
package modelfile

import (
	"os"
	"path/filepath"
	"strings"
)

// Suffix ends the name of a model's file.
const Suffix = ".safetensors"

// Path is the file of the model of a name in a folder of models.
func Path(folder, name string) string { return filepath.Join(folder, name+Suffix) }

// Name is the name of the model in a file.
func Name(file string) string { return strings.TrimSuffix(filepath.Base(file), Suffix) }

// Names are the names of the models in a folder, in order.
func Names(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder) // by name
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), Suffix); is && !e.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}
