package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/sparse-manifold/smt"
	"github.com/spf13/cobra"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of smt",
		Example: "  smt version",
		Args:    args(),
		RunE: a.run(func(context.Context, []string) error {
			return a.emit(version{smt.Version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
		}),
	}
}

type version struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (v version) print(w io.Writer) {
	fmt.Fprintf(w, "smt %s (%s, %s)\n", v.Version, v.Go, v.Platform)
}
