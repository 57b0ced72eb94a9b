package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparse-manifold/smt/index"
	"github.com/sparse-manifold/smt/server"
)

// servedThings are the arguments of serve: an index, or a model and data.
func servedThings(c *cobra.Command, given []string) error {
	if len(given) == 1 && isIndex(given[0]) {
		return nil
	}
	return args("MODEL", "DATA")(c, given)
}

// serveIndex serves an index until ctx is done.
func (a *app) serveIndex(ctx context.Context, c *cobra.Command, path, addr string, public bool) error {
	if err := ofNoUse(c, "addr", "public"); err != nil {
		return err
	}
	x, err := index.Open(path)
	if err != nil {
		return err
	}
	defer x.Close()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer l.Close() // again, after Serve, which does no harm
	p := a.newProgress()
	defer p.close()
	s := server.NewIndex(x, server.Options{Name: filepath.Base(path), Public: public, Progress: p.report})
	if err := a.emit(&servedIndex{address{url(l.Addr()), l.Addr().String()}, filepath.Base(path), x.Len()}); err != nil {
		return err
	}
	return s.Serve(ctx, l)
}

// ofNoUse refuses flags of serve that say nothing about an index: all but some.
func ofNoUse(c *cobra.Command, but ...string) (err error) {
	useful := map[string]bool{}
	for _, name := range but {
		useful[name] = true
	}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && !useful[f.Name] && err == nil {
			err = usagef("--%s is of no use with an index", f.Name)
		}
	})
	return err
}

// servedIndex is what serve reports of an index.
type servedIndex struct {
	address
	Index string `json:"index"`
	Items int    `json:"items"`
}

func (s *servedIndex) print(w io.Writer) {
	fmt.Fprintf(w, "index\t%s, %s\n", s.Index, numberOf(s.Items, "item"))
	fmt.Fprintf(w, "map\t%s   (Ctrl-C ends it)\n", s.URL)
	fmt.Fprintf(w, "API\t%sapi/index\n", s.URL)
}
