package detection_test

import (
	"slices"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// The ids of the built-in rules beside the seed.
const (
	appcmdModule   = "38fe731c-1f13-43d4-b878-a5bbe44807e3"
	gacutil        = "7c025ef0-9e65-4c57-be39-1c13dbb1613e"
	psModule       = "33fc9f6f-0ce7-4696-924e-a69ec61a3d57"
	psPublish      = "3fc16961-97e5-4a5b-a079-e4ab0d9763eb"
	appcmdLogging  = "23fb6787-255f-4d5b-9a66-9fd7504032b5"
	psLogging      = "27958de0-2857-43ca-9d4c-b255cf59dcab"
	moduleFailed   = "40c2ba5b-dd6a-496b-9e6e-c9524d0be167"
	modulesListed  = "20db5f70-34b4-4e83-8926-fa26119de173"
	loggingOff     = "Windows IIS HTTP Logging Switched Off in the Configuration"
	etwRemoved     = "Windows IIS ETW Log Target Removed"
	moduleRemoved  = "Windows IIS Module Removed"
	viewForged     = "5c0a3a5f-6b0e-4b7a-9d3c-7f1d2f4be6a1"
	viewRefused    = "0d8ed2a4-33a0-4b0e-8d54-31a5b8e8b1c7"
	staticPost     = "e2f4d1b7-58f9-4c38-9f0b-4a8c7e61d0f2"
	publishedDoor  = "9a4b6c1e-7d25-4e0b-b5d8-2c6f3e917a40"
	toolPane       = "4f7e2d90-1c6a-4a57-8e3b-d05b9c82f6e3"
	noon           = "2026-03-02 12:00:00"
	inetsrv        = `C:\Windows\System32\inetsrv\`
	admin          = "S-1-5-21-1-2-3-500"
	powershellPath = `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`
)

// formats are the ways in which a record reaches the rules.
var formats = map[string]func(r *logwriter.Record) []byte{
	sniff.EventXML:       func(r *logwriter.Record) []byte { return logwriter.AppendXML(nil, r, false) },
	"rendered":           func(r *logwriter.Record) []byte { return logwriter.AppendXML(nil, r, true) },
	sniff.NXLogJSON:      func(r *logwriter.Record) []byte { return logwriter.AppendNXLog(nil, r, nil) },
	sniff.WinlogbeatJSON: func(r *logwriter.Record) []byte { return logwriter.AppendWinlogbeat(nil, r) },
	sniff.SplunkText:     func(r *logwriter.Record) []byte { return logwriter.AppendText(nil, r, nil) },
}

// decode writes a record in a format and reads it as an import does.
func decode(t testing.TB, format string, r logwriter.Record) *event.Event {
	t.Helper()
	if r.Time.IsZero() {
		r.Time = time.Unix(sec(noon), 0).UTC()
	}
	if r.Computer == "" {
		r.Computer = "WEB01.corp.example"
	}
	if r.RecordNumber == 0 {
		r.RecordNumber = 7
	}
	raw := formats[format](&r)
	if format == "rendered" {
		format = sniff.EventXML
	}
	var e event.Event
	if err := sniff.One(format, string(raw), record.Options{Zone: time.UTC}, &e); err != nil {
		t.Fatalf("%s: %v\n%s", format, err, raw)
	}
	return &e
}

func builtIn(t testing.TB) *detection.Content {
	t.Helper()
	set, err := detection.Assemble(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func ruleOf(t testing.TB, set *detection.Content, id string) *detection.Rule {
	t.Helper()
	r := detection.Find(set.Rules, id)
	if r == nil {
		t.Fatalf("there is no rule %q", id)
	}
	return r
}

// rowsOf runs a rule over events.
func rowsOf(r *detection.Rule, events ...spl.Event) []spl.Row {
	var out []spl.Row
	for _, res := range r.Plan().Run(slices.Values(events)).Rows {
		out = append(out, res.Row)
	}
	return out
}

func proc4688(image, line string) logwriter.Record {
	return logwriter.ProcessStart(admin, "CORP", "svc_web", "0x1a4", image, line, `C:\Windows\System32\cmd.exe`)
}

func sysmon1(image, original, line string) logwriter.Record {
	r := logwriter.SysmonProcess(`CORP\svc_web`, "{365ABB72-4A01-5CE7-0000-0010EE9DAC00}", "420", image, line,
		powershellPath)
	if original != "" {
		r.Data = append(r.Data, event.Field{Name: "OriginalFileName", Value: original})
		r.Message += "\nOriginalFileName: " + original
	}
	return r
}

// script is event 4104; of several parts it is one.
func script(text string) logwriter.Record { return scriptPart(text, "1", "1") }

func scriptPart(text, number, total string) logwriter.Record {
	return logwriter.Record{
		EventCode: 4104, Channel: event.PowerShell, Provider: "Microsoft-Windows-PowerShell",
		GUID: "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}", Level: logwriter.LevelVerbose, Task: 2, Opcode: 15,
		TaskCategory: "Execute a Remote Command", OpCode: "On create calls", Sid: admin,
		Message: "Creating Scriptblock text (" + number + " of " + total + "):\n" + text +
			"\n\nScriptBlock ID: 77a4-1\nPath: ",
		Data: []event.Field{{Name: "MessageNumber", Value: number}, {Name: "MessageTotal", Value: total},
			{Name: "ScriptBlockText", Value: text}, {Name: "ScriptBlockId", Value: "77a4-1"}, {Name: "Path"}},
	}
}

func core(r logwriter.Record) logwriter.Record {
	r.Channel, r.Provider = "PowerShellCore/Operational", "PowerShellCore"
	return r
}

func failed2282(source, dll string) logwriter.Record {
	r := logwriter.Application(source, 2282, logwriter.LevelError, "The Module DLL '"+dll+
		"' could not be loaded due to a configuration problem. The current configuration only supports loading images built for a AMD64 processor architecture.")
	r.Data = []event.Field{{Name: "ModuleDll", Value: dll}, {Name: "ProcessorArchitecture", Value: "AMD64"}}
	return r
}

func changed(path string, edit int, before, after string) logwriter.Record {
	return logwriter.IISChange(logwriter.Change{Path: path, Edit: edit, Before: before, After: after})
}

// viewState is the event of a view state that was refused, with the data that ASP.NET
// writes without names.
func viewState(source, reason, detail string) logwriter.Record {
	message := "Viewstate verification failed. Reason: " + reason
	r := logwriter.Application(source, 1316, logwriter.LevelInformation, "Event code: 4009\nEvent message: "+message+
		"\nEvent sequence: 10\nEvent occurrence: 1\nEvent detail code: "+detail+"\n\nRequest information:\n"+
		"    Request path: /shop/page.aspx\n    User host address: 192.0.2.7\n")
	for _, v := range []string{"4009", message, "10", "1", detail, "/LM/W3SVC/1/ROOT", "/shop/page.aspx"} {
		r.Data = append(r.Data, event.Field{Value: v})
	}
	return r
}

// request is a request as the decoder of W3C logs reads it.
func request(t testing.TB, r logwriter.Request) *event.Event {
	t.Helper()
	r.Time, r.Computer, r.Client = time.Unix(sec(noon), 0).UTC(), "WEB01.corp.example", "192.0.2.7"
	raw := "#Fields: " + logwriter.W3CAllFields + "\x00" + string(logwriter.AppendW3C(nil, &r, logwriter.W3CAllFields))
	var e event.Event
	if err := sniff.One(sniff.IISW3C, raw, record.Options{Zone: time.UTC}, &e); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return &e
}
