package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

const (
	moduleX    = `/system.webServer/globalModules/add[@name="X"]`
	loggingOff = "/system.applicationHost/sites/siteDefaults/logFile/@enabled"
)

// lanesOf counts the risk events, notes and changes of status by lane.
func lanesOf(t *testing.T, d *goquery.Document) map[string]int {
	t.Helper()
	out := map[string]int{}
	d.Find("svg.timeline a.mark").Each(func(_ int, m *goquery.Selection) {
		n, err := strconv.Atoi(m.AttrOr("data-count", ""))
		if err != nil {
			t.Error(err)
		}
		for lane := range 6 {
			if m.HasClass(fmt.Sprint("lane-", lane)) {
				out[fmt.Sprint(lane)] += n
			}
		}
	})
	return out
}

// TestTimelineLanes: however many risk events there are, each is in its own lane,
// and the table beneath has all of them, newest first, by paging.
func TestTimelineLanes(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	number := int64(0)
	add := func(n int, path string) {
		for i := range n {
			number++
			of := path
			if of == "" {
				of = fmt.Sprintf("/p%d", i)
			}
			log = append(log, consoletest.Change("web01", number, consoletest.Noon.Add(time.Duration(number*7)*time.Minute),
				of)...)
		}
	}
	add(260, "")
	add(40, moduleX)
	add(25, loggingOff)
	add(260, "")
	s.Load(t, "log.json", log)
	from := "/hosts/web01?from=2026-03-01&to=2026-03-20"
	d := s.Doc(t, from)
	all := consoletest.Words(d, "#timeline .pager")
	n := 0
	if _, err := fmt.Sscanf(all[strings.Index(all, "of ")+3:], "%d", &n); err != nil || n <= 400 {
		t.Fatalf("%q: more than 400 risk events, %v", all, err)
	}
	lanes := lanesOf(t, d)
	if lanes["0"] == 0 || lanes["1"] == 0 || lanes["2"] != 0 || lanes["0"]+lanes["1"]+lanes["3"] != n {
		t.Errorf("%v of %d", lanes, n)
	}
	// few at a time say the same
	few := map[string]int{}
	for n := range 7 {
		day := consoletest.Noon.AddDate(0, 0, n-1)
		at := fmt.Sprintf("/hosts/web01?from=%s&to=%s", day.Format(time.RFC3339), day.AddDate(0, 0, 1).Format(time.RFC3339))
		for lane, n := range lanesOf(t, s.Doc(t, at)) {
			few[lane] += n
		}
	}
	if fmt.Sprint(few) != fmt.Sprint(lanes) {
		t.Errorf("day by day %v, at once %v", few, lanes)
	}
	rows, last := 0, "9"
	for path := from; path != ""; {
		d := s.Doc(t, path)
		d.Find("[data-timeline-rows] tbody tr").Each(func(_ int, r *goquery.Selection) {
			rows++
			at := r.Find("time").AttrOr("datetime", "")
			if at > last || r.AttrOr("data-row", "-1") == "-1" {
				t.Errorf("row %d, %s after %s, is of mark %s", rows, at, last, r.AttrOr("data-row", ""))
			}
			last = at
		})
		path = strings.TrimSuffix(d.Find("#timeline a[rel=next]").AttrOr("href", ""), "#risk-events")
	}
	if rows != n {
		t.Errorf("%d rows on all pages, want %d", rows, n)
	}
}

// TestTimelineTyped: a range or an as-of that cannot be read is said beside its box,
// and the page is there as if nothing had been typed.
func TestTimelineTyped(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	for _, c := range []struct{ query, says, box, typed string }{
		{"as-of=soon", `"soon" is no time`, "#asof", "soon"},
		{"from=x", `"x" is no time`, "#range-from", "x"},
		{"to=y&from=2026-01-01", `"y" is no time`, "#range-to", "y"},
		{"from=2026-03-02&to=2026-03-01", "ends before it begins", "#range-from", "2026-03-02"},
		{"as-of=2026-03-02&from=2026-03-03", "begins after 2026-03-02 00:00:00 UTC", "#range-from", "2026-03-03"},
	} {
		for _, page := range []string{"/hosts/web01", "/users/svc_deploy"} {
			a := s.Do(t, http.MethodGet, page+"?"+c.query, nil)
			d := documentOf(t, a)
			said := oneLine(d.Find(".problem").Text())
			box := d.Find(c.box)
			if a.Status != 400 || !strings.Contains(said, c.says) || box.AttrOr("value", "") != c.typed ||
				box.AttrOr("aria-invalid", "") != "true" {
				t.Errorf("%s?%s: %d %q, %q in the box", page, c.query, a.Status, said, box.AttrOr("value", ""))
			}
			if d.Find("#drill-title").Length()+d.Find(".facts, .verdict").Length() == 0 {
				t.Errorf("%s?%s: the page is lost", page, c.query)
			}
			d.Find("#timeline .range-links a").Each(func(_ int, l *goquery.Selection) {
				u, err := url.Parse(l.AttrOr("href", ""))
				if err != nil || u.Query().Get("as-of") == "soon" || u.Query().Get("from") == c.typed {
					t.Errorf("%s?%s: the link %s carries it on", page, c.query, u)
				}
			})
		}
	}
	for _, list := range []string{"/", "/users"} {
		d := documentOf(t, s.Do(t, http.MethodGet, list+"?as-of=soon&q=w", nil))
		if box := d.Find("#f-asof"); box.AttrOr("value", "") != "soon" || box.AttrOr("aria-invalid", "") != "true" ||
			!strings.Contains(d.Find("#asof-wrong").Text(), `"soon" is no time`) || d.Find("#f-q").AttrOr("value", "") != "w" {
			t.Errorf("%s: %s", list, oneLine(d.Find("main").Text()))
		}
	}
	d := s.Doc(t, "/hosts/web01?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z&part=timeline")
	if d.Find("#timeline svg.timeline").Length() != 1 || d.Find("h1").Length() != 0 {
		t.Error("of a page its timeline alone")
	}
}

