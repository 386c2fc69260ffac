package record_test

import (
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/importer/record"
)

func TestParseLocal(t *testing.T) {
	east := time.FixedZone("", 2*3600)
	const fixed, open, month, day = event.DatesFixed, event.DatesOpen, event.MonthFirst, event.DayFirst
	for _, c := range []struct {
		text, dates, want string // "" is no time
		order             event.DateOrder
	}{
		{"6/1/2026 9:00:00 AM", "", "2026-06-01T09:00:00", open},
		{"6/1/2026 9:00:00 AM", record.MDY, "2026-06-01T09:00:00", open},
		{"6/1/2026 9:00:00 AM", record.DMY, "2026-01-06T09:00:00", open},
		{"6/1/2026 12:00:00 am", "", "2026-06-01T00:00:00", open},
		{"6/1/2026 12:00:00 p.m.", "", "2026-06-01T12:00:00", open},
		{"6/1/2026 9:00:00\u202fPM", "", "2026-06-01T21:00:00", open},
		{"6/1/2026\u00a09:00:00 p.\u00a0m.", "", "2026-06-01T21:00:00", open},
		{"\u200e6/\u200e1/\u200e2026 9:00:00 AM", "", "2026-06-01T09:00:00", open},
		{"6/13/2026 9:00:00 AM", "", "2026-06-13T09:00:00", month},
		{"6/13/2026 9:00:00 AM", record.DMY, "", month},
		{"13/6/2026 9:00:00 AM", "", "2026-06-13T09:00:00", day},
		{"13/6/2026 9:00:00 AM", record.MDY, "", day},
		{"01/06/2026 19:00:00", "", "2026-06-01T19:00:00", open},
		{"01/06/2026 19:00:00", record.MDY, "2026-01-06T19:00:00", open},
		{"19-07-2026 09:58:57", "", "2026-07-19T09:58:57", day},
		{"07-19-2026 09:58:57", "", "2026-07-19T09:58:57", month},
		{"31.12.2025 23:59", "", "2025-12-31T23:59:00", day},
		{"31. 12. 2025 9:05:06", "", "2025-12-31T09:05:06", day},
		{"1.6.26 7:08:09,25", "", "2026-06-01T07:08:09.25", open},
		{"1.6.1999 7.08.09", "", "1999-06-01T07:08:09", open},
		{"1/6/49 0:00", "", "2049-06-01T00:00:00", open},
		{"1/6/50 0:00", "", "1950-06-01T00:00:00", open},
		{"2025/12/1 7:08:09", "", "2025-12-01T07:08:09", fixed},
		{"2025/12/1 7:08:09", record.DMY, "2025-12-01T07:08:09", fixed},
		{"2025. 12. 1. 7:08:09", "", "2025-12-01T07:08:09", fixed},
		{"2025-12-01T07:08:09.1234567", "", "2025-12-01T07:08:09.1234567", fixed},
		{"2025-12-01 07:08:09 +01:00", "", "2025-12-01T08:08:09", fixed}, // UTC, seen from +02:00
		{"2025-12-01T05:08:09Z", "", "2025-12-01T07:08:09", fixed},
		{"Dec 10, 2025 5:49:00 AM", "", "2025-12-10T05:49:00", fixed},
		{"Dec 10, 2025, 5:49:00.25 AM", "", "2025-12-10T05:49:00.25", fixed},
		{"Wednesday, December 10, 2025 5:49:00 PM", "", "2025-12-10T17:49:00", fixed},
		{"10-Dec-25 05:49:00", "", "2025-12-10T05:49:00", fixed},
		{"10 December 2025 05:49", record.MDY, "2025-12-10T05:49:00", fixed},
		{"Wed, 10 Dec 2025 05:49:00 GMT", "", "2025-12-10T07:49:00", fixed},
		{"29/02/2024 00:00:00", "", "2024-02-29T00:00:00", day},
		{"29/02/2025 00:00:00", "", "", fixed},
		{"13/13/2025 00:00:00", "", "", fixed},
		{"6/1/2026", "", "", fixed},
		{"6/1/2026 13:00:00 PM", "", "", fixed},
		{"6/1/2026 0:00:00 AM", "", "", fixed},
		{"6/1/2026 24:00:00", "", "", open},
		{"6/1/2026 9:5:00", "", "", fixed},
		{"6/1.2026 9:05:00", "", "", fixed},
		{"6/1/026 9:05:00", "", "", fixed},
		{"6/1/2026 9:05:00 and more", "", "", fixed},
		{"1", "", "", fixed},
		{"", "", "", fixed},
		{"9:05:00", "", "", fixed},
		{"Foo 10, 2025 5:49:00 AM", "", "", fixed},
	} {
		got := ""
		nanos, order, ok := record.ParseLocal(c.text, east, c.dates)
		if ok {
			got = time.Unix(0, nanos).In(east).Format("2006-01-02T15:04:05.999999999")
		}
		if got != c.want || order != c.order {
			t.Errorf("%q as %q: %q %d, want %q %d", c.text, c.dates, got, order, c.want, c.order)
		}
	}
}

