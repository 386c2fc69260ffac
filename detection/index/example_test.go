package index_test

import (
	"fmt"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// An import feeds events to the plans that may match them, keeps a state for
// each key, and makes the rows at the end.
func Example() {
	plan, err := detection.Compile(
		"| tstats count values(Processes.process) as process from datamodel=Endpoint.Processes "+
			"where Processes.process_name=net.exe by Processes.dest | `drop_dm_object_name(Processes)`",
		detection.BuiltInMacros())
	if err != nil {
		fmt.Println(err)
		return
	}
	ix := index.NewIndex([]*spl.Plan{plan})
	groups := map[string]spl.Group{}
	for i, line := range []string{"net user", "net localgroup"} {
		e := &event.Event{Channel: event.Sysmon, EventCode: 1, Computer: "ws1", HasTime: true, Nanos: int64(i)}
		e.Add("Image", `C:\Windows\System32\net.exe`)
		e.Add("CommandLine", line)
		for _, n := range ix.Candidates(e, nil) {
			for _, part := range ix.Plans()[n].Feed(e, nil) {
				if part.Missing != nil {
					continue // in no row: a BY field is missing
				}
				id := spl.KeyText(part.Key)
				if groups[id].State == nil {
					groups[id] = spl.Group{Key: part.Key, State: plan.New()}
				}
				groups[id].State.Add(&part)
			}
		}
	}
	for _, r := range plan.Rows(slices.Collect(maps.Values(groups))) {
		fmt.Printf("%q %q %d\n", r.Key, r.Row.List("process"), r.State.Count())
	}
	// Output:
	// ["ws1"] ["net localgroup" "net user"] 2
}
