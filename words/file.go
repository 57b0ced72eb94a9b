package words

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/safetensors"
)

// Format is what a model file says that it is.
const Format = "smt-words"

var kind = modelfile.Kind{Package: "words", Format: Format, Version: 1}

// header is the metadata of a model file.
type header = modelfile.Header[Config, Data]

// Save writes the model to a safetensors file with checksums, whole or not at all. The bytes depend on
// the model alone. Tensors:
//
//	words       U8  [bytes]        the vocabulary, each word followed by a line feed
//	counts      I64 [Words]        how often each came up
//	projection  F32 [Words, Dims]  Pᵀ
//	eigenvalues F64 [Dims]         λ
func (m *Model) Save(path string) error { return kind.Save(path, m.contents()) }

// SaveTo writes to w what Save writes to a file.
func (m *Model) SaveTo(w io.Writer) error { return kind.SaveTo(w, m.contents()) }

func (m *Model) contents() modelfile.Contents {
	list := []byte(strings.Join(m.words, "\n") + "\n")
	return modelfile.NewContents(kind, m.cfg, m.data, m.vicreg,
		safetensors.NewTensor("words", list, len(list)),
		safetensors.NewTensor("counts", m.counts, len(m.counts)),
		safetensors.NewTensor("projection", m.rows, len(m.words), m.cfg.Dims),
		safetensors.NewTensor("eigenvalues", m.values, m.cfg.Dims))
}

// Load reads a model that Save wrote. The error names the file and what in it was found wrong.
func Load(path string) (*Model, error) { return modelfile.Load(kind, path, assemble) }

// LoadFrom is Load of size bytes of r. Errors call them input.
func LoadFrom(r io.ReaderAt, size int64) (*Model, error) {
	return modelfile.LoadFrom(kind, r, size, assemble)
}

// assemble makes a model of the tensors of f.
func assemble(f *safetensors.File, h header) (*Model, error) {
	if err := h.Config.Validate(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	m := &Model{cfg: h.Config, data: h.Data, vicreg: h.Objective}
	if err := m.read(f); err != nil {
		return nil, err
	}
	m.finish()
	return m, nil
}

// read reads the tensors, and holds them against the header.
func (m *Model) read(f *safetensors.File) error {
	n, d := m.data.Words, m.cfg.Dims
	list, err := safetensors.Values[uint8](f, "words", -1)
	if err != nil {
		return err
	}
	if n < 1 || n > len(list) {
		return fmt.Errorf("header: data: words is %d, want 1 or more, as the tensor words has", n)
	}
	if m.words, err = split(list, n); err != nil {
		return fmt.Errorf("tensor words: %w", err)
	}
	if m.counts, err = safetensors.Values[int64](f, "counts", n); err != nil {
		return err
	}
	if m.rows, err = f.Float32("projection", n, d); err != nil {
		return err
	}
	if m.values, err = f.Float64("eigenvalues", d); err != nil {
		return err
	}
	return m.check()
}

// split is the n words of a list of so many lines.
func split(list []byte, n int) ([]string, error) {
	if !utf8.Valid(list) {
		return nil, fmt.Errorf("not UTF-8")
	}
	words := strings.SplitAfter(string(list), "\n")
	if len(words) != n+1 || words[n] != "" {
		return nil, fmt.Errorf("%s, want %d", plural.Of(len(words)-1, "line"), n)
	}
	words = words[:n]
	seen := make(map[string]bool, n)
	for i, w := range words {
		words[i] = w[:len(w)-1]
		if len(words[i]) == 0 || seen[words[i]] {
			return nil, fmt.Errorf("line %d is %q, want a word that is not among those before", i+1, words[i])
		}
		seen[words[i]] = true
	}
	return words, nil
}
