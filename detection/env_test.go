package detection_test

import (
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// An event of a channel answers to the sources and sourcetypes of both of the
// add-on's inputs (shared facts: data-source macros).
func TestSources(t *testing.T) {
	security := &event.Event{Channel: event.Security, EventCode: 4688, HasTime: true}
	iis := &event.Event{Channel: event.IISConfiguration, EventCode: 29, HasTime: true}
	for _, tt := range []struct {
		search        string
		security, iis bool
	}{
		{`source="WinEventLog:Security"`, true, false}, {`source="XmlWinEventLog:Security"`, true, false},
		{`source="xmlwineventlog:SECURITY"`, true, false},
		{`source="XmlWinEventLog:System"`, false, false}, {`source="Xml*Security"`, true, false},
		{`source="Xml*System"`, false, false},
		{`source=*`, true, true}, {`source="*Security"`, true, false},
		{`source="IIS:Configuration:Operational"`, false, true},
		{`source="XmlIIS:Configuration:Operational"`, false, false},
		{`sourcetype=WinEventLog`, true, false}, {`sourcetype=XmlWinEventLog`, true, false},
		{`sourcetype="XmlWinEventLog:Security"`, true, false}, {`sourcetype="WinEventLog:Security"`, true, false},
		{`sourcetype="XmlWinEventLog:System"`, false, false},
		{`sourcetype="IIS:Configuration:Operational"`, false, true},
		{`source!="XmlWinEventLog:Security"`, false, true},
		{`source!="WinEventLog:System"`, true, true}, {`NOT source="XmlWinEventLog:Security"`, false, true},
		{`sourcetype!=XmlWinEventLog`, false, true},
		{`source IN ("XmlWinEventLog:System", "XmlWinEventLog:Security")`, true, false},
		{`source IN ("x", "IIS:Configuration:Operational")`, false, true}, {`source IN ("x", "*")`, true, true},
		{`dest="XmlWinEventLog:Security"`, false, false}, {`eventtype=wineventlog_security`, true, false},
		{`eventtype="xmlwineventlog_security"`, false, false},
	} {
		p, err := detection.Compile(tt.search+" | stats count", nil)
		if err != nil {
			t.Fatal(tt.search, err)
		}
		if p.Matches(security) != tt.security || p.Matches(iis) != tt.iis {
			t.Errorf("%s: Security %v, IIS %v", tt.search, p.Matches(security), p.Matches(iis))
		}
	}
}

const overProcesses = "| tstats count from datamodel=Endpoint.Processes where "

// The built-in macros name the data that they are called after.
func TestBuiltInMacros(t *testing.T) {
	on := func(channel string, fields ...string) *event.Event {
		e := &event.Event{Channel: channel, EventCode: 1, HasTime: true, Computer: "w"}
		for i := 0; i < len(fields); i += 2 {
			e.Add(fields[i], fields[i+1])
		}
		return e
	}
	for macro, channel := range map[string]string{
		"sysmon": event.Sysmon, "powershell": event.PowerShell, "iis_operational_logs": event.IISConfiguration,
		"wineventlog_security": event.Security,
		"wineventlog_system":   "System", "wineventlog_application": "Application",
		"capi2_operational":     "Microsoft-Windows-CAPI2/Operational",
		"ms_defender":           "Microsoft-Windows-Windows Defender/Operational",
		"msexchange_management": "MSExchange Management", "ntlm_audit": "Microsoft-Windows-NTLM/Operational",
		"printservice":                  "Microsoft-Windows-PrintService/Admin",
		"applocker":                     "Microsoft-Windows-AppLocker/MSI and Script",
		"wmi":                           "Microsoft-Windows-WMI-Activity/Operational",
		"wineventlog_rdp":               "Microsoft-Windows-TerminalServices-RDPClient/Operational",
		"wineventlog_task_scheduler":    "Microsoft-Windows-TaskScheduler/Operational",
		"remoteconnectionmanager":       "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
		"certificateservices_lifecycle": "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
	} {
		p, err := detection.Compile("`"+macro+"` | stats count", detection.BuiltInMacros())
		if err != nil {
			t.Fatal(err)
		}
		if !p.Matches(on(channel)) || p.Matches(on(channel+"x")) || p.Matches(on("Setup")) {
			t.Errorf("%s is not about %s", macro, channel)
		}
	}
	for macro, files := range map[string]string{
		"process_powershell": "powershell.exe pwsh.exe powershell_ise.exe", "process_cmd": "cmd.exe",
		"process_net":      "net.exe net1.exe",
		"process_rundll32": "rundll32.exe", "process_psexec": "psexec.exe psexec64.exe", "process_msbuild": "MSBuild.exe"} {
		p, err := detection.Compile(overProcesses+"`"+macro+"` by Processes.dest", detection.BuiltInMacros())
		if err != nil {
			t.Fatal(err)
		}
		for f := range strings.FieldsSeq(files) {
			if !p.Matches(on(event.Sysmon, "Image", `C:\x\`+f)) {
				t.Errorf("%s is not %s", f, macro)
			}
		}
		if p.Matches(on(event.Sysmon, "Image", `C:\x\other.exe`)) || p.Matches(on(event.Security, "Image",
			`C:\x\cmd.exe`)) {
			t.Errorf("%s is everything", macro)
		}
	}
	p, err := detection.Compile(overProcesses+"`process_powershell` by Processes.dest", detection.BuiltInMacros())
	if err != nil || !p.Matches(on(event.Sysmon, "Image", `C:\x.exe`, "OriginalFileName", "pwsh.dll")) {
		t.Error("a program is known by its original name", err)
	}
}

// A filter that nobody wrote keeps everything; what one removes is set aside,
// wherever its definition is from; what a macro of another name removes is
// dropped.
func TestFiltersAreAside(t *testing.T) {
	m := spl.Macros{"my_filter": {Definition: "search NOT dest=web1"},
		"arg_filter(1)": {Definition: "search NOT dest=$d$", Args: []string{"d"}},
		"screen":        {Definition: "search NOT dest=web1"}, "my_filter_2": {Definition: "search NOT dest=web1"}}
	for call, want := range map[string]spl.Verdict{"my_filter": spl.Aside, "arg_filter(web1)": spl.Aside,
		"other_filter": spl.Kept, "screen": spl.Dropped, "my_filter_2": spl.Dropped} {
		p, err := detection.Compile("* | stats count by dest | `"+call+"`", m)
		if err != nil {
			t.Fatal(err)
		}
		s := p.New()
		s.Add(spl.Map{"_time": "1", "dest": "web1"})
		if _, v := p.Row([]string{"web1"}, s); v != want {
			t.Errorf("%s: %v, want %v", call, v, want)
		}
	}
	if m["my_filter"].Aside {
		t.Error("the caller's macros were changed")
	}
	for _, call := range []string{"`other_filter(1)`", "`filter`", "`_filters`"} {
		if _, err := detection.Compile("* | stats count | "+call, m); err == nil {
			t.Errorf("%s is known", call)
		}
	}
}

// now() is the hourly run whose window holds the event: the run at H covers
// [H−70 min, H−10 min).
func TestNowIsTheRun(t *testing.T) {
	p, err := detection.Compile("* | eval n=now() | stats count by n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for second, want := range map[string]string{"2999": "3600", "2999.9": "3600", "3000": "7200",
		"6599": "7200", "6600": "10800", "0": "3600", "-601": "0", "-600": "3600"} {
		if key, _ := p.Key(spl.Map{"_time": second}); !slices.Equal(key, []string{want}) {
			t.Errorf("at %s: %v, want %s", second, key, want)
		}
	}
}
