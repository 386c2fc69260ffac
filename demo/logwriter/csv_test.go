package logwriter_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// TestCSVHoldsEveryText reads what is written with encoding/csv, which takes
// \r\n within values for \n, as Windows writes it.
func TestCSVHoldsEveryText(t *testing.T) {
	for _, s := range hostile {
		r := hostileRecord(s)
		for name, c := range map[string]struct {
			row     []byte
			columns string
			message int
		}{
			"Event Viewer": {logwriter.AppendEventViewerCSV(nil, &r, nil, time.DateTime), logwriter.EventViewerHeader, 5},
			"Export-Csv":   {logwriter.AppendExportCSV(nil, &r, nil, time.DateTime), logwriter.ExportHeader, 0},
			"EvtxECmd":     {logwriter.AppendEvtxECmdCSV(nil, &r), logwriter.EvtxECmdHeader, -1},
			"Splunk":       {logwriter.AppendSplunkCSV(nil, &r, nil), logwriter.SplunkHeader, -1},
		} {
			rows, err := csv.NewReader(strings.NewReader(string(c.row))).ReadAll()
			if err != nil || len(rows) != 1 {
				t.Fatalf("%s, %q: %d rows, %v", name, s, len(rows), err)
			}
			want := strings.Count(c.columns, ",") + 1
			if name == "Event Viewer" {
				want++ // the message has no header
			}
			if len(rows[0]) != want {
				t.Errorf("%s, %q: %d values, want %d", name, s, len(rows[0]), want)
			}
			if c.message >= 0 && strings.ReplaceAll(rows[0][c.message], "\r", "") != strings.ReplaceAll(r.Message, "\r", "") {
				t.Errorf("%s, %q: message %q", name, s, rows[0][c.message])
			}
			if name == "EvtxECmd" && !json.Valid([]byte(rows[0][len(rows[0])-1])) {
				t.Errorf("%q: payload %s", s, rows[0][len(rows[0])-1])
			}
		}
	}
}

func TestCopyAsText(t *testing.T) {
	r := logwriter.IISChange(logwriter.Change{Path: "/x/@y", Edit: logwriter.EditModify})
	r.Time, r.Computer = time.Date(2026, 3, 4, 18, 45, 6, 0, time.UTC), "web01"
	got := string(logwriter.AppendCopyAsText(nil, &r, time.FixedZone("", 3600), "1/2/2006 3:04:05 PM", true))
	for _, want := range []string{
		"Log Name:      Microsoft-IIS-Configuration/Operational\r\nSource:        Microsoft-Windows-IIS-Configuration\r\nDate:          3/4/2026 7:45:06 PM\r\nEvent ID:      29\r\n",
		"\r\nUser:          N/A\r\nComputer:      web01\r\nDescription:\r\nChanges to '/x/@y' at",
		"\r\nEvent Xml:\r\n<Event ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
