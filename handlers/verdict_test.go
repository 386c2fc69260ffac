package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/demo"
	"escutcheon/internal/consoletest"
)

type verdictOf struct {
	Score    int64
	Findings struct{ All, Open int64 }
	Also     []string
	Coverage []struct {
		Channel, From, To string
		Events            int64
		Gaps              []struct{ From, To string }
	}
	Incident *struct{ Severity, Crossed, Run string }
	Verdict  struct {
		Sentence, Gravity string
		Modules           []struct {
			Name, Image, Judgement, Action, By, At, Finding string
			Closed                                          bool
			Hosts                                           int64
		}
		LoggingOff []struct{ From, To, Scope, By string } `json:"logging_off"`
		Chain      []struct {
			At, Text, Finding, Shared string
			Event                     int64
			Rules                     []string
		}
	}
}

func verdictAt(t *testing.T, s *consoletest.Server, path string) verdictOf {
	t.Helper()
	a := s.Get(t, path, "Accept", consoletest.JSON)
	for _, list := range []string{`"modules":null`, `"logging_off":null`, `"chain":null`} {
		if strings.Contains(a.Body, list) {
			t.Errorf("%s: %s", path, list)
		}
	}
	return decodeJSON[verdictOf](t, a, http.StatusOK)
}

func loadDemo(t *testing.T, s *consoletest.Server) {
	t.Helper()
	paths, err := demo.Write(t.TempDir(), time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		s.Load(t, filepath.Base(p), data)
	}
}

// TestVerdictOfTheDemo: each fact equals what the demo planted.
func TestVerdictOfTheDemo(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadDemo(t, s)
	v := verdictAt(t, s, "/hosts/"+demo.PlantedHost)
	const off, added = "2026-03-11T02:37:14Z", "2026-03-11T02:41:23Z"
	if v.Verdict.Gravity != "critical" || len(v.Verdict.Modules) != 1 || len(v.Verdict.LoggingOff) != 1 ||
		v.Incident == nil || v.Incident.Crossed != added || v.Incident.Run != "2026-03-11T03:00:00Z" {
		t.Fatalf("%+v", v)
	}
	m := v.Verdict.Modules[0]
	if m.Name != demo.PlantedModule || m.Image != demo.PlantedImage || m.By != `NT AUTHORITY\SYSTEM` || m.At != added ||
		m.Judgement != "unknown" || m.Action != "added" || m.Finding == "" || m.Hosts != 1 {
		t.Errorf("%+v", m)
	}
	for _, fact := range []string{m.Name, m.Image, m.By, "2026-03-11 02:41:23 UTC", "4 min 9 s earlier"} {
		if !strings.Contains(v.Verdict.Sentence, fact) {
			t.Errorf("no %q in %q", fact, v.Verdict.Sentence)
		}
	}
	if o := v.Verdict.LoggingOff[0]; o.From != off || o.To != "" || o.Scope != "all sites" {
		t.Errorf("%+v", o)
	}
	var chain []string
	for _, l := range v.Verdict.Chain {
		chain = append(chain, l.At+" "+l.Shared)
		if l.Event == 0 || l.Finding == "" {
			t.Errorf("%+v", l)
		}
	}
	want := "2026-03-11T02:37:13Z within 5 s|" + off + " |2026-03-11T02:41:22Z module name|" + added + " "
	if got := strings.Join(chain, "|"); got != want {
		t.Error(got)
	}
	seen := map[string]int64{}
	for _, c := range v.Coverage {
		seen[c.Channel] = c.Events
		if c.From < "2026-03-01" || c.To >= "2026-03-12" || c.To < c.From {
			t.Errorf("%+v", c)
		}
	}
	if seen["Security"] == 0 || seen["Microsoft-IIS-Configuration/Operational"] == 0 {
		t.Errorf("coverage %+v", v.Coverage)
	}
	before := verdictAt(t, s, "/hosts/"+demo.PlantedHost+"?as-of=2026-03-11T02:41:21Z").Verdict
	if before.Gravity != "medium" || len(before.Modules) != 0 || len(before.LoggingOff) != 1 {
		t.Errorf("a second before the command: %+v", before)
	}
	before = verdictAt(t, s, "/hosts/"+demo.PlantedHost+"?as-of=2026-03-11T02:41:22Z").Verdict
	if before.Gravity != "critical" || len(before.Modules) != 1 ||
		!strings.Contains(before.Sentence, "A command line says so") {
		t.Errorf("a second before the log follows the command: %+v", before)
	}
	if v := verdictAt(t, s, "/hosts/"+demo.AdminHost).Verdict; v.Gravity != "low" || v.Modules[0].Judgement != "own" {
		t.Errorf("%+v", v)
	}
	if v := verdictAt(t, s, "/hosts/web01.corp.example").Verdict; v.Gravity != "none" ||
		v.Sentence != "No module or logging change in these logs." {
		t.Errorf("%+v", v)
	}
	for _, path := range []string{"/", "/?as-of=2026-03-12T00:00:00Z"} {
		var dests []string
		for _, row := range consoletest.Cells(t, consoletest.Page(t, s.Get(t, path).Body), "hosts") {
			dests = append(dests, row["dest"])
		}
		if got := strings.Join(dests, " "); got != demo.PlantedHost+" "+demo.AdminHost+" web01.corp.example" {
			t.Errorf("%s: %s", path, got)
		}
	}
	page := s.Get(t, "/hosts/"+demo.PlantedHost).Body
	consoletest.Says(t, page, demo.PlantedModule, "Write this as a note", "on 1 of 3 hosts")
}

// TestVerdictGoesWithItsImport: what was deleted is in no verdict, and what a filter
// suppresses does not rank.
func TestVerdictGoesWithItsImport(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadDemo(t, s)
	a := s.Post(t, "/rules/"+consoletest.SeedID+"/filter", url.Values{"author": {"a"}, "reason": {"r"},
		"expression": {`search NOT Message="*globalModules*" NOT Message="*webServer/modules*" NOT Message="*dontLog*"`}},
		"Accept", consoletest.JSON)
	if a.Status != http.StatusOK {
		t.Fatal(a.Status, a.Body)
	}
	consoletest.Poll(t, func() bool { return verdictAt(t, s, "/hosts/"+demo.AdminHost).Verdict.Gravity == "none" })
	if v := verdictAt(t, s, "/hosts/"+demo.AdminHost).Verdict; len(v.Modules) != 1 || !v.Modules[0].Closed {
		t.Errorf("%+v", v)
	}
	for path, at := range map[string]string{"/hosts/" + demo.AdminHost: ".verdict .gravity",
		"/": `tr:has(td[data-by=gravity][data-v=none]) .words`} {
		if got := s.Doc(t, path).Find(at).Text(); !strings.Contains(got, "closed or suppressed") {
			t.Errorf("%s does not say that it is suppressed: %q", path, got)
		}
	}
	s.Post(t, "/imports/2/delete", url.Values{})
	s.Load(t, "other.json", consoletest.Change(demo.AdminHost, 9, consoletest.Noon, "/a"))
	if v := verdictAt(t, s, "/hosts/"+demo.AdminHost).Verdict; len(v.Modules) != 0 || v.Gravity != "none" {
		t.Errorf("%+v", v)
	}
}
