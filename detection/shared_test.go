package detection_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// TestSharedSamples: public records raise the rules that one expects, and no
// others.
func TestSharedSamples(t *testing.T) {
	rules := builtIn(t).InForce(nil)
	for name, want := range map[string]string{
		"samples/story-inputs/windows_event_log_application_2282.xml":   moduleFailed,
		"samples/story-inputs/windows_event_log_security_4688.xml":      "",
		"samples/story-inputs/sysmon_eventid_1.xml":                     "",
		"samples/story-inputs/powershell_4104-truncated-first-line.xml": "",
		"samples/event29/sqeye-blog-event29.xml":                        "55f22929-cfd3-4388-ba5c-4d01fac7ee7e",
	} {
		data, err := os.ReadFile(shared(t, name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSpace(string(data))
		if strings.HasSuffix(name, "first-line.xml") { // the sample ends in the middle of the script
			text += "</Data></EventData></Event>"
		}
		var e event.Event
		if err := sniff.One(sniff.EventXML, text, record.Options{Zone: time.UTC}, &e); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, n := range rules.Candidates(&e, nil) {
			if r := rules.All()[n]; len(rowsOf(r, &e)) > 0 {
				got = append(got, r.ID)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
