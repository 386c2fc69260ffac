package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// findingOf is the id of the first finding of a rule.
func (s *server) findingOf(t testing.TB, rule string) string {
	t.Helper()
	for _, n := range find(page(t, s.get(t, "/findings?rule="+rule+"&sort=row").body), func(n *html.Node) bool { return n.Data == "a" }) {
		if id, ok := strings.CutPrefix(attr(n, "href"), "/findings/"); ok {
			return id
		}
	}
	t.Fatal("no finding of " + rule)
	return ""
}

func proposed(t testing.TB, body string) string {
	t.Helper()
	for _, n := range find(page(t, body), func(n *html.Node) bool { return n.Data == "textarea" && attr(n, "name") == "expression" }) {
		return text(n)
	}
	t.Fatal("no editor")
	return ""
}

func TestFilterEditor(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	at := "/rules/" + appcmdID
	// A wrong expression: the sentence with its position, and nothing is kept.
	for _, wrong := range []string{`dest="web01`, "NOT (", "search dest=a | stats count", "where count >"} {
		got := texts(t, s.get(t, at+"?expression="+url.QueryEscape(wrong)).body, "problem")
		if len(got) != 1 || !strings.HasPrefix(got[0], "This filter cannot be run") {
			t.Errorf("%q: %q", wrong, got)
		}
	}
	says(t, s.get(t, at+"?expression="+url.QueryEscape(`NOT dest="web01"`)).body, "It takes away 4 of the 5 findings shown now.")

	form := url.Values{"expression": {`NOT dest="web01"`}, "reason": {"Known rollout"}, "author": {"First shift"}, "expires": {"2099-01-02T03:04"}}
	for name, want := range map[string]string{"reason": "Say why", "author": "Sign the filter", "expression": "Write an expression"} {
		wrong := url.Values{}
		for k, v := range form {
			wrong[k] = v
		}
		wrong.Set(name, " ")
		a := s.post(t, at+"/filter", wrong)
		if a.status != http.StatusBadRequest {
			t.Errorf("without %s: status %d", name, a.status)
		}
		says(t, a.body, want)
	}
	for _, when := range []string{"2001-01-01T00:00", "soon"} {
		wrong := url.Values{"expression": form["expression"], "reason": {"x"}, "author": {"y"}, "expires": {when}}
		if a := s.post(t, at+"/filter", wrong); a.status != http.StatusBadRequest {
			t.Errorf("until %s: status %d", when, a.status)
		}
	}
	if n := s.findings(t, appcmdID); n != 5 {
		t.Fatalf("%d findings after what was refused", n)
	}

	a := s.post(t, at+"/filter", form)
	if a.status != http.StatusSeeOther || a.header.Get("Location") != at+"#filter" {
		t.Fatal(a.status, a.header)
	}
	if n := s.findings(t, appcmdID); n != 1 {
		t.Errorf("%d findings shown with the filter, want 1", n)
	}
	body := s.get(t, at).body
	says(t, body, "In force since", "by First shift: Known rollout , until 2099-01-02 03:04:00 UTC", "Suppressed 4", "1 change of the filter", "in force")
	says(t, s.get(t, "/rules?state=filtered").body, "1 of 12 rules", "filter until 2099-01-02 03:04")
	says(t, s.get(t, "/findings?rule="+appcmdID+"&suppressed=1").body, "suppressed: Known rollout")
	says(t, s.get(t, at+"?expression="+url.QueryEscape(`NOT user="anna"`)).body, "It takes away 1 of the 1 finding shown now.", "4 findings that are suppressed now come back.")
	if hosts := texts(t, s.get(t, "/hosts/web01").body, "rule-head"); len(hosts) != 1 {
		t.Errorf("the host still shows %q", hosts)
	}

	if a := s.post(t, at+"/filter", url.Values{"remove": {"1"}, "expression": {""}, "reason": {"Rollout is over"}, "author": {"Second shift"}}); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	if n := s.findings(t, appcmdID); n != 5 {
		t.Errorf("%d findings after its removal, want 5", n)
	}
	says(t, s.get(t, at).body, "2 changes of the filter", "everything passes", "Rollout is over", "Second shift")
}

// TestSuppressLike proposes the narrowest expression, also beside a filter that
// is there, and never brings back what is suppressed.
func TestSuppressLike(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	at := "/rules/" + appcmdID
	save := func(expression string) {
		t.Helper()
		if a := s.post(t, at+"/filter", url.Values{"expression": {expression}, "reason": {"x"}, "author": {"y"}}); a.status != http.StatusSeeOther {
			t.Fatal(a.status, texts(t, a.body, "problem"))
		}
	}
	for left := 5; left > 0; left-- {
		id := s.findingOf(t, appcmdID)
		link := ""
		for _, n := range find(page(t, s.get(t, "/findings/"+id).body), func(n *html.Node) bool { return n.Data == "a" && text(n) == "Suppress like this" }) {
			link, _, _ = strings.Cut(attr(n, "href"), "#")
		}
		body := s.get(t, link).body
		says(t, body, "It takes away 1 of the")
		if words := texts(t, body, "preview-words"); len(words) != 1 || strings.Contains(words[0], "back") {
			t.Errorf("with %d left, something comes back: %q", left, words)
		}
		save(proposed(t, body))
		if n := s.findings(t, appcmdID); n != int64(left-1) {
			t.Fatalf("%d findings left, want %d; the filter is %s", n, left-1, proposed(t, s.get(t, at).body))
		}
		says(t, s.get(t, "/findings/"+id).body, "Suppressed by the rule's filter")
	}
	if a := s.do(t, "GET", at+"?like=unknown", nil); a.status != http.StatusNotFound {
		t.Errorf("like nothing: %d", a.status)
	}
	if a := s.do(t, "GET", at+"?like="+s.findingOf(t, seedID), nil); a.status != http.StatusBadRequest {
		t.Errorf("like another rule's finding: %d", a.status)
	}
}

// TestSuppressLikeHostile proposes an expression that works for whatever a log
// says.
func TestSuppressLikeHostile(t *testing.T) {
	s := newServer(t)
	var log []byte
	words := []string{`a"b`, `back\slash`, `\"`, `tail\`, "`macro`", "a|b", "[sub]", "*", "new\nline", "x\r\ny", "\u202e", `$dest$`, `(`, `NOT`, "\x00", "%", "#", "\u00e9"}
	for i, w := range words {
		log = append(log, change("web01", int64(i+1), noon.Add(time.Duration(i)*time.Minute), "/"+w)...)
	}
	s.load(t, "hostile.json", log)
	for range words {
		id := s.findingOf(t, seedID)
		body := s.get(t, "/rules/"+seedID+"?like="+id).body
		got := texts(t, body, "preview-words")
		if len(got) != 1 || !strings.HasPrefix(got[0], "It takes away 1 of the") {
			t.Errorf("%q: %q", proposed(t, body), got)
		}
		if a := s.post(t, "/rules/"+seedID+"/filter", url.Values{"expression": {proposed(t, body)}, "reason": {"x"}, "author": {"y"}}); a.status != http.StatusSeeOther {
			t.Fatalf("%q: %q", proposed(t, body), texts(t, a.body, "problem"))
		}
	}
	if n := s.findings(t, seedID); n != 0 {
		t.Errorf("%d findings left", n)
	}
}
