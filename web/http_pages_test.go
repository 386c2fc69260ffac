package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// fewer says whether a link is to be followed: filters and ranges can be put
// together without end, so of each page those with one parameter are, a dozen
// values of each, and one link with any two.
func fewer(kinds map[string]int, path string) bool {
	u, err := url.Parse(path)
	if err != nil || u.RawQuery == "" {
		return true
	}
	names := slices.Sorted(maps.Keys(u.Query()))
	if len(names) > 2 {
		return false
	}
	kind := u.Path + "?" + strings.Join(names, "&")
	kinds[kind]++
	return kinds[kind] <= map[int]int{1: 12, 2: 1}[len(names)]
}

// TestPages follows every link from the start, over hostile logs and notes:
// each answers 200, and each page keeps the policy.
func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("asks for hundreds of pages, one after another; not in -short")
	}
	s := consoletest.New(t)
	consoletest.LoadHostile(t, s)
	s.Load(t, "cut.json", append(consoletest.Change("web01", 1, consoletest.Noon, "/a"),
		"{\"EventTime\":\"<script>alert(2)</script>\"\n"...))
	s.Upload(t, nil, consoletest.Log("<i>.png", []byte("\x89PNG\r\n\x1a\n")))
	consoletest.WriteHostile(t, s)
	seen, kinds := map[string]bool{}, map[string]int{}
	queue := []string{"/", "/users", "/settings", "/findings", "/imports", "/rules", "/events", "/search?q=web",
		"/findings?dest=web01&rule=", "/healthz", "/audit", "/cases", "/cases/1", "/rules/" + consoletest.HostileRule}
	hosts, answers, files := 0, 0, map[string]int{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] || !fewer(kinds, path) {
			continue
		}
		if seen[path] = true; len(seen) > 3000 {
			by := map[string]int{}
			for p := range seen {
				x, _, _ := strings.Cut(p, "?")
				by[x]++
			}
			t.Fatalf("no end of pages: %v", by)
		}
		a := s.Do(t, http.MethodGet, path, nil, "Accept", "text/html")
		if a.Status == http.StatusSeeOther {
			queue = append(queue, a.Header.Get("Location"))
			continue
		}
		if a.Status != http.StatusOK {
			t.Errorf("GET %s: status %d", path, a.Status)
			continue
		}
		checkHeaders(t, path, a)
		if strings.HasPrefix(path, "/hosts/") && strings.Contains(a.Header.Get("Content-Type"), "html") {
			hosts++
		}
		switch kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";"); kind {
		case "text/html":
			queue = append(queue, consoletest.CheckPage(t, path, a.Body)...)
			if !strings.Contains(path, "?") {
				if a := s.Do(t, http.MethodGet, path, nil, "Accept", consoletest.JSON); strings.HasPrefix(a.Header.Get("Content-Type"), consoletest.JSON) {
					answers++
					consoletest.CheckText(t, path+" as JSON", a.Body)
				}
			}
		case consoletest.JSON, "application/x-ndjson", "text/markdown", "image/svg+xml":
			files[kind]++
			consoletest.CheckText(t, path, a.Body)
		}
	}
	if hosts < len(consoletest.HostileHosts) {
		t.Errorf("%d host pages were reached, want at least %d", hosts, len(consoletest.HostileHosts))
	}
	if answers < 100 || len(files) < 4 {
		t.Errorf("of answers in JSON %d, of files %v were looked at", answers, files)
	}
	t.Logf("%d addresses", len(seen))
}

func checkHeaders(t *testing.T, path string, a consoletest.Answer) {
	t.Helper()
	csp := a.Header.Get("Content-Security-Policy")
	form := "form-action 'self'"
	if consoletest.IsReport(path) { // it has no form, and a style of its own
		form = "form-action 'none'"
	}
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") ||
		!strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "base-uri 'none'") ||
		!strings.Contains(csp, form) {
		t.Errorf("%s: Content-Security-Policy %q", path, csp)
	}
	if got := a.Header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("%s: X-Content-Type-Options %q", path, got)
	}
	if cache := a.Header.Get("Cache-Control"); !strings.HasPrefix(path, "/static/") && cache != "no-store" {
		t.Errorf("%s: Cache-Control %q", path, cache)
	}
}

