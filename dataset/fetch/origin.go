package fetch

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"

	"github.com/sparse-manifold/smt/internal/regular"
	"github.com/sparse-manifold/smt/internal/strictjson"
)

// origin says which version of which resource a .part is the beginning of. It is
// kept beside it, in NAME.part.json, so that a later process can resume and still
// notice that the file was replaced on the server.
type origin struct {
	URL       string `json:"url"`
	Validator string `json:"validator"` // a strong ETag or a Last-Modified; "" for neither
}

// validator is what names the version of a response in If-Range. A weak ETag
// (W/…) does not promise equal bytes, so RFC 9110 forbids it there.
func validator(h http.Header) string {
	if etag := h.Get("ETag"); etag != "" && !strings.HasPrefix(etag, "W/") {
		return etag
	}
	return h.Get("Last-Modified")
}

// readOrigin returns the zero origin for a file that is missing or damaged: the
// checksum still decides, only later.
func readOrigin(path string) origin {
	var o origin
	b, err := regular.ReadFile(path)
	if err != nil || strictjson.Unmarshal(b, &o) != nil {
		return origin{}
	}
	return o
}

func (o origin) write(path string) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	// Not by internal/output: half of it is as good as none, see readOrigin.
	return os.WriteFile(path, b, 0o644)
}
