package handlers_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/internal/consoletest"
)

// TestHostCoverage: a cleared log, a channel switched off by a command, missing records and
// what was not collected are told, in JSON and on the page.
func TestHostCoverage(t *testing.T) {
	s := consoletest.New(t)
	var log []byte
	add := func(minute int, number int64, r logwriter.Record) {
		r.Computer, r.Time, r.RecordNumber = "web01", consoletest.Noon.Add(time.Duration(minute)*time.Minute), number
		log = append(logwriter.AppendXML(log, &r, false), '\n')
	}
	for n := range int64(6) {
		r := logwriter.IISChange(logwriter.Change{Path: "/x/@y", Edit: logwriter.EditModify, After: "z"})
		if n != 3 {
			add(int(n), n+1, r)
		}
	}
	add(10, 1, logwriter.Record{Channel: "Security", Provider: "Microsoft-Windows-Security-Auditing", EventCode: 4688,
		Data: []event.Field{{Name: "CommandLine", Value: `wevtutil.exe sl Microsoft-IIS-Configuration/Operational /e:false`},
			{Name: "SubjectUserName", Value: "eve"}}})
	add(11, 2, logwriter.Record{Channel: "Security", Provider: "Microsoft-Windows-Eventlog", EventCode: 1102,
		Data: []event.Field{{Name: "SubjectUserName", Value: "eve"}}})
	s.Load(t, "a.xml", log)
	var got []struct {
		Kind     string
		From, To *string
		Text     string
		Evidence []struct{ Event int64 }
	}
	answer := s.Get(t, "/hosts/web01/coverage", "Accept", "application/json")
	if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, g := range got {
		if g.Kind != "not collected" {
			kinds = append(kinds, g.Kind)
		}
	}
	if strings.Join(kinds, ", ") != "record gap, channel off, log cleared" {
		t.Fatalf("%+v", got)
	}
	if off := got[1]; len(off.Evidence) != 1 || off.Evidence[0].Event == 0 || off.To != nil ||
		!strings.Contains(off.Text, "a command line says") {
		t.Errorf("%+v", off)
	}
	if !strings.Contains(got[0].Text, "1 records are missing between record 3 and record 5") {
		t.Errorf("%+v", got[0])
	}
	page := consoletest.Words(s.Doc(t, "/hosts/web01/coverage"), "main")
	for _, w := range []string{"applicationHost.config: not collected", "The log Security was cleared by eve", "no end seen"} {
		if !strings.Contains(page, w) {
			t.Errorf("%q is not on the page: %s", w, page)
		}
	}
	shades := s.Doc(t, "/hosts/web01?as-of=2026-03-03T00:00:00Z").Find(`.shade-less:not([width="12"])`).Length()
	if shades != 2 {
		t.Errorf("%d spans on the timeline", shades)
	}
}
