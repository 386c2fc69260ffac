package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/detection"
	"escutcheon/internal/consoletest"
)

func TestRuleList(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	files := []detection.SourceFile{
		consoletest.RuleFile(consoletest.AppcmdID, "Appcmd of our own",
			"EventCode=4688 | stats count by Computer dest | `ours_filter`"),
		consoletest.RuleFile("11111111-0000-0000-0000-000000000000", "Joined",
			"EventCode=1\n| map dest [search EventCode=2]"),
	}
	for i := range 450 {
		files = append(files, consoletest.RuleFile(fmt.Sprintf("22222222-0000-0000-0000-%012d", i),
			fmt.Sprintf("Loaded %03d", i), "EventCode=77 | stats count by dest"))
	}
	if err := s.Book.Load(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	consoletest.Poll(t, func() bool { return s.Rules(t).Behind.Rules == 0 })
	l := s.Rules(t)
	if len(l.Rules) != 17+450 || len(l.Refused) != 1 {
		t.Fatalf("%d rules, %d refused", len(l.Rules), len(l.Refused))
	}
	if r := l.Refused[0]; r.Name != "Joined" || r.Command != "map" || r.Line != 2 || r.Column != 3 || r.Reason == "" {
		t.Errorf("refused %+v", r)
	}
	body := s.Get(t, "/rules").Body
	consoletest.Says(t, body, "468 rules", "Joined map line 2, column 3", "replaces the built-in one", "200 of 467 rules")
	for path, want := range map[string]string{
		"/rules?q=appcmd": "2 of 468 rules", "/rules?q=loaded+44": "10 of 468 rules",
		"/rules?source=replaced": "1 of 468 rules",
		"/rules?state=refused":   "1 of 468 rules", "/rules?state=enabled&source=built-in": "16 of 468 rules",
		"/rules?state=disabled": "No rule fits", "/rules?state=nonsense": "No rule fits",
	} {
		consoletest.Says(t, s.Get(t, path).Body, want)
	}
	// Every rule is on one page, in both directions.
	seen := map[string]int{}
	path := "/rules?sort=name"
	for range 3 {
		links := map[string]string{}
		for _, n := range consoletest.Find(consoletest.Page(t, s.Get(t, path).Body),
			func(n *html.Node) bool { return n.Data == "a" }) {
			links[consoletest.Attr(n, "rel")] = consoletest.Attr(n, "href")
			if href := consoletest.Attr(n, "href"); strings.HasPrefix(href, "/rules/") && !strings.Contains(href, "?") {
				seen[href]++
			}
		}
		path = links["next"]
		if path == "" {
			break
		}
	}
	if len(seen) != 467 {
		t.Errorf("%d rules on the pages, want 467", len(seen))
	}
	for href, n := range seen {
		if n != 1 {
			t.Errorf("%s is listed %d times", href, n)
		}
	}
}

func TestRuleSwitch(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	before := s.Findings(t, consoletest.AppcmdID)
	if before != 5 {
		t.Fatalf("%d findings of appcmd", before)
	}
	if a := s.Post(t, "/rules/"+consoletest.AppcmdID+"/disable",
		url.Values{"author": {"Night shift"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	consoletest.Says(t, s.Get(t, "/rules/"+consoletest.AppcmdID).Body, "State disabled", "Enable the rule",
		"Somebody switched this rule off")
	if n := s.Findings(t, consoletest.AppcmdID); n != 0 {
		t.Errorf("%d findings of a rule that is off", n)
	}
	for _, path := range []string{"/", "/hosts/web01", "/findings?rule=" + consoletest.AppcmdID,
		"/rules?state=disabled", "/rules/" + consoletest.AppcmdID + "/replay?dest=web01"} {
		s.Get(t, path)
	}
	if a := s.Post(t, "/rules/"+consoletest.SeedID+"/disable",
		nil); a.Status != http.StatusSeeOther { // the pages do without the seed
		t.Fatal(a.Status)
	}
	for _, path := range []string{"/", "/hosts/web01", "/findings", "/findings.csv"} {
		s.Get(t, path)
	}
	for _, id := range []string{consoletest.AppcmdID, consoletest.SeedID} {
		if a := s.Post(t, "/rules/"+id+"/enable", nil, "Accept", consoletest.JSON); a.Status != http.StatusOK ||
			!strings.Contains(a.Body, `"enabled":true`) {
			t.Fatal(a.Status, a.Body)
		}
	}
	consoletest.Poll(t, func() bool {
		return s.Findings(t, consoletest.AppcmdID) == before && s.Findings(t, consoletest.SeedID) == 4
	})
	for _, path := range []string{"/rules/unknown/enable", "/rules/unknown/filter"} {
		if a := s.Post(t, path, nil); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestSettingsPage(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	incident := func() string { return strings.Join(consoletest.Texts(t, s.Get(t, "/hosts/web01").Body, "badge"), " ") }
	if got := incident(); !strings.Contains(got, "high from 250") {
		t.Fatalf("at first: %q", got)
	}
	form := url.Values{"medium": {"1000"}, "high": {"2000"}, "critical": {"3000"}, "tactics": {"9"}, "rules": {"9"},
		"cap": {"1"}}
	if a := s.Post(t, "/settings", form); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	if got := incident(); got != "" {
		t.Errorf("with thresholds out of reach: %q", got)
	}
	consoletest.Says(t, s.Get(t, "/settings?saved=1").Body, "Saved.", "Reset to the defaults of Splunk ES",
		"Splunk ES: 250")
	if got := s.Get(t, "/settings", "Accept", consoletest.JSON).Body; !strings.Contains(got, `"medium":1000`) ||
		!strings.Contains(got, `"cap_per_rule":true`) {
		t.Error(got)
	}
	if got := consoletest.Texts(t, s.Get(t, "/hosts/web01").Body, "big"); len(got) != 1 ||
		got[0] != "114" { // 50 of the seed, 64 of appcmd
		t.Errorf("capped score %q", got)
	}
	for _, wrong := range []url.Values{{"medium": {"5"}}, {"medium": {"300"}, "high": {"200"}, "critical": {"500"},
		"tactics": {"3"}, "rules": {"4"}},
		{"medium": {"x"}, "high": {"200"}, "critical": {"500"}, "tactics": {"3"}, "rules": {"4"}}, {"medium": {"1"},
			"high": {"2"}, "critical": {"99999999999"}, "tactics": {"3"}, "rules": {"4"}}} {
		a := s.Post(t, "/settings", wrong)
		if a.Status != http.StatusBadRequest || len(consoletest.Texts(t, a.Body, "problem")) != 1 {
			t.Errorf("%v: status %d", wrong, a.Status)
		}
	}
	if a := s.Post(t, "/settings", url.Values{"reset": {"1"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if got := incident(); !strings.Contains(got, "high from 250") {
		t.Errorf("after the reset: %q", got)
	}
}

func TestUsersAndThreats(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	consoletest.Says(t, s.Get(t, "/users").Body, "2 users with risk", "svc_deploy", "anna")
	consoletest.Says(t, s.Get(t, "/users?q=ANN").Body, "1 user with risk")
	body := s.Get(t, "/users/svc_deploy").Body
	consoletest.Says(t, body, "Score 256", "high from 250", "Windows IIS Module Installed by AppCmd",
		"appcmd.exe install module", "process_name appcmd.exe")
	count := 0
	for _, mark := range consoletest.Find(consoletest.Page(t, body), func(n *html.Node) bool {
		return consoletest.Attr(n, "data-mark") != ""
	}) {
		n, err := strconv.Atoi(consoletest.Attr(mark, "data-count"))
		if err != nil {
			t.Error(err)
		}
		count += n
	}
	if count != 4 {
		t.Errorf("%d risk events in the timeline's marks, want 4", count)
	}
	consoletest.Says(t, s.Get(t, "/threats?type=process_name&value=appcmd.exe").Body, "5 findings of a threat object",
		"web02")
	consoletest.Says(t, s.Get(t, "/hosts/web01").Body, "Threat objects", "5 findings on 2 hosts")
	links := consoletest.CheckPage(t, "/", s.Get(t, "/findings/"+s.FindingOf(t, consoletest.AppcmdID)).Body)
	for _, want := range []string{"/hosts/web01", "/users/svc_deploy", "/threats?type=process_name&value=appcmd.exe"} {
		if !slices.Contains(links, want) {
			t.Errorf("the finding has no link to %s: %q", want, links)
		}
	}
	if a := s.Do(t, "GET", "/users/nobody", nil); a.Status != http.StatusNotFound {
		t.Errorf("an unknown user: %d", a.Status)
	}
	if a := s.Do(t, "GET", "/users/", nil); a.Status != http.StatusSeeOther {
		t.Errorf("no user named: %d", a.Status)
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	path := "/rules/" + consoletest.AppcmdID + "/replay"
	consoletest.Says(t, s.Get(t, path).Body, "Replay: choose a host", "web01", "web02")
	body := s.Get(t, path+"?dest=WEB01").Body
	// Events at 12:00 to 15:00 are seen by the runs from 13:00 to 16:00.
	consoletest.Says(t, body, "Replay: 4 runs fired for web01", "2026-03-02 13:00:00 UTC 2026-03-02 11:50 to 12:50",
		"the first incident on this host begins at 2026-03-02 13:00:00 UTC",
		"This rule alone makes 1 incident on this host; the first begins at the run of 2026-03-02 14:00 UTC.")
	var sums []string
	for _, row := range consoletest.Find(consoletest.Page(t, body), func(n *html.Node) bool {
		return n.Data == "tr" &&
			n.Parent.Data == "tbody"
	}) {
		var cells []string
		for _, c := range consoletest.Find(row, func(n *html.Node) bool {
			return n.Data == "td" && consoletest.Class(n,
				"r")
		}) {
			cells = append(cells, consoletest.Text(c))
		}
		sums = append(sums, strings.Join(cells, " "))
	}
	if want := "1 64 64 114|1 64 128 228|1 64 192 342|1 64 256 456"; strings.Join(sums, "|") != want {
		t.Errorf("events, score, sums: %q, want %q", sums, want)
	}
	if got := consoletest.Texts(t, body, "crossing"); len(got) != 1 || !strings.HasPrefix(got[0], "high from 250") {
		t.Errorf("crossed %q", got)
	}
	consoletest.Says(t, s.Get(t, "/rules/"+consoletest.SeedID+"/replay?dest=web02").Body, "no run fired for web02")
	if a := s.Do(t, "GET", path+"?dest=unknown", nil); a.Status != http.StatusNotFound {
		t.Errorf("an unknown host: %d", a.Status)
	}
}

// TestHostOfManyRules shows the findings of each rule under its own columns.
func TestHostOfManyRules(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	body := s.Get(t, "/hosts/web01").Body
	heads := s.Doc(t, "/hosts/web01").Find("details.change-group[open] > summary").Map(
		func(_ int, g *goquery.Selection) string { return oneLine(g.Text()) })
	if len(heads) != 2 || !strings.HasPrefix(heads[0], "neither modules nor logging 4 findings") ||
		!strings.HasPrefix(heads[1], "Windows IIS Module Installed by AppCmd 4 findings") {
		t.Errorf("changes and rules %q", heads)
	}
	consoletest.Says(t, body, "Findings 8", "all rules 8")
	one := s.Get(t, "/hosts/web01?rule="+consoletest.AppcmdID).Body
	if heads := consoletest.Texts(t, one, "rule-head"); len(heads) != 1 || !strings.HasPrefix(heads[0],
		"Windows IIS Module Installed by AppCmd") {
		t.Errorf("of one rule %q", heads)
	}
	if legend := consoletest.Texts(t, body, "key"); len(legend) < 2 {
		t.Errorf("legend %q", legend)
	}
}

// TestFailedRule: a rule's page and JSON say what it panicked at, and nothing of the
// program's inside.
func TestFailedRule(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Book.Find(consoletest.SeedID).Plan().Failed("index out of range", "the event 2 of \"X\u202e\" on \"web01\"")
	if err := s.Book.CatchUp(t.Context(), nil); err != nil { // which tells the log, once
		t.Fatal(err)
	}
	if said := s.Log.String(); strings.Count(said, "a rule panicked") != 1 || !strings.Contains(said, "TestFailedRule") {
		t.Errorf("the log says %s", said)
	}
	s.Log.Reset()
	a := s.Get(t, "/rules/"+consoletest.SeedID)
	if words := consoletest.Words(s.Doc(t, "/rules/"+consoletest.SeedID), ".rule-warning"); strings.Contains(a.Body,
		"index out of range") || !strings.Contains(words, "a fault of Escutcheon's own at the event 2 of \"X[U+202E]\" on \"web01\"") {
		t.Errorf("the page says %q", words)
	}
	var j struct{ Failed string }
	text := s.Get(t, "/rules/"+consoletest.SeedID, "Accept", consoletest.JSON).Body
	if err := json.Unmarshal([]byte(text), &j); err != nil || !strings.Contains(j.Failed, "what it finds there is not decided") {
		t.Errorf("%v, %s", err, text)
	}
	other := s.Get(t, "/rules/"+consoletest.AppcmdID, "Accept", consoletest.JSON).Body
	if strings.Contains(other, "failed") {
		t.Errorf("another rule: %s", other)
	}
}
