package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

// TestSavedViews: a list is saved under a name, leads there again, is the one that
// opens until it is reset, and is deleted; a link with filters always wins.
func TestSavedViews(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	save := url.Values{"list": {"findings"}, "query": {"dest=web001&after=x&sort=-count"}, "name": {"Mine <b>"},
		"author": {"anna"}}
	a := s.Post(t, "/views", save)
	at := a.Header.Get("Location")
	if a.Status != 303 || !strings.HasPrefix(at, "/findings?dest=web001&sort=-count&view=") {
		t.Fatalf("saved: %d, %q", a.Status, at)
	}
	d := s.Doc(t, at)
	if link := d.Find(".views nav a[aria-current]"); link.Text() != "Mine <b>" || link.AttrOr("href", "") != at {
		t.Errorf("the view that is open: %q", d.Find(".views").Text())
	}
	cookie, _, _ := strings.Cut(s.Get(t, at).Header.Get("Set-Cookie"), ";")
	if !strings.HasPrefix(cookie, "view-findings=") {
		t.Errorf("remembered as %q", cookie)
	}
	for path, want := range map[string]string{"/findings": at, "/findings?dest=web000": "", "/findings?view=none": "",
		"/": ""} {
		a := s.Do(t, "GET", path, nil, "Cookie", cookie)
		if got := a.Header.Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
		if path == "/findings?view=none" && !strings.Contains(a.Header.Get("Set-Cookie"), "Max-Age=0") {
			t.Errorf("a reset forgets nothing: %q", a.Header.Get("Set-Cookie"))
		}
	}
	save.Set("query", "dest=web000")
	if again := s.Post(t, "/views", save).Header.Get("Location"); !strings.Contains(again, "dest=web000") ||
		s.Doc(t, "/findings").Find(".views nav a").Length() != 1 {
		t.Errorf("saved again: %q", again)
	}
	for _, bad := range []url.Values{{"list": {"events"}, "name": {"x"}, "author": {"a"}},
		{"list": {"hosts"}, "name": {" "}, "author": {"a"}}, {"list": {"hosts"}, "name": {"x"}},
		{"list": {"hosts"}, "name": {strings.Repeat("x", 101)}, "author": {"a"}}} {
		if a := s.Post(t, "/views", bad); a.Status != 400 {
			t.Errorf("%v: %d", bad, a.Status)
		}
	}
	id := at[strings.LastIndex(at, "=")+1:]
	if a := s.Post(t, "/views/"+id+"/delete", url.Values{"back": {"/findings"}}); a.Status != 303 {
		t.Errorf("deleted: %d", a.Status)
	}
	if a := s.Post(t, "/views/"+id+"/delete", url.Values{}); a.Status != 404 {
		t.Errorf("deleted twice: %d", a.Status)
	}
	if a := s.Do(t, "GET", "/findings", nil, "Cookie", cookie); a.Status != 200 {
		t.Errorf("a view that is gone leads on: %d", a.Status)
	}
}

// TestOwnZone: times show the zone that somebody chose beneath UTC, and name it;
// exports do not.
func TestOwnZone(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, time.Date(2026, 7, 2, 23, 30, 0, 0, time.UTC), "/x"))
	a := s.Post(t, "/zone", url.Values{"zone": {"Europe/Berlin"}, "back": {"/findings"}})
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	if a.Status != 303 || a.Header.Get("Location") != "/findings" {
		t.Fatalf("%d, %q", a.Status, a.Header)
	}
	page := s.Get(t, "/findings", "Cookie", cookie).Body
	for _, want := range []string{"2026-07-03 01:30:00 CEST", "2026-07-02T23:30:00Z",
		"2026-07-03T01:30:00+02:00 Europe/Berlin", "UTC, Europe/Berlin"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(s.Get(t, "/findings").Body, "CEST") {
		t.Error("another's page has the zone")
	}
	if csv := s.Get(t, "/findings.csv", "Cookie", cookie).Body; !strings.Contains(csv, "2026-07-02T23:30:00") {
		t.Errorf("exported: %s", csv)
	}
	for _, bad := range []string{"Mars/Olympus", "Local", "../../etc/passwd"} {
		if a := s.Post(t, "/zone", url.Values{"zone": {bad}}); a.Status != 400 {
			t.Errorf("%q: %d", bad, a.Status)
		}
	}
	if a := s.Post(t, "/zone", url.Values{"zone": {""}}); !strings.Contains(a.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("taken away: %q", a.Header.Get("Set-Cookie"))
	}
}
