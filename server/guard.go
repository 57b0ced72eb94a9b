package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guard refuses hosts and methods that no page of this server asks for, and tells
// browsers to load nothing from elsewhere.
func (s *desk) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		// The same address may show another model tomorrow.
		h.Set("Cache-Control", "no-store")
		switch {
		case !s.o.Public && !local(r.Host):
			fail(w, http.StatusForbidden, "the host is "+r.Host+": want localhost or a loopback address")
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
			h.Set("Allow", "GET, HEAD, POST")
			fail(w, http.StatusMethodNotAllowed, "the method is "+r.Method+": want GET, HEAD or, where something is computed of what is sent, POST")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// foreign reports a request that a browser makes for a page of another site, of any
// method: a GET computes too, and an image there needs no more. Browsers say so by
// Sec-Fetch-Site, by Origin, or, old ones and to an address without TLS that is not
// this machine's, by Referer alone. Who sends none of them, as curl, is let through.
func foreign(r *http.Request) bool {
	asked := *r
	asked.Method = http.MethodPost // of others, CrossOriginProtection lets safe ones through
	if new(http.CrossOriginProtection).Check(&asked) != nil {
		return true
	}
	if r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != "" || r.Referer() == "" {
		return false
	}
	from, err := url.Parse(r.Referer())
	return err != nil || !strings.EqualFold(from.Host, r.Host)
}

// local reports whether a host, with a port or without, is this machine's own
// name or loopback address.
func local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}
