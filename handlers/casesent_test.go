package handlers_test

import (
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

// TestCaseUnsigned: what a program sends without a name is by its address; a name that
// a form asks for is not left out.
func TestCaseUnsigned(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(2, 1))
	s.Post(t, "/cases", url.Values{"title": {"x"}, "author": {"anna"}})
	for path, form := range map[string]url.Values{"/cases/1": {"owner": {"ben"}}, "/cases/1/items": {"event": {"1"}},
		"/cases/1/questions": {"question": {"?"}}, "/cases/1/recommendations": {"text": {"Go"}}} {
		a := s.Post(t, path, form, "Accept", consoletest.JSON, "Cookie", "author=")
		if a.Status != 200 && a.Status != 201 {
			t.Errorf("%s without a name: %d %s", path, a.Status, a.Body)
		}
		form.Set("author", " ")
		if a := s.Post(t, path, form, "Accept", consoletest.JSON, "Cookie", "author="); a.Status != 400 ||
			!strings.Contains(a.Body, "Type your name") {
			t.Errorf("%s with an empty name: %d %s", path, a.Status, a.Body)
		}
	}
	for want, fields := range map[int][]string{303: nil, 400: {"author", ""}} {
		body, kind := consoletest.Multi(t, fields, consoletest.Log("a.bin", []byte("x")))
		if a := s.Do(t, "POST", "/cases/1/files", body, "Content-Type", kind, "Cookie", "author="); a.Status != want {
			t.Errorf("a file signed with %q: %d %s", fields, a.Status, a.Body)
		}
	}
	rows := consoletest.Rows(t, s.Get(t, "/audit.csv?of=case+ESC-1"))
	for _, r := range rows[2:] {
		if r[1] != "127.0.0.1" || r[7] != "127.0.0.1" {
			t.Errorf("the audit trail: %q", r)
		}
	}
	if len(rows) != 7 {
		t.Errorf("%d rows: %q", len(rows), rows)
	}
}

// TestCaseQuestions: an answer's items are those that are sent, as a form or as JSON,
// and stay without any; a question that is not there is not found.
func TestCaseQuestions(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(2, 1))
	sendJSON(t, s, "/cases", map[string]any{"title": "x", "author": "anna", "event": 1})
	sendJSON(t, s, "/cases/ESC-1/items", map[string]any{"event": 2, "author": "anna"})
	sendJSON(t, s, "/cases/1/questions", map[string]any{"question": "?", "author": "anna"})
	carried := func() int {
		t.Helper()
		one := decodeJSON[struct {
			Asked []struct{ Items []int64 }
		}](t, s.Get(t, "/cases/1", "Accept", consoletest.JSON), 200)
		return len(one.Asked[0].Items)
	}
	for _, one := range []struct {
		body any
		want int
	}{{map[string]any{"answer": "a", "item": []int{1, 2}}, 2}, {map[string]any{"answer": "b"}, 2},
		{map[string]any{"item": "2"}, 1}, {map[string]any{"items": true}, 0}} {
		if a, _ := sendJSON(t, s, "/cases/1/questions/1", one.body); a.Status != 200 {
			t.Errorf("%v: %d %s", one.body, a.Status, a.Body)
		}
		if got := carried(); got != one.want {
			t.Errorf("%v: %d items, want %d", one.body, got, one.want)
		}
	}
	if a, _ := sendJSON(t, s, "/cases/1/questions/9", map[string]any{"answer": "a"}); a.Status != 404 {
		t.Errorf("a question that is not there: %d %s", a.Status, a.Body)
	}
}

// TestSentJSON: what cannot be a form is refused with a sentence that says what.
func TestSentJSON(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	for body, want := range map[string]string{"[1]": "no JSON object", `{"title":`: "no JSON object",
		`{"title":"x","author":"a"} {}`: "no JSON object", `{"title":{"a":1}}`: `member "title"`,
		`{"title":[["x"]]}`: `member "title"`, `{"title":null,"author":"anna"}`: "Give the case a title",
		"": "Type your name"} {
		a := s.Do(t, "POST", "/cases", strings.NewReader(body), "Content-Type", "application/json; charset=utf-8", "Accept",
			consoletest.JSON)
		if a.Status != 400 || !strings.Contains(a.Body, strings.ReplaceAll(want, `"`, `\"`)) {
			t.Errorf("%s: %d %s, want %q", body, a.Status, a.Body, want)
		}
	}
	if a, _ := sendJSON(t, s, "/cases", map[string]any{"title": strings.Repeat("x", 2<<20)}); a.Status != 413 {
		t.Errorf("too long: %d %s", a.Status, a.Body)
	}
}

