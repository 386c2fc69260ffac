package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// rows reads CSV, with what every table of the console promises.
func rows(t testing.TB, a answer) [][]string {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "text/csv; charset=utf-8" {
		t.Errorf("Content-Type %q", kind)
	}
	if strings.HasPrefix(a.body, "\ufeff") || !strings.HasSuffix(a.body, "\r\n") {
		t.Errorf("a byte order mark, or no line end: %.40q", a.body)
	}
	out, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, a.body)
	}
	return out
}

// page parses a page.
func page(t testing.TB, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// find returns the elements that want.
func find(n *html.Node, want func(*html.Node) bool) (out []*html.Node) {
	for e := range n.Descendants() {
		if e.Type == html.ElementNode && want(e) {
			out = append(out, e)
		}
	}
	return out
}

func named(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return attr(n, "name") == name }
}

func text(n *html.Node) string {
	var b strings.Builder
	for e := range n.Descendants() {
		if e.Type == html.TextNode {
			b.WriteString(e.Data)
		}
	}
	return b.String()
}

func TestNotes(t *testing.T) {
	s := newServer(t)
	s.load(t, "a.json", change("Web01", 1, noon, "/a"))
	findingID := s.findingIDs(t)[0]

	// Add: one on the host, one on its finding.
	a := s.post(t, "/hosts/web01/notes", url.Values{"author": {"First shift"}, "text": {"first\r\nline"}})
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/hosts/web01#note-1" {
		t.Fatalf("status %d to %q", a.status, a.header.Get("Location"))
	}
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	if !strings.Contains(a.header.Get("Set-Cookie"), "HttpOnly") {
		t.Errorf("Set-Cookie %q", a.header.Get("Set-Cookie"))
	}
	if a = s.post(t, "/hosts/WEB01./notes", url.Values{"text": {"=second"}, "finding": {findingID}}, "Cookie", cookie); a.status != http.StatusSeeOther {
		t.Fatalf("a note signed by the cookie: %d %s", a.status, a.body)
	}
	checkNotes(t, s, []string{"1", "web01", "", "First shift", "1", "first\nline"}, []string{"2", "web01", findingID, "First shift", "1", "'=second"})

	// Edit, and an edit of what the form of revision 1 still shows.
	edit := page(t, s.get(t, "/notes/1/edit", "Cookie", cookie).body)
	if got := text(find(edit, named("text"))[0]); strings.TrimPrefix(got, "\n") != "first\nline" {
		t.Errorf("the form holds %q", got)
	}
	revision := attr(find(edit, named("revision"))[0], "value")
	if a = s.post(t, "/notes/1", url.Values{"author": {"Night shift"}, "revision": {revision}, "text": {"second text"}}); a.status != http.StatusSeeOther {
		t.Fatalf("edit: %d %s", a.status, a.body)
	}
	a = s.post(t, "/notes/1", url.Values{"author": {"First shift"}, "revision": {revision}, "text": {"<b>my draft</b>"}})
	checkConflict(t, s, a)
	checkNotes(t, s, []string{"1", "web01", "", "First shift", "2", "second text"}, []string{"2", "web01", findingID, "First shift", "1", "'=second"})

	// Delete: a stale one changes nothing; then it is struck out, its history stays.
	if a = s.post(t, "/notes/1/delete", url.Values{"author": {"First shift"}, "revision": {"1"}}); a.status != http.StatusConflict {
		t.Errorf("stale delete: status %d", a.status)
	}
	if a = s.post(t, "/notes/1/delete", url.Values{"author": {"First shift"}, "revision": {"2"}}); a.status != http.StatusSeeOther {
		t.Fatalf("delete: %d %s", a.status, a.body)
	}
	checkNotes(t, s, []string{"2", "web01", findingID, "First shift", "1", "'=second"})
	host := s.get(t, "/hosts/web01").body
	for _, want := range []string{"<del", "second text", "first", "deleted by First shift", "edited by Night shift", "written by First shift"} {
		if !strings.Contains(strings.Join(strings.Fields(host), " "), want) {
			t.Errorf("the host's page does not show %q", want)
		}
	}
	for path, form := range map[string]url.Values{"/notes/1": {"author": {"A"}, "revision": {"3"}, "text": {"x"}}, "/notes/1/delete": {"author": {"A"}, "revision": {"3"}}} {
		if a = s.post(t, path, form); a.status != http.StatusConflict {
			t.Errorf("POST %s of a deleted note: status %d", path, a.status)
		}
	}
}

