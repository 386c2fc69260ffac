package static_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"escutcheon/static"
)

func get(method, path string) *http.Response {
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Result()
}

var named = regexp.MustCompile(`^/static/[a-z]+\.[0-9a-f]{16}\.(css|js|svg)$`)

func TestFiles(t *testing.T) {
	for name, kind := range map[string]string{
		"app.css": "text/css; charset=utf-8", "upload.js": "text/javascript; charset=utf-8",
		"tools.js":  "text/javascript; charset=utf-8",
		"list.js":   "text/javascript; charset=utf-8",
		"range.js":  "text/javascript; charset=utf-8",
		"import.js": "text/javascript; charset=utf-8", "timeline.js": "text/javascript; charset=utf-8",
		"notes.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		u := static.URL(name)
		if !named.MatchString(u) {
			t.Errorf("%s is at %s", name, u)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := get(method, u)
			if r.StatusCode != 200 || r.Header.Get("Content-Type") != kind ||
				r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%s %s: %d %v", method, u, r.StatusCode, r.Header)
			}
		}
	}
}

func TestEverythingElseIsNotFound(t *testing.T) {
	for _, p := range []string{"/static/", "/static/app.css", "/static/app.0000000000000000.css", "/static/static.go",
		"/static/../static.go", "/x"} {
		if r := get(http.MethodGet, p); r.StatusCode != 404 || strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", p, r.StatusCode, r.Header)
		}
	}
	if r := get(http.MethodPost, static.URL("app.css")); r.StatusCode != 405 {
		t.Errorf("POST: %d", r.StatusCode)
	}
}

func TestUnknownNamePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a name that is no file is a mistake to be seen")
		}
	}()
	static.URL("nothing.css")
}

// Scripts stand alone, for hashed names cannot be imported, and set no markup
// from text.
func TestScripts(t *testing.T) {
	for _, name := range []string{"upload.js", "tools.js", "import.js", "timeline.js", "notes.js", "list.js",
		"range.js", "panel.js"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"import ", "import(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
			"eval(", "new Function"} {
			if strings.Contains(string(b), "\n"+bad) || !strings.HasSuffix(bad, " ") && strings.Contains(string(b), bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
}
