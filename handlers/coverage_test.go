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

// TestSiteCoverage: a site whose requests stop while those of others go on is told, whether
// the folder of its log says which it is or its lines do; up to the moment that is asked for.
func TestSiteCoverage(t *testing.T) {
	s := consoletest.New(t)
	const fields = "date time s-computername cs-method cs-uri-stem c-ip sc-status"
	log := func(days int, site, fields string) []byte {
		out := logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, consoletest.Noon, fields)
		for i := range days * 4 {
			out = logwriter.AppendW3C(out, &logwriter.Request{Time: consoletest.Noon.Add(time.Duration(i) * 6 * time.Hour),
				Site: site, Computer: "web01", Method: "GET", Stem: "/", Client: "1.2.3.4", Status: 200}, fields)
		}
		return out
	}
	s.Load(t, "logs/W3SVC1/u_ex.log", log(3, "", fields))
	s.Load(t, "logs/W3SVC2/u_ex.log", log(9, "", fields))
	s.Load(t, "u_ex.log", log(5, "W3SVC3", fields+" s-sitename"))
	for asOf, want := range map[string][]string{"": {"W3SVC1 ends 6 d before", "W3SVC3 ends 4 d before"},
		consoletest.Noon.AddDate(0, 0, 4).Format(time.RFC3339): {"W3SVC1 ends 1 d 6 h before"}} {
		var got []struct {
			Kind, Text string
			Evidence   []struct{ Event int64 }
		}
		answer := s.Get(t, "/hosts/web01/coverage?as-of="+asOf, "Accept", "application/json")
		if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if got[i].Kind != "requests stop" || !strings.Contains(got[i].Text, w) || len(got[i].Evidence) != 2 ||
				got[len(want)].Kind != "not collected" {
				t.Errorf("as of %q: %+v, want %s", asOf, got, w)
			}
		}
	}
	if page := s.Doc(t, "/hosts/web01/coverage").Find("main a[href^='/events/']").Length(); page != 4 {
		t.Errorf("%d links to events", page)
	}
}