// TestInCases: what is in a case says so, as a page and to programs, a host for its
// findings too; an event is found, looked at and added by the number that a search gives.
func TestInCases(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(2, 1))
	key := s.FindingIDs(t)[0]
	var events []int64
	for q, want := range map[string]int{"EventCode=29 | sort dest | head 1": 1, "EventCode=29 | stats count": 0} {
		found := decodeJSON[rowsAnswer](t, s.Get(t, searchURL("/search", q), "Accept", consoletest.JSON), 200)
		if len(found.Events) != 1 || (found.Events[0] != 0) != (want == 1) {
			t.Fatalf("%s: events %d", q, found.Events)
		}
		events = append(events, found.Events[0])
	}
	at := fmt.Sprintf("/events/%d", max(events[0], events[1]))
	sendJSON(t, s, "/cases", map[string]any{"title": "<b>x", "author": "anna", "finding": key,
		"event": max(events[0], events[1])})
	sendJSON(t, s, "/cases", map[string]any{"title": "other", "author": "anna"})
	type held struct {
		Cases    []string
		Dest     string
		Record   int64 `json:"record_number"`
		Findings any
		Fields   []struct{ Name string }
		Places   []struct {
			Sum string `json:"file_sha256"`
			Raw string `json:"raw_url"`
		}
	}
	e := decodeJSON[held](t, s.Get(t, at, "Accept", consoletest.JSON), 200)
	if e.Record == 0 || len(e.Fields) == 0 || len(e.Places) != 1 || len(e.Places[0].Sum) != 64 ||
		s.Get(t, e.Places[0].Raw).Body == "" || len(e.Findings.([]any)) != 1 {
		t.Errorf("the event: %+v", e)
	}
	dest := decodeJSON[held](t, s.Get(t, "/findings/"+key, "Accept", consoletest.JSON), 200).Dest
	for _, path := range []string{at, "/findings/" + key, "/hosts/" + url.PathEscape(dest)} {
		if got := decodeJSON[held](t, s.Get(t, path, "Accept", consoletest.JSON), 200).Cases; !slices.Equal(got,
			[]string{"ESC-1"}) {
			t.Errorf("%s is in %q", path, got)
		}
		line := s.Doc(t, path).Find(".in-cases")
		if line.Find(`a[href="/cases/ESC-1"]`).Length() != 1 || !strings.Contains(line.Text(), "<b>x") {
			t.Errorf("%s says %q", path, line.Text())
		}
	}
}

// TestCaseInTime: what a case holds stands in the order of its time, a finding at its
// first and its last event; what a finding says now is told apart from damage.
func TestCaseInTime(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	at := func(minute int) time.Time { return consoletest.Noon.Add(time.Duration(minute) * time.Minute) }
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, at(5), "/a"), consoletest.Change("web01", 2, at(9), "/a"),
		consoletest.Change("web02", 1, at(7), "/b")))
	ids := map[string]string{}
	for _, id := range s.FindingIDs(t) {
		ids[decodeJSON[struct{ Dest string }](t, s.Get(t, "/findings/"+id, "Accept", consoletest.JSON), 200).Dest] = id
	}
	sendJSON(t, s, "/cases", map[string]any{"title": "x", "author": "anna", "finding": ids["web01"]})
	sendJSON(t, s, "/cases/1/items", map[string]any{"finding": ids["web02"]})
	d := s.Doc(t, "/cases/1")
	var got []string
	d.Find("#timeline table tbody tr").Each(func(_ int, row *goquery.Selection) {
		words := strings.Join(strings.Fields(row.Text()), " ")
		got = append(got, words[len("2026-03-02 12:"):len("2026-03-02 12:00")]+" "+
			strings.Join(regexp.MustCompile(`web0\d|the first of 2|the last of 2`).FindAllString(words, -1), " "))
	})
	want := []string{"05 web01 the first of 2", "07 web02", "09 web01 the last of 2"}
	if !slices.Equal(got, want) {
		t.Errorf("the timeline %q, want %q", got, want)
	}
	hosts := d.Find(`[aria-label="Findings"] li[id]`).Map(func(_ int, li *goquery.Selection) string {
		return regexp.MustCompile(`web0\d`).FindString(li.Text())
	})
	if !slices.Equal(hosts, []string{"web02", "web01"}) {
		t.Errorf("findings of %q", hosts)
	}
	told := decodeJSON[struct {
		Dests    []string
		Timeline []struct{ Dest string }
	}](t, s.Get(t, "/cases/1", "Accept", consoletest.JSON), 200)
	if len(told.Timeline) != 3 || told.Timeline[1].Dest != "web02" ||
		!slices.Equal(told.Dests, []string{"web01", "web02"}) {
		t.Errorf("as JSON: %+v", told)
	}
	since := func() string {
		t.Helper()
		a := s.Post(t, "/cases/1/verify", nil, "Accept", consoletest.JSON)
		v := decodeJSON[struct {
			Verified bool
			Since    []struct{ Object, What string }
		}](t, a, 200)
		if !v.Verified {
			t.Errorf("damage: %s", a.Body)
		}
		return fmt.Sprint(v.Since)
	}
	if got := since(); got != "[]" {
		t.Errorf("nothing came: %s", got)
	}
	s.Load(t, "b.json", consoletest.Change("web02", 2, at(20), "/b"))
	if got := since(); !strings.Contains(got, "now it has 2 events, not 1, its last event was at 2026-03-02T12:20:00Z") {
		t.Errorf("an event came: %s", got)
	}
	if words := consoletest.Words(documentOf(t, s.Post(t, "/cases/1/verify", nil)), "main"); !strings.Contains(words,
		"What was pinned stands") {
		t.Errorf("the page: %s", words)
	}
}
