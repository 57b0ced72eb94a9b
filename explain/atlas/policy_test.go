package atlas

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

// The policy allows each script and style that is in a page, and no other; and the page has nothing that it forbids: no
// style or handler of an element, and no address of anything else.
func TestPolicy(t *testing.T) {
	page, policy := written(t, small(40)), Policy("'none'")
	for what, text := range map[string]string{"script-src": `(?s)<script>(.*?)</script>`, "style-src": `(?s)<style>(.*?)</style>`} {
		found := regexp.MustCompile(text).FindAllStringSubmatch(page, -1)
		if len(found) != 1 {
			t.Fatalf("%d elements for %s, want 1", len(found), what)
		}
		sum := sha256.Sum256([]byte(found[0][1]))
		if want := what + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"; !strings.Contains(policy, want) {
			t.Errorf("the policy is %s, want %s", policy, want)
		}
	}
	for _, unsafe := range []string{"unsafe", "http:", "https:", "*", "'self'", "blob:"} {
		if strings.Contains(policy, unsafe) {
			t.Errorf("the policy has %s: %s", unsafe, policy)
		}
	}
	markup := regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>`).ReplaceAllString(page, "")
	if found := regexp.MustCompile(`<[^>]*\s(style|on[a-z]+)=`).FindString(markup); found != "" {
		t.Errorf("the policy forbids %s", found)
	}
	for _, address := range regexp.MustCompile(`\s(?:src|href)="([^"]{0,20})`).FindAllStringSubmatch(markup, -1) {
		if !strings.HasPrefix(address[1], "data:") {
			t.Errorf("the policy forbids %s", address[1])
		}
	}
	if strings.Contains(pageJS(), "style:") || strings.Contains(pageJS(), `setAttribute("style"`) {
		t.Error("the script sets a style that the policy forbids")
	}
}
