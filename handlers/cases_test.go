package handlers_test

import (
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

type caseAnswer struct {
	ID                 int64
	Number, URL, Title string
	Status, Severity   string
	Revision           int64
	Hosts, Events      int64
	Asked              []struct{ ID int64 }
	Files              []struct{ ID int64 }
	Evidence           []struct {
		Copies   []struct{ SHA256 string }
		Snapshot struct{ Brief string }
	}
	Verified    bool
	Differences []struct{ Object string }
}

// TestCasePages: a case of a finding, over two hosts, with an answer that an event
// carries; it verifies, and stands as it was when the import is deleted.
func TestCasePages(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	key := s.FindingIDs(t)[0]
	post := func(path string, want int, form ...string) caseAnswer {
		t.Helper()
		v := url.Values{"author": {"anna"}}
		for i := 0; i < len(form); i += 2 {
			v.Add(form[i], form[i+1])
		}
		return decodeJSON[caseAnswer](t, s.Post(t, path, v, "Accept", consoletest.JSON), want)
	}
	made := post("/cases", 201, "title", `<i>Planted</i>`, "finding", key, "why", "seen first")
	if made.Number != "ESC-1" || made.URL != "/cases/ESC-1" || made.Hosts != 1 {
		t.Errorf("%+v", made)
	}
	for _, bad := range []string{"finding", "event", "dest", "note"} {
		a := s.Post(t, "/cases/1/items", url.Values{bad: {"99999"}, "author": {"anna"}}, "Accept", consoletest.JSON)
		if a.Status != 400 {
			t.Errorf("an item that is not there, %s: %d", bad, a.Status)
		}
		if a := s.Post(t, "/cases", url.Values{"title": {"x"}, bad: {"99999"}, "author": {"anna"}}); a.Status != 400 {
			t.Errorf("a case of what is not there, %s: %d", bad, a.Status)
		}
	}
	post("/cases/ESC-1/items", 201, "event", "1", "why", "the first")
	post("/cases/1/questions", 200, "question", "What file?")
	post("/cases/1/questions/1", 200, "answer", "**This** one", "items", "1", "item", "2")
	post("/cases/1/recommendations", 200, "snippet", "Isolate the server")
	post("/cases/1", 200, "status", "in progress", "severity", "high", "verdict", `<script>x</script>`)
	body, kind := consoletest.Multi(t, []string{"author", "anna", "why", "memory"},
		consoletest.Log(`../<b>"x".dmp`, []byte("MDMP")))
	if a := s.Do(t, "POST", "/cases/1/files", body, "Content-Type", kind); a.Status != 303 {
		t.Fatalf("attach: %d %s", a.Status, a.Body)
	}
	a := s.Get(t, "/cases/1/files/1")
	if a.Body != "MDMP" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment;") ||
		a.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("the file: %v %q", a.Header, a.Body)
	}
	got := decodeJSON[caseAnswer](t, s.Get(t, "/cases/esc-1", "Accept", consoletest.JSON), 200)
	if got.Title != "<i>Planted</i>" || got.Status != "In Progress" || got.Severity != "high" ||
		len(got.Asked) != 1 || len(got.Files) != 1 || len(got.Evidence) != 2 || got.Evidence[1].Copies[0].SHA256 == "" ||
		!strings.HasPrefix(got.Evidence[1].Snapshot.Brief, "/p0 · by S-1-5-18") {
		t.Errorf("%+v", got)
	}
	parts := decodeJSON[struct {
		Items           []struct{ Why string }
		Recommendations []struct{ Text string }
	}](t, s.Get(t, "/cases/1", "Accept", consoletest.JSON), 200)
	if len(parts.Items) != 2 || parts.Items[0].Why != "seen first" && parts.Items[1].Why != "seen first" ||
		!strings.HasPrefix(parts.Recommendations[0].Text, "**Isolate the server**\n\nTake the server off") {
		t.Errorf("%+v", parts)
	}
	d := s.Doc(t, "/cases/1")
	if words := consoletest.Words(d, "main"); !strings.Contains(words, "What file?") ||
		!strings.Contains(words, "evidence 2") || !strings.Contains(words, "<script>x</script>") ||
		d.Find("main i, #files b").Length() != 0 {
		t.Errorf("the page: %s", words)
	}
	if d := s.Doc(t, "/findings/"+key); d.Find(`.in-cases a[href="/cases/ESC-1"]`).Length() != 1 {
		t.Error("the finding does not show its case")
	}
	stale := s.Post(t, "/cases/1", url.Values{"title": {"mine"}, "revision": {"1"}, "author": {"ben"}})
	if stale.Status != 409 ||
		documentOf(t, stale).Find("#case-title").AttrOr("value", "") != "mine" {
		t.Errorf("a stale change: %d", stale.Status)
	}
	verify := func() (v struct {
		Verified    bool
		Differences []struct{ Object, What string }
		Since       []struct{ Object, What string }
	}) {
		t.Helper()
		return decodeJSON[struct {
			Verified    bool
			Differences []struct{ Object, What string }
			Since       []struct{ Object, What string }
		}](t, s.Post(t, "/cases/1/verify", nil, "Accept", consoletest.JSON), 200)
	}
	before := s.Get(t, "/evidence/1/copy").Body
	s.Post(t, "/imports/1/delete", nil)
	consoletest.Poll(t, func() bool { return s.Do(t, "GET", "/findings/"+key, nil).Status == 303 })
	if v := verify(); !v.Verified || len(v.Differences) != 0 || len(v.Since) != 2 ||
		!strings.Contains(v.Since[0].What, "not in this database") {
		t.Errorf("without the import: %+v", v)
	}
	if after := s.Get(t, "/evidence/1/copy").Body; after != before || after == "" {
		t.Error("the copy of an event goes with its import")
	}
	words := consoletest.Words(s.Doc(t, "/cases/1"), "main")
	if !strings.Contains(words, "not in this database any more") {
		t.Errorf("the page does not say that the log is gone: %s", words)
	}
}

