package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"escutcheon/db"
	"escutcheon/internal/consoletest"
	"escutcheon/store"
	"escutcheon/web"
)

// hostileValues are what somebody may send in any place of a request.
var hostileValues = []string{consoletest.Bad, `<svg onload=alert(1)>`, `';DROP TABLE note;--`, `" OR 1=1 --`,
	"../../../../etc/passwd", `..\..\x`, "\x00", "\xff\xfe\x80", `=cmd|'/C calc'!A0`, "\x1b]0;owned\a\x1b[2J", "\u202e\u2066",
	"-1", "99999999999999999999", "0x10", "1e999", strings.Repeat("(", 3000), "%00%2e%2e%2f", "\r\nX-Injected: 1\r\n"}

// hostileNames are the parameters and fields that pages read.
var hostileNames = []string{"q", "dest", "rule", "status", "severity", "sort", "after", "before", "as-of", "from", "to",
	"view", "not.dest", "owner", "gravity", "module", "change", "channel", "fired", "zone", "earliest", "latest", "now",
	"job", "columns", "around", "mark", "kept", "at", "add", "not", "row", "a", "b", "name", "type", "value", "person",
	"action", "object", "of", "show", "part", "search", "risk-after", "expression", "like", "state", "source", "note",
	"finding", "event", "id", "revision", "text", "author", "title", "yaml", "list", "query", "question", "answer", "item",
	"back", "do", "snippet", "why", "case", "urgency", "disposition", "computer", "dates", "password", "score", "field",
	"kind", "message", "technique", "description", "medium", "limit", "members", "format", "import"}

// filled is a route's path with something that is there, or a hostile value, in the
// place of its parameters.
func filled(path, in string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, ":") {
			name, ext, dot := strings.Cut(part, ".")
			if parts[i] = url.PathEscape(in); dot && name != "" {
				parts[i] += "." + ext
			}
		}
	}
	return strings.Join(parts, "/")
}

// TestHostileRequests: whatever stands in a path, a parameter, a field or a header of a
// request to any route, it is answered, not with a failure of ours, and with a page that
// shows it as text; nothing that is stored changes by it but what forms are for.
func TestHostileRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("asks for thousands of pages; not in -short")
	}
	s := consoletest.New(t)
	consoletest.LoadHostile(t, s)
	consoletest.WriteHostile(t, s)
	before := len(consoletest.Rows(t, s.Get(t, "/findings.csv?rule=all")))
	asked := 0
	ask := func(method, path string, form url.Values, headers ...string) {
		t.Helper()
		asked++
		body := ""
		if form != nil {
			body = form.Encode()
			headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
		}
		a := s.Do(t, method, path, strings.NewReader(body), headers...)
		what := fmt.Sprintf("%s %.200q %.100q %.100q", method, path, body, headers)
		if a.Status >= http.StatusInternalServerError || a.Status == 0 {
			t.Errorf("%s: status %d, %.300s", what, a.Status, a.Body)
		}
		if a.Header.Get("X-Injected") != "" {
			t.Errorf("%s: a header was injected", what)
		}
		switch kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";"); kind {
		case "text/html":
			consoletest.CheckPage(t, path, a.Body)
		case consoletest.JSON:
			consoletest.CheckText(t, path, a.Body)
		}
	}
	var gets, posts []string
	for _, r := range web.Routes() {
		switch {
		case strings.HasPrefix(r.Path, "/static/"):
		case r.Method == http.MethodGet:
			gets = append(gets, r.Path)
		case r.Method == http.MethodPost && r.Path != "/demo" && r.Path != "/imports/:id/delete": // which need no more
			posts = append(posts, r.Path)
		}
	}
	every := 3 // parameter of a page, of a file fewer; all of them take a minute
	if os.Getenv("ESCUTCHEON_HOSTILE") == "all" {
		every = 1
	}
	for i, path := range gets {
		if strings.Contains(path, ":") {
			for _, v := range hostileValues {
				ask(http.MethodGet, filled(path, v), nil, "Accept", "text/html")
			}
		}
		skip := every
		if strings.Contains(path, ".") {
			skip *= every
		}
		// A parameter has one value of each page, and another one on the next.
		for k, name := range hostileNames {
			if (i+k)%skip > 0 {
				continue
			}
			v := hostileValues[(i+k)%len(hostileValues)]
			ask(http.MethodGet, filled(path, "1")+"?"+url.Values{name: {v}}.Encode(), nil, "Accept",
				[]string{"text/html", consoletest.JSON}[(i+k)%2])
		}
	}
	huge := strings.Repeat("A", 1<<20)
	for i, path := range posts {
		for k, v := range hostileValues {
			form := url.Values{}
			for _, name := range hostileNames {
				form.Set(name, v)
			}
			ask(http.MethodPost, filled(path, "1"), form, "Accept", []string{"text/html", consoletest.JSON}[k%2])
		}
		ask(http.MethodPost, filled(path, "1"), url.Values{hostileNames[i%len(hostileNames)]: {huge}, "text": {huge[:99_999]},
			"author": {"anna"}}, "Accept", "text/html")
	}
	for _, name := range []string{"Accept", "Accept-Language", "Accept-Encoding", "Cookie", "Referer", "User-Agent",
		"Range", "If-None-Match", "X-Forwarded-For", "X-Forwarded-Proto", "Authorization", "Content-Type"} {
		for _, v := range hostileValues {
			v = strings.NewReplacer("\r", "", "\n", "", "\x00", "", "\x1b", "", "\a", "").Replace(v)
			ask(http.MethodGet, "/hosts/a%20b", nil, name, v)
			ask(http.MethodPost, "/zone", nil, name, v)
		}
	}
	if after := len(consoletest.Rows(t, s.Get(t, "/findings.csv?rule=all"))); after != before {
		t.Errorf("of %d findings %d are left", before, after)
	}
	for _, path := range []string{"/", "/findings", "/hosts/a%20b", "/cases", "/audit", "/rules"} {
		if a := s.Do(t, http.MethodGet, path, nil); a.Status != http.StatusOK {
			t.Errorf("then %s: status %d", path, a.Status)
		}
	}
	if _, err := db.VerifyAudit(t.Context(), s.Store.Path(), func(d store.AuditDamage) {
		t.Errorf("the audit trail is damaged: %+v", d)
	}); err != nil {
		t.Error(err)
	}
	t.Logf("%d requests", asked)
}

