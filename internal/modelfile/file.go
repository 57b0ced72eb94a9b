package modelfile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

// Kind is a kind of model files: safetensors with checksums, whose metadata are a format and a
// header, an object of JSON with a version.
type Kind struct {
	Package string // that errors begin with
	Noun    string // what errors call what is in the file, model if it is ""
	Format  string
	Version int
	Earlier []int // versions that are read too
}

func (k Kind) noun() string { return cmp.Or(k.Noun, "model") }

// Contents is what the file of a model has.
type Contents struct {
	Header  any
	Tensors []safetensors.Tensor
}

// Save writes a model to a file, whole or not at all.
func (k Kind) Save(path string, c Contents) error {
	return k.write(c, func(metadata map[string]string) error {
		return safetensors.WriteFile(path, metadata, c.Tensors)
	})
}

// SaveTo writes to w what Save writes to a file.
func (k Kind) SaveTo(w io.Writer, c Contents) error {
	return k.write(c, func(metadata map[string]string) error {
		return safetensors.Write(w, metadata, c.Tensors)
	})
}

func (k Kind) write(c Contents, write func(metadata map[string]string) error) error {
	h, err := json.Marshal(c.Header)
	if err == nil {
		err = write(map[string]string{"format": k.Format, "header": string(h)})
	}
	if err != nil {
		return fmt.Errorf("%s: saving the %s: %w", k.Package, k.noun(), err)
	}
	return nil
}

// Load reads the model in a file of kind k, which assemble makes of its tensors and of its header,
// of type H. Tensors that assemble does not read are an error. Errors name the file.
func Load[H, M any](k Kind, path string, assemble func(f *safetensors.File, h H) (M, error)) (m M, err error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return m, fmt.Errorf("%s: %s: %w", k.Package, k.noun(), err)
	}
	defer f.Close()
	if m, err = read(k, f, info.Size(), assemble); err != nil {
		err = fmt.Errorf("%s: %s %s: %w", k.Package, k.noun(), path, err)
	}
	return m, err
}

// LoadFrom is Load of size bytes of r. Errors call them input.
func LoadFrom[H, M any](k Kind, r io.ReaderAt, size int64, assemble func(f *safetensors.File, h H) (M, error)) (m M, err error) {
	if m, err = read(k, r, size, assemble); err != nil {
		err = fmt.Errorf("%s: %s input: %w", k.Package, k.noun(), err)
	}
	return m, err
}

func read[H, M any](k Kind, r io.ReaderAt, size int64, assemble func(f *safetensors.File, h H) (M, error)) (none M, err error) {
	f, err := safetensors.Read(r, size)
	if err != nil {
		return none, err
	}
	if got := f.Metadata["format"]; got != k.Format {
		return none, fmt.Errorf("format is %q, want %q", got, k.Format)
	}
	var h H
	if err := strictjson.Versioned([]byte(f.Metadata["header"]), &h, append(k.Earlier[:len(k.Earlier):len(k.Earlier)], k.Version)...); err != nil {
		return none, fmt.Errorf("header: %w", err)
	}
	m, err := assemble(f, h)
	if err != nil {
		return none, err
	}
	if err := f.Complete("format", "header"); err != nil {
		return none, err
	}
	return m, nil
}
