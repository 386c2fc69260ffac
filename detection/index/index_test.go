package index_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/detection/index"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

var indexSearches = []string{
	seedSearch,
	"`wineventlog_security` EventCode=4688 NewProcessName=*appcmd.exe | stats count by dest",
	"`wineventlog_security` EventCode IN (4624, 4625) | stats count by dest",
	"`sysmon` EventID=7 ImageLoaded IN (\"*\\\\evil.dll\", \"*bad.dll\") | stats count by dest",
	"(`sysmon` EventCode=1 Image=*cmd.exe) OR (EventCode=4688) | stats count by dest",
	"| tstats count from datamodel=Endpoint.Processes where `process_powershell` Processes.process=\"*-enc*\" by Processes.dest",
	"| tstats count from datamodel=Endpoint.Processes where Processes.process_name=cmd.exe OR Processes.process=\"*kelvin*\" by Processes.dest",
	"| tstats count from datamodel=Endpoint.Processes where NOT Processes.process_name=cmd.exe by Processes.dest",
	"| tstats count from datamodel=Endpoint.Registry where Registry.registry_path=\"*\\\\run\\\\*\" Registry.registry_value_data=0x00000001 by Registry.dest",
	"| tstats count from datamodel=Endpoint.Filesystem by Filesystem.dest",
	"EventCode=29 | stats count by dest",
	"error | stats count by dest",
	"source=*Security EventCode=1 | stats count by dest",
	"source=stream:http | stats count by dest",
	"eventtype=wineventlog_system signature_id=104 | stats count by dest",
	"Channel=System EventCode!=1 dest=web* | stats count by dest",
	"user=unknown OR CommandLine=*whoami* | stats count by dest",
}

// randomEvent is a Windows event made of a few values that the searches ask
// for.
func randomEvent(r *rand.Rand) *event.Event {
	pick := func(values ...string) string { return values[r.IntN(len(values))] }
	e := &event.Event{HasTime: true, Nanos: r.Int64N(1e18), Computer: pick("web1", "WEB2", "dc"),
		Raw: pick("an error", "x"),
		Channel: pick(event.Sysmon, "security", "Security", "System", event.IISConfiguration, "Kelvin",
			"\u212aelvin", "")}
	code := pick("1", "7", "11", "13", "29", "104", "4624", "4688")
	_, _ = fmt.Sscan(code, &e.EventCode)
	if r.IntN(20) == 0 {
		e.Add("EventCode", "4688")
	}
	e.Add("EventCode", code)
	image := pick("", `C:\cmd.exe`, `C:\POWERSHELL.EXE`, `C:\appcmd.exe`, `C:\x.exe`)
	e.Add(pick("Image", "NewProcessName"), image)
	e.Add("CommandLine", pick("", "x -ENC y", "whoami /all", "\u212aelvin", "kelvin"))
	e.Add("ImageLoaded", pick("", `C:\EVIL.dll`, `C:\bad.dll`, `C:\good.dll`))
	e.Add("TargetObject", pick("", `HKLM\Run\x`, `HKLM\x`))
	e.Add("Details", pick("", "DWORD (0x00000001)"))
	e.Add("User", pick("", "bob"))
	if r.IntN(10) == 0 {
		e.Add(pick("EventID", "source", "Channel", "eventtype", "signature_id"), pick("29",
			"WinEventLog:Security", "System", "stream:http", "104"))
	}
	return e
}

// A plan that matches is always a candidate, and not all plans are; what it matches
// is of a kind that it asks for, or odd.
func TestIndexMissesNothing(t *testing.T) {
	var plans []*spl.Plan
	for _, s := range indexSearches {
		plans = append(plans, compile(t, s))
	}
	ix := index.NewIndex(plans)
	var kinds []index.Kinds
	for _, p := range plans {
		kinds = append(kinds, index.OfPlan(p))
	}
	r := rand.New(rand.NewPCG(1, 2))
	matched, candidates, rounds := 0, 0, 20_000
	var dst []int
	for range rounds {
		e := randomEvent(r)
		dst = ix.Candidates(e, dst[:0])
		if !slices.IsSorted(dst) {
			t.Fatal(dst)
		}
		candidates += len(dst)
		for i, p := range plans {
			if !p.Matches(e) {
				continue
			}
			matched++
			k := kinds[i]
			if !index.Odd(e) && (!k.Has(e.Channel, e.EventCode) || !k.Channel(e.Channel) ||
				k.Codes() != nil && !slices.Contains(k.Codes(), e.EventCode)) {
				t.Fatalf("%s\nmatches %+v, whose kind it does not ask for", p.Search(), e)
			}
			if !slices.Contains(dst, i) {
				t.Fatalf("%s\nmatches but is no candidate of %+v", p.Search(), e)
			}
		}
	}
	if matched == 0 || candidates > rounds*len(plans)/2 {
		t.Errorf("%d matches, %d candidates of %d", matched, candidates, rounds*len(plans))
	}
}

