package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/dataset/fetch"
	"github.com/sparse-manifold/smt/reproduce"
)

// completions tells the shell what may stand where, for c and the commands below it.
func completions(c *cobra.Command) {
	for _, set := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
		set.VisitAll(func(f *pflag.Flag) {
			if _, has := c.GetFlagCompletionFunc(f.Name); has {
				return
			}
			if err := c.RegisterFlagCompletionFunc(f.Name, completeFlag(c, f)); err != nil {
				panic(err) // the flag is none of c
			}
		})
	}
	if arguments := argumentsOf(c); c.ValidArgsFunction == nil && c.Annotations[isGroup] == "" {
		c.ValidArgs = nil
		c.ValidArgsFunction = func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
			return completeArgument(arguments, given)
		}
	}
	for _, b := range c.Commands() {
		completions(b)
	}
}

func completeFlag(c *cobra.Command, f *pflag.Flag) cobra.CompletionFunc {
	words, directive := []string(nil), cobra.ShellCompDirectiveNoFileComp
	if choice, ok := f.Value.(chooser); ok {
		words = choice.words()
	} else if f.Name == "difference" {
		words = []string{"1", "2"}
	} else if f.Name == "csv" || f.Name == "html" {
		directive = cobra.ShellCompDirectiveDefault
	} else if f.Value.Type() == "string" {
		switch c.Name() + " " + f.Name {
		case "fit out", "encoder out", "stats out", "merge out", "solve out", "stats onto":
			words, directive = []string{"safetensors"}, cobra.ShellCompDirectiveFilterFileExt
		case "fit config", "encoder config":
			words, directive = []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
		case "embed out", "embed labels":
			words, directive = []string{"npy"}, cobra.ShellCompDirectiveFilterFileExt
		case "compare out":
			words, directive = []string{"svg", "html", "png"}, cobra.ShellCompDirectiveFilterFileExt
		case "embed ids":
			words, directive = []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
		case "demo out", "words out", "explain out", "toy out", "reproduce out", "reproduce data", "get dir":
			directive = cobra.ShellCompDirectiveFilterDirs
		case "embed bank", "fit cpuprofile", "map out", "index out", "classify labels", "classify learned", "classify out":
			directive = cobra.ShellCompDirectiveDefault
		}
	}
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { return words, directive }
}

// argumentsOf are the arguments in the usage of c: MODEL and DATA of "eval MODEL DATA".
func argumentsOf(c *cobra.Command) (names []string) {
	for _, name := range strings.Fields(c.Use)[1:] {
		if strings.HasPrefix(name, "-") {
			break
		}
		names = append(names, strings.Trim(name, "[]"))
	}
	return names
}

func completeArgument(names, given []string) ([]string, cobra.ShellCompDirective) {
	name := ""
	if len(given) < len(names) {
		name = names[len(given)]
	} else if len(names) > 0 && strings.HasSuffix(names[len(names)-1], "…") {
		name = names[len(names)-1]
	}
	left := func(words []string) ([]string, cobra.ShellCompDirective) {
		return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(given, w) }), cobra.ShellCompDirectiveNoFileComp
	}
	switch name {
	case "MODEL", "ENCODER", "STATS", "STATS…":
		return []string{"safetensors"}, cobra.ShellCompDirectiveFilterFileExt
	case "MODEL|INDEX", "DATA", "DATA…", "PATH", "INDEX", "IMAGE…":
		return nil, cobra.ShellCompDirectiveDefault
	case "NAME":
		return left(fetch.Names())
	case "ROW…":
		return left(reproduce.Names())
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
