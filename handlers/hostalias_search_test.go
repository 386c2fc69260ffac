package handlers_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// TestSearchOfMergedHost: from a host of two names, and from a finding of it, a search
// asks for both.
func TestSearchOfMergedHost(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	for i := range 4 {
		log = append(log, consoletest.Change([]string{"EXCH01", "exch01.corp.example"}[i%2], int64(i+1),
			consoletest.Noon.Add(time.Duration(i)*time.Minute), fmt.Sprintf("/p%d", i/2))...)
	}
	s.Load(t, "a.json", append(log, consoletest.Change("web01", 1, consoletest.Noon, "/p0")...))
	rows := func(href string) int {
		u, err := url.Parse(href)
		if err != nil || u.Path != "/search" {
			t.Fatalf("%q leads to no search", href)
		}
		a := s.Do(t, "GET", href, nil, "Accept", consoletest.JSON)
		return len(decodeJSON[rowsAnswer](t, a, 200).Rows)
	}
	searches := func() (out []int) {
		for _, path := range []string{"/hosts/exch01.corp.example", "/findings/" + s.FindingIDs(t)[0]} {
			s.Doc(t, path).Find(`a[href^="/search?"]`).Each(func(_ int, a *goquery.Selection) {
				if href := a.AttrOr("href", ""); strings.Contains(href, "q=") {
					out = append(out, rows(href))
				}
			})
		}
		return out
	}
	before := searches()
	s.Post(t, "/hosts/exch01.corp.example/names", url.Values{"name": {"exch01"}, "author": {"Anna"}})
	after := searches()
	if len(before) != len(after) || len(before) < 3 {
		t.Fatalf("%d searches, %d before", len(after), len(before))
	}
	for i := range before {
		if after[i] != 2*before[i] || before[i] == 0 {
			t.Errorf("search %d gives %d rows, %d before", i, after[i], before[i])
		}
	}
}
