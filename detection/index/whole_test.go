package index_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// A plan that is run whole may match what it or one of its subsearches starts
// from.
func TestWholePlansAreFound(t *testing.T) {
	env := detection.Env(detection.BuiltInMacros(), nil)
	env.Whole = true
	p, err := env.Compile("`sysmon` EventCode=10 TargetImage=*lsass.exe | stats count by dest process_guid | " +
		"join dest [| tstats count from datamodel=Endpoint.Registry where Registry.registry_path=*\\\\Run\\\\* by " +
		"Registry.dest | rename Registry.* as *] | append [search EventCode=4625 [search EventCode=1102 | table dest]]")
	if err != nil || !p.Whole() {
		t.Fatal(err)
	}
	ix := index.NewIndex([]*spl.Plan{p})
	for _, c := range []struct {
		channel string
		code    int64
		target  string
		want    bool
	}{
		{event.Sysmon, 10, `C:\lsass.exe`, true}, {event.Sysmon, 10, `C:\x.exe`, false}, {event.Sysmon, 13, "", false},
		{event.Sysmon, 13, `HKLM\RUN\x`, true}, {event.Sysmon, 13, `HKLM\Runs\x`, false},
		{event.Sysmon, 1, "", false}, {event.Security, 4625, "", true}, {event.Security, 1102, "", true},
		{event.Security, 4624, "", false},
	} {
		e := &event.Event{Channel: c.channel, EventCode: c.code, HasTime: true}
		e.Add("TargetImage", c.target)
		e.Add("TargetObject", c.target)
		if got := slices.Contains(ix.Candidates(e, nil), 0); got != c.want {
			t.Errorf("%s %d %s: %v", c.channel, c.code, c.target, got)
		}
		if p.Matches(e) && !c.want {
			t.Errorf("%s %d %s matches", c.channel, c.code, c.target)
		}
		if len(p.Feed(e, nil)) != 0 {
			t.Error("a plan that is run whole makes parts")
		}
	}
}

// Whatever such a plan starts from, an event that it matches has it as a candidate.
func TestWholeCandidatesMissNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	s := &searches{Rand: r}
	env := detection.Env(detection.BuiltInMacros(), nil)
	env.Whole = true
	start := func() string {
		one := s.search()
		if s.prefix == "" {
			return one
		}
		if s.prefix = ""; r.IntN(3) > 0 {
			return one
		}
		return "| from datamodel:Endpoint." + s.pick("Processes", "Registry", "Filesystem") + " | search " +
			s.condition(2) + " | stats count by dest"
	}
	matched, candidates, asked := 0, 0, 0
	for range 40 {
		var plans []*spl.Plan
		for range 25 {
			second := start()
			if !strings.HasPrefix(second, "|") {
				second = "search " + second
			}
			p, err := env.Compile(start() + " | append [" + second + "]")
			if err != nil || !p.Whole() {
				t.Fatal(err)
			}
			plans = append(plans, p)
		}
		ix := index.NewIndex(plans)
		for range 250 {
			e := randomEvent(r)
			got := ix.Candidates(e, nil)
			asked, candidates = asked+len(plans), candidates+len(got)
			for i, p := range plans {
				if !p.Matches(e) {
					continue
				}
				if matched++; !slices.Contains(got, i) {
					t.Fatalf("%s\nmatches and is no candidate of %+v", p.Search(), e)
				}
			}
		}
	}
	if matched == 0 || candidates > asked*3/4 {
		t.Errorf("%d matches, %d candidates of %d", matched, candidates, asked)
	}
}
