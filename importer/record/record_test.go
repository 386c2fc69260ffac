package record_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	_ "time/tzdata"

	"escutcheon/event"
	"escutcheon/importer/record"
)

func TestParseISO(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"2026-06-01T09:00:00Z":               "2026-06-01T09:00:00Z",
		"2026-06-01T09:00:00.1Z":             "2026-06-01T09:00:00.1Z",
		"2026-06-01T09:00:00.123456789Z":     "2026-06-01T09:00:00.123456789Z",
		"2026-06-01T09:00:00.1234567899Z":    "2026-06-01T09:00:00.123456789Z",
		"2026-06-01 09:00:00":                "2026-06-01T07:00:00Z",
		"2026-01-01 09:00:00.5":              "2026-01-01T08:00:00.5Z",
		"2026-06-01 09:00:00+05:30":          "2026-06-01T03:30:00Z",
		"2026-06-01T09:00:00-0800":           "2026-06-01T17:00:00Z",
		"2026-06-01T09:00:00.000000 +02":     "2026-06-01T07:00:00Z",
		"2024-02-29T23:59:59Z":               "2024-02-29T23:59:59Z",
		"1969-12-31T23:59:59.5Z":             "1969-12-31T23:59:59.5Z",
		"1678-01-01T00:00:00Z":               "1678-01-01T00:00:00Z",
		"2261-12-31T00:00:00Z":               "2261-12-31T00:00:00Z",
		"2023-02-29T00:00:00Z":               "",
		"2026-13-01T00:00:00Z":               "",
		"2026-06-01T24:00:00Z":               "",
		"1601-01-01T00:00:00Z":               "",
		"2026-06-01T09:00:00X":               "",
		"2026-06-01":                         "",
		"2026-06-01T09:00:00+0":              "",
		"999999-06-01T09:00:00Z":             "",
		"2026-06-01T09:00:00.1Z and a lot m": "",
	} {
		n, ok := record.ParseISO(in, berlin)
		got := ""
		if ok {
			got = time.Unix(0, n).UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
		if has := strings.ContainsAny(in[10:], "Z+-"); ok && has != record.HasOffset(in) {
			t.Errorf("HasOffset(%s) is not %t", in, has)
		}
	}
}

func TestEveryDay(t *testing.T) {
	for d := time.Date(1678, 1, 1, 13, 14, 15, 16, time.UTC); d.Year() < 2262; d = d.AddDate(0, 0, 1) {
		n, ok := record.Nanos(d.Year(), int(d.Month()), d.Day(), 13, 14, 15, 16, nil)
		if !ok || n != d.UnixNano() {
			t.Fatalf("%s: %d, want %d", d, n, d.UnixNano())
		}
	}
}

func FuzzEncoding(f *testing.F) {
	f.Add([]byte("a\x00\x3d\xd8\x00\xde\x00\xd8b\x00\xff\xfe"))
	f.Add([]byte("\xd8\x3d\xde\x00\xdc\x00\x00a"))
	f.Fuzz(func(t *testing.T, in []byte) {
		in = in[:len(in)&^1]
		for _, enc := range []record.Encoding{record.UTF16LE, record.UTF16BE} {
			sc := record.NewScanner(iotest.OneByteReader(bytes.NewReader(in)), enc)
			skipped := sc.Offset()
			for sc.More() {
				continue
			}
			if sc.Err() != io.EOF || sc.Full() {
				t.Fatal(sc.Err())
			}
			if got := record.Encode(string(sc.Window()), enc); !bytes.Equal(got, in[skipped:]) {
				t.Fatalf("%x became %x", in, got)
			}
			end := sc.OffsetOf(len(sc.Window()))
			sc.Advance(len(sc.Window()))
			if sc.Offset() != int64(len(in)) || end != sc.Offset() {
				t.Fatalf("offset %d of %d", sc.Offset(), len(in))
			}
		}
	})
}

func TestDetectEncoding(t *testing.T) {
	for in, want := range map[string]record.Encoding{
		"":                               record.UTF8,
		"ab":                             record.UTF8,
		"\xff\xfea\x00":                  record.UTF16LE,
		"\xfe\xff\x00a":                  record.UTF16BE,
		"a\x00b\x00c\x00":                record.UTF16LE,
		"\x00a\x00b\x00c":                record.UTF16BE,
		"\xef\xbb\xbfabc":                record.UTF8,
		strings.Repeat("\x00", 99):       record.UTF8,
		"a\x00b\x00\x00\x00\x00\x00abcd": record.UTF8,
	} {
		if got := record.DetectEncoding([]byte(in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestZeros(t *testing.T) {
	for in, want := range map[string]int{"": -1, "a\x00b": -1, "\x00\x00\x00\x00\x00\x00\x00": -1,
		"ab\x00c" + strings.Repeat("\x00", 8): 4, "a" + strings.Repeat("\x00", 9) + "b": 1} {
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			sc := record.NewScanner(r, record.UTF8)
			got := sc.Zeros()
			for got < 0 && sc.More() {
				got = sc.Zeros()
			}
			if got != want {
				t.Errorf("%q: %d, want %d", in, got, want)
			}
		}
	}
}

func TestRenderIIS(t *testing.T) {
	field := func(kv ...string) (f []event.Field) {
		for i := 0; i < len(kv); i += 2 {
			f = append(f, event.Field{Name: kv[i], Value: kv[i+1]})
		}
		return f
	}
	const name, guid = "microsoft-windows-iis-CONFIGURATION", "{DC0B8E51-4863-407a-BC3C-1b479b2978ac}"
	for _, c := range []struct {
		provider, guid string
		code           int64
		data           []event.Field
		ordered        bool
		want           string
	}{
		{name, "", 29, field("Configuration", "c", "ConfigPath", "p"), false,
			"Changes to 'c' at 'p' have successfully been committed."},
		{"x", guid, 30, field("Configuration", "", "ConfigPath", "p"), false, "Failed to commit changes to '' at 'p'."},
		{"x", "", 30, field("Configuration", "c", "ConfigPath", "p"), false, ""},
		{name, "", 29, field("Configuration", "c"), true, ""},
		{name, "", 29, field("Data", "1", "Data", "2", "Data", "3", "Data", "4"), true,
			"Changes to '4' at '2' have successfully been committed."},
		{name, "", 29, field("Data", "1", "Data", "2", "Data", "3", "Data", "4"), false, ""},
		{name, "", 50, field("ConfigPath", "p"), false, "Changes have successfully been committed to 'p'."},
		{name, "", 52, field("a", "1", "ConfigPath", "p", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i",
			"true"), true, "Checking whether file 'p' has changed on the disk returned 'true'."},
		{name, "", 52, field("a", "1", "ConfigPath", "p"), true, ""},
		{name, "", 54, nil, false, "A commit operation has been initiated."},
		{name, "", 55, field("Status", "0"), true, "A commit operation has completed. The status code is: '0'."},
		{name, "", 99, nil, true, ""},
	} {
		var e event.Event
		e.Reset()
		e.EventCode = c.code
		record.SetProvider(&e, c.provider)
		record.RenderIIS(&e, c.guid, "0", c.data, c.ordered)
		iis := c.provider == name || c.guid == guid
		if e.Message != c.want || e.Rendered != (c.want != "") || (e.OpCode == "Info") != iis {
			t.Errorf("%d %v: %q %t %q", c.code, c.data, e.Message, e.Rendered, e.OpCode)
		}
	}
}
