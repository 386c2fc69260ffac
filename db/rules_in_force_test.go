package db_test

import (
	"testing"
	"time"

	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/detection/spl"
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

// TestUseRulesInSteps: what a rule found that goes, or is changed, is forgotten in
// steps, a filter is run over findings in steps, and both say so until they are
// done. Meanwhile imports come and go, and the rule comes back.
func TestUseRulesInSteps(t *testing.T) {
	h := newHouse(t)
	h.TidyLater()
	stat := func(id string) store.RuleStats {
		all, err := h.RuleStats(ctx)
		h.ok(err)
		return all[id]
	}
	until := func(is func() bool) (steps int) {
		for ; !is(); steps++ {
			h.catchUp(1)
		}
		return steps
	}
	done := func() bool { return h.catchUp(64).Rules == 0 }
	first := h.add("a", iis("web01", 0, 1, "/x"), iis("web02", 1, 2, "/x"), iis("web03", 2, 3, "/x"), iis("", 0, 4, "/x"))
	old := stats(t)
	h.use(old)
	until(done)
	h.is("found", h.found(), []string{"web01 1 0 0", "web02 1 1 1", "web03 1 2 2"})

	filtered := mt.Rule(t, "stats", mt.Searches["stats"], `NOT dest="web0*"`)
	h.use(filtered)
	h.is("one is filtered", []any{stat("stats").Suppressed, stat("stats").Filtering}, []any{int64(1), true})
	second := h.add("b", iis("web04", 5, 5, "/x"))
	h.is("a new one is", stat("stats").Suppressed, int64(2))
	steps := until(func() bool { return !stat("stats").Filtering })
	h.is("all are, step by step", []any{steps > 1, stat("stats").Suppressed}, []any{true, int64(4)})

	h.use()
	if s := stat("stats"); !s.Leaving || s.Findings == 0 {
		t.Errorf("a rule went: %+v, want that it is forgotten in steps", s)
	}
	shown, err := h.TryRule(ctx, filtered, time.Minute)
	h.is("nobody reads what is left", []any{len(shown), err}, []any{0, nil})
	h.ok(h.DeleteImport(ctx, first.ID)) // of events that are in its findings
	third := h.add("c", iis("web05", 6, 6, "/x"))
	h.use(old) // it comes back
	h.is("still going", stat("stats").Leaving, true)
	h.ok(h.DeleteImport(ctx, third.ID))
	until(done)
	h.is("begun anew", h.found(), []string{"web04 1 5 5"})
	h.is("all is told", []any{stat("stats").Leaving, stat("stats").Behind}, []any{false, false})

	h.use()
	until(done)
	h.is("gone", []string{h.one(`SELECT count(*) FROM rule`), h.one(`SELECT count(*) FROM unattributed`)},
		[]string{"0", "0"})
	h.ok(h.DeleteImport(ctx, second.ID))
	h.is("nothing is left", len(h.stored()), 0)
}

// TestDue: rows that are made of all events together are left by batches, which the
// rule says, and made when no import runs; while one does, now and then.
func TestDue(t *testing.T) {
	h := newHouse(t, mt.Rule(t, "made", mt.Searches["made"], ""))
	making := func() bool {
		all, err := h.RuleStats(ctx)
		h.ok(err)
		return all["made"].Making
	}
	h.add("a", iis("web01", 0, 1, "/x"), iis("web02", 1, 2, "/x"))
	h.is("left", []any{len(h.found()), making()}, []any{0, true})
	for h.catchUp(64).Rules > 0 {
	}
	h.is("made", []any{len(h.found()), making()}, []any{1, false})
	i := h.begin(intake.Import{Name: "b"})
	b := h.batch(i, iis("web03", 0, 3, "/x"), iis("web03", 0, 4, "/y"))
	_, err := h.StoreBatch(ctx, b)
	h.ok(err)
	h.is("what was found stays", []any{len(h.found()), making()}, []any{1, true})
	h.MadeDue(time.Now().Add(time.Hour))
	h.is("nothing to wait for", h.catchUp(64).Rules, int64(0))
	h.is("one runs", []any{len(h.found()), making()}, []any{1, true})
	for making() {
		h.MadeDue(time.Time{})
		h.catchUp(64)
	}
	h.is("now and then", []any{len(h.found()), making()}, []any{2, false})
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
		got, err := h.TryRule(ctx, mt.Rule(t, id, mt.Searches[id], `NOT dest="web01"`), time.Minute)
		h.ok(err)
		h.is(id, got, map[string]spl.Doubt{keyOf(id, want): spl.Decided})
		h.is("nothing is done", h.found(), before)
	}
}
