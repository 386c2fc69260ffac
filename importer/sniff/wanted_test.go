package sniff_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// TestWanted: whatever fields of a record are asked for, it says of them what it
// says when it is decoded whole; and it is an event when it is one then.
func TestWanted(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	formats := map[sniff.Format]int{}
	for name, log := range wantedLogs(t) {
		res := read(t, bytes.NewReader(log), record.Options{})
		opt := record.Options{Encoding: res.info.Encoding, Computer: "asked", Zone: time.FixedZone("", 3600)}
		for i := range res.events {
			if i == 60 {
				break
			}
			raw := res.events[i].Raw
			formats[res.info.Format]++
			for k := range 12 {
				if k >= 6 {
					raw = torn(r, raw)
				}
				checkWanted(t, r, name, res.info.Format, raw, opt)
			}
		}
	}
	for _, f := range []sniff.Format{sniff.NXLogJSON, sniff.EventXML, sniff.EVTX, sniff.SplunkText, sniff.WinlogbeatJSON} {
		if formats[f] == 0 {
			t.Errorf("no record of %s was looked at", f)
		}
	}
}

// TestWantedTraps: so it is for each field alone in records where one thing hangs
// on another.
func TestWantedTraps(t *testing.T) {
	const nx = `{"SourceModuleType":"im_msvistalog","Channel":"Security","EventID":4688,`
	const iis = `{"Hostname":"h","EventID":55,"SourceName":"Microsoft-Windows-IIS-Configuration",`
	const head, end = "LogName=Security\nEventCode=4688\nComputerName=h\n", "Message=a\nCreator Subject:\n"
	for _, c := range []struct {
		f   sniff.Format
		raw string
	}{
		{sniff.NXLogJSON, nx + `"Severity":"ERROR"}`},
		{sniff.NXLogJSON, nx + `"Severity":"ERROR","EventType":"INFO","EventTime":"2026-01-01 00:00:00"}`},
		{sniff.NXLogJSON, nx + `"@timestamp":"2026-01-01T00:00:00Z"}`},
		{sniff.NXLogJSON, `{"SourceModuleType":"im_msvistalo\u0067","EventID":7,"Image":"a"}`},
		{sniff.NXLogJSON, `{"Hostname":"","EventID":7,"EventTime":"2026-01-01 00:00:00","Image":"a"}`},
		{sniff.NXLogJSON, nx + `"Message":"x","Message":"\tNew Process Name:\ta\r\n"}`},
		{sniff.NXLogJSON, nx + `"Message":"","Message":"Process Information:\n\tNew Process Name:\ta\r\n"}`},
		{sniff.NXLogJSON, nx + `"Message":7}`},
		{sniff.NXLogJSON, nx + `"Im\u0061ge":"a","Image":"b"}`},
		{sniff.NXLogJSON, nx + `"x":"\uZZZZ","Image":"b"}`}, {sniff.NXLogJSON, nx + `"x":"\x","Image":"b"}`},
		{sniff.NXLogJSON, nx + `"x":"\ud83d\ude00","Image":"\ud83d\ude00"}`}, {sniff.NXLogJSON, nx + `"x":01x,"Image":"b"}`},
		{sniff.NXLogJSON, nx + `"x":["y"],"Image":"b"}`}, {sniff.NXLogJSON, nx + `"x":"\ufeff","Image":["b","c"]}`},
		{sniff.NXLogJSON, iis + `"OpcodeValue":0,"Configuration":"/a","ConfigPath":"M"}`},
		{sniff.NXLogJSON, iis + `"OpcodeValue":0,"Message":"own"}`},
		{sniff.NXLogJSON, nx + strings.Repeat(`"a":1,`, record.MostWanted+10) + `"Image":"b"}`},
		{sniff.NXLogJSON, nx + strings.Repeat(`"a":1,`, record.MaxFields+10) + `"Image":"b"}`},
		{sniff.SplunkText, head + "Image=a\nImage=b\n" + end + "\tAccount Name:\tx\n"},
		{sniff.SplunkText, head + strings.Repeat("a=1\n", record.MostWanted+10) + "Image=b\n" + end},
		{sniff.SplunkText, head + strings.Repeat("a=1\n", record.MaxFields+10) + "Image=b\n" + end},
		{sniff.EventXML, xmlOf(strings.Repeat("<Data>1</Data>", record.MostWanted+10) + "<Data Name='Image'>b</Data>")},
		{sniff.EventXML, xmlOf(strings.Repeat("<Data>1</Data>", record.MaxFields+10) + "<Data Name='Image'>b</Data>")},
		{sniff.EventXML, xmlOf("<Image>b<!-- x -->c</Image><p:Image><![CDATA[<d>]]></p:Image><x><Image>e</Image></x>")},
	} {
		for _, name := range otherNames {
			checkNames(t, c.raw[:min(len(c.raw), 300)], c.f, c.raw, []string{name}, record.Options{})
		}
	}
}

func xmlOf(data string) string {
	return "<Event><System><EventID>1</EventID><Channel>c</Channel></System><EventData>" + data + "</EventData></Event>"
}

// checkWanted decodes a record whole, and for some fields of it.
func checkWanted(t *testing.T, r *rand.Rand, name string, f sniff.Format, raw string, opt record.Options) {
	t.Helper()
	var whole event.Event
	_ = sniff.One(f, raw, opt, &whole)
	checkNames(t, name, f, raw, someNames(r, &whole), opt)
}

