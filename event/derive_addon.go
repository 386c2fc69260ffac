package event

import "strings"

// revised are the names that events of older versions did not answer to: what
// rests on one of them is to be made again.
var revised = map[string]bool{}

// Revised says whether events answer to a name differently than those of the
// version that made the first databases.
func Revised(name string) bool { return revised[name] }

// more are the fields of the add-ons that came later. Each says for which events
// it is; of others it says nothing.
func more() map[string]derivation {
	out := map[string]derivation{
		// What the add-ons call by a second name.
		"dvc_nt_host": {func(e *Event) string { return e.Computer }, []string{"ComputerName"}},
		"event_id":    first("RecordNumber"), "id": first("RecordNumber"), "RecordID": first("RecordNumber"),
		"EventChannel": {func(e *Event) string { return e.Channel }, []string{log}},
		"TimeCreated":  first("SystemTime"), "ProcessID": first("ExecutionProcessID"),
		"os":          sysmon(func(*Event) string { return "Microsoft Windows" }),
		"vendor":      {func(*Event) string { return "Microsoft" }, nil},
		"product":     {product, []string{log}},
		"severity_id": sysmon(func(e *Event) string { return e.any("Level") }, "Level"),

		// Sysmon.
		"EventDescription": sysmon(func(e *Event) string { return sysmonEvents[e.EventCode] }, code),
		"SecurityID":       sysmon(func(e *Event) string { return e.any("Sid") }, "Sid"),
		"query_count":      sysmon(answers(nil), "QueryName"),
		"answer_count":     sysmon(answers(countAnswers), "QueryName", "QueryResults"),
		"reply_code_id":    sysmon(func(e *Event) string { return e.any("QueryStatus") }, "QueryStatus"),
		"src_host":         first("SourceHostname"), "src_address": first("StartAddress"),
		"src_function":     first("StartFunction"),
		"src_module":       first("StartModule"),
		"direction":        sysmon(direction, "Initiated"),
		"protocol":         sysmon(func(e *Event) string { return ifAny(e, "ip", "Protocol") }, "Protocol"),
		"protocol_version": sysmon(func(e *Event) string { return ipVersion(e) }, "DestinationIsIpv6"),
		"state": sysmon(func(e *Event) string { return ifAny(e, "established", "DestinationPort") },
			"DestinationPort"),
		"transport_dest_port": sysmon(transportPort, "Protocol", "DestinationPort"),
		"creation_time":       sysmon(func(e *Event) string { return ifCode(e, e.any("UtcTime"), 3) }, code, "UtcTime"),
		"dvc_ip":              sysmon(ownAddress, "Initiated", "SourceIp", "DestinationIp"),
		"file_modify_time":    sysmon(func(e *Event) string { return ifCode(e, e.any("UtcTime"), 23, 26) }, code, "UtcTime"),
		"service_signature_exists": sysmon(func(e *Event) string { return ifCode(e, e.any("Signed"), 6) }, code,
			"Signed"),
		"service_signature_verified": sysmon(func(e *Event) string { return ifCode(e, verified(e), 6) }, code,
			"SignatureStatus"),
		"RegistryValueData":   sysmon(registryData, "Details", "NewValue", "NewName"),
		"RegistryValueType":   sysmon(registryType, "Details"),
		"ConsumerNoQuotes":    unquoted("Consumer"),
		"FilterNoQuotes":      unquoted("Filter"),
		"DestinationNoQuotes": unquoted("Destination"),

		// Security and System.
		"service_id":                     first("ServiceSid"),
		"session_id":                     first("TargetLogonId", "SubjectLogonId"),
		"src_nt_domain":                  first("SubjectDomainName"),
		"dest_nt_domain":                 first("TargetDomainName", "SubjectDomainName"),
		"src_nt_host":                    first("WorkstationName", "Workstation", "TargetServerName", "IpAddress"),
		"dest_nt_host":                   security(func(e *Event) string { return e.Computer }, "ComputerName"),
		"src_user_name":                  first("SubjectUserName"),
		"user_name":                      {user, users},
		"Source_Port":                    first("IpPort"),
		"Source_Workstation":             first("WorkstationName", "Workstation", "IpAddress"),
		"Sub_Status":                     first("SubStatus"),
		"Target_Server_Name":             first("TargetServerName"),
		"new_process":                    first("NewProcessName"),
		"new_process_name":               base("NewProcessName"),
		"new_process_id":                 first("NewProcessId"),
		"process_command_line_process":   security(func(e *Event) string { p, _ := cutCommand(e); return p }, "CommandLine"),
		"process_command_line_arguments": security(func(e *Event) string { _, a := cutCommand(e); return a }, "CommandLine"),
		"Token_Elevation_Type":           first("TokenElevationType"),
		"Token_Elevation_Type_id":        security(elevation, "TokenElevationType"),
		"start_mode":                     {startMode, []string{code, log, "StartType", "param3"}},

		// Changes.
		"change_type":     changed(func(c change) string { return c.kind }),
		"result":          changed(func(c change) string { return c.result }),
		"object_category": changed(func(c change) string { return c.category }),
		"object_attrs":    changed(func(c change) string { return c.attrs }),
		"object":          {object, objects}, "object_id": {objectID, objects}, "object_path": {registryObject, objects},
		"user_type":                          {userType, []string{code, log, "TargetUserName"}},
		"CategoryString":                     {category, []string{log, "Task"}},
		"ta_windows_security_CategoryString": {category, []string{log, "Task"}},
	}
	for name := range out {
		revised[name] = true
	}
	for _, name := range []string{Unnamed, "parent_process_path", "parent_process_name", "parent_process_exec",
		"parent_process_id", "parent_process_guid", "action", "status", "app", "Error_Code", "service", "service_name",
		"ServiceName",
		"process_path", "process_name", "process_exec", "src", "New_Value", "Old_Value", "Product_Name", "Product_Version",
		"Detection_Time", "Engine_Version", "Inhertiance_Flags", "Involved_File", "Security_intelligence_Version",
		"Target_Commandline", "Parent_Commandline"} {
		revised[name] = true
	}
	return out
}

