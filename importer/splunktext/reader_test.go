package splunktext_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
)

const head = "LogName=System\nEventCode=7\nComputerName=a.example\n"

// show reads in and writes a line for each event and each rejected stretch.
func show(t testing.TB, r io.Reader, opt record.Options) string {
	t.Helper()
	rd := splunktext.New(record.NewScanner(r, record.UTF8), opt)
	var b strings.Builder
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			at := "-"
			if e.HasTime {
				at = e.Time().Format("2006-01-02T15:04:05.999999999")
			}
			fmt.Fprintf(&b, "%d %s %d %s %q\n", e.Offset, at, e.EventCode, e.Computer, e.Message)
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%d rejected %s\n", rej.Offset, strings.Join(strings.Fields(rej.Reason)[:5], " "))
		case err == io.EOF:
			return b.String()
		default:
			return b.String() + err.Error() + "\n"
		}
	}
}

func TestReader(t *testing.T) {
	const date = "06/01/2026 09:00:00 AM\n"
	for _, c := range []struct{ name, in, want string }{
		{"one", date + head + "Message=m\n", "0 2026-06-01T09:00:00 7 a.example \"m\"\n"},
		{"fraction", "06/01/2026 09:00:00.1234567 PM\n" + head + "Message=m",
			"0 2026-06-01T21:00:00.1234567 7 a.example \"m\"\n"},
		{"midnight and noon", "06/01/2026 12:00:00 AM\n" + head + "Message=m\n06/01/2026 12:00:00 PM\n" + head +
			"Message=n\n",
			"0 2026-06-01T00:00:00 7 a.example \"m\"\n83 2026-06-01T12:00:00 7 a.example \"n\"\n"},
		{"24 hours", "06/01/2026 19:00:00\n" + head + "Message=m", "0 2026-06-01T19:00:00 7 a.example \"m\"\n"},
		{"Date=", "Date=6/1/2026 9:00:00 AM\n" + head + "Message=m", "0 2026-06-01T09:00:00 7 a.example \"m\"\n"},
		{"no such date", "02/30/2026 09:00:00 AM\n" + head + "Message=m", "0 - 7 a.example \"m\"\n"},
		{"no date first", "\n\n" + head + "Message=m\n" + date + head + "Message=n",
			"2 - 7 a.example \"m\"\n62 2026-06-01T09:00:00 7 a.example \"n\"\n"},
		{"blank lines", "\r\n\n" + date + "\n\r\n" + strings.ReplaceAll(head, "\n", "\n\n") + "\n\nMessage=m\n\n\n",
			"3 2026-06-01T09:00:00 7 a.example \"m\"\n"},
		{"line ends",
			"06/01/2026 09:00:00 AM\r\nLogName=System\r\nEventCode=7\n" +
				"ComputerName=a.example\r\nMessage=a\r\r\nb\r\nc\nd\r\n\r\n",
			"0 2026-06-01T09:00:00 7 a.example \"a\\nb\\nc\\nd\"\n"},
		{"any order", date + "LogName=System\nRecordNumber=1\nComputerName=a.example\nEventCode=7\nMessage=m",
			"0 2026-06-01T09:00:00 7 a.example \"m\"\n"},
		{"message like a header",
			date + head + "Message=m\n\nEventCode=9\nLogName=x\n06/01/2026 09:00:00 AM\nComputerName=b\nMessage=n\n",
			"0 2026-06-01T09:00:00 7 a.example \"m\\n\\nEventCode=9\\nLogName=x\\n06/01/2026 09:00:00 AM\\nComputerName=b\\nMessage=n\"\n"},
		{"date and log in a line", date + head + "Message=06/01/2026 09:00:00 AM LogName=x\n",
			"0 2026-06-01T09:00:00 7 a.example \"06/01/2026 09:00:00 AM LogName=x\"\n"},
		{"empty message", date + head + "Message=", "0 2026-06-01T09:00:00 7 a.example \"\"\n"},
		{"header only, followed", date + head + date + head + "Message=m",
			"0 2026-06-01T09:00:00 7 a.example \"\"\n73 2026-06-01T09:00:00 7 a.example \"m\"\n"},
		{"header only, torn", date + "LogName=System\nEventCode=7\nCompu" + "\n" + date + head + "Message=m",
			"0 rejected This event is cut short:\n56 2026-06-01T09:00:00 7 a.example \"m\"\n"},
		{"header only, last", date + head, "0 rejected This event is cut short:\n"},
		{"no code", date + "LogName=System\nMessage=m\n", "0 rejected This event has no EventCode.\n"},
		{"bad code", date + "LogName=System\nEventCode=-1\nMessage=m\n", "0 rejected The EventCode of this event\n"},
		{"no computer", date + "LogName=System\nEventCode=7\nMessage=m\n", "0 2026-06-01T09:00:00 7 asked \"m\"\n"},
		{"junk first", "hello\nworld\n" + date + head + "Message=m",
			"0 rejected This text is not part\n12 2026-06-01T09:00:00 7 a.example \"m\"\n"},
		{"junk only", " \nhello", "2 rejected This text is not part\n"},
		{"zeros behind", date + head + "Message=m\n" + strings.Repeat("\x00", 99),
			"0 2026-06-01T09:00:00 7 a.example \"m\"\n83 rejected This stretch holds only zero\n"},
		{"zeros within", date + head + "Message=m" + strings.Repeat("\x00", 99) + "\n" + date + head + "Message=n",
			"0 rejected This event is cut short\n82 rejected This stretch holds only zero\n182 2026-06-01T09:00:00 7 a.example \"n\"\n"},
		{"one zero", date + head + "Message=a\x00b", "0 2026-06-01T09:00:00 7 a.example \"a\\x00b\"\n"},
		{"dot for blank", "06/01/2026·09:00:00·AM\n" + head + "Message=m", "0 2026-06-01T09:00:00 7 a.example \"m\"\n"},
	} {
		opt := record.Options{Computer: "asked"}
		if got := show(t, strings.NewReader(c.in), opt); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
		if got := show(t, iotest.OneByteReader(strings.NewReader(c.in)), opt); got != c.want {
			t.Errorf("%s by bytes:\n%swant\n%s", c.name, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	in := "06/01/2026 09:00:00 AM\nLogName=L\nSourceName=S\nEventCode=29\nEventType=5\nType=Verbose\nComputerName=C\nUser=U\nSid=\nOpCode=Info\nRecordNumber=18446744073709551615\nKeywords=a=b\nCategoryString=T\nMessage=x \n"
	var e event.Event
	if err := splunktext.New(record.NewScanner(strings.NewReader(in), record.UTF8),
		record.Options{}).Next(&e); err != nil {
		t.Fatal(err)
	}
	want := "[{LogName L} {SourceName S} {EventCode 29} {EventType 5} {Type Verbose} {ComputerName C} {User U} {OpCode Info} {RecordNumber 18446744073709551615} {Keywords a=b} {TaskCategory T} {Message x}]"
	if got := fmt.Sprint(e.Fields); got != want || e.Channel != "L" || e.Provider != "S" || e.OpCode != "Info" ||
		e.RecordNumber != event.None || !e.Zoneless || e.TimeText != "06/01/2026 09:00:00 AM" {
		t.Errorf("%+v", e)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("06/01/2026 09:00:00 AM\n" + head + "Message=m\r\r\n\nDate=6/1/2026 9:00:00 PM\n\n" + head +
		"Message=\n"))
	f.Add([]byte("x\x00\x00\x00\x00\x00\x00\x00\x00\x00" + head + "Message=m"))
	f.Fuzz(func(t *testing.T, in []byte) {
		rd := splunktext.New(record.NewScanner(bytes.NewReader(in), record.UTF8), record.Options{})
		last := int64(-1)
		for {
			var e event.Event
			err := rd.Next(&e)
			at := e.Offset
			var rej *record.Rejected
			if errors.As(err, &rej) {
				at = rej.Offset
			} else if err != nil {
				break
			} else if !bytes.HasPrefix(in[at:], []byte(e.Raw)) {
				t.Fatalf("the event at %d is not there: %q", at, e.Raw)
			}
			if at <= last {
				t.Fatalf("offset %d after %d", at, last)
			}
			last = at
		}
		whole := show(t, bytes.NewReader(in), record.Options{})
		if cut := show(t, iotest.OneByteReader(bytes.NewReader(in)), record.Options{}); cut != whole {
			t.Fatalf("by bytes:\n%s, whole:\n%s", cut, whole)
		}
	})
}
