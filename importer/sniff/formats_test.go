package sniff_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

const us = "1/2/2006 3:04:05 PM"

// written is a log of a format, as logwriter writes it.
type written struct {
	format sniff.Format
	header string
	append func(dst []byte, r *logwriter.Record) []byte
	// what the format carries of an event
	computer, channel, number, opcode, zone, fraction bool
}

var writers = []written{
	{sniff.EventViewerCSV, logwriter.EventViewerHeader, func(dst []byte, r *logwriter.Record) []byte {
		return logwriter.AppendEventViewerCSV(dst, r, nil, us)
	}, false, false, false, false, false, false},
	{sniff.GetWinEventCSV, logwriter.ExportHeader, func(dst []byte, r *logwriter.Record) []byte {
		return logwriter.AppendExportCSV(dst, r, nil, us)
	}, true, true, true, true, false, false},
	{sniff.SplunkCSV, logwriter.SplunkHeader, func(dst []byte, r *logwriter.Record) []byte {
		return logwriter.AppendSplunkCSV(dst, r, time.FixedZone("", 5*3600))
	}, true, true, true, true, true, true},
	{sniff.EvtxECmdCSV, logwriter.EvtxECmdHeader, logwriter.AppendEvtxECmdCSV, true, true, true, false, true, true},
	{sniff.EventViewerText, "", func(dst []byte, r *logwriter.Record) []byte {
		return logwriter.AppendCopyAsText(dst, r, nil, us, false)
	}, true, true, false, false, false, false},
	{sniff.EventViewerText, "", func(dst []byte, r *logwriter.Record) []byte {
		return logwriter.AppendCopyAsText(dst, r, nil, us, true)
	}, true, true, true, true, true, true},
}

func (w written) log(records []logwriter.Record) string {
	out := []byte(w.header)
	for i := range records {
		out = w.append(out, &records[i])
	}
	return string(out)
}

// row is the beginning of a row, up to its message.
func (w written) row() string {
	if w.format == sniff.EventViewerCSV {
		return `Error,6/1/2026 9:00:00 AM,P,7,None,"`
	}
	if w.format == sniff.EventViewerText {
		return ""
	}
	return "\""
}

// changes are records of IIS and of others, with what CSV must escape.
func changes() []logwriter.Record {
	out := logwriter.IISCommit(logwriter.IISModuleAdded("Odd", `C:\a\odd.dll`)...)
	other := logwriter.ServiceState("W3SVC", "running")
	other.Message += "\n\n\tsays \"\u201eläuft\u201c\", and\nmore: <Event> {x}; Größe = 5 €"
	other.Data = append(other.Data, event.Field{Name: "size", Value: "größer als 5 €"})
	out = append(out, other)
	for i := range out {
		out[i].Time = time.Date(2026, 3, 14, 13, 5, i, 123e6, time.UTC)
		out[i].Computer, out[i].RecordNumber, out[i].Sid = "web01.corp.example", int64(100+i), "S-1-5-18"
	}
	return out
}

// checkOne decodes what is kept of an event again.
func checkOne(t *testing.T, info sniff.Info, e *event.Event) {
	t.Helper()
	want := *e
	want.Offset = 0
	var got event.Event
	err := sniff.One(info.Format, e.Raw, record.Options{Encoding: info.Encoding, Computer: e.Computer}, &got)
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("%s: %v\nagain %+v\nfirst %+v", info.Format, err, got, want)
	}
}

