package db_test

import (
	"fmt"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/intake"
	"escutcheon/store"
)

// scores are those of three hosts as the list has them, and as their pages do.
func (h *house) scores() (list, pages string) {
	h.t.Helper()
	all, _, err := h.Hosts(ctx, store.HostFilter{Now: h.now.Unix()}, store.Page{Limit: 10, Sort: "dest", Asc: true})
	h.ok(err)
	for _, one := range all {
		alone, err := h.HostByDest(ctx, store.HostFilter{Dest: one.Dest, Now: h.now.Unix()})
		h.ok(err)
		list, pages = list+fmt.Sprintf("%s %d. ", one.Dest, one.Score), pages+fmt.Sprintf("%s %d. ", one.Dest, alone.Score)
	}
	return list, pages
}

// many are records of three hosts, more than a small batch has.
func many(hour int) (recs []logwriter.Record) {
	for n := range 300 {
		recs = append(recs, iis(fmt.Sprintf("web0%d", 1+n%3), hour*3600+n, int64(1000*hour+n), "/x"))
	}
	return recs
}

// TestLate: what the large batches of an import leave of risk, pages of one host
// show at once and lists when the import has ended, or goes on no more.
func TestLate(t *testing.T) {
	const none, one, two = "web01 0. web02 0. web03 0. ", "web01 40. web02 40. web03 40. ", "web01 80. web02 80. web03 80. "
	h := newHouse(t, stats(t))
	h.now = base.Add(24 * time.Hour)
	is := func(what, list, pages string) {
		t.Helper()
		gotList, gotPages := h.scores()
		h.is(what+", the list", gotList, list)
		h.is(what+", a page", gotPages, pages)
	}
	i := h.begin(intake.Import{Name: "a"})
	h.put(i, many(0)...)
	is("the first batch", one, one)
	h.PassLate(time.Hour)
	h.put(i, many(2)...)
	is("the next", one, two)
	h.ok(h.RefreshLate(ctx))
	is("others leave it to the import", one, two)
	h.PassLate(0)
	h.put(i, many(2)...)
	is("a pass", two, two)

	h.PassLate(time.Hour)
	h.put(i, many(4)...)
	h.ok(h.FinishImport(ctx, i.ID, "me", intake.Done, ""))
	h.is("left", h.one(`SELECT count(*) FROM risk_touched`)+h.one(`SELECT count(*) FROM sequence WHERE name = 'late'`), "00")
	list, pages := h.scores()
	h.is("at the end", list, pages)

	other := newHouse(t, stats(t))
	h, other.now = other, h.now
	i = h.begin(intake.Import{Name: "b"})
	h.PassLate(time.Hour)
	h.put(i, many(0)...)
	is("left by an import", none, one)
	if _, err := h.q.Exec(`UPDATE sequence SET last = last - 60 WHERE name = 'late'`); err != nil {
		t.Fatal(err)
	}
	is("that goes on no more", one, one)
	h.ok(h.RefreshLate(ctx))
	h.is("which others settle", h.one(`SELECT count(*) FROM risk_touched`), "0")
	is("for good", one, one)
}

// TestLateInSteps: a pass over more than a transaction takes settles all of it.
func TestLateInSteps(t *testing.T) {
	h := newHouse(t, stats(t))
	h.PassLate(time.Hour)
	i := h.begin(intake.Import{Name: "a"})
	var recs []logwriter.Record
	for n := range 2000 {
		recs = append(recs, iis(fmt.Sprint("web", n), 0, int64(n), "/x"))
	}
	h.put(i, recs...)
	h.ok(h.FinishImport(ctx, i.ID, "me", intake.Done, ""))
	h.is("left", h.one(`SELECT count(*) FROM risk_touched`), "0")
	h.is("scored", h.one(`SELECT count(*) FROM object_risk WHERE object_type = 'system' AND rule_id = '' AND score = 40`),
		"2000")
}
