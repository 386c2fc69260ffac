package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// many is a log of findings on several hosts, some with equal times and counts.
func many(findings, hosts int) (log []byte) {
	for i := range findings {
		for n := range 1 + i%3 {
			log = append(log, change(fmt.Sprintf("web%03d", i%hosts), int64(i*3+n), noon.Add(time.Duration(i/4)*time.Minute), fmt.Sprintf("/p%d", i))...)
		}
	}
	return log
}

// cells are the rows of a page's table of the class, each by its column's head;
// times are those of their datetime attribute.
func cells(t testing.TB, doc *html.Node, class string) (out []map[string]string) {
	t.Helper()
	tables := find(doc, func(n *html.Node) bool {
		return n.Data == "table" && slices.Contains(strings.Fields(attr(n, "class")), class)
	})
	if len(tables) != 1 {
		t.Fatalf("%d tables of the class %s", len(tables), class)
	}
	var heads []string
	for _, th := range find(tables[0], func(n *html.Node) bool { return n.Data == "th" && attr(n, "scope") == "col" }) {
		heads = append(heads, strings.TrimRight(strings.TrimSpace(text(th)), " \n\t↑↓"))
	}
	for _, tr := range find(tables[0], func(n *html.Node) bool { return n.Data == "tr" && n.Parent.Data == "tbody" }) {
		row := map[string]string{}
		i := 0
		for td := range tr.ChildNodes() {
			if td.Type != html.ElementNode {
				continue
			}
			row[heads[i]] = cell(td)
			i++
		}
		out = append(out, row)
	}
	return out
}

func cell(td *html.Node) string {
	if times := find(td, func(n *html.Node) bool { return n.Data == "time" }); len(times) == 1 {
		return attr(times[0], "datetime")
	}
	if links := find(td, func(n *html.Node) bool { return n.Data == "a" }); len(links) == 1 {
		td = links[0]
	}
	return strings.TrimSpace(text(td))
}

// walk pages through a list by its links of the kind rel and returns all rows.
func (s *server) walk(t testing.TB, path, rel, class string) (out []map[string]string, last string) {
	t.Helper()
	for range 20 {
		doc := page(t, s.get(t, path).body)
		out, last = append(out, cells(t, doc, class)...), path
		next := find(doc, func(n *html.Node) bool { return n.Data == "a" && attr(n, "rel") == rel })
		if len(next) == 0 {
			return out, last
		}
		path = attr(next[0], "href")
	}
	t.Fatalf("no end of pages from %s", path)
	return nil, ""
}

// key is what tells a finding's row from others.
func key(row map[string]string) string { return row["dest"] + " " + row["Message"] }

func TestFindingsPages(t *testing.T) {
	s := newServer(t)
	s.load(t, "many.json", many(130, 7))
	for _, query := range []string{"", "?sort=last", "?sort=-first", "?sort=first", "?sort=-count", "?sort=count", "?sort=dest", "?sort=-dest", "?sort=row", "?sort=-row"} {
		all, last := s.walk(t, "/findings"+query, "next", "findings")
		seen := map[string]int{}
		for _, r := range all {
			seen[key(r)]++
		}
		if len(all) != 130 || len(seen) != 130 {
			t.Errorf("%s: %d rows, %d findings; want 130 of each", query, len(all), len(seen))
		}
		back, _ := s.walk(t, last, "prev", "findings")
		again := map[string]int{}
		for _, r := range back {
			again[key(r)]++
		}
		if len(back) != 130 || !maps.Equal(seen, again) {
			t.Errorf("%s: backwards %d rows, %d findings", query, len(back), len(again))
		}
		checkSorted(t, query, all)
	}
	rest, _ := s.walk(t, "/findings?dest=WEB003", "next", "findings")
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
	s := newServer(t)
	s.load(t, "many.json", many(130, 65))
	for _, query := range []string{"", "?sort=score", "?sort=dest", "?sort=-dest", "?sort=findings", "?sort=-last"} {
		all, _ := s.walk(t, "/"+query, "next", "hosts")
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
	s := newServer(t)
	s.load(t, "many.json", many(130, 7))
	columns := []string{"OpCode", "EventCode", "dest", "Message", "count", "firstTime", "lastTime"}
	for query, want := range map[string]int{"": 130, "?dest=web003": 19, "?q=p12": 11, "?from=2026-03-02T12:10:00Z&to=2026-03-02T12:20:00Z": 44, "?dest=web003&q=p12": 2} {
		all, _ := s.walk(t, "/findings"+query, "next", "findings")
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
		for _, r := range rows(t, s.get(t, csvLink(t, s, "/findings"+query)))[1:] {
			exported = append(exported, strings.Join(r, "|"))
		}
		slices.Sort(exported)
		if len(exported) != want || !slices.Equal(shown, exported) {
			t.Errorf("%s: %d rows exported, %d shown, want %d\n%.300q\n%.300q", query, len(exported), len(shown), want, exported, shown)
		}
	}
}

// csvLink is the address of a page's findings.csv.
func csvLink(t testing.TB, s *server, path string) string {
	t.Helper()
	links := find(page(t, s.get(t, path).body), func(n *html.Node) bool {
		return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/findings.csv")
	})
	if len(links) != 1 {
		t.Fatalf("%s: %d links to findings.csv", path, len(links))
	}
	return attr(links[0], "href")
}

func TestCSVHeaders(t *testing.T) {
	s := newServer(t)
	s.load(t, "a.json", slices.Concat(change("=cmd|x", 1, noon, "/a"), change("web01", 1, noon, "/a")))
	for path, name := range map[string]string{
		"/findings.csv": "findings.csv", "/risk.csv": "risk.csv", "/notes.csv": "notes.csv", "/hosts/web01/findings.csv": "findings-web01.csv",
		"/hosts/web01/risk.csv": "risk-web01.csv", "/hosts/web01/notes.csv": "notes-web01.csv", "/hosts/=cmd%7Cx/risk.csv": "risk-_cmd_x.csv",
	} {
		a := s.get(t, path)
		if got := a.header.Get("Content-Disposition"); got != `attachment; filename="`+name+`"` {
			t.Errorf("%s: %s, want %s", path, got, name)
		}
		for _, r := range rows(t, a) {
			for _, c := range r {
				if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
					t.Errorf("%s: would be a formula: %q", path, c)
				}
			}
		}
	}
	if a := s.do(t, http.MethodGet, "/hosts/web01/risk.csv?rule=unknown", nil); a.status != http.StatusNotFound || a.header.Get("Content-Disposition") != "" {
		t.Errorf("an error came as a file: %d %q", a.status, a.header.Get("Content-Disposition"))
	}
}
