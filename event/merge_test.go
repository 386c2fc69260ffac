package event_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"escutcheon/event"
)

func sighting(rank int, nanos int64, text, raw string, set func(*event.Event), fields ...event.Field) event.Sighting {
	e := &event.Event{}
	e.Reset()
	e.Nanos, e.HasTime, e.TimeText, e.Raw = nanos, true, text, raw
	e.Fields = fields
	if set != nil {
		set(e)
	}
	return event.Sighting{Event: e, Rank: rank}
}

// TestMerge has one event in four logs, each of which knows something that the
// others do not.
func TestMerge(t *testing.T) {
	evtx := sighting(0, 5_123_000_000, "1970-01-01T00:00:05.123Z", "evtx", func(e *event.Event) {
		e.Message, e.Rendered, e.OpCode, e.Computer = "rendered", true, "Info", "WEB01"
	}, event.Field{Name: "Message", Value: "rendered"}, event.Field{Name: "OpCode", Value: "Info"},
		event.Field{Name: "Data", Value: "a"}, event.Field{Name: "Data", Value: "b"})
	xml := sighting(1, 5_123_456_700, "1970-01-01T00:00:05.1234567Z", "xml", func(e *event.Event) {
		e.Provider, e.Computer = "P", "web01"
	}, event.Field{Name: "Keywords", Value: "0x8"})
	json := sighting(2, 5_000_000_000, "1970-01-01 00:00:05", "json", func(e *event.Event) {
		e.Message, e.OpCode = "json message", "Information"
	}, event.Field{Name: "Message", Value: "json message"}, event.Field{Name: "Keywords", Value: "None"},
		event.Field{Name: "Extra", Value: "x"})
	text := sighting(3, 5_000_000_000, "01/01/1970 12:00:05 AM", "text",
		func(e *event.Event) { e.Message, e.Zoneless = "text message", true },
		event.Field{Name: "Message", Value: "text message"}, event.Field{Name: "Data", Value: "c"})

	all := []event.Sighting{evtx, xml, json, text}
	want := event.Merge(all)
	if want.Message != "json message" || want.Rendered || want.OpCode != "Info" || want.Computer != "WEB01" ||
		want.Provider != "P" {
		t.Errorf("merged: %+v", want)
	}
	if want.Nanos != 5_123_456_700 || want.TimeText != xml.TimeText || want.Zoneless || want.Raw != "evtx" {
		t.Errorf("merged time: %d %q, raw %q", want.Nanos, want.TimeText, want.Raw)
	}
	fields := []event.Field{{Name: "Message", Value: "json message"}, {Name: "OpCode", Value: "Info"},
		{Name: "Data", Value: "a"}, {Name: "Data", Value: "b"},
		{Name: "Keywords", Value: "0x8"}, {Name: "Extra", Value: "x"}}
	if !reflect.DeepEqual(want.Fields, fields) {
		t.Errorf("fields %v", want.Fields)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if got := event.Merge(all); !reflect.DeepEqual(got, want) {
			t.Fatalf("another order gives %+v", got)
		}
	}
	if evtx.Message != "rendered" || evtx.Fields[0].Value != "rendered" {
		t.Error("a sighting was changed")
	}
}

// TestMergeOfEqual: of logs of one format the one with more fields is the best,
// and of times that are as precise the best log's stays.
func TestMergeOfEqual(t *testing.T) {
	zoneless := func(e *event.Event) { e.Zoneless = true }
	few := sighting(1, 5_000_000_000, "1970-01-01 00:00:05", "a", zoneless, event.Field{Name: "Data", Value: "few"})
	more := sighting(1, 5_000_000_000, "1970-01-01T00:00:05Z", "b", nil, event.Field{Name: "Data", Value: "more"},
		event.Field{Name: "Level", Value: "4"})
	worse := sighting(2, 5_000_000_000, "1/1/1970 12:00:05 AM", "c", zoneless)
	got := event.Merge([]event.Sighting{few, worse, more})
	if got.Raw != "b" || !reflect.DeepEqual(got.Fields, more.Fields) {
		t.Errorf("the best is %q with %v, want that with more fields", got.Raw, got.Fields)
	}
	if got.TimeText != more.TimeText || got.Zoneless {
		t.Errorf("the time is %q, zoneless %v; want the best log's", got.TimeText, got.Zoneless)
	}
}

// TestMergeRepeated: a name that the best log lacks has all values of the next
// that has it, and none of those after.
func TestMergeRepeated(t *testing.T) {
	data := func(values ...string) (out []event.Field) {
		for _, v := range values {
			out = append(out, event.Field{Name: "Data", Value: v})
		}
		return out
	}
	got := event.Merge([]event.Sighting{sighting(3, 5, "", "c", nil, data("c")...), sighting(0, 5, "", "a", nil),
		sighting(1, 5, "", "b", nil, data("b1", "b2")...)})
	if want := data("b1", "b2"); !reflect.DeepEqual(got.Fields, want) {
		t.Errorf("fields %v, want %v", got.Fields, want)
	}
}

// TestMergeDottedDate: the year of a date with dots is no fraction of a second.
func TestMergeDottedDate(t *testing.T) {
	js := sighting(2, 5_123_000_000, "2025-12-31T23:59:01.123Z", "j", nil)
	for _, text := range []string{"31.12.2025 23:59:01", "31.12.2025 23.59.01", "31. 12. 2025 23:59:01"} {
		if got := event.Merge([]event.Sighting{js, sighting(3, 5_000_000_000, text, "t", nil)}); got.Nanos != js.Nanos {
			t.Errorf("%s: %d %q, want the milliseconds", text, got.Nanos, got.TimeText)
		}
	}
}
