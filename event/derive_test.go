package event_test

import (
	"testing"

	"escutcheon/event"
)

func of(channel string, code int64, pairs ...string) *event.Event {
	e := &event.Event{Channel: channel, EventCode: code, Computer: "h1", Provider: "P", Message: "First line.\nSecond."}
	for i := 0; i < len(pairs); i += 2 {
		e.Add(pairs[i], pairs[i+1])
	}
	return e
}

// What the add-ons make of fields; "" where there is none.
func TestDerived(t *testing.T) {
	process := of(event.Sysmon, 1, "Image", `C:\a\b.exe`, "CommandLine", "b -x", "ParentImage", `C:\p.exe`,
		"ParentCommandLine", "p -y",
		"Hashes", "SHA1=11,MD5=22,SHA256=33,IMPHASH=44", "User", `CORP\bob`, "ProcessId", "7", "ParentProcessId", "6",
		"IntegrityLevel", "High")
	created := of("security", 4688, "NewProcessName", `C:\a\b.exe`, "ParentProcessName", `C:\p.exe`, "NewProcessId", "0x7",
		"ProcessId", "0x6",
		"SubjectUserName", "bob", "TargetUserName", "-")
	logon := of(event.Security, 4624, "TargetUserName", "eve", "SubjectUserName", "bob", "IpAddress", "10.0.0.1",
		"LogonType", "3",
		"Keywords", "0x8020000000000000", "AuthenticationPackageName", "NTLM")
	set := of(event.Sysmon, 13, "TargetObject", `HKLM\A\B\v`, "Details", "QWORD (0x00000000-0x00000001)", "EventType",
		"SetValue")
	key := of(event.Sysmon, 12, "TargetObject", `HKLM\A\B`, "EventType", "DeleteKey")
	audit := of(event.Security, 4657, "ObjectName", `\REGISTRY\M`, "ObjectValueName", "v", "NewValue", "1")
	file := of(event.Sysmon, 11, "TargetFilename", `C:\t\x.txt`, "Image", `C:\i.exe`)
	load := of(event.Sysmon, 7, "ImageLoaded", `C:\l.dll`, "Image", `C:\i.exe`, "Signed", "true", "SignatureStatus",
		"Expired")
	xml := of("System", 7040, "param1", "Windows Update", "param4", "wuauserv")
	xml.Raw = "<Event><EventData><Data>x</Data></EventData></Event>"
	for _, tt := range []struct {
		e          *event.Event
		name, want string
	}{
		{process, "process_name", "b.exe"}, {process, "process_path", `C:\a\b.exe`}, {process, "process", "b -x"},
		{process, "process_id", "7"},
		{process, "parent_process_name", "p.exe"}, {process, "parent_process", "p -y"}, {process, "parent_process_id", "6"},
		{process, "MD5", "22"}, {process, "IMPHASH", "44"}, {process, "user", `CORP\bob`},
		{process, "process_integrity_level", "High"},
		{process, "action", "allowed"}, {process, "signature", "Process creation"},
		{process, "vendor_product", "Microsoft Sysmon"},
		{process, "eventtype", "ms-sysmon"}, {process, "dvc", "h1"}, {process, "nothing", ""}, {process, "file_name", ""},
		{created, "process_name", "b.exe"}, {created, "process", `C:\a\b.exe`}, {created, "process_id", "0x7"},
		{created, "parent_process_id", "0x6"},
		{created, "parent_process_name", "p.exe"}, {created, "parent_process", `C:\p.exe`}, {created, "user", "bob"},
		{created, "action", "allowed"},
		{created, "eventtype", "wineventlog_security"}, {created, "New_Process_Name", `C:\a\b.exe`},
		{logon, "user", "eve"}, {logon, "src_user", "bob"}, {logon, "src", "10.0.0.1"}, {logon, "action", "success"},
		{logon, "status", "success"},
		{logon, "Logon_Type", "3"}, {logon, "app", "win:remote"}, {logon, "authentication_method", "NTLM"},
		{logon, "signature", "First line."},
		{logon, "name", "First line."}, {logon, "Client_Address", "10.0.0.1"}, {logon, "Account_Name", "eve"},
		{set, "registry_path", `HKLM\A\B\v`}, {set, "registry_key_name", `HKLM\A\B`}, {set, "registry_value_name", "v"},
		{set, "registry_value_data", "0x00000000-0x00000001"}, {set, "registry_value_type", "REG_QWORD"},
		{set, "registry_hive", "HKLM"}, {set, "action", "modified"},
		{key, "registry_key_name", `HKLM\A\B`}, {key, "registry_value_name", ""}, {key, "action", "deleted"},
		{audit, "registry_path", `\REGISTRY\M\v`}, {audit, "registry_value_name", "v"}, {audit, "registry_value_data", "1"},
		{file, "file_name", "x.txt"}, {file, "file_path", `C:\t\x.txt`}, {file, "process_name", "i.exe"},
		{file, "action", "created"},
		{load, "loaded_file", "l.dll"}, {load, "signature", "Image loaded"},
		{load, "service_dll_signature_exists", "true"}, {load, "service_dll_signature_verified", "false"},
		{file, "service_dll_signature_verified", ""},
		{xml, "EventData_Xml", "<EventData><Data>x</Data></EventData>"}, {xml, "UserData_Xml", ""},
		{xml, "eventtype", "wineventlog_system"},
		{xml, "service", "Windows Update"}, {xml, "ServiceName", "wuauserv"}, {load, "ServiceName", ""},
		{xml, "ProviderName", "P"}, {xml, "signature_id", ""}, {xml, "process_name", ""},
	} {
		got, ok := tt.e.Get(tt.name)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %d: %s is %q (%v), want %q", tt.e.Channel, tt.e.EventCode, tt.name, got, ok, tt.want)
		}
	}
}

