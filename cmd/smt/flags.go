package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/dataset"
)

// oneWord is a flag that takes one of a few words.
type oneWord[T ~string] struct {
	value *T
	of    []T
	but   string // what errors say of some of them
}

// chooser is a oneWord of any words.
type chooser interface {
	words() []string
	wanted() string
}

func oneOf[T ~string](value *T, of ...T) oneWord[T] { return oneWord[T]{value: value, of: of} }

func (c oneWord[T]) words() []string {
	words := make([]string, len(c.of))
	for i, w := range c.of {
		words[i] = string(w)
	}
	return words
}

func (c oneWord[T]) wanted() string { return strings.Join(c.words(), ", ") + c.but }

func (c oneWord[T]) String() string { return string(*c.value) }
func (c oneWord[T]) Type() string   { return strings.Join(c.words(), "|") }

func (c oneWord[T]) Set(s string) error {
	if !slices.Contains(c.of, T(s)) {
		return fmt.Errorf("want %s", c.wanted())
	}
	*c.value = T(s)
	return nil
}

// decimal is a flag of whole numbers that are written as people do: pflag takes 010 for 8,
// 0x10 for 16 and 1_0 for 10.
type decimal struct{ pflag.Value }

func (d decimal) Set(s string) error {
	if d.Type() == "uint64" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return err
		}
		return d.Value.Set(strconv.FormatUint(n, 10))
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return err
	}
	return d.Value.Set(strconv.Itoa(n))
}

// decimalFlags makes all flags of whole numbers decimal, of c and of the commands below it.
func decimalFlags(c *cobra.Command) {
	for _, set := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
		set.VisitAll(func(f *pflag.Flag) {
			if kind := f.Value.Type(); kind == "int" || kind == "uint64" {
				f.Value = decimal{f.Value}
			}
		})
	}
	for _, below := range c.Commands() {
		decimalFlags(below)
	}
}

// dimensions is a flag that takes HxW, or N for N×N, and sets the size of a shape.
type dimensions struct{ *dataset.Shape }

func (d dimensions) Type() string { return "HxW" }

func (d dimensions) String() string {
	if d.Shape == nil || d.Height == 0 {
		return ""
	}
	return fmt.Sprintf("%dx%d", d.Height, d.Width)
}

func (d dimensions) Set(s string) error {
	height, width, both := strings.Cut(s, "x")
	if !both {
		width = height
	}
	h, errH := strconv.Atoi(height)
	w, errW := strconv.Atoi(width)
	if errH != nil || errW != nil || h < 1 || w < 1 {
		return fmt.Errorf("want height x width in pixels, as 32x32")
	}
	d.Height, d.Width = h, w
	return nil
}
