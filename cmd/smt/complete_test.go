package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/dataset/fetch"
	"github.com/sparse-manifold/smt/reproduce"
)

// completed is what the shell is told after these arguments, and what else it may offer.
func completed(t *testing.T, args ...string) (words []string, directive cobra.ShellCompDirective) {
	t.Helper()
	out := must(t, append(append([]string{"__completeNoDesc"}, args...), "")...)
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if number, is := strings.CutPrefix(line, ":"); is {
			if _, err := fmt.Sscan(number, &directive); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			return words, directive
		}
		words = append(words, line)
	}
	t.Fatalf("no directive in %q", out)
	return nil, 0
}

const (
	files   = cobra.ShellCompDirectiveDefault
	noFiles = cobra.ShellCompDirectiveNoFileComp
	ofKind  = cobra.ShellCompDirectiveFilterFileExt
	folders = cobra.ShellCompDirectiveFilterDirs
)

func TestCompleteArguments(t *testing.T) {
	for _, c := range []struct {
		args  string
		words []string
		then  cobra.ShellCompDirective
	}{
		{"info", []string{"safetensors"}, ofKind},
		{"info m", nil, noFiles},
		{"eval", []string{"safetensors"}, ofKind},
		{"eval m", nil, files},
		{"eval m d", nil, files},
		{"embed", []string{"safetensors"}, ofKind},
		{"serve m", nil, files},
		{"explain m", nil, files},
		{"fit", nil, files},
		{"fit d", nil, noFiles},
		{"demo", []string{"words"}, noFiles},
		{"data info", nil, files},
		{"data get", fetch.Names(), noFiles},
		{"data get mnist", nil, noFiles},
		{"reproduce", reproduce.Names(), noFiles},
		{"reproduce mnist", reproduce.Names()[1:], noFiles},
		{"help data", []string{"get", "info"}, noFiles},
		{"fit d -o", []string{"safetensors"}, ofKind},
		{"fit d --config", []string{"json"}, ofKind},
		{"embed m d --labels", []string{"npy"}, ofKind},
		{"embed m d --ids", []string{"json"}, ofKind},
		{"embed m d --bank", nil, files},
		{"explain m -o", nil, folders},
		{"explain toy -o", nil, folders},
		{"reproduce --data", nil, folders},
		{"data get mnist --dir", nil, folders},
	} {
		words, then := completed(t, strings.Fields(c.args)...)
		words = slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") || w == "toy" || w == "sources" }) // flags that are to be given
		if !slices.Equal(words, c.words) || then != c.then {
			t.Errorf("smt %s: %q, directive %d, want %q, %d", c.args, words, then, c.words, c.then)
		}
	}
}

// Flags of fixed values offer these, flags of numbers no files.
func TestCompleteFlags(t *testing.T) {
	choices := 0
	for _, c := range commands(newApp(nil, nil).root()) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			args := append(strings.Fields(c.CommandPath())[1:], "--"+f.Name)
			switch kind := f.Value.Type(); {
			case f.NoOptDefVal != "" && kind == "bool":
				return
			case f.NoOptDefVal != "": // a value comes after = only
				return
			case kind == "string":
				return
			case len(f.Name) == 1: // cobra takes --k for a flag without its value
				return
			}
			words, then := completed(t, args...)
			var want []string
			if f.Name == "difference" {
				want = []string{"1", "2"}
			}
			if choice, ok := f.Value.(chooser); ok {
				want = choice.words()
				choices++
			}
			if !slices.Equal(words, want) || then != noFiles {
				t.Errorf("smt %s: %q, directive %d, want %q, %d", strings.Join(args, " "), words, then, want, noFiles)
			}
		})
	}
	if choices < 13 {
		t.Errorf("%d flags of fixed values were tried", choices)
	}
}
