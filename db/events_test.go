package db_test

import (
	"slices"
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// TestEvents: the events of a finding, the newest first and of one second the
// one stored last, page by page there and back.
func TestEvents(t *testing.T) {
	h := newHouse(t, stats(t))
	h.add("a", iis("web01", 5, 1, "/x"), iis("web01", 9, 2, "/x"), iis("web01", 5, 3, "/x"), iis("web02", 5, 4, "/x"),
		iis("web01", 7, 5, "/x"))
	key := keyOf("stats", "web01")
	want := []int64{2, 5, 3, 1}
	for limit := 1; limit <= 5; limit++ {
		var there, back []int64
		p := store.Page{Limit: limit}
		for {
			page, c := h.events(key, p)
			there = append(there, page...)
			if c.After == "" {
				back, p.After, p.Before = page, "", c.Before
				break
			}
			p.After = c.After
		}
		for p.Before != "" {
			page, c := h.events(key, p)
			back, p.Before = append(slices.Clone(page), back...), c.Before
		}
		h.is("there", there, want)
		h.is("back", back, want)
	}
	oldest, _ := h.events(key, store.Page{Limit: 9, Asc: true})
	slices.Reverse(oldest)
	h.is("oldest first", oldest, want)
}

// TestEventByID: what makes an event one event.
func TestEventByID(t *testing.T) {
	h := newHouse(t)
	r := iis("WEB01.", 5, 1, "/x")
	r.Time = r.Time.Add(250 * time.Millisecond)
	bare := iis("", 0, 2, "/x")
	h.add("a", r, bare)
	e, err := h.EventByID(ctx, 1)
	h.ok(err)
	h.is("event", e, store.EventRef{ID: 1, Dest: "web01", Channel: event.IISConfiguration, Provider: event.IISProvider,
		Code: 29, Record: 1,
		Second: base.Unix() + 5, Nanos: 250_000_000, HasTime: true})
	e, err = h.EventByID(ctx, 2)
	h.ok(err)
	h.is("without a host", []any{e.Dest, e.HasTime}, []any{"", true})
	_, err = h.EventByID(ctx, 3)
	h.refuses("none", err, fault.NotFound, "no event 3")
}

// TestTimeless: an event without a time comes last, and in no finding.
func TestTimeless(t *testing.T) {
	h := newHouse(t, stats(t))
	i := h.begin(intake.Import{Name: "a"})
	b := h.batch(i, iis("web01", 0, 1, "/x"), iis("", -9, 2, "/x"), iis("web02", 0, 3, "/x"))
	b.Events[0].HasTime = false
	b.Matches = nil
	for n := range b.Events {
		b.Matches = h.rules.Match(b.Matches, n, &b.Events[n])
	}
	c, err := h.StoreBatch(ctx, b)
	h.ok(err)
	h.is("counts", []int64{c.New, c.Timeless, c.Nameless}, []int64{3, 1, 1})
	h.is("its host has no time of it", h.one(`SELECT events || ifnull(first, 'none') FROM host WHERE dest = 'web01'`),
		"1none")
	ids := func(f store.EventFilter) (out []int64) {
		list, _, err := h.Events(ctx, f, store.Page{Limit: 9})
		h.ok(err)
		for _, e := range list {
			out = append(out, e.ID)
		}
		return out
	}
	h.is("last", ids(store.EventFilter{}), []int64{2, 1})
	h.is("of a rule", ids(store.EventFilter{Rule: "stats"}), []int64{2, 1})
	h.is("of another", len(ids(store.EventFilter{Rule: "x"})), 0)
	h.is("of a host", ids(store.EventFilter{Dest: "web01"}), []int64{1})
	h.is("for want of a time", ids(store.EventFilter{Missing: "_time"}), []int64{1})
}
