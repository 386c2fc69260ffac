package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestTextFilter: the text is looked for in the cells, whatever the case, and
// not in what a row is stored as.
func TestTextFilter(t *testing.T) {
	s := newServer(t)
	s.load(t, "log.json", append(change("web01", 1, noon, "/Über/x"), change("WEB02", 2, noon, "/plain")...))
	for q, want := range map[string]int{"": 2, "über": 1, "ÜBER": 1, "PLAIN": 1, "web02": 1, ",": 0, "]": 0, `"`: 0, "_": 0, "%": 0, "nothing": 0} {
		a := s.get(t, "/findings.csv?q="+url.QueryEscape(q))
		if got := strings.Count(a.body, "\r\n") - 1; got != want {
			t.Errorf("q=%s: %d findings, want %d", q, got, want)
		}
	}
	for path, want := range map[string]int{"/?q=WEB0": 2, "/?q=b02": 1} {
		if got := len(cells(t, page(t, s.get(t, path).body), "hosts")); got != want {
			t.Errorf("%s: %d hosts, want %d", path, got, want)
		}
	}
	for _, path := range []string{"/?q=", "/findings?q=", "/search?q="} {
		if a := s.do(t, http.MethodGet, path+strings.Repeat("x", 5000), nil); a.status != http.StatusBadRequest {
			t.Errorf("%s with a long text: status %d, want 400", path, a.status)
		}
	}
	for query, want := range map[string]int{"to=1970-01-01T00:00:00Z": 0, "from=1970-01-01T00:00:00Z": 2, "to=1970-01-01": 0} {
		if got := strings.Count(s.get(t, "/findings.csv?"+query).body, "\r\n") - 1; got != want {
			t.Errorf("%s: %d findings, want %d", query, got, want)
		}
	}
}

// TestLongRowsPage: lists page on by values that no address could hold.
func TestLongRowsPage(t *testing.T) {
	s := newServer(t)
	var log []byte
	const n = 120
	for i := range n {
		log = append(log, change("web01", int64(i+1), noon, fmt.Sprintf("/%s%03d", strings.Repeat("ü", 9000), i))...)
	}
	s.load(t, "long.json", log)
	for _, sort := range []string{"row", "-row"} {
		all, last := s.walk(t, "/findings?sort="+sort, "next", "findings")
		if len(all) != n || len(last) > 1000 {
			t.Errorf("sort=%s: %d rows in all, want %d; the last page's address has %d bytes", sort, len(all), n, len(last))
		}
	}
	if size := len(s.get(t, "/findings").body); size > 2<<20 {
		t.Errorf("a page of %d bytes", size)
	}
}