// TestSameEvent has each format give the identity and the finding's key that
// XML gives, as far as it carries them.
func TestSameEvent(t *testing.T) {
	records := changes()
	opt := record.Options{Computer: "web01.corp.example"}
	for _, w := range writers {
		in := w.log(records)
		res := read(t, strings.NewReader(in), opt)
		if res.info.Format != w.format || len(res.events) != len(records) || len(res.rejected) > 0 || res.err != nil {
			t.Fatalf("%s: %v", w.format, res)
		}
		for i, e := range res.events {
			xml := read(t, bytes.NewReader(logwriter.AppendXML(nil, &records[i], true)), opt).events[0]
			if e.EventCode != xml.EventCode || e.Message != xml.Message &&
				(xml.Provider == "Microsoft-Windows-IIS-Configuration" || w.format != sniff.EvtxECmdCSV) {
				t.Errorf("%s: event %d says %q, XML says %q", w.format, e.EventCode, e.Message, xml.Message)
			}
			if e.Computer != xml.Computer || w.channel != (e.Channel == xml.Channel) ||
				w.number != (e.RecordNumber == xml.RecordNumber) || w.opcode && e.OpCode != xml.OpCode && xml.EventCode == 29 ||
				!w.opcode && e.OpCode != "" {
				t.Errorf("%s: %+v\nXML: %+v", w.format, e, xml)
			}
			if e.Second() != xml.Second() || w.fraction != (e.Nanos == xml.Nanos) || e.Zoneless == w.zone {
				t.Errorf("%s: time %s (%v), XML %s", w.format, e.TimeText, e.Zoneless, xml.TimeText)
			}
			checkOne(t, res.info, &e)
		}
		checkOffsets(t, w.format, []byte(in), res)
		checkCuts(t, w.format, []byte(in), opt, res)
	}
}

// TestTextEncodings reads each format in each encoding, with the same events.
func TestTextEncodings(t *testing.T) {
	records := changes()
	ansi := strings.NewReplacer("\u201e", "\x84", "\u201c", "\x93", "ä", "\xe4", "ö", "\xf6", "ß", "\xdf", "€", "\x80")
	forms := []written{
		{format: sniff.SplunkText, append: func(dst []byte,
			r *logwriter.Record) []byte {
			return logwriter.AppendText(dst, r, nil)
		}},
		{format: sniff.EventXML, append: func(dst []byte,
			r *logwriter.Record) []byte {
			return append(logwriter.AppendXML(dst, r, true), '\n')
		}},
	}
	for _, w := range append(forms, writers...) {
		in := w.log(records)
		want := read(t, strings.NewReader(in), record.Options{})
		for name, c := range map[string]struct {
			in  []byte
			enc record.Encoding
		}{
			"mark":         {[]byte("\uFEFF" + in), record.UTF8},
			"utf16le":      {utf16(in, record.UTF16LE, true), record.UTF16LE},
			"utf16be":      {utf16(in, record.UTF16BE, true), record.UTF16BE},
			"bare utf16le": {utf16(in, record.UTF16LE, false), record.UTF16LE},
			"1252":         {[]byte(ansi.Replace(in)), record.Windows1252},
		} {
			res := read(t, bytes.NewReader(c.in), record.Options{})
			if res.info.Format != w.format || res.info.Encoding != c.enc || len(res.events) != len(records) ||
				len(res.rejected) > 0 {
				t.Fatalf("%s %s: %v", w.format, name, res)
			}
			for i, e := range res.events {
				if a, b := fmt.Sprint(e.Fields), fmt.Sprint(want.events[i].Fields); a != b {
					t.Errorf("%s %s: %s\nUTF-8: %s", w.format, name, a, b)
				}
				if last := i == len(records)-1; e.Windows1252 != (last && c.enc == record.Windows1252 &&
					strings.Contains(e.Raw, "\xf6")) {
					t.Errorf("%s %s: event %d: Windows-1252 %v", w.format, name, i, e.Windows1252)
				}
				checkOne(t, res.info, &e)
			}
			checkOffsets(t, name, c.in, res)
		}
	}
}

