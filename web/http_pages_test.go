package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// hostileHosts are names that a log may give a computer.
var hostileHosts = []string{"..", ".", "a/b", "a//b", "/", "//evil.example", "100%", "%2e%2e", "%2F", "a b", " ", "x?y=z", "x#y", "Übung.corp",
	`quo"te`, "it's", "<script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "a&amp;b", `back\slash`, "line\nend", "nul\x00", "\u202egnp.exe",
	"javascript:alert(1)", "=cmd|x", "findings.csv", "notes", "..;a=b", "a+b", "日本語", strings.Repeat("long", 200)}

// loadHostile imports a log whose every host, module and field is hostile.
func loadHostile(t testing.TB, s *server) {
	t.Helper()
	var log []byte
	for i, h := range hostileHosts {
		log = append(log, change(h, int64(i+1), noon.Add(time.Duration(i)*time.Minute), `/system.webServer/globalModules/add[@name="`+h+`"]`)...)
	}
	if i := s.load(t, `<b onclick="x">log.json`, log); i.Read != int64(len(hostileHosts)) {
		t.Fatalf("%+v", i)
	}
}

// TestPages follows every link from the start, over hostile logs and notes:
// each answers 200, and each page keeps the policy.
func TestPages(t *testing.T) {
	s := newServer(t)
	loadHostile(t, s)
	s.load(t, "cut.json", append(change("web01", 1, noon, "/a"), "{\"EventTime\":\"<script>alert(2)</script>\"\n"...))
	s.upload(t, nil, file{"<i>.png", []byte("\x89PNG\r\n\x1a\n")})
	if a := s.post(t, "/hosts/a%20b/notes", url.Values{"author": {`<b>"x"`}, "text": {"[x](javascript:alert(1)) <script>alert(3)</script> ![i](http://evil.example/x.png)\n\n<img src=x onerror=alert(4)>"}}); a.status != http.StatusSeeOther {
		t.Fatalf("note: %d %s", a.status, a.body)
	}
	seen := map[string]bool{}
	queue := []string{"/", "/users", "/settings", "/findings", "/imports", "/rules", "/events", "/search?q=web", "/findings?dest=web01&rule=", "/healthz"}
	hosts := 0
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		if seen[path] = true; len(seen) > 3000 {
			t.Fatal("no end of pages")
		}
		a := s.do(t, http.MethodGet, path, nil, "Accept", "text/html")
		if a.status == http.StatusSeeOther {
			queue = append(queue, a.header.Get("Location"))
			continue
		}
		if a.status != http.StatusOK {
			t.Errorf("GET %s: status %d", path, a.status)
			continue
		}
		checkHeaders(t, path, a)
		if strings.HasPrefix(path, "/hosts/") && strings.Contains(a.header.Get("Content-Type"), "html") {
			hosts++
		}
		if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			queue = append(queue, checkPage(t, path, a.body)...)
		}
	}
	if hosts < len(hostileHosts) {
		t.Errorf("%d host pages were reached, want at least %d", hosts, len(hostileHosts))
	}
	t.Logf("%d addresses", len(seen))
}

func checkHeaders(t *testing.T, path string, a answer) {
	t.Helper()
	csp := a.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") ||
		!strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "base-uri 'none'") || !strings.Contains(csp, "form-action 'self'") {
		t.Errorf("%s: Content-Security-Policy %q", path, csp)
	}
	if got := a.header.Get("X-Content-Type-Options"); got != "nosniff" {
		t.Errorf("%s: X-Content-Type-Options %q", path, got)
	}
	if cache := a.header.Get("Cache-Control"); !strings.HasPrefix(path, "/static/") && cache != "no-store" {
		t.Errorf("%s: Cache-Control %q", path, cache)
	}
}

// addresses are the attributes that browsers follow.
var addresses = []string{"href", "src", "action", "formaction", "data", "xlink:href", "poster", "srcset"}

// checkPage looks for what the policy forbids, and returns the page's own
// addresses that a click opens.
func checkPage(t *testing.T, path, page string) (links []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			checkText(t, path, n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "base" || n.Data == "iframe" || n.Data == "object" || n.Data == "script" && (attr(n, "src") == "" || n.FirstChild != nil) {
			t.Errorf("%s: element %s %v", path, n.Data, n.Attr)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "title", a.Key == "aria-label", a.Key == "alt", a.Key == "placeholder":
				checkText(t, path, a.Val)
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc":
				t.Errorf("%s: attribute %s of %s", path, a.Key, n.Data)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("%s: two elements have the id %q", path, a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case slices.Contains(addresses, a.Key):
				if link, ok := checkAddress(t, path, n, a.Val); ok {
					links = append(links, link)
				}
			}
		}
	}
	return links
}

