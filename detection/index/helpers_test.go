package index_test

import (
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

func compile(t testing.TB, search string) *spl.Plan {
	t.Helper()
	p, err := detection.Compile(search, detection.BuiltInMacros())
	if err != nil {
		t.Fatalf("%s\n%v", search, err)
	}
	return p
}

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
		{"SidType", "0"}, {"TaskCategory", "None"}, {"OpCode", "Info"}, {"RecordNumber", "12345"}, {"Keywords",
			"None"}, {"Message", e.Message}} {
		e.Add(f[0], f[1])
	}
	return e
}
