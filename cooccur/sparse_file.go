package cooccur

import (
	"fmt"
	"io"

	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/safetensors"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

const (
	sparseFormat  = "smt-statistics-sparse"
	sparseVersion = 1
)

// sparseHeader is the metadata of a file of sparse statistics.
type sparseHeader struct {
	Version int     `json:"version"`
	Context Context `json:"context"`
	Atoms   int     `json:"atoms"`
	Encoder string  `json:"encoder,omitempty"`
	Groups  int64   `json:"groups"`
	Coded   int64   `json:"coded"`
}

// contents are, beside V, the pairs row after row: of each atom where its row ends, then the
// atoms and counts of all rows.
func (s *Sparse) contents() contents {
	ends := make([]int64, s.Atoms)
	atoms, counts := make([][]uint32, s.Atoms), make([][]uint32, s.Atoms)
	var n int64
	for a, row := range s.near {
		n += int64(len(row.atoms))
		ends[a], atoms[a], counts[a] = n, row.atoms, row.counts
	}
	return contents{sparseFormat, sparseHeader{sparseVersion, s.Context, s.Atoms, s.Encoder, s.Groups, s.Coded},
		[]safetensors.Tensor{
			safetensors.NewTensor("V", s.V, s.Atoms),
			safetensors.NewTensor("ends", ends, s.Atoms),
			safetensors.NewPieces("atoms", atoms),
			safetensors.NewPieces("counts", counts),
		}}
}

// Save writes the statistics to a file.
func (s *Sparse) Save(path string, notes map[string]string) error {
	return s.contents().save(path, notes)
}

// SaveTo writes the statistics to w.
func (s *Sparse) SaveTo(w io.Writer, notes map[string]string) error {
	return s.contents().saveTo(w, notes)
}

func readSparse(f *safetensors.File, head []byte) (Statistics, error) {
	var h sparseHeader
	if err := strictjson.Versioned(head, &h, sparseVersion); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if h.Atoms < 1 || h.Atoms > MostAtoms || h.Groups < 0 || h.Groups > mostGroups || h.Coded < 0 || h.Coded > mostGroups {
		return nil, fmt.Errorf("header: %+v has a number out of range", h)
	}
	v, err := safetensors.Values[int64](f, "V", h.Atoms) // of which the file has as many, or this is where it ends
	if err != nil {
		return nil, err
	}
	ends, err := safetensors.Values[int64](f, "ends", h.Atoms)
	if err != nil {
		return nil, err
	}
	n := ends[h.Atoms-1]
	if n < 0 || n > mostGroups {
		return nil, fmt.Errorf("tensor ends: the last one is %d, want 0 or more", n)
	}
	atoms, err := safetensors.Values[uint32](f, "atoms", int(n))
	if err != nil {
		return nil, err
	}
	counts, err := safetensors.Values[uint32](f, "counts", int(n))
	if err != nil {
		return nil, err
	}
	s, err := NewSparse(Origin{Encoder: h.Encoder, Context: h.Context, Atoms: h.Atoms, Denominator: 1})
	if err != nil {
		return nil, err
	}
	s.Groups, s.Coded, s.V = h.Groups, h.Coded, v
	if err := s.split(ends, atoms, counts); err != nil {
		return nil, err
	}
	return s, s.checkCounts()
}

// split makes rows of the pairs, which end where ends says.
func (s *Sparse) split(ends []int64, atoms, counts []uint32) error {
	var from int64
	for a, to := range ends {
		if to < from || to > int64(len(atoms)) {
			return fmt.Errorf("tensor ends: element %d is %d, want %d to %d", a, to, from, len(atoms))
		}
		last := int64(a) - 1
		if s.Context.Slots {
			last = -1
		}
		for k := from; k < to; k++ {
			b := int64(atoms[k])
			if b <= last || b >= int64(s.Atoms) {
				return fmt.Errorf("tensor atoms: element %d, of atom %d, is %d, want %d to %d", k, a, b, last+1, s.Atoms-1)
			}
			if counts[k] == 0 {
				return fmt.Errorf("tensor counts: element %d, of atoms %d and %d, is 0, want 1 or more", k, a, b)
			}
			last = b
		}
		s.near[a] = nearby{atoms[from:to:to], counts[from:to:to]}
		from = to
	}
	return nil
}

// checkCounts wants no more pairs of an atom than its units can have: each has 2·Radius others
// around it.
func (s *Sparse) checkCounts() error {
	var coded int64
	for a, n := range s.V {
		if n < 0 || n > s.Coded-coded {
			return fmt.Errorf("tensor V: element %d is %d, want 0 to %d, of %s", a, n, s.Coded-coded, plural.Of(s.Coded, "coded unit"))
		}
		coded += n
	}
	if coded != s.Coded {
		return fmt.Errorf("header: coded is %d, V has %s", s.Coded, plural.Of(coded, "unit"))
	}
	var around float64
	for d := 1; d <= s.Context.Radius; d++ {
		around += 2 * float64(s.Context.weight(d))
	}
	degree := make([]float64, s.Atoms)
	for a, row := range s.near {
		for k, b := range row.atoms {
			degree[a] += float64(row.counts[k])
			degree[b] += float64(row.counts[k]) // of an atom and itself twice: from both sides
		}
	}
	for a, d := range degree {
		if most := around * float64(s.V[a]); d > most*rounding {
			return fmt.Errorf("tensor counts: those of atom %d sum to %.17g, want at most %.17g around its %s", a, d, most, plural.Of(s.V[a], "unit"))
		}
	}
	return nil
}
