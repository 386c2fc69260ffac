package materialize_test

import (
	"testing"

	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/event"
)

// TestHost: the spelling is that of the newest event, of several at one second
// the first in the order of bytes, whatever the order they come in.
func TestHost(t *testing.T) {
	timeless := mt.Change("wEb01", 0, "x")
	timeless.HasTime = false
	events := []*event.Event{mt.Change("WEB01", 100, "x"), mt.Change("web01", 200, "x"), mt.Change("Web01", 200, "x"),
		mt.Change("aeb01", 50, "x"), timeless}
	want := materialize.Host{Spelling: "Web01", Events: 5, Timed: true, First: 50, Last: 200}
	for first := range events {
		for step := 1; step < len(events); step++ {
			var h materialize.Host
			for i := range events {
				h.Add(events[(first+i*step)%len(events)])
			}
			if h != want {
				t.Errorf("from %d by %d: %+v, want %+v", first, step, h, want)
			}
		}
	}
	h := materialize.Host{Spelling: "kept"}
	h.Add(timeless)
	if h != (materialize.Host{Spelling: "kept", Events: 1}) {
		t.Errorf("without a time: %+v", h)
	}
	h.Add(mt.Change("x", -5, "x"))
	if h != (materialize.Host{Spelling: "x", Events: 2, Timed: true, First: -5, Last: -5}) {
		t.Errorf("the first with a time: %+v", h)
	}
	h.Newest(nil)
	if h.Spelling != "x" {
		t.Errorf("without events it is %q", h.Spelling)
	}
	h.Newest([]*event.Event{events[1], events[2], events[0]})
	if h.Spelling != "WEB01" {
		t.Errorf("the newest is %q", h.Spelling)
	}
	h.Newest(events[1:2])
	if h.Spelling != "web01" {
		t.Errorf("the one that is left is %q, though what the host was called stands before it", h.Spelling)
	}
}
