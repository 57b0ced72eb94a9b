package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/internal/revision"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of smt",
		Example: `  smt version
  smt version --json`,
		Args: args(),
		RunE: a.run(a.emitVersion),
	}
}

// versionFlag has smt --version do what smt version does.
func (a *app) versionFlag(root *cobra.Command) {
	asked := root.Flags().Bool("version", false, "print the version of smt")
	without := root.RunE
	root.RunE = func(c *cobra.Command, args []string) error {
		if *asked && len(args) == 0 {
			return a.run(a.emitVersion)(c, args)
		}
		return without(c, args)
	}
}

func (a *app) emitVersion(context.Context, []string) error {
	hash, modified := revision.Of()
	return a.emit(version{smt.Version, hash, modified, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
}

type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source, where the build tells
	Modified bool   `json:"modified,omitempty"` // since that revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (v version) print(w io.Writer) {
	from := ""
	if v.Revision != "" {
		from = ", revision " + v.Revision
	}
	if v.Modified {
		from += " modified"
	}
	fmt.Fprintf(w, "smt %s (%s, %s%s)\n", v.Version, v.Go, v.Platform, from)
}
