package sniff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// shape is one way to write records as JSON, and what it does not carry.
type shape struct {
	name   string
	format sniff.Format
	write  func(dst []byte, records []logwriter.Record) []byte
	lacks  string   // of computer, number, opcode, provider, part of a second, names
	also   []string // members that must be fields
}

// lines writes records one a line.
func lines(write func([]byte, *logwriter.Record) []byte) func([]byte, []logwriter.Record) []byte {
	return func(dst []byte, records []logwriter.Record) []byte {
		for i := range records {
			dst = append(write(dst, &records[i]), '\n')
		}
		return dst
	}
}

// within writes records as members of one array, with what stands around it.
func within(start string, write func([]byte, *logwriter.Record) []byte, end string) func([]byte,
	[]logwriter.Record) []byte {
	return func(dst []byte, records []logwriter.Record) []byte {
		dst = append(dst, start...)
		for i := range records {
			if i > 0 {
				dst = append(dst, ",\n"...)
			}
			dst = write(dst, &records[i])
		}
		return append(dst, end...)
	}
}

// around puts text before and after what is written.
func around(start string, write func([]byte, *logwriter.Record) []byte, end string) func([]byte,
	*logwriter.Record) []byte {
	return func(dst []byte, r *logwriter.Record) []byte {
		return append(write(append(dst, start...), r), end...)
	}
}

// pretty indents what is written.
func pretty(write func([]byte, *logwriter.Record) []byte) func([]byte, *logwriter.Record) []byte {
	return func(dst []byte, r *logwriter.Record) []byte {
		b := bytes.NewBuffer(dst)
		if err := json.Indent(b, write(nil, r), "", "  "); err != nil {
			panic(err)
		}
		return b.Bytes()
	}
}

var berlin = time.FixedZone("", 2*3600)

func evtxDump(dst []byte, r *logwriter.Record) []byte  { return logwriter.AppendEvtxDump(dst, r, false) }
func separate(dst []byte, r *logwriter.Record) []byte  { return logwriter.AppendEvtxDump(dst, r, true) }
func evtxECmd(dst []byte, r *logwriter.Record) []byte  { return logwriter.AppendEvtxECmd(dst, r, false) }
func evtxECmdZ(dst []byte, r *logwriter.Record) []byte { return logwriter.AppendEvtxECmd(dst, r, true) }
func winEvent5(dst []byte, r *logwriter.Record) []byte { return logwriter.AppendWinEvent(dst, r, true) }
func winEvent7(dst []byte, r *logwriter.Record) []byte {
	in := *r
	in.Time = r.Time.In(berlin)
	return logwriter.AppendWinEvent(dst, &in, false)
}
func fluentBit(dst []byte, r *logwriter.Record) []byte {
	return logwriter.AppendFluentBit(dst, r, berlin)
}
func nxlog(dst []byte, r *logwriter.Record) []byte { return logwriter.AppendNXLog(dst, r, nil) }
func splunkText(dst []byte, r *logwriter.Record) []byte {
	return logwriter.AppendSplunk(dst, r, string(logwriter.AppendText(nil, r, berlin)), berlin)
}
func splunkXML(dst []byte, r *logwriter.Record) []byte {
	return logwriter.AppendSplunk(dst, r, string(logwriter.AppendXML(nil, r, true)), nil)
}
func splunkBeat(dst []byte, r *logwriter.Record) []byte {
	return logwriter.AppendSplunk(dst, r, string(logwriter.AppendWinlogbeat(nil, r)), nil)
}
func hecText(dst []byte, r *logwriter.Record) []byte {
	return logwriter.AppendHEC(dst, r, string(logwriter.AppendText(nil, r, berlin)))
}
func hecXML(dst []byte, r *logwriter.Record) []byte {
	return logwriter.AppendHEC(dst, r, string(logwriter.AppendXML(nil, r, true)))
}
func hecObject(dst []byte, r *logwriter.Record) []byte {
	return logwriter.AppendHEC(dst, r, json.RawMessage(logwriter.AppendOTel(nil, r)))
}

