package web_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

func TestUploadByProgram(t *testing.T) {
	s := newServer(t)
	line := change("web01", 1, noon, "/a")
	ids := s.upload(t, []string{"zone", "UTC", "computer", ""}, file{"one.json", line}, file{`..\évil "x".log`, line}, file{"image.png", []byte("\x89PNG\r\n\x1a\n")})
	var counts []string
	for _, id := range ids {
		i := s.until(t, id, ended)
		counts = append(counts, fmt.Sprintf("%s %d %d", i.Status, i.Read, i.Rejected))
	}
	if got := strings.Join(counts, ", "); got != "done 1 0, done 1 0, failed 0 0" {
		t.Errorf("imports came to %q", counts)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(s.get(t, "/imports/"+ids[0], "Accept", asJSON).body), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"id": 1.0, "name": "one.json", "size": float64(len(line)), "format": "nxlog-json", "status": "done",
		"read": 1.0, "rejected": 0.0} {
		if got[key] != want {
			t.Errorf("%s is %v (%[2]T), want %v", key, got[key], want)
		}
	}
	for _, key := range []string{"sha256", "new", "duplicate"} {
		if _, ok := got[key]; !ok {
			t.Errorf("no %s in %v", key, got)
		}
	}
	if left := s.spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
}

func TestUploadByBrowser(t *testing.T) {
	s := newServer(t)
	const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		files []file
		to    string
	}{
		{[]file{{"a.json", change("web01", 1, noon, "/a")}}, "/imports/1"},
		{[]file{{"b.json", change("web01", 2, noon, "/b")}, {"c.json", change("web01", 3, noon, "/c")}}, "/imports"},
	} {
		body, kind := multi(t, []string{"zone", "Europe/Berlin", "computer", "x"}, c.files...)
		a := s.do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept", accept)
		if a.status != http.StatusSeeOther || a.header.Get("Location") != c.to {
			t.Errorf("%d files: status %d to %q, want 303 to %s", len(c.files), a.status, a.header.Get("Location"), c.to)
		}
		s.get(t, a.header.Get("Location"))
	}
}

func TestUploadZoneAndComputer(t *testing.T) {
	s := newServer(t)
	id := s.upload(t, []string{"zone", "Asia/Kolkata", "computer", "Web09"}, file{"a.json", change("", 1, noon, "/a")})[0]
	if i := s.until(t, id, ended); i.Status != "done" {
		t.Fatalf("%+v", i)
	}
	got := s.get(t, "/findings.csv").body
	if !strings.Contains(got, ",Web09,") || !strings.Contains(got, "2026-03-02T06:30:00") {
		t.Errorf("findings\n%s\nwant one of Web09 at 06:30 UTC", got)
	}
}

func TestUploadRefused(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "test.db"), 1<<20)
	line := change("web01", 1, noon, "/a")
	big := make([]byte, 2<<20)
	for _, c := range []struct {
		name    string
		fields  []string
		files   []file
		chunked bool
		kind    string
		status  int
		says    string
	}{
		{name: "no file", status: 400, says: "No file was chosen"},
		{name: "an empty choice", files: []file{{"", nil}}, status: 400, says: "No file was chosen"},
		{name: "unknown zone", fields: []string{"zone", "Mars/Olympus"}, files: []file{{"a", line}}, status: 400, says: "no time zone"},
		{name: "long field", fields: []string{"computer", strings.Repeat("x", 5000)}, files: []file{{"a", line}}, status: 400, says: "longer than"},
		{name: "no form", files: []file{{"a", line}}, kind: "application/x-www-form-urlencoded", status: 400, says: "multipart/form-data"},
		{name: "too large", files: []file{{"a", big}}, status: 413, says: "--max-upload"},
		{name: "too large, length not said", files: []file{{"a", big}}, chunked: true, status: 413, says: "--max-upload"},
		{name: "too large together", files: []file{{"a", big[:600<<10]}, {"b", big[:600<<10]}}, chunked: true, status: 413, says: "--max-upload"},
	} {
		t.Run(c.name, func(t *testing.T) {
			form, kind := multi(t, c.fields, c.files...)
			var body io.Reader = form
			if c.chunked {
				body = io.MultiReader(form) // hides the length
			}
			if c.kind != "" {
				kind = c.kind
			}
			a := s.do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept", asJSON)
			var got struct{ Error string }
			if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != c.status || !strings.Contains(got.Error, c.says) {
				t.Errorf("status %d, %v, %q; want %d and %q", a.status, err, a.body, c.status, c.says)
			}
			if c.name != "too large together" { // its first file went in whole
				if left := s.spooled(t); len(left) > 0 {
					t.Errorf("left in the spool: %q", left)
				}
			}
		})
	}
}

