package detection_test

import (
	"slices"
	"testing"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

// The seed on events made by hand: what matches, what is left out, what a row
// holds.
func TestSeedEndToEnd(t *testing.T) {
	mk := func(code, computer, opcode, message string, nanos int64) spl.Event {
		e := &event.Event{HasTime: nanos != 0, Nanos: nanos, Channel: event.IISConfiguration, Computer: computer,
			OpCode: opcode, Message: message}
		e.Add("EventCode", code)
		return e
	}
	at := sec("2025-12-08 07:50:00") * 1e9
	other := &event.Event{HasTime: true, Nanos: at, Channel: "System", Computer: "A", OpCode: "Info", Message: "m"}
	other.Add("EventCode", "29")
	named := &event.Event{HasTime: true, Nanos: at + 5e9, Computer: "A", OpCode: "Info", Message: "m"}
	named.Add("sourcetype", "iis:configuration:operational")
	named.Add("EventCode", "29")
	out := seed(t).Plan().Run(slices.Values([]spl.Event{
		mk("29", "A", "Info", "m", at+999_999_999), mk("29", "A", "Info", "m", at-1), named, other,
		mk("29", "a", "Info", "m", at), mk("29", "A", "Info", "M", at), mk("29", "A", "Start", "m", at),
		mk("30", "A", "Info", "m", at), mk("29", "A", "", "m", at), mk("29", "", "Info", "", at),
		mk("29", "A", "Info", "m", 0),
	}))
	row := func(op, dest, message, count, first, last string) spl.Row {
		return spl.Row{{Name: "OpCode", Value: op}, {Name: "EventCode", Value: "29"}, {Name: "dest", Value: dest},
			{Name: "Message", Value: message},
			{Name: "count", Value: count}, {Name: "firstTime", Value: first}, {Name: "lastTime", Value: last}}
	}
	const second = "2025-12-08T07:50:00"
	want := []spl.Row{
		row("Info", "A", "M", "1", second, second), row("Info", "A", "m", "3", "2025-12-08T07:49:59", "2025-12-08T07:50:05"),
		row("Info", "a", "m", "1", second, second), row("Start", "A", "m", "1", second, second),
	}
	if len(out.Rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(out.Rows), len(want))
	}
	for i, w := range want {
		if !slices.Equal(out.Rows[i].Row, w) {
			t.Errorf("row %d:\n got %v\nwant %v", i, out.Rows[i].Row, w)
		}
	}
	if out.Matched != 9 || out.Incomplete != 3 || out.Missing["OpCode"] != 1 || out.Missing["ComputerName"] != 1 ||
		out.Missing["Message"] != 1 || out.Missing["_time"] != 1 {
		t.Errorf("%d match, %d incomplete, %v", out.Matched, out.Incomplete, out.Missing)
	}
}
