package handlers_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

func TestUploadByProgram(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	line := consoletest.Change("web01", 1, consoletest.Noon, "/a")
	ids := s.Upload(t, []string{"zone", "UTC", "computer", ""}, consoletest.Log("one.json", line),
		consoletest.Log(`..\évil "x".log`, line), consoletest.Log("image.png", []byte("\x89PNG\r\n\x1a\n")))
	var counts []string
	for _, id := range ids {
		i := s.Until(t, id, consoletest.Ended)
		counts = append(counts, fmt.Sprintf("%s %d %d", i.Status, i.Read, i.Rejected))
	}
	if got := strings.Join(counts, ", "); got != "done 1 0, done 1 0, failed 0 0" {
		t.Errorf("imports came to %q", counts)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(s.Get(t, "/imports/"+ids[0], "Accept", consoletest.JSON).Body), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"id": 1.0, "name": "one.json", "size": float64(len(line)),
		"format": "nxlog-json", "status": "done",
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
	if left := s.Spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
}

func TestUploadByBrowser(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		files []consoletest.File
		to    string
	}{
		{[]consoletest.File{consoletest.Log("a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))}, "/imports/1"},
		{[]consoletest.File{consoletest.Log("b.json", consoletest.Change("web01", 2, consoletest.Noon, "/b")),
			consoletest.Log("c.json", consoletest.Change("web01", 3, consoletest.Noon, "/c"))}, "/imports"},
	} {
		body, kind := consoletest.Multi(t, []string{"zone", "Europe/Berlin", "computer", "x"}, c.files...)
		a := s.Do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept", accept)
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != c.to {
			t.Errorf("%d files: status %d to %q, want 303 to %s", len(c.files), a.Status, a.Header.Get("Location"), c.to)
		}
		s.Get(t, a.Header.Get("Location"))
	}
}

func TestUploadZoneAndComputer(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	id := s.Upload(t, []string{"zone", "Asia/Kolkata", "computer", "Web09"}, consoletest.Log("a.json",
		consoletest.Change("", 1, consoletest.Noon, "/a")))[0]
	if i := s.Until(t, id, consoletest.Ended); i.Status != "done" {
		t.Fatalf("%+v", i)
	}
	got := s.Get(t, "/findings.csv").Body
	if !strings.Contains(got, `"Web09"`) || !strings.Contains(got, "2026-03-02T06:30:00") {
		t.Errorf("findings\n%s\nwant one of Web09 at 06:30 UTC", got)
	}
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	s := consoletest.Start(t, filepath.Join(t.TempDir(), "test.db"), 1<<20)
	line := consoletest.Change("web01", 1, consoletest.Noon, "/a")
	big := make([]byte, 2<<20)
	for _, c := range []struct {
		name    string
		fields  []string
		files   []consoletest.File
		chunked bool
		kind    string
		status  int
		says    string
	}{
		{name: "no file", status: 400, says: "No file was chosen"},
		{name: "an empty choice", files: []consoletest.File{consoletest.Log("", nil)}, status: 400,
			says: "No file was chosen"},
		{name: "unknown zone", fields: []string{"zone", "Mars/Olympus"}, files: []consoletest.File{consoletest.Log("a",
			line)}, status: 400, says: "no time zone"},
		{name: "long field", fields: []string{"computer", strings.Repeat("x", 5000)},
			files: []consoletest.File{consoletest.Log("a", line)}, status: 400, says: "longer than"},
		{name: "no form", files: []consoletest.File{consoletest.Log("a", line)},
			kind: "application/x-www-form-urlencoded", status: 400, says: "multipart/form-data"},
		{name: "too large", files: []consoletest.File{consoletest.Log("a", big)}, status: 413, says: "--max-upload"},
		{name: "too large, length not said", files: []consoletest.File{consoletest.Log("a", big)}, chunked: true,
			status: 413, says: "--max-upload"},
		{name: "too large together", files: []consoletest.File{consoletest.Log("a", big[:600<<10]), consoletest.Log("b",
			big[:600<<10])}, chunked: true, status: 413, says: "--max-upload"},
	} {
		t.Run(c.name, func(t *testing.T) {
			form, kind := consoletest.Multi(t, c.fields, c.files...)
			var body io.Reader = form
			if c.chunked {
				body = io.MultiReader(form) // hides the length
			}
			if c.kind != "" {
				kind = c.kind
			}
			a := s.Do(t, http.MethodPost, "/imports", body, "Content-Type", kind, "Accept", consoletest.JSON)
			var got struct{ Error string }
			if err := json.Unmarshal([]byte(a.Body), &got); err != nil || a.Status != c.status ||
				!strings.Contains(got.Error, c.says) {
				t.Errorf("status %d, %v, %q; want %d and %q", a.Status, err, a.Body, c.status, c.says)
			}
			if left := s.Spooled(t); len(left) > 0 {
				t.Errorf("left in the spool: %q", left)
			}
		})
	}
}

// TestUploadFieldsBehind: the fields of a form that begins with a file hold for
// it wherever they stand, and a form that is refused leaves none of its files.
// One that begins with a field says what it has taken.
func TestUploadFieldsBehind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		parts  []string // a field and its value, or "file" and a computer
		status int
		says   string
		found  string // of the findings, in order of hosts
	}{
		{"behind", []string{"file", "", "zone", "Asia/Kolkata", "computer", "Web09"}, 202, "",
			"Web09 2026-03-02T06:30:00"},
		{"between", []string{"file", "web01", "zone", "Asia/Kolkata", "file", "web02"}, 202, "",
			"web01 2026-03-02T06:30:00 web02 2026-03-02T06:30:00"},
		{"wrong", []string{"file", "web01", "file", "web02", "zone", "Mars/Olympus"}, 400, "no time zone", ""},
		{"on both sides", []string{"computer", "", "file", "web01", "file", "web02", "zone", "Asia/Kolkata"}, 400,
			"field zone came after a file, in a form that begins with fields. 2 of its files went in without it",
			"web01 2026-03-02T12:00:00 web02 2026-03-02T12:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := consoletest.New(t)
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			for i := 0; i < len(c.parts); i += 2 {
				var err error
				if value := c.parts[i+1]; c.parts[i] != "file" {
					err = w.WriteField(c.parts[i], value)
				} else if part, e := w.CreateFormFile("file", "a.json"); e != nil {
					err = e
				} else {
					_, err = part.Write(consoletest.Change(value, 1, consoletest.Noon, "/a"))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			a := s.Do(t, http.MethodPost, "/imports", &body, "Content-Type", w.FormDataContentType(), "Accept",
				consoletest.JSON)
			if a.Status != c.status || !strings.Contains(a.Body, c.says) {
				t.Errorf("status %d, %s; want %d and %q", a.Status, a.Body, c.status, c.says)
			}
			consoletest.Poll(t, func() bool { return len(s.Spooled(t)) == 0 })
			table, err := csv.NewReader(strings.NewReader(s.Get(t, "/findings.csv").Body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			dest, first := slices.Index(table[0], "dest"), slices.Index(table[0], "firstTime")
			for _, row := range table[1:] {
				got = append(got, row[dest]+" "+row[first])
			}
			slices.Sort(got)
			if got := strings.Join(got, " "); got != c.found {
				t.Errorf("found %q, want %q", got, c.found)
			}
		})
	}
}

// TestUploadRefusedAtOnce: a length over the limit is answered before any of
// the body was sent.
func TestUploadRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s := consoletest.Start(t, filepath.Join(t.TempDir(), "test.db"), 1<<20)
	conn := dial(t, s)
	fmt.Fprintf(conn,
		"POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n", 9<<30)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge || len(s.Spooled(t)) > 0 {
		t.Errorf("status %d, spool %q", resp.StatusCode, s.Spooled(t))
	}
}

func dial(t testing.TB, s *consoletest.Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestUploadBreaksOff: a browser that goes away in the middle leaves neither a
// file nor an import behind.
func TestUploadBreaksOff(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	form, kind := consoletest.Multi(t, nil, consoletest.Log("a.json", consoletest.Bulk(2000)))
	conn := dial(t, s)
	fmt.Fprintf(conn, "POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		kind, form.Len())
	if _, err := conn.Write(form.Bytes()[:form.Len()/2]); err != nil {
		t.Fatal(err)
	}
	consoletest.Poll(t, func() bool { return len(s.Spooled(t)) == 1 })
	conn.Close()
	consoletest.Poll(t, func() bool { return len(s.Spooled(t)) == 0 })
	if a := s.Do(t, http.MethodGet, "/imports/1", nil); a.Status != http.StatusNotFound {
		t.Errorf("import 1: status %d, want none", a.Status)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	interrupt(t, cancel)
}

// cancel cancels an import that runs and one that waits, and says whether it
// came in time.
func cancel(t *testing.T, events int) bool {
	s := consoletest.Start(t, filepath.Join(t.TempDir(), "test.db"), 0)
	data := consoletest.Gzipped(t, consoletest.Bulk(events)) // quick to send, long to read
	ids := s.Upload(t, nil, consoletest.Log("a", data), consoletest.Log("b", data), consoletest.Log("c",
		consoletest.Change("web01", 1, consoletest.Noon, "/a")))
	// Two run at a time: the last waits for one of them.
	for _, id := range []string{ids[2], ids[0]} {
		a := s.Post(t, "/imports/"+id+"/cancel", nil, "Cookie", "author=anna")
		i := s.Until(t, id, consoletest.Ended)
		if i.Status == "done" {
			return false
		}
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/imports/"+id || i.Status != "cancelled" {
			t.Errorf("cancel %s: status %d to %q, import %+v", id, a.Status, a.Header.Get("Location"), i)
		}
	}
	if i := s.Until(t, ids[1], consoletest.Ended); i.Status != "done" || i.Read != int64(events) {
		t.Errorf("the one beside it: %+v", i)
	}
	for i, row := range told(t, s, "cancelled") { // the first one may not have begun
		if id := []string{ids[2], ids[0]}[i]; !strings.HasPrefix(row, "anna|import "+id+"|status|") ||
			!strings.HasSuffix(row, "|cancelled|127.0.0.1") {
			t.Errorf("the audit trail tells of %q", row)
		}
	}
	if n := len(told(t, s, "cancelled")); n != 2 {
		t.Errorf("the audit trail tells of %d imports that were cancelled", n)
	}
	if got := s.Get(t, "/findings.csv").Body; strings.Contains(got, "web01") {
		t.Errorf("what was cancelled before it began is in:\n%s", got)
	}
	for id, want := range map[string]int{ids[0]: 409, ids[1]: 409, "99": 404, "x": 404} {
		if a := s.Post(t, "/imports/"+id+"/cancel", nil); a.Status != want {
			t.Errorf("cancel %s when it has ended: status %d, want %d", id, a.Status, want)
		}
	}
	if left := s.Spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
	// The file again adds what is missing, and nothing twice.
	if i := s.Load(t, "a", data); i.New != 0 || i.Duplicate != int64(events) {
		t.Errorf("again: %+v", i)
	}
	return true
}

// TestRestart: an import that a graceful stop interrupts goes on when the
// console starts again, and comes to the same.
func TestRestart(t *testing.T) {
	t.Parallel()
	interrupt(t, restart)
}

// restart stops the console while it imports, starts it again, and says whether
// it came in time.
func restart(t *testing.T, events int) bool {
	data := consoletest.Bulk(events)
	path := filepath.Join(t.TempDir(), "test.db")
	first := consoletest.Start(t, path, 0)
	id := first.Upload(t, nil, consoletest.Log("a", data))[0]
	seen := first.Until(t, id, func(i consoletest.Imported) bool { return i.Read > 0 })
	first.Stop()
	if seen.Status != "running" {
		return false
	}
	other := consoletest.New(t)
	other.Load(t, "a", data)
	want := other.Get(t, "/findings.csv").Body + other.Get(t, "/risk.csv").Body
	second := consoletest.Start(t, path, 0)
	i := second.Until(t, id, consoletest.Ended)
	if i.Status != "done" || i.Read != int64(events) || i.New != int64(events) || i.Duplicate != 0 {
		t.Errorf("after a stop at %d: %+v", seen.Read, i)
	}
	if got := second.Get(t, "/findings.csv").Body + second.Get(t, "/risk.csv").Body; got != want {
		t.Error("the tables differ from those of an undisturbed import")
	}
	if left := second.Spooled(t); len(left) > 0 {
		t.Errorf("left in the spool: %q", left)
	}
	return true
}

func TestDemoButton(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	a := s.Post(t, "/demo", url.Values{})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	for _, id := range []string{"1", "2", "3"} {
		if i := s.Until(t, id, consoletest.Ended); i.Status != "done" || i.Rejected != 0 {
			t.Errorf("%+v", i)
		}
	}
	if got := s.Get(t, "/risk.csv").Body; !strings.Contains(got, "exch01.corp.example") {
		t.Errorf("risk\n%s", got)
	}
}

// interrupt imports more and more events until what interrupts the import comes
// in time.
func interrupt(t *testing.T, inTime func(t *testing.T, events int) bool) {
	t.Helper()
	for events := 2500; events <= 320_000; events *= 2 {
		if inTime(t, events) {
			return
		}
	}
	t.Fatal("an import is always over before it can be interrupted")
}
