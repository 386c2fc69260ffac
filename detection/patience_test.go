package detection_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/event"
)

// TestPatience: a rule that takes more than there is patience for is set aside until it
// is forgiven; what quick events take does not count, and other rules go on.
func TestPatience(t *testing.T) {
	content := assemble(t, nil,
		file("a.yml", ruleYAML("Cruel", "cruel", `EventCode=29 | regex Message!="(a+)+\1Z" | stats count by dest`)),
		file("b.yml", ruleYAML("Plain", "plain", "EventCode=29 | stats count by dest")))
	rules := content.InForce(func(r *detection.Rule) bool { return r.File != "" })
	change := func(letters int) *event.Event {
		e := decode(t, "nxlog-json", changed("MACHINE/WEBROOT", 1, "", ""))
		e.Message = strings.Repeat("a", letters)
		return e
	}
	said := func(matches []detection.Match) (out string) {
		for _, m := range matches {
			out += " " + m.Rule.ID
			if m.Aside {
				out += " aside"
			}
		}
		return out
	}
	slow, quick := change(14), change(3)
	_, steps := rules.MatchSteps(nil, 0, slow)
	rules.Patience = 3*steps - 1
	const both, aside = " cruel plain", " cruel aside plain"
	brief := func(e *event.Event, want string) {
		t.Helper()
		if got := said(rules.MatchBriefly(nil, 0, e, nil)); got != want {
			t.Errorf("got%s, want%s", got, want)
		}
	}
	for range 1000 {
		brief(quick, both)
	}
	for range 3 {
		brief(slow, both)
	}
	brief(slow, aside)
	brief(quick, aside)
	if got := said(rules.Match(nil, 0, slow)); got != both {
		t.Errorf("who waits is told%s", got)
	}
	if got := said(rules.MatchBriefly(nil, 0, slow, func(r *detection.Rule) bool { return r.ID == "cruel" })); got != " plain" {
		t.Errorf("without one:%s", got)
	}
	rules.Forgive()
	brief(slow, both)
	plain := rules.Find("plain")
	rules.SetAside(plain)
	rules.SetAside(rules.Find("cruel"))
	got := rules.MatchBriefly(nil, 7, slow, nil)
	elsewhere := slices.ContainsFunc(got, func(m detection.Match) bool { return m.Event != 7 })
	if said(got) != " cruel aside plain aside" || elsewhere {
		t.Errorf("all are set aside:%s", said(got))
	}
}
