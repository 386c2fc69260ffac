// Package static holds the console's styles, scripts and icon, embedded, and
// serves them under names that carry a hash of their content, so that a browser
// may keep them for ever. Which page uses which is for views to say.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed *.css *.js *.svg
var files embed.FS

// Prefix is the path under which all assets stand.
const Prefix = "/static/"

type asset struct {
	body []byte
	kind string
}

var (
	urls   = map[string]string{} // file name to address
	assets = map[string]asset{}  // hashed name to content
)

var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func init() {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // an embedded directory can always be read
	}
	for _, e := range entries {
		body, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:8]) + ext
		urls[e.Name()] = Prefix + name
		assets[name] = asset{body, kinds[ext]}
	}
}

// URL is the address of a file by its plain name, "app.css". A name that is no
// file is a mistake in the program and panics.
func URL(name string) string {
	u, ok := urls[name]
	if !ok {
		panic("static: no file " + name)
	}
	return u
}

// Handler serves the files under their hashed names at Prefix, and 404 for
// everything else.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := assets[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodGet {
			_, _ = w.Write(a.body) // a client that went away is no fault of ours
		}
	})
}
