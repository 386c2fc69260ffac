package event_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/event"
)

// TestNeeds: what an event says under a name is what one says that has nothing but
// the fields that the name needs.
func TestNeeds(t *testing.T) {
	var all []string
	for _, name := range event.Derived() {
		all = append(all, event.Needs(name)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	said := map[string]bool{}
	for range 4_000 {
		e := event.Event{EventCode: event.None, RecordNumber: event.None, Raw: pick("", "<EventData>1</EventData>")}
		for range r.IntN(8) {
			e.Add(all[r.IntN(len(all))], pick("-", `C:\a\b.exe`, `HKLM\A`, "DWORD (0x1)", "SHA1=1,MD5=2,SHA256=3,IMPHASH=4",
				"0x8020000000000000", "CreateKey", "Valid", "3"))
		}
		code := []int64{event.None, 1, 12, 13, 4657, 4688, 7040}[r.IntN(7)]
		channel, message := pick("", event.Sysmon, event.Security, "System", "Application"), pick("", "first\nsecond")
		provider := pick("", event.IISProvider, "P")
		e.EventCode, e.Channel, e.Message, e.Provider, e.Computer = code, channel, message, provider, pick("", "h")
		for _, name := range event.Derived() {
			want, has := e.Get(name)
			said[name] = said[name] || has
			if got, ok := only(e, event.Needs(name)).Get(name); got != want || ok != has {
				t.Fatalf("%s of %+v: %q with what it needs, %q with all", name, e, got, want)
			}
		}
	}
	for _, name := range event.Derived() {
		if !said[name] {
			t.Errorf("no event said anything of %s", name)
		}
	}
}

// only is an event with some of its fields.
func only(e event.Event, names []string) *event.Event {
	has := func(name string) bool { return slices.Contains(names, name) }
	out := &event.Event{EventCode: event.None, RecordNumber: event.None, Raw: e.Raw}
	if has("EventCode") {
		out.EventCode = e.EventCode
	}
	if has("LogName") {
		out.Channel = e.Channel
	}
	if has("ComputerName") {
		out.Computer = e.Computer
	}
	if has("SourceName") {
		out.Provider = e.Provider
	}
	if has("Message") {
		out.Message = e.Message
	}
	for _, f := range e.Fields {
		if has(f.Name) {
			out.Add(f.Name, f.Value)
		}
	}
	return out
}