// TestTimelineShades: a stretch without any log is shaded and said, as is what lies
// before the first and after the last event; logging off too.
func TestTimelineShades(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	log := consoletest.Change("web01", 1, consoletest.Noon, "/a")
	s.Load(t, "log.json", append(log, consoletest.Change("web01", 2, consoletest.Noon.Add(72*time.Hour), "/b")...))
	at := func(h int) string { return consoletest.Noon.Add(time.Duration(h) * time.Hour).Format(time.RFC3339) }
	d := s.Doc(t, "/hosts/web01?from="+at(-24)+"&to="+at(96))
	var got []float64
	d.Find("svg.timeline rect.shade-gap").Each(func(_ int, r *goquery.Selection) {
		w, err := strconv.ParseFloat(r.AttrOr("width", ""), 64)
		if err != nil {
			t.Error(err)
		}
		got = append(got, w)
	})
	if len(got) != 3 || got[0] != got[2] || got[1] < 2.9*got[0] || got[1] > 3.1*got[0] {
		t.Errorf("shades of %v, want a day, three and a day", got)
	}
	sentence := consoletest.Words(d, "#timeline .sentence")
	want := "No logs from " + consoletest.Noon.Format("2006-01-02 15:04:05 UTC") + " to " +
		consoletest.Noon.Add(72*time.Hour).Format("2006-01-02 15:04:05 UTC")
	if !strings.Contains(sentence, want) || !strings.Contains(d.Find("svg.timeline > desc").Text(), want) ||
		!strings.Contains(consoletest.Words(d, "#timeline .legend"), "no logs") {
		t.Errorf("no %q in %q", want, sentence)
	}
	if d := s.Doc(t, "/hosts/web01?from="+at(-1)+"&to="+at(1)); d.Find("rect.shade-gap").Length() != 3 {
		t.Error("an hour before and after the first event has the log's begin, and the gap")
	}
}

// TestTimelineBeside: notes and changes of status have lanes of their own, what was
// set at once is one mark, and those behind the as-of are a click away.
func TestTimelineBeside(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "log.json", consoletest.Many(4, 1))
	for path, form := range map[string]url.Values{
		"/hosts/web000/notes":  {"author": {"anna"}, "text": {"seen"}},
		"/hosts/web000/triage": {"author": {"anna"}, "status": {"In Progress"}},
		"/triage":              {"author": {"anna"}, "status": {"closed"}, "finding": s.FindingIDs(t)},
	} {
		if a := s.Post(t, path, form, "Accept", consoletest.JSON); a.Status >= 400 {
			t.Fatal(path, a.Status, a.Body)
		}
	}
	d := s.Doc(t, "/hosts/web000")
	if lanes := lanesOf(t, d); lanes["4"]+lanes["5"] != 0 {
		t.Errorf("in the seven days of the log %v", lanes)
	}
	later := d.Find("#timeline .range-links a:contains('To now')").AttrOr("href", "")
	d = s.Doc(t, later)
	lanes := lanesOf(t, d)
	if lanes["4"] != 1 || lanes["5"] != 2 {
		t.Errorf("%s: %v, want a note and two changes", later, lanes)
	}
	if got := d.Find("a.lane-5 title").Text(); !strings.Contains(got, "Status: 2 changes of status from") {
		t.Errorf("%q", got)
	}
}

