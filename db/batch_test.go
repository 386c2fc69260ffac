package db_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

// TestStoreBatch: counts, hosts, findings and risk of two batches.
func TestStoreBatch(t *testing.T) {
	h := newHouse(t, stats(t))
	i := h.begin(intake.Import{Name: "a"})
	timeless := iis("web02", 0, 9, "/x")
	timeless.Time = time.Time{}
	h.now = base.Add(time.Minute)
	h.put(i, iis("WEB01", 0, 1, "/x"), iis("web01.", 5, 2, "/y"), iis("web01", 0, 1, "/x"))
	h.is("first batch", i.Counts, intake.Counts{Bytes: i.Bytes, Records: 3, Read: 3, New: 2, Duplicate: 1})
	h.put(i, iis("", 7, 3, "/x"), iis("web01", 4000, 4, "/x"))
	want := intake.Counts{Bytes: i.Bytes, Records: 5, Read: 5, New: 4, Duplicate: 1, Nameless: 1}
	h.is("second batch", i.Counts, want)
	got := h.byID(i.ID)
	h.is("as stored", got.Counts, want)
	h.is("sign of life", got.Beat, h.now)
	h.is("findings", h.found(), []string{"web01 1 0 0", "web01 1 4000 4000", "web01 1 5 5"}) // by the spelling
	h.is("host", h.one(`SELECT spelling || ' ' || first || ' ' || last || ' ' || events FROM host WHERE dest = 'web01'`),
		fmt.Sprintf("web01 %d %d 3", base.Unix(), base.Unix()+4000))
	h.is("brought", h.one(`SELECT events FROM import_host`), "3")
	// one was spelled otherwise
	h.is("one block a batch", h.one(`SELECT group_concat(first || '+' || count) FROM block`), "1+3,4+2")
	h.is("nobody is no host", h.one(`SELECT count(*) FROM host`), "1")
	h.is("unattributed", h.one(`SELECT missing FROM unattributed`), "ComputerName")
	totals, err := h.Totals(ctx)
	h.ok(err)
	h.is("totals", []int64{totals.Imports, totals.Events, totals.Hosts, totals.Findings, totals.Notes},
		[]int64{1, 3, 1, 3, 0})
}

