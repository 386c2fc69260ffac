package materialize

import "escutcheon/event"

// Host is what the events of one host come to.
type Host struct {
	Spelling    string // of its newest event; of several at one second the first in the order of bytes
	Events      int64
	Timed       bool  // some event has a time
	First, Last int64 // second of the first and last event; no sense unless Timed
}

// Add counts a new event in. The order of events does not matter.
func (h *Host) Add(e *event.Event) {
	h.Events++
	if !e.HasTime {
		return
	}
	second := e.Second()
	if !h.Timed {
		h.Timed, h.First, h.Last, h.Spelling = true, second, second, e.Computer
		return
	}
	if second > h.Last || second == h.Last && e.Computer < h.Spelling {
		h.Spelling = e.Computer
	}
	h.First, h.Last = min(h.First, second), max(h.Last, second)
}

// Newest gives the host the spelling of its events at Last, if there are any.
func (h *Host) Newest(events []*event.Event) {
	for i, e := range events {
		if i == 0 || e.Computer < h.Spelling {
			h.Spelling = e.Computer
		}
	}
}
