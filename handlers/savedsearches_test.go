package handlers_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

type savedAnswer struct {
	ID, Revision                                            int64
	Name, Q, Earliest, Latest, Columns, Author, Editor, URL string
}

// ranPage is the page of a search that has ended.
func ranPage(t *testing.T, s *consoletest.Server, path string) *goquery.Document {
	t.Helper()
	for {
		a := s.Do(t, "GET", path, nil)
		if a.Status == 303 {
			path = a.Header.Get("Location")
			continue
		}
		if d := documentOf(t, a); d.Find("[data-search-running]").Length() == 0 {
			return d
		}
	}
}

// TestSavedSearchesPages: a search is saved from its page, opens again as it was,
// is renamed, conflicts when it is stale, and is deleted and brought back.
func TestSavedSearchesPages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	d := s.Doc(t, "/search?on=page")
	if text := consoletest.Words(d, "main"); !strings.Contains(text, "No search is saved yet") {
		t.Errorf("nothing is saved: %s", text)
	}
	q := `EventCode=29 "<b>" | stats count by ComputerName`
	a := s.Post(t, "/searches", url.Values{"name": {"By <i>host"}, "q": {q}, "earliest": {"newest-24h"}, "latest": {""},
		"columns": {"User"}, "author": {"anna"}})
	at := a.Header.Get("Location")
	u, err := url.Parse(at)
	if err != nil || a.Status != 303 || u.Query().Get("q") != q || u.Query().Get("saved") != "1" ||
		u.Query().Get("earliest") != "newest-24h" || u.Query().Get("columns") != "User" {
		t.Fatalf("saved: %d, %q", a.Status, at)
	}
	if got := s.Do(t, "GET", "/searches/1", nil).Header.Get("Location"); got != at {
		t.Errorf("it opens at %q, want %q", got, at)
	}
	d = ranPage(t, s, at)
	if text := consoletest.Words(d, ".saved-open"); !strings.Contains(text, "By <i>host") ||
		strings.Contains(text, "since") {
		t.Errorf("the open search: %q", text)
	}
	d = ranPage(t, s, strings.Replace(at, "24h", "48h", 1))
	over := d.Find(`.saved-searches form[action="/searches/1"] input[name=revision]`)
	if over.AttrOr("value", "") != "1" {
		t.Error("a changed search does not offer to save over the one that is kept")
	}
	d = s.Doc(t, "/search?on=page")
	if link := d.Find(`.saved-list th a[href="/searches/1"]`); link.Text() != "By <i>host" {
		t.Errorf("the list: %q", consoletest.Words(d, ".saved-list"))
	}
	got := decodeJSON[savedAnswer](t, s.Post(t, "/searches/1", url.Values{"name": {"Hosts"}, "revision": {"1"},
		"author": {"ben"}}, "Accept", consoletest.JSON), 200)
	if got != (savedAnswer{1, 2, "Hosts", q, "newest-24h", "", "User", "anna", "ben", "/searches/1"}) {
		t.Errorf("%+v", got)
	}
	stale := url.Values{"q": {"mine"}, "revision": {"1"}, "author": {"anna"}}
	a = s.Post(t, "/searches/1", stale)
	d = documentOf(t, a)
	if a.Status != 409 || d.Find("textarea").Text() != "mine" ||
		d.Find("input[name=revision]").AttrOr("value", "") != "2" || !strings.Contains(consoletest.Words(d, "main"), "ben") {
		t.Errorf("a stale change: %d %s", a.Status, consoletest.Words(d, "main"))
	}
	for name, form := range map[string]url.Values{"no name": {"q": {"x"}, "author": {"a"}}, "no time": {"name": {"x"},
		"q": {"x"}, "author": {"a"}, "earliest": {"yesterday"}}, "no author": {"name": {"x"}, "q": {"x"}}} {
		a := s.Post(t, "/searches", form)
		if d := documentOf(t, a); a.Status != 400 || d.Find(".problem").Length() != 1 ||
			d.Find("textarea").Text() != "x" {
			t.Errorf("%s: %d %s", name, a.Status, consoletest.Words(d, "main"))
		}
	}
	if a = s.Post(t, "/searches/1/delete", url.Values{"revision": {"1"}}); a.Status != 409 {
		t.Errorf("a stale deletion: %d", a.Status)
	}
	a = s.Post(t, "/searches/1/delete", url.Values{"revision": {"2"}})
	d = s.Doc(t, a.Header.Get("Location"))
	if undo, ok := d.Find("form.told").Attr("action"); !ok || undo != "/searches/1/restore" {
		t.Errorf("a deletion cannot be undone: %s", consoletest.Words(d, "main"))
	}
	if a = s.Do(t, "GET", "/searches/1", nil); a.Status != 404 || !strings.Contains(a.Body, "was deleted") {
		t.Errorf("a deleted search opens: %d", a.Status)
	}
	s.Post(t, "/searches/1/restore", nil)
	list := decodeJSON[struct{ Searches []savedAnswer }](t, s.Do(t, "GET", "/searches", nil, "Accept",
		consoletest.JSON), 200)
	if len(list.Searches) != 1 || list.Searches[0] != got {
		t.Errorf("%+v", list)
	}
}