func TestIndexOfOtherEvents(t *testing.T) {
	plans := []*spl.Plan{compile(t, "EventCode=1 | stats count"), compile(t, "EventCode=2 | stats count")}
	if got := index.NewIndex(plans).Candidates(spl.Map{"EventCode": "1"}, nil); len(got) != 2 {
		t.Error(got)
	}
}

func TestIndexWants(t *testing.T) {
	var plans []*spl.Plan
	for _, s := range indexSearches {
		plans = append(plans, compile(t, s))
	}
	ix := index.NewIndex(plans)
	mk := func(channel string, code int64, fields ...string) *event.Event {
		e := &event.Event{Channel: channel, EventCode: code, Computer: "dc", HasTime: true}
		e.Add("EventCode", fmt.Sprint(code))
		for i := 0; i < len(fields); i += 2 {
			e.Add(fields[i], fields[i+1])
		}
		return e
	}
	raw := func(text string) *event.Event {
		e := mk("System", 7)
		e.Raw = text
		return e
	}
	for _, tt := range []struct {
		e    *event.Event
		want []int
	}{
		{mk("Security", 4624), []int{2}},
		{mk("Security", 1), []int{12}},
		{mk(event.Sysmon, 22), nil},
		{mk(event.Sysmon, 7, "ImageLoaded", `C:\BAD.dll`), []int{3}},
		{mk(event.Sysmon, 7, "ImageLoaded", `C:\fine.dll`), nil},
		{raw("an error"), []int{11}}, {raw("AN ERROR"), []int{11}}, {raw("\u212a"), []int{11}}, {raw("none"), nil},
		{mk(event.IISConfiguration, 29), []int{0, 10}},
		{mk(event.Sysmon, 1, "Image", `C:\cmd.exe`), []int{4, 6, 7, 12}},
	} {
		if got := ix.Candidates(tt.e, nil); !slices.Equal(got, tt.want) {
			t.Errorf("%s %d: %v, want %v", tt.e.Channel, tt.e.EventCode, got, tt.want)
		}
	}
}

// manyPlans are 1,000 plans made of the searches above, as many rules of real
// content would be.
func manyPlans(b *testing.B) []*spl.Plan {
	var plans []*spl.Plan
	for i := range 1000 {
		plans = append(plans, compile(b, indexSearches[i%10]))
	}
	return plans
}

func BenchmarkIndex(b *testing.B) {
	ix := index.NewIndex(manyPlans(b))
	none := iisEvent("7036", "System")
	process := iisEvent("1", event.Sysmon)
	process.EventCode = 1
	process.Add("Image", `C:\Windows\System32\svchost.exe`)
	process.Add("CommandLine", `C:\Windows\System32\svchost.exe -k netsvcs -p -s Schedule`)
	none.EventCode = 7036
	for _, bb := range []struct {
		name string
		e    *event.Event
	}{{"no-rule-wants-it", none}, {"process", process}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			var dst []int
			for b.Loop() {
				dst = ix.Candidates(bb.e, dst[:0])
			}
			b.ReportMetric(float64(len(dst)), "candidates")
		})
	}
}

// BenchmarkThousandRules runs 1,000 plans on one event, and the seed alone, to
// compare them with.
func BenchmarkThousandRules(b *testing.B) {
	many, seed := index.NewIndex(manyPlans(b)), index.NewIndex([]*spl.Plan{compile(b, seedSearch)})
	logon := iisEvent("4672", event.Security)
	logon.EventCode = 4672
	process := iisEvent("1", event.Sysmon)
	process.EventCode = 1
	process.Add("Image", `C:\Windows\System32\svchost.exe`)
	process.Add("CommandLine", `C:\Windows\System32\svchost.exe -k netsvcs -p -s Schedule`)
	change := iisEvent("29", event.IISConfiguration)
	change.EventCode = 29
	for _, bb := range []struct {
		name string
		ix   *index.Index
		e    *event.Event
	}{
		{"1/logon", seed, logon}, {"1000/logon", many, logon}, {"1/process", seed, process},
		{"1000/process", many, process},
		{"1/change", seed, change}, {"1000/change", many, change},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			var dst []int
			var parts []spl.Part
			for b.Loop() {
				dst, parts = bb.ix.Candidates(bb.e, dst[:0]), parts[:0]
				for _, i := range dst {
					parts = bb.ix.Plans()[i].Feed(bb.e, parts)
				}
			}
			b.ReportMetric(float64(len(parts)), "parts")
		})
	}
}
