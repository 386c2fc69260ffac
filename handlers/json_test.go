package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/intake"
	"escutcheon/internal/consoletest"

	"github.com/PuerkitoBio/goquery"
)

// decodeJSON is an answer as a program reads it.
func decodeJSON[T any](t testing.TB, a consoletest.Answer, status int) (v T) {
	t.Helper()
	if kind := a.Header.Get("Content-Type"); a.Status != status || !strings.HasPrefix(kind, consoletest.JSON) {
		t.Fatalf("status %d, want %d, %s: %s", a.Status, status, kind, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return v
}

// TestNotesAsJSON writes, edits and deletes a note as a program does.
func TestNotesAsJSON(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Change("Web01", 1, consoletest.Noon, "/a"))
	type note struct {
		ID       int64 `json:"note_id"`
		Dest     string
		Revision int64
	}
	for i, c := range []struct {
		path   string
		form   url.Values
		status int
		want   note
	}{
		{"/hosts/WEB01/notes", url.Values{"author": {"a"}, "text": {"one"}}, http.StatusCreated, note{1, "web01", 1}},
		{"/hosts/notes?dest=Web01.", url.Values{"author": {"a"}, "text": {"two"}}, http.StatusCreated, note{2, "web01", 1}},
		{"/notes/1", url.Values{"author": {"b"}, "text": {"three"}, "revision": {"1"}}, http.StatusOK, note{1, "web01", 2}},
		{"/notes/1/delete", url.Values{"author": {"c"}, "revision": {"2"}}, http.StatusOK, note{1, "web01", 3}},
	} {
		if got := decodeJSON[note](t, s.Post(t, c.path, c.form, "Accept", consoletest.JSON), c.status); got != c.want {
			t.Errorf("%d, %s: %+v, want %+v", i, c.path, got, c.want)
		}
	}
}

// TestRulesAsJSON: the list takes the page's filters.
func TestRulesAsJSON(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	if err := s.Book.Load(t.Context(), []detection.SourceFile{
		consoletest.RuleFile("33333333-0000-0000-0000-000000000000", "Loaded",
			"EventCode=77 | stats count by dest | `loaded_filter`"),
		consoletest.RuleFile("11111111-0000-0000-0000-000000000000", "Joined",
			"EventCode=1\n| map dest [search EventCode=2]"),
	}); err != nil {
		t.Fatal(err)
	}
	const loaded = "33333333-0000-0000-0000-000000000000"
	s.Post(t, "/rules/"+consoletest.AppcmdID+"/disable", url.Values{"author": {"a"}})
	consoletest.Poll(t, func() bool { return s.Rules(t).Behind.Rules == 0 })
	get := func(query string) (ids []string, refused int) {
		l := decodeJSON[consoletest.Listed](t, s.Do(t, "GET", "/rules"+query, nil, "Accept", consoletest.JSON), 200)
		for _, r := range l.Rules {
			ids = append(ids, r.ID)
		}
		return ids, len(l.Refused)
	}
	for _, c := range []struct {
		query   string
		has     []string // of the seed, appcmd and loaded
		refused int
	}{
		{"", []string{consoletest.SeedID, consoletest.AppcmdID, loaded}, 1},
		{"?state=enabled", []string{consoletest.SeedID, loaded}, 0},
		{"?state=disabled", []string{consoletest.AppcmdID}, 0},
		{"?state=fired", []string{consoletest.SeedID}, 0},
		{"?state=filtered", nil, 0},
		{"?state=running", nil, 0},
		{"?state=refused", nil, 1},
		{"?state=refused&q=nothing", nil, 0},
		{"?source=loaded", []string{loaded}, 1},
		{"?source=built-in", []string{consoletest.SeedID, consoletest.AppcmdID}, 0},
		{"?source=replaced", nil, 0},
		{"?source=nonsense", nil, 1},
		{"?q=APPCMD", []string{consoletest.AppcmdID}, 0},
		{"?q=join", nil, 1},
		{"?q=T1505.004", []string{consoletest.SeedID, consoletest.AppcmdID}, 0},
	} {
		ids, refused := get(c.query)
		var has []string
		for _, id := range []string{consoletest.SeedID, consoletest.AppcmdID, loaded} {
			if slices.Contains(ids, id) {
				has = append(has, id)
			}
		}
		if !slices.Equal(has, c.has) || refused != c.refused {
			t.Errorf("%s: %q and %d refused, want %q and %d", c.query, has, refused, c.has, c.refused)
		}
	}
	up, _ := get("?sort=findings")
	down, _ := get("?sort=-findings")
	if up[len(up)-1] != consoletest.SeedID || down[0] != consoletest.SeedID || len(up) != len(down) {
		t.Errorf("by findings: %q and %q", up, down)
	}
	one := decodeJSON[struct {
		ID, State, Source, File, Last string
		Score, Findings               int64
		Running                       *int
	}](t, s.Do(t, "GET", "/rules/"+consoletest.SeedID, nil, "Accept", consoletest.JSON), 200)
	if one.ID != consoletest.SeedID || one.State != "enabled" || one.Source != "built in" || one.Score != 50 ||
		one.Findings != 4 || one.Running != nil ||
		one.Last != "2026-03-02T15:00:00Z" {
		t.Errorf("one rule: %+v", one)
	}
}

// TestFilterAsJSON sets a filter and takes it away; the list says what is in
// force.
func TestFilterAsJSON(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	path := "/rules/" + consoletest.AppcmdID + "/filter"
	filter := func() any {
		for _, r := range s.Rules(t).Rules {
			if r.ID == consoletest.AppcmdID && r.Filter != nil {
				return *r.Filter
			}
		}
		return nil
	}
	type answered struct{ ID, Expression string }
	set := url.Values{"expression": {`NOT dest="web02"`}, "reason": {"ours"}, "author": {"a"},
		"expires": {"2126-01-31T08:00"}}
	if got := decodeJSON[answered](t, s.Post(t, path, set, "Accept", consoletest.JSON),
		200); got != (answered{consoletest.AppcmdID, `NOT dest="web02"`}) {
		t.Errorf("answered %+v", got)
	}
	if got, want := fmt.Sprint(filter()), `{NOT dest="web02" ours a 2126-01-31T08:00:00Z}`; got != want {
		t.Errorf("in force %s, want %s", got, want)
	}
	if n := s.Findings(t, consoletest.AppcmdID); n != 4 {
		t.Errorf("%d findings are shown, want 4", n)
	}
	if got := decodeJSON[answered](t, s.Post(t, path, url.Values{"remove": {"1"}, "reason": {"x"}, "author": {"a"}},
		"Accept", consoletest.JSON), 200); got.Expression != "" {
		t.Errorf("answered %+v", got)
	}
	if got := filter(); got != nil || s.Findings(t, consoletest.AppcmdID) != 5 {
		t.Errorf("in force %v", got)
	}
}

// TestImportsPages: the list turns by the ids of its imports.
func TestImportsPages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	for i := range 120 {
		id, err := s.Store.AddImport(t.Context(), intake.Import{Name: fmt.Sprintf("log%03d", i+1), Source: intake.Upload,
			Zone: "UTC", Status: intake.Asking})
		if err == nil {
			err = s.Store.FinishImport(t.Context(), id, "", intake.Cancelled, "no matter")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	path, pages := "/imports", 0
	for path != "" && pages < 5 {
		d := documentOf(t, s.Get(t, path))
		if got := d.Find("a[rel=prev]").AttrOr("href", ""); pages > 0 && got != "/imports" || pages == 0 && got != "" {
			t.Errorf("%s: back to %q", path, got)
		}
		d.Find("table.imports tbody tr a[href^='/imports/']").Each(func(i int,
			a *goquery.Selection) {
			names = append(names, oneLine(a.Text()))
		})
		path, pages = d.Find("a[rel=next]").AttrOr("href", ""), pages+1
	}
	var want []string
	for i := 120; i > 0; i-- {
		want = append(want, fmt.Sprintf("log%03d", i))
	}
	if pages != 3 || !slices.Equal(names, want) {
		t.Errorf("%d pages, %d imports: %q", pages, len(names), names)
	}
	if d := documentOf(t, s.Get(t, "/imports?after=nonsense")); !strings.Contains(d.Find("main").Text(), "log120") {
		t.Error("what is no id is not the list's start")
	}
	for path, want := range map[string]bool{"/imports?deleted=777": true, "/imports?deleted=5": false,
		"/imports?deleted=-1": false, "/imports?deleted=x": false} {
		if got := strings.Contains(s.Get(t, path).Body, "Import 777 was deleted"); got != want {
			t.Errorf("%s says that an import is gone: %v", path, got)
		}
	}
}

// TestEvents: an event's page in its three forms, its bytes, and the events
// that are in no finding.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	line := consoletest.Change("Web01", 7, consoletest.Noon, "/a")
	nameless := []byte(
		`{"EventTime":"2026-03-02 12:00:00","EventID":29,"SourceName":"Microsoft-Windows-IIS-Configuration","Channel":"Microsoft-IIS-Configuration/Operational","Hostname":"web02"}` + "\n")
	s.Load(t, "a.json", append(slices.Clone(line), nameless...))
	d := documentOf(t, s.Get(t, "/events/1"))
	checkLinks(t, d, map[string]string{"a[href^='/imports/']": "/imports/1", "a[href^='/hosts/']": "/hosts/web01",
		"a[href*='/raw']": "/events/1/raw?record=1"})
	raw := s.Do(t, "GET", "/events/1/raw", nil)
	if raw.Body != strings.TrimSuffix(string(line), "\n") ||
		raw.Header.Get("Content-Disposition") != `attachment; filename="event-1.bin"` {
		t.Errorf("the event's bytes: %q, %v", raw.Body, raw.Header)
	}
	for _, record := range []string{"1", "99", "x"} { // what names none is the first
		if a := s.Get(t, "/events/1/raw?record="+record); a.Body != raw.Body {
			t.Errorf("record=%s: %q", record, a.Body)
		}
	}
	for _, c := range []struct{ path, has string }{
		{"/events/1?show=raw", `"EventID":29`}, {"/events/1?show=hex", "7b"}, {"/events/1", "Web01"},
	} {
		if got := documentOf(t, s.Get(t, c.path)).Find("main").Text(); !strings.Contains(got, c.has) {
			t.Errorf("%s does not show %q", c.path, c.has)
		}
	}
	for path, want := range map[string]int{"/events": 1, "/events?dest=WEB02": 1, "/events?dest=web01": 0,
		"/events?rule=" + consoletest.SeedID:   1,
		"/events?rule=" + consoletest.AppcmdID: 0, "/events?missing=nothing": 0} {
		if n := documentOf(t, s.Get(t, path)).Find("ol.events > li").Length(); n != want {
			t.Errorf("%s: %d events, want %d", path, n, want)
		}
	}
}

// TestFindingPage: a finding leads to its host, its rule's other findings, the
// host's risk at its end, and a filter like it.
func TestFindingPage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	log := slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, `/"q"`), consoletest.Change("web01", 2,
		consoletest.Noon.Add(time.Hour), `/"q"`))
	s.Load(t, "a.json", log)
	id := s.FindingIDs(t)[0]
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"of the host"}})
	s.Post(t, "/hosts/web01/notes", url.Values{"author": {"a"}, "text": {"of the finding"}, "finding": {id}})
	d := documentOf(t, s.Get(t, "/findings/"+id))
	if n := d.Find("ol.events > li").Length(); n != 2 {
		t.Errorf("%d events", n)
	}
	if notes := oneLine(d.Find("aside").Text()); !strings.Contains(notes, "of the finding") || strings.Contains(notes,
		"of the host") {
		t.Errorf("notes of the finding alone: %s", notes)
	}
	var links []string
	d.Find(".rule-short details a[href^='/']:not([href^='/search'])").Each(func(_ int, a *goquery.Selection) {
		links = append(links,
			a.AttrOr("href", ""))
	})
	if want := []string{"/findings?dest=web01&rule=" + consoletest.SeedID,
		"/hosts/web01?as-of=2026-03-02T13%3A00%3A00Z"}; !slices.Equal(links, want) {
		t.Errorf("drilldowns lead to %q, want %q", links, want)
	}
	if search := d.Find(".rule-short details").First().Text(); !strings.Contains(search, `dest = "web01"`) &&
		!strings.Contains(search, `dest="web01"`) {
		t.Errorf("the drilldown is not filled in: %s", search)
	}
	if got := d.Find("a.button").AttrOr("href", ""); got != "/rules/"+consoletest.SeedID+"?like="+id+"#filter" {
		t.Errorf("suppress like this leads to %q", got)
	}
	s.Post(t, "/rules/"+consoletest.SeedID+"/filter", url.Values{"expression": {"NOT dest=web01"}, "reason": {"ours"},
		"author": {"Night"}})
	d = documentOf(t, s.Get(t, "/findings/"+id))
	if got := oneLine(d.Find(".suppressed-by").Text()); !strings.Contains(got, "Night") || !strings.Contains(got,
		"ours") || d.Find("a.button").Length() != 0 {
		t.Errorf("suppressed: %q", got)
	}
	if n := documentOf(t, s.Get(t, "/findings")).Find("table.findings tbody tr").Length(); n != 0 {
		t.Errorf("%d suppressed findings in the list", n)
	}
	if n := documentOf(t, s.Get(t, "/findings?suppressed=1")).Find("table.findings tbody tr").Length(); n != 1 {
		t.Errorf("%d findings with the suppressed ones", n)
	}
}
