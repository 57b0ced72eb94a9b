package report

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

var (
	uris      = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]*`)
	requests  = regexp.MustCompile(`(?i)(src|href|action|poster|data)="(?:https?:)?//|url\(|@import|<link|<iframe[^>]* src=|fetch\(|XMLHttpRequest`)
	images    = regexp.MustCompile(`<img [^>]*>`)
	withWords = regexp.MustCompile(`alt="[^"]+"`)
	ids       = regexp.MustCompile(` id="([^"]+)"`)
	links     = regexp.MustCompile(`href="#([^"]+)"`)
	framed    = regexp.MustCompile(` srcdoc="([^"]*)"`)
	arrays    = regexp.MustCompile(`<script type="text/plain"[^>]*>[^<]*</script>`)
	pictures  = regexp.MustCompile(`<svg [^>]*>`)
)

// checkPage fails for a page that needs anything else, has a picture without words
// or a link to nowhere.
func checkPage(t *testing.T, page string) {
	t.Helper()
	// The map is a page of its own in it.
	for _, inner := range framed.FindAllStringSubmatch(page, -1) {
		text := arrays.ReplaceAllString(html.UnescapeString(inner[1]), "")
		text = strings.NewReplacer("createObjectURL(", "", "revokeObjectURL(", "").Replace(text) // of what is saved
		if found := requests.FindString(strings.ReplaceAll(text, `<link rel="icon" href="data:,">`, "")); found != "" {
			t.Errorf("the map asks for something outside it: %s", found)
		}
		if !strings.Contains(text, "</html>") || strings.Contains(text, "NaN") {
			t.Error("the map is no whole page, or has a NaN")
		}
	}
	page = framed.ReplaceAllString(page, "")
	// What scrolls can be reached by the keyboard.
	if n := strings.Count(page, `class="scroll"`) - strings.Count(page, `class="scroll" tabindex="0"`); n != 0 {
		t.Errorf("%d parts that scroll take no focus", n)
	}
	if found := requests.FindString(page); found != "" {
		t.Errorf("the page asks for something outside it: %s", found)
	}
	for _, img := range images.FindAllString(page, -1) {
		if !withWords.MatchString(img) {
			t.Errorf("a picture has no words: %.80s", img)
		}
	}
	for _, svg := range pictures.FindAllString(page, -1) {
		if !strings.Contains(svg, `aria-label="`) {
			t.Errorf("a chart has no words: %.80s", svg)
		}
	}
	known := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if known[m[1]] {
			t.Errorf("two elements have the id %s", m[1])
		}
		known[m[1]] = true
	}
	for _, m := range links.FindAllStringSubmatch(page, -1) {
		if !known[m[1]] {
			t.Errorf("a link to #%s leads nowhere", m[1])
		}
	}
	page = uris.ReplaceAllString(page, "")
	for _, bad := range []string{"NaN", "%!", "ZgotmplZ", "<no value>"} {
		if i := strings.Index(page, bad); i >= 0 {
			t.Errorf("%s on the page: …%s…", bad, page[max(0, i-80):min(len(page), i+40)])
		}
	}
}