var shapes = []shape{
	{name: "evtx_dump", format: sniff.EvtxDumpJSON, write: lines(evtxDump), also: []string{"ProcessID", "Guid"}},
	{name: "evtx_dump, separate attributes", format: sniff.EvtxDumpJSON, write: lines(separate),
		also: []string{"ProcessID", "Guid"}},
	{name: "evtx_dump, pretty with headers", format: sniff.EvtxDumpJSON,
		write: lines(around("Record 1\n", pretty(evtxDump), "\n"))},
	{name: "evtx_dump, array", format: sniff.EvtxDumpJSON, write: within("[", separate, "]")},
	{name: "dumpevtx", format: sniff.DumpEvtxJSON, write: lines(pretty(logwriter.AppendDumpEvtx)),
		also: []string{"ProcessID", "Guid", "Keywords"}},
	{name: "evtxecmd", format: sniff.EvtxECmdJSON, write: lines(evtxECmd), lacks: "opcode"},
	{name: "evtxecmd, offsets", format: sniff.EvtxECmdJSON, write: lines(evtxECmdZ), lacks: "opcode"},
	{name: "chainsaw", format: sniff.ChainsawJSON, write: lines(logwriter.AppendChainsaw)},
	{name: "chainsaw, array", format: sniff.ChainsawJSON, write: within("[", logwriter.AppendChainsaw, "]")},
	{name: "chainsaw, aggregate", format: sniff.ChainsawJSON, write: logwriter.AppendChainsawAggregate},
	{name: "powershell 5.1", format: sniff.GetWinEventJSON, write: within("[\r\n", pretty(winEvent5), "\r\n]\r\n"),
		lacks: "names"},
	{name: "powershell 5.1, wrapped", format: sniff.GetWinEventJSON,
		write: within(`{"value":[`, winEvent5, `],"Count":12}`), lacks: "names"},
	{name: "powershell 7", format: sniff.GetWinEventJSON, write: within("[", winEvent7, "]"), lacks: "names"},
	{name: "fluent bit", format: sniff.FluentBitJSON, write: lines(fluentBit), lacks: "names part"},
	{name: "fluent bit, stamps", format: sniff.FluentBitJSON,
		write: within("[", around("[1780304400.5,", fluentBit, "]"), "]"), lacks: "names part"},
	{name: "fluent bit, metadata", format: sniff.FluentBitJSON,
		write: within("[", around("[[1780304400.5,{}],", fluentBit, "]"), "]"), lacks: "names part"},
	{name: "fluent bit, in log", format: sniff.FluentBitJSON, write: lines(around(`{"date":1.5,"log":`, fluentBit, "}")),
		lacks: "names part"},
	{name: "otel", format: sniff.OTelJSON, write: lines(logwriter.AppendOTel)},
	{name: "otel, body", format: sniff.OTelJSON, write: lines(around(`{"timestamp":"2026-06-01T00:00:00Z","body":`,
		logwriter.AppendOTel, "}"))},
	{name: "otlp", format: sniff.OTelJSON, write: logwriter.AppendOTLP},
	{name: "logmonitor", format: sniff.LogMonitorJSON, write: lines(logwriter.AppendLogMonitor),
		lacks: "computer number opcode provider names"},
	{name: "azure", format: sniff.AzureJSON, write: lines(logwriter.AppendAzure)},
	{name: "azure, records", format: sniff.AzureJSON, write: within(`{"records":[`, logwriter.AppendAzure, "]}")},
	{name: "log analytics", format: sniff.AzureJSON, write: within("[", logwriter.AppendLogAnalytics, "]"),
		lacks: "number opcode"},
	{name: "splunk, text", format: sniff.SplunkJSON, write: lines(splunkText), lacks: "names"},
	{name: "splunk, xml", format: sniff.SplunkJSON, write: lines(splunkXML)},
	{name: "splunk, winlogbeat", format: sniff.SplunkJSON, write: lines(splunkBeat)},
	{name: "hec, text", format: sniff.SplunkHEC, write: within("", hecText, ""), lacks: "names"},
	{name: "hec, xml", format: sniff.SplunkHEC, write: lines(hecXML)},
	{name: "hec, object", format: sniff.SplunkHEC, write: lines(hecObject)},
	{name: "nxlog", format: sniff.NXLogJSON, write: lines(nxlog), lacks: "part"},
	{name: "winlogbeat", format: sniff.WinlogbeatJSON, write: lines(logwriter.AppendWinlogbeat)},
	{name: "winlogbeat 6", format: sniff.WinlogbeatJSON, write: lines(logwriter.AppendWinlogbeat6)},
	{name: "elasticsearch", format: sniff.WinlogbeatJSON,
		write: within(`{"took":5,"timed_out":false,"_shards":{"total":1},"hits":{"total":{"value":9},"max_score":1,"hits":[`,
			around(`{"_index":"i","_id":"1","_source":`, logwriter.AppendWinlogbeat, "}"), "]}}")},
	{name: "wazuh", format: sniff.WazuhJSON, write: lines(logwriter.AppendWazuh)},
	{name: "wazuh, hits", format: sniff.WazuhJSON,
		write: lines(around(`{"_index":"wazuh-alerts","_source":`, logwriter.AppendWazuh, "}"))},
}