// TestBatchRefused: what must not be stored is not, not even in part.
func TestBatchRefused(t *testing.T) {
	h := newHouse(t, stats(t))
	i := h.begin(intake.Import{Name: "a"})
	b := h.batch(i, iis("web01", 0, 1, "/x"))
	store := func(change func(b *intake.Batch)) error {
		one := *b
		change(&one)
		_, err := h.StoreBatch(ctx, &one)
		return err
	}
	h.refuses("another's", store(func(b *intake.Batch) { b.Owner = "you" }), fault.Conflict, "taken the import over")
	h.refuses("a gap", store(func(b *intake.Batch) { b.From = 1 }), fault.Conflict, "stored further")
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := h.StoreBatch(gone, b); err == nil {
		t.Error("a cancelled batch was stored")
	}
	if err := store(func(b *intake.Batch) { b.Import = 99 }); err == nil {
		t.Error("a batch of no import was stored")
	}
	twice := *b // a rejection that is there already fails the whole
	twice.Rejections = []intake.Rejection{{Offset: 1, Reason: "r"}}
	if _, err := h.q.Exec(`INSERT INTO rejection (import_id, n, offset, reason, sample) VALUES (?, 0, 0, '', '')`,
		i.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.StoreBatch(ctx, &twice); err == nil {
		t.Error("a batch that fails at its end was stored")
	}
	for _, table := range []string{"host", "finding", "block", "block_columns", "block_words", "block_bytes",
		"risk_event"} {
		h.is(table, h.one(`SELECT count(*) FROM `+table), "0")
	}
	h.is("events", len(h.stored()), 0)
	h.is("counts", h.byID(i.ID).Counts, intake.Counts{})
	h.ok(store(func(*intake.Batch) {}))
	h.refuses("twice", store(func(*intake.Batch) {}), fault.Conflict, "stored further")
	h.ok(h.FinishImport(ctx, i.ID, "me", intake.Cancelled, ""))
	h.refuses("cancelled", store(func(b *intake.Batch) { b.From = 1 }), fault.Conflict, "was cancelled")
}

// TestRejections: all are kept, the first hundred with their first bytes.
func TestRejections(t *testing.T) {
	h := newHouse(t)
	i := h.begin(intake.Import{Name: "a"})
	for n := range 3 {
		b := h.batch(i)
		for k := range 40 {
			b.Rejections = append(b.Rejections, intake.Rejection{Offset: int64(100*n + k), Length: 3,
				Reason: fmt.Sprint("r", n), Sample: []byte("abc")})
		}
		b.Records = 40
		c, err := h.StoreBatch(ctx, b)
		h.ok(err)
		i.Counts = c
	}
	h.is("counts", []int64{i.Records, i.Rejected, i.Read}, []int64{120, 120, 0})
	shown, err := h.Rejections(ctx, i.ID)
	h.ok(err)
	h.is("shown", len(shown), intake.MaxSamples)
	h.is("the last shown", shown[99], intake.Rejection{Offset: 219, Length: 3, Reason: "r2", Sample: []byte("abc")})
	var all []intake.Rejection
	for r, err := range h.AllRejections(ctx, i.ID) {
		h.ok(err)
		all = append(all, r)
	}
	h.is("all", len(all), 120)
	h.is("the last", all[119], intake.Rejection{Offset: 239, Length: 3, Reason: "r2"})
	h.is("without bytes", h.one(`SELECT count(*) FROM rejection WHERE sample = x''`), "20")
}

// TestRejectedBytes: parts in their order, whenever they come, again in the
// place of the first.
func TestRejectedBytes(t *testing.T) {
	h := newHouse(t)
	for _, p := range []struct {
		n, part int64
		data    string
	}{{4, 1, "two"}, {4, 0, "ONE"}, {5, 0, "x"}, {4, 0, "one "}, {4, 3, "after a gap"}} {
		h.ok(h.KeepRejected(ctx, 7, []intake.RejectedPart{{N: p.n, Part: p.part, Data: []byte(p.data)}}))
	}
	for n, want := range map[int64]string{4: "one two", 5: "x", 6: ""} {
		var b strings.Builder
		size, err := h.WriteRejected(ctx, &b, 7, n)
		h.ok(err)
		h.is("bytes", []any{b.String(), size}, []any{want, len(want)})
	}
}

// TestManyRejected keeps the bytes of many rejections at once.
func TestManyRejected(t *testing.T) {
	h := newHouse(t)
	var parts []intake.RejectedPart
	for n := range int64(3*64 + 5) {
		parts = append(parts, intake.RejectedPart{N: n, Data: []byte(strconv.FormatInt(n, 10))})
	}
	h.ok(h.KeepRejected(ctx, 7, parts))
	for _, p := range parts {
		var b strings.Builder
		_, err := h.WriteRejected(ctx, &b, 7, p.N)
		h.ok(err)
		h.is("bytes", b.String(), string(p.Data))
	}
}

// TestIdentity: an event counts once in whatever import; equal records without
// a number count as often as one file has them.
func TestIdentity(t *testing.T) {
	h := newHouse(t, stats(t))
	same := iis("web01", 0, 1, "/x")
	h.add("a", same)
	spelled := same
	spelled.Computer = "WEB01."
	for what, change := range map[string]func(r *logwriter.Record){
		"second":  func(r *logwriter.Record) { r.Time = r.Time.Add(time.Second) },
		"record":  func(r *logwriter.Record) { r.RecordNumber = 2 },
		"channel": func(r *logwriter.Record) { r.Channel = "Other" }, "code": func(r *logwriter.Record) { r.EventCode = 50 },
		"host": func(r *logwriter.Record) { r.Computer = "web02" },
	} {
		r := same
		change(&r)
		h.is("another "+what, h.add(what, r).New, 1)
	}
	within := same
	within.Time = within.Time.Add(999 * time.Millisecond)
	h.is("again", h.add("b", same, spelled, within).Counts.Duplicate, 3)
	h.is("events", len(h.stored()), 6)
	unnumbered := func(n int) (out []intake.Counts) {
		i := h.begin(intake.Import{Name: fmt.Sprint("n", n)})
		b := h.batch(i, same)
		b.Events[0].RecordNumber, b.Events[0].Raw = -1, "no number"
		for range n - 1 {
			b.Events = append(b.Events, b.Events[0])
		}
		b.Records, b.Matches = int64(n), nil
		c, err := h.StoreBatch(ctx, b)
		h.ok(err)
		return []intake.Counts{c}
	}
	h.is("two of a file are two", unnumbered(2)[0].New, 2)
	h.is("of three in another file one is new", []int64{unnumbered(3)[0].New}, []int64{1})
}

// TestStale: a process whose rules are not those of the database stores nothing.
func TestStale(t *testing.T) {
	h := newHouse(t, stats(t))
	i := h.begin(intake.Import{Name: "a"})
	b := h.batch(i, iis("web01", 0, 1, "/x"))
	other := h.open(h.Path())
	table := detection.NewRules([]*detection.Rule{stats(t), mt.Rule(t, "table", mt.Searches["table"], "")})
	h.ok(other.UseRules(ctx, table, importer.Decoder{}))
	_, err := h.StoreBatch(ctx, b)
	_, err2 := h.CatchUp(ctx, 10)
	for what, err := range map[string]error{"batch": err, "catch up": err2, "deletion": h.FinishImport(ctx, i.ID, "me",
		intake.Done, "")} {
		if what == "deletion" {
			h.ok(err)
			err = h.DeleteImport(ctx, i.ID)
		}
		if err == nil || !strings.Contains(err.Error(), intake.ErrStale.Error()) {
			t.Errorf("%s: %v, want that the rules were changed", what, err)
		}
	}
	h.is("nothing is stored", len(h.stored()), 0)
	j := h.begin(intake.Import{Name: "b"})
	h.ok(h.UseRules(ctx, table, importer.Decoder{})) // the batch has matches of other rules
	b = h.batch(j, iis("web01", 0, 1, "/x"))
	h.rules = table
	_, err = h.StoreBatch(ctx, b)
	h.ok(err)
	h.is("matched again", h.one(`SELECT count(DISTINCT rule_id) FROM finding`), "2")
}

// TestSeenTwiceInOneBatch: what several further sightings in one batch add is
// what they add one by one.
func TestSeenTwiceInOneBatch(t *testing.T) {
	h := newHouse(t, stats(t))
	first := iis("web01", 0, 1, "/x")
	with := func(later time.Duration, names ...string) logwriter.Record {
		r := first
		r.Time, r.Data = r.Time.Add(later), slices.Clone(r.Data)
		for _, n := range names {
			r.Data = append(r.Data, event.Field{Name: n, Value: "anna"})
		}
		return r
	}
	h.add("a", first)
	h.add("b", with(time.Second/2, "user", "other"), with(0, "more"))
	f, err := h.FindingByKey(ctx, keyOf("stats", "web01"))
	h.ok(err)
	h.is("its time and user", []any{h.nanos(1), f.Row[5]}, []any{500000000, "anna"})
}
