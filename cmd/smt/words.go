package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"
)

// fitWords is how smt fit learns words from text.
func (a *app) fitWords(s *settings) kind {
	own := pflag.NewFlagSet("words", pflag.ContinueOnError)
	own.SortFlags = false
	var least int
	own.IntVar(&least, "min-count", 0, "words that come up less often are left out")
	return kind{
		name: "words", endings: []string{".txt", ".tsv"}, own: own,
		also: []string{"dims", "radius"},
		fit: func(ctx context.Context, data, out string) (result, error) {
			return nil, errors.New("words: not built yet")
		},
	}
}
