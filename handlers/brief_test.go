package handlers_test

import (
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/internal/consoletest"
)

// TestToldInOneLine: an event is told in lists by its file and its account, also where
// the log holds no messages.
func TestToldInOneLine(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	records := []logwriter.Record{
		logwriter.SysmonFile("SYSTEM", "{1}", "4", `C:\inetsrv\w3wp.exe`, `C:\inetsrv\a.dll`),
		logwriter.Logon("S-1-5-21-1", "CORP", "backup", "0x1", "10.0.0.7"),
		logwriter.Logon("S-1-5-21-1", "CORP", "local", "0x2", "-"),
		logwriter.IISChange(logwriter.Change{Path: "/x/@image", Edit: logwriter.EditAdd, After: "a.dll"}),
	}
	var log []byte
	for i := range records {
		r := &records[i]
		r.Computer, r.RecordNumber, r.Time = "web01", int64(i+1), consoletest.Noon
		log = append(logwriter.AppendXML(log, r, false), '\n')
	}
	s.Load(t, "a.xml", log)
	page := consoletest.Words(s.Doc(t, "/search?on=page&q=*"), "#results")
	for _, want := range []string{`w3wp.exe: C:\inetsrv\a.dll`, `CORP\backup from 10.0.0.7`, `CORP\local`} {
		if !strings.Contains(page, want) {
			t.Errorf("no row is %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, `local from`) {
		t.Error("an address that is none is told")
	}
	if got := consoletest.Words(s.Doc(t, "/cases/items?event=4"), "main"); !strings.Contains(got, "/x/@image · set to a.dll") {
		t.Errorf("a change that is pinned is told as %s", got)
	}
}
