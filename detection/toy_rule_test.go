package detection_test

import (
	"slices"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
)

// builtInCount is how many rules are built in.
const builtInCount = 17

// toyRule is the worked example of CONTRIBUTING.md: what a built-in rule's file
// has at least. Its filter macro need not be defined; it lets everything
// through until an analyst edits it.
const toyRule = `name: Toy Site Removed
id: 0f5c1f5e-6f4b-4c55-9d0a-4f9a3f2c7a11
version: 1
date: '2026-11-26'
author: Escutcheon
status: production
type: Anomaly
description: Finds a site taken out of the configuration.
search: |-
    ` + "`iis_operational_logs`" + ` EventCode=29 Message="*/sites/site*"
      | rex field=Message "site\[@name=[\"'](?<site>[^\"']+)"
      | where EditOperationType="2"
      | stats count min(_time) as firstTime max(_time) as lastTime BY ComputerName site
      | rename ComputerName AS dest
      | ` + "`toy_site_removed_filter`" + `
how_to_implement: Needs the channel Microsoft-IIS-Configuration/Operational.
known_false_positives: Sites are moved between servers.
references: [https://learn.microsoft.com/en-us/iis/configuration/system.applicationhost/sites/site/]
rba:
    message: The site $site$ was removed on $dest$.
    risk_objects: [{field: dest, type: system, score: 20}]
tags:
    analytic_story: [IIS Components]
    mitre_attack_id: [T1562.001]
`

// TestToyRule: a hit is a row with its risk, whatever format brings it; a miss
// is none.
func TestToyRule(t *testing.T) {
	content := assemble(t, nil, file("toy.yml", toyRule))
	r := ruleOf(t, content, "Toy Site Removed")
	if len(r.Warnings) != 0 || r.FilterMacro() != "toy_site_removed_filter" ||
		!slices.Equal(r.Tactics(), []string{"defense-evasion"}) {
		t.Errorf("warnings %q, filter %q, tactics %q", r.Warnings, r.FilterMacro(), r.Tactics())
	}
	rules := content.InForce(nil)
	site := `/system.applicationHost/sites/site[@name="Shop"]`
	for _, format := range []string{"event-xml", "rendered", "nxlog-json", "winlogbeat-json"} {
		hit := decode(t, format, changed(site, logwriter.EditDelete, "", ""))
		rows := rowsOf(r, hit)
		if len(rows) != 1 {
			t.Errorf("%s: a hit makes %d rows", format, len(rows))
			continue
		}
		if v, _ := rows[0].Get("site"); v != "Shop" {
			t.Errorf("%s: the site is %q", format, v)
		}
		if risk := riskOf(r, hit); len(risk) != 1 || risk[0].Score != 20 ||
			risk[0].Message != "The site Shop was removed on WEB01.corp.example." {
			t.Errorf("%s: risk %+v", format, risk)
		}
		if !slices.ContainsFunc(rules.Match(nil, 0, hit), func(m detection.Match) bool { return m.Rule == r }) {
			t.Errorf("%s: the rule in force does not match the hit", format)
		}
		if rows := rowsOf(r, decode(t, format, changed(site, logwriter.EditAdd, "", ""))); len(rows) != 0 {
			t.Errorf("%s: a site that is added makes %v", format, rows)
		}
	}
}

// TestEveryRule: each built-in rule has records that it finds and records that
// it does not.
func TestEveryRule(t *testing.T) {
	tested := map[string]bool{
		detection.SeedID: true, // acceptance_test.go, seed_test.go
		modulesListed:    true, // TestModulesListed
		viewRefused:      true, // TestViewStateRefused
	}
	for _, c := range ruleCases {
		tested[c.rule] = len(c.hits) > 0 && len(c.misses) > 0
	}
	for _, c := range requestCases {
		tested[c.rule] = len(c.hits) > 0 && len(c.misses) > 0
	}
	content := builtIn(t)
	if len(content.Rules) != builtInCount {
		t.Errorf("%d rules are built in, want %d", len(content.Rules), builtInCount)
	}
	for _, r := range content.Rules {
		if !tested[r.ID] && !tested[r.Name] {
			t.Errorf("no case of ruleCases has hits and misses of %s (%s)", r.Name, r.ID)
		}
	}
}
