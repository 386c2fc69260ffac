package eventcsv_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/eventcsv"
	"escutcheon/importer/record"
)

const viewer = "Level,Date and Time,Source,Event ID,Task Category\n"

// show reads in and writes a line for each event and each rejected stretch.
func show(t testing.TB, r io.Reader, opt record.Options) string {
	t.Helper()
	enc := opt.Encoding
	if enc == "" {
		enc = record.UTF8
	}
	rd := eventcsv.New(record.NewScanner(r, enc), opt)
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
			fmt.Fprintf(&b, "%d %s %d %q\n", e.Offset, at, e.EventCode, e.Message)
			again(t, &e, opt)
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%d+%d rejected %s\n", rej.Offset, rej.Length, strings.Join(strings.Fields(rej.Reason)[:4], " "))
		case err == io.EOF:
			return b.String()
		default:
			return b.String() + err.Error() + "\n"
		}
	}
}

// again decodes what is kept of an event, as is done when it is looked at.
func again(t testing.TB, e *event.Event, opt record.Options) {
	t.Helper()
	want := *e
	want.Offset = 0
	var got event.Event
	if err := eventcsv.One(e.Raw, opt, &got); err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("%v: again\n%+v, first\n%+v", err, got, want)
	}
}

func TestReader(t *testing.T) {
	const row, out = "Error,6/1/2026 9:00:00 AM,P,7,None,", " 2026-06-01T09:00:00 7 "
	for _, c := range []struct{ name, in, want string }{
		{"one", viewer + row + "m\n", "50" + out + "\"m\"\n"},
		{"no line end", viewer + row + "m", "50" + out + "\"m\"\n"},
		{"CRLF", strings.ReplaceAll(viewer, "\n", "\r\n") + row + "m\r\n" + row + "n\r\n",
			"51" + out + "\"m\"\n89" + out + "\"n\"\n"},
		{"mark", "\uFEFF" + viewer + row + "m\n", "53" + out + "\"m\"\n"},
		{"spans lines", viewer + row + "\"m,\r\n\r\n\"\"n\"\"\"\n" + row + "o\n",
			"50" + out + "\"m,\\n\\n\\\"n\\\"\"\n99" + out + "\"o\"\n"},
		{"header only row", viewer + "Error,6/1/2026 9:00:00 AM,P,7,None\n", "50" + out + "\"\"\n"},
		{"unnamed message", strings.ReplaceAll(viewer, "\n", ",\n") + row + "m\n", "51" + out + "\"m\"\n"},
		{"semicolons", strings.ReplaceAll(viewer, ",", ";") + strings.ReplaceAll(row, ",", ";") + "m,n\n",
			"50" + out + "\"m,n\"\n"},
		{"tabs", strings.ReplaceAll(viewer, ",", "\t") + strings.ReplaceAll(row, ",", "\t") + "m,n\n",
			"50" + out + "\"m,n\"\n"},
		{"sep", "sep=,\n" + viewer + row + "m\n", "56" + out + "\"m\"\n"},
		{"blank lines", "\n" + viewer + "\n\r\n" + row + "m\n,,,,\n", "54" + out + "\"m\"\n"},
		{"quote in a value", viewer + row + "a \"b\", c\n", "50" + out + "\"a \\\"b\\\", c\"\n"},
		{"quotes as they are", viewer + row + "\"the \"x\" of\n\"y\" and\n\"z\"\"\n" + row + "m\n",
			"50" + out + "\"the \\\"x\\\" of\\n\\\"y\\\" and\\n\\\"z\\\"\"\n110" + out + "\"m\"\n"},
		{"quote in the last value", viewer + row + "a \"b\" c\n", "50" + out + "\"a \\\"b\\\" c\"\n"},
		{"text behind a quote", viewer + row + "\"a\" b\n", "50+41 rejected This row is cut\n"},
		{"text behind a quote, followed", viewer + row + "\"a\" b\n" + row + "m\n",
			"50+41 rejected This row is torn:\n91" + out + "\"m\"\n"},
		{"header again", viewer + row + "m\n" + viewer + row + "n\n", "50" + out + "\"m\"\n137" + out + "\"n\"\n"},
		{"another header", viewer + row + "m\n\"Id\",\"TimeCreated\",\"Message\"\n\"8\",\"6/1/2026 9:00:00 AM\",\"n\"\n",
			"50" + out + "\"m\"\n116 2026-06-01T09:00:00 8 \"n\"\n"},
		{"junk first", "hello\nworld\n" + viewer + row + "m\n",
			"0+12 rejected This text stands before\n62" + out + "\"m\"\n"},
		{"no header", "hello\nworld\n", "0+12 rejected This text stands before\n"},
		{"nothing", "", ""},
		{"bad code", viewer + "Error,6/1/2026 9:00:00 AM,P,x,None,m\n" + row + "m\n",
			"50+37 rejected This row has no\n87" + out + "\"m\"\n"},
		{"too few", viewer + "Error,6/1/2026 9:00:00 AM\n" + row + "m\n",
			"50+26 rejected This row has fewer\n76" + out + "\"m\"\n"},
		{"torn quote", viewer + row + "\"torn\n" + row + "\"whole\"\n" + row + "n\n",
			"50+41 rejected This row is torn:\n91" + out + "\"whole\"\n134" + out + "\"n\"\n"},
		{"torn quote, plain rows", viewer + row + "\"torn\n" + row + "a\n" + row + "b\n",
			"50+41 rejected This row is torn:\n91" + out + "\"a\"\n128" + out + "\"b\"\n"},
		{"torn quote, empty message", viewer + row + "\"torn\n" + row + "\"\"\n" + row + "\"c\"\n",
			"50+41 rejected This row is torn:\n91" + out + "\"\"\n129" + out + "\"c\"\n"},
		{"cut quote", viewer + row + "m\n" + row + "\"cut\nhere", "50" + out + "\"m\"\n87+44 rejected This row is cut\n"},
		{"zeros behind", viewer + row + "m\n" + strings.Repeat("\x00", 99),
			"50" + out + "\"m\"\n87+99 rejected This stretch holds only\n"},
		{"zeros within", viewer + row + "m" + strings.Repeat("\x00", 99) + "\n" + row + "m\n",
			"50+36 rejected This row is cut\n86" + "+99 rejected This stretch holds only\n" + "186" + out + "\"m\"\n"},
		{"no such date", viewer + "Error,31/31/2026 9:00,P,7,None,m\n", "50 - 7 \"m\"\n"},
	} {
		if got := show(t, strings.NewReader(c.in), record.Options{}); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
		if got := show(t, iotest.OneByteReader(strings.NewReader(c.in)), record.Options{}); got != c.want {
			t.Errorf("%s by bytes:\n%swant\n%s", c.name, got, c.want)
		}
	}
}

