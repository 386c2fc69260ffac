package views_test

import (
	"fmt"
	"time"

	"escutcheon/event"
	"escutcheon/views"
)

var now = time.Date(2025, 12, 16, 9, 30, 0, 0, time.UTC)

func at(day, hour, minute, second int) time.Time {
	return time.Date(2025, 12, day, hour, minute, second, 123456789, time.UTC)
}

const (
	rule     = "55f22929-cfd3-4388-ba5c-4d01fac7ee7e"
	ruleName = "Windows IIS Components New Module Added"
)

func frame(title string) views.Frame {
	return views.Frame{Title: title, Now: now, Author: "Inge Holm", Running: 2, RunningPercent: 42,
		UnderWay: []views.UnderWay{{ID: "9", Name: "web03-iis.json", Percent: 64},
			{ID: "10", Name: "b.zip", Queued: true}}, AsOf: at(15, 8, 0, 0),
		Here: "/",
		Upload: views.ImportForm{Zones: []string{"UTC", "Asia/Kolkata", "Europe/Oslo"}, Zone: "UTC", MaxUpload: 8 << 30,
			Reads: "EVTX, and the JSON of agents"}}
}

func message(path string) string {
	return "Changes to '" + path + "' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed."
}

var columns = []string{"OpCode", "EventCode", "dest", "Message", "count", "firstTime", "lastTime"}

func finding(id, dest, msg, change, kind string, count int64, first, last time.Time) views.FindingRow {
	return views.FindingRow{ID: id, RuleID: rule, RuleName: ruleName, Dest: dest,
		Cells: []string{"Info", "29", dest, msg, fmt.Sprint(count), first.Format("2006-01-02T15:04:05"),
			last.Format("2006-01-02T15:04:05")},
		Count: count, First: first, Last: last, Change: change, ChangeKind: kind}
}

func findings() []views.FindingRow {
	rows := []views.FindingRow{
		finding("f1", "web02.corp.example", message(`/system.webServer/globalModules/add[@name="TelemetryRelay"]`),
			"module added: TelemetryRelay", "module", 3, at(9, 13, 41, 7), at(9, 13, 41, 9)),
		finding("f2", "web02.corp.example", message(`/system.webServer/globalModules/add[@name="TelemetryRelay"]/@image`),
			"image of TelemetryRelay: C:\\Windows\\Temp\\relay.dll", "module", 1, at(9, 13, 41, 7), at(9, 13, 41, 7)),
		finding("f3", "web02.corp.example", message(`/system.webServer/httpLogging/@dontLog`), "HTTP logging switched off",
			"logging", 1, at(9, 14, 2, 55), at(9, 14, 2, 55)),
		finding("f4", "web02.corp.example", message(
			`/system.applicationHost/applicationPools/add[@name="DefaultAppPool"]/recycling/periodicRestart/schedule/add[@value="03:00:00"]`), "", "", 12, at(8, 3, 0, 1), at(14, 3, 0, 2)),
		finding("f5", "web02.corp.example", message(`/system.applicationHost/sites/siteDefaults/logFile/@logFormat`),
			"log format: W3C to IIS", "logging", 2, at(12, 8, 11, 40), at(12, 8, 12, 4)),
	}
	s := finding("f6", "web02.corp.example", message(`/system.web/customErrors/error[@statusCode="404"]`), "", "", 1,
		at(10, 9, 0, 0), at(10, 9, 0, 0))
	s.Suppressed = true
	return append(rows, s)
}

