package handlers_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/internal/consoletest"
)

// TestVerdictFromOtherLogs: what a module's file is by its hash, and what a command
// says where the log of the configuration is not there.
func TestVerdictFromOtherLogs(t *testing.T) {
	t.Parallel()
	const bad = "00142E46C997FE7051AF5667953908CC876268BE30D61CD985F6265514639251"
	const image = `%windir%\System32\inetsrv\x.dll`
	added := func() (out []logwriter.Record) {
		for _, c := range logwriter.IISModuleAdded("X", image) {
			out = append(out, logwriter.IISChange(c))
		}
		return out
	}
	loaded := func(file string) logwriter.Record {
		r := logwriter.SysmonProcess(`CORP\w3`, "{1}", "1", `C:\w3wp.exe`, "w3wp", `C:\svc.exe`)
		r.EventCode, r.Data = 7, []event.Field{{Name: "Image", Value: `C:\w3wp.exe`},
			{Name: "ImageLoaded", Value: file}, {Name: "Hashes", Value: "MD5=00,SHA256=" + bad}}
		return r
	}
	command := logwriter.ProcessStart("S-1-5-18", "CORP", "EXCH01$", "0x10", `C:\Windows\System32\inetsrv\appcmd.exe`,
		`appcmd install module /name:X /image:`+image, `C:\Windows\System32\cmd.exe`)
	const autoStart = `/system.applicationHost/applicationPools/add[@name="A"]/@autoStart`
	pool := logwriter.IISChange(logwriter.Change{Path: autoStart, At: "MACHINE/WEBROOT/APPHOST",
		Edit: logwriter.EditAdd, After: "true"})
	const told = "A command line says so; the configuration log is not among these logs."
	for name, c := range map[string]struct {
		records              []logwriter.Record
		gravity              string
		says, not, judgement string // judgement of the only module; "" there is none
	}{
		"hash": {append(added(), loaded(`C:\Windows\SysWOW64\inetsrv\X.dll`)), "critical",
			"Publicly known malicious native module X added by S-1-5-18 at 2026-03-02 12:00:00 UTC, image " + image +
				", whose SHA-256 is publicly known bad (FakeImage, PwC 2024).", "report", "bad"},
		"hash-of-another": {append(added(), loaded(`C:\Windows\inetsrv\x.dll`)), "high", "Unknown native module X", "bad",
			"unknown"},
		"hash-alone": {[]logwriter.Record{loaded(`C:\x.dll`)}, "none", "No module or logging change in these logs.",
			"bad", ""},
		"command": {[]logwriter.Record{command}, "high", `Unknown native module X added by CORP\EXCH01$ at ` +
			`2026-03-02 12:00:00 UTC, image ` + image + `. ` + told, "", "unknown"},
		"command-and-hash": {[]logwriter.Record{command, loaded(`C:\Windows\System32\inetsrv\x.dll`)}, "critical",
			"whose SHA-256 is publicly known bad (FakeImage, PwC 2024). " + told, "", "bad"},
		"command-beside-the-log": {[]logwriter.Record{command, pool}, "high", `Unknown native module X added by ` +
			`CORP\EXCH01$ at 2026-03-02 12:00:00 UTC, image ` + image + `. A command line says so; the configuration log ` +
			`covers that moment and shows no such change.`, "No module", "unknown"},
		"command-and-change": {append(added(), command), "high", "Unknown native module X added by S-1-5-18", told,
			"unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := consoletest.New(t)
			var log []byte
			for i, r := range c.records {
				r.Computer, r.RecordNumber = name, int64(i+10)
				r.Time = consoletest.Noon.Add(time.Duration(i) * time.Millisecond)
				if r.Sid == "" {
					r.Sid = "S-1-5-18"
				}
				log = append(logwriter.AppendNXLog(log, &r, nil), '\n')
			}
			s.Load(t, "log", log)
			v := verdictAt(t, s, "/hosts/"+name).Verdict
			if v.Gravity != c.gravity || !strings.Contains(v.Sentence, c.says) ||
				c.not != "" && strings.Contains(v.Sentence, c.not) {
				t.Errorf("%s: %s", v.Gravity, v.Sentence)
			}
			if c.judgement == "" && len(v.Modules) > 0 || c.judgement != "" && (len(v.Modules) != 1 ||
				v.Modules[0].Judgement != c.judgement || v.Modules[0].Action != "added") {
				t.Errorf("modules %+v", v.Modules)
			}
			if got := oneLine(s.Doc(t, "/hosts/"+name).Find("#verdict").Text()); got != oneLine(v.Sentence) {
				t.Errorf("the page says %q, the JSON %q", got, v.Sentence)
			}
			list := oneLine(s.Doc(t, "/").Find("table.hosts").Text())
			if c.gravity != "none" && !strings.Contains(list, v.Sentence) {
				t.Errorf("the list does not say it: %q", list)
			}
		})
	}
}