// TestMentions: a note leads to what it mentions, which is pinned and can be looked at
// when its import is gone; what a word or code says is no mention.
func TestMentions(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(4, 2))
	key := s.FindingIDs(t)[0]
	host := s.Doc(t, "/findings/"+key).Find(".crumbs a").Eq(1).AttrOr("href", "")
	text := "See @finding:" + key + ", @event:1 and @host:web01.corp. " +
		"Not mail@event:2, `@event:3`, @event:x, @user:y, @event:999."
	if a := s.Post(t, host+"/notes", url.Values{"text": {text}, "author": {"anna"}}); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	d := s.Doc(t, host)
	for address, want := range map[string]int{"/findings/" + key: 1, "/events/1": 1, "/hosts/web01.corp": 1,
		"/events/999": 1, "/events/2": 0, "/events/3": 0} {
		if got := d.Find(`.note-text a[href="` + address + `"]`).Length(); got != want {
			t.Errorf("%d links to %s, want %d", got, address, want)
		}
	}
	s.Post(t, "/imports/1/delete", nil)
	consoletest.Poll(t, func() bool { return s.Do(t, "GET", "/findings/"+key, nil).Status == 303 })
	for _, path := range []string{"/findings/" + key, "/events/1"} {
		a := s.Do(t, "GET", path, nil)
		if to := a.Header.Get("Location"); a.Status != 303 || !strings.HasPrefix(to, "/evidence/") {
			t.Errorf("%s: %d %q", path, a.Status, to)
		}
	}
	if a := s.Do(t, "GET", "/events/999", nil); a.Status != 404 {
		t.Errorf("what was never there: %d", a.Status)
	}
}

// TestCaseOfASearch: a search leads to a case whose first question it is.
func TestCaseOfASearch(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(2, 1))
	const q = `EventCode=29 "<b>"`
	at, ok := ranPage(t, s, "/search?q="+url.QueryEscape(q)).Find(".as-case").Attr("href")
	if !ok {
		t.Fatal("a search does not lead to a case")
	}
	d := s.Doc(t, at)
	if got := d.Find(`form[action="/cases"] input[name=search]`).AttrOr("value", ""); got != q {
		t.Errorf("the form has the search %q", got)
	}
	s.Post(t, "/cases", url.Values{"title": {"x"}, "search": {q}, "author": {"anna"}})
	if words := consoletest.Words(s.Doc(t, "/cases/1"), "#questions h3"); !strings.Contains(words, q) {
		t.Errorf("the question: %q", words)
	}
}
