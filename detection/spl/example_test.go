package spl_test

import (
	"fmt"
	"maps"
	"slices"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

func ExampleCompile() {
	plan, err := spl.Compile("EventCode=29 | stats count min(_time) as firstTime by ComputerName "+
		"| rename ComputerName AS dest | `security_content_ctime(firstTime)`", spl.BuiltIn())
	if err != nil {
		fmt.Println(err)
		return
	}
	events := []spl.Event{
		spl.Map{"EventCode": "29", "ComputerName": "WEB01", "_time": "60"},
		spl.Map{"EventCode": "29", "ComputerName": "WEB01", "_time": "3600.5"},
		spl.Map{"EventCode": "4624", "ComputerName": "WEB01", "_time": "5"},
	}
	fmt.Println(plan.Columns())
	for _, r := range plan.Run(slices.Values(events)).Rows {
		fmt.Println(r.Row)
	}
	// Output:
	// [dest count firstTime]
	// [{dest WEB01} {count 2} {firstTime 1970-01-01T00:01:00}]
}

func ExampleError() {
	_, err := spl.Compile("EventCode=29 | transaction host", nil)
	fmt.Println(err)
	// Output:
	// command "transaction" at line 1, column 16 (offset 15) is not supported
}

// An import feeds events to the plans that may match them, keeps a state for
// each key, and makes the rows at the end.
func ExampleIndex() {
	plan, err := spl.Compile("| tstats count values(Processes.process) as process from datamodel=Endpoint.Processes "+
		"where Processes.process_name=net.exe by Processes.dest | `drop_dm_object_name(Processes)`", spl.BuiltIn())
	if err != nil {
		fmt.Println(err)
		return
	}
	ix := spl.NewIndex([]*spl.Plan{plan})
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
