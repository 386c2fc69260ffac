package importer_test

import (
	"testing"

	"escutcheon/importer"
	"escutcheon/intake"
)

const (
	paddedXML = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>" +
		"<Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4738</EventID>" +
		"<TimeCreated SystemTime='2026-03-01T10:00:00Z'/><Channel>Security</Channel><Computer>dc01</Computer></System>" +
		"<EventData><Data Name='SidHistory'>\n\t\tDOM\\Administrator </Data></EventData></Event>"
	paddedNXLog = `{"EventTime":"2026-03-01T10:00:00Z","Hostname":"dc01","EventID":4738,"Channel":"Security",` +
		`"SidHistory":"\n\t\tDOM\\Administrator "}`
	paddedDump = `{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},` +
		`"EventID":4738,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-01T10:00:00Z"}},"Channel":"Security",` +
		`"Computer":"dc01"},"EventData":{"SidHistory":"\n\t\tDOM\\Administrator "}}}`
)

// White space around a value is no part of it, in any format; a record that was
// stored when it was says what it said, so that what rests on it stays true.
func TestValuesAreTrimmed(t *testing.T) {
	const padded = "\n\t\tDOM\\Administrator "
	for format, raw := range map[string]string{
		"event-xml": paddedXML, "nxlog-json": paddedNXLog, "evtxdump-json": paddedDump,
	} {
		for before, want := range map[int]string{0: "DOM\\Administrator", 1: padded, 2: "DOM\\Administrator"} {
			reading := intake.Reading{Format: format, Before: before}
			e, err := importer.Decode(reading, raw)
			if err != nil {
				t.Fatal(format, err)
			}
			if got, _ := e.Get("SidHistory"); got != want {
				t.Errorf("%s before change %d: %q, want %q", format, before, got, want)
			}
			if e.Raw != raw {
				t.Errorf("%s: the record is not kept as it was", format)
			}
			if err := importer.NewFields("SidHistory").DecodeInto(e, reading, raw); err != nil {
				t.Fatal(format, err)
			}
			if got, _ := e.Get("SidHistory"); got != want {
				t.Errorf("%s before change %d, that field alone: %q, want %q", format, before, got, want)
			}
		}
	}
}

// NXLog's TimeCreated is the time where there is no EventTime. It names no zone,
// unless what took the record from NXLog says which.
func TestTimeCreatedOfNXLog(t *testing.T) {
	const head = `{"Hostname":"ws5","EventID":10,"TimeCreated":"2020-10-18 10:56:14.647"`
	for raw, want := range map[string]struct {
		at       string
		zoneless bool
	}{
		head + `}`: {"2020-10-18T08:56:14.647Z", true}, // in the zone that was answered
		head + `,"@timestamp":"2020-10-18T14:56:14.650Z"}`: {"2020-10-18T14:56:14.647Z", false},
		head + `,"@timestamp":"2020-10-19T20:01:02.650Z"}`: {"2020-10-18T08:56:14.647Z", true},
		head + `,"EventTime":"2020-10-18T01:02:03Z"}`:      {"2020-10-18T01:02:03Z", false},
	} {
		e, err := importer.Decode(intake.Reading{Format: "nxlog-json", Zone: "Europe/Berlin"}, raw)
		if err != nil {
			t.Fatal(raw, err)
		}
		if got := e.Time().UTC().Format("2006-01-02T15:04:05.999Z07:00"); got != want.at || e.Zoneless != want.zoneless {
			t.Errorf("%s: %s, without zone %v; want %v", raw, got, e.Zoneless, want)
		}
	}
	e, err := importer.Decode(intake.Reading{Format: "nxlog-json", Before: 1}, head+`}`)
	if err != nil || e.HasTime {
		t.Errorf("a record that was stored without a time has one now: %v %v", e.TimeText, err)
	}
}
