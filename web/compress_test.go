package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// plainly asks without net/http's own decompression.
func plainly(t *testing.T, address string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// TestCompression: pages, tables and assets come compressed to who takes it, and
// unpacked they are what others get; original bytes come as they are.
func TestCompression(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "many.json", consoletest.Many(60, 3))
	css := ""
	for _, link := range consoletest.CheckPage(t, "/findings", s.Get(t, "/findings").Body) {
		if strings.HasSuffix(link, ".css") {
			css = link
		}
	}
	for path, packed := range map[string]bool{"/findings": true, "/findings.csv": true, "/rules": true, css: css != "",
		"/events/1/raw": false, "/healthz": false} {
		if path == "" {
			continue
		}
		plain, body := plainly(t, s.URL+path)
		if plain.Header.Get("Content-Encoding") != "" || !strings.Contains(plain.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: %v without being asked for", path, plain.Header)
		}
		zipped, small := plainly(t, s.URL+path, "Accept-Encoding", "gzip")
		if got := zipped.Header.Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("%s: compressed %v, want %v", path, got, packed)
		}
		for _, h := range []string{"Cache-Control", "Content-Type", "Content-Security-Policy"} {
			if plain.Header.Get(h) != zipped.Header.Get(h) {
				t.Errorf("%s: %s is %q and compressed %q", path, h, plain.Header.Get(h), zipped.Header.Get(h))
			}
		}
		if !packed {
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(string(small)))
		if err != nil {
			t.Fatal(path, err)
		}
		whole, err := io.ReadAll(z)
		if err != nil || len(small) >= len(body) || path != "/findings" && path != "/rules" && string(whole) != string(body) {
			t.Errorf("%s: %d bytes, packed %d, unpacked %d, %v", path, len(body), len(small), len(whole), err)
		}
	}
}
