package readout

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/sparse-manifold/smt/embedding"
	"github.com/sparse-manifold/smt/internal/modelfile"
	"github.com/sparse-manifold/smt/internal/plural"
	"github.com/sparse-manifold/smt/internal/safetensors"
)

// Format is what the metadata of a file says that it is.
const Format = "smt-readout"

var kind = modelfile.Kind{Package: "readout", Format: Format, Version: 3, Earlier: []int{1, 2}}

type header struct {
	Version  int      `json:"version"`
	Identity string   `json:"identity"` // of the bank
	Bank     int      `json:"bank"`     // its items
	Items    int      `json:"items"`    // that speak
	Method   Method   `json:"method"`
	Classes  []string `json:"classes"`
	Hubness  float64  `json:"hubness"` // the mean, of all items of the bank
	Scale    scale    `json:"scale"`
	Cut      float64  `json:"cut,omitempty"` // of the kernel; none of one that is whole
}

// Save writes the classifier to a safetensors file with checksums, whole or not at all. identity tells its bank from
// others: Load wants the same. Tensors, of the items that speak:
//
//	items         U32 [Items]           their numbers in the bank
//	hubness       F32 [Items]           r
//	targets       F32 [Items, Classes]  what each has of each class
//	labelled      U8  [Items]           1 of those that had a label, from version 3 on
//	coefficients  F32 [Items, Classes]  A, where there is a ridge
func (c *Classifier) Save(path, identity string) error { return kind.Save(path, c.contents(identity)) }

// SaveTo writes to w what Save writes to a file.
func (c *Classifier) SaveTo(w io.Writer, identity string) error {
	return kind.SaveTo(w, c.contents(identity))
}

func (c *Classifier) contents(identity string) modelfile.Contents {
	n, classes := len(c.items), len(c.names)
	numbers := make([]uint32, n)
	for at, i := range c.items {
		numbers[at] = uint32(i)
	}
	t := []safetensors.Tensor{
		safetensors.NewTensor("items", numbers, n),
		safetensors.NewTensor("hubness", c.hubness, n),
		safetensors.NewTensor("targets", c.targets, n, classes),
		safetensors.NewTensor("labelled", c.labelled, n),
	}
	if c.plan.ridge {
		t = append(t, safetensors.NewTensor("coefficients", c.coefficients, n, classes))
	}
	return modelfile.Contents{
		Header:  header{kind.Version, identity, c.bank.Len(), n, c.plan.method, c.names, c.mean, c.scale, float64(c.cut)},
		Tensors: t,
	}
}

// Load reads a classifier that Save wrote, of a bank with the same identity, whose embeddings are given. The error names the
// file and what in it was found wrong.
func Load(path, identity string, bank embedding.Set) (*Classifier, error) {
	return modelfile.Load(kind, path, assemble(identity, bank))
}

// LoadFrom is Load of size bytes of r. Errors call them input.
func LoadFrom(r io.ReaderAt, size int64, identity string, bank embedding.Set) (*Classifier, error) {
	return modelfile.LoadFrom(kind, r, size, assemble(identity, bank))
}

// assemble makes a classifier of a file's tensors.
func assemble(identity string, bank embedding.Set) func(f *safetensors.File, h header) (*Classifier, error) {
	return func(f *safetensors.File, h header) (*Classifier, error) {
		if err := h.check(identity, bank.Len()); err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		c := &Classifier{names: h.Classes, bank: bank, mean: h.Hubness, scale: h.Scale, cut: float32(h.Cut)}
		var err error
		if c.plan, err = h.Method.plan(h.Items, h.Bank, len(h.Classes)); err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		if c.plan.ridge && h.Scale.Power {
			return nil, fmt.Errorf("header: scale is %+v: want no power of what a ridge says", h.Scale)
		}
		numbers, err := safetensors.Values[uint32](f, "items", h.Items)
		if err != nil {
			return nil, err
		}
		for at, i := range numbers {
			if int64(i) >= int64(h.Bank) || at > 0 && i <= numbers[at-1] {
				return nil, fmt.Errorf("tensor items: value %d is %d: want increasing numbers below %d", at, i, h.Bank)
			}
			c.items = append(c.items, int(i))
		}
		c.set = bank.Pick(c.items)
		if c.hubness, err = f.Float32("hubness", h.Items); err != nil {
			return nil, err
		}
		for i, r := range c.hubness {
			if !(math.Abs(float64(r)) <= 1.01) { // cosines, in halves
				return nil, fmt.Errorf("tensor hubness: value %d is %g: want the mean of cosines", i, r)
			}
		}
		if c.targets, err = f.Float32("targets", h.Items, len(h.Classes)); err != nil {
			return nil, err
		}
		for i, v := range c.targets {
			if !(v >= 0 && v <= 1.001) {
				return nil, fmt.Errorf("tensor targets: value %d is %g: want 0 to 1", i, v)
			}
		}
		if c.labelled, err = labelledOf(f, h); err != nil {
			return nil, err
		}
		if c.plan.ridge {
			c.coefficients, err = f.Float32("coefficients", h.Items, len(h.Classes))
		}
		return c, err
	}
}

// labelledOf are the items that had a label: what earlier versions do not say is taken for all, so that each of them knows what it has.
func labelledOf(f *safetensors.File, h header) ([]uint8, error) {
	if h.Version < 3 {
		return slices.Repeat([]uint8{1}, h.Items), nil
	}
	labelled, err := safetensors.Values[uint8](f, "labelled", h.Items)
	for i, v := range labelled {
		if v > 1 {
			return nil, fmt.Errorf("tensor labelled: value %d is %d: want 0 or 1", i, v)
		}
	}
	return labelled, err
}

func (h header) check(identity string, bank int) error {
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
	switch {
	case h.Identity != identity:
		return fmt.Errorf("it was learned of another bank: identity is %q: want that of the bank, %q", h.Identity, identity)
	case h.Bank != bank:
		return fmt.Errorf("bank is %d: want the number of its items, %d", h.Bank, bank)
	case h.Items < 1 || h.Items > h.Bank:
		return fmt.Errorf("items is %d: want 1 to %d", h.Items, h.Bank)
	case len(h.Classes) < 2:
		return fmt.Errorf("%s: want two at least", plural.Of(len(h.Classes), "class"))
	case h.Method == Chosen:
		return errors.New("method is auto: want the one that was chosen")
	case !(math.Abs(h.Hubness) <= 1.01):
		return fmt.Errorf("hubness is %g: want the mean of cosines", h.Hubness)
	case h.Version == 1 && h.Cut > 0:
		return fmt.Errorf("a kernel that is cut off, as version 1 has it, with a step at the cut of %g: want it learned anew", h.Cut)
	case !(h.Cut >= 0 && h.Cut <= 1):
		return fmt.Errorf("cut is %g: want a cosine from 0 to 1", h.Cut)
	case h.Scale.Power && h.Version < 3:
		return fmt.Errorf("scale is %+v in version %d: want no power before version 3", h.Scale, h.Version)
	case !positive(h.Scale.Ridge) || !positive(h.Scale.Vote) || !positive(h.Scale.Sharpness):
		return fmt.Errorf("scale is %+v: want positive numbers", h.Scale)
	}
	return nil
}
