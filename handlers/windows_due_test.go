package handlers_test

import (
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/internal/consoletest"
)

// TestWholeRule: a rule that joins is in force, its windows are run over after the
// import, and its findings and risk are shown as those of others.
func TestWholeRule(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	search := "EventCode=4688 New_Process_Name=*appcmd.exe " +
		"| stats count values(New_Process_Name) as Message by Computer " +
		"| join Computer [search EventCode=29 | stats count as changes by Computer] | rename Computer as dest " +
		"| table dest count changes Message | `joined_filter`"
	yaml := "name: Joined\nid: joined\nversion: 1\ntype: TTP\nsearch: '" + search + "'\nrba:\n" +
		"  message: both on $dest$\n  risk_objects:\n  - {field: dest, type: system, score: 33}\n"
	if err := s.Book.Load(t.Context(), []detection.SourceFile{{Kind: detection.RuleFile, Path: "joined.yml",
		Content: []byte(yaml)}}); err != nil {
		t.Fatal(err)
	}
	consoletest.LoadRisk(t, s) // web01 has both in four hours, web02 no change
	stats := func() (found, due int64) {
		all, err := s.Store.RuleStats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all["joined"].Findings, all["joined"].Windows
	}
	if found, due := stats(); due > 0 {
		body := s.Get(t, "/rules/joined", "Accept", consoletest.JSON).Body
		if found == 0 && !strings.Contains(body, "pending") && !strings.Contains(body, `"findings":1`) {
			t.Errorf("while windows are due: %s", body)
		}
	}
	for {
		left, err := s.Store.RunWindows(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !left.Tried {
			break
		}
	}
	consoletest.Poll(t, func() bool { _, due := stats(); return due == 0 })
	if found, _ := stats(); found != 1 {
		t.Fatalf("%d findings", found)
	}
	consoletest.Says(t, s.Get(t, "/findings?rule=joined").Body, "web01")
	id := s.FindingOf(t, "joined")
	consoletest.Says(t, s.Get(t, "/findings/"+id).Body, "Joined", "web01")
	consoletest.Says(t, s.Get(t, "/hosts/web01").Body, "Joined", "both on web01")
	consoletest.Says(t, s.Get(t, "/rules/joined/replay?dest=web01").Body, "4 runs fired for web01")
	consoletest.Says(t, s.Get(t, "/rules/joined?expression=NOT+dest%3Dweb01").Body, "run over its windows")
	s.Get(t, "/rules")
}