// TestTimelinePicture: the picture as a file, with what it is of, its range and zone.
func TestTimelinePicture(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	const chosen = "from=2026-03-02T10%3A00%3A00Z&to=2026-03-02T16%3A00%3A00Z"
	for page, name := range map[string]string{"/hosts/web01": "timeline-web01", "/users/svc_deploy": "timeline-user-svc_deploy"} {
		var links []string
		s.Doc(t, page+"?sort=x&"+chosen).Find("#timeline .panel-do a").Each(func(_ int, a *goquery.Selection) {
			links = append(links, a.AttrOr("href", ""))
		})
		if want := page + "/timeline.svg?" + chosen; len(links) != 2 || links[0] != want {
			t.Fatalf("links %q, want %s first", links, want)
		}
		for i, want := range []struct{ kind, end, begins string }{{"image/svg+xml", ".svg", "<svg "},
			{"image/png", ".png", "\x89PNG\r\n"}} {
			a := s.Get(t, links[i])
			if a.Header.Get("Content-Type") != want.kind || !strings.HasPrefix(a.Body, want.begins) ||
				a.Header.Get("Content-Disposition") != `attachment; filename="`+name+want.end+`"` {
				t.Errorf("%s: %v", links[i], a.Header)
			}
		}
		consoletest.Says(t, s.Get(t, links[0]).Body, "Risk timeline of "+page[strings.LastIndex(page, "/")+1:],
			"2026-03-02 10:00:00 to 2026-03-02 16:00:00 UTC", "appcmd.exe")
	}
	for _, path := range []string{"/hosts/web01/timeline.svg?from=x", "/users/anna/timeline.png?as-of=x",
		"/timeline.svg?dest=web01&as-of=2026-03-01&from=2026-03-02"} {
		if a := s.Do(t, http.MethodGet, path, nil); a.Status != 400 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

// TestTimelineCrossing: a range that ends before the run that saw an incident says
// when it was reached all the same; one that ends before that does not.
func TestTimelineCrossing(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	for at, want := range map[string]bool{"13:30:00Z&to=2026-03-02T14:20:00Z": true,
		"13:30:00Z&to=2026-03-02T13:59:59Z": false, "14:00:00Z&to=2026-03-02T16:00:00Z": false} {
		d := s.Doc(t, "/hosts/web01?part=timeline&from=2026-03-02T"+at)
		said := strings.Contains(consoletest.Words(d, ".sentence"),
			"It reached high at 2026-03-02 14:00:00 UTC; the run of 2026-03-02 15:00:00 UTC was the first to see it.")
		if said != want || (d.Find("svg.timeline line.crossed").Length() == 1) != want {
			t.Errorf("%s: %v, %q", at, d.Find("svg.timeline line.crossed").Length(), consoletest.Words(d, ".sentence"))
		}
	}
}

// TestTimelineOfOneMoment: events of one moment are logs of their hour, so that the
// picture is not one shade.
func TestTimelineOfOneMoment(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "log.json", consoletest.Change("web01", 1, consoletest.Noon.Add(10*time.Minute), "/a"))
	at := func(h int) string { return consoletest.Noon.Add(time.Duration(h) * time.Hour).Format(time.RFC3339) }
	d := s.Doc(t, "/hosts/web01?from="+at(-2)+"&to="+at(3))
	sentence := consoletest.Words(d, "#timeline .sentence")
	for _, span := range [][2]int{{-2, 0}, {1, 3}} {
		utc := func(h int) string {
			return consoletest.Noon.Add(time.Duration(h) * time.Hour).Format("2006-01-02 15:04:05 UTC")
		}
		if want := "o logs from " + utc(span[0]) + " to " + utc(span[1]); !strings.Contains(sentence, want) {
			t.Errorf("no %q in %q", want, sentence)
		}
	}
}

// TestRemovedModuleHasItsLane: what rules find whose rows have no path of what was
// changed stands among the modules too, by the module's name.
func TestRemovedModuleHasItsLane(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	for i, path := range []string{"globalModules", "modules"} {
		r := logwriter.IISChange(logwriter.Change{Path: `/system.webServer/` + path + `/add[@name="Gone"]`,
			At: logwriter.AppHost, Edit: logwriter.EditDelete})
		r.Computer, r.RecordNumber, r.Time = "web01", int64(i+1), consoletest.Noon
		log = append(logwriter.AppendNXLog(log, &r, nil), '\n')
	}
	s.Load(t, "log.json", log)
	d := s.Doc(t, "/hosts/web01?from=2026-03-01&to=2026-03-20")
	found := len(consoletest.Rows(t, s.Get(t, "/hosts/web01/findings.csv"))) - 1
	if lanes := lanesOf(t, d); found < 3 || lanes["0"] != found || len(lanes) != 1 {
		t.Errorf("%d findings, marks %v", found, lanes)
	}
	if mark := d.Find("svg.timeline a.lane-0").Text(); !strings.Contains(mark, "Gone") {
		t.Errorf("the mark says %q", mark)
	}
}
