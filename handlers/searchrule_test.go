package handlers_test

import (
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestSearchRule: a search becomes a rule that finds what the search found.
func TestSearchRule(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(6, 2))
	q := "EventCode=29 ComputerName=web001 | stats count by ComputerName Message\n| rename ComputerName as dest"
	d := s.Doc(t, searchURL("/search/rule", q))
	if d.Find("#rule-yaml").Length() > 0 || d.Find("#rule-field-0").AttrOr("value", "") != "dest" {
		t.Errorf("the form: %s", consoletest.Words(d, "main"))
	}
	form := []string{"name", "Odd <b>", "description", "All of it", "score", "64", "field", "dest", "kind", "system",
		"technique", "t1505.004", "author", "anna"}
	d = s.Doc(t, searchURL("/search/rule", q, form...))
	text := strings.TrimPrefix(d.Find("#rule-yaml").Text(), "\n")
	for _, part := range []string{"name: Odd <b>", "search: |-", "`odd_b_filter`", "score: 64", "- T1505.004",
		"Odd <b> on $dest$."} {
		if !strings.Contains(text, part) {
			t.Errorf("the rule lacks %s:\n%s", part, text)
		}
	}
	at := d.Find("#rule form").AttrOr("action", "")
	broken := s.Post(t, at, url.Values{"yaml": {strings.Replace(text, "stats", "statz", 1)}, "author": {"anna"}})
	if d := documentOf(t, broken); broken.Status != 400 || !strings.Contains(d.Find("#rule-yaml").Text(), "statz") ||
		!strings.Contains(consoletest.Words(d, "#rule .problem"), "line 1, column") {
		t.Errorf("a broken rule: %d %s", broken.Status, consoletest.Words(d, "main"))
	}
	a := s.Post(t, at, url.Values{"yaml": {text}, "author": {"anna"}})
	id := strings.TrimPrefix(a.Header.Get("Location"), "/rules/")
	if a.Status != 303 || id == "" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	rows := decodeJSON[rowsAnswer](t, s.Do(t, "GET", searchURL("/search", q), nil, "Accept", consoletest.JSON), 200)
	consoletest.Poll(t, func() bool { return s.Findings(t, id) == int64(len(rows.Rows)) })
	if len(rows.Rows) == 0 {
		t.Error("the search finds nothing")
	}
}

// TestSearchNoRule: a search or a form that makes no rule says why, and where.
func TestSearchNoRule(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	type refused struct {
		Error        string
		Line, Column int
	}
	const good = "EventCode=29 | stats count by dest"
	for _, c := range []struct {
		q, want string
		column  int
		more    []string
	}{
		{"", "empty", 0, nil},
		{"index=risk | stats count by risk_object", "no imported event", 1, nil},
		{"x earliest=-7d", "60 minutes", 3, nil},
		{"x | fit DensityFunction count", "not supported", 5, nil},
		{"| makeresults", "no events", 3, nil},
		{good, "no column of the search", 0, []string{"field", "user"}},
		{good, "name a column as its risk object", 0, []string{"field", ""}},
		{good, "from 0 to 100", 0, []string{"score", "101"}},
		{good, "The type is", 0, []string{"type", "Baseline"}},
		{good, "technique", 0, []string{"technique", "1505"}},
		{good, "Sign the rule", 0, []string{"author", ""}},
		{good, "already", 0, []string{"name", "Windows IIS Components New Module Added"}},
		{good, "a letter", 0, []string{"name", "é"}},
	} {
		form := append([]string{"name", "One", "description", "d", "field", "dest", "author", "anna"}, c.more...)
		path := searchURL("/search/rule", c.q, form...)
		a := s.Do(t, "GET", path, nil, "Accept", consoletest.JSON)
		got := decodeJSON[refused](t, a, 400)
		if !strings.Contains(got.Error, c.want) || got.Column != c.column {
			t.Errorf("%q %v: %+v", c.q, c.more, got)
		}
		page := s.Do(t, "GET", path, nil)
		if d := documentOf(t, page); page.Status != 400 || d.Find(".problem").Length() != 1 ||
			d.Find("#rule-yaml").Length() > 0 {
			t.Errorf("%q: the page: %d %s", c.q, page.Status, consoletest.Words(d, "main"))
		}
	}
	lists := s.Doc(t, searchURL("/search/rule", "EventCode=29 appcmd", "name", "Listed", "description", "d", "author", "a",
		"field", "dest"))
	if text := lists.Find("#rule-yaml").Text(); !strings.Contains(text, "by dest EventCode") {
		t.Errorf("a search for events: %q", text)
	}
}