// TestQuotedFirst has rows whose first value is the message, in which nothing
// tells where a row begins but the quotation mark.
func TestQuotedFirst(t *testing.T) {
	const header, tail = `"Message","Id","TimeCreated"` + "\n", `","7","6/1/2026 9:00:00 AM"` + "\n"
	in := header + "\"a\nb" + tail + "\"torn\n\"c" + tail + "\"d\n\n\"\"e\"\"" + tail
	want := "29 2026-06-01T09:00:00 7 \"a\\nb\"\n61+6 rejected This row is torn:\n67 2026-06-01T09:00:00 7 \"c\"\n97 2026-06-01T09:00:00 7 \"d\\n\\n\\\"e\\\"\"\n"
	if got := show(t, strings.NewReader(in), record.Options{}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestEncodings(t *testing.T) {
	in := "Ebene;Datum und Uhrzeit;Quelle;Ereignis-ID;Aufgabenkategorie\r\nFehler;31.12.2025 23:59:01;P;7;Keine;\"Der Dienst \u201eX\u201c läuft; fünf €\"\r\n"
	want := `2025-12-31T23:59:01 7 "Der Dienst „X“ läuft; fünf €"` + "\n"
	for _, c := range []struct {
		name string
		in   []byte
		enc  record.Encoding
		at   int
	}{
		{"UTF-8", []byte(in), record.UTF8, 62},
		{"UTF-16LE", record.Encode("\uFEFF"+in, record.UTF16LE), record.UTF16LE, 126},
		{"UTF-16BE", record.Encode(in, record.UTF16BE), record.UTF16BE, 124},
		{"Windows-1252", []byte(strings.NewReplacer("\u201e", "\x84", "\u201c", "\x93", "ä", "\xe4", "ü", "\xfc", "€",
			"\x80").Replace(in)), record.Windows1252, 62},
	} {
		if got := show(t, bytes.NewReader(c.in), record.Options{Encoding: c.enc}); got != fmt.Sprint(c.at, " ", want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func one(t *testing.T, in string, opt record.Options) event.Event {
	t.Helper()
	var e event.Event
	if err := eventcsv.New(record.NewScanner(strings.NewReader(in), record.UTF8), opt).Next(&e); err != nil {
		t.Fatalf("%v\n%s", err, in)
	}
	return e
}

func TestShapes(t *testing.T) {
	const payload = `"{""EventData"":{""Data"":[{""@Name"":""Configuration"",""#text"":""/a\\b \u00e9""},{""@Name"":""ConfigPath"",""#text"":""P""},{""@Name"":""Empty""}],""Binary"":""""}}"`
	for _, c := range []struct{ name, in, want string }{
		{"Event Viewer, security",
			"Keywords,Date and Time,Source,Event ID,Task Category\nAudit Success,19-07-2026 09:58:57,P,4624,Logon,m\n",
			"2026-07-19T09:58:57 true 3 asked||P|4624|-1||m [{SourceName P} {EventCode 4624} {TaskCategory Logon} {Message m} {Keywords Audit Success} {ComputerName asked}]"},
		{"Event Viewer, more columns",
			"Level,Date and Time,Source,Event ID,Task Category,Operational Code,Log,Computer\nVerbose,6/1/2026 9:00:00 AM,P,29,None,Info,L,web01,m\n",
			"2026-06-01T09:00:00 true 1 web01|L|P|29|-1|Info|m [{SourceName P} {EventCode 29} {TaskCategory None} {OpCode Info} {LogName L} {ComputerName web01} {Message m} {Type Verbose}]"},
		{"Event Viewer, named message",
			"\"Level\",\"DateAndTime\",\"Source\",\"EventID\",\"TaskCategory\",\"Computer\",\"Message\"\n\"Error\",\"2026-06-01 09:00:00\",\"P\",\"7\",\"None\",\"web01\",\"m, n\"\n",
			"2026-06-01T09:00:00 true 0 web01||P|7|-1||m, n [{SourceName P} {EventCode 7} {TaskCategory None} {ComputerName web01} {Message m, n} {Type Error}]"},
		{"Export-Csv 5.1", "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\n" +
			`"Message","Id","Level","Opcode","Keywords","RecordId","ProviderName","LogName","MachineName","UserId","TimeCreated","LevelDisplayName","OpcodeDisplayName","TaskDisplayName","KeywordsDisplayNames","Properties"` + "\n" +
			`"m","29","5","0","-9223372036854775808","12","P","L","web01","S-1-5-18","6/1/2026 9:00:00 AM","Verbose","Info","","System.Collections.ObjectModel.ReadOnlyCollection` + "`1[System.String]" + `","System.Collections.Generic.List` + "`1[X]" + `"` + "\n",
			"2026-06-01T09:00:00 true 1 web01|L|P|29|12|Info|m [{Message m} {EventCode 29} {Level 5} {Opcode 0} {RecordNumber 12} {SourceName P} {LogName L} {ComputerName web01} {Sid S-1-5-18} {OpCode Info} {Type Verbose} {Keywords 0x8000000000000000}]"},
		{"selected",
			"\"TimeCreated\",\"Id\",\"LevelDisplayName\",\"Note\"\n\"13/6/2026 9:00:00\",\"7036\",\"Information\",\"x\"\n",
			"2026-06-13T09:00:00 true 3 asked|||7036|-1|| [{EventCode 7036} {Note x} {Type Information} {ComputerName asked}]"},
		{"Get-EventLog",
			"\"EventID\",\"MachineName\",\"Data\",\"Index\",\"Category\",\"EntryType\",\"Message\",\"Source\",\"InstanceId\",\"TimeGenerated\"\n\"7\",\"web01\",\"System.Byte[]\",\"99\",\"(0)\",\"Error\",\"m\",\"P\",\"1073741831\",\"6/1/2026 9:00:00 AM\"\n",
			"2026-06-01T09:00:00 true 1 web01||P|7|99||m [{EventCode 7} {ComputerName web01} {RecordNumber 99} {TaskCategory (0)} {Message m} {SourceName P} {InstanceId 1073741831} {Type Error}]"},
		{"EvtxECmd",
			"RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,Computer,Payload\n1,77,2026-06-01 09:00:00.1234567,29,Verbose,Microsoft-Windows-IIS-Configuration,L,web01," + payload + "\n",
			"2026-06-01T09:00:00.1234567 false 0 web01|L|Microsoft-Windows-IIS-Configuration|29|77||Changes to '/a\\b é' at 'P' have successfully been committed. [{RecordNumber 77} {EventCode 29} {SourceName Microsoft-Windows-IIS-Configuration} {LogName L} {ComputerName web01} {Type Verbose} {Configuration /a\\b é} {ConfigPath P} {Message Changes to '/a\\b é' at 'P' have successfully been committed.}]"},
		{"Splunk, text",
			"_time,_raw,host\n2026-06-01T07:00:00.500+0000,\"06/01/2026 09:00:00 AM\nLogName=L\nEventCode=7\nRecordNumber=5\nMessage=m\",web01\n",
			"2026-06-01T07:00:00.5 false 0 web01|L||7|5||m [{LogName L} {EventCode 7} {RecordNumber 5} {Message m} {ComputerName web01}]"},
		{"Splunk, XML",
			"\"_raw\"\n\"<Event xmlns='x'><System><Provider Name='P'/><EventID>7</EventID><TimeCreated SystemTime='2026-06-01T09:00:00Z'/><Computer>web01</Computer></System></Event>\"\n",
			"2026-06-01T09:00:00 false 0 web01||P|7|-1|| [{SourceName P} {EventCode 7} {SystemTime 2026-06-01T09:00:00Z} {ComputerName web01}]"},
		{"Splunk, columns", "_time,EventCode,ComputerName,LogName,Opcode,_bkt,x\n1780304400.25,29,web01,L,0,b,y\n",
			"2026-06-01T09:00:00.25 false 0 web01|L||29|-1|| " +
				"[{EventCode 29} {ComputerName web01} {LogName L} {Opcode 0} {x y}]"},
		{"Splunk, local time", "_time,EventCode\n2026-06-01 09:00:00,7\n",
			"2026-06-01T09:00:00 true 0 asked|||7|-1|| [{EventCode 7} {ComputerName asked}]"},
	} {
		e := one(t, c.in, record.Options{Computer: "asked"})
		got := fmt.Sprintf("%s %v %d %s|%s|%s|%d|%d|%s|%s %v", e.Time().Format("2006-01-02T15:04:05.999999999"), e.Zoneless,
			e.Dates,
			e.Computer, e.Channel, e.Provider, e.EventCode, e.RecordNumber, e.OpCode, e.Message, e.Fields)
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
		again(t, &e, record.Options{Computer: "asked"})
	}
}

func TestSplit(t *testing.T) {
	e := one(t, viewer+"Error,6/1/2026 9:00:00 AM,P,7,None,\"a\nb\"\n", record.Options{})
	text, original := eventcsv.Split(e.Raw)
	if want := "Error,6/1/2026 9:00:00 AM,P,7,None,\"a\nb\""; original != want || text != viewer+want {
		t.Errorf("%q and %q", text, original)
	}
}

func TestDates(t *testing.T) {
	in := viewer + "Error,6/1/2026 9:00:00,P,7,None,m\n"
	for dates, want := range map[string]string{"": "2026-01-06", record.MDY: "2026-06-01", record.DMY: "2026-01-06"} {
		if e := one(t, in, record.Options{Dates: dates}); e.Time().Format("2006-01-02") != want ||
			e.Dates != event.DatesOpen {
			t.Errorf("%q: %v %d", dates, e.Time(), e.Dates)
		}
	}
	if e := one(t, viewer+"Error,6/13/2026 9:00:00,P,7,None,m\n", record.Options{Dates: record.DMY}); e.HasTime ||
		e.Dates != event.MonthFirst || e.TimeText == "" {
		t.Errorf("%+v", e)
	}
}

func TestWhat(t *testing.T) {
	for want, in := range map[string]string{
		"timeline of Hayabusa":     `"Timestamp","RuleTitle","Level","Computer"` + "\n",
		"Chainsaw hunt":            "timestamp,detections,path,count\n",
		"timeline of Plaso":        "datetime,timestamp_desc,source,source_long,message,parser\n",
		"without the event id":     "\"TimeCreated\",\"Message\"\n",
		"neither _raw nor":         "_time,count\n1,2\n",
		"Log Analytics":            "\"TimeGenerated [UTC]\",Source,EventLog,Computer\n",
		"columns are a, b and c":   "a,b and c,\x1bd\n1,2,3\n",
		"and 2 more":               "a,b,c,d,e,f,g,h\n1,2,3,4,5,6,7,8\n",
		"columns are (no name), b": "sep=;\n;b;c\n1;2;3\n",
		"":                         "one, two\nthree\n",
	} {
		if got := eventcsv.What([]byte(in)); !strings.Contains(got, want) || want == "" && got != "" ||
			strings.Contains(got, "\x1b") {
			t.Errorf("%s: %q", want, got)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(viewer +
		"Error,6/1/2026 9:00:00 AM,P,7,None,\"a\n\"\"b\"\nError,6/1/2026 9:00:00 AM,P,7,None,\"torn\nError,6/1/2026 9:00:00 AM,P,7,None,\"x\"\n"))
	f.Add([]byte(viewer +
		"Error,6/1/2026 9:00:00 AM,P,7,None,\"\"x\nError,6/1/2026 9:00:00 AM,P,7,None,\"the \"x\" of\n\"y\"\"\nError,6/1/2026 9:00:00 AM,P,7,None,\"\"\"\n"))
	f.Add([]byte("_time,_raw\n1,\"LogName=x\nEventCode=1\nMessage=y\"\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\n"))
	f.Add(
		[]byte(
			"EventRecordId,TimeCreated,EventId,Channel,Payload\n1,2026-06-01 09:00:00,29,L,\"{\"\"EventData\"\":{\"\"Data\"\":[{\"\"@Name\"\":\"\"a\"\",\"\"#text\"\":\"\"\\u0041\"\"}]}}\"\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		rd := eventcsv.New(record.NewScanner(bytes.NewReader(in), record.UTF8), record.Options{})
		last, past := int64(-1), int64(0)
		for {
			var e event.Event
			err := rd.Next(&e)
			var rej *record.Rejected
			if errors.As(err, &rej) {
				if rej.Offset < past || rej.Length <= 0 || rej.Offset+rej.Length > int64(len(in)) {
					t.Fatalf("rejected %d+%d after %d of %d", rej.Offset, rej.Length, past, len(in))
				}
				last, past = rej.Offset, rej.Offset+rej.Length
				continue
			} else if err != nil {
				break
			}
			_, original := eventcsv.Split(e.Raw)
			if e.Offset <= last || e.Offset < past || !bytes.HasPrefix(in[e.Offset:], []byte(original)) {
				t.Fatalf("the event at %d is not there, or before %d: %q", e.Offset, past, e.Raw)
			}
			last, past = e.Offset, e.Offset+int64(len(original))
		}
		whole := show(t, bytes.NewReader(in), record.Options{})
		if cut := show(t, iotest.OneByteReader(bytes.NewReader(in)), record.Options{}); cut != whole {
			t.Fatalf("by bytes:\n%s, whole:\n%s", cut, whole)
		}
	})
}
