package handlers_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// TestVerdictsEndToEnd: from the bytes of a log to the JSON of the host, the sentence
// of its page and its line in the list.
func TestVerdictsEndToEnd(t *testing.T) {
	t.Parallel()
	const global, enabled = `/system.webServer/globalModules/add[@name="`, `/system.webServer/modules/add[@name="`
	path := func(head, module, tail string) string { return head + module + `"]` + tail }
	edit := func(p string, op int, after string) logwriter.Change {
		return logwriter.Change{Path: p, Edit: op, After: after}
	}
	added := func(module, image string) []logwriter.Change {
		return []logwriter.Change{edit(path(global, module, ""), logwriter.EditAdd, ""),
			edit(path(global, module, "/@image"), logwriter.EditAdd, image),
			edit(path(enabled, module, ""), logwriter.EditAdd, "")}
	}
	for name, c := range map[string]struct {
		changes   []logwriter.Change
		text      bool // classic text
		gravity   string
		judgement string // of the first module; "" none
		action    string
		sentence  string
		not       string // what nothing on the page may say
	}{
		"no-change": {nil, false, "none", "", "", "No module or logging change in these logs.", "module added"},
		"harmless": {[]logwriter.Change{edit("/system.applicationHost/applicationPools/add[@name=\"A\"]/@autoStart",
			logwriter.EditAdd, "true")}, false, "none", "", "", "No module or logging change in these logs.", "module added"},
		"text": {added("Planted", ""), true, "medium", "unknown", "unsure",
			"Unknown module Planted added or removed (the log does not say which)", "module added:"},
		"masquerade": {added("StaticFileModule", `C:\inetpub\static.dll`), false, "critical", "masquerade", "added",
			"StaticFileModule, a name of IIS's own with another image, added", ""},
		"own-elsewhere": {added("StaticFileModule", `C:\WINDOWS\SysWOW64\inetsrv\STATIC.dll`), false, "low", "own", "added",
			"IIS's own native module StaticFileModule added", ""},
		"own-variables": {added("StaticFileModule", `%SystemRoot%\System32\inetsrv\static.dll`), false, "low", "own",
			"added", "IIS's own native module StaticFileModule added", ""},
		"bad": {added("X", `D:\sites\iissup.DLL`), false, "critical", "bad", "added",
			"Publicly known malicious native module X added", ""},
		"generic": {added("X", `D:\sites\cache.dll`), false, "high", "unknown", "added",
			"Reports name cache.dll", "malicious"},
		"logging-alone": {[]logwriter.Change{edit("/system.webServer/httpLogging/@dontLog", logwriter.EditAdd, "true")},
			false, "medium", "", "", "HTTP logging was switched off for all sites", "module added"},
		"filter-added": {[]logwriter.Change{edit(`/system.webServer/isapiFilters/filter[@name="flt"]`, logwriter.EditAdd, ""),
			edit(`/system.webServer/isapiFilters/filter[@name="flt"]/@path`, logwriter.EditAdd, `C:\x\flt.dll`)}, false,
			"medium", "unknown", "added", `Unknown ISAPI filter flt added`, ""},
		"list-cleared": {[]logwriter.Change{edit(`/system.webServer/globalModules`, logwriter.EditDelete, "")}, false,
			"medium", "unknown", "unsure", "The list of modules was changed as a whole", "No module or logging"},
		"named-like": {added("TrafficHandler", `C:\Contoso\bin\contosotraffic.dll`), false, "high", "unknown", "added",
			"It is named like TrafficHandler.dll of a report", "malicious"},
		"listed-path": {added("x", `c:\temp\msf.dll`), false, "critical", "bad", "added",
			"Publicly known malicious native module x added", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := consoletest.New(t)
			r := logwriter.Record{Time: consoletest.Noon, EventCode: 7036, Channel: "System",
				Provider: "Service Control Manager", Computer: name, RecordNumber: 1, Message: "The service runs."}
			log := append(logwriter.AppendNXLog(nil, &r, nil), '\n')
			if c.text {
				log = nil
			}
			for i, change := range c.changes {
				r := logwriter.IISChange(change)
				r.Computer, r.RecordNumber, r.Time = name, int64(i+10), consoletest.Noon.Add(time.Duration(i)*time.Second)
				r.Sid = "S-1-5-18"
				if c.text {
					log = logwriter.AppendText(log, &r, nil)
				} else {
					log = append(logwriter.AppendNXLog(log, &r, nil), '\n')
				}
			}
			s.Load(t, "log", log)
			v := verdictAt(t, s, "/hosts/"+name).Verdict
			if v.Gravity != c.gravity || !strings.Contains(v.Sentence, c.sentence) {
				t.Errorf("%s: %s", v.Gravity, v.Sentence)
			}
			if c.judgement == "" && len(v.Modules) > 0 || c.judgement != "" && (len(v.Modules) != 1 ||
				v.Modules[0].Judgement != c.judgement || v.Modules[0].Action != c.action) {
				t.Errorf("modules %+v", v.Modules)
			}
			page := s.Doc(t, "/hosts/"+name)
			if got := oneLine(page.Find("#verdict").Text()); got != oneLine(v.Sentence) {
				t.Errorf("the page says %q, the JSON %q", got, v.Sentence)
			}
			if got := oneLine(s.Doc(t, "/").Find("table.hosts").Text()); !strings.Contains(got, c.sentence) {
				t.Errorf("the list does not say it: %q", got)
			}
			for _, p := range []string{"/hosts/" + name, "/findings?rule=all", "/hosts/" + name + "?group=none"} {
				if got := oneLine(s.Doc(t, p).Find("main").Text()); c.not != "" && strings.Contains(got, c.not) {
					t.Errorf("%s says %q", p, c.not)
				}
			}
		})
	}
}