func hostsPage() views.HostsPage {
	inc := func(s views.Severity, threshold, sum int64, t time.Time) *views.Incident {
		return &views.Incident{Severity: s, Threshold: threshold, Sum: sum, Crossed: t}
	}
	var a, b, c [views.StripCells]int64
	for i := range a {
		if i%9 == 4 || i > 20 && i < 26 {
			a[i] = int64(i) * 12 % 350
		}
		if i%17 == 3 {
			b[i] = 50
		}
		if i == 44 {
			c[i] = 150
		}
	}
	f := frame("Hosts")
	f.AsOf = time.Time{}
	return views.HostsPage{Frame: f, Total: 5, Risky: 4, Any: true, Top: 2150,
		Filter: views.HostsFilter{Text: "corp", Severities: []views.Option{{Value: "medium", Label: "medium"},
			{Value: "high", Label: "high"}, {Value: "critical", Label: "critical"}},
			Rules: []views.Option{{Value: rule, Label: ruleName, Selected: true}}},
		Chips: []views.Chip{{Label: "Rule", Value: ruleName, RemoveURL: "/?q=corp"},
			{Label: "Dest", Value: "corp", RemoveURL: "/?rule=" + rule}},
		Sorts: map[string]views.Sort{"score": {URL: "/?sort=-score", Dir: "descending"}, "dest": {URL: "/?sort=dest"},
			"last": {URL: "/?sort=last"}, "findings": {URL: "/?sort=findings"}},
		Rows: []views.HostRow{
			{Dest: "web03.dmz.example", Spelling: "WEB03.dmz.example", Severity: views.Critical, Score: 2150,
				Incident: inc(views.Critical, 500, 850, at(9, 14, 0, 0)), Findings: 43, Open: 41,
				AsOf: at(15, 1, 48, 53), AsOfKind: views.Newest,
				Last: at(15, 1, 48, 53), Strip: a, Notes: 3},
			{Dest: "web02.corp.example", Spelling: "web02.corp.example", Severity: views.High, Score: 1150,
				Incident: inc(views.High, 250, 300, at(9, 15, 0, 0)), Findings: 23, Open: 23,
				AsOf: at(14, 13, 53, 11), AsOfKind: views.Newest, Last: at(14, 23, 1, 0),
				Strip: b},
			{Dest: "exch01.corp.example", Spelling: "EXCH01.corp.example", Severity: views.Medium, Score: 350,
				Incident: inc(views.Medium, 100, 150, at(12, 9, 0, 0)), Findings: 7, Open: 7,
				AsOf: now, AsOfKind: views.Now, Last: at(16, 8, 59, 3), Strip: c,
				Notes: 1},
			{Dest: "web00.corp.example", Spelling: "web00.corp.example", Severity: views.Low, Score: 50, Findings: 1, Open: 1,
				AsOf: now, AsOfKind: views.Now, Last: at(16, 2, 0, 0), Strip: c},
			{Dest: "dc01.corp.example", Spelling: "DC01.corp.example", AsOf: now, AsOfKind: views.Now, Last: at(13, 2, 0, 0)},
		},
		Pager: views.Pager{Shown: 5, Total: 5}, Export: []views.Export{{Label: "risk.csv", URL: "/risk.csv?q=corp", Rows: 4}}}
}

func timeline() views.Timeline {
	t := views.Timeline{Dest: "web02.corp.example", To: at(14, 13, 53, 11), Score: 700,
		Crossed: time.Date(2025, 12, 9, 14, 0, 0, 0, time.UTC),
		Thresholds: []views.Threshold{{Value: 100, Label: "medium over 100"}, {Value: 250, Label: "high from 250"},
			{Value: 500, Label: "critical from 500"}}}
	t.From = t.To.Add(-168 * time.Hour)
	times := []time.Time{at(8, 3, 0, 2), at(9, 3, 0, 1), at(9, 13, 41, 7), at(9, 13, 41, 8), at(9, 13, 41, 9),
		at(9, 13, 41, 9), at(9, 14, 2, 55), at(10, 3, 0, 1), at(11, 3, 0, 0), at(12, 3, 0, 0), at(12, 8, 12, 4),
		at(13, 3, 0, 0), at(14, 3, 0, 2), at(14, 13, 53, 11)}
	for i, m := range times {
		w := m.Truncate(time.Hour).Add(-10 * time.Minute)
		t.Marks = append(t.Marks, views.RiskMark{Time: m, Score: 50, RuleID: rule, RuleName: ruleName,
			RiskMessage: "A new IIS Module has been loaded and should be reviewed on web02.corp.example.",
			Message:     findings()[i%5].Cells[3], Change: findings()[i%5].Change, Count: int64(i%3 + 1), WindowFrom: w,
			WindowTo: w.Add(time.Hour), FindingID: findings()[i%5].ID})
		t.Steps = append(t.Steps, views.SumStep{At: m, Sum: sumAt(times, m)},
			views.SumStep{At: m.Add(24 * time.Hour), Sum: sumAt(times, m.Add(24*time.Hour))})
	}
	for i := range t.Steps {
		for j := i; j > 0 && t.Steps[j].At.Before(t.Steps[j-1].At); j-- {
			t.Steps[j], t.Steps[j-1] = t.Steps[j-1], t.Steps[j]
		}
	}
	return t
}