// TestUploadRefusedAtOnce: a length over the limit is answered before any of
// the body was sent.
func TestUploadRefusedAtOnce(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "test.db"), 1<<20)
	conn := dial(t, s)
	fmt.Fprintf(conn, "POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n", 9<<30)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge || len(s.spooled(t)) > 0 {
		t.Errorf("status %d, spool %q", resp.StatusCode, s.spooled(t))
	}
}

func dial(t testing.TB, s *server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestUploadBreaksOff: a browser that goes away in the middle leaves neither a
// file nor an import behind.
func TestUploadBreaksOff(t *testing.T) {
	s := newServer(t)
	form, kind := multi(t, nil, file{"a.json", bulk(2000)})
	conn := dial(t, s)
	fmt.Fprintf(conn, "POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", kind, form.Len())
	if _, err := conn.Write(form.Bytes()[:form.Len()/2]); err != nil {
		t.Fatal(err)
	}
	poll(t, func() bool { return len(s.spooled(t)) == 1 })
	conn.Close()
	poll(t, func() bool { return len(s.spooled(t)) == 0 })
	if a := s.do(t, http.MethodGet, "/imports/1", nil); a.status != http.StatusNotFound {
		t.Errorf("import 1: status %d, want none", a.status)
	}
}

func TestCancel(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "test.db"), 0)
	events := interruptible()
	data := gzipped(t, bulk(events)) // quick to send, long to read
	ids := s.upload(t, nil, file{"a", data}, file{"b", data}, file{"c", change("web01", 1, noon, "/a")})
	// Two run at a time: the last waits for one of them.
	for _, id := range []string{ids[2], ids[0]} {
		if a := s.post(t, "/imports/"+id+"/cancel", nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/imports/"+id {
			t.Errorf("cancel %s: status %d to %q", id, a.status, a.header.Get("Location"))
		}
		if i := s.until(t, id, ended); i.Status != "cancelled" {
			t.Errorf("import %s: %+v", id, i)
		}
	}
	if i := s.until(t, ids[1], ended); i.Status != "done" || i.Read != int64(events) {
		t.Errorf("the one beside it: %+v", i)
	}
	if got := s.get(t, "/findings.csv").body; strings.Contains(got, "web01") {
		t.Errorf("what was cancelled before it began is in:\n%s", got)
	}
	for id, want := range map[string]int{ids[0]: 409, ids[1]: 409, "99": 404, "x": 404} {
		if a := s.post(t, "/imports/"+id+"/cancel", nil); a.status != want {
			t.Errorf("cancel %s when it has ended: status %d, want %d", id, a.status, want)
		}
	}
	if left := s.spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
	// The file again adds what is missing, and nothing twice.
	if i := s.load(t, "a", data); i.New != 0 || i.Duplicate != int64(events) {
		t.Errorf("again: %+v", i)
	}
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestRestart: an import that a graceful stop interrupts goes on when the
// console starts again, and comes to the same.
func TestRestart(t *testing.T) {
	events := interruptible()
	data := bulk(events)
	other := newServer(t)
	other.load(t, "a", data)
	want := other.get(t, "/findings.csv").body + other.get(t, "/risk.csv").body

	path := filepath.Join(t.TempDir(), "test.db")
	first := start(t, path, 0)
	id := first.upload(t, nil, file{"a", data})[0]
	seen := first.until(t, id, func(i imported) bool { return i.Read > 0 })
	first.stop()
	if seen.Status != "running" {
		t.Fatalf("it was over before it could be interrupted: %+v", seen)
	}
	second := start(t, path, 0)
	i := second.until(t, id, ended)
	if i.Status != "done" || i.Read != int64(events) || i.New != int64(events) || i.Duplicate != 0 {
		t.Errorf("after a stop at %d: %+v", seen.Read, i)
	}
	if got := second.get(t, "/findings.csv").body + second.get(t, "/risk.csv").body; got != want {
		t.Error("the tables differ from those of an undisturbed import")
	}
	if left := second.spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
}

func TestDemoButton(t *testing.T) {
	s := newServer(t)
	a := s.post(t, "/demo", url.Values{})
	if a.status != http.StatusSeeOther {
		t.Fatalf("status %d", a.status)
	}
	for _, id := range []string{"1", "2", "3"} {
		if i := s.until(t, id, ended); i.Status != "done" || i.Rejected != 0 {
			t.Errorf("%+v", i)
		}
	}
	if got := s.get(t, "/risk.csv").body; !strings.Contains(got, "exch01.corp.example") {
		t.Errorf("risk\n%s", got)
	}
}

// interruptible is how many events take long enough to be interrupted in; with
// the race detector, which -short goes with, fewer do.
func interruptible() int {
	if testing.Short() {
		return 10000
	}
	return 40000
}
