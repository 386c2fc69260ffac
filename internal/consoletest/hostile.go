package consoletest

import (
	"net/http"
	"net/url"
	"testing"
)

// Bad is a text that runs, breaks out, turns round or hides where it is not held.
const Bad = `<script>document.title="owned"</script><img src=x onerror='document.title="owned"'>` +
	"\u202egnp.exe\u202c\u200b\x1b[31m\u2066\u00a0</title></table>"

// HostileRule is the rule of WriteHostile.
const HostileRule = "22222222-0000-0000-0000-000000000000"

// hostileYAML is a rule whose every text is Bad; it finds what the seed finds.
const hostileYAML = `name: "Rule ` + badYAML + `"
id: ` + HostileRule + `
version: 1
date: '2026-01-01'
author: "` + badYAML + `"
type: TTP
status: production
description: "` + badYAML + `"
search: 'EventCode=29 | stats count min(_time) as firstTime max(_time) as lastTime by ComputerName | rename ComputerName as dest | ` + "`hostile_filter`" + `'
how_to_implement: "` + badYAML + `"
known_false_positives: "` + badYAML + `"
references: ["https://a.example/` + badYAML + `"]
drilldown_searches:
- name: "` + badYAML + `"
  search: 'EventCode=29 x="` + badSPL + `"'
  earliest_offset: "$info_min_time$"
  latest_offset: "$info_max_time$"
rba:
  message: "` + badYAML + ` on $dest$"
  risk_objects:
  - {field: dest, type: system, score: 7}
  threat_objects:
  - {field: dest, type: "` + badYAML + `"}
tags:
  analytic_story: ["` + badYAML + `"]
  asset_type: "` + badYAML + `"
  mitre_attack_id: [T1505.004]
  product: [Splunk Enterprise Security]
  security_domain: endpoint
`

const (
	badYAML = `<script>alert(1)</script>\u202egnp.exe\u202c\u200b\u001b[31m\u00a0`
	badSPL  = "<script>alert(1)</script>\u202egnp.exe\u202c\u200b"
)

// WriteHostile writes Bad wherever an analyst may write, about the first findings that
// are there.
func WriteHostile(t testing.TB, s *Server) {
	t.Helper()
	post := func(path string, form ...string) {
		t.Helper()
		v := url.Values{"author": {Bad}}
		for i := 0; i < len(form); i += 2 {
			v.Add(form[i], form[i+1])
		}
		if a := s.Post(t, path, v, "Accept", "text/html"); a.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	keys := s.FindingIDs(t)
	post("/rules", "yaml", hostileYAML)
	post("/rules/"+HostileRule+"/filter", "expression", `search NOT dest="`+badSPL+`"`, "reason", Bad)
	post("/findings/"+keys[0]+"/triage", "status", "In Progress", "owner", Bad, "note", Bad)
	post("/hosts/a%20b/notes", "text", "# "+Bad+"\n\n"+Bad+"\n\n- "+Bad+"\n\n> "+Bad+"\n\n`"+Bad+"`\n\n"+
		"| "+Bad+" | b |\n|---|---|\n| "+Bad+" | c |\n\n```\n"+Bad+"\n```\n\n[a](javascript:alert(1)) "+
		"[\u202eb](https://a.example/\u202e) ![i](http://evil.example/x.png) @host:=cmd|x")
	post("/notes/1", "revision", "1", "text", Bad+" once more")
	post("/views", "list", "findings", "name", Bad[:60]+"\u202e", "query", "q="+url.QueryEscape(Bad))
	post("/searches", "name", Bad[:60]+"\u202e", "q", `index=* "`+badSPL+`"`, "columns", Bad[:60]+"\u202e")
	post("/settings/templates", "name", Bad[:60]+"\u202e", "text", Bad)
	post("/settings/snippets", "name", Bad[:60]+"\u202e", "text", Bad)
	post("/cases", "title", Bad, "finding", keys[0], "search", Bad)
	for _, key := range keys[1:4] {
		post("/cases/1/items", "finding", key, "why", Bad)
	}
	post("/cases/1/items", "event", "3", "why", Bad)
	post("/cases/1", "verdict", Bad, "owner", Bad)
	post("/cases/1/questions", "question", Bad)
	post("/cases/1/questions/1", "answer", Bad, "items", "1", "item", "1")
	post("/cases/1/recommendations", "text", Bad)
	body, kind := Multi(t, []string{"author", Bad, "why", Bad}, Log("<b>\u202egnp\u200b.exe", []byte("x")))
	if a := s.Do(t, http.MethodPost, "/cases/1/files", body, "Content-Type", kind); a.Status != http.StatusSeeOther {
		t.Fatalf("a file: %d %s", a.Status, a.Body)
	}
}