func sumAt(times []time.Time, at time.Time) (sum int64) {
	for _, t := range times {
		if !t.After(at) && t.After(at.Add(-24*time.Hour)) {
			sum += 50
		}
	}
	return sum
}

func notes() []views.NoteView {
	return []views.NoteView{
		{ID: 7, Dest: "web02.corp.example", FindingID: "f1",
			FindingLabel: message(`/system.webServer/globalModules/add[@name="TelemetryRelay"]`), Author: "Inge Holm",
			Created: at(15, 8, 2, 0), Edited: at(15, 8, 9, 0), Revision: 2,
			Text: "Asked the web team: nobody knows `TelemetryRelay`. The image lies in **C:\\Windows\\Temp**.\n\n" +
				"- hash sent to the lab\n- host isolated at 08:05 UTC",
			History: []views.NoteRevision{{Revision: 2, Author: "Inge Holm", At: at(15, 8, 9, 0), Action: "edited",
				Text: "Asked the web team: nobody knows TelemetryRelay."},
				{Revision: 1, Author: "Inge Holm", At: at(15, 8, 2, 0), Action: "written", Text: "Asking the web team."}}},
		{ID: 5, Dest: "web02.corp.example", Author: "Sam Ode", Created: at(12, 9, 30, 0), Edited: at(12, 9, 30, 0),
			Revision: 1, Text: "The recycling schedule is ours: change request of 1 December."},
		{ID: 4, Dest: "web02.corp.example", Author: "Sam Ode", Created: at(11, 9, 30, 0), Edited: at(11, 9, 31, 0),
			Revision: 2, Deleted: true, Text: "Wrong host, sorry.",
			History: []views.NoteRevision{{Revision: 2, Author: "Sam Ode", At: at(11, 9, 31, 0), Action: "deleted",
				Text: "Wrong host, sorry."}, {Revision: 1, Author: "Sam Ode", At: at(11, 9, 30, 0), Action: "written",
				Text: "Wrong host, sorry."}}},
	}
}

func hostPage() views.HostPage {
	f := findings()
	return views.HostPage{Frame: frame("web02.corp.example"), Dest: "web02.corp.example", Spelling: "WEB02.corp.example",
		Verdict: views.VerdictPanel{Gravity: "critical", Said: []string{"Evil", `C:\e.dll`},
			Sentence: `Unknown native module Evil added by S-1-5-18 at 2025-12-09 14:10:00 UTC, image C:\e.dll.`,
			Chain: []views.VerdictLink{{At: at(9, 14, 9, 59), Text: "w3wp.exe › appcmd.exe install module", Log: true,
				By: "WEB02$", Where: "Security 4688 · record 9", Shared: "module name", URL: "/events/8"},
				{At: at(9, 14, 10, 0), Text: "Module Evil added", By: "S-1-5-18", URL: "/events/9", Events: 5, Change: true}},
			Facts:   []views.VerdictFact{{Name: "Score", Big: "700", Text: "in 7 days", Dim: "14 risk events"}},
			Modules: []views.VerdictModule{{Name: "Other", Judgement: "own", Action: "added", Gravity: "low", Closed: true}},
			Actions: []views.Action{{Label: "Write this as a note", URL: "/hosts/web02.corp.example?note=x#note",
				Primary: true}},
			Incidents: []views.Incident{{Severity: views.High, Threshold: 250, Sum: 300,
				Crossed: time.Date(2025, 12, 9, 15, 0, 0, 0, time.UTC)}}},
		At: at(14, 13, 53, 11), AtKind: views.Newest,
		Exports: []views.Export{{Label: "findings.csv", URL: "/findings.csv?dest=web02.corp.example", Rows: 23},
			{Label: "risk.csv", URL: "/risk.csv?dest=web02.corp.example", Rows: 1},
			{Label: "notes.csv", URL: "/notes.csv?dest=web02.corp.example", Rows: 2}},
		Timeline: timeline(),
		Drilldown: []views.DrilldownRow{{Object: "web02.corp.example", Score: 700, Count: 14, First: at(8, 3, 0, 2),
			Last:         at(14, 13, 53, 11),
			SearchNames:  []string{"ESCU - " + ruleName + " - Rule"},
			RiskMessages: []string{"A new IIS Module has been loaded and should be reviewed on web02.corp.example."},
			Stories:      []string{"GhostRedirector IIS Module and Rungan Backdoor", "IIS Components"},
			Annotations:  []string{"GhostRedirector IIS Module and Rungan Backdoor", "IIS Components", "T1505.004"},
			ATTCKTactics: []string{"persistence"}}},
		Findings: views.FindingsTable{Columns: columns, Rows: f,
			Sorts: map[string]views.Sort{"lastTime": {URL: "?sort=-last", Dir: "descending"}, "count": {URL: "?sort=count"}}},
		Suppressed: 1, HideURL: HostHide, GroupURL: "/hosts/web02.corp.example?group=change",
		Unattributed: []views.Unattributed{{Rule: ruleName, Missing: "OpCode", Count: 3,
			URL: "/events?missing=OpCode&dest=web02.corp.example"}},
		Notes: notes(), NewNote: views.NoteForm{Findings: []views.Option{{Value: "f1", Label: f[0].Cells[3]},
			{Value: "f2", Label: f[1].Cells[3]}}},
		FindingsPager: views.Pager{NextURL: "?after=x", Shown: 6, Total: 23}}
}