// What the add-ons give besides, each row a cause of rules that never fired.
func TestDerivedOfAddOns(t *testing.T) {
	access := of(event.Sysmon, 10, "SourceImage", `C:\a\dump.exe`, "SourceProcessGUID", "{1}", "SourceProcessId", "7",
		"TargetImage", `C:\Windows\System32\lsass.exe`, "Sid", "S-1-5-18", "Level", "4")
	load := of(event.Sysmon, 7, "Image", `C:\i.exe`, "ProcessGuid", "{2}", "ProcessId", "8", "ImageLoaded", `C:\l.dll`)
	driver := of(event.Sysmon, 6, "ImageLoaded", `C:\d.sys`, "Signed", "true", "SignatureStatus", "Valid")
	dns := of(event.Sysmon, 22, "QueryName", "a.example", "QueryStatus", "0", "QueryResults", "::ffff:10.0.0.1;")
	key := of(event.Sysmon, 12, "TargetObject", `HKLM\A\B`, "EventType", "CreateKey")
	conn := of(event.Sysmon, 3, "Initiated", "true", "Protocol", "tcp", "DestinationPort", "443", "SourceIp", "10.0.0.1",
		"DestinationIp", "10.0.0.2", "DestinationIsIpv6", "false", "Image", `C:\i.exe`, "UtcTime", "x")
	consumer := of(event.Sysmon, 20, "Name", ` "evil"`, "Destination", ` "cmd.exe"`)
	cleared := of(event.Security, 1102, "Keywords", "0x4020000000000000")
	system := of("System", 104, "Channel", "Application")
	ticket := of(event.Security, 4769, "ServiceSid", "S-1-5-21-1", "IpAddress", "10.0.0.9")
	machine := of(event.Security, 4741, "TargetUserName", "PC1$", "Task", "13825")
	member := of(event.Security, 4732, "TargetUserName", "Administrators", "TargetSid", "S-1-5-32-544", "Keywords",
		"-9214364837600034816")
	failed := of(event.Security, 4625, "Keywords", "-9218868437227405312")
	mode := of("System", 7040, "param1", "Update", "param2", "auto start", "param3", "disabled", "param4", "wuauserv")
	state := of("System", 7036, "param1", "WinDefend", "param2", "stopped")
	defender := of("Microsoft-Windows-Windows Defender/Operational", 5007, "New Value", "1", "Product Name", "D",
		"a_b c", "2")
	created := of(event.Security, 4688, "CommandLine", `"C:\a b\c.exe" -x  y`, "TokenElevationType", "%%1937",
		"NewProcessName",
		`C:\a b\c.exe`)
	for _, tt := range []struct {
		e          *event.Event
		name, want string
	}{
		{access, "parent_process_name", "dump.exe"}, {access, "parent_process_path", `C:\a\dump.exe`},
		{access, "parent_process_exec", "dump.exe"}, {access, "parent_process_id", "7"},
		{access, "parent_process_guid", "{1}"},
		{access, "process_name", "dump.exe"}, {access, "SecurityID", "S-1-5-18"},
		{access, "EventDescription", "ProcessAccess"},
		{access, "severity_id", "4"}, {access, "os", "Microsoft Windows"}, {access, "product", "Sysmon"},
		{load, "parent_process_name", "i.exe"}, {load, "parent_process_guid", "{2}"}, {load, "parent_process_id", "8"},
		{driver, "service_signature_exists", "true"}, {driver, "service_signature_verified", "true"},
		{driver, "process_path", `C:\d.sys`}, {load, "service_signature_exists", ""},
		{dns, "query_count", "1"}, {dns, "answer_count", "1"}, {dns, "reply_code_id", "0"}, {dns, "src", "h1"},
		{dns, "dvc_nt_host", "h1"},
		{key, "object_category", "registry"}, {key, "object_path", `HKLM\A\B`}, {key, "status", "success"},
		{conn, "direction", "outbound"}, {conn, "transport_dest_port", "tcp/443"}, {conn, "dvc_ip", "10.0.0.1"},
		{conn, "protocol_version", "ipv4"}, {conn, "state", "established"}, {conn, "app", `C:\i.exe`},
		{consumer, "object", "evil"}, {consumer, "DestinationNoQuotes", "cmd.exe"}, {consumer, "object_path", "cmd.exe"},
		{cleared, "object", "Security"}, {cleared, "action", "cleared"}, {cleared, "status", "success"},
		{cleared, "change_type", "eventlog"}, {cleared, "service_name", "EventLog"}, {cleared, "Error_Code", "-"},
		{system, "object", "Application"}, {system, "action", "cleared"}, {system, "object_category", "eventlog"},
		{ticket, "service_id", "S-1-5-21-1"}, {ticket, "src_nt_host", "10.0.0.9"}, {ticket, "app", "win:unknown"},
		{machine, "user_type", "computer"}, {machine, "CategoryString", "Computer Account Management"},
		{machine, "result", "created"}, {member, "result", "added"}, {member, "change_type", "AAA"},
		{member, "status", "success"}, {member, "object", "Administrators"}, {member, "object_id", "S-1-5-32-544"},
		{failed, "status", "failure"}, {failed, "action", "failure"},
		{mode, "service_name", "wuauserv"}, {mode, "start_mode", "disabled"}, {mode, "Error_Code", "-"},
		{state, "service_name", "WinDefend"}, {state, "ServiceName", "WinDefend"}, {state, "status", "stopped"},
		{defender, "New_Value", "1"}, {defender, "Product_Name", "D"}, {defender, "a_b_c", ""}, {defender, "New Value", "1"},
		{created, "process_command_line_process", `C:\a b\c.exe`}, {created, "process_command_line_arguments", "-x  y"},
		{created, "Token_Elevation_Type_id", "2"}, {created, "new_process_name", "c.exe"},
	} {
		got, ok := tt.e.Get(tt.name)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %d: %s is %q (%v), want %q", tt.e.Channel, tt.e.EventCode, tt.name, got, ok, tt.want)
		}
		if byGetter, _ := event.Getter(tt.name)(tt.e); byGetter != got {
			t.Errorf("%s by its getter: %q", tt.name, byGetter)
		}
	}
}

// A field that the log carries goes before one that is made.
func TestOwnFieldsFirst(t *testing.T) {
	e := of(event.Sysmon, 1, "Image", `C:\a.exe`, "process_name", "mine")
	if got, _ := e.Get("process_name"); got != "mine" {
		t.Error(got)
	}
}

func BenchmarkGetDerived(b *testing.B) {
	e := of(event.Sysmon, 1, "UtcTime", "x", "ProcessGuid", "{1}", "ProcessId", "7", "Image", `C:\Windows\System32\a.exe`,
		"FileVersion", "1",
		"Description", "d", "Product", "p", "Company", "c", "OriginalFileName", "a.exe", "CommandLine", "a",
		"CurrentDirectory", "d", "User", "u")
	b.ReportAllocs()
	for b.Loop() {
		if v, _ := e.Get("process_name"); v != "a.exe" {
			b.Fatal(v)
		}
	}
}