// written are the records that every shape must carry.
func recorded() []logwriter.Record {
	records := logwriter.IISCommit(append(logwriter.IISModuleAdded("Caf\u00e9 \"Gate\"",
		`%windir%\System32\inetsrv\gate.dll`),
		logwriter.Change{Path: "/system.webServer/httpLogging/@dontLog", At: logwriter.AppHost + "/Default Web Site",
			Edit: logwriter.EditModify, Before: "false", After: "true"})...)
	records = append(records, logwriter.IISFailed(logwriter.Change{Path: `/x\y`, Edit: logwriter.EditDelete, Before: "z"}))
	at := time.Date(2026, 6, 1, 9, 0, 0, 250_000_000, time.UTC)
	for i := range records {
		r := &records[i]
		r.Time, r.Computer, r.RecordNumber = at.Add(time.Duration(i)*time.Second), "Web01.corp.example",
			int64(9007199254740993+i)
		r.Sid, r.User, r.ProcessID, r.ThreadID = "S-1-5-21-1-2-3-500", `CORP\admin`, 3140, 16
	}
	return records
}

// summary is what findings and identity rest on.
func summary(e *event.Event, lacks string) string {
	without := func(what, v string) string {
		if strings.Contains(lacks, what) {
			return "-"
		}
		return v
	}
	nanos := e.Nanos
	if strings.Contains(lacks, "part") {
		nanos = e.Second() * 1e9
	}
	typ, _ := e.Get("Type")
	return fmt.Sprintf("%d %s %s %s %s %s %s %v %q", e.EventCode, e.Channel, without("computer", e.Computer),
		without("number", fmt.Sprint(e.RecordNumber)),
		without("opcode", e.OpCode), without("provider", e.Provider), typ, time.Unix(0, nanos).UTC(), e.Message)
}

// TestShapes writes the same records in every shape and compares what is read
// with what event XML gives.
func TestShapes(t *testing.T) {
	records := recorded()
	var want []event.Event
	for i := range records {
		var e event.Event
		if err := sniff.One(sniff.EventXML, string(logwriter.AppendXML(nil, &records[i], true)), record.Options{},
			&e); err != nil {
			t.Fatal(err)
		}
		want = append(want, e)
	}
	for _, s := range shapes {
		in := s.write(nil, records)
		res := read(t, bytes.NewReader(in), record.Options{Zone: time.FixedZone("", -5*3600)})
		if s.format == sniff.NXLogJSON {
			res = read(t, bytes.NewReader(in), record.Options{})
		}
		if res.info.Format != s.format || res.err != nil || len(res.events) != len(want) || len(res.rejected) != 0 {
			t.Errorf("%s: %v %v, %d events, %d rejected, want %s, %d, 0\n%.2000s", s.name, res.info, res.err, len(res.events),
				len(res.rejected), s.format, len(want), res)
			continue
		}
		for i := range res.events {
			got := &res.events[i]
			if summary(got, s.lacks) != summary(&want[i], s.lacks) {
				t.Errorf("%s:\n%s, want\n%s", s.name, summary(got, s.lacks), summary(&want[i], s.lacks))
			}
			checkFields(t, s, got, &want[i])
			var again event.Event
			if err := sniff.One(s.format, got.Raw, record.Options{Zone: time.FixedZone("", -5*3600)}, &again); err != nil {
				t.Errorf("%s alone: %v", s.name, err)
			} else if again.Offset = got.Offset; s.format != sniff.NXLogJSON &&
				fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", *got) {
				t.Errorf("%s alone:\n%+v, want\n%+v", s.name, again, *got)
			}
		}
		checkOffsets(t, s.name, in, res)
		if opt := (record.Options{Zone: time.FixedZone("", -5*3600)}); s.format != sniff.NXLogJSON {
			checkCuts(t, s.name, in, opt, res)
		}
	}
}

// checkFields looks for EventData's names and those that the shape has.
func checkFields(t *testing.T, s shape, got, want *event.Event) {
	t.Helper()
	names := append([]string{}, s.also...)
	if !strings.Contains(s.lacks, "names") {
		names = append(names, "Configuration", "ConfigPath", "NewValue", "OldValue", "Status")
	}
	for _, name := range names {
		a, _ := got.Get(name)
		b, _ := want.Get(name)
		if a != b && !(name == "Keywords" && a == "4611686018427387904") {
			t.Errorf("%s: %s is %q, want %q", s.name, name, a, b)
		}
	}
	if strings.Contains(s.lacks, "opcode") && got.OpCode != "" || strings.Contains(s.lacks, "computer") &&
		got.Computer != "" {
		t.Errorf("%s: opcode %q or computer %q from nowhere", s.name, got.OpCode, got.Computer)
	}
}
