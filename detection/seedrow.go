package detection

import (
	"strings"
	"sync"

	"escutcheon/event"
)

// SeedRow is the row of the seed's search that an event is in, by OpCode, EventCode,
// ComputerName and Message, where it is in one.
type SeedRow struct{ OpCode, EventCode, Computer, Message string }

// seedCode and seedSource are what the seed's search asks of an event.
const (
	seedCode   = "29"
	seedSource = "IIS:Configuration:Operational"
)

// SeedSearch names the search of the built-in seed, as Rule.Unfiltered does.
func SeedSearch() string { return seedSearch() }

var seedSearch = sync.OnceValue(func() string {
	rules, err := parseBuiltIn()
	if err == nil {
		err = rules[0].compile(Env(BuiltInMacros(), nil))
	}
	if err != nil {
		return ""
	}
	return rules[0].Unfiltered()
})

// SeedRowOf says which row of the built-in seed an event is in. It is that search written
// down another way, for stores that count its rows by themselves.
func SeedRowOf(e *event.Event) (r SeedRow, ok bool) {
	if !e.HasTime {
		return r, false
	}
	if code, _ := e.Get("EventCode"); code != seedCode {
		return r, false
	}
	if source, _ := e.Get("sourcetype"); !strings.EqualFold(source, seedSource) {
		return r, false
	}
	for _, f := range []struct {
		name string
		to   *string
	}{{"OpCode", &r.OpCode}, {"EventCode", &r.EventCode}, {"ComputerName", &r.Computer}, {"Message", &r.Message}} {
		if *f.to, ok = e.Get(f.name); !ok {
			return SeedRow{}, false
		}
	}
	return r, true
}
