package db_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
)

// replacement records an import with other answers in the place of one.
func (h *house) replacement(old *intake.Import, computer string) *intake.Import {
	h.t.Helper()
	return h.begin(intake.Import{Name: old.Name, Replaces: old.ID, Computer: computer, Size: 1234})
}

// TestReplace: the stored records are read with the other answers, and all is as
// if they had been from the start.
func TestReplace(t *testing.T) {
	h := newHouse(t, stats(t))
	a := h.begin(intake.Import{Name: "a"})
	h.put(a, iis("", 0, 1, "/x"), iis("web02", 5, 2, "/x"))
	rejected := h.batch(a, iis("", 9, 3, "/y"))
	rejected.Rejections, rejected.Records = []intake.Rejection{{Offset: 3, Length: 2, Reason: "r",
		Sample: []byte("ab")}}, 2
	_, err := h.StoreBatch(ctx, rejected)
	h.ok(err)
	h.ok(h.KeepRejected(ctx, a.ID, []intake.RejectedPart{{Data: []byte("ab")}}))
	h.ok(h.FinishImport(ctx, a.ID, "me", intake.Done, ""))
	h.add("other", iis("web02", 5, 2, "/x"))
	h.is("before", h.found(), []string{"web02 1 5 5"})
	h.now = base.Add(time.Hour)
	n := h.replacement(a, "WEB09")
	var told []int64
	h.ok(h.Replace(ctx, n.ID, "me", func(c intake.Counts) { told = append(told, c.Read, c.New) }))
	h.is("after", h.found(), []string{"web09 2 0 9", "web02 1 5 5"}) // by the spelling
	h.is("progress", told, []int64{3, 2})
	i := h.byID(n.ID)
	h.is("its counts", []any{i.Bytes, i.Records, i.Read, i.New, i.Duplicate, i.Rejected, i.Nameless, i.Beat},
		[]any{int64(1234), int64(3), int64(3), int64(2), int64(1), int64(1), int64(0), h.now})
	if _, err := h.ImportByID(ctx, a.ID); err == nil {
		t.Error("the one that was replaced is still there")
	}
	by, err := h.ReplacedBy(ctx, a.ID)
	h.ok(err)
	h.is("by", by, n.ID)
	samples, err := h.Rejections(ctx, n.ID)
	h.ok(err)
	h.is("rejections", samples, []intake.Rejection{{Offset: 3, Length: 2, Reason: "r", Sample: []byte("ab")}})
	h.is("rejected bytes", h.one(`SELECT count(*) FROM rejected_bytes WHERE import_id = ?`, n.ID), "1")
	h.is("hosts", h.one(`SELECT group_concat(dest || events) FROM host`), "web021,web092")
}

// TestReplaceOrder: records come again in the file's order, whichever of them
// were seen before and wherever their bytes are.
func TestReplaceOrder(t *testing.T) {
	h := newHouse(t, stats(t))
	first := iis("web01", 0, 2, "/x")
	variant := first
	variant.Time = variant.Time.Add(time.Millisecond)
	h.add("before", first)
	a := h.add("a", iis("web01", 0, 1, "/x"), first, iis("web01", 0, 3, "/x"), variant, iis("web01", 0, 4, "/x"), first)
	n := h.replacement(a, "")
	h.ok(h.Replace(ctx, n.ID, "me", nil))
	var was []int64
	seen, err := h.Sightings(ctx, 1)
	h.ok(err)
	for _, s := range seen {
		if s.Import == n.ID {
			was = append(was, s.Offset)
		}
	}
	length := a.Bytes / 6
	if len(was) != 3 || was[0]/length != 1 || was[1]/length != 3 || was[2]/length != 5 {
		t.Errorf("offsets %v of records of %d bytes, want the second, fourth and sixth", was, length)
	}
	i := h.byID(n.ID)
	h.is("counts", []int64{i.Records, i.New, i.Duplicate}, []int64{6, 0, 6}) // the old ones were still there
	h.is("found", h.found(), []string{"web01 4 0 0"})
}

