package record_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/record"
)

func TestFieldsFromMessage(t *testing.T) {
	const process = "A new process has been created.\n\nCreator Subject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount Name:\t\tWEB01$\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x3E7\n\n" +
		"Target Subject:\n\tSecurity ID:\t\tS-1-0-0\n\tAccount Name:\t\t-\n\nProcess Information:\n\tNew Process ID:\t\t0x1a2c\n\tNew Process Name:\tC:\\Windows\\System32\\inetsrv\\appcmd.exe\n" +
		"\tToken Elevation Type:\t%%1936\n\tCreator Process ID:\t0x8f4\n\tCreator Process Name:\tC:\\Windows\\System32\\cmd.exe\n\tProcess Command Line:\tappcmd.exe install module /name:X /image:C:\\x.dll\n\nToken Elevation Type indicates"
	for name, c := range map[string]struct {
		channel, message string
		code             int64
		want             map[string]string
	}{
		"4688": {"Security", process, 4688, map[string]string{"SubjectUserName": "WEB01$", "SubjectDomainName": "CORP",
			"SubjectUserSid": "S-1-5-18", "TargetUserSid": "S-1-0-0",
			"TargetUserName": "", "NewProcessId": "0x1a2c", "NewProcessName": `C:\Windows\System32\inetsrv\appcmd.exe`,
			"ProcessId":         "0x8f4",
			"ParentProcessName": `C:\Windows\System32\cmd.exe`,
			"CommandLine":       `appcmd.exe install module /name:X /image:C:\x.dll`}},
		"4688 as Windows 7 has it": {
			"Security",
			"A new process has been created.\n\nSubject:\n\tAccount Name:\t\tada\n\nProcess Information:\n\tNew Process Name:\tC:\\a.exe", 4688,
			map[string]string{"SubjectUserName": "ada", "NewProcessName": `C:\a.exe`}},
		"another of Security": {"Security", process, 4689, map[string]string{"NewProcessName": ""}},
		"Sysmon": {"Microsoft-Windows-Sysmon/Operational",
			"Process Create:\nRuleName: -\nUtcTime: 2025-12-10 05:49:00.117\nImage: C:\\a b\\x.exe\nCommandLine: x.exe /a: b\nCurrent Directory: C:\\", 1,
			map[string]string{"Image": `C:\a b\x.exe`, "CommandLine": "x.exe /a: b", "RuleName": "",
				"UtcTime": "2025-12-10 05:49:00.117", "Current Directory": ""}},
		"4104": {"Microsoft-Windows-PowerShell/Operational",
			"Creating Scriptblock text (1 of 2):\nNew-WebGlobalModule -Name X `\n  -Image C:\\x.dll\n\nScriptBlock ID: 5f7c\nPath: C:\\a.ps1", 4104,
			map[string]string{"MessageNumber": "1", "MessageTotal": "2",
				"ScriptBlockText": "New-WebGlobalModule -Name X `\n  -Image C:\\x.dll", "ScriptBlockId": "5f7c",
				"Path": `C:\a.ps1`}},
		"4104 in German": {"Microsoft-Windows-PowerShell/Operational", "Scriptblock-Text wird erstellt (1 von 1):\nx", 4104,
			map[string]string{"ScriptBlockText": ""}},
	} {
		var e event.Event
		e.Reset()
		e.Channel, e.EventCode, e.Message = c.channel, c.code, c.message
		e.Add("Present", "x")
		record.FieldsFromMessage(&e)
		for field, want := range c.want {
			if got, _ := e.Get(field); got != want {
				t.Errorf("%s: %s is %q, want %q", name, field, got, want)
			}
		}
	}
	for _, hostile := range []string{strings.Repeat("a: b\n", 1e5), strings.Repeat("\n", 1e5),
		strings.Repeat("Creating Scriptblock text (", 1e4), "x\n" + strings.Repeat("f: 1\n", 100)} {
		for _, channel := range []string{"Security", "Microsoft-Windows-Sysmon/Operational",
			"Microsoft-Windows-PowerShell/Operational"} {
			for _, code := range []int64{4688, 4104, 1} {
				var e event.Event
				e.Reset()
				e.Channel, e.EventCode, e.Message = channel, code, hostile
				record.FieldsFromMessage(&e)
				if len(e.Fields) > 64 {
					t.Errorf("%d fields from %s", len(e.Fields), fmt.Sprintf("%.20q", hostile))
				}
			}
		}
	}
}
