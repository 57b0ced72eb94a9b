package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/sparse-manifold/smt"
	"github.com/sparse-manifold/smt/explain"
	"github.com/sparse-manifold/smt/explain/report"
	"github.com/sparse-manifold/smt/internal/memory"
	"github.com/sparse-manifold/smt/server"
)

func (a *app) serve() *cobra.Command {
	var (
		src    source
		addr   string
		public bool
		n      = report.DefaultSizes
	)
	var c *cobra.Command
	c = &cobra.Command{
		Use:   "serve MODEL|INDEX [DATA]",
		Short: "Look inside a model in the browser, or answer by an index",
		Long: `Serve a page on which to choose an image, look at the code of each of its patches,
search for images like it or like a part of it, see why two images are similar, move
the threshold of the codes, and see what the model keeps of an image. DATA are images as
MODEL was fitted on: some become the bank that is searched, chosen by the seed as in smt
explain, and some others are there to choose from: of the test split, if DATA has one.
The page says whether MODEL was fitted on them, as far as that is known.

The page opens at once and shows how far the preparations are; with --json, the object
is printed when they are done. It needs no network but the way to this program, which
listens on this machine alone unless --public is given. Images that are uploaded stay
in its memory. Ctrl-C ends it.

Of an INDEX alone, the HTTP API answers as smt search, duplicates, outliers, groups, classify and compare do, with the keys of
their --json, and has the items and their thumbnails. Its page is the map of the index, as smt map draws it; while it is drawn,
once for all who ask, the page says how far it is. The neighbours of all items are found when they are first
asked for, and kept; what needs them is refused where there is too little memory for them, and a search is not.`,
		Example: `  smt serve cifar.safetensors data/cifar-10-batches-bin
  smt serve cifar.safetensors data/cifar-10-batches-bin --addr 127.0.0.1:0 --json
  smt serve cifar.safetensors data/cifar-10-batches-bin --addr :8080 --public
  smt serve photos.index`,
		Args: servedThings,
		RunE: a.run(func(ctx context.Context, args []string) error {
			if err := checkSizes(n); err != nil {
				return err
			}
			if err := checkAddress(addr, public); err != nil {
				return err
			}
			if len(args) == 1 {
				return a.serveIndex(ctx, c, args[0], addr, public)
			}
			if err := notOfImages(args[0], "images"); err != nil {
				return err
			}
			src.keepPixels(args[0], "")
			m, data, err := src.openWith(args[0], args[1])
			if err != nil {
				return err
			}
			defer data.Close()
			a.noteUnsummed(args[0], smt.Member{Name: filepath.Base(args[0]), Model: m})
			if err := enoughToServe(ctx, m, data, n, memory.Available()); err != nil {
				return err
			}
			// Before the work, so that an address in use is noticed at once.
			l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
			if err != nil {
				return err
			}
			defer l.Close() // again, after Serve, which does no harm
			if err := src.check(ctx, data, ""); err != nil {
				return err
			}
			p := a.newProgress()
			defer p.close()
			s, err := server.New(m, func(ctx context.Context) (server.Images, error) {
				im, err := report.Choose(ctx, m, data, n, a.seedOr(m.Config().Seed), p.reading)
				return server.Images{Bank: im.Bank, Test: im.Test, Origin: im.Origin}, err
			}, server.Options{Name: filepath.Base(args[0]), Data: filepath.Base(filepath.Clean(args[1])), Public: public, Progress: p.report})
			if err != nil {
				return err
			}
			at := address{url(l.Addr()), l.Addr().String()}
			if !a.json { // of which there is one object, with all that is known in the end
				if err := a.emit(at); err != nil {
					return err
				}
			}
			work, ctx := errgroup.WithContext(ctx)
			work.Go(func() error { return s.Serve(ctx, l) })
			work.Go(func() error {
				if err := s.Prepare(ctx); err != nil {
					return err
				}
				p.close()
				im := s.Images()
				return a.emit(&served{at, im.Bank.Len(), im.Test.Len(), im.Origin})
			})
			return work.Wait()
		}),
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&addr, "addr", "127.0.0.1:8080", "`HOST:PORT` to listen on; port 0 chooses a free one")
	f.BoolVar(&public, "public", false, "allow an address that other machines can reach: there is no password")
	f.IntVar(&n.Bank, "bank", n.Bank, "search at most this many images, chosen by the seed")
	f.IntVar(&n.Test, "test", n.Test, "offer at most this many images to choose from, of the test split if DATA has one")
	src.flags(a, c)
	return c
}

// checkAddress wants a loopback address, unless the server is to be public.
func checkAddress(addr string, public bool) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return usagef("--addr is %q: want host:port, as 127.0.0.1:8080", addr)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return usagef("--addr is %q: want a port of 0 to 65535, as 127.0.0.1:8080", addr)
	}
	ip, err := netip.ParseAddr(host)
	if public || strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback() {
		return nil
	}
	return usagef("--addr is %q, which other machines may reach: want a loopback address as 127.0.0.1, or --public", addr)
}

// url is where a browser on this machine finds a listener.
func url(addr net.Addr) string {
	at := addr.String()
	if host, port, err := net.SplitHostPort(at); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
			at = net.JoinHostPort("localhost", port)
		}
	}
	return "http://" + at + "/"
}

// address is what serve reports once it listens.
type address struct {
	URL  string `json:"url"`
	Addr string `json:"addr"`
}

func (at address) print(w io.Writer) { fmt.Fprintf(w, "page\t%s   (Ctrl-C ends it)\n", at.URL) }

// served is what serve reports once it is ready.
type served struct {
	address
	Bank   int            `json:"bank"`   // images searched, flips not counted
	Test   int            `json:"test"`   // images to choose from
	Origin explain.Origin `json:"origin"` // of those
}

func (s *served) print(w io.Writer) {
	fmt.Fprintf(w, "bank\t%s\n", numberOf(s.Bank, "image"))
	fmt.Fprintf(w, "to choose from\t%s %s; and your own\n", count(s.Test), s.Origin)
}
