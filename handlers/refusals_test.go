package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestRefusals asks for what is not there or makes no sense: the answer says
// what, to a person as a page and to a program as JSON.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	long := strings.Repeat("x", 1001)
	seed, other := s.FindingOf(t, consoletest.SeedID), consoletest.AppcmdID
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{"/hosts/web99", 404, `No log of a host "web99"`},
		{"/hosts/web01?as-of=soon", 400, `"soon" is no time`},
		{"/hosts/web01?rule=none", 404, `There is no rule "none"`},
		{"/?as-of=2026-13-01", 400, `"2026-13-01" is no time`},
		{"/?rule=none", 404, `There is no rule "none"`},
		{"/?q=" + long, 400, "longer than 1000 bytes"},
		{"/?after=damaged", 400, "address is damaged"},
		{"/?before=damaged", 400, "address is damaged"},
		{"/search?q=" + strings.Repeat(long, 20), 400, "longer than 20000 bytes"},
		{"/findings?rule=none", 404, `There is no rule "none"`},
		{"/findings?q=" + long, 400, "longer than 1000 bytes"},
		{"/findings?from=x", 400, `"x" is no time`},
		{"/findings?to=y", 400, `"y" is no time`},
		{"/findings?after=!", 400, "address is damaged"},
		{"/findings/0123", 404, "There is no finding"},
		{"/findings/" + seed + "?after=x", 400, "address is damaged"},
		{"/findings.csv?rule=none", 404, `There is no rule "none"`},
		{"/findings.csv?to=y", 400, `"y" is no time`},
		{"/risk.csv?as-of=x", 400, `"x" is no time`},
		{"/risk.csv?q=" + long, 400, "longer than 1000 bytes"},
		{"/events?rule=none", 404, `There is no rule "none"`},
		{"/events/0", 404, `There is no event "0"`},
		{"/events/-1", 404, `There is no event "-1"`},
		{"/events/x/raw", 404, `There is no event "x"`},
		{"/events/9223372036854775808", 404, `There is no event "9223372036854775808"`},
		{"/imports/0", 404, `There is no import "0"`},
		{"/imports/7", 404, "There is no import 7"},
		{"/imports/x/delete", 404, `There is no import "x"`},
		{"/imports/7/rejected", 404, "There is no import 7"},
		{"/imports/1/rejected", 404, "Import 1 has no rejected records"},
		{"/notes/0/edit", 404, `There is no note "0"`},
		{"/notes/1/edit", 404, "There is no note 1"},
		{"/rules/none", 404, `There is no rule "none"`},
		{"/rules?q=" + long, 400, "longer than 1000 bytes"},
		{"/rules/none/replay", 404, `There is no rule "none"`},
		{"/rules/" + other + "/replay?dest=web99", 404, `No log of a host "web99"`},
		{"/rules/" + other + "?like=0123", 404, "There is no finding"},
		{"/rules/" + other + "?like=" + seed, 400, "The finding is another rule's."},
		{"/users?as-of=x", 400, `"x" is no time`},
		{"/users?q=" + long, 400, "longer than 1000 bytes"},
		{"/users?after=x", 400, "address is damaged"},
		{"/users/nobody", 404, `No finding gave risk to a user "nobody"`},
		{"/users/anna?as-of=x", 400, `"x" is no time`},
	} {
		refused(t, c.path, s.Do(t, http.MethodGet, c.path, nil), c.status, c.says)
		if c.path == "/rules/"+other+"?like=0123" || c.path == "/rules/"+other+"?like="+seed { // of the page only
			continue
		}
		refused(t, c.path, s.Do(t, http.MethodGet, c.path, nil, "Accept", consoletest.JSON), c.status, c.says)
	}
}

// TestLongestText: a text of the greatest length is searched for.
func TestLongestText(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	for _, path := range []string{"/", "/findings", "/findings.csv", "/users", "/rules"} {
		s.Get(t, path+"?q="+strings.Repeat("x", 1000))
	}
}

// refused checks an answer that refuses: its status and its sentence.
func refused(t *testing.T, what string, a consoletest.Answer, status int, says string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("%.60s: status %d, want %d", what, a.Status, status)
	}
	var got struct{ Error string }
	if strings.HasPrefix(a.Header.Get("Content-Type"), consoletest.JSON) {
		if err := json.Unmarshal([]byte(a.Body), &got); err != nil || !strings.Contains(got.Error, says) {
			t.Errorf("%.60s: %s, want %q", what, a.Body, says)
		}
		return
	}
	d := documentOf(t, a)
	if sentence := oneLine(d.Find(".failure h1, .problem").Text()); !strings.Contains(sentence, says) {
		t.Errorf("%.60s: %q, want %q", what, sentence, says)
	}
}

