package materialize_test

import (
	"testing"

	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/event"
)

// TestSetAside: a rule that was set aside goes on where it was when the first new event
// came that it was not run over. Where that came among others that it was run over, or
// a stored event says something else, it begins anew.
func TestSetAside(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *mt.World, c *materialize.Cascade) error
		at   int64 // the cursor
	}{
		{"behind all others", func(w *mt.World, c *materialize.Cascade) error {
			c.First = w.Last + 1
			return w.AddIn(c, mt.Change("web01", hour, "b"), mt.Change("web02", hour, "b"))
		}, 4},
		{"perhaps among others", func(w *mt.World, c *materialize.Cascade) error {
			return w.AddIn(c, mt.Change("web01", hour, "b"))
		}, materialize.Leaving},
		{"among others", func(w *mt.World, c *materialize.Cascade) error {
			e := mt.Change("web01", hour, "c")
			w.Log[3] = e
			matches := w.Rules.MatchBriefly(nil, 0, e, nil)
			c.First = w.Last + 1
			return c.Came([]event.Event{*e}, []int64{3}, matches, w.Rules)
		}, materialize.Leaving},
		{"a change", func(w *mt.World, c *materialize.Cascade) error {
			c.First = w.Last + 1
			return w.ChangeIn(c, 2, mt.Change("web03", hour, "b"))
		}, materialize.Leaving},
		{"one that was known", func(w *mt.World, c *materialize.Cascade) error {
			e := w.Log[1]
			matches := w.Rules.MatchBriefly(nil, 0, e, nil)
			return c.Came([]event.Event{*e}, []int64{0}, matches, w.Rules)
		}, materialize.Ran},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rule(t, "stats")
			w := world(t, r, rule(t, "made"))
			for i := range int64(4) { // the third is yet to come
				w.Add(mt.Change("web01", hour+i, "a"))
			}
			w.Vanish(3)
			w.Rules.SetAside(r)
			w.Do(func(cascade *materialize.Cascade) error { return c.do(w, cascade) })
			equal(t, "cursor", at(w), map[string]int64{"made": materialize.Ran, "stats": c.at})
			w.Rules.Forgive()
			for w.Behind() {
				w.CatchUp(1)
			}
			asFresh(t, w)
		})
	}
}

// TestSetAsideLater: a rule that is behind already stays where it is.
func TestSetAsideLater(t *testing.T) {
	r := rule(t, "stats")
	w := world(t)
	w.Add(mt.Change("web01", hour, "a"), mt.Change("web01", hour, "b"))
	w.Use(r)
	w.CatchUp(1)
	w.Rules.SetAside(r)
	w.Add(mt.Change("web01", hour, "c"))
	w.Change(2, mt.Change("web02", hour, "c"))
	equal(t, "cursor", at(w), map[string]int64{"stats": 1})
	w.Change(1, mt.Change("web02", hour, "c"))
	equal(t, "cursor", at(w), map[string]int64{"stats": materialize.Leaving})
	for w.Behind() {
		w.CatchUp(5)
	}
	asFresh(t, w)
}
