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

// TestDelete: what rests on an import alone goes, what others saw stays, notes
// stay with their host.
func TestDelete(t *testing.T) {
	h := newHouse(t, stats(t))
	a := h.add("a", iis("web01", 0, 1, "/x"), iis("web01", 10, 2, "/x"), iis("web02", 0, 3, "/x"),
		iis("web03", 0, 4, "/x"))
	b := h.add("b", iis("web01", 0, 1, "/x"), iis("web01", 4000, 5, "/x"))
	_, err := h.AddNote(ctx, store.Note{Dest: "web02", Author: "anna", Text: "x"})
	h.ok(err)
	rests, err := h.RestsOn(ctx, a.ID)
	h.ok(err)
	h.is("rests on a", []int64{rests.Events, rests.Findings, rests.Hosts}, []int64{3, 2, 2})
	rests, err = h.RestsOn(ctx, b.ID)
	h.ok(err)
	h.is("rests on b", []int64{rests.Events, rests.Findings, rests.Hosts}, []int64{1, 0, 0})
	h.ok(h.DeleteImport(ctx, a.ID))
	h.is("findings", h.found(), []string{"web01 2 0 4000"})
	h.is("hosts", h.one(`SELECT group_concat(dest || events) FROM host`), "web012,web020")
	h.is("a host without events has no times", h.one(`SELECT first FROM host WHERE dest = 'web02'`), "")
	h.is("risk", h.one(`SELECT count(*) FROM risk_event`), "2")
	h.is("events", h.stored(), []int64{1, 5})
	seen, err := h.Sightings(ctx, 1)
	h.ok(err)
	h.is("seen in b", []any{len(seen), seen[0].Import}, []any{1, b.ID})
	_, err = h.Sightings(ctx, 2)
	h.refuses("an event that is gone", err, fault.NotFound, "no event 2")
	_, err = h.ImportByID(ctx, a.ID)
	h.refuses("the import", err, fault.NotFound, "no import")
	h.ok(h.DeleteImport(ctx, b.ID))
	h.is("events", len(h.stored()), 0)
	for _, table := range []string{"finding", "finding_window", "finding_event", "risk_event", "threat_object",
		"block", "block_columns", "block_words", "block_bytes", "bare", "again", "import", "import_host", "unattributed"} {
		h.is(table, h.one(`SELECT count(*) FROM `+table), "0")
	}
	c := h.add("c", iis("web01", 0, 1, "/x"))
	h.is("numbers are not given again", []any{c.ID, h.stored()}, []any{b.ID + 1, []int64{6}})
}

// TestDeleteRefused: an import must have ended, or ask.
func TestDeleteRefused(t *testing.T) {
	h := newHouse(t)
	h.refuses("none", h.DeleteImport(ctx, 9), fault.NotFound, "no import 9")
	running := h.begin(intake.Import{Name: "a"})
	h.refuses("running", h.DeleteImport(ctx, running.ID), fault.Conflict, "is running")
	h.ok(h.Ask(ctx, running.ID))
	h.ok(h.DeleteImport(ctx, running.ID))
}

// TestDeleteHosts: the times and the spelling of a host are those of what is
// left.
func TestDeleteHosts(t *testing.T) {
	h := newHouse(t)
	h.add("a", iis("web01", 10, 1, "/x"), iis("Web01", 20, 2, "/x"), iis("WEB01", 20, 3, "/x"))
	b := h.add("b", iis("wEB01", 0, 4, "/x"), iis("weB01", 30, 5, "/x"))
	of := func() string {
		return h.one(`SELECT spelling || ' ' || (first - ?1) || ' ' || (last - ?1) || ' ' || events FROM host`, base.Unix())
	}
	h.is("before", of(), "weB01 0 30 5")
	h.ok(h.DeleteImport(ctx, b.ID))
	h.is("after", of(), "WEB01 10 20 3")
	timeless := iis("web01", 0, 6, "/x")
	timeless.Time = time.Time{}
	c := h.add("c", iis("web01", 40, 7, "/x"), timeless)
	h.is("with one that has no time", of(), "web01 10 40 5")
	h.ok(h.DeleteImport(ctx, c.ID))
	h.is("after it went last", of(), "WEB01 10 20 3")
}