// TestRefusedActions sends what cannot be done; nothing changes.
func TestRefusedActions(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	host, rule := "/hosts/web01/notes", "/rules/"+consoletest.AppcmdID+"/filter"
	name := strings.Repeat("n", 201)
	s.Post(t, host, url.Values{"author": {"a"}, "text": {"kept"}})
	for _, c := range []struct {
		name, path string
		form       url.Values
		status     int
		says       string
	}{
		{"a note without an author", host, url.Values{"text": {"x"}}, 400, "Type your name"},
		{"a note without text", host, url.Values{"author": {"a"}, "text": {"\n"}}, 400, "The note is empty"},
		{"a note past the greatest length", host, url.Values{"author": {"a"}, "text": {strings.Repeat("t", 100_001)}},
			400, "longer than 100000 bytes"},
		{"a name past the greatest length", host, url.Values{"author": {name}, "text": {"x"}}, 400, "longer than 200 bytes"},
		{"a note on no host", "/hosts/web99/notes", url.Values{"author": {"a"}, "text": {"x"}}, 404, `"web99"`},
		{"an edit without a revision", "/notes/1", url.Values{"author": {"a"}, "text": {"x"}}, 400,
			"does not say which revision"},
		{"an edit with a word for a revision", "/notes/1", url.Values{"author": {"a"}, "text": {"x"},
			"revision": {"new"}}, 400, "does not say which revision"},
		{"a stale edit", "/notes/1", url.Values{"author": {"a"}, "text": {"x"}, "revision": {"2"}}, 409, ""},
		{"an edit without an author", "/notes/1", url.Values{"text": {"x"}, "revision": {"1"}}, 400, "Type your name"},
		{"an edit of no note", "/notes/9", url.Values{"author": {"a"}, "text": {"x"}, "revision": {"1"}}, 404,
			"There is no note 9"},
		{"a stale delete", "/notes/1/delete", url.Values{"author": {"a"}, "revision": {"2"}}, 409, ""},
		{"a delete of no note", "/notes/x/delete", url.Values{"author": {"a"}, "revision": {"1"}}, 404,
			`There is no note "x"`},
		{"a filter without an author", rule, url.Values{"expression": {"a=1"}, "reason": {"r"}}, 400, "Sign the filter"},
		{"a filter with a long name", rule, url.Values{"expression": {"a=1"}, "reason": {"r"}, "author": {name}}, 400,
			"longer than 200 bytes"},
		{"a filter without a reason", rule, url.Values{"expression": {"a=1"}, "author": {"a"}}, 400, "Say why"},
		{"a filter with a long reason", rule, url.Values{"expression": {"a=1"}, "author": {"a"},
			"reason": {strings.Repeat("r", 10_001)}}, 400, "longer than 10000 bytes"},
		{"a filter without an expression", rule, url.Values{"author": {"a"}, "reason": {"r"}}, 400, "Write an expression"},
		{"a filter that cannot be run", rule, url.Values{"expression": {"NOT ("}, "author": {"a"}, "reason": {"r"}}, 400,
			"cannot be run"},
		{"a filter that ends at no time", rule, url.Values{"expression": {"a=1"}, "author": {"a"}, "reason": {"r"},
			"expires": {"soon"}}, 400, `"soon" is no time`},
		{"a filter that ended before", rule, url.Values{"expression": {"a=1"}, "author": {"a"}, "reason": {"r"},
			"expires": {"2020-01-01T00:00"}}, 400, "expired already"},
		{"another zone that is none", "/imports/1/again", url.Values{"zone": {"Mars/X"}}, 400, `no time zone "Mars/X"`},
		{"another order that is none", "/imports/1/again", url.Values{"dates": {"ymd"}}, 400, "no order of day and month"},
		{"an answer that nobody asked for", "/imports/1/answer", url.Values{"zone": {"UTC"}}, 409,
			"does not wait for an answer"},
		{"a cancel of what has ended", "/imports/1/cancel", nil, 409, "has ended already"},
		{"a cancel of nothing", "/imports/9/cancel", nil, 404, "There is no import 9"},
		{"a delete of nothing", "/imports/9/delete", nil, 404, "There is no import 9"},
	} {
		refused(t, c.name, s.Post(t, c.path, c.form), c.status, c.says)
		refused(t, c.name+" by a program", s.Post(t, c.path, c.form, "Accept", consoletest.JSON), c.status, c.says)
	}
	notes := consoletest.Rows(t, s.Get(t, "/notes.csv"))
	if len(notes) != 2 || notes[1][7] != "kept" || notes[1][6] != "1" {
		t.Errorf("notes %q", notes)
	}
	if l := s.Rules(t); len(l.Rules) == 0 || s.Findings(t, consoletest.AppcmdID) != 5 {
		t.Errorf("a filter was taken: %+v", l.Rules)
	}
}

// TestRefusedFilterKeepsWhatWasWritten: the page comes back with the form as it
// was sent.
func TestRefusedFilterKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	a := s.Post(t, "/rules/"+consoletest.AppcmdID+"/filter", url.Values{"expression": {"a=1\r\nb=2"},
		"reason": {" my reason "}, "author": {"Me"}, "expires": {"soon"}})
	d := documentOf(t, a)
	for selector, want := range map[string]string{"textarea[name=expression]": "a=1\nb=2", "[name=reason]": "my reason",
		"[name=expires]": "soon", "#filter-author": "Me"} {
		e := d.Find(selector)
		if got := strings.TrimPrefix(e.Text(), "\n") + e.AttrOr("value", ""); got != want {
			t.Errorf("%s holds %q, want %q", selector, got, want)
		}
	}
}
