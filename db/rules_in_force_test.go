package db_test

import (
	"testing"
	"time"

	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/detection/risk"
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
	h.is("found", stat(), store.RuleStats{Findings: 1, Hosts: 1, RiskEvents: 1, Last: base.Unix() + 2, Cursor: 3, Behind: true})
	left, err = h.CatchUp(ctx, 3)
	h.ok(err)
	h.is("four done", left, store.Behind{Rules: 1, Done: 4, Events: 4})
	left, err = h.CatchUp(ctx, 3)
	h.ok(err)
	h.is("none is behind", left, store.Behind{Events: 4})
	h.use(mt.Rule(t, "stats", mt.Searches["stats"], `NOT dest="web02"`))
	h.is("filtered at once", stat(), store.RuleStats{Findings: 2, Suppressed: 1, Hosts: 2, RiskEvents: 1, Last: base.Unix() + 2})
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

// TestRuleFiles: in the order they were loaded; one with the same path takes the
// other's place, and one that is the same stays where it is.
func TestRuleFiles(t *testing.T) {
	h := newHouse(t)
	file := func(path, content string) detection.SourceFile {
		return detection.SourceFile{Path: path, Kind: detection.RuleFile, Content: []byte(content)}
	}
	keep := func(files ...detection.SourceFile) {
		t.Helper()
		h.now = h.now.Add(time.Minute)
		h.ok(h.KeepRuleFiles(ctx, files))
	}
	paths := func() (out []string) {
		files, err := h.RuleFiles(ctx)
		h.ok(err)
		for _, f := range files {
			out = append(out, f.Path+"="+string(f.Content))
		}
		return out
	}
	keep(file("z", "1"), file("a", "1"))
	keep(file("m", "1"))
	h.is("as they came", paths(), []string{"z=1", "a=1", "m=1"})
	keep(file("z", "1"), file("a", "2"))
	h.is("one changed", paths(), []string{"z=1", "m=1", "a=2"})
	changed := file("z", "1")
	changed.Kind = detection.MacroFile
	keep(changed)
	files, err := h.RuleFiles(ctx)
	h.ok(err)
	h.is("its kind", files[2], changed)
}

// TestDisabledRules: switched off once by whoever was first, and on again.
func TestDisabledRules(t *testing.T) {
	h := newHouse(t)
	h.ok(h.EnableRule(ctx, "a", false, "anna"))
	h.now = base.Add(time.Hour)
	h.ok(h.EnableRule(ctx, "a", false, "bert"))
	h.ok(h.EnableRule(ctx, "b", false, "bert"))
	h.ok(h.EnableRule(ctx, "c", true, "bert"))
	off, err := h.DisabledRules(ctx)
	h.ok(err)
	h.is("off", off, map[string]bool{"a": true, "b": true})
	h.is("by the first", h.one(`SELECT author || at FROM rule_disabled WHERE id = 'a'`), "anna"+h.one(`SELECT ?`, base.UnixNano()))
	h.ok(h.EnableRule(ctx, "a", true, "bert"))
	off, err = h.DisabledRules(ctx)
	h.ok(err)
	h.is("on again", off, map[string]bool{"b": true})
}

// TestFilters: the newest filter of a rule holds until the moment it expires;
// an empty one lets everything through.
func TestFilters(t *testing.T) {
	h := newHouse(t)
	expires := base.Add(time.Hour)
	add := func(rule, expression string, expires time.Time) {
		t.Helper()
		h.ok(h.AddFilter(ctx, store.RuleFilter{RuleID: rule, Expression: expression, Reason: "why", Author: "anna", Expires: expires}))
	}
	add("b", "x=1", time.Time{})
	add("a", "y=1", time.Time{})
	add("a", "y=2", expires)
	add("c", "z=1", time.Time{})
	add("c", "", time.Time{})
	current := func(at time.Time) (out []string) {
		t.Helper()
		list, err := h.CurrentFilters(ctx, at)
		h.ok(err)
		for _, f := range list {
			out = append(out, f.RuleID+" "+f.Expression)
		}
		return out
	}
	h.is("before", current(expires.Add(-1)), []string{"a y=2", "b x=1"})
	h.is("at the moment", current(expires), []string{"b x=1"}) // and the one before does not come back
	h.is("after", current(expires.Add(1)), []string{"b x=1"})
	list, err := h.FiltersOf(ctx, "a")
	h.ok(err)
	h.is("history", list, []store.RuleFilter{{ID: 3, RuleID: "a", Expression: "y=2", Reason: "why", Author: "anna", Created: base, Expires: expires},
		{ID: 2, RuleID: "a", Expression: "y=1", Reason: "why", Author: "anna", Created: base}})
}

// TestSettings: those of Splunk ES until somebody changes them.
func TestSettings(t *testing.T) {
	h := newHouse(t)
	s, err := h.Settings(ctx)
	h.ok(err)
	h.is("default", s, risk.Default())
	good := risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 1, Rules: 1, CapPerRule: true}
	h.ok(h.KeepSettings(ctx, good))
	for what, change := range map[string]func(s *risk.Settings){
		"medium 0": func(s *risk.Settings) { s.Medium = 0 }, "high as medium": func(s *risk.Settings) { s.High = 1 },
		"critical as high": func(s *risk.Settings) { s.Critical = 2 }, "tactics 0": func(s *risk.Settings) { s.Tactics = 0 },
		"rules 0": func(s *risk.Settings) { s.Rules = 0 },
	} {
		bad := good
		change(&bad)
		if h.KeepSettings(ctx, bad) == nil {
			t.Errorf("%s was taken", what)
		}
	}
	s, err = h.Settings(ctx)
	h.ok(err)
	h.is("kept", s, good)
	good.CapPerRule, good.Critical = false, 9
	h.ok(h.KeepSettings(ctx, good))
	s, err = h.Settings(ctx)
	h.ok(err)
	h.is("changed", s, good)
}
