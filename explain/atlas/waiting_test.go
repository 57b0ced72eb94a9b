package atlas

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

// The page that stands in for a map says how far it is, goes on to it, and has nothing that Policy forbids.
func TestWaiting(t *testing.T) {
	for _, c := range []struct {
		p    Waiting
		says []string
		no   string
	}{
		{Waiting{Title: "<i>x", About: "9 items", Stage: "a & b", Done: 3, Total: 4, Next: "/map", After: 1},
			[]string{`content="1; url=/map"`, "<h1>&lt;i&gt;x</h1>", "9 items", "a &amp; b: 75 %", `<progress max="4" value="3"`}, "<i>"},
		{Waiting{Title: "x", Next: "/map"}, []string{`content="0; url=/map"`, `href="/map"`}, "<progress"},
		{Waiting{Title: "x", Stage: "begun"}, []string{">begun</p>"}, "%</p>"},
	} {
		var b strings.Builder
		if err := c.p.Write(&b); err != nil {
			t.Fatal(err)
		}
		for _, says := range c.says {
			if !strings.Contains(b.String(), says) {
				t.Errorf("%+v: no %s in\n%s", c.p, says, b.String())
			}
		}
		if strings.Contains(b.String(), c.no) {
			t.Errorf("%+v: %s in\n%s", c.p, c.no, b.String())
		}
		style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(b.String())
		sum := sha256.Sum256([]byte(style[1]))
		if !strings.Contains(Policy("'none'"), base64.StdEncoding.EncodeToString(sum[:])) || strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "style=") {
			t.Errorf("the policy forbids it: %s", b.String())
		}
	}
}
