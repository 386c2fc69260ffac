package handlers_test

import (
	"escutcheon/internal/consoletest"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestTextFilter: the text is looked for in the cells, whatever the case, and
// not in what a row is stored as.
func TestTextFilter(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "log.json", append(consoletest.Change("web01", 1, consoletest.Noon, "/Über/x"),
		consoletest.Change("WEB02", 2, consoletest.Noon, "/plain")...))
	for q, want := range map[string]int{"": 2, "über": 1, "ÜBER": 1, "PLAIN": 1, "web02": 1, ",": 0, "]": 0, `"`: 0,
		"_": 0, "%": 0, "nothing": 0} {
		a := s.Get(t, "/findings.csv?q="+url.QueryEscape(q))
		if got := strings.Count(a.Body, "\r\n") - 1; got != want {
			t.Errorf("q=%s: %d findings, want %d", q, got, want)
		}
	}
	for path, want := range map[string]int{"/?q=WEB0": 2, "/?q=b02": 1} {
		if got := len(consoletest.Cells(t, consoletest.Page(t, s.Get(t, path).Body), "hosts")); got != want {
			t.Errorf("%s: %d hosts, want %d", path, got, want)
		}
	}
	for _, path := range []string{"/?q=", "/findings?q="} {
		if a := s.Do(t, http.MethodGet, path+strings.Repeat("x", 5000), nil); a.Status != http.StatusBadRequest {
			t.Errorf("%s with a long text: status %d, want 400", path, a.Status)
		}
	}
	for query, want := range map[string]int{"to=1970-01-01T00:00:00Z": 0, "from=1970-01-01T00:00:00Z": 2,
		"to=1970-01-01": 0} {
		if got := strings.Count(s.Get(t, "/findings.csv?"+query).Body, "\r\n") - 1; got != want {
			t.Errorf("%s: %d findings, want %d", query, got, want)
		}
	}
}

// TestLongRowsPage: lists page on by values that no address could hold.
func TestLongRowsPage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	const n = 120
	for i := range n {
		log = append(log, consoletest.Change("web01", int64(i+1), consoletest.Noon, fmt.Sprintf("/%s%03d",
			strings.Repeat("ü", 9000), i))...)
	}
	s.Load(t, "long.json", log)
	for _, sort := range []string{"row", "-row"} {
		all, last := s.Walk(t, "/findings?sort="+sort, "next", "findings")
		if len(all) != n || len(last) > 1000 {
			t.Errorf("sort=%s: %d rows in all, want %d; the last page's address has %d bytes", sort, len(all), n, len(last))
		}
	}
	if size := len(s.Get(t, "/findings").Body); size > 2<<20 {
		t.Errorf("a page of %d bytes", size)
	}
}