func checkNames(t *testing.T, name string, f sniff.Format, raw string, names []string, opt record.Options) {
	t.Helper()
	var whole, some event.Event
	err := sniff.One(f, raw, opt, &whole)
	opt.Wanted = record.Want(names...)
	if e := sniff.One(f, raw, opt, &some); (e == nil) != (err == nil) {
		t.Fatalf("%s for %q: %v, whole: %v\n%.2000q", name, names, e, err, raw)
	}
	if err != nil {
		return
	}
	for _, n := range names {
		want, has := whole.Get(n)
		got, ok := some.Get(n)
		if got != want || ok != has || !slices.Equal(values(&some, n), values(&whole, n)) {
			t.Fatalf("%s for %q: %s is %q %q, whole: %q %q\n%.2000q", name, names, n, got, values(&some, n), want,
				values(&whole, n), raw)
		}
		if n == record.TimeName && (some.Nanos != whole.Nanos || some.HasTime != whole.HasTime ||
			some.TimeText != whole.TimeText || some.Zoneless != whole.Zoneless) {
			t.Fatalf("%s for %q: time %d, whole: %d\n%q", name, names, some.Nanos, whole.Nanos, raw)
		}
	}
}

// otherNames are fields that some events have.
var otherNames = []string{"_time", "_raw", "source", "sourcetype", "host", "process_name", "parent_process", "user", "action",
	"signature", "status", "registry_path", "Account_Name", "New_Process_Name", "EventID", "EventCode", "Message",
	"OpCode", "Keywords", "Type", "Sid", "Image", "NewProcessName", "CommandLine", "ScriptBlockText", "nothing",
	"Configuration", "Data", "Hostname", "EventTime", "SystemTime", "KeywordsValue", "TaskCategory", "MD5", "Name", "Severity",
	"EventType", "ComputerName", "a", "x", "@timestamp", "NewProcessId", "SubjectUserName"}

// someNames are some fields of an event, and others.
func someNames(r *rand.Rand, e *event.Event) (names []string) {
	for range 1 + r.IntN(4) {
		if len(e.Fields) > 0 && r.IntN(2) == 0 {
			names = append(names, e.Fields[r.IntN(len(e.Fields))].Name)
		} else {
			names = append(names, otherNames[r.IntN(len(otherNames))])
		}
	}
	return names
}

func values(e *event.Event, name string) (out []string) {
	for _, f := range e.Fields {
		if f.Name == name {
			out = append(out, f.Value)
		}
	}
	return out
}

// torn is a record with something in it that was not there.
func torn(r *rand.Rand, raw string) string {
	const bits = `{}[]",:\<>/=&;!-# ` + "\n\r\x00\xff" + `ABxyz01`
	at := r.IntN(len(raw))
	switch r.IntN(4) {
	case 0: // a byte
		return raw[:at] + string(bits[r.IntN(len(bits))]) + raw[min(at+1, len(raw)):]
	case 1: // a piece twice
		end := min(len(raw), at+r.IntN(200))
		return raw[:end] + raw[at:]
	case 2: // a piece less
		return raw[:at] + raw[min(len(raw), at+r.IntN(40)):]
	}
	words := []string{`\u0041`, `\"`, `"Message":"x",`, `"Message": "\r\nNew Process Name:\ta",`, `&amp;`, `<![CDATA[a]]>`,
		`<!-- x -->`, `"SourceModuleType":"other",`, `"Hostname":"h","EventID":1,`, `"a":{"b":"c"},`, `null`,
		"\nMessage=", "\nEventCode=7\n", `</Data>`, `<Data Name='Image'>`, `"EventID":"x",`, `"Image":null,`}
	return raw[:at] + words[r.IntN(len(words))] + raw[at:]
}

// wantedLogs are logs of all formats: made ones, and the samples where they are.
func wantedLogs(t *testing.T) map[string][]byte {
	logs := map[string][]byte{}
	records := changes()
	for r := range logwriter.Bulk(40, 3) {
		records = append(records, *r)
	}
	sysmon := logwriter.SysmonProcess("a", "{1}", "7", `C:\a.exe`, "a -b", `C:\p.exe`)
	sysmon.Message = "Process Create:\nImage: C:\\other.exe\nRuleName: x"
	bare := logwriter.ProcessStart("S-1-5-18", "CORP", "bob", "0x7", `C:\a.exe`, "a -b", `C:\p.exe`)
	bare.Data = bare.Data[:2]
	bare.Message = "A new process has been created.\n\nSubject:\n\tAccount Name:\tbob\n\nProcess Information:\n" +
		"\tNew Process Name:\tC:\\b.exe\n\tProcess Command Line:\tb -c"
	script := logwriter.Application("PowerShell", 4104, 3, "Creating Scriptblock text (1 of 2):\nGet-Item\n\n"+
		"ScriptBlock ID: 12\nPath: C:\\a.ps1")
	script.Channel = event.PowerShell
	records = append(records, sysmon, bare, script)
	for name, form := range map[string]func([]byte, *logwriter.Record) []byte{
		"winlogbeat": logwriter.AppendWinlogbeat, "dumpevtx": logwriter.AppendDumpEvtx,
		"nxlog":    func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendNXLog(b, r, nil) },
		"xml":      func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendXML(b, r, false) },
		"rendered": func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendXML(b, r, true) },
		"text":     func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendText(b, r, time.UTC) },
	} {
		for i := range records {
			logs[name] = append(form(logs[name], &records[i]), '\n')
		}
	}
	for _, w := range writers {
		logs[w.format] = []byte(w.log(changes()))
	}
	var l evtxtest.Log
	for i := range uint64(5) {
		l.Add(evtxtest.IIS29(evtxtest.IISChange{Record: i, Computer: "h", ConfigPath: "MACHINE", Configuration: "/a"}))
	}
	logs["evtx"] = l.End().Bytes()
	_ = filepath.WalkDir("../../../shared/samples", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, ".zip") {
			if b, err := os.ReadFile(path); err == nil && len(b) < 4<<20 {
				logs[path] = b
			}
		}
		return nil
	})
	return logs
}
