package db_test

import (
	"fmt"
	"testing"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

// squeezed does something with so little space that it is refused, then with a
// little more, until it is done. It says how often it was refused.
func (h *house) squeezed(do func() error) (refused int) {
	h.t.Helper()
	for more := 0; ; more = more*3/2 + 1 {
		h.pages(more)
		err := do()
		h.pages(1 << 30)
		if fault.CodeOf(err) != fault.Full {
			h.ok(err)
			return refused
		}
		refused++
	}
}

// pages lets the database have so many pages more than it has.
func (h *house) pages(more int) {
	h.t.Helper()
	h.ok(h.Write(ctx, func(p db.Part) error {
		var n int
		if err := p.Get(`PRAGMA page_count`, nil, &n); err != nil {
			return err
		}
		return p.Get(fmt.Sprintf(`PRAGMA max_page_count = %d`, n+more), nil, &n)
	}))
}

// TestFullDisk: on a full disk an import, a replacement, a deletion, a change of
// the rules and a rule that catches up are refused, and lose nothing: with space
// they come to what they come to undisturbed.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds; run without -short")
	}
	var full, wide house
	for n, h := range []*house{&full, &wide} {
		*h = *newHouse(t, stats(t))
		refused := []int{}
		do := func(what func() error) {
			if n > 0 {
				h.ok(what())
				return
			}
			refused = append(refused, h.squeezed(what))
		}
		var recs []logwriter.Record
		for k := range 300 {
			recs = append(recs, iis([]string{"", "web02", "web03"}[k%3], k*700, int64(k), fmt.Sprintf("/x%d", k%90)))
		}
		a, b := h.begin(intake.Import{Name: "a"}), h.begin(intake.Import{Name: "b"})
		for _, i := range []*intake.Import{a, b} {
			do(func() error {
				c, err := h.StoreBatch(ctx, h.batch(i, recs...))
				if err == nil {
					i.Counts = c
				}
				return err
			})
			recs = recs[100:]
			h.ok(h.FinishImport(ctx, i.ID, "me", intake.Done, ""))
		}
		next := h.replacement(a, "web09")
		do(func() error { return h.Replace(ctx, next.ID, "me", nil) })
		do(func() error { return h.UseRules(ctx, kindSet(t), importer.Decoder{}) })
		do(func() error {
			for {
				if left, err := h.CatchUp(ctx, 100); err != nil || left.Rules == 0 {
					return err
				}
			}
		})
		do(func() error { return h.DeleteImport(ctx, b.ID) })
		if n == 0 {
			for what, times := range refused {
				if times == 0 && what%2 == 0 { // the others need little
					t.Errorf("the %d. was never refused: %v", what+1, refused)
				}
			}
		}
	}
	full.is("with space", full.state(), wide.state())
}

// state is what rests on the events, and the events.
func (h *house) state() (out []string) {
	h.t.Helper()
	for _, r := range kindSet(h.t.(*testing.T)).All() {
		out = append(out, h.rows(r)...)
	}
	all, err := h.AllEvents(ctx)
	h.ok(err)
	for _, e := range all {
		seen, err := h.Sightings(ctx, e.ID)
		h.ok(err)
		for _, s := range seen {
			out = append(out, fmt.Sprintf("\n%+v %d %d %.80q", e, s.Import, s.Offset, s.Raw))
		}
	}
	return out
}