// HostHide is the address that hides the suppressed findings again.
const HostHide = "/hosts/web02.corp.example"

func ruleShort() views.RuleShort {
	return views.RuleShort{ID: rule, Name: ruleName, Type: "TTP", Status: "production",
		Description:    "Detects the addition of new IIS modules from the configuration log, event 29.",
		HowToImplement: "Enable the IIS Configuration Operational log.",
		FalsePositives: "Updates, or an administrator who adds a module.",
		References: []string{"https://example.org/iis-modules", "javascript:alert(1)", "http://user:pw@example.org/",
			"data:text/html,x"},
		ATTCK: []views.ATTCK{{ID: "T1505.004", Tactic: "persistence"}}, Stories: []string{"IIS Components"}}
}

func drilldowns() []views.Drilldown {
	return []views.Drilldown{
		{Name: `View the detection results for - "web02.corp.example"`,
			SPL: "`iis_operational_logs` EventCode=29\n  | stats count BY OpCode EventCode ComputerName Message\n  | search dest = \"web02.corp.example\"", URL: "/findings?dest=web02.corp.example", Here: "its findings"},
		{Name: `View risk events for the last 7 days for - "web02.corp.example"`,
			SPL: "| from datamodel Risk.All_Risk | search normalized_risk_object IN (\"web02.corp.example\")",
			URL: "/hosts/web02.corp.example", Here: "the host's page"},
	}
}

func fields(msg string) []event.Field {
	return []event.Field{{Name: "EventCode", Value: "29"}, {Name: "ComputerName", Value: "web02.corp.example"},
		{Name: "LogName", Value: event.IISConfiguration}, {Name: "OpCode", Value: "Info"}, {Name: "Message", Value: msg},
		{Name: "NewValue", Value: `C:\Windows\Temp\relay.dll`}, {Name: "OldValue"}}
}

func findingPage() views.FindingPage {
	p := views.FindingPage{Frame: frame("Finding"), Spelling: "WEB02.corp.example", Columns: columns, Row: findings()[0],
		Rule: ruleShort(), Drilldowns: drilldowns(),
		Notes: notes()[:1], NewNote: views.NoteForm{Finding: "f1"},
		Export: []views.Export{{Label: "findings.csv", URL: "/findings.csv?dest=web02.corp.example", Rows: -1}}}
	for i := range 3 {
		p.Events = append(p.Events, views.EventRow{ID: int64(100 + i), Time: at(9, 13, 41, 7+i),
			RecordNumber: int64(5120 + i), Code: 29, Fields: fields(p.Row.Cells[3]), Rendered: true, ImportID: "3",
			ImportName: "web02-iis.xml.gz", Offset: 1048576, Brief: p.Row.Cells[3]})
	}
	p.Pager = views.Pager{Shown: 3, Total: 3}
	return p
}