// TestReplaceArchive: the members come again below the new archive, and keep
// what became of them.
func TestReplaceArchive(t *testing.T) {
	h := newHouse(t, stats(t))
	archive := h.begin(intake.Import{Name: "zip"})
	bad := h.begin(intake.Import{Name: "bad", Parent: archive.ID, Ordinal: 1})
	h.ok(h.FinishImport(ctx, bad.ID, "me", intake.Failed, "no log"))
	m := h.begin(intake.Import{Name: "m", Parent: archive.ID, Ordinal: 2})
	h.put(m, iis("", 0, 1, "/x"))
	h.now = base.Add(time.Hour)
	h.ok(h.FinishImport(ctx, m.ID, "me", intake.Done, ""))
	h.ok(h.FinishImport(ctx, archive.ID, "me", intake.Done, ""))
	finished := h.byID(m.ID).Finished
	h.now = base.Add(2 * time.Hour)
	n := h.replacement(archive, "web09")
	h.ok(h.Replace(ctx, n.ID, "me", nil))
	members, err := h.Members(ctx, n.ID)
	h.ok(err)
	h.is("members", []any{len(members), members[0].Name, members[0].Status, members[0].Reason, members[1].Name,
		members[1].Computer, members[1].Status,
		members[1].Finished, members[1].Owner}, []any{2, "bad", intake.Failed, "no log", "m", "web09", intake.Done,
		finished, ""})
	h.is("counts of the archive", []int64{h.byID(n.ID).New, h.byID(n.ID).Skipped}, []int64{1, 1})
	h.is("found", h.found(), []string{"web09 1 0 0"})
	h.is("nothing else", h.one(`SELECT count(*) FROM import`), "3")
}

// failing decodes nothing any more.
type failing struct{}

var errDecode = errors.New("cannot decode")

func (failing) Merge([]intake.Sighting) (event.Event, error) { return event.Event{}, errDecode }

// TestReplaceFails: a replacement that fails leaves all as it was.
func TestReplaceFails(t *testing.T) {
	h := newHouse(t, stats(t))
	a := h.add("a", iis("web01", 0, 1, "/x"))
	n := h.replacement(a, "web09")
	if err := h.Replace(ctx, n.ID, "you", nil); err == nil {
		t.Error("another process's import took a place")
	}
	h.ok(h.UseRules(ctx, h.rules, failing{}))
	if err := h.Replace(ctx, n.ID, "me", nil); !errors.Is(err, errDecode) {
		t.Errorf("%v, want that it cannot be decoded", err)
	}
	h.is("found", h.found(), []string{"web01 1 0 0"})
	h.is("the old one", h.byID(a.ID).Counts, a.Counts)
	h.is("the new one", h.byID(n.ID).Counts, intake.Counts{})
	h.ok(h.UseRules(ctx, h.rules, importer.Decoder{}))
	h.ok(h.Replace(ctx, n.ID, "me", nil))
}

// calling decodes as others do, and calls something before each event.
type calling struct {
	importer.Decoder
	call func()
}

func (c calling) Merge(seen []intake.Sighting) (event.Event, error) {
	c.call()
	return c.Decoder.Merge(seen)
}

// TestReplaceGivesWay: a write that waits while the switch goes on is let through,
// and the switch begins again; in between all is as it was.
func TestReplaceGivesWay(t *testing.T) {
	h := newHouse(t, stats(t))
	h.GiveWay()
	a := h.add("a", iis("", 0, 1, "/x"), iis("", 5, 2, "/x"), iis("web01", 9, 3, "/x"))
	n := h.replacement(a, "web09")
	before := h.found()
	noted := make(chan error, 1)
	var ready, begun atomic.Int64
	h.ok(h.UseRules(ctx, h.rules, calling{call: func() {
		if ready.Load() == 0 || begun.Add(1) > 1 { // it is made ready, or has begun before
			return
		}
		go func() {
			_, err := h.AddNote(ctx, store.Note{Dest: "web01", Author: "a", Text: "b"})
			noted <- err
		}()
		for h.Queued() == 0 { // a test that hangs here has failed
			time.Sleep(time.Millisecond)
		}
		h.is("meanwhile", h.found(), before)
	}}))
	h.ok(h.Replace(ctx, n.ID, "me", func(intake.Counts) { ready.Store(1) }))
	h.ok(<-noted)
	decoded := 4
	if h.at.At != "" { // and the record of web01's that ClickHouse counts
		decoded++
	}
	h.is("events decoded in the switch, twice", begun.Load(), decoded)
	h.is("found", h.found(), []string{"web01 1 9 9", "web09 2 0 5"})
}

// TestReplaceNumbers: events that are new by the other answers get their numbers
// in the file's order, those that another import saw first among them.
func TestReplaceNumbers(t *testing.T) {
	h := newHouse(t)
	h.add("before", iis("", 0, 2, "/x"))
	a := h.add("a", iis("", 0, 1, "/x"), iis("", 0, 2, "/x"), iis("", 0, 3, "/x"))
	n := h.replacement(a, "web09")
	h.ok(h.Replace(ctx, n.ID, "me", nil))
	all, err := h.AllEvents(ctx)
	h.ok(err)
	records := map[string][]int64{}
	for _, e := range all {
		records[e.Dest] = append(records[e.Dest], e.Record)
	}
	h.is("order", records["web09"], []int64{1, 2, 3})
	h.is("the one that another import saw stays", records[""], []int64{2})
}