func TestSetLocalTime(t *testing.T) {
	for text, zoneless := range map[string]bool{
		"6/1/2026 9:00:00 AM": true, "2026-06-01T09:00:00": true, "2026-06-01T09:00:00Z": false,
		"2026-06-01 09:00:00.5 +02:00":  false,
		"Wed, 10 Dec 2025 05:49:00 GMT": false, "no time": false,
	} {
		var e event.Event
		record.SetLocalTime(&e, text, record.Options{})
		if e.Zoneless != zoneless || e.TimeText != text || e.HasTime != (text != "no time") {
			t.Errorf("%q: %+v", text, e)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		raw, want string
		enc       record.Encoding
		is        bool
	}{
		{"plain", "plain", record.UTF8, false},
		{"é\u20ac", "é\u20ac", "", false},
		{"\xe9\x80\x93\x94", "é\u20ac\u201c\u201d", record.UTF8, true},
		{"\xe9\x81", "é\u0081", record.Windows1252, true},
		{"é", "é", record.Windows1252, false},
		{"\xed\xa0\x80", "\xed\xa0\x80", record.UTF16LE, false}, // a lone surrogate
		{"\xed\xa0\x80", "\xed\xa0\x80", record.UTF16BE, false},
	} {
		e := event.Event{Raw: c.raw}
		if got := record.Text(&e, record.Options{Encoding: c.enc}); got != c.want || e.Windows1252 != c.is || e.Raw != c.raw {
			t.Errorf("%q in %q: %q, %v", c.raw, c.enc, got, e.Windows1252)
		}
	}
	for b := range 256 {
		raw := "\xff" + string([]byte{byte(b)})
		if got := string(record.Encode(raw, record.Windows1252)); got != raw {
			t.Errorf("byte %x does not come back", b)
		}
		if text := record.FromWindows1252(raw); len([]rune(text)) != 2 {
			t.Errorf("byte %x is %q", b, text)
		}
	}
}

func FuzzParseLocal(f *testing.F) {
	f.Add("6/13/2026 9:00:00 AM", "")
	f.Add("Wed, 10 Dec 2025 05:49:00 GMT", "mdy")
	f.Add("2025-12-01T07:08:09.1234567+01:00", "dmy")
	f.Fuzz(func(t *testing.T, text, dates string) {
		nanos, order, ok := record.ParseLocal(text, nil, dates)
		if !ok && nanos != 0 || order > event.DayFirst {
			t.Fatal(nanos, order, ok)
		}
		if ok && (dates == record.MDY && order == event.DayFirst || dates == record.DMY && order == event.MonthFirst) {
			t.Fatalf("%q was turned round for %q", text, dates)
		}
	})
}