// checkNotes compares /notes.csv, and the host's own, without the times.
func checkNotes(t *testing.T, s *server, want ...[]string) {
	t.Helper()
	for _, path := range []string{"/notes.csv", "/hosts/web01/notes.csv", "/notes.csv?dest=WEB01"} {
		got := rows(t, s.get(t, path))
		if head := strings.Join(got[0], ","); head != "note_id,dest,finding,author,created,edited,revision,note" {
			t.Errorf("%s: header %s", path, head)
		}
		for i := range got {
			got[i] = append(got[i][:4:4], got[i][6:]...)
		}
		if fmt.Sprint(got[1:]) != fmt.Sprint(want) {
			t.Errorf("%s: %q, want %q", path, got[1:], want)
		}
	}
	if got := rows(t, s.get(t, "/notes.csv?dest=other")); len(got) != 1 {
		t.Errorf("notes of another host: %q", got)
	}
}

// checkConflict: the answer to a stale edit shows both texts and keeps the
// draft in a form that saves over what stands now.
func checkConflict(t *testing.T, s *server, a answer) {
	t.Helper()
	if a.status != http.StatusConflict {
		t.Fatalf("stale edit: status %d", a.status)
	}
	checkPage(t, "/notes/1", a.body)
	doc := page(t, a.body)
	draft := find(doc, func(n *html.Node) bool { return n.Data == "textarea" && attr(n, "name") == "text" })
	if len(draft) != 1 || strings.TrimPrefix(text(draft[0]), "\n") != "<b>my draft</b>" {
		t.Errorf("the draft is not in the page")
	}
	if !strings.Contains(text(doc), "second text") {
		t.Error("what stands now is not in the page")
	}
	if r := attr(find(doc, named("revision"))[0], "value"); r != "2" {
		t.Errorf("the form would save over revision %s, want 2", r)
	}
	a = s.post(t, "/notes/1", url.Values{"author": {"First shift"}, "revision": {"1"}, "text": {"x"}}, "Accept", asJSON)
	var got struct{ Error string }
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusConflict || got.Error == "" {
		t.Errorf("a program's stale edit: status %d %s", a.status, a.body)
	}
}

func TestNotesRefused(t *testing.T) {
	s := newServer(t)
	s.load(t, "a.json", change("web01", 1, noon, "/a"))
	for _, c := range []struct {
		name, path string
		form       url.Values
		status     int
	}{
		{"no author", "/hosts/web01/notes", url.Values{"text": {"kept draft"}}, 400},
		{"no text", "/hosts/web01/notes", url.Values{"author": {"kept author"}, "text": {" \n"}}, 400},
		{"long author", "/hosts/web01/notes", url.Values{"author": {strings.Repeat("x", 5000)}, "text": {"kept draft"}}, 400},
		{"a finding of no host", "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"kept draft"}, "finding": {"none"}}, 400},
		{"a host that no log names", "/hosts/web99/notes", url.Values{"author": {"a"}, "text": {"b"}}, 404},
		{"larger than a form may be", "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {strings.Repeat("x", 2<<20)}}, 413},
		{"no revision", "/notes/1", url.Values{"author": {"a"}, "text": {"b"}}, 400},
		{"no such note", "/notes/7", url.Values{"author": {"a"}, "text": {"b"}, "revision": {"1"}}, 404},
	} {
		a := s.post(t, c.path, c.form)
		if a.status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, a.status, c.status)
		}
		if draft := c.form.Get("text"); draft == "kept draft" && !strings.Contains(a.body, draft) {
			t.Errorf("%s: the draft is lost", c.name)
		}
	}
	if got := rows(t, s.get(t, "/notes.csv")); len(got) != 1 {
		t.Errorf("notes %q", got)
	}
}

// findingIDs are the ids of the findings on the first page of their list.
func (s *server) findingIDs(t testing.TB) (out []string) {
	t.Helper()
	for _, n := range find(page(t, s.get(t, "/findings").body), func(n *html.Node) bool { return strings.HasPrefix(attr(n, "href"), "/findings/") }) {
		out = append(out, strings.TrimPrefix(attr(n, "href"), "/findings/"))
	}
	if len(out) == 0 {
		t.Fatal("no findings")
	}
	return out
}
