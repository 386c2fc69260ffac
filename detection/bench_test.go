package detection_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/event"
)

// synthesize makes n rules of the built-in ones, with ids, names and constants
// of their own.
func synthesize(t testing.TB, n int) []detection.SourceFile {
	t.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	var out []detection.SourceFile
	for i := range n {
		r := rules[i%len(rules)]
		tag := fmt.Sprintf("x%d", i)
		text := strings.NewReplacer(
			"id: "+r.ID, "id: "+tag, "name: "+r.Name, "name: "+r.Name+" "+tag,
			"appcmd.exe", "appcmd"+tag+".exe", "gacutil.exe", "gacutil"+tag+".exe",
			"-Web", "-Web"+tag, "GlobalModule", "GlobalModule"+tag, "WebServer/modules", "WebServer/"+tag, "-IISConfig",
			"-IISConfig"+tag,
			"EnterpriseServices", "EnterpriseServices"+tag, "Internal.Publish", "Internal."+tag, "GacInstall", "GacInstall"+tag,
			"GacAssembly", "Gac"+tag,
			"dontLog", "dontLog"+tag, "httpLogging", "httpLogging"+tag, "logFile", "logFile"+tag, "logTargetW3C",
			"logTarget"+tag, "*odules/", "*odules"+tag+"/",
			"EventCode=2282", fmt.Sprintf("EventCode=%d", 3000+i), "EventCode=29\n      | stats",
			fmt.Sprintf("EventCode=%d\n      | stats", 3000+i),
		).Replace(string(r.Raw))
		out = append(out, detection.SourceFile{Kind: detection.RuleFile, Path: tag + ".yml", Content: []byte(text)})
	}
	return out
}

// mixed are events as servers write them, of which a few are the story's.
func mixed(t testing.TB) []*event.Event {
	t.Helper()
	var out []*event.Event
	for r := range logwriter.Bulk(2000, 1) {
		out = append(out, decode(t, "nxlog-json", *r))
		if len(out)%100 == 0 {
			out = append(out, decode(
				t, "nxlog-json", script(
					"Get-Process | Where-Object { $_.CPU -gt 5 }\nImport-Module WebAdministration\nGet-Website")))
		}
	}
	return out
}

// TestSynthesized: the rules of the benchmark compile and find nothing that the
// built-in ones do not.
func TestSynthesized(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	set := assemble(t, nil, synthesize(t, n)...)
	if len(set.Rules) != builtInCount+n || len(set.Refused)+len(set.Duplicates) != 0 {
		t.Fatalf("%d rules, %v", len(set.Rules), set.Refused)
	}
	rules, few := set.InForce(nil), builtIn(t).InForce(nil)
	var most int
	for _, e := range mixed(t) {
		all := rules.Candidates(e, nil)
		most = max(most, len(all))
		matched := 0
		for _, n := range all {
			if n >= builtInCount && set.Rules[n].Plan().Matches(e) {
				matched++
			}
		}
		if matched > 0 {
			t.Fatalf("%d of the rules made up match an event", matched)
		}
		var own []int
		for _, n := range all {
			if n < builtInCount {
				own = append(own, n)
			}
		}
		if fmt.Sprint(own) != fmt.Sprint(few.Candidates(e, nil)) {
			t.Fatalf("%v and %v", own, few.Candidates(e, nil))
		}
	}
	t.Logf("at most %d candidates", most)
}

// BenchmarkCandidates is what finding the rules for an event costs, and feeding
// it to them.
func BenchmarkCandidates(b *testing.B) {
	events := mixed(b)
	thousand, err := detection.Assemble(synthesize(b, 1000), nil)
	if err != nil {
		b.Fatal(err)
	}
	builtin := builtIn(b)
	seedOnly := builtin.InForce(func(r *detection.Rule) bool { return r.ID == detection.SeedID })
	for _, rules := range []struct {
		name string
		*detection.Rules
	}{{"seed", seedOnly}, {"built-in", builtin.InForce(nil)}, {"thousand", thousand.InForce(nil)}} {
		b.Run(rules.name, func(b *testing.B) {
			b.ReportAllocs()
			var found []int
			for i := 0; b.Loop(); i++ {
				found = rules.Candidates(events[i%len(events)], found[:0])
			}
		})
		b.Run(rules.name+" and fed", func(b *testing.B) {
			b.ReportAllocs()
			var matches []detection.Match
			for i := 0; b.Loop(); i++ {
				matches = rules.Match(matches[:0], 0, events[i%len(events)])
			}
		})
	}
}
