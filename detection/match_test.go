package detection_test

import (
	"fmt"
	"slices"
	"testing"

	"escutcheon/detection"
	"escutcheon/event"
)

// ids are the ids of rules, in their order.
func ids(rules []*detection.Rule) (out []string) {
	for _, r := range rules {
		out = append(out, r.ID)
	}
	return out
}

// matched is what rules make of an event, one text a match.
func matched(rules *detection.Rules, e *event.Event) (out []string) {
	for _, m := range rules.Match(nil, 0, e) {
		out = append(out, fmt.Sprintf("%s %q %q %v", m.Rule.ID, m.Part.Key, m.Part.Missing, m.Change))
	}
	return out
}

func TestInForce(t *testing.T) {
	content := builtIn(t)
	two := content.InForce(func(r *detection.Rule) bool { return r.ID == psModule || r.ID == psLogging })
	if len(two.All()) != 2 || len(content.Rules) != builtInCount {
		t.Fatalf("%q of %d", ids(two.All()), len(content.Rules))
	}
	if all := content.InForce(nil).All(); !slices.Equal(all, content.Rules) {
		t.Errorf("with no choice: %q, want all", ids(all))
	}
	if none := content.InForce(func(*detection.Rule) bool { return false }); len(none.All()) != 0 {
		t.Errorf("%q are in force, want none", ids(none.All()))
	}
	e := decode(t, "nxlog-json", script("New-WebGlobalModule -Name x"))
	if got := two.Candidates(e, nil); len(got) != 1 || two.All()[got[0]].ID != psModule {
		t.Errorf("candidates %v of %q", got, ids(two.All()))
	}
	if got := two.Candidates(e, []int{7}); len(got) != 2 || got[0] != 7 {
		t.Errorf("candidates %v, want one behind 7", got)
	}
}

// TestMatch: each rule that an event meets, for each of its rows, in the order
// of the rules.
func TestMatch(t *testing.T) {
	content := assemble(t, nil,
		file("a.yml", ruleYAML("Both", "both", `EventCode IN (29, 4104) | stats count by EventCode, ComputerName`)),
		file("b.yml", ruleYAML(
			"Two rows", "rows", `EventCode=29 | eval n=split("x,y", ",") | mvexpand n | stats count by n`)),
		file("c.yml", ruleYAML("Lacks", "lacks", `EventCode=29 | stats count by nothing, ComputerName`)),
		file("d.yml", ruleYAML("Where", "where", `EventCode=29 | where 1=2 | stats count by ComputerName`)),
	)
	own := content.InForce(func(r *detection.Rule) bool { return r.File != "" })
	change := decode(t, "nxlog-json", changed(`/system.webServer/globalModules/add[@name="M"]`, 1, "", ""))
	c, ok := detection.ChangeOf(change)
	if !ok || c.Kind == 0 {
		t.Fatalf("%+v, %v", c, ok)
	}
	for name, tt := range map[string]struct {
		e    *event.Event
		want []string
	}{
		"a change to IIS": {change, []string{
			fmt.Sprintf(`both ["29" "WEB01.corp.example"] [] %v`, c.Kind),
			fmt.Sprintf(`rows ["x"] [] %v`, c.Kind), fmt.Sprintf(`rows ["y"] [] %v`, c.Kind),
			fmt.Sprintf(`lacks [] ["nothing"] %v`, c.Kind)}},
		"another event": {decode(t, "nxlog-json", script("x")),
			[]string{`both ["4104" "WEB01.corp.example"] [] ` + fmt.Sprint(detection.Kind(0))}},
		"an event of no rule": {decode(t, "nxlog-json", failed2282("IIS-W3SVC-WP", "x.dll")), nil},
	} {
		if got := matched(own, tt.e); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got\n%q, want\n%q", name, got, tt.want)
		}
	}
	before := []detection.Match{{Event: 1}}
	if got := own.Match(before, 5, change); len(got) != 5 || got[0].Event != 1 || got[1].Event != 5 || got[4].Event != 5 {
		t.Errorf("%+v, want the matches of event 5 behind that of event 1", got)
	}
}
