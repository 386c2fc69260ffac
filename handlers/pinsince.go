package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// sinceOf says of what was pinned what is not in this database any more, or
// says something else now. That is no damage: a pin is what was there when it was made.
// Of a case that was brought from another machine, nothing says that its logs were ever
// here.
func (h *Handlers) sinceOf(ctx context.Context, pins []store.Pin, brought bool) (out []store.Difference, err error) {
	ledgers := map[string]store.Ledger{} // each host's is made once
	for _, p := range pins {
		say := ""
		switch p.Kind {
		case store.PinFinding:
			say, err = h.findingSince(ctx, p)
		case store.PinModule:
			say, err = h.moduleSince(ctx, p, ledgers)
		case store.PinFile:
			if h.fileIfSame(ctx, p) == "" {
				say = "the file" + notHere
			}
		default:
			if h.eventIfSame(ctx, p, p.Event()) == "" {
				say = "the event" + notHere
			}
		}
		if err != nil {
			return nil, err
		}
		if say != "" && !(brought && strings.HasSuffix(say, notHere)) {
			out = append(out, store.Difference{Object: fmt.Sprintf("evidence %d", p.ID), What: say})
		}
	}
	return out, nil
}

const notHere = " is not in this database"

func (h *Handlers) findingSince(ctx context.Context, p store.Pin) (string, error) {
	f, err := h.Ask.Findings.FindingByKey(ctx, p.Ref)
	if fault.CodeOf(err) == fault.NotFound {
		return "the finding" + notHere, nil
	}
	if err != nil {
		return "", err
	}
	was, first, last := p.Finding(), atSecond(f.First), atSecond(f.Last)
	var now []string
	if f.Count != was.Count {
		now = append(now, fmt.Sprintf("it has %d events, not %d", f.Count, was.Count))
	}
	if first != was.First {
		now = append(now, "its first event was at "+first+", not at "+was.First)
	}
	if last != was.Last {
		now = append(now, "its last event was at "+last+", not at "+was.Last)
	}
	if now == nil {
		return "", nil
	}
	return "now " + strings.Join(now, ", "), nil
}

// relied are the pins of a case's items, by time.
func relied(w store.WholeCase) (out []store.Pin) {
	for _, i := range byTime(w) {
		if p, ok := w.Pins[i.Pin]; ok {
			out = append(out, p)
		}
	}
	return out
}

// timeOfItem is when it happened what an item is about; zero for a host.
func timeOfItem(w store.WholeCase, i store.CaseItem) time.Time {
	if i.Kind == store.ItemNote {
		return parseTime(noteThen(i).Created)
	}
	return w.Pins[i.Pin].At
}