// TestVerdictOfCommandLines: commands alone, and beside a log of the configuration that
// does not say the same. No sentence is an all-clear beside their findings.
func TestVerdictOfCommandLines(t *testing.T) {
	t.Parallel()
	const off = `appcmd.exe set config /section:httpLogging /dontLog:true`
	install := func(name, image string) string { return `appcmd.exe install module /name:` + name + ` /image:` + image }
	minute := func(after int, r logwriter.Record) logwriter.Record {
		r.Time = consoletest.Noon.Add(time.Duration(after) * time.Minute)
		return r
	}
	run := func(after int, command string) logwriter.Record {
		return minute(after, logwriter.ProcessStart("S-1-5-21-1-2-3-1001", "CORP", "bob", "0x10",
			`C:\Windows\System32\inetsrv\appcmd.exe`, command, `C:\Windows\System32\cmd.exe`))
	}
	added := func(after int, name, image string) (out []logwriter.Record) {
		for _, c := range logwriter.IISModuleAdded(name, image) {
			out = append(out, minute(after, logwriter.IISChange(c)))
		}
		return out
	}
	pool := func(after int) logwriter.Record {
		return minute(after, logwriter.IISChange(logwriter.Change{Edit: logwriter.EditAdd, After: "true",
			Path: `/system.applicationHost/applicationPools/add[@name="A"]/@autoStart`, At: "MACHINE/WEBROOT/APPHOST"}))
	}
	const none = "the configuration log is not among these logs."
	const uncovered = "the configuration log among these logs does not cover that moment."
	for name, c := range map[string]struct {
		records []logwriter.Record
		gravity string
		says    []string
		module  string // the first one; "" none
		off     string // by whom logging was switched off; "" by nobody
		chain   string // what joins its links
	}{
		"hq8": {[]logwriter.Record{pool(0), run(60, install("Zeta8", `C:\x\z8.dll`))}, "high",
			[]string{`Unknown native module Zeta8 added by CORP\bob at 2026-03-02 13:00:00 UTC, image C:\x\z8.dll.`,
				uncovered}, "Zeta8", "", ""},
		"hq8-covered": {[]logwriter.Record{pool(0), run(60, install("Zeta8", `C:\x\z8.dll`)), pool(90)}, "high",
			[]string{"covers that moment and shows no such change."}, "Zeta8", "", ""},
		"hq6": {[]logwriter.Record{run(0, off)}, "medium", []string{`HTTP logging was switched off for all sites by ` +
			`CORP\bob at 2026-03-02 12:00:00 UTC`, none}, "", `CORP\bob`, ""},
		"hq7": {[]logwriter.Record{pool(0), run(60, off)}, "medium", []string{`HTTP logging was switched off for all sites ` +
			`by CORP\bob at 2026-03-02 13:00:00 UTC`, uncovered}, "", `CORP\bob`, ""},
		"hq5": {[]logwriter.Record{run(0, off), run(10, install("Zeta", `C:\x\zz.dll`))}, "critical",
			[]string{none, "HTTP logging was switched off 10 min earlier", "A command line says that, too."}, "Zeta",
			`CORP\bob`, "|"},
		"hq1": {append(added(10, "Zeta", `C:\x\zz.dll`), run(0, off)), "critical",
			[]string{"HTTP logging was switched off 10 min earlier and is not on again in these logs. A command line says so; " +
				uncovered}, "Zeta", `CORP\bob`, "|"},
		"hq1-on-again": {append(added(10, "Zeta", `C:\x\zz.dll`), run(0, off),
			run(5, strings.Replace(off, "true", "false", 1))),
			"critical", []string{"switched off 10 min earlier and on again at 2026-03-02 12:05:00 UTC"}, "Zeta", `CORP\bob`,
			"|"},
		"zeta": {append(added(70, "Zeta", `C:\x\zz.dll`), run(0, install("Other", `C:\q\q.dll`))), "high",
			[]string{"Unknown native module Zeta added by S-1-5-18", "1 module more changed."}, "Zeta", "", ""},
		"join1": {append(added(0, "JoinMod", `C:\x\join.dll`), run(0, install("OtherMod", `C:\o\other.dll`))), "high",
			[]string{"Unknown native module", "1 module more changed."}, "", "", ""},
		"join2": {append(added(120, "JoinMod2", `C:\x\join2.dll`), run(0, install("JoinMod2", `C:\x\join2.dll`))), "high",
			[]string{"Unknown native module JoinMod2 added by S-1-5-18 at 2026-03-02 14:00:00 UTC"}, "JoinMod2", "",
			"module name|"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := consoletest.New(t)
			var log []byte
			for i, r := range c.records {
				r.Computer, r.RecordNumber = name+".zeta", int64(i+10)
				if r.Sid == "" {
					r.Sid = "S-1-5-18"
				}
				log = append(logwriter.AppendNXLog(log, &r, nil), '\n')
			}
			s.Load(t, "log", log)
			v := verdictAt(t, s, "/hosts/"+name+".zeta").Verdict
			for _, says := range c.says {
				if !strings.Contains(v.Sentence, says) {
					t.Errorf("no %q", says)
				}
			}
			if v.Gravity != c.gravity || t.Failed() {
				t.Errorf("%s: %s", v.Gravity, v.Sentence)
			}
			if c.module != "" && (len(v.Modules) == 0 || v.Modules[0].Name != c.module) {
				t.Errorf("modules %+v", v.Modules)
			}
			if (c.off != "") != (len(v.LoggingOff) == 1) || c.off != "" && v.LoggingOff[0].By != c.off {
				t.Errorf("logging off %+v", v.LoggingOff)
			}
			var shared []string
			for _, l := range v.Chain {
				shared = append(shared, l.Shared)
			}
			if got := strings.Join(shared, "|"); got != c.chain {
				t.Errorf("chain joined by %q, want %q: %+v", got, c.chain, v.Chain)
			}
			if got := oneLine(s.Doc(t, "/").Find("table.hosts").Text()); !strings.Contains(got, v.Sentence) {
				t.Errorf("the list does not say it: %q", got)
			}
		})
	}
}