// checkText looks for what a reader would not see, or see turned round. The
// values of inputs are not looked at: they are sent back as they are.
func checkText(t *testing.T, path, text string) {
	t.Helper()
	if strings.ContainsAny(text, "\u202e\x00\x1b") {
		t.Errorf("%s: a mark that turns or hides text stands in %q", path, text)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// checkAddress returns an address of ours that a GET opens.
func checkAddress(t *testing.T, path string, n *html.Node, address string) (string, bool) {
	t.Helper()
	here, err := url.Parse("http://console" + path)
	if err != nil {
		t.Fatal(err)
	}
	to, err := here.Parse(address)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" {
		t.Errorf("%s: %s leads to %q", path, n.Data, address)
		return "", false
	}
	if to.Host != "console" {
		if n.Data != "a" || attr(n, "rel") == "" {
			t.Errorf("%s: %s leads away to %q", path, n.Data, address)
		}
		return "", false
	}
	to.Fragment, to.RawFragment = "", ""
	post := n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") || strings.EqualFold(attr(n, "formmethod"), "post")
	return to.RequestURI(), !post
}

func TestWrongAddresses(t *testing.T) {
	s := newServer(t)
	if a := s.do(t, "GET", "/hosts/", nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/" {
		t.Errorf("no host named: status %d to %q, want the list of hosts", a.status, a.header.Get("Location"))
	}
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nowhere", 404}, {"GET", "/hosts/unknown", 404}, {"GET", "/findings/unknown", 404}, {"GET", "/events/1", 404},
		{"GET", "/events/x", 404}, {"GET", "/events/-1", 404}, {"GET", "/events/1/raw", 404}, {"GET", "/imports/1", 404}, {"GET", "/imports/99999999999999999999", 404},
		{"GET", "/rules/unknown", 404}, {"GET", "/notes/1/edit", 404}, {"GET", "/findings?rule=unknown", 404}, {"GET", "/findings.csv?rule=unknown", 404},
		{"GET", "/risk.csv?as-of=yesterday", 400}, {"GET", "/?as-of=yesterday", 400}, {"GET", "/findings?from=x", 400}, {"GET", "/findings?after=%21", 400},
		{"GET", "/static/../main.go", 404}, {"GET", "/static/app.css", 404},
		{"POST", "/", 405}, {"DELETE", "/imports/1", 405}, {"PUT", "/findings.csv", 405}, {"GET", "/demo", 405},
		{"GET", "/hosts/%zz", 400},
	} {
		for _, accept := range []string{"text/html", asJSON} {
			if c.path == "/hosts/%zz" {
				continue // the client would not send it; see below
			}
			a := s.do(t, c.method, c.path, nil, "Accept", accept)
			if a.status != c.status {
				t.Errorf("%s %s: status %d, want %d", c.method, c.path, a.status, c.status)
			}
			if strings.HasPrefix(c.path, "/static/") {
				continue
			}
			checkHeaders(t, c.path, a)
			kind := a.header.Get("Content-Type")
			if accept == asJSON && (!strings.HasPrefix(kind, asJSON) || !strings.Contains(a.body, `"error":"`)) {
				t.Errorf("%s %s: %s %s", c.method, c.path, kind, a.body)
			}
			if accept != asJSON && (!strings.HasPrefix(kind, "text/html") || !strings.Contains(a.body, "<h1")) {
				t.Errorf("%s %s: %s %.200s", c.method, c.path, kind, a.body)
			}
			if accept != asJSON {
				checkPage(t, c.path, a.body)
			}
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	s := newServer(t)
	s.load(t, "a.json", change("web01", 1, noon, "/a"))
	note := url.Values{"author": {"a"}, "text": {"b"}}
	for _, path := range []string{"/hosts/web01/notes", "/demo", "/imports", "/imports/1/cancel", "/notes/1", "/notes/1/delete",
		"/settings", "/rules/" + seedID + "/disable", "/rules/" + seedID + "/enable", "/rules/" + seedID + "/filter"} {
		for _, h := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
			{"Origin", "http://127.0.0.1:1"},
		} {
			a := s.post(t, path, note, h...)
			if a.status != http.StatusForbidden || !strings.Contains(a.body, "another site") {
				t.Errorf("POST %s with %q: status %d", path, h, a.status)
			}
			checkHeaders(t, path, a)
		}
	}
	if got := s.get(t, "/notes.csv").body; strings.Count(got, "\n") != 1 {
		t.Errorf("a note was taken: %s", got)
	}
	for _, h := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", s.url}, {}} {
		if a := s.post(t, "/hosts/web01/notes", note, h...); a.status != http.StatusSeeOther {
			t.Errorf("own note with %q: status %d", h, a.status)
		}
	}
	if a := s.do(t, http.MethodGet, "/", nil, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusOK {
		t.Errorf("a link from elsewhere: status %d", a.status)
	}
}

func TestWrongHost(t *testing.T) {
	s := newServer(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.url, "http://"), ":")
	for host, want := range map[string]int{"localhost:" + port: 200, "127.0.0.1:" + port: 200, "[::1]:" + port: 200, "LOCALHOST:" + port: 200,
		"evil.example": 421, "evil.example:" + port: 421, "127.0.0.1.evil.example": 421, "localhost.": 421} {
		if a := s.do(t, http.MethodGet, "/", nil, "Host", host); a.status != want {
			t.Errorf("host %s: status %d, want %d", host, a.status, want)
		}
	}
	if a := s.post(t, "/demo", nil, "Host", "evil.example"); a.status != 421 {
		t.Errorf("POST: status %d", a.status)
	}
	if got := s.get(t, "/risk.csv").body; strings.Count(got, "\n") != 1 {
		t.Errorf("the demo was loaded: %s", got)
	}
}