// TestTextCut cuts each format everywhere: events before the cut stay.
func TestTextCut(t *testing.T) {
	records := changes()[:3]
	for _, w := range writers {
		in := w.log(records)
		two := len(w.log(records[:2]))
		for n := two; n < len(in); n += 3 {
			res := read(t, strings.NewReader(in[:n]), record.Options{})
			if res.err != nil || len(res.events) < 2 {
				t.Fatalf("%s cut at %d: %v", w.format, n, res)
			}
			broken := read(t, io.MultiReader(strings.NewReader(in[:n]), iotest.ErrReader(io.ErrUnexpectedEOF)), record.Options{})
			if !errors.Is(broken.err, io.ErrUnexpectedEOF) || len(broken.events) < 1 || len(broken.events) > 2 {
				t.Fatalf("%s broken at %d: %v", w.format, n, broken)
			}
		}
	}
}

// TestTextHostile reads long streams that hold almost nothing.
func TestTextHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("reads much")
	}
	records := changes()[:2]
	for _, w := range writers {
		one := w.log(records[:1])
		for name, unit := range map[string]string{
			"zeros": "\x00", "letters": "abcdefghijklmnop", "lines": "abc\n", "blank lines": "\n", "quotes": `"`,
			"quoted": "\"\"\n",
			"commas": ",", "open": ",\"x\n", "lenient": ",\"\"x", "headers": w.header + "\n",
			"rows": "Error,6/1/2026 9:00:00 AM,P,7,None,\"x\n", "pairs": "Error,6/1/2026 9:00:00 AM,P,7,None,\"\"x\n",
			"as they are": "\n\"x\"x", "one row": "\"x\"x",
			"logs": "Log Name: x\n", "blocks": "Event[1]:\n", "starts": "Log Name: x\nSource: y\n",
			"labels": "Source: y\nLog Name: x\n",
		} {
			in := io.MultiReader(strings.NewReader(one), strings.NewReader(w.row()), &endless{unit, record.MaxRecord + 1<<20},
				strings.NewReader("\n\n"+one))
			rd, _, err := sniff.Open(in, record.Options{})
			if err != nil {
				t.Fatalf("%s %s: %v", w.format, name, err)
			}
			if n, _ := drain(t, rd); n < 1 {
				t.Errorf("%s %s: %d events", w.format, name, n)
			}
		}
	}
}

// TestLengths has the rejected stretches cover all that is no event.
func TestLengths(t *testing.T) {
	records := changes()
	forms := []written{
		{format: sniff.SplunkText, append: func(dst []byte,
			r *logwriter.Record) []byte {
			return logwriter.AppendText(dst, r, nil)
		}},
		{format: sniff.EventXML, append: func(dst []byte,
			r *logwriter.Record) []byte {
			return append(logwriter.AppendXML(dst, r, true), '\n')
		}},
	}
	junk := strings.Repeat("no event, é\n", 500)
	for _, w := range append(forms, writers...) {
		in := junk + w.log(records)
		for _, enc := range []record.Encoding{record.UTF8, record.UTF16LE} {
			res := read(t, bytes.NewReader(record.Encode(in, enc)), record.Options{})
			want := int64(len(record.Encode(junk, enc)))
			if len(res.rejected) != 1 || res.rejected[0].Offset != 0 || res.rejected[0].Length != want ||
				len(res.events) != len(records) {
				t.Errorf("%s %s: %d events, %+v, want %d bytes", w.format, enc, len(res.events), res.rejected, want)
			}
		}
	}
}

// TestRecordLines has XML as evtx_dump writes it.
func TestRecordLines(t *testing.T) {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "Record %d\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"+xmlEvent, i+1, i%10, i+1)
	}
	res := read(t, strings.NewReader(b.String()), record.Options{})
	if len(res.events) != 12 || len(res.rejected) != 0 || res.info.Format != sniff.EventXML {
		t.Error(res)
	}
	checkCuts(t, "record lines", []byte(b.String()), record.Options{}, res)
	if res := read(t, strings.NewReader("Records 1\n"+b.String()), record.Options{}); len(res.rejected) != 1 {
		t.Error(res.rejected)
	}
}
