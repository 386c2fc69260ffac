package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
	"golang.org/x/net/html"
)

func TestNotes(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("Web01", 1, consoletest.Noon, "/a"))
	findingID := s.FindingIDs(t)[0]

	// Add: one on the host, one on its finding.
	a := s.Post(t, "/hosts/web01/notes", url.Values{"author": {"First shift"}, "text": {"first\r\nline"}})
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/hosts/web01#note-1" {
		t.Fatalf("status %d to %q", a.Status, a.Header.Get("Location"))
	}
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	if !strings.Contains(a.Header.Get("Set-Cookie"), "HttpOnly") {
		t.Errorf("Set-Cookie %q", a.Header.Get("Set-Cookie"))
	}
	if a = s.Post(t, "/hosts/WEB01./notes", url.Values{"text": {"=second"}, "finding": {findingID}}, "Cookie",
		cookie); a.Status != http.StatusSeeOther {
		t.Fatalf("a note signed by the cookie: %d %s", a.Status, a.Body)
	}
	checkNotes(t, s, []string{"1", "web01", "", "First shift", "1", "first\nline"}, []string{"2", "web01", findingID,
		"First shift", "1", "'=second"})

	// Edit, and an edit of what the form of revision 1 still shows.
	edit := consoletest.Page(t, s.Get(t, "/notes/1/edit", "Cookie", cookie).Body)
	if got := consoletest.Text(consoletest.Find(edit, consoletest.Named("text"))[0]); strings.TrimPrefix(got,
		"\n") != "first\nline" {
		t.Errorf("the form holds %q", got)
	}
	revision := consoletest.Attr(consoletest.Find(edit, consoletest.Named("revision"))[0], "value")
	if a = s.Post(t, "/notes/1", url.Values{"author": {"Night shift"}, "revision": {revision},
		"text": {"second text"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("edit: %d %s", a.Status, a.Body)
	}
	a = s.Post(t, "/notes/1", url.Values{"author": {"First shift"}, "revision": {revision}, "text": {"<b>my draft</b>"}})
	checkConflict(t, s, a)
	checkNotes(t, s, []string{"1", "web01", "", "First shift", "2", "second text"}, []string{"2", "web01", findingID,
		"First shift", "1", "'=second"})

	// Delete: a stale one changes nothing; then it is struck out, its history stays.
	if a = s.Post(t, "/notes/1/delete", url.Values{"author": {"First shift"},
		"revision": {"1"}}); a.Status != http.StatusConflict {
		t.Errorf("stale delete: status %d", a.Status)
	}
	if a = s.Post(t, "/notes/1/delete", url.Values{"author": {"First shift"},
		"revision": {"2"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("delete: %d %s", a.Status, a.Body)
	}
	checkNotes(t, s, []string{"2", "web01", findingID, "First shift", "1", "'=second"})
	host := s.Get(t, "/hosts/web01").Body
	for _, want := range []string{"<del", "second text", "first", "deleted by First shift", "edited by Night shift",
		"written by First shift"} {
		if !strings.Contains(strings.Join(strings.Fields(host), " "), want) {
			t.Errorf("the host's page does not show %q", want)
		}
	}
	for path, form := range map[string]url.Values{"/notes/1": {"author": {"A"}, "revision": {"3"}, "text": {"x"}},
		"/notes/1/delete": {"author": {"A"}, "revision": {"3"}}} {
		if a = s.Post(t, path, form); a.Status != http.StatusConflict {
			t.Errorf("POST %s of a deleted note: status %d", path, a.Status)
		}
	}
}

// checkNotes compares /notes.csv, and the host's own, without the times.
func checkNotes(t *testing.T, s *consoletest.Server, want ...[]string) {
	t.Helper()
	for _, path := range []string{"/notes.csv", "/hosts/web01/notes.csv", "/notes.csv?dest=WEB01"} {
		got := consoletest.Rows(t, s.Get(t, path))
		if head := strings.Join(got[0], ","); head != "note_id,dest,finding,author,created,edited,revision,note,"+
			"status,disposition,owner,evidence" {
			t.Errorf("%s: header %s", path, head)
		}
		for i := range got {
			got[i] = append(got[i][:4:4], got[i][6:8]...)
		}
		if fmt.Sprint(got[1:]) != fmt.Sprint(want) {
			t.Errorf("%s: %q, want %q", path, got[1:], want)
		}
	}
	if got := consoletest.Rows(t, s.Get(t, "/notes.csv?dest=other")); len(got) != 1 {
		t.Errorf("notes of another host: %q", got)
	}
}

// checkConflict: the answer to a stale edit shows both texts and keeps the
// draft in a form that saves over what stands now.
func checkConflict(t *testing.T, s *consoletest.Server, a consoletest.Answer) {
	t.Helper()
	if a.Status != http.StatusConflict {
		t.Fatalf("stale edit: status %d", a.Status)
	}
	consoletest.CheckPage(t, "/notes/1", a.Body)
	doc := consoletest.Page(t, a.Body)
	draft := consoletest.Find(doc, func(n *html.Node) bool {
		return n.Data == "textarea" && consoletest.Attr(n,
			"name") == "text"
	})
	if len(draft) != 1 || strings.TrimPrefix(consoletest.Text(draft[0]), "\n") != "<b>my draft</b>" {
		t.Errorf("the draft is not in the page")
	}
	if !strings.Contains(consoletest.Text(doc), "second text") {
		t.Error("what stands now is not in the page")
	}
	if r := consoletest.Attr(consoletest.Find(doc, consoletest.Named("revision"))[0], "value"); r != "2" {
		t.Errorf("the form would save over revision %s, want 2", r)
	}
	a = s.Post(t, "/notes/1", url.Values{"author": {"First shift"}, "revision": {"1"}, "text": {"x"}}, "Accept",
		consoletest.JSON)
	var got struct{ Error string }
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil || a.Status != http.StatusConflict || got.Error == "" {
		t.Errorf("a program's stale edit: status %d %s", a.Status, a.Body)
	}
}

func TestNotesRefused(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	for _, c := range []struct {
		name, path string
		form       url.Values
		status     int
	}{
		{"no author", "/hosts/web01/notes", url.Values{"text": {"kept draft"}}, 400},
		{"no text", "/hosts/web01/notes", url.Values{"author": {"kept author"}, "text": {" \n"}}, 400},
		{"long author", "/hosts/web01/notes", url.Values{"author": {strings.Repeat("x", 5000)}, "text": {"kept draft"}}, 400},
		{"a finding of no host", "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"kept draft"},
			"finding": {"none"}}, 400},
		{"a host that no log names", "/hosts/web99/notes", url.Values{"author": {"a"}, "text": {"b"}}, 404},
		{"larger than a form may be", "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {strings.Repeat("x",
			2<<20)}}, 413},
		{"no revision", "/notes/1", url.Values{"author": {"a"}, "text": {"b"}}, 400},
		{"no such note", "/notes/7", url.Values{"author": {"a"}, "text": {"b"}, "revision": {"1"}}, 404},
	} {
		a := s.Post(t, c.path, c.form)
		if a.Status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, a.Status, c.status)
		}
		if draft := c.form.Get("text"); draft == "kept draft" && !strings.Contains(a.Body, draft) {
			t.Errorf("%s: the draft is lost", c.name)
		}
	}
	if got := consoletest.Rows(t, s.Get(t, "/notes.csv")); len(got) != 1 {
		t.Errorf("notes %q", got)
	}
}
