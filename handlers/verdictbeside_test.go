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
		"command-beside-the-log": {[]logwriter.Record{command, pool}, "none", "No module or logging change in these logs.",
			told, ""},
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
