package sniff_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

func viewerCSV(dates ...string) string {
	s := "Level,Date and Time,Source,Event ID,Task Category\n"
	for _, d := range dates {
		s += "Error," + d + ",P,7,None,\"é m\"\n"
	}
	return s
}

func TestInspect(t *testing.T) {
	const fixed, open, month, day = event.DatesFixed, event.DatesOpen, event.MonthFirst, event.DayFirst
	for _, c := range []struct {
		name, in                     string
		events, zoneless, noComputer int
		dates                        event.DateOrder
	}{
		{"open", viewerCSV("6/1/2026 9:00:00", "6/2/2026 9:00:00"), 2, 2, 2, open},
		{"month first", viewerCSV("6/1/2026 9:00:00", "6/13/2026 9:00:00", "6/2/2026 9:00:00"), 3, 3, 3, month},
		{"day first", viewerCSV("6/1/2026 9:00:00", "13/6/2026 9:00:00"), 2, 2, 2, day},
		{"contradicting", viewerCSV("6/13/2026 9:00:00", "13/6/2026 9:00:00"), 2, 2, 2, open},
		{"ISO", viewerCSV("2026-06-01 09:00:00"), 1, 1, 1, fixed},
		{"text", events(textEvent, 3), 3, 3, 0, fixed},
		{"XML", events(xmlEvent, 3), 3, 0, 0, fixed},
		{"XML without computer", strings.ReplaceAll(events(xmlEvent, 3), "<Computer>a.example</Computer>", ""), 3, 0, 3,
			fixed},
	} {
		for _, in := range [][]byte{[]byte(c.in), zipped(t, c.in), utf16(c.in, record.UTF16LE, true)} {
			got, err := sniff.Inspect(bytes.NewReader(in), record.Options{Computer: "asked"}, 2)
			if err != nil || got.Events != c.events || got.Zoneless != c.zoneless || got.NoComputer != c.noComputer ||
				got.Dates != c.dates || len(got.Examples) != min(2, c.events) {
				t.Errorf("%s: %+v %v", c.name, got, err)
			}
		}
	}
	got, err := sniff.Inspect(strings.NewReader(viewerCSV("13/6/2026 9:00:00")), record.Options{Dates: record.MDY}, 2)
	if want := `[{13/6/2026 9:00:00 0 false  7 Error,13/6/2026 9:00:00,P,7,None,"é m"}]`; err != nil ||
		fmt.Sprint(got.Examples) != want || got.Zoneless != 1 {
		t.Errorf("%+v %v", got, err)
	}
	_, err = sniff.Inspect(strings.NewReader("nothing"), record.Options{}, 2)
	var u *sniff.Unknown
	if !errors.As(err, &u) {
		t.Error(err)
	}
}

// TestInspectStops has Inspect read no more than the head of a stream that
// never ends.
func TestInspectStops(t *testing.T) {
	for format, form := range forms {
		r := &endless{unit: "abc\n", n: 1 << 30}
		in := io.MultiReader(strings.NewReader(events(form, 5)), r)
		if got, err := sniff.Inspect(in, record.Options{}, 1); err != nil || got.Events < 4 || 1<<30-r.n > 2*sniff.HeadSize {
			t.Errorf("%s: %+v %v, %d bytes read", format, got, err, 1<<30-r.n)
		}
	}
}

// TestInspectEVTX has a log that leaves nothing open.
func TestInspectEVTX(t *testing.T) {
	in := shared(t, "samples/evtx/15-2-vss_7-System.evtx")
	got, err := sniff.Inspect(bytes.NewReader(in), record.Options{}, 1)
	if err != nil || got.Format != sniff.EVTX || got.Events < 100 || got.Zoneless != 0 || got.NoComputer != 0 ||
		got.Dates != event.DatesFixed {
		t.Errorf("%+v %v", got, err)
	}
	if len(got.Examples) != 1 || !strings.HasPrefix(got.Examples[0].Start, "<Event ") {
		t.Errorf("%+v", got.Examples)
	}
}
