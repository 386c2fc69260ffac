package detection_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

const oldSchema = `name: Old One
id: 11111111-2222-3333-4444-555555555555
version: '4'
date: 2021-07-19
author: Security Team
status: deprecated
type: TTP
datamodel:
- Endpoint
data_source: Sysmon EventID 1
search: 'EventCode=1 | stats count by dest user parent_process_name | ` + "`old_one_filter`" + `'
references: https://example.test/one
tags:
  analytic_story: IIS Components
  confidence: 90
  impact: '70'
  message: $user$ on $dest$
  mitre_attack_id: [T1505.004, T1059]
  observable:
  - name: dest
    type: Hostname
    role: [Victim]
  - {name: user, type: User, role: Victim}
  - {name: mail, type: Email Address, role: [Victim]}
  - {name: thing, type: Other, role: [Victim]}
  - {name: parent_process_name, type: Process Name, role: [Parent Process]}
  - {name: src_ip, type: IP Address, role: [Attacker]}
  - {name: bare, type: Endpoint}
  product: [Splunk Enterprise]
`

func TestOldSchema(t *testing.T) {
	r, err := detection.Load([]byte(oldSchema), detection.BuiltInMacros())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(r.Version, r.Date, r.Status, r.DataModel, r.DataSource, r.References, r.Tags.AnalyticStory,
		r.Tags.Confidence, r.Tags.Impact)
	if got != "4 2021-07-19 deprecated [Endpoint] [Sysmon EventID 1] [https://example.test/one] [IIS Components] 90 70\n" {
		t.Error(got)
	}
	want := "{$user$ on $dest$ [{dest system 63} {user user 63} {mail user 63} {thing other 63} {bare system 63}]" +
		" [{parent_process_name process_name} {src_ip ip_address}]}"
	if got := fmt.Sprint(r.RBA); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if len(r.Warnings) != 4 || !strings.Contains(r.Warnings[0],
		`"mail" is no column of the search (dest, user, parent_process_name, count)`) {
		t.Errorf("%q", r.Warnings)
	}
	r, err = detection.Load([]byte(strings.Replace(oldSchema, "  confidence: 90\n", "  risk_score: '49.0'\n", 1)),
		detection.BuiltInMacros())
	if err != nil || r.RBA.RiskObjects[0].Score != 49 {
		t.Errorf("%v %+v", err, r)
	}
}

