package handlers_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// TestSearchFinds: a search looks at hosts, at the findings of all rules and at
// notes, counts each, and leads to the whole lists.
func TestSearchFinds(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s) // appcmd on web01, beside changes
	s.Load(t, "b.json", consoletest.Change("sql01", 1, consoletest.Noon, "/only"))
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"anna"}, "text": {"line\n" + strings.Repeat("ü ", 300) +
		"asked the TEAM about <b>APPCMD.exe</b>"}})
	type kind struct {
		Count int64
		URL   string
		First []map[string]any
	}
	type answer struct {
		Hosts, Findings, Notes kind
		Searched               string
	}
	for q, want := range map[string][3]bool{"appcmd.EXE": {false, true, true}, "sql01": {true, true, false},
		"web0": {true, true, false}, "the team": {false, false, true}, "nosuchtext": {}, "%": {},
		"<b>": {false, false, true}} {
		at := "/search?q=" + url.QueryEscape(q)
		a := decodeJSON[answer](t, s.Do(t, "GET", at, nil, "Accept", consoletest.JSON), 200)
		got := [3]bool{a.Hosts.Count > 0, a.Findings.Count > 0, a.Notes.Count > 0}
		if got != want || !strings.Contains(a.Searched, "events") {
			t.Errorf("%q: found in %v, want %v; %q", q, got, want, a.Searched)
		}
		if a.Hosts.First == nil || a.Findings.First == nil || a.Notes.First == nil {
			t.Errorf("%q: a list is null", q)
		}
	}
	page := s.Get(t, "/search?q=appcmd.exe").Body
	d := goquery.NewDocumentFromNode(consoletest.Page(t, page))
	finding := s.FindingOf(t, consoletest.AppcmdID)
	if d.Find(`.found-findings a[href="/findings/`+finding+`"]`).Length() != 1 {
		t.Error("the finding of another rule than the seed's is not found")
	}
	if text := oneLine(d.Find(".found-notes").Text()); !strings.Contains(text, "about <b>APPCMD.exe</b>") {
		t.Errorf("the note does not show what was found in it: %s", text)
	}
	for _, part := range []string{`href="/findings?q=appcmd.exe&amp;rule=all&amp;status=all"`,
		`href="/hosts/web01#note-1"`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not lead to %s", part)
		}
	}
	d = goquery.NewDocumentFromNode(consoletest.Page(t, s.Get(t, "/search?q=nosuchtext").Body))
	empty := oneLine(d.Find("main").Text())
	for _, part := range []string{"Nothing found for “nosuchtext”", "findings of all rules",
		"a word is looked for whole"} {
		if !strings.Contains(empty, part) {
			t.Errorf("an empty answer does not say %q: %s", part, empty)
		}
	}
}

// TestSearchLeads: a host's name that stands nowhere else leads to the host, and
// nothing else leads away from the page.
func TestSearchLeads(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, "/a"),
		consoletest.Change("web02", 1, consoletest.Noon, "/on/db7"),
		consoletest.Change("db7", 1, consoletest.Noon, "/c"), consoletest.Change("sql/1", 1, consoletest.Noon, "/c")))
	lead := func(q string) string {
		a := s.Do(t, "GET", "/search?q="+url.QueryEscape(q), nil)
		if a.Status != 200 && a.Status != 303 {
			t.Fatal(q, a.Status, a.Body)
		}
		return a.Header.Get("Location")
	}
	for q, want := range map[string]string{"": "/", "  ": "/", "WEB01": "/hosts/web01", "sql": "/hosts/sql%2F1",
		" web ": "", "db7": "", "/a": "", "nothing": "", "a&b=c": ""} {
		if got := lead(q); got != want {
			t.Errorf("search for %q leads to %q, want %q", q, got, want)
		}
	}
	if a := s.Do(t, "GET", "/search", nil); a.Status != 200 || !strings.Contains(a.Body, "<textarea") {
		t.Errorf("the page of searches: %d", a.Status)
	}
	s.Post(t, "/hosts/sql%2F1/notes", url.Values{"author": {"a"}, "text": {"as on web01"}})
	if got := lead("web01"); got != "" {
		t.Errorf("a note has the host's name, and the search leads to %q", got)
	}
}
