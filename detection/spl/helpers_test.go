package spl_test

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

var _ spl.Event = (*event.Event)(nil)

// ev makes an event from name=value pairs separated by "; ". _time is in
// seconds; without it the event is of second 1000, with "none" of no time.
func ev(pairs string) spl.Event {
	e := &event.Event{EventCode: event.None, Nanos: 1000e9, HasTime: true}
	for pair := range strings.SplitSeq(pairs, "; ") {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case name == "_raw":
			e.Raw = value
		case name == "_time" && value == "none":
			e.HasTime = false
		case name == "_time":
			d, err := time.ParseDuration(value + "s")
			if err != nil {
				panic(err)
			}
			e.Nanos = int64(d)
		case name == "LogName":
			e.Channel = value
		case name == "ComputerName":
			e.Computer = value
		case name != "":
			if name == "EventCode" {
				e.EventCode, _ = strconv.ParseInt(value, 10, 64)
			}
			e.Fields = append(e.Fields, event.Field{Name: name, Value: value})
		}
	}
	return e
}

func evs(lines ...string) iter.Seq[spl.Event] {
	var out []spl.Event
	for _, l := range lines {
		out = append(out, ev(l))
	}
	return slices.Values(out)
}

func compile(t testing.TB, search string) *spl.Plan {
	t.Helper()
	p, err := detection.Compile(search, detection.BuiltInMacros())
	if err != nil {
		t.Fatalf("%s\n%v", search, err)
	}
	return p
}

// text writes a row as a=1 b=2.
func text(r spl.Row) string {
	var parts []string
	for _, f := range r {
		parts = append(parts, f.Name+"="+f.Value)
	}
	return strings.Join(parts, " ")
}
