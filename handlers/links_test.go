package handlers_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// TestLinksCarryFilters: what a list is filtered by stays when it is sorted,
// turned and exported, and each filter is taken away alone.
func TestLinksCarryFilters(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "many.json", consoletest.Many(180, 60))
	for _, c := range []struct {
		path  string
		links map[string]string // of the first element that a selector finds
	}{
		{"/?q=web0&as-of=2026-03-02T14:00:00Z&sort=dest", map[string]string{
			"a[rel=next]":                                                  "as-of=2026-03-02T14:00:00Z&q=web0&sort=dest",
			"th[aria-sort=ascending] a":                                    "as-of=2026-03-02T14:00:00Z&q=web0&sort=-dest",
			"th:not([aria-sort]) a":                                        "as-of=2026-03-02T14:00:00Z&q=web0&sort=-gravity",
			"ul.chips li:nth-child(1) a":                                   "as-of=2026-03-02T14:00:00Z&sort=dest",
			"ul.chips li:nth-child(2) a":                                   "q=web0&sort=dest",
			"a[download][href^='/risk.csv']":                               "as-of=2026-03-02T14:00:00Z&q=web0",
			"form.filter [name=q]":                                         "web0",
			"form.filter [name='as-of']":                                   "2026-03-02T14:00:00Z",
			"form.filter [name=sort]":                                      "dest",
			"form.filter option[selected]":                                 "",
			"form.filter [name=rule] [value='" + consoletest.SeedID + "']": consoletest.SeedID,
		}},
		{"/?severity=medium&rule=" + consoletest.SeedID, map[string]string{
			"form.filter [name=severity] [selected]": "medium",
			"form.filter [name=rule] [selected]":     consoletest.SeedID,
			"a[download][href^='/risk.csv']":         "rule=" + consoletest.SeedID + "&severity=medium",
			"ul.chips li:nth-child(1) a":             "rule=" + consoletest.SeedID,
			"ul.chips li:nth-child(2) a":             "severity=medium",
		}},
		{"/findings?q=p1&from=2026-03-02&to=2026-03-03&suppressed=1&sort=-count&rule=" + consoletest.SeedID,
			map[string]string{
				"a[rel=next]": "from=2026-03-02&q=p1&rule=" + consoletest.SeedID +
					"&sort=-count&suppressed=1&to=2026-03-03",
				"th[aria-sort=descending] a": "from=2026-03-02&q=p1&rule=" + consoletest.SeedID +
					"&sort=count&suppressed=1&to=2026-03-03",
				"a[download][href^='/findings.csv']": "from=2026-03-02&q=p1&rule=" + consoletest.SeedID +
					"&status=open&suppressed=1&to=2026-03-03",
				"form.filter [name=from]":            "2026-03-02",
				"form.filter [name=to]":              "2026-03-03",
				"form.filter [name=rule] [selected]": consoletest.SeedID,
				"ul.chips li:nth-child(1) a":         "from=2026-03-02&q=p1&sort=-count&suppressed=1&to=2026-03-03",
				"ul.chips li:nth-child(3) a":         "q=p1&rule=" + consoletest.SeedID + "&sort=-count&suppressed=1&to=2026-03-03",
			}},
		{"/findings", map[string]string{
			"th[aria-sort=descending] a": "sort=last",
			"ul.chips li a":              "", // the rule that the list opens with is not taken away
		}},
	} {
		d := documentOf(t, s.Get(t, c.path))
		for selector, want := range c.links {
			checkQuery(t, c.path, d, selector, want)
		}
	}
}

// checkQuery compares the query of a link, its place in the list left out, or
// the value of a field.
func checkQuery(t *testing.T, path string, d *goquery.Document, selector, want string) {
	t.Helper()
	e := d.Find("main").Find(selector).First()
	got := e.AttrOr("value", "")
	if href, ok := e.Attr("href"); ok {
		u, err := url.Parse(href)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if e.Is("[rel]") && !q.Has("after") {
			t.Errorf("%s: %s names no place in the list", path, selector)
		}
		q.Del("after")
		got, _ = url.QueryUnescape(q.Encode())
	}
	if got != want {
		t.Errorf("%s: %s has %q, want %q", path, selector, got, want)
	}
}