// TestFindingSchema: the schema of 2026, which has findings and no tags.
func TestFindingSchema(t *testing.T) {
	r, err := detection.Load([]byte(`name: New One
id: n
version: 2
creation_date: '2026-05-05'
modification_date: '2026-05-13'
type: TTP
search: 'a=1 | stats count by dest user path'
finding:
    title: A thing on $dest$
    entity:
        field: dest
        type: system
        score: 50
intermediate_findings:
    entities:
        - {field: dest, type: system, score: 20, message: m}
        - {field: user, type: user, score: 30, message: m}
threat_objects:
    - {field: path, type: file_path}
analytic_story: [Compromised Windows Host]
asset_type: Endpoint
mitre_attack_id: [T1059.001]
security_domain: endpoint
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintln(
		r.RBA, r.Tags, r.Date); got != "{A thing on $dest$ [{dest system 50} {user user 30}] [{path file_path}]} "+
		"{[Compromised Windows Host] Endpoint [T1059.001] [] endpoint [] 0 0} 2026-05-13\n" {
		t.Error(got)
	}
}

// TestSchemaShapes: what has another shape than the schema's is left out, and
// does not keep the rule from loading.
func TestSchemaShapes(t *testing.T) {
	const head = "name: x\nid: 7\ntype: TTP\nsearch: 'a=1 | stats count by a'\n"
	for _, tt := range []struct {
		yaml string
		get  func(*detection.Rule) any
		want string
	}{
		{"version: abc", func(r *detection.Rule) any { return r.Version }, "0"},
		{"version: 1e99", func(r *detection.Rule) any { return r.Version }, "0"},
		{"date: 2024-01-02T00:00:00Z", func(r *detection.Rule) any { return r.Date }, "2024-01-02"},
		{"references:", func(r *detection.Rule) any { return r.References }, "[]"},
		{"references: [a, {b: c}, [d], null, 5]", func(r *detection.Rule) any { return r.References }, "[a 5]"},
		{"rba: none", func(r *detection.Rule) any { return r.RBA }, "{ [] []}"},
		{"rba: {message: m, risk_objects: {field: a, type: Other, score: '30'}}",
			func(r *detection.Rule) any { return r.RBA }, "{m [{a other 30}] []}"},
		{"rba: {risk_objects: [5, {field: a, type: User, score: 1}]}", func(r *detection.Rule) any { return r.RBA },
			"{ [{a user 1}] []}"},
		{"tags: [a]", func(r *detection.Rule) any { return r.Tags.AssetType }, ""},
		{"tags: {observable: x, risk_score: 5}", func(r *detection.Rule) any { return r.RBA }, "{ [] []}"},
		{"drilldown_searches: {name: n, search: s}", func(r *detection.Rule) any { return r.Drilldowns }, "[{n s  }]"},
		{"x: &a [v]\nreferences: *a", func(r *detection.Rule) any { return r.References }, "[v]"},
		{"rba: {message: new}\ntags: {message: old, risk_score: 5}", func(r *detection.Rule) any { return r.RBA.Message },
			"new"},
		{"intermediate_findings: {entities: [{field: a, type: user, score: 3, message: own}]}",
			func(r *detection.Rule) any { return r.RBA }, "{own [{a user 3}] []}"},
		{"finding: none\nthreat_objects: [x]", func(r *detection.Rule) any { return r.RBA }, "{ [] []}"},
		{"description: {a: b}", func(r *detection.Rule) any { return r.Description }, ""},
	} {
		r, err := detection.Load([]byte(head+tt.yaml), nil)
		if err != nil {
			t.Errorf("%s: %v", tt.yaml, err)
		} else if got := fmt.Sprint(tt.get(r)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.yaml, got, tt.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		want          detection.FileKind
	}{
		{"detections/a.yml", oldSchema, detection.RuleFile},
		{"a.yaml", "search: x", detection.RuleFile},
		{"stories/a.yml", "name: IIS Components\nid: x\nnarrative: long", detection.OtherFile},
		{"a.yml", "name: x\nid: y\ntype: TTP\nsearch: null", detection.OtherFile},
		{"deployments/a.yml", "name: x\nscheduling: {cron_schedule: 0 * * * *}", detection.OtherFile},
		{"playbooks/a.yml", "name: x\nplaybook: y\ntype: Response", detection.OtherFile},
		{"macros/a.yml", "name: x\ndefinition: y", detection.MacroFile},
		{"macros/a.yml", "- {name: x, definition: y}", detection.MacroFile},
		{"lookups/a.yml", "name: x\nfilename: x.csv", detection.LookupFile},
		{"lookups/a.yml", "name: x\nlookup_type: csv", detection.LookupFile},
		{`C:\x\A.CSV`, "a,b", detection.TableFile},
		{"default/macros.conf", "", detection.MacroFile},
		{"default/transforms.conf", "", detection.LookupFile},
		{"README.md", "search: x", detection.OtherFile},
		{"bad.yml", "name: [\nsearch: a=1", detection.RuleFile},
		{"bad.yml", "name: x\n\"search\" : 'a", detection.RuleFile},
		{"bad.yml", "a: [", detection.OtherFile},
		{"list.yml", "- a\n- b", detection.OtherFile},
	} {
		if got := detection.KindOf(tt.name, []byte(tt.content)); got != tt.want {
			t.Errorf("%s %.40q: %d, want %d", tt.name, tt.content, got, tt.want)
		}
	}
	if _, err := detection.Load([]byte("narrative: x"), nil); !errors.Is(err, detection.ErrNoSearch) {
		t.Error(err)
	}
}

func TestMacroFiles(t *testing.T) {
	for _, none := range []string{"name: sysmon\ndescription: d", "name: sysmon\ndefinition:"} {
		if m, err := detection.ParseMacros([]byte(none)); err != nil || len(m) != 0 {
			t.Errorf("%q is %v, %v: it would put nothing over the built-in macro", none, m, err)
		}
	}
	if m, err := detection.ParseMacros([]byte("name: nothing\ndefinition: ''")); err != nil || len(m) != 1 {
		t.Errorf("%v, %v", m, err)
	}
	several, err := detection.ParseMacros(
		[]byte("name: a\ndefinition: 1\n---\nname: b(2)\ndefinition: $x$ $y$\narguments: [x, y]\n---\n"))
	if err != nil || len(several) != 2 || several["b(2)"].Definition != "$x$ $y$" {
		t.Errorf("%v %v", several, err)
	}
	conf, err := detection.ParseMacrosConf(
		[]byte(
			"# comment\r\n[default]\r\ndefinition = no\r\n[one]\r\ndefinition = a=1 \\\r\n  OR b=\"x=y\"\r\niseval = 0\r\n" +
				"[two(2)]\nargs = x, y\ndefinition = $x$=$y$\n[made]\ndefinition = now()\niseval = 1\n[none]\nargs = z\n[last]\ndefinition = end \\"))
	if err != nil || len(conf) != 3 || conf["one"].Definition != "a=1 \n  OR b=\"x=y\"" || conf["two(2)"].Args[1] != "y" {
		t.Errorf("%v %v", conf, err)
	}
}

// FuzzContent: any bytes load, are refused or passed over; what loads runs.
func FuzzContent(f *testing.F) {
	f.Add("a.yml", oldSchema)
	f.Add("a.yml", "name: x\ndefinition: y")
	f.Add("l.yml", "name: x\nfilename: t.csv\nmatch_type: WILDCARD(a)")
	f.Add("t.csv", "a,b\n1,2")
	f.Add("macros.conf", "[a]\ndefinition = b \\\nc")
	f.Add("transforms.conf", "[a]\nfilename = t.csv\nmax_matches = 1")
	f.Add("a.yml", "a: &a [*a]\nsearch: *a")
	f.Fuzz(func(t *testing.T, name, content string) {
		set, err := detection.Assemble([]detection.SourceFile{{Kind: detection.KindOf(name, []byte(content)), Path: name,
			Content: []byte(content)}},
			map[string]string{"x": content})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range set.Rules {
			r.Plan().Matches(spl.Map{"a": "1"})
		}
	})
}

// TestManyKeys: YAML of very many keys is refused, and soon.
func TestManyKeys(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: x\nid: y\nsearch: a=1\ndefinition: z\nfilename: f\n")
	n := 100_000
	if testing.Short() {
		n /= 10
	}
	for i := range n {
		fmt.Fprintf(&b, "k%d:\n", i)
	}
	if _, err := detection.Load([]byte(b.String()), nil); err == nil ||
		!strings.Contains(err.Error(), "more than 1000 keys") {
		t.Error(err)
	}
	if _, err := detection.ParseMacros([]byte(b.String())); err == nil ||
		!strings.Contains(err.Error(), "more than 1000 keys") {
		t.Error(err)
	}
	if got := detection.KindOf("a.yml", []byte(b.String())); got != detection.RuleFile {
		t.Error(got)
	}
}
