package spl_test

import (
	"testing"

	"escutcheon/event"
)

const seedSearch = "`iis_operational_logs` EventCode=29 | stats count min(_time) as firstTime max(_time) as lastTime " +
	"BY OpCode EventCode ComputerName Message | rename ComputerName AS dest | `security_content_ctime(firstTime)` " +
	"| `security_content_ctime(lastTime)` | `windows_iis_components_new_module_added_filter`"

func iisEvent(code, channel string) *event.Event {
	e := &event.Event{Channel: channel, Computer: "WEB01.corp.example", OpCode: "Info", HasTime: true, Nanos: 1e18,
		Message: "Changes to '/system.webServer/globalModules/add[@name=\"x\"]' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed."}
	for _, f := range [][2]string{{"LogName", channel}, {"SourceName", "Microsoft-Windows-IIS-Configuration"},
		{"EventCode", code},
		{"EventType", "5"}, {"Type", "Verbose"}, {"ComputerName", e.Computer}, {"User", "NOT_TRANSLATED"},
		{"Sid", "S-1-5-21-1-2-3-500"},
		{"SidType", "0"}, {"TaskCategory", "None"}, {"OpCode", "Info"}, {"RecordNumber", "12345"}, {"Keywords", "None"},
		{"Message", e.Message}} {
		e.Add(f[0], f[1])
	}
	return e
}

func BenchmarkMatches(b *testing.B) {
	p := compile(b, seedSearch)
	for _, bb := range []struct {
		name string
		e    *event.Event
		want bool
	}{
		{"other-code", iisEvent("4624", "Security"), false},
		{"other-channel", iisEvent("29", "System"), false},
		{"match", iisEvent("29", event.IISConfiguration), true},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p.Matches(bb.e) != bb.want {
					b.Fatal("wrong")
				}
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	p := compile(b, seedSearch)
	e := iisEvent("29", event.IISConfiguration)
	s := p.New()
	b.ReportAllocs()
	for b.Loop() {
		if _, missing := p.Key(e); missing != nil {
			b.Fatal(missing)
		}
		s.Add(e)
	}
}

// What no search matches costs no memory.
func TestMatchesAllocatesNothing(t *testing.T) {
	p := compile(t, seedSearch)
	for _, e := range []*event.Event{iisEvent("4624", "Security"), iisEvent("29", "System")} {
		if n := testing.AllocsPerRun(100, func() { p.Matches(e) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