func TestHealth(t *testing.T) {
	s := newServer(t)
	if a := s.get(t, "/healthz"); a.body != "ok\n" {
		t.Errorf("%q", a.body)
	}
}

func TestAsOfInAddress(t *testing.T) {
	s := newServer(t)
	s.load(t, "a.json", append(change("web01", 1, noon, "/a"), change("web01", 2, noon.Add(100*time.Hour), "/b")...))
	for _, c := range []struct{ asOf, want string }{
		{"", "100,2"}, {"2026-03-02T12:00:00Z", "50,1"}, {"2026-03-02T12:00:00", "50,1"}, {"2026-03-02T13:00:00%2B01:00", "50,1"},
		{"2026-03-02T13:00:00+01:00", "50,1"}, {"2026-03-02T07:00:00-05:00", "50,1"}, {"2026-03-02T11:59:59Z", ""}, {"2026-03-09T12:00:00Z", "50,1"},
	} {
		for _, path := range []string{"/risk.csv?as-of=", "/hosts/web01/risk.csv?as-of="} {
			got := ""
			if _, line, ok := strings.Cut(s.get(t, path+c.asOf).body, "\r\nweb01,"); ok {
				got = strings.Join(strings.Split(line, ",")[:2], ",")
			}
			if got != c.want {
				t.Errorf("%s%s: %q, want %q", path, c.asOf, got, c.want)
			}
		}
		for _, path := range []string{"/?as-of=", "/hosts/web01?as-of="} {
			links := checkPage(t, path, s.get(t, path+c.asOf).body)
			carried := slices.ContainsFunc(links, func(l string) bool {
				u, err := url.Parse(l)
				return err == nil && strings.HasSuffix(u.Path, "risk.csv") && u.Query().Get("as-of") != ""
			})
			if carried != (c.asOf != "") && !(path == "/?as-of=" && c.want == "") {
				t.Errorf("%s%s: the link to risk.csv carries the as-of: %v", path, c.asOf, carried)
			}
		}
	}
}

func TestStaticFiles(t *testing.T) {
	s := newServer(t)
	n := 0
	for _, l := range checkPage(t, "/", s.get(t, "/").body) {
		if !strings.HasPrefix(l, "/static/") {
			continue
		}
		n++
		a := s.get(t, l)
		checkHeaders(t, l, a)
		if !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.body == "" {
			t.Errorf("%s: Cache-Control %q, %d bytes", l, a.header.Get("Cache-Control"), len(a.body))
		}
	}
	if n < 3 {
		t.Errorf("%d files of styles and scripts, want at least 3", n)
	}
}
