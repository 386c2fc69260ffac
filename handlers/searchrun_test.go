package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

type rowsAnswer struct {
	Columns  []string
	Rows     [][]any
	Events   []int64
	Scanned  int64 `json:"events_scanned"`
	Complete bool
	Messages []struct {
		Level, Text  string
		Line, Column int
	}
}

func searchURL(path, q string, more ...string) string {
	v := url.Values{"q": {q}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return path + "?" + v.Encode()
}

// TestSearchEvents: a search gives programs its columns and rows, pages its events,
// and downloads all of them.
func TestSearchEvents(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	for i := range 30 {
		at := consoletest.Noon.Add(time.Duration(i) * time.Minute)
		log = append(log, consoletest.Change("web01", int64(i+1), at, "/a")...)
	}
	log = append(log, consoletest.Change(`<b>web02`, 31, consoletest.Noon, `=x"<script>`)...)
	s.Load(t, "a.json", log)
	ask := func(q string, more ...string) rowsAnswer {
		got := s.Do(t, "GET", searchURL("/search", q, more...), nil, "Accept", consoletest.JSON)
		return decodeJSON[rowsAnswer](t, got, 200)
	}
	a := ask("EventCode=29 | stats count by ComputerName | table ComputerName count nosuch")
	if want := [][]any{{"<b>web02", "1", nil}, {"web01", "30", nil}}; !a.Complete || a.Scanned != 31 || len(a.Rows) != 2 ||
		!slices.Equal(a.Rows[0], want[0]) || !slices.Equal(a.Rows[1], want[1]) || len(a.Messages) != 0 {
		t.Errorf("%+v", a)
	}
	a = ask("ComputerName=web01", "limit", "4", "earliest", "2026-03-02T12:10:00Z", "latest", "2026-03-02T12:20:00Z")
	if len(a.Rows) != 4 || a.Complete || a.Rows[0][0] != "2026-03-02T12:19:00Z" || len(a.Messages) != 1 {
		t.Errorf("the newest four of ten: %+v", a)
	}
	if a = ask("index=wineventlog | stats count by index"); len(a.Rows) != 1 || a.Rows[0][0] != "main" || a.Rows[0][1] != "31" {
		t.Errorf("by index: %+v", a)
	}
	if a = ask("x | nosuch"); len(a.Messages) != 1 || a.Messages[0].Level != "error" || a.Messages[0].Column != 5 {
		t.Errorf("%+v", a)
	}
	text := s.Get(t, searchURL("/search.csv", "EventCode=29 | table ComputerName")).Body
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 32 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	lines := strings.Split(strings.TrimSpace(s.Get(t, searchURL("/search.jsonl", "web01 | fields ComputerName")).Body), "\n")
	var one map[string]string
	if err := json.Unmarshal([]byte(lines[0]), &one); err != nil || len(lines) != 30 || one["ComputerName"] != "web01" {
		t.Errorf("%d lines, %v, %v", len(lines), one, err)
	}
	for path, want := range map[string]string{searchURL("/search.csv", "x | nosuch"): "line 1, column 5",
		"/search.csv": "q is empty", searchURL("/search", "x", "earliest", "yesterday"): "is no time",
		searchURL("/search", "x", "limit", "0"): "from 1 to"} {
		if got := s.Do(t, "GET", path, nil); got.Status != 400 || !strings.Contains(got.Body, want) {
			t.Errorf("%s: %d %q", path, got.Status, want)
		}
	}
}

// TestSearchPage: events stand beneath what matches, with their time, fields and ways
// to narrow the search.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, `/a`),
		consoletest.Change("web01", 2, consoletest.Noon.Add(time.Hour), `/b[@name="<script>"]`),
		consoletest.Change("web02", 1, consoletest.Noon.Add(2*time.Hour), `/c`)))
	page := func(path string) *goquery.Document {
		for {
			a := s.Do(t, "GET", path, nil)
			if a.Status == 303 {
				path = a.Header.Get("Location")
				continue
			}
			d := goquery.NewDocumentFromNode(consoletest.Page(t, a.Body))
			if d.Find("[data-search-running]").Length() == 0 {
				return d
			}
		}
	}
	d := page(searchURL("/search", "ComputerName=web01 EventCode=29"))
	if n := d.Find(".search-events tbody tr").Length(); n != 2 || !strings.Contains(d.Find("#results h2").Text(), "2 events") {
		t.Errorf("%d events: %s", n, oneLine(d.Find("#results").Text()))
	}
	if d.Find(".search-bars a").Length() == 0 {
		t.Error("there is no histogram")
	}
	narrow, ok := d.Find(`.search-field a[title="Add to the search"]`).First().Attr("href")
	u, err := url.Parse(narrow)
	if !ok || err != nil || !strings.HasPrefix(u.Query().Get("q"), "ComputerName=web01 EventCode=29 ") {
		t.Errorf("%q", narrow)
	}
	d.Find(".search-field li a").Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		if got := page(href); got.Find(".wrong").Length() > 0 {
			t.Errorf("%s leads to no search: %s", href, oneLine(got.Find(".wrong").Text()))
		}
	})
	bar, _ := d.Find(".search-bars a").Last().Attr("href")
	if n := page(bar).Find(".search-events tbody tr").Length(); n != 1 {
		t.Errorf("the last bar leads to %d events: %s", n, bar)
	}
	d = page(searchURL("/search", "* | stats count by ComputerName"))
	if got := oneLine(d.Find(".search-table").Text()); !strings.Contains(got, "web01") || !strings.Contains(got, "2") {
		t.Error(got)
	}
	d = page(searchURL("/search", "a | nosuch", "on", "page"))
	if got := d.Find("#results .wrong").Text(); !strings.Contains(got, "column 5") {
		t.Error(got)
	}
	d = page(searchURL("/search", "a", "job", "0123"))
	if got := oneLine(d.Find("#results").Text()); !strings.Contains(got, "does not run any more") {
		t.Error(got)
	}
	if a := s.Do(t, "GET", "/search?on=page", nil); a.Status != 200 || !strings.Contains(a.Body, "data-ask") {
		t.Error("the page of searches is not there:", a.Status)
	}
}

