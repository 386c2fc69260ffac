package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
)

const (
	seedID   = detection.SeedID
	appcmdID = "38fe731c-1f13-43d4-b878-a5bbe44807e3"
)

// appcmd is a process creation that installs a module, as a line of NXLog.
func appcmd(host, user string, number int64, at time.Time, module string) []byte {
	r := logwriter.ProcessStart("S-1-5-21-1", "CORP", user, "0x2f1c", `C:\Windows\System32\inetsrv\appcmd.exe`,
		`appcmd.exe install module /name:"`+module+`" /image:C:\x.dll`, `C:\Windows\System32\cmd.exe`)
	r.Computer, r.RecordNumber, r.Time = host, number, at
	return append(logwriter.AppendNXLog(nil, &r, nil), '\n')
}

// loadRisk imports a host's story of two rules.
func loadRisk(t testing.TB, s *server) {
	t.Helper()
	var log []byte
	for i := range 4 {
		log = append(log, appcmd("web01", "svc_deploy", int64(i+1), noon.Add(time.Duration(i)*time.Hour), fmt.Sprintf("M*%d", i))...)
		log = append(log, change("web01", int64(i+101), noon.Add(time.Duration(i)*time.Hour), fmt.Sprintf("/p%d", i))...)
	}
	log = append(log, appcmd("web02", "anna", 1, noon, "Other")...)
	s.load(t, "story.json", log)
}

func class(n *html.Node, name string) bool {
	return strings.Contains(" "+attr(n, "class")+" ", " "+name+" ")
}

// texts are the words of the elements of a class, spaces made one.
func texts(t testing.TB, body, name string) (out []string) {
	t.Helper()
	for _, n := range find(page(t, body), func(n *html.Node) bool { return n.Type == html.ElementNode && class(n, name) }) {
		out = append(out, strings.Join(strings.Fields(text(n)), " "))
	}
	return out
}

// says asks that the page's words hold a text.
func says(t testing.TB, body string, want ...string) {
	t.Helper()
	var parts []string
	for n := range page(t, body).Descendants() {
		if n.Type == html.TextNode {
			parts = append(parts, n.Data)
		}
	}
	all := strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("the page does not say %q: %.1500s", w, all)
		}
	}
}

// listed are the rules as a program gets them.
type listed struct {
	Rules []struct {
		ID, Name, State, Source, File, Replaces, Last string
		Findings, Suppressed, Hosts                   int64
		RiskEvents                                    int64 `json:"risk_events"`
		Filter                                        *struct{ Expression, Reason, Author, Expires string }
	}
	Refused []struct {
		Name, Command, Reason string
		Line, Column          int
	}
	Behind struct{ Rules int64 }
}

func (s *server) rules(t testing.TB) (l listed) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.get(t, "/rules", "Accept", asJSON).body), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// findings is how many findings of a rule are shown.
func (s *server) findings(t testing.TB, id string) int64 {
	for _, r := range s.rules(t).Rules {
		if r.ID == id {
			return r.Findings
		}
	}
	return -1
}

func ruleFile(id, name, search string) detection.SourceFile {
	return detection.SourceFile{Path: "loaded/" + name + ".yml", Kind: detection.RuleFile,
		Content: fmt.Appendf(nil, "name: %s\nid: %s\nversion: 1\ntype: TTP\nsearch: %q\n", name, id, search)}
}

