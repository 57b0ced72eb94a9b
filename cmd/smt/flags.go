package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparse-manifold/smt/dataset"
)

// choice is a flag that takes one of a few words.
type choice[T ~string] struct {
	value *T
	of    []T
}

// chooser is a choice of any words.
type chooser interface{ words() []string }

func oneOf[T ~string](value *T, of ...T) choice[T] { return choice[T]{value, of} }

func (c choice[T]) words() []string {
	words := make([]string, len(c.of))
	for i, w := range c.of {
		words[i] = string(w)
	}
	return words
}

func (c choice[T]) String() string { return string(*c.value) }
func (c choice[T]) Type() string   { return strings.Join(c.words(), "|") }

func (c choice[T]) Set(s string) error {
	if !slices.Contains(c.of, T(s)) {
		return fmt.Errorf("want %s", strings.Join(c.words(), ", "))
	}
	*c.value = T(s)
	return nil
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