// TestOpenInSearch: a finding, its rule and its host lead to searches that give what
// they show, as of then.
func TestOpenInSearch(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, `/a`),
		consoletest.Change("web01", 2, consoletest.Noon.Add(-200*time.Hour), `/a`),
		consoletest.Change("web02", 1, consoletest.Noon, `/a`)))
	links := func(path, in string) (out []string) {
		d := goquery.NewDocumentFromNode(consoletest.Page(t, s.Get(t, path).Body))
		d.Find(in + ` a`).Each(func(_ int, a *goquery.Selection) {
			if strings.HasPrefix(a.Text(), "Open in search") {
				href, _ := a.Attr("href")
				out = append(out, href)
			}
		})
		return out
	}
	rows := func(address string) [][]any {
		t.Helper()
		a := decodeJSON[rowsAnswer](t, s.Do(t, "GET", address, nil, "Accept", consoletest.JSON), 200)
		for _, m := range a.Messages {
			t.Errorf("%s: %+v", address, m)
		}
		return a.Rows
	}
	finding := s.FindingOf(t, "55f22929-cfd3-4388-ba5c-4d01fac7ee7e")
	of := links("/findings/"+finding, ".rule-short")
	if len(of) != 3 {
		t.Fatalf("a finding leads to %q", of)
	}
	if got := rows(of[1]); len(got) != 1 || !slices.Contains(got[0], any("2")) {
		t.Errorf("the finding's row is %v", got)
	}
	if got := rows(of[2]); len(got) != 1 || got[0][1] != "1" {
		t.Errorf("the risk of its last 7 days is %v", got)
	}
	if got := links("/rules/55f22929-cfd3-4388-ba5c-4d01fac7ee7e", "main"); len(got) == 0 || len(rows(got[0])) != 2 {
		t.Errorf("a rule leads to %q", got)
	}
	host := links("/hosts/web01", "main")
	if len(host) != 2 || len(rows(host[0])) != 1 || len(rows(host[1])) != 1 {
		t.Fatalf("a host leads to %q", host)
	}
	row := rows(host[1])[0]
	if !slices.Contains(row, any("web01")) || !slices.Contains(row, any("1")) ||
		!slices.Contains(row, any("persistence")) {
		t.Errorf("its risk is %v", row)
	}
}
