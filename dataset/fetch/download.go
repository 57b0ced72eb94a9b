package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/sparse-manifold/smt/internal/plural"
)

// download brings one file to path.
type download struct {
	*fetcher
	want     file
	path     string
	progress func(file string, done, total int64)
}

func (d *download) part() string   { return d.path + ".part" }
func (d *download) origin() string { return d.path + ".part.json" }

// failure is an attempt that failed for a reason that lies at the address. Errors
// of another kind, such as a full disk, end the download.
type failure struct {
	err   error
	again bool // whether the same address may do better a moment later
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// run tries the addresses in order until the file is complete. It reports
// whether it fetched the file; one that is there and right is left alone.
func (d *download) run(ctx context.Context, urls []*url.URL) (fetched bool, err error) {
	if _, err := os.Stat(d.path); err == nil {
		err := verify(ctx, d.path, d.want)
		if m := (*mismatch)(nil); errors.As(err, &m) {
			// Not ours to replace: it may be someone's work.
			err = fmt.Errorf("%w; remove the file to download it again", err)
		}
		return false, err
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	var failed error
	for _, u := range urls {
		err := d.from(ctx, u)
		if err == nil {
			return true, nil
		}
		if ctx.Err() != nil { // whatever else it came to
			err = ctx.Err()
		}
		var f *failure
		elsewhere := errors.As(err, &f)
		err = fmt.Errorf("%s: %w", u.Redacted(), err)
		if failed != nil {
			err = fmt.Errorf("%w; %w", failed, err)
		}
		if !elsewhere {
			return false, err
		}
		failed = err
	}
	return false, failed
}

// from downloads from one address, as often as is sensible.
func (d *download) from(ctx context.Context, u *url.URL) error {
	for n := 1; ; n++ {
		err := d.attempt(ctx, u)
		var f *failure
		if err == nil || !errors.As(err, &f) || !f.again {
			return err
		}
		if n == d.attempts {
			return fmt.Errorf("%w (%s)", err, plural.Of(n, "attempt"))
		}
		if err := d.wait(ctx, n); err != nil {
			return err
		}
	}
}

// attempt makes one request for what is missing of the .part and, once nothing
// is, verifies it and gives it its name.
func (d *download) attempt(ctx context.Context, u *url.URL) error {
	// Not by internal/output: a .part is gone on with, and removed where it is wrong.
	out, err := os.OpenFile(d.part(), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	resumed := have > 0
	if have < d.want.size { // a .part too long goes the way of one that is wrong
		if err := d.request(ctx, u, out, have, &resumed); err != nil {
			if fi, serr := out.Stat(); serr == nil && fi.Size() == 0 {
				err = errors.Join(err, out.Close(), os.Remove(d.part()), remove(d.origin())) // nothing to resume
			}
			return err
		}
	}
	// Synced before the rename, or a power cut could leave the name on less.
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	if err := verify(ctx, d.part(), d.want); err != nil {
		var m *mismatch
		if !errors.As(err, &m) {
			return err
		}
		m.path = d.path // the .part is about to go
		// Pieces of two versions may have met, and then one whole piece is right.
		// A file that came in one piece would come the same again.
		return errors.Join(&failure{m, resumed}, os.Remove(d.part()), remove(d.origin()))
	}
	// Not by internal/output: the .part is whole, verified and synced.
	return errors.Join(os.Rename(d.part(), d.path), remove(d.origin()))
}

// request asks for the bytes from have on and appends them to out. It clears
// resumed when the server sends the file from the beginning.
func (d *download) request(ctx context.Context, u *url.URL, out *os.File, have int64, resumed *bool) error {
	// The timer ends an attempt that gets nowhere, be it in connecting, waiting
	// for the answer or reading it. Progress, however slow, rewinds it.
	stalled := fmt.Errorf("no data for %v", d.stall)
	reqCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(d.stall, func() { cancel(stalled) })
	defer timer.Stop()
	why := func(err error) error { // the cause, where net/http reports its effect
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case context.Cause(reqCtx) == stalled:
			return &failure{stalled, true}
		}
		var ue *url.Error // repeats the address, which the caller adds
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return &failure{err, !permanent(err)}
	}

	req, err := http.NewRequestWithContext(reqCtx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "smt")
	// Otherwise net/http asks for gzip and undoes it, and the .gz we want is lost.
	req.Header.Set("Accept-Encoding", "identity")
	known := readOrigin(d.origin())
	if known.URL != u.Redacted() {
		known = origin{} // a validator means nothing to another server
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if known.Validator != "" {
			req.Header.Set("If-Range", known.Validator)
		}
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return why(err)
	}
	defer resp.Body.Close()

	switch resp.StatusCode {
	case http.StatusOK: // from the beginning: the first time, no ranges here, or another version
		*resumed = false
		if resp.ContentLength >= 0 && resp.ContentLength != d.want.size {
			return &failure{fmt.Errorf("Content-Length is %d, expected %d", resp.ContentLength, d.want.size), false}
		}
		if err := restart(out); err != nil {
			return err
		}
		have = 0
		if err := (origin{u.Redacted(), validator(resp.Header)}).write(d.origin()); err != nil {
			return err
		}
	case http.StatusPartialContent:
		if err := d.checkPartial(resp.Header, have, known); err != nil {
			return errors.Join(&failure{err, true}, restart(out))
		}
	case http.StatusRequestedRangeNotSatisfiable: // its file is shorter than our part
		return errors.Join(&failure{fmt.Errorf("status %s", resp.Status), true}, restart(out))
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return &failure{fmt.Errorf("status %s", resp.Status), true}
	default:
		return &failure{fmt.Errorf("status %s", resp.Status), resp.StatusCode >= 500}
	}

	d.report(have)
	buf := make([]byte, 64<<10)
	for have < d.want.size {
		n, err := resp.Body.Read(buf[:min(int64(len(buf)), d.want.size-have)])
		if n > 0 {
			timer.Reset(d.stall)
			if _, err := out.Write(buf[:n]); err != nil {
				return err
			}
			have += int64(n)
			d.report(have)
		}
		if err == io.EOF && have < d.want.size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && err != io.EOF {
			return at(why(err), "after %d of %s", have, plural.Of(d.want.size, "byte"))
		}
	}
	// A byte more is another file, which the checksum of its beginning may not tell.
	if n, _ := resp.Body.Read(buf[:1]); n > 0 {
		return errors.Join(&failure{fmt.Errorf("more than the %s expected", plural.Of(d.want.size, "byte")), false}, restart(out))
	}
	return nil
}

// checkPartial checks that a 206 answer continues the .part.
func (d *download) checkPartial(h http.Header, have int64, known origin) error {
	want := fmt.Sprintf("bytes %d-%d/", have, d.want.size-1)
	got := h.Get("Content-Range")
	total, ok := strings.CutPrefix(got, want)
	if !ok || (total != "*" && total != fmt.Sprint(d.want.size)) {
		return fmt.Errorf("Content-Range is %q, expected %q", got, want+fmt.Sprint(d.want.size))
	}
	// A server that ignores If-Range may still say what it sends.
	now := h.Get("ETag")
	if !strings.HasPrefix(known.Validator, `"`) {
		now = h.Get("Last-Modified")
	}
	if known.Validator != "" && now != "" && now != known.Validator {
		return fmt.Errorf("the file changed on the server: its version is %s, was %s", now, known.Validator)
	}
	return nil
}

// restart empties the .part. Its origin is written anew with its first byte.
func restart(out *os.File) error {
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return out.Truncate(0)
}

func (d *download) report(done int64) {
	if d.progress != nil {
		d.progress(d.want.name, done, d.want.size)
	}
}

// permanent reports whether an error of the connection would come again: the
// host does not exist, or its certificate is not good.
func permanent(err error) bool {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &cert)
}

// remove removes a file that may not exist.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// at puts the place before an error.
func at(err error, format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, err)...)
}