// TestBrowserHostile: no page of what logs and analysts say that is hostile everywhere
// runs any of it, asks for anything elsewhere, or is wider than a phone.
func TestBrowserHostile(t *testing.T) {
	b := openBrowser(t)
	s := consoletest.New(t)
	consoletest.LoadHostile(t, s)
	consoletest.WriteHostile(t, s)
	bad := url.QueryEscape(consoletest.Bad)
	p := b.newTab(t, s)
	for _, path := range []string{"/", "/?q=" + bad, "/findings", "/findings?rule=" + consoletest.HostileRule,
		"/findings/" + s.FindingOf(t, consoletest.HostileRule), "/hosts/a%20b", "/hosts/a%20b?note=begun#note",
		"/hosts/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/events/3", "/imports", "/imports/1", "/rules",
		"/rules/" + consoletest.HostileRule, "/rules/" + consoletest.HostileRule + "/replay", "/notes/1/edit", "/settings",
		"/audit", "/cases", "/cases/1", "/evidence/1", "/searches/1",
		"/search?q=" + url.QueryEscape(`index=notable | table dest rule_name`), "/search/rule?q=" + bad, "/users", "/cases/1/report.html", "/hosts/a%20b/report.html"} {
		for _, width := range []int64{1440, 390} {
			p.do(chromedp.EmulateViewport(width, 900))
			p.open(path)
			if got := eval[string](p, `document.title`); got == "owned" {
				t.Errorf("%s: what was written runs", path)
			}
			for _, a := range eval[[]string](p, `performance.getEntriesByType("resource").map((e) => e.name)`) {
				if !strings.HasPrefix(a, s.URL) && !strings.HasPrefix(a, "data:") {
					t.Errorf("%s asks for %s", path, a)
				}
			}
			if !eval[bool](p, `document.documentElement.scrollWidth <= innerWidth`) && !consoletest.IsReport(path) {
				t.Errorf("%s is wider than %d: %s", path, width, eval[string](p, `[...document.querySelectorAll("body *")]
					.filter((e) => e.scrollWidth > innerWidth).map((e) => e.outerHTML.slice(0, 150)).join("\n")`))
			}
			// The colours behind what is typed are of the very text that is typed.
			eval[int](p, `[...document.querySelectorAll(".ask-paint")].map((e) => e.remove()).length`)
			if seen := eval[string](p, `document.body.innerText`); strings.ContainsAny(seen, "\u202e\u2066\u200b") {
				t.Errorf("%s shows what turns or hides text: %.300q", path, seen)
			}
		}
	}
}
