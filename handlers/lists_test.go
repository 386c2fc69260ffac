package handlers_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
	"golang.org/x/net/html"
)

func TestFindingsPages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "many.json", consoletest.Many(130, 7))
	for _, query := range []string{"", "?sort=last", "?sort=-first", "?sort=first", "?sort=-count", "?sort=count",
		"?sort=dest", "?sort=-dest", "?sort=row", "?sort=-row"} {
		all, last := s.Walk(t, "/findings"+query, "next", "findings")
		seen := map[string]int{}
		for _, r := range all {
			seen[consoletest.Key(r)]++
		}
		if len(all) != 130 || len(seen) != 130 {
			t.Errorf("%s: %d rows, %d findings; want 130 of each", query, len(all), len(seen))
		}
		back, _ := s.Walk(t, last, "prev", "findings")
		again := map[string]int{}
		for _, r := range back {
			again[consoletest.Key(r)]++
		}
		if len(back) != 130 || !maps.Equal(seen, again) {
			t.Errorf("%s: backwards %d rows, %d findings", query, len(back), len(again))
		}
		checkSorted(t, query, all)
	}
	rest, _ := s.Walk(t, "/findings?dest=WEB003", "next", "findings")
	if len(rest) != 19 {
		t.Errorf("%d findings of web003, want 19", len(rest))
	}
}

func checkSorted(t *testing.T, query string, all []map[string]string) {
	t.Helper()
	name, column := strings.TrimPrefix(strings.TrimPrefix(query, "?sort="), "-"), "lastTime"
	for sort, c := range map[string]string{"first": "firstTime", "count": "count", "dest": "dest"} {
		if name == sort {
			column = c
		}
	}
	if name == "row" {
		return
	}
	values := make([]string, len(all))
	for i, r := range all {
		values[i] = r[column]
	}
	if query == "" || strings.Contains(query, "=-") {
		slices.Reverse(values)
	}
	if !slices.IsSorted(values) {
		t.Errorf("%s: not sorted by %s: %q", query, column, values)
	}
}

func TestHostsPages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "many.json", consoletest.Many(130, 65))
	for _, query := range []string{"", "?sort=score", "?sort=dest", "?sort=-dest", "?sort=findings", "?sort=-last"} {
		all, _ := s.Walk(t, "/"+query, "next", "hosts")
		seen := map[string]bool{}
		for _, r := range all {
			seen[r["dest"]] = true
		}
		if len(all) != 65 || len(seen) != 65 {
			t.Errorf("%s: %d rows, %d hosts; want 65 of each", query, len(all), len(seen))
		}
	}
}

// TestCSVIsThePage: a page's link to its CSV holds the very rows of its pages,
// whatever the filter.
func TestCSVIsThePage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "many.json", consoletest.Many(130, 7))
	columns := []string{"OpCode", "EventCode", "dest", "Message", "count", "firstTime", "lastTime"}
	for query, want := range map[string]int{"": 130, "?dest=web003": 19, "?q=p12": 11,
		"?from=2026-03-02T12:10:00Z&to=2026-03-02T12:20:00Z": 44, "?dest=web003&q=p12": 2} {
		all, _ := s.Walk(t, "/findings"+query, "next", "findings")
		var shown []string
		for _, r := range all {
			var line []string
			for _, c := range columns {
				v := strings.TrimSuffix(r[c], "Z")
				line = append(line, v)
			}
			shown = append(shown, strings.Join(line, "|"))
		}
		slices.Sort(shown)
		var exported []string
		for _, r := range consoletest.Rows(t, s.Get(t, csvLink(t, s, "/findings"+query)))[1:] {
			exported = append(exported, strings.Join(r, "|"))
		}
		slices.Sort(exported)
		if len(exported) != want || !slices.Equal(shown, exported) {
			t.Errorf("%s: %d rows exported, %d shown, want %d\n%.300q\n%.300q", query, len(exported), len(shown), want,
				exported, shown)
		}
	}
}

// csvLink is the address of a page's findings.csv.
func csvLink(t testing.TB, s *consoletest.Server, path string) string {
	t.Helper()
	links := consoletest.Find(consoletest.Page(t, s.Get(t, path).Body), func(n *html.Node) bool {
		return n.Data == "a" && strings.HasPrefix(consoletest.Attr(n, "href"), "/findings.csv")
	})
	if len(links) != 1 {
		t.Fatalf("%s: %d links to findings.csv", path, len(links))
	}
	return consoletest.Attr(links[0], "href")
}

func TestCSVHeaders(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("=cmd|x", 1, consoletest.Noon, "/a"),
		consoletest.Change("web01", 1, consoletest.Noon, "/a")))
	for path, name := range map[string]string{
		"/findings.csv": "findings.csv", "/risk.csv": "risk.csv", "/notes.csv": "notes.csv",
		"/hosts/web01/findings.csv": "findings-web01.csv",
		"/hosts/web01/risk.csv":     "risk-web01.csv", "/hosts/web01/notes.csv": "notes-web01.csv",
		"/hosts/=cmd%7Cx/risk.csv": "risk-_cmd_x.csv",
	} {
		a := s.Get(t, path)
		if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="`+name+`"` {
			t.Errorf("%s: %s, want %s", path, got, name)
		}
		for _, r := range consoletest.Rows(t, a) {
			for _, c := range r {
				if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
					t.Errorf("%s: would be a formula: %q", path, c)
				}
			}
		}
	}
	if a := s.Do(t, http.MethodGet, "/hosts/web01/risk.csv?rule=unknown", nil); a.Status != http.StatusNotFound ||
		a.Header.Get("Content-Disposition") != "" {
		t.Errorf("an error came as a file: %d %q", a.Status, a.Header.Get("Content-Disposition"))
	}
}
