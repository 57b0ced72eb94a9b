package atlas

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// Policy is the content security policy that lets the page do what it does, and nothing else: its own script and style,
// by their digests, and the pictures that are in it. It is the same for all maps. frames is which pages may have it in
// a frame, 'none' or 'self'.
func Policy(frames string) string {
	return fmt.Sprintf("default-src 'none'; script-src %s; style-src %s; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors %s", source(pageJS()), source(pageCSS), frames)
}

// source is a script or a style, as a policy names it.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
