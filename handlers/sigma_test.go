package handlers_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"escutcheon/demo"
	"escutcheon/internal/consoletest"
)

// addedID is the id of addedSigma.
const addedID = "5f0c2a9e-1b7d-4c68-9a3e-7d4f12c60b81"

const addedSigma = `title: Module Joined The Global Modules
id: ` + addedID + `
status: test
description: What a test looks for.
author: anna
level: high
license: MIT
tags: [attack.persistence, attack.t1505.004]
logsource: {product: windows, service: iis-configuration}
detection:
    change:
        EventID: 29
        Configuration|contains: globalModules/ADD
    condition: change
`

// TestSigmaBesideSeed: the planted module of the demo is seen by the seed and by a rule in
// Sigma, and the page of the host tells it once, with both names.
func TestSigmaBesideSeed(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadDemo(t, s)
	path := "/hosts/" + demo.PlantedHost
	before := verdictAt(t, s, path)
	a, out := sendJSON(t, s, "/rules", map[string]string{"yaml": addedSigma, "author": "anna"})
	if a.Status != 201 || out["language"] != "sigma" {
		t.Fatalf("%d %v", a.Status, out)
	}
	consoletest.Poll(t, func() bool { return s.Findings(t, addedID) > 0 && s.Rules(t).Behind.Rules == 0 })
	seed := s.Book.Find(consoletest.SeedID).Name
	after := verdictAt(t, s, path)
	if len(after.Verdict.Chain) != len(before.Verdict.Chain) || after.Verdict.Sentence != before.Verdict.Sentence ||
		len(after.Verdict.Modules) != 1 {
		t.Errorf("the story was %+v\nand is %+v", before.Verdict, after.Verdict)
	}
	change := after.Verdict.Chain[len(after.Verdict.Chain)-1]
	if !slices.Contains(change.Rules, seed) || !slices.Contains(change.Rules, "Module Joined The Global Modules") {
		t.Errorf("the change was seen by %q", change.Rules)
	}
	if words := consoletest.Words(s.Doc(t, path), ".verdict .chain li:last-child"); strings.Count(words,
		"Module Joined The Global Modules") != 1 || !strings.Contains(words, seed) {
		t.Errorf("the page says %q", words)
	}
	if after.Score <= before.Score {
		t.Errorf("the score was %d and is %d: each rule has its risk", before.Score, after.Score)
	}

	// Its page has its words, and the search that gives its rows.
	rule := s.Doc(t, "/rules/"+addedID)
	consoletest.Says(t, s.Get(t, "/rules/"+addedID).Body, "What a test looks for.", "MIT", "high", "attack.t1505.004")
	link, _ := rule.Find(`#spl-title + a`).Attr("href")
	if u, err := url.Parse(link); err != nil || u.Path != "/search" || !strings.Contains(
		consoletest.Words(s.Doc(t, link), "textarea[name=q]")+u.Query().Get("q"), "globalModules/ADD") {
		t.Errorf("the search is %q", link)
	}
	// Findings can be chosen by language, and left out.
	for query, sigma := range map[string]bool{"?language=sigma": true, "?not.language=sigma": false,
		"?language=escu": false} {
		var rules []string
		for _, f := range decodeJSON[struct{ Findings []struct{ Rule string } }](t, s.Do(t, "GET", "/findings"+query, nil,
			"Accept", consoletest.JSON), 200).Findings {
			rules = append(rules, f.Rule)
		}
		if len(rules) == 0 || slices.Contains(rules, addedID) != sigma || sigma && len(slices.Compact(rules)) != 1 {
			t.Errorf("/findings%s: rules %q", query, rules)
		}
	}
	if a := s.Do(t, "GET", "/findings?language=latin", nil); a.Status != 400 {
		t.Errorf("status %d", a.Status)
	}
	if words := consoletest.Words(s.Doc(t, "/findings?rule=all"), ".facet-box"); !strings.Contains(words, "Sigma") {
		t.Errorf("facets %q", words)
	}
	for _, c := range []struct {
		query string
		sigma bool
	}{{"?language=sigma", true}, {"?language=escu", false}} {
		l := decodeJSON[consoletest.Listed](t, s.Do(t, "GET", "/rules"+c.query, nil, "Accept", consoletest.JSON), 200)
		got := false
		for _, r := range l.Rules {
			got = got || r.ID == addedID
		}
		if got != c.sigma || c.sigma && len(l.Rules) != 1 {
			t.Errorf("%s lists %d rules, it among them: %v", c.query, len(l.Rules), got)
		}
	}
}