func TestWrongAddresses(t *testing.T) {
	s := consoletest.New(t)
	if a := s.Do(t, "GET", "/hosts/", nil); a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/" {
		t.Errorf("no host named: status %d to %q, want the list of hosts", a.Status, a.Header.Get("Location"))
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nowhere", 404}, {"GET", "/hosts/unknown", 404}, {"GET", "/findings/unknown", 404},
		{"GET", "/events/1", 404},
		{"GET", "/events/x", 404}, {"GET", "/events/-1", 404}, {"GET", "/events/1/raw", 404}, {"GET", "/imports/1", 404},
		{"GET", "/imports/99999999999999999999", 404},
		{"GET", "/rules/unknown", 404}, {"GET", "/notes/1/edit", 404}, {"GET", "/findings?rule=unknown", 404},
		{"GET", "/findings.csv?rule=unknown", 404},
		{"GET", "/risk.csv?as-of=yesterday", 400}, {"GET", "/?as-of=yesterday", 400}, {"GET", "/findings?from=x", 400},
		{"GET", "/findings?after=%21", 400},
		{"GET", "/static/../main.go", 404}, {"GET", "/static/app.css", 404},
		{"POST", "/", 405}, {"DELETE", "/imports/1", 405}, {"PUT", "/findings.csv", 405}, {"GET", "/demo", 405},
		{"GET", "/hosts/%zz", 400},
	} {
		for _, accept := range []string{"text/html", consoletest.JSON} {
			if c.path == "/hosts/%zz" {
				continue // the client would not send it; see below
			}
			a := s.Do(t, c.method, c.path, nil, "Accept", accept)
			if a.Status != c.status {
				t.Errorf("%s %s: status %d, want %d", c.method, c.path, a.Status, c.status)
			}
			if strings.HasPrefix(c.path, "/static/") {
				continue
			}
			checkHeaders(t, c.path, a)
			kind := a.Header.Get("Content-Type")
			if accept == consoletest.JSON && (!strings.HasPrefix(kind, consoletest.JSON) ||
				!strings.Contains(a.Body, `"error":"`)) {
				t.Errorf("%s %s: %s %s", c.method, c.path, kind, a.Body)
			}
			if accept != consoletest.JSON && (!strings.HasPrefix(kind, "text/html") || !strings.Contains(a.Body, "<h1")) {
				t.Errorf("%s %s: %s %.200s", c.method, c.path, kind, a.Body)
			}
			if accept != consoletest.JSON {
				consoletest.CheckPage(t, c.path, a.Body)
			}
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	note := url.Values{"author": {"a"}, "text": {"b"}}
	for _, path := range []string{"/hosts/web01/notes", "/demo", "/imports", "/imports/1/cancel", "/notes/1",
		"/notes/1/delete",
		"/settings", "/rules/" + consoletest.SeedID + "/disable", "/rules/" + consoletest.SeedID + "/enable",
		"/rules/" + consoletest.SeedID + "/filter"} {
		for _, h := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"},
			{"Origin", "null"},
			{"Origin", "http://127.0.0.1:1"},
		} {
			a := s.Post(t, path, note, h...)
			if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "another site") {
				t.Errorf("POST %s with %q: status %d", path, h, a.Status)
			}
			checkHeaders(t, path, a)
		}
	}
	if got := s.Get(t, "/notes.csv").Body; strings.Count(got, "\n") != 1 {
		t.Errorf("a note was taken: %s", got)
	}
	for _, h := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", s.URL}, {}} {
		if a := s.Post(t, "/hosts/web01/notes", note, h...); a.Status != http.StatusSeeOther {
			t.Errorf("own note with %q: status %d", h, a.Status)
		}
	}
	if a := s.Do(t, http.MethodGet, "/", nil, "Sec-Fetch-Site", "cross-site"); a.Status != http.StatusOK {
		t.Errorf("a link from elsewhere: status %d", a.Status)
	}
}

func TestWrongHost(t *testing.T) {
	s := consoletest.New(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	for host, want := range map[string]int{"localhost:" + port: 200, "127.0.0.1:" + port: 200, "[::1]:" + port: 200,
		"LOCALHOST:" + port: 200,
		"evil.example":      421, "evil.example:" + port: 421, "127.0.0.1.evil.example": 421, "localhost.": 421} {
		if a := s.Do(t, http.MethodGet, "/", nil, "Host", host); a.Status != want {
			t.Errorf("host %s: status %d, want %d", host, a.Status, want)
		}
	}
	if a := s.Post(t, "/demo", nil, "Host", "evil.example"); a.Status != 421 {
		t.Errorf("POST: status %d", a.Status)
	}
	if got := s.Get(t, "/risk.csv").Body; strings.Count(got, "\n") != 1 {
		t.Errorf("the demo was loaded: %s", got)
	}
}

func TestHealth(t *testing.T) {
	s := consoletest.New(t)
	if a := s.Get(t, "/healthz"); a.Body != "ok\n" {
		t.Errorf("%q", a.Body)
	}
}

func TestStaticFiles(t *testing.T) {
	s := consoletest.New(t)
	n := 0
	for _, l := range consoletest.CheckPage(t, "/", s.Get(t, "/").Body) {
		if !strings.HasPrefix(l, "/static/") {
			continue
		}
		n++
		a := s.Get(t, l)
		checkHeaders(t, l, a)
		if !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || a.Body == "" {
			t.Errorf("%s: Cache-Control %q, %d bytes", l, a.Header.Get("Cache-Control"), len(a.Body))
		}
	}
	if n < 3 {
		t.Errorf("%d files of styles and scripts, want at least 3", n)
	}
}