// TestInherit: another import of the same file takes a deleted one's place, and
// nothing else changes.
func TestInherit(t *testing.T) {
	h := newHouse(t, stats(t))
	like := intake.Import{Name: "a", SHA256: "ab", Size: 9}
	first := h.begin(like)
	h.put(first, iis("web01", 0, 1, "/x"))
	h.ok(h.FinishImport(ctx, first.ID, "me", intake.Done, ""))
	var repeats []int64
	for range 2 {
		i := h.begin(like)
		same, err := h.Recognise(ctx, h.byID(i.ID), "me")
		h.ok(err)
		h.is("recognised", same, true)
		repeats = append(repeats, i.ID)
	}
	found := h.found()
	h.ok(h.DeleteImport(ctx, first.ID))
	h.is("findings", h.found(), found)
	h.is("heir", []int64{h.byID(repeats[0]).SameAs, h.byID(repeats[1]).SameAs}, []int64{0, repeats[0]})
	seen, err := h.Sightings(ctx, 1)
	h.ok(err)
	h.is("seen in the heir", seen[0].Import, repeats[0])
	h.is("brought by the heir", h.one(`SELECT import_id FROM import_host`), h.one(`SELECT ?`, repeats[0]))
	h.ok(h.DeleteImport(ctx, repeats[0]))
	h.is("findings of the last", h.found(), found)
	h.ok(h.DeleteImport(ctx, repeats[1]))
	h.is("none", len(h.found()), 0)
}

// TestDeleteArchive: members go with it, unless the same archive is there again.
func TestDeleteArchive(t *testing.T) {
	h := newHouse(t, stats(t))
	archive := h.begin(intake.Import{Name: "zip"})
	m := h.begin(intake.Import{Name: "m", Parent: archive.ID, Ordinal: 1})
	h.put(m, iis("web01", 0, 1, "/x"))
	h.ok(h.FinishImport(ctx, m.ID, "me", intake.Done, ""))
	h.ok(h.FinishImport(ctx, archive.ID, "me", intake.Done, ""))
	again := h.begin(intake.Import{Name: "zip"})
	same, err := h.Recognise(ctx, h.byID(again.ID), "me")
	h.ok(err)
	h.is("again", same, true)
	h.ok(h.DeleteImport(ctx, archive.ID))
	h.is("the member is the other's", h.byID(m.ID).Parent, again.ID)
	h.is("findings", len(h.found()), 1)
	h.ok(h.DeleteImport(ctx, again.ID))
	h.is("no findings", len(h.found()), 0)
	_, err = h.ImportByID(ctx, m.ID)
	h.refuses("the member", err, fault.NotFound, "no import")
}

// TestSightings: every place where an event stands; bytes that say more change
// what it says, until they are gone.
func TestSightings(t *testing.T) {
	h := newHouse(t, stats(t))
	first, other := iis("web01", 0, 1, "/x"), iis("web01", 0, 1, "/x")
	other.Time = other.Time.Add(500 * time.Millisecond)
	other.Data = append(slices.Clone(other.Data), event.Field{Name: "user", Value: "anna"})
	user := func() string {
		f, err := h.FindingByKey(ctx, keyOf("stats", "web01"))
		h.ok(err)
		return f.Row[5]
	}
	a := h.add("a", iis("web02", 0, 9, "/x"), first)
	b := h.add("b", first, first)
	seen, err := h.Sightings(ctx, 2)
	h.ok(err)
	h.is("three", []any{len(seen), seen[0].Import, seen[1].Import, seen[2].Import, seen[1].Offset, seen[2].Offset > 0},
		[]any{3, a.ID, b.ID, b.ID, int64(0), true})
	h.is("one record", []int64{seen[0].Record, seen[1].Record, seen[2].Record}, []int64{2, 2, 2})
	h.is("at its offset", seen[0].Offset, int64(len(seen[0].Raw))) // the record before is as long
	nanos := h.nanos(2)
	h.is("nobody yet", user(), "")
	c := h.add("c", other)
	h.is("what the other adds is seen at once", user(), "anna")
	seen, err = h.Sightings(ctx, 2)
	h.ok(err)
	h.is("other bytes are another record", []any{len(seen), seen[3].Record, seen[3].Raw != seen[0].Raw},
		[]any{4, int64(3), true})
	h.is("the finding has it once", h.found(), []string{"web01 1 0 0", "web02 1 0 0"})
	h.ok(h.DeleteImport(ctx, a.ID))
	h.ok(h.DeleteImport(ctx, b.ID))
	h.is("its time is now the other's", []any{nanos, h.nanos(2)}, []any{0, 500000000})
	h.is("bytes that nobody needs are gone", h.one(`SELECT group_concat(size > 0) FROM block`), "0,1")
	h.ok(h.DeleteImport(ctx, c.ID))
	h.is("all is gone", h.one(`SELECT (SELECT count(*) FROM block) + (SELECT count(*) FROM again)`), "0")
	h.is("no events", len(h.stored()), 0)
}
