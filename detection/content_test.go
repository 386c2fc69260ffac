package detection_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// file makes a file of content; its kind is found from it.
func file(path, content string) detection.SourceFile {
	return detection.SourceFile{Kind: detection.KindOf(path, []byte(content)), Path: path, Content: []byte(content)}
}

// ruleYAML makes a small rule.
func ruleYAML(name, id, search string) string {
	return fmt.Sprintf(
		"name: %s\nid: %s\ntype: TTP\nsearch: |-\n  %s\nrba:\n  message: m\n  risk_objects: [{field: dest, type: system, score: 5}]\n",
		name, id, strings.ReplaceAll(search, "\n", "\n  "))
}

func assemble(t *testing.T, filters map[string]string, files ...detection.SourceFile) *detection.Content {
	t.Helper()
	set, err := detection.Assemble(files, filters)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestAssemble(t *testing.T) {
	set := assemble(t, nil,
		file("d/one.yml", ruleYAML(
			"One", "id-1", "`mine(5)` | stats count by dest | lookup known dest OUTPUT owner | `one_filter`")),
		file("macros/mine.yml", "name: mine\narguments: [n]\ndefinition: a=$n$"),
		file("lookups/known.yml",
			"name: known\nlookup_type: csv\nmatch_type: [WILDCARD(dest)]\ncase_sensitive_match: 'false'\nmin_matches: 1\ndefault_match: nobody"),
		file("lookups/known.csv", "dest,owner\nWEB*,web team\n"),
		file("d/own.yml", ruleYAML("My Own Seed", strings.ToUpper(detection.SeedID),
			"`iis_operational_logs` EventCode=29 | stats count by ComputerName | rename ComputerName as dest")),
		file("d/old.yml", ruleYAML("Two, old", "id-2", "a=1 | stats count by dest")),
		file("d/new.yml", ruleYAML("Two, new", "ID-2", "a=2 | stats count by dest")),
		file("d/story.yml", "name: s\nnarrative: n"),
		file("d/join.yml", ruleYAML("Joins", "id-3", "a=1\n| stats count by dest\n| map dest [search b=1]")),
		file("d/macro.yml", ruleYAML("Unknown macro", "id-4", "a=1 | `nobody_knows`")),
		file("d/eval.yml", ruleYAML("Unknown function", "id-5", "a=1 | eval b=frobnicate(a) | stats count by dest")),
		file("d/bad.yml", "name: [\nsearch: x"),
		file("d/noid.yml", "name: No id\nsearch: a=1"),
		file("lookups/gone.yml", "name: gone\nfilename: gone.csv"),
	)
	var names []string
	for _, r := range set.Rules[len(set.Rules)-2:] {
		names = append(names, r.Name+" "+r.File)
	}
	if got := strings.Join(names, "|"); got != "One d/one.yml|Two, new d/new.yml" || len(set.Rules) != builtInCount+2 {
		t.Errorf("%d rules, last %s", len(set.Rules), got)
	}
	if r := set.Rules[0]; r.Name != "My Own Seed" || r.Replaces != "Windows IIS Components New Module Added" {
		t.Errorf("%s replaces %q", r.Name, r.Replaces)
	}
	if got := fmt.Sprint(set.Duplicates); got != "[{ID-2 Two, old d/old.yml d/new.yml}]" {
		t.Error(got)
	}
	if len(set.Problems) != 1 || set.Problems[0].File != "lookups/gone.yml" ||
		!strings.Contains(set.Problems[0].Reason, "gone.csv") {
		t.Errorf("%v", set.Problems)
	}
	var refused []string
	for _, r := range set.Refused {
		refused = append(refused, r.Name+" ("+r.ID+"): "+r.String())
	}
	for i, want := range []string{
		`Joins (id-3): command "map" at line 3, column 3: `,
		`Unknown macro (id-4): command "nobody_knows" at line 1, column 7: macro "nobody_knows" is not known`,
		`Unknown function (id-5): command "eval" at line 1, column 14: function "frobnicate" `,
		`bad (): the rule is not as the contentctl schema has it: `,
		`No id (): the rule has no id or no name`,
	} {
		if i >= len(refused) || !strings.HasPrefix(refused[i], want) {
			t.Errorf("refused %d of %q, want %q", i, refused, want)
		}
	}
	rows := rowsOf(ruleOf(t, set, "One"), spl.Map{"a": "5", "dest": "web01", "_time": "1"},
		spl.Map{"a": "5", "dest": "db01", "_time": "1"})
	if got := fmt.Sprint(
		rows); got != "[[{dest db01} {count 1} {owner nobody}] [{dest web01} {count 1} {owner web team}]]" {
		t.Error(got)
	}
}

// TestAssetLookups: the lookups of assets and identities are there and empty,
// unless a file fills them.
func TestAssetLookups(t *testing.T) {
	rule := file("d/one.yml", ruleYAML("One", "id-1",
		"`mine` | stats count by dest | lookup update=true asset_lookup_by_str asset AS dest OUTPUTNEW owner AS who | fillnull value=nobody who"))
	macro := file("m.yml", "name: mine\ndefinition: dest=*")
	for want, files := range map[string][]detection.SourceFile{
		"[[{dest db01} {count 1} {who nobody}]]": {rule, macro},
		"[[{dest db01} {count 1} {who the db team}]]": {rule, macro,
			file("lookups/asset_lookup_by_str.csv", "asset,owner\ndb01,the db team\n")},
	} {
		set := assemble(t, nil, files...)
		if got := fmt.Sprint(rowsOf(ruleOf(t, set, "One"), spl.Map{"dest": "db01", "_time": "1"})); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestBrokenMacros: macros that break a built-in rule are told, and the rule
// runs as it was built.
func TestBrokenMacros(t *testing.T) {
	set := assemble(t, nil, file("m.yml", "name: iis_operational_logs\ndefinition: '| join x'"))
	if len(set.Problems) == 0 || set.Problems[0].File != detection.BuiltInFile || len(set.Rules) != builtInCount ||
		set.Rules[0].Plan() == nil {
		t.Errorf("%v", set.Problems)
	}
}

func TestFilters(t *testing.T) {
	id := strings.ToLower(detection.SeedID)
	e := func(computer string) spl.Map {
		return spl.Map{"sourcetype": "IIS:Configuration:Operational", "EventCode": "29", "OpCode": "Info",
			"ComputerName": computer, "Message": "m", "_time": "5"}
	}
	for filter, want := range map[string]int{
		"": 2, "search *": 2, `NOT dest="web01"`: 1, `| where dest!="web01"`: 1, `search NOT dest=web* | search dest=*`: 0,
		`where count > 1`: 0, `NOT dest="web01" | where count=1`: 1, `dest IN ("web01", "web02")`: 2, `regex dest="1$"`: 1,
	} {
		set := assemble(t, map[string]string{id: filter})
		kept := 0
		for _, res := range set.Rules[0].Plan().Run(slices.Values([]spl.Event{e("web01"), e("web02")})).Rows {
			if res.Verdict == spl.Kept {
				kept++
			}
		}
		if kept != want || len(set.Rules[0].Warnings) != 0 {
			t.Errorf("%q: %d rows, want %d; %v", filter, kept, want, set.Rules[0].Warnings)
		}
	}
	set := assemble(t, map[string]string{id: `dest="web01`, "id-1": "dest=x"},
		file("a.yml", ruleYAML("A", "id-1", "a=1 | stats count by dest")))
	if w := set.Rules[0].Warnings; len(w) != 1 || !strings.HasPrefix(w[0], "its filter is left out: ") {
		t.Errorf("%q", w)
	}
	if w := set.Rules[builtInCount].Warnings; len(w) != 1 || !strings.Contains(w[0], "calls no macro") {
		t.Errorf("%q", w)
	}
}

func TestFilterDefinition(t *testing.T) {
	for _, tt := range []struct {
		in, want, err string
		column        int
	}{
		{in: "", want: "search *"},
		{in: "  | search x=1 ", want: "search x=1"},
		{in: `NOT dest="a"`, want: `search NOT dest="a"`},
		{in: "searching=1", want: "search searching=1"},
		{in: "Where x>1", want: "Where x>1"},
		{in: `dest="a`, err: "not closed", column: 6},
		{in: `  (dest=a`, err: "", column: 3},
		{in: "x=1 | stats count", err: `command "stats"`, column: 7},
		{in: "where frob(x)", err: "frob", column: 7},
		{in: "x=1 | `nope`", err: "nope", column: 7},
		{in: "x=1 | delete", err: "delete", column: 7},
		{in: "x=[search y=1]", err: "", column: 3},
	} {
		got, err := detection.FilterDefinition(tt.in, detection.BuiltInMacros())
		if (err == nil) != (tt.column == 0) || got != tt.want {
			t.Errorf("%q: %q, %v", tt.in, got, err)
			continue
		}
		var e *spl.Error
		if err != nil && (!errors.As(err, &e) || !strings.Contains(err.Error(), tt.err) || e.Pos.Column != tt.column ||
			e.Pos.Offset != tt.column-1) {
			t.Errorf("%q: %v, want column %d", tt.in, err, tt.column)
		}
	}
	if _, err := detection.FilterDefinition(strings.Repeat("a ", 1<<16), nil); err == nil {
		t.Error("a filter of any length")
	}
}

func TestWithFilter(t *testing.T) {
	set := builtIn(t)
	seed := set.Rules[0]
	r, err := set.WithFilter(seed, `NOT dest="web01.corp.example"`)
	if err != nil || r == seed || r.ID != seed.ID {
		t.Fatal(err)
	}
	e := decode(t, "nxlog-json", changed("/x", 1, "", ""))
	for rule, want := range map[*detection.Rule]spl.Verdict{seed: spl.Kept, r: spl.Aside} {
		key, _ := rule.Plan().Key(e)
		s := rule.Plan().New()
		s.Add(e)
		if row, got := rule.Plan().Row(key, s); got != want || row == nil {
			t.Errorf("%v %v, want %v", row, got, want)
		}
	}
	var se *spl.Error
	if _, err := set.WithFilter(seed, `dest="`); !errors.As(err, &se) || se.Pos.Column != 6 {
		t.Error(err)
	}
	bare := assemble(t, nil, file("a.yml", ruleYAML("A", "id-1", "a=1 | stats count by dest")))
	if _, err := bare.WithFilter(ruleOf(t, bare, "A"), "x=1"); err == nil {
		t.Error("a filter that nothing calls")
	}
}

// TestRiskObjects: users and others, columns of several values, threat objects.
func TestRiskObjects(t *testing.T) {
	set := assemble(t, nil, file("a.yml", `name: A
id: id-1
type: Anomaly
search: 'a=1 | stats values(user) as user values(dest) as dest values(path) as path by a'
rba:
  message: $user$ on $dest$
  risk_objects:
    - {field: dest, type: system, score: 7}
    - {field: user, type: user, score: 8}
    - {field: a, type: other, score: 9}
    - {field: gone, type: user, score: 10}
  threat_objects: [{field: path, type: file_path}]
`))
	r := ruleOf(t, set, "id-1")
	s := r.Plan().New()
	var key []string
	for _, u := range []string{"CORP\\Ann", "corp\\ann", "bob"} {
		e := spl.Map{"a": "1", "user": u, "dest": "WEB01.", "path": `C:\` + u, "_time": "100"}
		key, _ = r.Plan().Key(e)
		s.Add(e)
	}
	var got []string
	events := r.RiskEvents(key, s, detection.WindowOf(100))
	for _, e := range events {
		got = append(got, fmt.Sprintf("%s %s %d", e.ObjectType, e.RiskObject, e.Score))
	}
	if strings.Join(got, "|") != `system web01 7|user corp\ann 8|user bob 8|other 1 9` {
		t.Errorf("%q", got)
	}
	if events[0].Message != `CORP\Ann, bob, corp\ann on WEB01.` || len(events[0].Threats) != 3 ||
		events[0].Threats[1] != (detection.Threat{Field: "path", Type: "file_path", Value: `C:\bob`}) {
		t.Errorf("%+v", events[0])
	}
	for i := range 5000 {
		s.Add(spl.Map{"a": "1", "user": fmt.Sprint("u", i), "dest": "d", "_time": "100"})
	}
	events = r.RiskEvents(key, s, detection.WindowOf(100))
	if n := len(events); n > 2100 || !strings.Contains(events[0].Message, " and 4993 more on ") {
		t.Errorf("%d events, %q", n, events[0].Message)
	}
}
