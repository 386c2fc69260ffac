package sniff_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

const (
	textEvent = "06/01/2026 09:00:0%d.250 AM\nLogName=System\nEventCode=7\nComputerName=a.example\nRecordNumber=%d\nMessage=one\n\nb=c\n"
	xmlEvent  = `<Event xmlns='x'><System><Provider Name="P"/><EventID>7</EventID><TimeCreated SystemTime='2026-06-01T09:00:0%d.25Z'/><EventRecordID>%d</EventRecordID><Computer>a.example</Computer></System><EventData><Data Name='a'>x &lt;Event&gt; {"EventTime":</Data></EventData></Event>` + "\n"
	nxEvent   = `{"EventTime":"2026-06-01 09:00:0%d","Hostname":"a.example","EventID":7,"RecordNumber":%d,"Message":"<Event xmlns='x'><System><EventID>7</EventID></System></Event>"}` + "\n"
	wlEvent   = `{"@timestamp":"2026-06-01T09:00:0%d.250Z","winlog":{"event_id":7,"record_id":%d,"computer_name":"a.example"},"message":"LogName=System"}` + "\n"
)

func events(form string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, form, i%10, i+1)
	}
	return b.String()
}

var forms = map[sniff.Format]string{
	sniff.SplunkText: textEvent, sniff.EventXML: xmlEvent, sniff.NXLogJSON: nxEvent, sniff.WinlogbeatJSON: wlEvent,
}

