// Package fetch downloads the published data sets to a folder, in the layouts
// their authors publish, ready for package dataset:
//
//	DIR/mnist/*.gz
//	DIR/fashion-mnist/*.gz
//	DIR/cifar-10-batches-bin/*.bin
//	DIR/cifar-100-binary/*.bin
//
// A file grows under NAME.part and takes its name only when its checksum is the
// published one, an archive's folder only when it is complete. So what bears
// its name is whole, and what was cut off is resumed by the next call.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sparse-manifold/smt/internal/plural"
)

// Options say where to download from and to.
type Options struct {
	// Dir is the folder the data sets lie in; it is made if need be. Empty is
	// the current one.
	Dir string
	// URL, if set, is an http or https address that replaces those of the
	// authors: the files are expected right below it, under their own names.
	URL string
	// Progress, if set, is called as a file grows, from Get's own goroutine,
	// with the bytes it has so far, resumed ones included, and will have.
	Progress func(file string, done, total int64)
}

// Names are the data sets Get knows.
func Names() []string {
	names := make([]string, len(published))
	for i, d := range published {
		names[i] = d.name
	}
	return names
}

// Get sees to it that the named data set is below opt.Dir and returns its folder.
// What is there already is checked and kept: files by their checksum, an
// unpacked archive by the sizes of its files.
//
// A download that is cut off, stalls or meets a server's failure is resumed a few
// times, over half a minute, before the next address is tried. When ctx ends, Get
// returns its error promptly and leaves the .part to be resumed by the next call.
// Other errors name the data set, the file and the address. An archive is removed
// once it is unpacked, if the same call downloaded it. Two calls must not fetch
// the same data set into the same folder at the same time.
func Get(ctx context.Context, name string, opt Options) (dir string, err error) {
	return newFetcher().get(ctx, name, opt)
}

// fetcher is what a test replaces of the world.
type fetcher struct {
	catalogue []dataSet
	client    *http.Client
	attempts  int           // at most, for each address
	stall     time.Duration // without a byte, after which an attempt is given up
	unpacked  int64         // bytes an archive may unpack to
	wait      func(ctx context.Context, failures int) error
}

func newFetcher() *fetcher {
	return &fetcher{
		catalogue: published,
		client:    &http.Client{},
		attempts:  6,
		stall:     30 * time.Second,
		unpacked:  1 << 30, // five times the largest
		wait:      backoff,
	}
}

// backoff waits 1, 2, 4, 8, 16 seconds after the first, second, … failure.
func backoff(ctx context.Context, failures int) error {
	t := time.NewTimer(time.Second << (failures - 1))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fetcher) get(ctx context.Context, name string, opt Options) (dir string, err error) {
	set, err := f.find(name)
	if err != nil {
		return "", err
	}
	dir, err = f.fetch(ctx, set, opt)
	if err != nil {
		return "", fmt.Errorf("fetch: %s: %w", name, err)
	}
	return dir, nil
}

func (f *fetcher) find(name string) (dataSet, error) {
	var names []string
	for _, d := range f.catalogue {
		if d.name == name {
			return d, nil
		}
		names = append(names, d.name)
	}
	return dataSet{}, fmt.Errorf("fetch: no data set %q; there are %s", name, strings.Join(names, ", "))
}

func (f *fetcher) fetch(ctx context.Context, set dataSet, opt Options) (string, error) {
	if opt.URL != "" {
		set.bases = []string{opt.URL}
	}
	dir := filepath.Join(opt.Dir, set.folder)
	into := dir // where the downloads go
	if set.archive {
		if done, err := isUnpacked(dir, set.members); done || err != nil {
			return dir, err
		}
		into = filepath.Dir(dir)
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return "", err
	}
	for _, want := range set.files {
		urls, err := addresses(set.bases, want.name)
		if err != nil {
			return "", err
		}
		d := download{fetcher: f, want: want, path: filepath.Join(into, want.name), progress: opt.Progress}
		fetched, err := d.run(ctx, urls)
		if err != nil {
			return "", fmt.Errorf("%s: %w", want.name, err)
		}
		if !set.archive {
			continue
		}
		if err := unpack(ctx, d.path, dir, set.members, f.unpacked); err != nil {
			return "", fmt.Errorf("%s: %w", want.name, err)
		}
		if fetched { // an archive that was there before is not ours to remove
			if err := os.Remove(d.path); err != nil {
				return "", err
			}
		}
	}
	return dir, nil
}

// addresses are those of the named file below each base.
func addresses(bases []string, name string) ([]*url.URL, error) {
	urls := make([]*url.URL, len(bases))
	for i, base := range bases {
		u, err := url.Parse(base)
		if err != nil {
			return nil, err
		}
		if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, fmt.Errorf("address %q does not begin with http://HOST or https://HOST", u.Redacted())
		}
		urls[i] = u.JoinPath(name)
	}
	return urls, nil
}

// isUnpacked reports whether dir holds the members. A folder that does not is an
// error, not a thing to replace: it may be someone's work.
func isUnpacked(dir string, members []member) (bool, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err := checkMembers(dir, members); err != nil {
		return false, fmt.Errorf("%s: %w; remove the folder to download it again", dir, err)
	}
	return true, nil
}

// checkMembers checks that dir holds the members; the error names the one at fault.
func checkMembers(dir string, members []member) error {
	for _, m := range members {
		fi, err := os.Stat(filepath.Join(dir, m.name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s is missing", m.name)
		case err != nil:
			return err
		case !fi.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file", m.name)
		case m.size >= 0 && fi.Size() != m.size:
			return fmt.Errorf("%s is %s, expected %d", m.name, plural.Of(fi.Size(), "byte"), m.size)
		}
	}
	return nil
}