func TestRuleList(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	files := []detection.SourceFile{
		ruleFile(appcmdID, "Appcmd of our own", "EventCode=4688 | stats count by Computer dest | `ours_filter`"),
		ruleFile("11111111-0000-0000-0000-000000000000", "Joined", "EventCode=1\n| join dest [search EventCode=2]"),
	}
	for i := range 450 {
		files = append(files, ruleFile(fmt.Sprintf("22222222-0000-0000-0000-%012d", i), fmt.Sprintf("Loaded %03d", i), "EventCode=77 | stats count by dest"))
	}
	if err := s.book.Load(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	poll(t, func() bool { return s.rules(t).Behind.Rules == 0 })
	l := s.rules(t)
	if len(l.Rules) != 12+450 || len(l.Refused) != 1 {
		t.Fatalf("%d rules, %d refused", len(l.Rules), len(l.Refused))
	}
	if r := l.Refused[0]; r.Name != "Joined" || r.Command != "join" || r.Line != 2 || r.Column != 3 || r.Reason == "" {
		t.Errorf("refused %+v", r)
	}
	body := s.get(t, "/rules").body
	says(t, body, "463 rules", "Joined join line 2, column 3", "replaces the built-in one", "200 of 462 rules")
	for path, want := range map[string]string{
		"/rules?q=appcmd": "2 of 463 rules", "/rules?q=loaded+44": "10 of 463 rules", "/rules?source=replaced": "1 of 463 rules",
		"/rules?state=refused": "1 of 463 rules", "/rules?state=enabled&source=built-in": "11 of 463 rules", "/rules?state=disabled": "No rule fits", "/rules?state=nonsense": "No rule fits",
	} {
		says(t, s.get(t, path).body, want)
	}
	// Every rule is on one page, in both directions.
	seen := map[string]int{}
	path := "/rules?sort=name"
	for range 3 {
		links := map[string]string{}
		for _, n := range find(page(t, s.get(t, path).body), func(n *html.Node) bool { return n.Data == "a" }) {
			links[attr(n, "rel")] = attr(n, "href")
			if href := attr(n, "href"); strings.HasPrefix(href, "/rules/") && !strings.Contains(href, "?") {
				seen[href]++
			}
		}
		path = links["next"]
		if path == "" {
			break
		}
	}
	if len(seen) != 462 {
		t.Errorf("%d rules on the pages, want 462", len(seen))
	}
	for href, n := range seen {
		if n != 1 {
			t.Errorf("%s is listed %d times", href, n)
		}
	}
}

func TestRuleSwitch(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	before := s.findings(t, appcmdID)
	if before != 5 {
		t.Fatalf("%d findings of appcmd", before)
	}
	if a := s.post(t, "/rules/"+appcmdID+"/disable", url.Values{"author": {"Night shift"}}); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	says(t, s.get(t, "/rules/"+appcmdID).body, "State disabled", "Enable the rule", "Somebody switched this rule off")
	if n := s.findings(t, appcmdID); n != 0 {
		t.Errorf("%d findings of a rule that is off", n)
	}
	for _, path := range []string{"/", "/hosts/web01", "/findings?rule=" + appcmdID, "/rules?state=disabled", "/rules/" + appcmdID + "/replay?dest=web01"} {
		s.get(t, path)
	}
	if a := s.post(t, "/rules/"+seedID+"/disable", nil); a.status != http.StatusSeeOther { // the pages do without the seed
		t.Fatal(a.status)
	}
	for _, path := range []string{"/", "/hosts/web01", "/findings", "/findings.csv"} {
		s.get(t, path)
	}
	for _, id := range []string{appcmdID, seedID} {
		if a := s.post(t, "/rules/"+id+"/enable", nil, "Accept", asJSON); a.status != http.StatusOK || !strings.Contains(a.body, `"enabled":true`) {
			t.Fatal(a.status, a.body)
		}
	}
	poll(t, func() bool { return s.findings(t, appcmdID) == before && s.findings(t, seedID) == 4 })
	for _, path := range []string{"/rules/unknown/enable", "/rules/unknown/filter"} {
		if a := s.post(t, path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestSettingsPage(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	incident := func() string { return strings.Join(texts(t, s.get(t, "/hosts/web01").body, "badge"), " ") }
	if got := incident(); !strings.Contains(got, "high from 250") {
		t.Fatalf("at first: %q", got)
	}
	form := url.Values{"medium": {"1000"}, "high": {"2000"}, "critical": {"3000"}, "tactics": {"9"}, "rules": {"9"}, "cap": {"1"}}
	if a := s.post(t, "/settings", form); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	if got := incident(); got != "" {
		t.Errorf("with thresholds out of reach: %q", got)
	}
	says(t, s.get(t, "/settings?saved=1").body, "Saved.", "Reset to the defaults of Splunk ES", "Splunk ES: 250")
	if got := s.get(t, "/settings", "Accept", asJSON).body; !strings.Contains(got, `"medium":1000`) || !strings.Contains(got, `"cap_per_rule":true`) {
		t.Error(got)
	}
	if got := texts(t, s.get(t, "/hosts/web01").body, "big"); len(got) != 1 || got[0] != "114" { // 50 of the seed, 64 of appcmd
		t.Errorf("capped score %q", got)
	}
	for _, wrong := range []url.Values{{"medium": {"5"}}, {"medium": {"300"}, "high": {"200"}, "critical": {"500"}, "tactics": {"3"}, "rules": {"4"}},
		{"medium": {"x"}, "high": {"200"}, "critical": {"500"}, "tactics": {"3"}, "rules": {"4"}}, {"medium": {"1"}, "high": {"2"}, "critical": {"99999999999"}, "tactics": {"3"}, "rules": {"4"}}} {
		a := s.post(t, "/settings", wrong)
		if a.status != http.StatusBadRequest || len(texts(t, a.body, "problem")) != 1 {
			t.Errorf("%v: status %d", wrong, a.status)
		}
	}
	if a := s.post(t, "/settings", url.Values{"reset": {"1"}}); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	if got := incident(); !strings.Contains(got, "high from 250") {
		t.Errorf("after the reset: %q", got)
	}
}

func TestUsersAndThreats(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	says(t, s.get(t, "/users").body, "2 users with risk", "svc_deploy", "anna")
	says(t, s.get(t, "/users?q=ANN").body, "1 user with risk")
	body := s.get(t, "/users/svc_deploy").body
	says(t, body, "Score 256", "high from 250", "Windows IIS Module Installed by AppCmd", "appcmd.exe install module", "process_name appcmd.exe")
	if n := len(find(page(t, body), func(n *html.Node) bool { return attr(n, "data-mark") != "" })); n != 4 {
		t.Errorf("%d marks in the timeline, want 4", n)
	}
	says(t, s.get(t, "/threats?type=process_name&value=appcmd.exe").body, "5 findings of a threat object", "web02")
	says(t, s.get(t, "/hosts/web01").body, "Threat objects", "5 findings on 2 hosts")
	links := checkPage(t, "/", s.get(t, "/findings/"+s.findingOf(t, appcmdID)).body)
	for _, want := range []string{"/hosts/web01", "/users/svc_deploy", "/threats?type=process_name&value=appcmd.exe"} {
		if !slices.Contains(links, want) {
			t.Errorf("the finding has no link to %s: %q", want, links)
		}
	}
	if a := s.do(t, "GET", "/users/nobody", nil); a.status != http.StatusNotFound {
		t.Errorf("an unknown user: %d", a.status)
	}
	if a := s.do(t, "GET", "/users/", nil); a.status != http.StatusSeeOther {
		t.Errorf("no user named: %d", a.status)
	}
}

func TestReplay(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	path := "/rules/" + appcmdID + "/replay"
	says(t, s.get(t, path).body, "Replay: choose a host", "web01", "web02")
	body := s.get(t, path+"?dest=WEB01").body
	// Events at 12:00 to 15:00 are seen by the runs from 13:00 to 16:00.
	says(t, body, "Replay: 4 runs fired for web01", "2026-03-02 13:00:00 UTC 2026-03-02 11:50 to 12:50", "the first incident on this host begins at 2026-03-02 13:00:00 UTC",
		"This rule alone makes 1 incident on this host; the first begins at the run of 2026-03-02 14:00 UTC.")
	var sums []string
	for _, row := range find(page(t, body), func(n *html.Node) bool { return n.Data == "tr" && n.Parent.Data == "tbody" }) {
		var cells []string
		for _, c := range find(row, func(n *html.Node) bool { return n.Data == "td" && class(n, "r") }) {
			cells = append(cells, text(c))
		}
		sums = append(sums, strings.Join(cells, " "))
	}
	if want := "1 64 64 114|1 64 128 228|1 64 192 342|1 64 256 456"; strings.Join(sums, "|") != want {
		t.Errorf("events, score, sums: %q, want %q", sums, want)
	}
	if got := texts(t, body, "crossing"); len(got) != 1 || !strings.HasPrefix(got[0], "high from 250") {
		t.Errorf("crossed %q", got)
	}
	says(t, s.get(t, "/rules/"+seedID+"/replay?dest=web02").body, "no run fired for web02")
	if a := s.do(t, "GET", path+"?dest=unknown", nil); a.status != http.StatusNotFound {
		t.Errorf("an unknown host: %d", a.status)
	}
}

// TestHostOfManyRules shows the findings of each rule under its own columns.
func TestHostOfManyRules(t *testing.T) {
	s := newServer(t)
	loadRisk(t, s)
	body := s.get(t, "/hosts/web01").body
	heads := texts(t, body, "rule-head")
	if len(heads) != 2 || !strings.HasPrefix(heads[0], "Windows IIS Components New Module Added") || heads[1] != "Windows IIS Module Installed by AppCmd 4 findings This rule only" {
		t.Errorf("rules %q", heads)
	}
	says(t, body, "Findings 8", "all rules 8")
	one := s.get(t, "/hosts/web01?rule="+appcmdID).body
	if heads := texts(t, one, "rule-head"); len(heads) != 1 || !strings.HasPrefix(heads[0], "Windows IIS Module Installed by AppCmd") {
		t.Errorf("of one rule %q", heads)
	}
	if legend := texts(t, body, "key"); len(legend) < 2 {
		t.Errorf("legend %q", legend)
	}
}