func zipped(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, p := range parts {
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, p); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func utf16(s string, enc record.Encoding, mark bool) []byte {
	if mark {
		s = "\uFEFF" + s
	}
	return record.Encode(s, enc)
}

// TestForms reads each format plain, zipped and in each encoding, with and
// without a line before the first event.
func TestForms(t *testing.T) {
	for format, form := range forms {
		for _, banner := range []string{"", "exported by someone {at} 9:00 <today>\n"} {
			s := banner + events(form, 12)
			half := len(banner) + len(events(form, 6)) + 20
			for name, in := range map[string][]byte{
				"plain":        []byte(s),
				"with mark":    []byte("\uFEFF" + s),
				"utf16le":      utf16(s, record.UTF16LE, true),
				"utf16be":      utf16(s, record.UTF16BE, true),
				"bare utf16le": utf16(s, record.UTF16LE, false),
				"bare utf16be": utf16(s, record.UTF16BE, false),
				"gzip":         zipped(t, s),
				"two members":  zipped(t, s[:half], s[half:]),
			} {
				name = fmt.Sprintf("%s %s banner=%t", format, name, banner != "")
				res := read(t, bytes.NewReader(in), record.Options{})
				rejected := 0
				if banner != "" {
					rejected = 1
				}
				if res.err != nil || res.info.Format != format || len(res.events) != 12 || len(res.rejected) < rejected ||
					len(res.rejected) > 2*rejected {
					t.Errorf("%s: %v", name, res)
					continue
				}
				for i, e := range res.events {
					if e.RecordNumber != int64(i+1) || !e.HasTime || e.EventCode != 7 || e.Computer != "a.example" {
						t.Errorf("%s: event %d is %+v", name, i, e)
					}
				}
				checkOffsets(t, name, in, res)
				checkCuts(t, name, in, record.Options{}, res)
			}
		}
	}
}

// TestCut cuts each format everywhere: whole events stay, no torn one is read
// as an event of another content.
func TestCut(t *testing.T) {
	for format, form := range forms {
		one, all := events(form, 1), events(form, 3)
		for n := len(one) + 60; n < len(all); n++ {
			res := read(t, strings.NewReader(all[:n]), record.Options{})
			if res.err != nil || len(res.events) < 1 || len(res.events) > 3 {
				t.Fatalf("%s cut at %d: %v", format, n, res)
			}
			if whole := strings.Count(all[:n], one[len(one)-6:]); len(res.events) < whole {
				t.Errorf("%s cut at %d: %d events of %d", format, n, len(res.events), whole)
			}
			err := io.ErrUnexpectedEOF
			broken := read(t, io.MultiReader(strings.NewReader(all[:n]), iotest.ErrReader(err)), record.Options{})
			if !errors.Is(broken.err, err) || len(broken.events) > len(res.events) {
				t.Errorf("%s broken at %d: %v", format, n, broken)
			}
			if format == sniff.SplunkText && len(broken.events) != strings.Count(all[:n], "AM\nLogName=")-1 {
				t.Errorf("broken at %d: %d events", n, len(broken.events))
			}
		}
	}
}

func TestCutGzip(t *testing.T) {
	for format, form := range forms {
		var b strings.Builder
		for i := range 20000 {
			fmt.Fprintf(&b, form, i*i%10, (i*7919)%100003)
		}
		all := zipped(t, b.String())
		cuts := []int{len(all) - 1, len(all) - 9, len(all) / 2, 40}
		if testing.Short() {
			cuts = cuts[2:]
		}
		for _, n := range cuts {
			res := read(t, bytes.NewReader(all[:n]), record.Options{})
			if !errors.Is(res.err, io.ErrUnexpectedEOF) || !strings.Contains(res.err.Error(), "gzip") {
				t.Errorf("%s at %d: %v", format, n, res.err)
			}
			if n == len(all)/2 && (len(res.events) < 5000 || len(res.rejected) != 1) {
				t.Errorf("%s at %d: %d events, %d rejected", format, n, len(res.events), len(res.rejected))
			}
		}
		all[len(all)-6] ^= 1
		if res := read(t, bytes.NewReader(all), record.Options{}); !errors.Is(res.err, io.ErrUnexpectedEOF) {
			t.Errorf("%s with a wrong checksum: %v", format, res.err)
		}
	}
}

func TestUnknown(t *testing.T) {
	for what, in := range map[string]string{
		"empty":                             "",
		"only zero bytes":                   strings.Repeat("\x00", 5000),
		"only white space":                  " \n\n",
		"PNG":                               "\x89PNG\r\n\x1a\n\x00\x00",
		"JPEG":                              "\xff\xd8\xff\xe0..",
		"GIF":                               "GIF89a\x01",
		"PDF":                               "%PDF-1.7\n<Event><System><EventID>1</EventID></System></Event>",
		"ZIP":                               "PK\x03\x04\x00",
		"7z":                                "7z\xbc\xaf\x27\x1c\x00",
		"cut short before its first record": "ElfFile\x00\x00",
		"SQLite":                            "SQLite format 3\x00",
		"ELF":                               "\x7fELF\x02",
		"PE":                                "MZ\x90\x00\x03",
		"plain text":                        "MZ is how this text begins\n",
		"UTF-16LE text":                     string(utf16("just some words\n", record.UTF16LE, true)),
		"HTML":                              "<!DOCTYPE html><p>",
		"XML that holds no":                 "<?xml version='1.0'?><a><Events/></a>",
		"JSON whose":                        `{"a":{"b":1}}`,
		"JSON whose obj":                    `[{"winlog":"x"},{"EventTime":1}]`,
		"very long line":                    strings.Repeat("word ", 300000),
		"no event log: its columns are a, b and c": "a,b and c,d\n1,2,3\n",
		"binary": strings.Repeat("\x01\x02ab\xff", 100),
		"gzip file. Its content: This is plain text": string(zipped(t, "nothing\n")),
		"gzip file. Its content: This file is empty": string(zipped(t, "")),
	} {
		res := read(t, strings.NewReader(in), record.Options{})
		var u *sniff.Unknown
		if !errors.As(res.err, &u) || !strings.Contains(res.err.Error(), strings.TrimSuffix(what, " obj")) ||
			!strings.HasSuffix(res.err.Error(), sniff.Accepted()) {
			t.Errorf("%s: %v", what, res.err)
		}
	}
}

// endless gives the same bytes again and again, up to n of them.
type endless struct {
	unit string
	n    int
}

func (f *endless) Read(p []byte) (int, error) {
	if f.n <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && f.n > 0 {
		c := copy(p[n:], f.unit[:min(len(f.unit), f.n)])
		n += c
		f.n -= c
	}
	return n, nil
}

// TestHostile reads long streams that hold almost nothing: an event and a torn
// one, more than the longest record of something, two events.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a gigabyte")
	}
	for format, form := range forms {
		one := events(form, 1)
		for name, unit := range map[string]string{
			"zeros": "\x00", "letters": "abcdefghijklmnop", "lines": "abc\n", "blank lines": "\n", "braces": "{",
			"objects": "{\"a\":[\n", "quotes": `"`, "tags": "<a>", "open": "<Event><Event ", "comment": "<!--", "escapes": `\n`,
			"brackets": "[", "starts": "LogName=\n", "dates": "01/01/2026 01:01:01 AM\n",
		} {
			in := io.MultiReader(strings.NewReader(one+one[:len(one)*2/3]), &endless{unit, record.MaxRecord + 1<<20},
				strings.NewReader("\n\n"+events(form, 2)))
			rd, _, err := sniff.Open(in, record.Options{})
			if err != nil {
				t.Fatalf("%s %s: %v", format, name, err)
			}
			if n, rejected := drain(t, rd); n != 3 || rejected < 1 {
				t.Errorf("%s %s: %d events, %d rejected", format, name, n, rejected)
			}
		}
	}
}
