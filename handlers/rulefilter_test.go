package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
	"golang.org/x/net/html"
)

func TestFilterEditor(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	at := "/rules/" + consoletest.AppcmdID
	// A wrong expression: the sentence with its position, and nothing is kept.
	for _, wrong := range []string{`dest="web01`, "NOT (", "search dest=a | stats count", "where count >"} {
		got := consoletest.Texts(t, s.Get(t, at+"?expression="+url.QueryEscape(wrong)).Body, "problem")
		if len(got) != 1 || !strings.HasPrefix(got[0], "This filter cannot be run") {
			t.Errorf("%q: %q", wrong, got)
		}
	}
	consoletest.Says(t, s.Get(t, at+"?expression="+url.QueryEscape(`NOT dest="web01"`)).Body,
		"It takes away 4 of the 5 findings shown now.")

	form := url.Values{"expression": {`NOT dest="web01"`}, "reason": {"Known rollout"}, "author": {"First shift"},
		"expires": {"2099-01-02T03:04"}}
	for name, want := range map[string]string{"reason": "Say why", "author": "Sign the filter",
		"expression": "Write an expression"} {
		wrong := url.Values{}
		for k, v := range form {
			wrong[k] = v
		}
		wrong.Set(name, " ")
		a := s.Post(t, at+"/filter", wrong)
		if a.Status != http.StatusBadRequest {
			t.Errorf("without %s: status %d", name, a.Status)
		}
		consoletest.Says(t, a.Body, want)
	}
	for _, when := range []string{"2001-01-01T00:00", "soon"} {
		wrong := url.Values{"expression": form["expression"], "reason": {"x"}, "author": {"y"}, "expires": {when}}
		if a := s.Post(t, at+"/filter", wrong); a.Status != http.StatusBadRequest {
			t.Errorf("until %s: status %d", when, a.Status)
		}
	}
	if n := s.Findings(t, consoletest.AppcmdID); n != 5 {
		t.Fatalf("%d findings after what was refused", n)
	}

	a := s.Post(t, at+"/filter", form)
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != at+"#filter" {
		t.Fatal(a.Status, a.Header)
	}
	if n := s.Findings(t, consoletest.AppcmdID); n != 1 {
		t.Errorf("%d findings shown with the filter, want 1", n)
	}
	body := s.Get(t, at).Body
	consoletest.Says(t, body, "In force since", "by First shift: Known rollout , until 2099-01-02 03:04:00 UTC",
		"Suppressed 4", "1 change of the filter", "in force")
	consoletest.Says(t, s.Get(t, "/rules?state=filtered").Body, "1 of 17 rules", "filter until 2099-01-02 03:04")
	consoletest.Says(t, s.Get(t, "/findings?rule="+consoletest.AppcmdID+"&suppressed=1").Body, "suppressed: Known rollout")
	consoletest.Says(t, s.Get(t, at+"?expression="+url.QueryEscape(`NOT user="anna"`)).Body,
		"It takes away 1 of the 1 finding shown now.", "4 findings that are suppressed now come back.")
	if rules := consoletest.Words(s.Doc(t, "/hosts/web01"), "details.change-group > summary"); strings.Contains(rules,
		"AppCmd") || rules == "" {
		t.Errorf("the host still shows %q", rules)
	}

	if a := s.Post(t, at+"/filter", url.Values{"remove": {"1"}, "expression": {""}, "reason": {"Rollout is over"},
		"author": {"Second shift"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	if n := s.Findings(t, consoletest.AppcmdID); n != 5 {
		t.Errorf("%d findings after its removal, want 5", n)
	}
	consoletest.Says(t, s.Get(t, at).Body, "2 changes of the filter", "everything passes", "Rollout is over",
		"Second shift")
}

// TestSuppressLike proposes the narrowest expression, also beside a filter that
// is there, and never brings back what is suppressed.
func TestSuppressLike(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	at := "/rules/" + consoletest.AppcmdID
	save := func(expression string) {
		t.Helper()
		if a := s.Post(t, at+"/filter", url.Values{"expression": {expression}, "reason": {"x"},
			"author": {"y"}}); a.Status != http.StatusSeeOther {
			t.Fatal(a.Status, consoletest.Texts(t, a.Body, "problem"))
		}
	}
	for left := 5; left > 0; left-- {
		id := s.FindingOf(t, consoletest.AppcmdID)
		link := ""
		for _, n := range consoletest.Find(consoletest.Page(t, s.Get(t, "/findings/"+id).Body),
			func(n *html.Node) bool { return n.Data == "a" && consoletest.Text(n) == "Suppress like this" }) {
			link, _, _ = strings.Cut(consoletest.Attr(n, "href"), "#")
		}
		body := s.Get(t, link).Body
		consoletest.Says(t, body, "It takes away 1 of the")
		if words := consoletest.Texts(t, body, "preview-words"); len(words) != 1 || strings.Contains(words[0], "back") {
			t.Errorf("with %d left, something comes back: %q", left, words)
		}
		save(consoletest.Proposed(t, body))
		if n := s.Findings(t, consoletest.AppcmdID); n != int64(left-1) {
			t.Fatalf("%d findings left, want %d; the filter is %s", n, left-1, consoletest.Proposed(t, s.Get(t, at).Body))
		}
		consoletest.Says(t, s.Get(t, "/findings/"+id).Body, "Suppressed by the rule's filter")
	}
	if a := s.Do(t, "GET", at+"?like=unknown", nil); a.Status != http.StatusNotFound {
		t.Errorf("like nothing: %d", a.Status)
	}
	if a := s.Do(t, "GET", at+"?like="+s.FindingOf(t, consoletest.SeedID), nil); a.Status != http.StatusBadRequest {
		t.Errorf("like another rule's finding: %d", a.Status)
	}
}

// TestSuppressLikeHostile proposes an expression that works for whatever a log
// says.
func TestSuppressLikeHostile(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var log []byte
	words := []string{`a"b`, `back\slash`, `\"`, `tail\`, "`macro`", "a|b", "[sub]", "*", "new\nline", "x\r\ny",
		"\u202e", `$dest$`, `(`, `NOT`, "\x00", "%", "#", "\u00e9"}
	for i, w := range words {
		log = append(log, consoletest.Change("web01", int64(i+1), consoletest.Noon.Add(time.Duration(i)*time.Minute),
			"/"+w)...)
	}
	s.Load(t, "hostile.json", log)
	for range words {
		id := s.FindingOf(t, consoletest.SeedID)
		body := s.Get(t, "/rules/"+consoletest.SeedID+"?like="+id).Body
		got := consoletest.Texts(t, body, "preview-words")
		if len(got) != 1 || !strings.HasPrefix(got[0], "It takes away 1 of the") {
			t.Errorf("%q: %q", consoletest.Proposed(t, body), got)
		}
		if a := s.Post(t, "/rules/"+consoletest.SeedID+"/filter", url.Values{"expression": {consoletest.Proposed(t,
			body)}, "reason": {"x"}, "author": {"y"}}); a.Status != http.StatusSeeOther {
			t.Fatalf("%q: %q", consoletest.Proposed(t, body), consoletest.Texts(t, a.Body, "problem"))
		}
	}
	if n := s.Findings(t, consoletest.SeedID); n != 0 {
		t.Errorf("%d findings left", n)
	}
}
