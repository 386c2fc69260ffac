package main_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
)

// process is a new process as Security 4688 has it.
func process(host string, number int64, at time.Time, image, command, parent string) *logwriter.Record {
	return &logwriter.Record{Time: at, EventCode: 4688, Channel: "Security",
		Provider: "Microsoft-Windows-Security-Auditing", Computer: host,
		RecordNumber: number, Keywords: logwriter.KeywordAuditSuccess, Data: []event.Field{
			{Name: "SubjectUserSid", Value: "S-1-5-21-1-2-3-1104"}, {Name: "SubjectUserName", Value: "svc_deploy"},
			{Name: "SubjectDomainName", Value: "CORP"},
			{Name: "NewProcessId", Value: "0x1a2c"}, {Name: "NewProcessName", Value: image}, {Name: "ProcessId", Value: "0x8f4"},
			{Name: "CommandLine", Value: command}, {Name: "ParentProcessName", Value: parent}}}
}

// script is a block of PowerShell as 4104 logs it.
func script(host string, number int64, at time.Time, text string) *logwriter.Record {
	return &logwriter.Record{Time: at, EventCode: 4104, Channel: "Microsoft-Windows-PowerShell/Operational",
		Provider: "Microsoft-Windows-PowerShell",
		Computer: host, RecordNumber: number, Level: logwriter.LevelWarning, Sid: "S-1-5-21-1-2-3-1104", Data: []event.Field{
			{Name: "MessageNumber", Value: "1"}, {Name: "MessageTotal", Value: "1"}, {Name: "ScriptBlockText", Value: text},
			{Name: "ScriptBlockId", Value: "5f7c9a1e-0000-4000-8000-000000000001"}, {Name: "Path"}}}
}

// TestStory plants one module on one host, which five rules see, each in
// another log: they add up to one incident, in the order of what happened.
func TestStory(t *testing.T) {
	const host = "web07.corp.example"
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	const cmd = `C:\Windows\System32\cmd.exe`
	var xml []byte
	add := func(r *logwriter.Record) { xml = append(logwriter.AppendXML(xml, r, false), '\n') }
	add(process(host, 1, at(1), `C:\Windows\Microsoft.NET\gacutil.exe`, `gacutil.exe /i C:\temp\HttpStat.dll`, cmd))
	add(process(host, 2, at(3), `C:\Windows\System32\inetsrv\appcmd.exe`,
		`appcmd.exe install module /name:HttpStat /image:C:\temp\HttpStat.dll`, cmd))
	c := change(host, 3, at(3), `/system.webServer/globalModules/add[@name="HttpStat"]`)
	add(c)
	add(script(host, 4, at(5), `New-WebGlobalModule -Name HttpStat2 -Image C:\temp\HttpStat2.dll`))
	add(process(host, 5, at(8), `C:\Windows\System32\inetsrv\appcmd.exe`,
		`appcmd.exe set config "Default Web Site" /section:httpLogging /dontLog:true`, cmd))
	add(&logwriter.Record{Time: at(9), EventCode: 2282, Channel: "Application", Provider: "Microsoft-Windows-IIS-W3SVC-WP",
		Computer: host, RecordNumber: 6,
		Level: logwriter.LevelError, Data: []event.Field{{Name: "ModuleDll", Value: `C:\temp\HttpStat.dll`},
			{Name: "ErrorCode", Value: "c1000000"}}})
	add(process("quiet.corp.example", 7, at(9), `C:\Windows\System32\notepad.exe`, `notepad.exe`, cmd))
	cl := newCLI(t)
	file := write(t, "story.xml", xml)
	if code, got := cl.importJSON(nil, file); code != 0 || got[0].New != 7 {
		t.Fatalf("exit status %d, %+v", code, got)
	}
	var risk []map[string]any
	if err := json.Unmarshal([]byte(cl.ok("risk", "--format", "json")), &risk); err != nil {
		t.Fatal(err)
	}
	var row map[string]any
	for _, r := range risk {
		if r["normalized_risk_object"] == host {
			row = r
		} else {
			t.Errorf("risk of another object: %v", r)
		}
	}
	if names := fmt.Sprint(row["Search Name"]); strings.Count(names, "ESCU - ") < 5 {
		t.Errorf("rules that saw it: %v", names)
	}
	if score, _ := row["risk_score"].(float64); score <= 100 {
		t.Errorf("score %v is no incident", row["risk_score"])
	}
	s := serve(t, cl.db)
	page := s.get(t, "/hosts/"+host)
	for _, want := range []string{"incident", "high", "appcmd", "gacutil", "HttpStat"} {
		if !strings.Contains(page, want) {
			t.Errorf("the host's page does not say %q", want)
		}
	}
	users := s.get(t, "/users")
	if !strings.Contains(users, "svc_deploy") {
		t.Error("the user who did it is not shown as a risk object")
	}
	// The same through another format and in another order is the same story.
	lines := strings.SplitAfter(strings.TrimSpace(string(xml)), "</Event>")
	slices.Reverse(lines)
	other := newCLI(t)
	if code, _ := other.importJSON(nil, write(t, "reversed.xml", []byte(strings.Join(lines, "\n")))); code != 0 {
		t.Errorf("reversed: exit status %d", code)
	}
	if got, want := other.tables(), cl.tables(); got != want {
		t.Errorf("the order of records matters:\n%s", difference(got, want))
	}
}

// TestStoryInText: classic text carries the fields of a process in its message
// alone.
func TestStoryInText(t *testing.T) {
	r := process("web07.corp.example", 2, noon, "", "", "")
	r.Data = nil
	r.Message =
		"A new process has been created.\n\nCreator Subject:\n\tAccount Name:\t\tsvc_deploy\n\tAccount Domain:\t\tCORP\n\nProcess Information:\n" +
			"\tNew Process ID:\t\t0x1a2c\n\tNew Process Name:\tC:\\Windows\\System32\\inetsrv\\appcmd.exe\n\tCreator Process ID:\t0x8f4\n" +
			"\tCreator Process Name:\tC:\\Windows\\System32\\cmd.exe\n\tProcess Command Line:\tappcmd.exe install module /name:HttpStat /image:C:\\temp\\HttpStat.dll\n"
	c := newCLI(t)
	if code, got := c.importJSON(nil, write(t, "security.log", logwriter.AppendText(nil, r, time.UTC))); code != 0 {
		t.Fatalf("exit status %d, %+v", code, got)
	}
	out := c.ok("findings", "--rule", "38fe731c-1f13-43d4-b878-a5bbe44807e3", "--format", "csv")
	if n := len(rows(t, out)); n != 2 || !strings.Contains(out, "svc_deploy") {
		t.Errorf("findings:\n%s", out)
	}
}

// TestViewerCSV: what Event Viewer's CSV lacks is counted, not passed over.
func TestViewerCSV(t *testing.T) {
	csv := "Level,Date and Time,Source,Event ID,Task Category\r\nInformation,2025-12-10 15:04:05,Microsoft-Windows-IIS-Configuration,29,None,\"Changes to 'x' at 'y' have successfully been committed.\"\r\n"
	c := newCLI(t)
	if code, got := c.importJSON(nil, "--computer", "web07", write(t, "viewer.csv", []byte(csv))); code != 0 ||
		got[0].New != 1 {
		t.Fatalf("exit status %d, %+v", code, got)
	}
	r := c.run(nil, "findings")
	if !strings.Contains(r.stdout+r.stderr, "1 matching events carry no OpCode") {
		t.Errorf("findings:\n%s%s", r.stdout, r.stderr)
	}
}