func eventPage(show views.EventShow) views.EventPage {
	msg := findings()[0].Cells[3]
	return views.EventPage{Frame: frame("Event 29"), ID: 100, Dest: "web02.corp.example", Spelling: "WEB02.corp.example",
		Show:     show,
		Findings: []views.FindingRef{{ID: "f1", Label: msg}},
		Event: event.Event{HasTime: true, Nanos: at(9, 13, 41, 7).UnixNano(), TimeText: "12/09/2025 07:11:07 PM",
			Zoneless: true, EventCode: 29, RecordNumber: 5120, Fields: fields(msg), Rendered: true,
			Raw: "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>\n\t<System><EventID>29</EventID></System>\u202e\x00\xff</Event>"},
		RawURL: "/events/100/raw", RawSize: 812,
		Sources: []views.EventSource{{ImportID: "3", Name: "web02-iis.xml.gz",
			SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Format: "event XML", Offset: 1048576,
			Zone: "Asia/Kolkata"}}}
}

func importRows() []views.ImportRow {
	return []views.ImportRow{
		{ID: "9", Name: "web03-iis.json", Size: 69_600_000, Format: "NXLog JSON", Zone: "UTC", Status: views.Running,
			Read: 41200, New: 41000, Duplicate: 200, Bytes: 29_000_000, Total: 69_600_000, Created: now.Add(-3 * time.Second),
			Started: now.Add(-2 * time.Second), Rate: 14e6, Events: 20600, Left: 3 * time.Second,
			SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
		{ID: "8", Name: "exch01.log", Size: 912_000, Status: views.Queued, Zone: "Asia/Kolkata",
			Created: now.Add(-3 * time.Second)},
		{ID: "7", Name: "web02-iis.xml.gz", Size: 3_120_400, Format: "event XML", Encoding: "UTF-16, gzip",
			Zone: "Europe/Oslo", ZoneUsed: true, Computer: "web02", Status: views.Done, Read: 20411, New: 18000, Duplicate: 2411,
			Rejected: 130, NoTime: 4, Created: at(15, 7, 0, 0), Started: at(15, 7, 0, 0), Ended: at(15, 7, 0, 1), Rate: 3.1e6,
			Events: 20411, By: "Inge Holm"},
		{ID: "6", Name: "screenshot.png", Size: 48_211, Status: views.Failed,
			Failure: "This is a PNG image. Escutcheon reads Windows event logs: EVTX, and the JSON of agents.",
			Created: at(15, 6, 0, 0), Started: at(15, 6, 0, 0), Ended: at(15, 6, 0, 0)},
		{ID: "5", Name: "old.log", Size: 8_211_000_000, Format: "classic text", Status: views.Cancelled, Read: 500, New: 500,
			Created: at(14, 6, 0, 0), Started: at(14, 6, 0, 0), Ended: at(14, 6, 3, 12)},
	}
}

// askingPage is an import that asks everything that can be asked.
func askingPage() views.ImportPage {
	p := views.ImportPage{Frame: frame("Import"), CancelURL: "/imports/12/cancel",
		Next: &views.ImportRef{ID: "13", Name: "b.csv"}, Archive: &views.ImportRef{ID: "11", Name: "case.zip"}}
	p.Import = views.ImportRow{ID: "12", Name: "C/logs/viewer.csv", Size: 4000, Format: "Event Viewer CSV",
		Status: views.Asking, Parent: "11", Ordinal: 3, Created: at(15, 7, 0, 0), By: "upload"}
	p.Ask = &views.AskForm{ID: "12", AskZone: true, AskCom: true, AskDates: true, Zone: "Asia/Kolkata", ZoneKnown: true,
		Computer: "web02", Dates: "dmy",
		MonthFirst: "10/12/2025 → 12 October 2025", DayFirst: "10/12/2025 → 10 December 2025", Others: 12, UseOthers: true,
		Problem: "There is no time zone \"x\".",
		Examples: []views.Example{{Written: "10/12/2025 10:00:00", Time: at(10, 4, 30, 0), Zone: "Asia/Kolkata", Code: 29,
			Start: "Information,10/12/2025 10:00:00\x00\u202e"}, {Written: "x", Code: event.None}}}
	return p
}

// archivePage is an archive with members of every kind.
func archivePage() views.ImportPage {
	p := views.ImportPage{Frame: frame("Import"), DeleteURL: "/imports/11/delete"}
	p.Import = importRows()[2]
	p.Import.ID, p.Import.Name, p.Import.Format, p.Import.Archive, p.Import.Skipped, p.Import.Note,
		p.Import.Stalled = "11", "case.zip", "zip archive", true, 2, "The dates leave open which number is the day.",
		"The disk is full."
	p.Import.SameAs, p.Import.Replaces, p.Import.Windows1252, p.Import.Undated, p.Import.Dates = "3", "2", 5, 6, "dmy"
	p.Import.Missing, p.Import.Lacks = 1029, "At least 1029 records are missing."
	p.Password = &views.PasswordForm{ID: "11", Wrong: true}
	p.Members = &views.Members{Rows: importRows(), Total: 1234,
		Counts: []views.MemberCount{{Status: "done", Count: 1230, URL: "?status=done"},
			{Status: "failed", Count: 4, URL: "?status=failed"}}, Shown: "failed", AllURL: "/imports/11",
		Pager: views.Pager{NextURL: "/imports/11?after=1000", Next: "next", Prev: "first", Shown: 5, Total: 1234}}
	p.Members.Rows[0].Status, p.Members.Rows[1].SameAs = views.Asking, "3"
	p.Again = &views.AgainForm{Zone: "Asia/Kolkata", Computer: "web02", Dates: "dmy", ZoneMatters: true}
	return p
}

func deletePage() views.DeletePage {
	return views.DeletePage{Frame: frame("Delete"), Import: importRows()[2], Members: 3, Counted: true, Events: 1200,
		Findings: 4, Hosts: 1}
}

func waitGroups() []views.WaitGroup {
	return []views.WaitGroup{{Count: 12, More: true, What: "the zone and the computer", URL: "/imports/12?others=1",
		Files: []views.ImportRef{{ID: "12", Name: "a.csv"}, {ID: "13", Name: "b\u202e.csv"}}},
		{Count: 1, Locked: true, URL: "/imports/14", Files: []views.ImportRef{{ID: "14", Name: "evidence.zip"}}}}
}

func importPage(i int) views.ImportPage {
	p := views.ImportPage{Frame: frame("Import"), Import: importRows()[i]}
	if p.Import.Status == views.Running {
		p.Refresh, p.CancelURL = 2, "/imports/"+p.Import.ID+"/cancel"
	}
	if p.Import.Rejected > 0 {
		p.Hosts = []views.HostRef{{Dest: "web02.corp.example", Spelling: "WEB02.corp.example", Count: 20411}}
		p.Rejections = []views.Rejection{{Offset: 81920, Line: 7, Reason: "The record ends in the middle of an element.",
			Sample: []byte("<Event><System>\x00\xfe<Provider Na")},
			{Offset: 990211, Reason: "No event id.", Sample: []byte("<Event/>")}}
	}
	return p
}

func rulePage() views.RulePage {
	return views.RulePage{Frame: frame(ruleName), Rule: ruleShort(), Version: "9", Date: "2026-03-10",
		Author: "The rule's authors", Running: -1, Schedule: "every hour at :00, over -70m@m to -10m@m",
		Risk:    []views.RiskObject{{Field: "dest", Type: "system", Score: 50}},
		Message: "A new IIS Module has been loaded and should be reviewed on $dest$.",
		SPL:     drilldowns()[0].SPL, Expanded: "sourcetype=\"IIS:Configuration:Operational\" EventCode=29",
		Macros: []views.Macro{{Name: "iis_operational_logs", Definition: `sourcetype="IIS:Configuration:Operational"`,
			Source: "built in"}},
		Drilldowns: drilldowns(), YAML: "name: " + ruleName + "\nid: " + rule + "\n", Findings: 23}
}
