package index_test

import (
	"slices"
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
		{event.Sysmon, 10, `C:\lsass.exe`, true}, {event.Sysmon, 10, `C:\x.exe`, false}, {event.Sysmon, 13, "", true},
		{event.Sysmon, 1, "", false}, {event.Security, 4625, "", true}, {event.Security, 1102, "", true},
		{event.Security, 4624, "", false},
	} {
		e := &event.Event{Channel: c.channel, EventCode: c.code, HasTime: true}
		e.Add("TargetImage", c.target)
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
