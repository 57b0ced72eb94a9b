package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt/words"
)

func (a *app) nearest() *cobra.Command {
	var k int
	c := &cobra.Command{
		Use:   "nearest MODEL WORD…",
		Short: "Tell which words are nearest to a word",
		Long: `Tell which words of a model, fitted to text, have the largest cosines with a word, whose
contexts are alike. Of several words each has its own.`,
		Example: `  smt nearest words.safetensors seattle dallas
  smt nearest words.safetensors river -k 20 --json`,
		Args: someArgs("MODEL", "WORD"),
		RunE: a.run(func(_ context.Context, args []string) error {
			m, err := neighboursOf(args[0], k)
			if err != nil {
				return err
			}
			var all nearestWords
			for _, word := range args[1:] {
				near, err := m.Nearest(word, k)
				if err != nil {
					return usageError{err}
				}
				all.Words = append(all.Words, nearWord{word, near})
			}
			return a.emit(&all)
		}),
	}
	c.Flags().IntVarP(&k, "neighbours", "k", 10, "how many words")
	return c
}

// neighboursOf is the model whose words are asked for k neighbours.
func neighboursOf(model string, k int) (*words.Model, error) {
	if k < 1 {
		return nil, usagef("-k is %d: want 1 or more", k)
	}
	return words.Load(model)
}

type nearestWords struct {
	Words []nearWord `json:"words"`
}

// nearWord is a word and those near it.
type nearWord struct {
	Word    string            `json:"word"`
	Nearest []words.Neighbour `json:"nearest"`
}

func (n *nearestWords) print(w io.Writer) {
	for _, word := range n.Words {
		fmt.Fprintf(w, "%s\t%s\n", word.Word, neighbours(word.Nearest))
	}
}

// neighbours are words with their cosines, in a line.
func neighbours(near []words.Neighbour) string {
	texts := make([]string, len(near))
	for i, n := range near {
		texts[i] = fmt.Sprintf("%s %.2f", n.Word, n.Cosine)
	}
	return strings.Join(texts, ", ")
}

func (a *app) analogy() *cobra.Command {
	var k int
	c := &cobra.Command{
		Use:   "analogy MODEL A B C",
		Short: "Tell which word is to C as B is to A",
		Long: `Tell which words are to C as B is to A: those with the largest cosines with the sum B − A + C of
their vectors, but for these three. A frequent word gains 0.02 times the logarithm of its count,
since rare names are near to many words; what is printed are cosines.`,
		Example: `  smt analogy words.safetensors man king woman
  smt analogy words.safetensors france paris italy -k 3`,
		Args: args("MODEL", "A", "B", "C"),
		RunE: a.run(func(_ context.Context, args []string) error {
			m, err := neighboursOf(args[0], k)
			if err != nil {
				return err
			}
			near, err := m.Analogy(args[1], args[2], args[3], k)
			if err != nil {
				return usageError{err}
			}
			return a.emit(&analogous{args[1], args[2], args[3], near})
		}),
	}
	c.Flags().IntVarP(&k, "neighbours", "k", 10, "how many words")
	return c
}

type analogous struct {
	A       string            `json:"a"`
	B       string            `json:"b"`
	C       string            `json:"c"`
	Nearest []words.Neighbour `json:"nearest"`
}

func (r *analogous) print(w io.Writer) {
	fmt.Fprintf(w, "%s is to %s as %s is to\t%s\n", r.A, r.B, r.C, neighbours(r.Nearest))
}
