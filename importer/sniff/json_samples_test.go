package sniff_test

import (
	"bytes"
	"testing"

	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// TestJSONSamples reads each JSON file of the reference material.
func TestJSONSamples(t *testing.T) {
	const dump = "c-xml-json-evtx/evtx_dump-event_json_"
	for _, f := range []struct {
		name             string
		format           sniff.Format
		events, rejected int
		why              string
	}{
		{dump + "missing_string_cache_entry.json", sniff.EvtxDumpJSON, 1, 0, "one pretty object, attributes apart"},
		{dump + "multiple_empty_data_nodes_not_ignored.json", sniff.EvtxDumpJSON, 1, 0,
			"one pretty object, EventID a string"},
		{dump + "sample.json", sniff.EvtxDumpJSON, 1, 0, "one pretty object"},
		{dump + "sample_with_event_data.json", sniff.EvtxDumpJSON, 1, 0, "one pretty object"},
		{dump + "sample_with_event_data_with_attributes_and_text.json", sniff.EvtxDumpJSON, 1, 0,
			"one pretty object, EventID with attributes"},
		{dump + "sample_with_separate_json_attributes.json", sniff.EvtxDumpJSON, 1, 0, "one pretty object, attributes apart"},
		{dump + "with_multiple_data_elements.json", sniff.EventXML, 1, 0,
			"XML, whatever its name says: it starts with an XML declaration"},
		{dump + "with_multiple_nodes_same_name.json", sniff.EvtxDumpJSON, 1, 0, "one pretty object with UserData"},
		{dump + "with_multiple_nodes_same_name_separate.json", sniff.EvtxDumpJSON, 1, 0, "the same, attributes apart"},
		{dump + "with_size_t.json", sniff.EvtxDumpJSON, 1, 0, "one pretty object"},
		{"c-xml-json-evtx/evtx_dump-json-multi-records.json", sniff.EvtxDumpJSON, 6, 0, "six pretty objects back to back"},
		{"c-xml-json-evtx/getwinevent-convertto-json-ps51-one-object.json", sniff.GetWinEventJSON, 1, 0,
			"one indented object"},
		{"c-xml-json-evtx/getwinevent-select-json-two-dates.json", sniff.GetWinEventJSON, 1, 0,
			"one object with selected properties"},
		{"e-winlogbeat/sekoia-winlogbeat.ndjson", sniff.WinlogbeatJSON, 20, 0, "20 lines"},
		{"f-nxlog-json/sekoia-nxlog-2.ndjson", sniff.NXLogJSON, 9, 0, "9 objects"},
		{"f-nxlog-json/sekoia-nxlog-pretty-multiline.json", sniff.NXLogJSON, 1, 1, "a colon stands before the object"},
		{"g-splunk-export/search-export-raw.ndjson", sniff.SplunkJSON, 2, 1,
			"the first row's _raw is the text of some program"},
		{"h-tools/chainsaw-hunt.jsonl", sniff.ChainsawJSON, 1, 0, "one hit"},
		{"h-tools/evtxecmd-sysmon17.jsonl", sniff.EvtxECmdJSON, 1, 0, "one line"},
		{"h-tools/velocidex-dumpevtx-CAPI2_Operational.golden.json", sniff.DumpEvtxJSON, 1, 0, "one object with UserData"},
		{"h-tools/velocidex-dumpevtx-Event4624_linux.golden.json", sniff.DumpEvtxJSON, 1, 0, "one object"},
		{"j-other-agents/fluentbit-winevtlog.json", sniff.FluentBitJSON, 1, 0, "an array of one"},
		{"j-other-agents/ms-logmonitor.ndjson", sniff.LogMonitorJSON, 3, 0, "three lines"},
		{"j-other-agents/otel-windowseventlog.json", sniff.OTelJSON, 1, 0, "one pretty object"},
		{"event29/logmonitor-ltsc2022.ndjson", sniff.LogMonitorJSON, 3, 0, "two events 29 and one 50"},
	} {
		in := shared(t, "samples/"+f.name)
		res := read(t, bytes.NewReader(in), record.Options{})
		if res.info.Format != f.format || len(res.events) != f.events || len(res.rejected) != f.rejected || res.err != nil {
			t.Errorf("%s (%s): %s, %d events, %d rejected, want %s, %d, %d\n%v", f.name, f.why, res.info.Format, len(res.events),
				len(res.rejected), f.format, f.events, f.rejected, res)
		}
		for i := range res.events {
			if f.format == sniff.LogMonitorJSON && (res.events[i].OpCode != "" || res.events[i].Computer != "" ||
				res.events[i].Message == "") {
				t.Errorf("%s: %+v", f.name, res.events[i])
			}
		}
		checkOffsets(t, f.name, in, res)
		checkCuts(t, f.name, in, record.Options{}, res)
	}
}
