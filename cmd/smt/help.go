package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// headings are those of help and the flags below them, each by its name or, where
// commands mean different things by it, by command and name.
var headings = []struct {
	title string
	flags []string
}{
	{"Input", []string{"format", "size", "colour", "depth", "skip-bad", "check", "split", "data", "url", "part", "onto", "fit holdout", "encoder holdout", "stats holdout", "embed bank", "whole", "append", "crop", "classify labels", "learned"}},
	{"Model", []string{"preset", "explain-choice", "fast", "config", "atoms", "dictionary", "max-cosine", "deskew", "patch", "center", "epsilon", "code", "threshold", "context", "radius",
		"difference", "step", "flips", "grayscale", "dims", "skip", "pool", "stride", "thin", "spectrum", "components", "power", "ridge", "images"}},
	{"Words", []string{"min-count", "words", "text", "nearest neighbours", "analogy neighbours", "map neighbours"}},
	{"Vectors", []string{"neighbours", "mutual", "pieces", "active", "smooth"}},
	{"Evaluation", []string{"k", "temperature", "eval flips", "hubs", "whiten", "readout", "each", "holdout", "bank", "test", "sample", "quick", "groups k", "duplicates threshold", "most"}},
	{"Output", []string{"neighbours", "search neighbours", "out", "tile", "map groups", "csv", "why", "html", "labels", "ids", "dir", "addr", "public", "cpuprofile", "no-descriptions"}},
	{"Global", []string{"json", "quiet", "seed", "workers", "help", "version"}},
	{other, nil},
}

const other = "Other"

func groupOf(c *cobra.Command, f *pflag.Flag) string {
	for _, name := range []string{c.Name() + " " + f.Name, f.Name} {
		for _, g := range headings {
			if slices.Contains(g.flags, name) {
				return g.title
			}
		}
	}
	return other
}

// terminal is the number of columns that help is wrapped to.
func terminal(out io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := out.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 80
}

// help writes what a command is, wrapped to width columns but for the examples, which are
// there to be copied.
func help(w io.Writer, c *cobra.Command, width int) {
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if !strings.Contains(paragraph, "\t") { // it is not a command to be copied
			paragraph = wrap(paragraph, 0, width)
		}
		fmt.Fprintf(w, "%s\n\n", paragraph)
	}
	fmt.Fprintln(w, "Usage:")
	if c.Annotations[isGroup] == "" {
		fmt.Fprintf(w, "  %s\n", wrap(c.UseLine(), 4, width-2))
	}
	below := slices.DeleteFunc(slices.Clone(c.Commands()), func(b *cobra.Command) bool { return !b.IsAvailableCommand() })
	if len(below) > 0 {
		fmt.Fprintf(w, "  %s COMMAND [flags]\n\nCommands:\n", c.CommandPath())
		longest := 0
		for _, b := range below {
			longest = max(longest, len(b.Name()))
		}
		for _, b := range below {
			fmt.Fprintf(w, "  %-*s  %s\n", longest, b.Name(), wrap(b.Short, longest+4, width))
		}
		fmt.Fprintf(w, "\n%s\n", wrap("smt help COMMAND, or COMMAND --help, tells how one is used.", 0, width))
	}
	if c.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	}
	for _, g := range headings {
		var some []*pflag.Flag
		for _, set := range []*pflag.FlagSet{c.LocalFlags(), c.InheritedFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				if groupOf(c, f) == g.title {
					some = append(some, f)
				}
			})
		}
		if some != nil {
			fmt.Fprintf(w, "\n%s flags:\n", g.title)
			helpFlags(w, some, width)
		}
	}
}

// helpFlags writes flags and what they mean, in two columns where there is room.
func helpFlags(w io.Writer, flags []*pflag.Flag, width int) {
	heads, longest := make([]string, len(flags)), 0
	for i, f := range flags {
		heads[i] = "      --" + f.Name
		if f.Shorthand != "" {
			heads[i] = "  -" + f.Shorthand + ", --" + f.Name
		}
		switch noun := nounOf(f); {
		case noun != "" && f.NoOptDefVal != "":
			heads[i] += "[=" + noun + "]"
		case noun != "":
			heads[i] += " " + noun
		}
		longest = max(longest, len(heads[i]))
	}
	const narrow, indent = 24, 10
	for i, f := range flags {
		if at := longest + 3; width-at >= narrow {
			fmt.Fprintf(w, "%-*s%s\n", at, heads[i], wrap(usageOf(f), at, width))
		} else {
			fmt.Fprintf(w, "%s\n%*s%s\n", heads[i], indent, "", wrap(usageOf(f), indent, width))
		}
	}
}

// nounOf is what help calls the value of a flag, "" where there is none to give.
func nounOf(f *pflag.Flag) string {
	if _, ok := f.Value.(chooser); ok {
		return strings.ToUpper(f.Name)
	}
	switch noun, _ := pflag.UnquoteUsage(f); noun {
	case "int", "uint":
		return "N"
	case "float":
		return "X"
	default:
		return noun
	}
}

// usageOf is what a flag means, the words to choose from first and the default last.
func usageOf(f *pflag.Flag) string {
	_, text := pflag.UnquoteUsage(f)
	if c, ok := f.Value.(chooser); ok {
		words := c.words()
		text = strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1] + ": " + text
	}
	switch f.DefValue {
	case "", "0", "false":
		return text
	}
	return text + " (default: " + f.DefValue + ")"
}

// wrap breaks a text between words so that no line is longer than width, if the words
// allow it. The first line is taken to begin after indent columns, which the others do.
func wrap(text string, indent, width int) string {
	var b strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// help is the command of that name.
func (a *app) help() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND…]",
		Short: "Tell how a command is used",
		Example: `  smt help fit
  smt help explain toy`,
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 && of.HasSubCommands() {
				return unknownCommand(of, rest[0])
			}
			if len(rest) > 0 {
				return usagef("unexpected argument %q; see %s --help", rest[0], of.CommandPath())
			}
			of.InitDefaultHelpFlag() // it is among the flags
			return of.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			of, _, _ := c.Root().Find(args)
			return namesBelow(of), cobra.ShellCompDirectiveNoFileComp
		},
	}
}