// sysmon and security are derivations for events of one log alone.
func sysmon(of func(*Event) string, from ...string) derivation {
	return derivation{func(e *Event) string {
		if !e.IsSysmon() {
			return ""
		}
		return of(e)
	}, append([]string{log}, from...)}
}

func security(of func(*Event) string, from ...string) derivation {
	return derivation{func(e *Event) string {
		if !e.IsSecurity() {
			return ""
		}
		return of(e)
	}, append([]string{log}, from...)}
}

// ifAny is a text where the log carries one of some fields.
func ifAny(e *Event, text string, names ...string) string {
	if e.any(names...) == "" {
		return ""
	}
	return text
}

// ifCode is a text where the event is one of some.
func ifCode(e *Event, text string, codes ...int64) string {
	for _, c := range codes {
		if e.EventCode == c {
			return text
		}
	}
	return ""
}

func product(e *Event) string {
	if e.IsSysmon() {
		return "Sysmon"
	}
	return "Windows"
}

func direction(e *Event) string {
	switch strings.ToLower(e.any("Initiated")) {
	case "true":
		return "outbound"
	case "false":
		return "inbound"
	}
	return ""
}

func ipVersion(e *Event) string {
	switch strings.ToLower(e.any("DestinationIsIpv6")) {
	case "true":
		return "ipv6"
	case "false":
		return "ipv4"
	}
	return ""
}

func transportPort(e *Event) string {
	transport, port := e.any("Protocol"), e.any("DestinationPort")
	if transport == "" || port == "" {
		return ""
	}
	return transport + "/" + port
}

// ownAddress is the address of the host that logged a connection.
func ownAddress(e *Event) string {
	if direction(e) == "inbound" {
		return e.any("DestinationIp")
	}
	return e.any("SourceIp")
}

// answers is about a DNS query: how many questions (of nil: one), or what count
// makes of the answers.
func answers(count func(string) string) func(*Event) string {
	return func(e *Event) string {
		if e.any("QueryName") == "" {
			return ""
		}
		if count == nil {
			return "1"
		}
		return count(e.any("QueryResults"))
	}
}

// countAnswers counts what stands between semicolons.
func countAnswers(results string) string {
	n := 0
	for part := range strings.SplitSeq(results, ";") {
		if strings.TrimSpace(part) != "" {
			n++
		}
	}
	return itoa(n)
}

func unquoted(name string) derivation {
	return sysmon(func(e *Event) string { return strings.Trim(strings.TrimSpace(e.any(name)), `"`) }, name)
}

// cutCommand cuts a command line behind its program, which may stand in quotes.
func cutCommand(e *Event) (program, arguments string) {
	line := strings.TrimSpace(e.any("CommandLine"))
	if inner, ok := strings.CutPrefix(line, `"`); ok {
		program, arguments, _ = strings.Cut(inner, `"`)
	} else {
		program, arguments, _ = strings.Cut(line, " ")
	}
	return program, strings.TrimSpace(arguments)
}

// elevation is the number at the end of %%1936.
func elevation(e *Event) string {
	v, _ := strings.CutPrefix(e.any("TokenElevationType"), "%%")
	switch v {
	case "1936":
		return "1"
	case "1937":
		return "2"
	case "1938":
		return "3"
	}
	return ""
}

// startMode is how a service starts, in the words of the data model: as it was
// installed (7045, 4697), or as it was set (7040).
func startMode(e *Event) string {
	v := ""
	switch {
	case e.EventCode == 7040 && !e.IsSecurity():
		v = e.any("param3")
	case e.EventCode == 7045 || e.EventCode == 4697:
		v = e.any("StartType")
	}
	switch v = strings.ToLower(v); {
	case v == "2" || strings.Contains(v, "auto"):
		return "auto"
	case v == "3" || strings.Contains(v, "demand"):
		return "manual"
	case v == "4" || strings.Contains(v, "disabled"):
		return "disabled"
	case v == "0" || strings.Contains(v, "boot"):
		return "boot"
	case v == "1" || strings.Contains(v, "system"):
		return "system"
	}
	return v
}
