package sniff_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// TestTextSamples says of every text, XML and CSV sample how many events it
// holds and why, or with which sentence it is refused.
func TestTextSamples(t *testing.T) {
	const fixed, open, day = event.DatesFixed, event.DatesOpen, event.DayFirst
	for _, f := range []struct {
		name             string
		format           sniff.Format
		events, rejected int
		dates            event.DateOrder
		why              string // for what is refused or rejected, a part of the sentence
	}{
		{"a-splunk-classic-text/blank-line-between-headers-critical.txt", sniff.SplunkText, 1, 0, fixed,
			"blank lines within the header"},
		{"a-splunk-classic-text/cribl-lf-only.txt", sniff.SplunkText, 9, 0, fixed, "nine date lines"},
		{"a-splunk-classic-text/date-key-variant-head.txt", sniff.SplunkText, 1, 0, fixed, "Date= before the date"},
		{"a-splunk-classic-text/gitbook-powershell-4103-4104-verbose.txt", sniff.SplunkText, 2, 0, fixed,
			"two, key = value lines in the message"},
		{"a-splunk-classic-text/no-date-line-wmi5859-and-kringlecon4103-heads.txt", sniff.SplunkText, 2, 0, fixed,
			"the first has no date line"},
		{"a-splunk-classic-text/sysmon-millisecond-date-heads.txt", sniff.SplunkText, 1, 0, fixed, "milliseconds"},
		{"b-splunk-xml/cloudwatch-agent-7036-renderinginfo.xml", sniff.EventXML, 1, 0, fixed, "one element"},
		{"b-splunk-xml/escu-data_sources-oneline.xml.log", sniff.EventXML, 27, 0, fixed, "one a line"},
		{"b-splunk-xml/renderinginfo-concatenated-no-separator.xml", sniff.EventXML, 2, 0, fixed, "two with nothing between"},
		{"c-xml-json-evtx/eventviewer-copy-as-text-plus-xml.txt", sniff.EventViewerText, 1, 0, fixed,
			"the XML is cut in EventData: System is whole, the text has the rest"},
		{"c-xml-json-evtx/eventviewer-header-only-rows.csv", sniff.EventViewerCSV, 2, 0, open, "two rows without a message"},
		{"c-xml-json-evtx/eventviewer-security-keywords-ddmmyyyy.csv", sniff.EventViewerCSV, 2, 0, day,
			"two rows with messages over several lines; the 19th is a day"},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample.xml", sniff.EventXML, 1, 0, fixed, "one element"},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample_with_entity_ref.xml", sniff.EventXML, 1, 0, fixed, "one element"},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample_with_event_data.xml", sniff.EventXML, 1, 0, fixed, "one element"},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample_with_event_data_with_attributes_and_text.xml", sniff.EventXML, 1, 0,
			fixed, "one element"},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample_with_string_with_trailing_spaces.xml", sniff.EventXML, 1, 0, fixed,
			"one element"},
		{"c-xml-json-evtx/evtx_dump-event_xml_sample_with_user_data.xml", sniff.EventXML, 1, 0, fixed, "one element"},
		{"c-xml-json-evtx/wevtutil-text-f.txt", sniff.EventViewerText, 1, 0, fixed, "one block"},
		{"event29/azure-loganalytics-details-view.txt", "", 0, 0, fixed, "the details view of Log Analytics"},
		{"event29/manifest-extract.xml", "", 0, 0, fixed, "the manifest of a provider"},
		{"event29/sigma-pr4935-eventdata.xml", "", 0, 0, fixed, "without its System part"},
		{"event29/sqeye-blog-event29.xml", sniff.EventXML, 1, 0, fixed, "one element with tree markers"},
		{"h-tools/hayabusa-timeline.csv", "", 0, 0, fixed, "a timeline of Hayabusa"},
		{"story-inputs/derived-sysmon-w3wp-webshell.xml", sniff.EventXML, 4, 0, fixed, "four elements"},
		{"story-inputs/powershell_4104-truncated-first-line.xml", sniff.EventXML, 0, 1, fixed,
			"the file ends before its </Event>"},
		{"story-inputs/pwsh-installediismodules-first-line.txt", sniff.IISModules, 1, 0, fixed,
			"the first line of a module's list; no date line"},
		{"story-inputs/sysmon_eventid_1.xml", sniff.EventXML, 1, 0, fixed, "one element"},
		{"story-inputs/windows_event_log_application_2282.xml", sniff.EventXML, 1, 0, fixed, "one element"},
		{"story-inputs/windows_event_log_security_4688.xml", sniff.EventXML, 1, 0, fixed, "one element"},
	} {
		in := shared(t, "samples/"+f.name)
		res := read(t, bytes.NewReader(in), record.Options{})
		if res.info.Format != f.format || len(res.events) != f.events || len(res.rejected) != f.rejected {
			t.Errorf("%s: %s, %d events, %d rejected; want %s, %d, %d: %s", f.name, res.info.Format, len(res.events),
				len(res.rejected), f.format, f.events, f.rejected, f.why)
		}
		var unknown *sniff.Unknown
		if (f.format == "") != errors.As(res.err, &unknown) || f.format == "" && !strings.Contains(unknown.What, f.why) {
			t.Errorf("%s: %v", f.name, res.err)
		}
		for _, r := range res.rejected {
			if !strings.Contains(r.Reason, f.why) || r.Length == 0 {
				t.Errorf("%s: %+v", f.name, r)
			}
		}
		for _, e := range res.events {
			if e.Dates != f.dates || e.HasTime == (strings.Contains(f.why, "no date line") &&
				(e.EventCode == 5859 || e.EventCode == event.None)) {
				t.Errorf("%s: %+v", f.name, e)
			}
			checkOne(t, res.info, &e)
		}
		checkOffsets(t, f.name, in, res)
		checkCuts(t, f.name, in, record.Options{}, res)
	}
}
