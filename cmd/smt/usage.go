package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is wrong usage that is noticed only when a command is at work.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// isGroup marks a command that only has commands below it.
const isGroup = "group"

// group makes c a command that only has commands below it.
func group(c *cobra.Command, below ...*cobra.Command) {
	c.AddCommand(below...)
	c.Annotations = map[string]string{isGroup: "yes"}
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(c, args[0])
		}
		// Whoever reads JSON reads no help.
		if asJSON, _ := c.Flags().GetBool("json"); !asJSON {
			c.SetOut(c.ErrOrStderr())
			if err := c.Help(); err != nil {
				return err
			}
		}
		return usagef("no command for %q: want one of %s", c.CommandPath(), strings.Join(namesBelow(c), ", "))
	}
}

func namesBelow(c *cobra.Command) (names []string) {
	for _, b := range c.Commands() {
		if b.IsAvailableCommand() && b.Name() != "help" && b.Name() != "completion" {
			names = append(names, b.Name())
		}
	}
	return names
}

// alike is the edits between a name and one that is suggested for it, at most.
const alike = 2

func unknownCommand(c *cobra.Command, name string) error {
	c.SuggestionsMinimumDistance = alike
	return usagef("unknown command %q for %q: want one of %s%s", name, c.CommandPath(), strings.Join(namesBelow(c), ", "),
		didYouMean(c.SuggestionsFor(name)))
}

func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(names, " or ") + "?"
}

// wrongFlag says what is wrong with a flag, what was found and what is wanted.
func wrongFlag(c *cobra.Command, err error) error {
	// Of smt fti --atoms 9 it is not the flag that is wrong.
	if rest := c.Flags().Args(); c.Annotations[isGroup] != "" && len(rest) > 0 {
		return unknownCommand(c, rest[0])
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name, dashes := unknown.GetSpecifiedName(), "--"
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			name, dashes = letters, "-"
		}
		hint := didYouMean(flagsLike(c, name))
		if hint == "" {
			hint = "; see " + c.CommandPath() + " --help"
		}
		return usagef("unknown flag %s%s for %q%s", dashes, name, c.CommandPath(), hint)
	}
	if empty, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef("--%s has no value: want %s", empty.GetFlag().Name, wanted(empty.GetFlag(), nil))
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usagef("--%s is %q: want %s", invalid.GetFlag().Name, invalid.GetValue(), wanted(invalid.GetFlag(), invalid.Unwrap()))
	}
	return err
}

// wanted says what the values of a flag are, one of which was refused with err.
func wanted(f *pflag.Flag, err error) string {
	smaller := errors.Is(err, strconv.ErrRange)
	switch kind := f.Value.Type(); {
	case kind == "int" && smaller, kind == "uint64" && smaller:
		return "a smaller whole number"
	case kind == "int":
		return "a whole number"
	case kind == "uint64":
		return "a whole number of at least 0"
	case kind == "float64" && smaller:
		return "a smaller number"
	case kind == "float64":
		return "a number"
	case kind == "bool":
		return "true or false"
	case err != nil:
		return strings.TrimPrefix(err.Error(), "want ")
	}
	if c, ok := f.Value.(chooser); ok {
		return c.wanted()
	}
	name, _ := pflag.UnquoteUsage(f)
	return name
}

// flagsLike are the flags of c whose names are like a name, --atoms for atomz.
func flagsLike(c *cobra.Command, name string) (flags []string) {
	names := &cobra.Command{SuggestionsMinimumDistance: alike}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	for _, n := range names.SuggestionsFor(name) {
		flags = append(flags, "--"+n)
	}
	return flags
}

// checkFlags wants the flags that have to be there, and refuses text that is empty, which
// would count as not given.
func checkFlags(c *cobra.Command) (err error) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		_, required := f.Annotations[cobra.BashCompOneRequiredFlag]
		switch {
		case err != nil:
		case required && !f.Changed:
			err = usagef("--%s %s is missing; see %s --help", f.Name, wanted(f, nil), c.CommandPath())
		case f.Changed && f.Value.Type() == "string" && f.Value.String() == "":
			err = usagef("--%s is %q: want %s", f.Name, "", wanted(f, nil))
		}
	})
	return err
}

// someArgs demands one argument for each of the names, and may have more of the last.
func someArgs(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		all := slices.Clone(names)
		for len(all) < len(given) {
			all = append(all, names[len(names)-1])
		}
		return args(all...)(c, given)
	}
}

// args demands one argument for each of the names.
func args(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing; see %s --help", names[len(args)], c.CommandPath())
		case len(args) > len(names):
			c.SuggestionsMinimumDistance = alike
			return fmt.Errorf("unexpected argument %q%s; see %s --help", args[len(names)], didYouMean(c.SuggestionsFor(args[len(names)])), c.CommandPath())
		}
		if c.SuggestionsMinimumDistance = alike; c.HasSubCommands() && len(args) > 0 && args[0] != "" && !exists(args[0]) {
			if hint := didYouMean(c.SuggestionsFor(args[0])); hint != "" {
				return fmt.Errorf("%s %q is not there%s; see %s --help", names[0], args[0], hint, c.CommandPath())
			}
		}
		for i, a := range args {
			if a == "" {
				want := "a path"
				switch names[i] {
				case "NAME":
					want = "a name"
				case "WORD", "A", "B", "C":
					want = "a word"
				}
				return fmt.Errorf("%s is %q: want %s; see %s --help", names[i], a, want, c.CommandPath())
			}
			if a == "-" && names[i] == "DATA" {
				return fmt.Errorf("DATA is -: standard input is not read: want a file or a folder (./- for one of that name); see %s --help", c.CommandPath())
			}
		}
		return nil
	}
}
