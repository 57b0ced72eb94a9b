package cooccur

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/safetensors"
)

// readers are the kinds of files: of a format, how statistics are read of its header and
// tensors.
var readers = map[string]func(f *safetensors.File, head []byte) (Statistics, error){
	denseFormat:  readDense,
	packedFormat: readPacked,
	sparseFormat: readSparse,
}

// Load reads a file that Save wrote, whatever kind its statistics are of, and its notes.
func Load(path string) (s Statistics, notes map[string]string, err error) {
	r, info, err := regular.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cooccur: %w", err)
	}
	defer r.Close()
	s, notes, err = read(r, info.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("cooccur: %s: %w", path, err)
	}
	return s, notes, nil
}

// Read reads what SaveTo wrote, of so many bytes.
func Read(r io.ReaderAt, size int64) (s Statistics, notes map[string]string, err error) {
	s, notes, err = read(r, size)
	if err != nil {
		return nil, nil, fmt.Errorf("cooccur: %w", err)
	}
	return s, notes, nil
}

func read(r io.ReaderAt, size int64) (Statistics, map[string]string, error) {
	f, err := safetensors.Read(r, size)
	if err != nil {
		return nil, nil, err
	}
	format := f.Metadata["format"]
	reader, ok := readers[format]
	if !ok {
		return nil, nil, fmt.Errorf("format is %q, want %q, %q or %q", format, denseFormat, packedFormat, sparseFormat)
	}
	s, err := reader(f, []byte(f.Metadata["header"]))
	if err != nil {
		return nil, nil, err
	}
	notes, known := map[string]string{}, []string{"format", "header"}
	for k, v := range f.Metadata {
		if name, is := strings.CutPrefix(k, "note."); is {
			notes[name], known = v, append(known, k)
		}
	}
	return s, notes, f.Complete(known...)
}

// contents is what a file of statistics has.
type contents struct {
	format  string
	header  any
	tensors []safetensors.Tensor
}

// save writes c and notes to a file.
func (c contents) save(path string, notes map[string]string) error {
	m, err := c.metadata(notes)
	if err == nil {
		err = safetensors.WriteFile(path, m, c.tensors)
	}
	if err != nil {
		return fmt.Errorf("cooccur: saving statistics: %w", err)
	}
	return nil
}

// saveTo writes c and notes to w.
func (c contents) saveTo(w io.Writer, notes map[string]string) error {
	m, err := c.metadata(notes)
	if err == nil {
		err = safetensors.Write(w, m, c.tensors)
	}
	if err != nil {
		return fmt.Errorf("cooccur: writing statistics: %w", err)
	}
	return nil
}

// metadata is what a file says besides its tensors.
func (c contents) metadata(notes map[string]string) (map[string]string, error) {
	h, err := json.Marshal(c.header)
	if err != nil {
		return nil, err
	}
	m := map[string]string{"format": c.format, "header": string(h)}
	for k, v := range notes {
		m["note."+k] = v
	}
	return m, nil
}

// gridHeader is how a file has the grid of groups. Two sizes alone are rows and columns, as
// files of images always had them; any others are a list, with the steps if there are some.
type gridHeader struct {
	Rows  int   `json:"grid_rows"` // both are 0 where there is a list, or groups have topologies of their own
	Cols  int   `json:"grid_cols"`
	Sizes []int `json:"grid,omitempty"`
	Steps []int `json:"steps,omitempty"`
}

func newGridHeader(o Origin) gridHeader {
	if o.ownTopologies() {
		return gridHeader{}
	}
	n := o.Grid.count()
	if n == 2 && o.Steps == (Steps{}) {
		return gridHeader{Rows: o.Grid[0], Cols: o.Grid[1]}
	}
	h := gridHeader{Sizes: o.Grid[:n]}
	if o.Steps != (Steps{}) {
		h.Steps = o.Steps[:n]
	}
	return h
}

// origin sets the grid of o, and wants of it what newGridHeader writes.
func (h gridHeader) origin(o Origin) (Origin, error) {
	copy(o.Grid[:], h.Sizes)
	copy(o.Steps[:], h.Steps)
	if h.Sizes == nil {
		o.Grid[0], o.Grid[1] = h.Rows, h.Cols
	}
	err := o.check()
	if written := newGridHeader(o); err == nil && !reflect.DeepEqual(written, h) {
		err = fmt.Errorf("the grid is stated as %+v: want %+v", h, written)
	}
	if err != nil {
		return o, fmt.Errorf("header: %w", err)
	}
	return o, nil
}
