package detection_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// replay runs rules over events as imports do, window by window, and returns
// the risk by object, each in the order of time.
func replay(t *testing.T, set *detection.Content, events []*event.Event) map[string][]detection.RiskEvent {
	t.Helper()
	type cell struct {
		rule   *detection.Rule
		key    []string
		window detection.Window
		state  *spl.State
	}
	cells := map[string]*cell{}
	rules := set.InForce(nil)
	for _, e := range events {
		for _, m := range rules.Match(nil, 0, e) {
			if m.Part.Missing != nil {
				continue
			}
			w := detection.WindowOf(m.Part.Time().Unix())
			id := fmt.Sprint(m.Rule.ID, w.Start, spl.KeyText(m.Part.Key))
			if cells[id] == nil {
				cells[id] = &cell{m.Rule, m.Part.Key, w, m.Rule.Plan().New()}
			}
			cells[id].state.Add(&m.Part)
		}
	}
	out := map[string][]detection.RiskEvent{}
	for _, id := range slices.Sorted(maps.Keys(cells)) {
		c := cells[id]
		for _, e := range c.rule.RiskEvents(c.key, c.state, c.window) {
			object := e.ObjectType + " " + e.RiskObject
			out[object] = append(out[object], e)
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b detection.RiskEvent) int { return cmp.Compare(a.Time, b.Time) })
	}
	return out
}

// story is one module planted on a mail server within an hour: logging off,
// an assembly in the global cache, a module installed, what IIS wrote of it,
// and a second try that did not load.
func story(t *testing.T) []*event.Event {
	t.Helper()
	start := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	var out []*event.Event
	add := func(after time.Duration, records ...logwriter.Record) {
		for _, r := range records {
			r.Time, r.Computer, r.RecordNumber = start.Add(after), "EXCH01.corp.example", int64(100+len(out))
			out = append(out, decode(t, "event-xml", r))
		}
	}
	add(-time.Minute, proc4688(inetsrv+"appcmd.exe", `appcmd list modules`), script("Get-WebGlobalModule"))
	add(0, proc4688(inetsrv+"appcmd.exe", `appcmd set config /section:httpLogging /dontLog:true`))
	add(time.Second, logwriter.IISCommit(logwriter.Change{Path: "/system.webServer/httpLogging/@dontLog",
		Edit: logwriter.EditModify, Before: "false", After: "true"})...)
	add(5*time.Minute, script(`(New-Object System.EnterpriseServices.Internal.Publish).GacInstall('C:\temp\sync.dll')`))
	add(9*time.Minute, sysmon1(inetsrv+"appcmd.exe", "appcmd.exe",
		`appcmd.exe install module /name:SyncModule /image:C:\temp\sync.dll`))
	add(9*time.Minute+time.Second, logwriter.IISCommit(logwriter.IISModuleAdded("SyncModule", `C:\temp\sync.dll`)...)...)
	add(20*time.Minute, failed2282("Microsoft-Windows-IIS-W3SVC-WP", `C:\temp\sync.dll`))
	return out
}

// TestStory: the rules tell one story of one host, in order; it is an incident
// by score and by tactics; the account that did it carries risk too.
func TestStory(t *testing.T) {
	set := builtIn(t)
	events := story(t)
	found := replay(t, set, events)
	host := found["system exch01.corp.example"]
	var line []string
	for _, e := range host {
		name := detection.Find(set.Rules, e.RuleID).Name
		if entry := fmt.Sprintf("%s %d %s", time.Unix(e.Time, 0).UTC().Format("15:04:05"), e.Score, name); len(line) == 0 ||
			line[len(line)-1] != entry {
			line = append(line, entry)
		}
	}
	want := []string{
		"02:00:00 64 Windows IIS HTTP Logging Switched Off by AppCmd",
		"02:00:01 50 Windows IIS Components New Module Added",
		"02:00:01 64 Windows IIS HTTP Logging Switched Off in the Configuration",
		"02:05:00 64 Windows Assembly Published to the Global Cache by PowerShell",
		"02:09:00 64 Windows IIS Module Installed by AppCmd",
		"02:09:01 50 Windows IIS Components New Module Added",
		"02:20:00 25 Windows IIS Module Failed to Load",
	}
	if !slices.Equal(line, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(line, "\n"), strings.Join(want, "\n"))
	}
	at := func(s string) int64 { return sec("2026-03-02 " + s) }
	got := risk.Scorer{Settings: risk.Default(), Rule: risk.Find(set.Rules)}.Incidents(host)
	if len(got) != 2 || got[0].Kind != risk.ByScore || got[0].Severity != risk.Critical || got[0].Peak != 581 ||
		got[0].From != at("03:00:00") ||
		got[1].Kind != risk.ByTactics || got[1].Rules != 6 || got[1].Peak != 3 || got[1].From != at("03:00:00") {
		t.Errorf("%+v", got)
	}
	for object, n := range map[string]int{"user svc_web": 1, `user corp\svc_web`: 1, "user " + strings.ToLower(admin): 1} {
		if len(found[object]) != n {
			t.Errorf("%s: %+v", object, found[object])
		}
	}
	for _, e := range host {
		if e.RuleID == moduleFailed && (len(e.Threats) != 1 || e.Threats[0].Value != `C:\temp\sync.dll` ||
			!strings.Contains(e.Message, `C:\temp\sync.dll`)) {
			t.Errorf("%+v", e)
		}
	}
	slices.Reverse(events)
	if again := replay(t, set, events); fmt.Sprint(again) != fmt.Sprint(found) {
		t.Error("the order of events matters")
	}
}
