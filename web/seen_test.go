package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
	"escutcheon/web"
	"escutcheon/wire"
)

// replyTo is the status, headers and body that a request is answered with.
func replyTo(t *testing.T, method, url string, headers ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, a.Header, string(body)
}

// metric is a line of the text format of Prometheus.
var metric = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*="(\\.|[^"\\])*"(, ?[a-zA-Z_]\w*="(\\.|[^"\\])*")*\})? ` +
	`[-+]?[0-9.eE+-]+$|^[a-zA-Z_:]\S* NaN$`)

func TestMetrics(t *testing.T) {
	s := consoletest.New(t)
	s.Load(t, "x.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	for range 2 {
		s.Get(t, "/hosts/web01?q=secret")
	}
	for _, path := range []string{"/hosts/secret%22%0a", "/no/secret", "/events/secret"} {
		s.Do(t, http.MethodGet, path, nil)
	}
	s.Do(t, "SECRET", "/hosts/web01", nil)
	a := s.Get(t, "/metrics")
	for _, want := range []string{"# TYPE escutcheon_http_requests_total counter",
		`escutcheon_http_requests_total{method="GET",route="/hosts/:dest",status="200"} 2`,
		`escutcheon_http_requests_total{method="GET",route="/hosts/:dest",status="404"} 1`,
		`escutcheon_http_requests_total{method="other",route="none",status="405"} 1`,
		`escutcheon_http_request_duration_seconds_count{route="/hosts/:dest"} 3`,
		`escutcheon_http_request_duration_seconds_bucket{route="/hosts/:dest",le="+Inf"} 3`,
		`escutcheon_imports{status="queued"} 0`, `escutcheon_imports{status="running"} 0`, "escutcheon_events 1",
		"escutcheon_hosts 1", "escutcheon_findings 1", "go_goroutines "} {
		if !strings.Contains("\n"+a.Body, "\n"+want) {
			t.Errorf("no %q", want)
		}
	}
	size := regexp.MustCompile(`(?m)^escutcheon_database_bytes \d{4,}$`)
	if strings.Contains(strings.ToLower(a.Body), "secret") || !size.MatchString(a.Body) {
		t.Error(a.Body)
	}
	for line := range strings.Lines(a.Body) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "#") && !metric.MatchString(line) {
			t.Errorf("no line of Prometheus: %q", line)
		}
	}
	at := consoletest.Noon
	counted := web.New(s.Pages, slog.New(slog.DiscardHandler),
		wire.Rules{Limits: &wire.Limits{Rate: 0.5, Loopback: true, Now: func() time.Time { return at }}})
	var numbers string
	for _, path := range []string{"/healthz", "/healthz", "/healthz", "/notes/preview", "/metrics"} {
		r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
		if r.RemoteAddr = "127.0.0.1:1"; path == "/notes/preview" {
			r.Method = http.MethodPost
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		if path != "/healthz" {
			at = at.Add(time.Hour)
		}
		counted.ServeHTTP(w, r)
		numbers = w.Body.String()
	}
	for _, want := range []string{`{method="GET",route="none",status="429"} 1`, `{method="POST",route="none",status="403"} 1`} {
		if !strings.Contains(numbers, "\nescutcheon_http_requests_total"+want+"\n") {
			t.Errorf("no %q in %s", want, numbers)
		}
	}
	var rules wire.Rules
	if err := rules.Proxies.Add("127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := replyTo(t, "GET", under(t, s, rules).URL+"/metrics", "Accept", consoletest.JSON); status != 403 {
		t.Errorf("behind a proxy, without accounts: %d", status)
	}
	r, w := httptest.NewRequest("GET", "/metrics", nil), httptest.NewRecorder()
	r.RemoteAddr = "192.0.2.1:1"
	web.New(s.Pages, slog.New(slog.DiscardHandler), wire.Rules{}).ServeHTTP(w, r)
	if w.Code != 403 {
		t.Errorf("from elsewhere, without accounts: %d", w.Code)
	}
}

func TestReady(t *testing.T) {
	s := consoletest.New(t)
	if a := s.Get(t, "/readyz"); a.Body != "ok\n" {
		t.Errorf("%q", a.Body)
	}
	var stopping atomic.Bool
	pages := *s.Pages
	pages.Stopping = stopping.Load
	srv := httptest.NewServer(web.New(&pages, slog.New(slog.DiscardHandler), wire.Rules{}))
	defer srv.Close()
	if status, _, body := replyTo(t, "GET", srv.URL+"/readyz"); status != 200 {
		t.Error(status, body)
	}
	stopping.Store(true)
	if status, _, body := replyTo(t, "GET", srv.URL+"/readyz"); status != 503 || body != "the server stops\n" {
		t.Error(status, body)
	}
	stopping.Store(false)
	pages.Safe = true
	if status, _, body := replyTo(t, "GET", srv.URL+"/readyz"); status != 503 || !strings.Contains(body, "--safe") {
		t.Error(status, body)
	}
}

// TestRequestIDs: each answer has the id that the log's lines have; a proxy that is
// believed may give one that stands in a line.
func TestRequestIDs(t *testing.T) {
	s := consoletest.New(t)
	var lines bytes.Buffer
	log := slog.New(wire.LogIDs(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})))
	var proxied wire.Rules
	if err := proxied.Proxies.Add("127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rules wire.Rules
		sent  string
		taken bool
	}{{proxied, "abc-1.2_3", true}, {proxied, "a b", false}, {proxied, strings.Repeat("x", 65), false},
		{proxied, "", false}, {wire.Rules{}, "abc-1.2_3", false}} {
		lines.Reset()
		srv := httptest.NewServer(web.New(s.Pages, log, c.rules))
		_, h, _ := replyTo(t, "GET", srv.URL+"/healthz", "X-Request-Id", c.sent)
		srv.Close()
		id := h.Get("X-Request-Id")
		if (id == c.sent) != c.taken || len(id) < 9 {
			t.Errorf("%q was answered with %q", c.sent, id)
		}
		if !strings.Contains(lines.String(), "path=/healthz") || !strings.Contains(lines.String(), "request="+id) {
			t.Errorf("%q is in no line of %s", id, &lines)
		}
	}
}