// TestTurningBack: the second page leads back to the first, whatever the
// filter.
func TestTurningBack(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "many.json", consoletest.Many(130, 130))
	for path, noun := range map[string]string{"/": "hosts", "/?q=web0": "hosts", "/findings": "findings",
		"/findings?sort=row": "findings", "/?sort=dest&q=web1": "hosts"} {
		first := documentOf(t, s.Get(t, path))
		if first.Find("a[rel=prev]").Length() != 0 {
			t.Errorf("%s: something comes before the first page", path)
		}
		next, ok := first.Find("a[rel=next]").Attr("href")
		if !ok {
			if path != "/?sort=dest&q=web1" { // 30 hosts
				t.Errorf("%s: one page only", path)
			}
			continue
		}
		second := documentOf(t, s.Get(t, next))
		back := documentOf(t, s.Get(t, second.Find("a[rel=prev]").AttrOr("href", "")))
		want, got := rowHeads(first, noun), rowHeads(back, noun)
		if len(want) != 50 || !slices.Equal(got, want) {
			t.Errorf("%s: back on the first page stand %d rows, %d at first", path, len(got), len(want))
		}
		if slices.Equal(rowHeads(second, noun), want) {
			t.Errorf("%s: the second page is the first", path)
		}
	}
}

func rowHeads(d *goquery.Document, class string) (out []string) {
	d.Find("table." + class + " tbody tr").Each(func(_ int, tr *goquery.Selection) {
		out = append(out,
			oneLine(tr.Text()))
	})
	return out
}

// TestListsOfNothing: the address of a host or a user without a name leads to the
// list.
func TestListsOfNothing(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	for path, want := range map[string]string{"/hosts/": "/", "/users/": "/users"} {
		if a := s.Do(t, "GET", path, nil); a.Header.Get("Location") != want {
			t.Errorf("%s leads to %q", path, a.Header.Get("Location"))
		}
	}
}

// TestHostPage: the exports of a host carry what its page is filtered by, and
// its findings stand by change until somebody asks for a list.
func TestHostPage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	const module = `/system.webServer/globalModules/add[@name="`
	s.Load(t, "a.json", slices.Concat(
		consoletest.Change("Web01.corp", 1, consoletest.Noon, "/a"),
		consoletest.Change("Web01.corp", 2, consoletest.Noon, module+`Planted"]`),
		consoletest.Change("Web01.corp", 3, consoletest.Noon, module+`Planted"]/@image`),
		consoletest.Change("Web01.corp", 4, consoletest.Noon, module+`UriCacheModule"]`),
		consoletest.Change("Web01.corp", 5, consoletest.Noon, "/system.webServer/httpLogging/@dontLog")))
	page := "/hosts/web01.corp"
	d := documentOf(t, s.Get(t, page))
	if got := oneLine(d.Find("h1").Text()); got != "Web01.corp" {
		t.Errorf("the host's name as the log spells it: %q", got)
	}
	var groups []string
	d.Find("details.change-group > summary").Each(func(_ int, g *goquery.Selection) {
		groups = append(groups,
			oneLine(g.Text()))
	})
	if len(groups) != 4 || !strings.HasPrefix(groups[0], "module added") || !strings.Contains(groups[0], "Planted") ||
		!strings.Contains(groups[1], "logging changed") ||
		!strings.Contains(groups[2], "UriCacheModule") || !strings.Contains(groups[3], "neither modules nor logging") {
		t.Errorf("groups %q", groups)
	}
	for path, want := range map[string]map[string]string{
		page + "?as-of=2026-03-03&rule=" + consoletest.SeedID + "&suppressed=1": {
			"a[download][href*='findings.csv']": "rule=" + consoletest.SeedID + "&suppressed=1",
			"a[download][href*='risk.csv']":     "as-of=2026-03-03&rule=" + consoletest.SeedID,
			"a[download][href*='notes.csv']":    "",
			"[name='as-of']":                    "2026-03-03",
		},
		page + "?group=none": {"th[aria-sort=descending] a": "group=none&sort=last"},
	} {
		d := documentOf(t, s.Get(t, path))
		for selector, q := range want {
			checkQuery(t, path, d, selector, q)
		}
	}
	list := documentOf(t, s.Get(t, page+"?group=none"))
	if n := list.Find("table.findings tbody tr").Length(); n != 5 ||
		list.Find("details.change-group").Length() != 0 {
		t.Errorf("%d rows in the list", n)
	}
	for _, path := range []string{page + "?sort=-count", page + "?sort=dest"} {
		if d := documentOf(t, s.Get(t, path)); d.Find("details.change-group").Length() != 0 {
			t.Errorf("%s: sorted, and by change", path)
		}
	}
}
