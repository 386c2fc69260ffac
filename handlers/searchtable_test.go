package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/internal/consoletest"
)

// submit is where a form of a page leads by one of its buttons.
func submit(d *goquery.Document, form, button string) string {
	v := url.Values{}
	d.Find(form + " input[type=hidden]").Each(func(_ int, in *goquery.Selection) {
		v.Set(in.AttrOr("name", ""), in.AttrOr("value", ""))
	})
	b := d.Find(form + " " + button).First()
	v.Set(b.AttrOr("name", ""), b.AttrOr("value", ""))
	return b.AttrOr("formaction", d.Find(form).AttrOr("action", "")) + "?" + v.Encode()
}

// rowsOfPage are the cells of a table's rows, without where they lead.
func rowsOfPage(d *goquery.Document, selector string) (out [][]string) {
	d.Find(selector).Each(func(_ int, tr *goquery.Selection) {
		var row []string
		tr.Find("td.msg").Each(func(_ int, td *goquery.Selection) {
			row = append(row, strings.TrimPrefix(oneLine(td.Text()), "–"))
		})
		out = append(out, row)
	})
	return out
}

// TestSearchTables: a table is sorted by its columns, numbers as such, and paged; its
// rows lead to their events; what is downloaded is what the pages say, in their order.
func TestSearchTables(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	for i := range 900 {
		at := consoletest.Noon.Add(time.Duration(i) * time.Second)
		log = append(log, consoletest.Change(fmt.Sprintf("WEB%d", i%7), int64(i+1), at, `/a"|*\`)...)
	}
	s.Load(t, "a.json", log)
	const q = `* | stats count by RecordNumber ComputerName | eval n=if(RecordNumber%2=0, RecordNumber, null())`
	d, _ := searched(t, s, searchURL("/search", q))
	d, path := searched(t, s, submit(d, "#table", `button[value="-n"]`))
	if got := d.Find(`th[aria-sort=descending]`).Text(); !strings.HasPrefix(strings.TrimSpace(got), "n") ||
		d.Find("th.r").Length() != 3 {
		t.Errorf("sorted by %q, %d columns of numbers", got, d.Find("th.r").Length())
	}
	var all [][]string
	for next := path; next != ""; {
		var page *goquery.Document
		page, _ = searched(t, s, next)
		all = append(all, rowsOfPage(page, ".search-table tbody tr")...)
		next = page.Find(".pager a[rel=next]").AttrOr("href", "")
		if len(all) > 50 && len(all) <= 100 {
			back, _ := searched(t, s, page.Find(".pager a[rel=prev]").AttrOr("href", ""))
			if got := rowsOfPage(back, ".search-table tbody tr"); !slices.EqualFunc(got, all[:len(got)], slices.Equal) {
				t.Errorf("the page before is %v", got)
			}
		}
	}
	if len(all) != 900 || all[0][3] != "900" || all[449][3] != "2" || all[450][3] != "" || all[450][0] != "1" {
		t.Fatalf("%d rows: %q %q %q", len(all), all[0], all[449], all[450])
	}
	download := func(ending string) string {
		return s.Get(t, d.Find(`.found-head a[href^="/search.`+ending+`"]`).AttrOr("href", "")).Body
	}
	whole, err := csv.NewReader(strings.NewReader(download("csv"))).ReadAll()
	if err != nil || !slices.Equal(whole[0], []string{"RecordNumber", "ComputerName", "count", "n"}) ||
		!slices.EqualFunc(whole[1:], all, slices.Equal) {
		t.Errorf("CSV has %d rows, %v", len(whole), err)
	}
	lines := strings.Split(strings.TrimSpace(download("jsonl")), "\n")
	for i, line := range lines {
		var one map[string]string
		if err := json.Unmarshal([]byte(line), &one); err != nil || len(lines) != 900 ||
			one["RecordNumber"] != all[i][0] || one["n"] != all[i][3] {
			t.Fatalf("line %d of %d: %v %v", i, len(lines), one, err)
		}
	}
	events, to := searched(t, s, submit(d, "#table", "button[name=row]"))
	if got := events.Find("#results h2").Text(); got != "1 event" {
		t.Errorf("the first row leads by %s to %s", to, got)
	}
	spans, _ := searched(t, s, searchURL("/search", "EventCode=29 | timechart span=5m count",
		"earliest", "2026-03-02T12:01:00Z", "latest", "2026-03-02T12:12:00Z"))
	events, to = searched(t, s, submit(spans, "#table", "button[name=row]"))
	if got := events.Find("#results h2").Text(); got != "240 events" ||
		!strings.Contains(to, "latest=2026-03-02T12%3A05%3A00Z") {
		t.Errorf("the first span leads by %s to %s", to, got)
	}
	for _, q := range []string{"q=EventCode%3D29&row=1", "q=*+|+stats+count+by+x&row=[]",
		"q=*+|+stats+count+by+x&row={\"v\":[]}",
		"q=*+|+timechart+count&row={\"v\":[],\"from\":\"x\"}"} {
		if got := s.Do(t, "GET", "/search/drill?"+q, nil); got.Status != 400 {
			t.Errorf("%s: %d", q, got.Status)
		}
	}
}

// TestSearchWhole: what is downloaded of events has the columns of the page, and its
// order.
func TestSearchWhole(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, `/a`),
		consoletest.Change("web02", 2, consoletest.Noon.Add(time.Hour), `/=b`)))
	for _, q := range []string{`EventCode=29`, `EventCode=29 | eval x=RecordNumber, User=null()`} {
		d, _ := searched(t, s, searchURL("/search", q, "columns", "RecordNumber,x,nosuch,User"))
		page := rowsOfPage(d, ".search-events tbody tr")
		text := s.Get(t, d.Find(`.found-head a[href^="/search.csv"]`).AttrOr("href", "")).Body
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		heads := []string{"_time", "dest", "RecordNumber", "x", "nosuch", "User"}
		if err != nil || len(rows) != 3 || !slices.Equal(rows[0], heads) {
			t.Fatalf("%v %q", err, rows)
		}
		for i, row := range rows[1:] {
			if !slices.Equal(row[2:], page[i]) || row[1] != texts(d, ".search-events .dest")[i] ||
				row[0] != consoletest.Times(d)[i] {
				t.Errorf("%s: the page has %q, CSV %q", q, page[i], row)
			}
		}
	}
}

// TestWideTable: a page of a table with many columns and long values stays small.
func TestWideTable(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("web01", 1, consoletest.Noon, `/a`))
	var sets []string
	for i := range 90 {
		sets = append(sets, fmt.Sprintf(`c%d=printf("%%0600d<b>\"", %d)`, i, i))
	}
	for _, eval := range []string{strings.Join(sets, ", "), `a=printf("%04000d<&", 1)`} {
		q := "| makeresults count=200 | eval " + eval
		a := s.Get(t, searchURL("/search", q+" | fields - _time", "on", "page"))
		if !strings.Contains(a.Body, "search-table") || len(a.Body) > 150_000 {
			t.Errorf("%d bytes: %.80s", len(a.Body), q)
		}
	}
}

// TestSearchChart: a chart says what it shows, whatever is in its names.
func TestSearchChart(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	for i := range 30 {
		at := consoletest.Noon.Add(time.Duration(i) * time.Minute)
		log = append(log, consoletest.Change([]string{"<b>&\"\u202e\x01", "web01"}[i%2], int64(i+1), at, `/a`)...)
	}
	s.Load(t, "a.json", log)
	for q, want := range map[string]string{
		"* | timechart span=10m count by ComputerName": "3 points from 2026-03-02 12:00:00 UTC to 2026-03-02 12:20:00 UTC. " +
			"The greatest is 5",
		"* | chart count over ComputerName": `count by ComputerName: 2 points from <b>&"[U+202E][U+0001] to web01.`,
	} {
		d, _ := searched(t, s, searchURL("/search", q))
		svg := d.Find("figure.chart svg[role=img]")
		if got := oneLine(d.Find("#chart-words").Text()); !strings.Contains(got, want) || svg.Find("title").Length() == 0 ||
			d.Find(".search-table tbody tr").Length() < 2 || d.Find("figure.chart b").Length() > 0 {
			t.Errorf("%s: %q", q, got)
		}
		if strings.ContainsAny(d.Find("figure.chart").Text(), "\u202e\x01") {
			t.Errorf("%s: a mark is in the chart", q)
		}
		links := d.Find("figcaption a")
		file := s.Get(t, links.Eq(0).AttrOr("href", "")).Body
		alone := s.Get(t, searchURL("/search/chart.svg", q)).Body // without the page's table
		if !strings.HasPrefix(file, `<svg xmlns="http://www.w3.org/2000/svg"`) ||
			xml.Unmarshal([]byte(file), new(any)) != nil || !strings.Contains(file, "web01") || strings.ContainsAny(file, "\u202e\x01") || file != alone ||
			regexp.MustCompile(`<style|class=|href|<b>`).MatchString(file) {
			t.Errorf("%s: as a file %s", q, file)
		}
		if png := s.Get(t, links.Eq(1).AttrOr("href", "")).Body; !strings.HasPrefix(png, "\x89PNG") {
			t.Errorf("%s: a PNG of %d bytes", q, len(png))
		}
	}
	for _, q := range []string{"*", "* | stats count by ComputerName | head 1", "nosuch | timechart count by host"} {
		if a := s.Do(t, "GET", searchURL("/search/chart.svg", q), nil); a.Status != 404 {
			t.Errorf("%s has a chart: %d", q, a.Status)
		}
	}
}

// TestSearchTableCommand: what table leaves is a table, in the order of the events, and
// its rows lead to these; what fields leaves are events still.
func TestSearchTableCommand(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	for i := range 60 {
		at := consoletest.Noon.Add(time.Duration(i%7*60+i) * time.Minute)
		log = append(log, consoletest.Change("web01", int64(i+1), at, `/a`)...)
	}
	s.Load(t, "a.json", log)
	download := func(path string) [][]string {
		rows, err := csv.NewReader(strings.NewReader(s.Get(t, path).Body)).ReadAll()
		if err != nil || len(rows) != 61 || !slices.Equal(rows[0], []string{"RecordNumber", "nosuch"}) {
			t.Fatalf("%s: %v, %q", path, err, rows)
		}
		return rows[1:]
	}
	newest := download(searchURL("/search.csv", "EventCode=29 | table RecordNumber nosuch"))
	for _, q := range []string{"EventCode=29 | table RecordNumber nosuch", "* | fields RecordNumber | table RecordNumber nosuch",
		"EventCode=29 | sort -_time | table RecordNumber nosuch"} {
		d, _ := searched(t, s, searchURL("/search", q, "columns", "User"))
		rows := rowsOfPage(d, ".search-table tbody tr")
		if got := consoletest.Words(d, "#results h2"); got != "60 rows" || len(rows) != 50 ||
			!slices.EqualFunc(rows, newest[:50], slices.Equal) || rows[0][0] != "56" {
			t.Errorf("%s: %s, %q", q, got, rows)
		}
		event := s.Doc(t, d.Find("#table td.tight a").First().AttrOr("href", ""))
		if text := consoletest.Words(event, "main"); !strings.Contains(text, "RecordNumber"+rows[0][0]) {
			t.Errorf("%s: the first row %q leads to %s", q, rows[0], text)
		}
		d, _ = searched(t, s, submit(d, "#table", "button[value=RecordNumber], button[value=-RecordNumber]"))
		got := download(d.Find(`.found-head a[href^="/search.csv"]`).AttrOr("href", ""))
		if rows := rowsOfPage(d, ".search-table tbody tr"); rows[0][0] != "60" ||
			!slices.EqualFunc(rows, got[:50], slices.Equal) {
			t.Errorf("%s sorted: %q, CSV %q", q, rows, got)
		}
	}
	d, _ := searched(t, s, searchURL("/search", "| datamodel Endpoint Processes search | table Processes.dest"))
	if got := consoletest.Words(d, "#results h2"); got != "0 rows" {
		t.Error(got)
	}
	d, _ = searched(t, s, searchURL("/search", "EventCode=29 | fields RecordNumber"))
	if d.Find(".search-events tr[data-event]").Length() != 50 || d.Find(".search-bars a").Length() == 0 {
		t.Errorf("fields: %s", consoletest.Words(d, "#results"))
	}
}
