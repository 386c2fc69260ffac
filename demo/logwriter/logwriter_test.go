package logwriter_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
)

// hostile are texts that a format must escape.
var hostile = []string{
	"plain", `"quoted" and \ back`, "<b>&amp;</b> ]]>", "it's", "two\nlines\tand\ttabs", "cr\r\nlf",
	"caf\u00e9 \U0001F6E1 \u202e", "", "\u2028 \u00a0",
}

func hostileRecord(s string) logwriter.Record {
	r := logwriter.IISChange(logwriter.Change{Path: s, At: s, Edit: logwriter.EditModify, Before: s, After: s})
	r.Time = time.Date(2026, 3, 4, 13, 5, 6, 123456700, time.UTC)
	r.Computer, r.RecordNumber, r.User, r.Sid = s, 77, `CORP\`+s, "S-1-5-18"
	return r
}

type xmlEvent struct {
	System struct {
		Provider struct {
			Name string `xml:",attr"`
		}
		EventID, EventRecordID int
		Channel, Computer      string
		TimeCreated            struct {
			SystemTime string `xml:",attr"`
		}
	}
	EventData struct {
		Data []struct {
			Name  string `xml:",attr"`
			Value string `xml:",chardata"`
		}
	}
	RenderingInfo *struct{ Message, Opcode string }
}

func TestXMLHoldsEveryText(t *testing.T) {
	for _, s := range hostile {
		for _, rendered := range []bool{true, false} {
			r := hostileRecord(s)
			out := logwriter.AppendXML(nil, &r, rendered)
			var got xmlEvent
			if err := xml.Unmarshal(out, &got); err != nil {
				t.Fatalf("%q: %v\n%s", s, err, out)
			}
			if got.System.Computer != s || got.System.EventID != 29 || got.System.EventRecordID != 77 {
				t.Errorf("%q: system is %+v", s, got.System)
			}
			if got.System.TimeCreated.SystemTime != "2026-03-04T13:05:06.123456700Z" {
				t.Errorf("SystemTime %q", got.System.TimeCreated.SystemTime)
			}
			if len(got.EventData.Data) != 7 || got.EventData.Data[6].Value != s || got.EventData.Data[6].Name != "NewValue" {
				t.Errorf("%q: data is %q", s, got.EventData.Data)
			}
			if (got.RenderingInfo != nil) != rendered {
				t.Fatalf("%q: rendered %v, RenderingInfo %v", s, rendered, got.RenderingInfo)
			}
			if rendered && (got.RenderingInfo.Message != r.Message || got.RenderingInfo.Opcode != "Info") {
				t.Errorf("%q: RenderingInfo is %+v", s, got.RenderingInfo)
			}
		}
	}
}

func TestXMLReplacesWhatItCannotHold(t *testing.T) {
	r := hostileRecord("a\x00b\x1bc\xffd\uFFFEe")
	r.Provider = "it's \"<&>\r\n\t"
	var got xmlEvent
	if err := xml.Unmarshal(logwriter.AppendXML(nil, &r, true), &got); err != nil {
		t.Fatal(err)
	}
	if want := "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe"; got.System.Computer != want {
		t.Errorf("computer %q, want %q", got.System.Computer, want)
	}
	if got.System.Provider.Name != r.Provider {
		t.Errorf("attribute %q, want %q", got.System.Provider.Name, r.Provider)
	}
}

func TestJSONHoldsEveryText(t *testing.T) {
	for _, s := range append(slices.Clone(hostile), "\x00\x01\x1f\x7f") {
		r := hostileRecord(s)
		var nx struct {
			Hostname, Message, NewValue, EventTime, Opcode, EventType string
			EventID, RecordNumber                                     int64
		}
		out := logwriter.AppendNXLog(nil, &r, time.FixedZone("", 3600))
		if err := json.Unmarshal(out, &nx); err != nil {
			t.Fatalf("%q: %v\n%s", s, err, out)
		}
		if nx.Hostname != s || nx.Message != r.Message || nx.NewValue != s || nx.EventTime != "2026-03-04 14:05:06" ||
			nx.EventID != 29 || nx.RecordNumber != 77 || nx.Opcode != "Info" || nx.EventType != "VERBOSE" {
			t.Errorf("%q: NXLog %+v", s, nx)
		}
		var wb struct {
			At      string `json:"@timestamp"`
			Message string
			Winlog  struct {
				Computer string            `json:"computer_name"`
				Record   int64             `json:"record_id"`
				Data     map[string]string `json:"event_data"`
				Opcode   string
			}
		}
		out = logwriter.AppendWinlogbeat(nil, &r)
		if err := json.Unmarshal(out, &wb); err != nil {
			t.Fatalf("%q: %v\n%s", s, err, out)
		}
		if wb.At != "2026-03-04T13:05:06.123Z" || wb.Message != r.Message || wb.Winlog.Computer != s ||
			wb.Winlog.Record != 77 || wb.Winlog.Data["OldValue"] != s || len(wb.Winlog.Data) != 7 || wb.Winlog.Opcode != "Info" {
			t.Errorf("%q: Winlogbeat %+v", s, wb)
		}
	}
}

func TestJSONReplacesBadUTF8(t *testing.T) {
	r := hostileRecord("a\xff\xc3(b")
	for _, out := range [][]byte{logwriter.AppendNXLog(nil, &r, nil), logwriter.AppendWinlogbeat(nil, &r)} {
		if !json.Valid(out) || !strings.Contains(string(out), "a\uFFFD\uFFFD(b") {
			t.Errorf("got %s", out)
		}
	}
}

func TestNXLogKeywordsAreSigned(t *testing.T) {
	r := logwriter.ServiceState("W3SVC", "running")
	if out := string(logwriter.AppendNXLog(nil, &r, nil)); !strings.Contains(out, `"Keywords":-9187343239835811840,`) {
		t.Errorf("got %s", out)
	}
}

func TestText(t *testing.T) {
	r := logwriter.IISChange(logwriter.Change{Path: "/x/@y", Edit: logwriter.EditModify})
	r.Time = time.Date(2026, 3, 4, 18, 45, 6, 0, time.UTC)
	r.Computer, r.RecordNumber, r.User, r.Sid = "web01.corp.example", 12, `CORP\svc-deploy`, "S-1-5-21-1"
	want := strings.ReplaceAll(`03/05/2026 12:15:06 AM
LogName=Microsoft-IIS-Configuration/Operational
EventCode=29
EventType=5
ComputerName=web01.corp.example
User=svc-deploy
Sid=S-1-5-21-1
SidType=1
SourceName=Microsoft-Windows-IIS-Configuration
Type=Verbose
RecordNumber=12
Keywords=None
TaskCategory=None
OpCode=Info
Message=Changes to '/x/@y' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.
`, "\n", "\r\n")
	if got := string(logwriter.AppendText(nil, &r, time.FixedZone("", 5*3600+1800))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	r.Time, r.User, r.Computer = r.Time.Add(7*time.Millisecond), "", "a\r\nEventCode=1"
	got := string(logwriter.AppendText(nil, &r, nil))
	for _, line := range []string{"03/04/2026 06:45:06.007 PM\r\n", "\r\nUser=NOT_TRANSLATED\r\n", "\r\nSidType=0\r\n",
		"\r\nComputerName=a  EventCode=1\r\n"} {
		if !strings.Contains("\r\n"+got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}

func TestBulk(t *testing.T) {
	const n = 5000
	codes, ids := map[int]int{}, map[string]bool{}
	var first, again []string
	var last time.Time
	for r := range logwriter.Bulk(n, 1) {
		codes[r.EventCode]++
		id := fmt.Sprint(r.Computer, r.Channel, r.RecordNumber)
		if ids[id] || r.Time.Before(last) {
			t.Fatalf("record %s at %s repeats or goes back", id, r.Time)
		}
		ids[id], last = true, r.Time
		first = append(first, string(logwriter.AppendNXLog(nil, r, nil)))
	}
	for r := range logwriter.Bulk(n/2, 1) {
		again = append(again, string(logwriter.AppendNXLog(nil, r, nil)))
	}
	if len(first) != n || !slices.Equal(first[:n/2], again) {
		t.Errorf("%d records, and the first half of them is another the second time", len(first))
	}
	for _, code := range []int{1, 29, 50, 54, 55, 4624, 4688, 7036} {
		if codes[code] < n/100 {
			t.Errorf("event %d: %d of %d", code, codes[code], n)
		}
	}
	for r := range logwriter.Bulk(1, 2) {
		if string(logwriter.AppendNXLog(nil, r, nil)) == first[0] {
			t.Error("another seed gives the same record")
		}
	}
	for range logwriter.Bulk(10, 3) {
		break // must stop without a panic
	}
}

func TestEverySampleIsValidInEveryFormat(t *testing.T) {
	for r := range logwriter.Bulk(2000, 9) {
		r.Data = append(r.Data, event.Field{Name: "Odd name's", Value: "x"})
		var e xmlEvent
		if out := logwriter.AppendXML(nil, r, true); xml.Unmarshal(out, &e) != nil {
			t.Fatalf("not XML: %s", out)
		}
		for _, out := range [][]byte{logwriter.AppendNXLog(nil, r, nil), logwriter.AppendWinlogbeat(nil, r)} {
			if !json.Valid(out) {
				t.Fatalf("not JSON: %s", out)
			}
		}
	}
}

func BenchmarkBulkText(b *testing.B) {
	var buf []byte
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		size = 0
		for r := range logwriter.Bulk(1000, 1) {
			buf = logwriter.AppendText(buf[:0], r, nil)
			size += len(buf)
		}
	}
	b.SetBytes(int64(size))
}