// TestOnlyAModuleThatFailedToLoad: nothing was changed in these logs, and beside that
// sentence stands what failed to load, with the way to its finding.
func TestOnlyAModuleThatFailedToLoad(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	failed := logwriter.Application("Microsoft-Windows-IIS-W3SVC-WP", 2282, 2,
		`The Module DLL 'c:\temp\msf.dll' could not be loaded due to a configuration problem.`)
	failed.Computer, failed.RecordNumber, failed.Time = "web9", 1, consoletest.Noon
	s.Load(t, "log", append(logwriter.AppendNXLog(nil, &failed, nil), '\n'))
	v := verdictAt(t, s, "/hosts/web9").Verdict
	if v.Sentence != "No module or logging change in these logs." || v.Gravity != "none" || len(v.Modules) > 0 {
		t.Errorf("%+v", v)
	}
	if len(v.Chain) != 1 || v.Chain[0].Text != `A module failed to load: c:\temp\msf.dll` || v.Chain[0].Finding == "" ||
		v.Chain[0].Event == 0 || v.Chain[0].At != "2026-03-02T12:00:00Z" {
		t.Fatalf("chain %+v", v.Chain)
	}
	page := s.Doc(t, "/hosts/web9")
	facts := oneLine(page.Find(".verdict-facts").Text())
	if !strings.Contains(facts, `Beside itA module failed to load: c:\temp\msf.dll`) {
		t.Errorf("facts: %q", facts)
	}
	if page.Find(`.verdict .chain a[href="/findings/`+v.Chain[0].Finding+`"]`).Length() != 1 {
		t.Error("nothing leads to the finding")
	}
	const line = `A module failed to load: c:\temp\msf.dll, 2026-03-02 12:00 UTC. ` +
		`No module or logging change in these logs.`
	if got := oneLine(s.Doc(t, "/").Find("table.hosts").Text()); !strings.Contains(got, line) {
		t.Errorf("the list says %q", got)
	}
	if v := verdictAt(t, s, "/hosts/web9?as-of=2026-03-01").Verdict; len(v.Chain) > 0 {
		t.Errorf("a day before: %+v", v.Chain)
	}
}
