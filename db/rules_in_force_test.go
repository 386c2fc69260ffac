package db_test

import (
	"testing"

	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/intake"
	"escutcheon/store"
)

// TestUseRules: the version counts changes alone.
func TestUseRules(t *testing.T) {
	h := newHouse(t)
	version := func() int64 {
		n, err := h.RuleVersion(ctx)
		h.ok(err)
		return n
	}
	first := version()
	h.use(stats(t))
	h.is("a rule came", version(), first+1)
	h.use(stats(t))
	h.is("nothing changed", version(), first+1)
	h.use(mt.Rule(t, "stats", mt.Searches["stats"], `NOT dest="x"`))
	h.is("a filter came", version(), first+2)
	h.use()
	h.is("a rule went", version(), first+3)
}

// TestCatchUp: says how many rules are behind, how many events are done, and
// how many there are.
func TestCatchUp(t *testing.T) {
	h := newHouse(t)
	left, err := h.CatchUp(ctx, 3)
	h.ok(err)
	h.is("no rules", left, store.Behind{})
	h.add("a", iis("web01", 0, 1, "/x"), iis("web01", 1, 2, "/x"), iis("web01", 2, 3, "/x"), iis("web02", 0, 4, "/x"))
	h.use(stats(t))
	stat := func() store.RuleStats {
		all, err := h.RuleStats(ctx)
		h.ok(err)
		return all["stats"]
	}
	h.is("behind", stat(), store.RuleStats{Behind: true})
	left, err = h.CatchUp(ctx, 3)
	h.ok(err)
	h.is("three done", left, store.Behind{Rules: 1, Done: 3, Events: 4})
	h.is("found", stat(), store.RuleStats{Findings: 1, Hosts: 1, RiskEvents: 1, Last: base.Unix() + 2, Cursor: 3,
		Behind: true})
	left, err = h.CatchUp(ctx, 3)
	h.ok(err)
	h.is("four done", left, store.Behind{Rules: 1, Done: 4, Events: 4})
	left, err = h.CatchUp(ctx, 3)
	h.ok(err)
	h.is("none is behind", left, store.Behind{Events: 4})
	h.use(mt.Rule(t, "stats", mt.Searches["stats"], `NOT dest="web02"`))
	h.is("filtered at once", stat(), store.RuleStats{Findings: 2, Suppressed: 1, Hosts: 2, RiskEvents: 1,
		Last: base.Unix() + 2})
}

// TestTryRule: what another filter would show, without doing it.
func TestTryRule(t *testing.T) {
	for _, id := range []string{"stats", "made"} {
		h := newHouse(t, mt.Rule(t, id, mt.Searches[id], ""))
		i := h.begin(intake.Import{Name: "a"})
		b := h.batch(i, iis("web01", 0, 1, "/x"), iis("web01", 1, 2, "/x"), iis("web02", 0, 4, "/y"))
		_, err := h.StoreBatch(ctx, b)
		h.ok(err)
		want := map[string]string{"stats": "web02", "made": b.Events[2].Message}[id]
		before := h.found()
		got, err := h.TryRule(ctx, mt.Rule(t, id, mt.Searches[id], `NOT dest="web01"`))
		h.ok(err)
		h.is(id, got, map[string]bool{keyOf(id, want): true})
		h.is("nothing is done", h.found(), before)
	}
}
