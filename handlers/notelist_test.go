package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestNotesArePaged: a page has the newest notes, few where they are long, the
// rest follow; who changed one of these is led to it.
func TestNotesArePaged(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "log.json", consoletest.Change("web01", 1, consoletest.Noon, "/a"))
	const all = 90
	for n := 1; n <= all; n++ {
		text := fmt.Sprintf("note %d", n)
		if n > 80 {
			text += strings.Repeat(" long", 3500)
		}
		s.Post(t, "/hosts/web01/notes", url.Values{"author": {"anna"}, "text": {text}})
	}
	var pages []int
	var first string
	next := all
	for path := "/hosts/web01"; path != ""; {
		d := s.Doc(t, path)
		notes := d.Find("li.note")
		for i := range notes.Length() {
			if id := notes.Eq(i).AttrOr("id", ""); id != fmt.Sprintf("note-%d", next) {
				t.Fatalf("%s stands where note %d is due", id, next)
			}
			next--
		}
		if got := consoletest.Words(d, "#notes-title"); got != "Notes 90" {
			t.Errorf("%q", got)
		}
		pages = append(pages, notes.Length())
		first = d.Find("nav[aria-label='Pages of notes'] a[rel=prev]").AttrOr("href", "")
		path, _, _ = strings.Cut(d.Find("nav[aria-label='Pages of notes'] a[rel=next]").AttrOr("href", ""), "#")
	}
	if got := fmt.Sprint(pages); got != "[2 2 2 2 40 40 2]" || first != "/hosts/web01#notes-title" {
		t.Errorf("pages of %s notes, from the last one to %q", got, first)
	}
	for _, edited := range []struct {
		id   int
		want string
	}{{7, "/hosts/web01?notes-from=42#note-7"}, {90, "/hosts/web01#note-90"}} {
		id, want := edited.id, edited.want
		a := s.Post(t, fmt.Sprintf("/notes/%d", id), url.Values{"author": {"anna"}, "revision": {"1"}, "text": {"edited"}})
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != want {
			t.Errorf("note %d: status %d to %q, want %q", id, a.Status, a.Header.Get("Location"), want)
		}
	}
}
