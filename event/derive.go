package event

import (
	"strconv"
	"strings"
)

// The channels whose events the add-ons give fields of their own.
const (
	Sysmon     = "Microsoft-Windows-Sysmon/Operational"
	Security   = "Security"
	PowerShell = "Microsoft-Windows-PowerShell/Operational"

	taskScheduler = "Microsoft-Windows-TaskScheduler/Operational"
)

// derivation makes a field of others, and names all that it looks at besides Raw.
type derivation struct {
	of   func(*Event) string
	from []string
}

const (
	code = "EventCode"
	log  = "LogName"
)

// What several derivations look at.
var (
	paths      = []string{code, log, "NewProcessName", "Image", "SourceImage", "ProcessName", "ImageLoaded"}
	ids        = []string{code, log, "NewProcessId", "ProcessId", "SourceProcessId", "ProcessID"}
	users      = []string{code, log, "SubjectUserName", "TargetUserName", "User", "SourceUser", "Sid"}
	parents    = []string{code, log, "ParentProcessName", "ParentImage", "SourceImage", "Image"}
	registry   = []string{code, "TargetObject", "ObjectName", "ObjectValueName", "EventType"}
	actions    = []string{code, log, "Keywords", "EventType"}
	signatures = []string{code, log, "SourceName", "Message"}
)

// derivations are the fields that the Splunk add-ons for Windows and for Sysmon
// make of others. A field that the log carries under that name goes before.
func derivations() map[string]derivation {
	derived := map[string]derivation{
		"process_path":              {processPath, paths},
		"process_name":              {func(e *Event) string { return BaseName(processPath(e)) }, paths},
		"process_exec":              {func(e *Event) string { return BaseName(processPath(e)) }, paths},
		"process":                   {processLine, append([]string{"CommandLine"}, paths...)},
		"process_id":                {processID, ids},
		"process_guid":              first("ProcessGuid", "SourceProcessGuid", "SourceProcessGUID"),
		"process_hash":              first("Hashes"),
		"process_integrity_level":   first("IntegrityLevel", "MandatoryLabel"),
		"process_current_directory": first("CurrentDirectory"),
		"original_file_name":        first("OriginalFileName"),
		"parent_process_path":       {parentPath, parents},
		"parent_process_name":       {func(e *Event) string { return BaseName(parentPath(e)) }, parents},
		"parent_process_exec":       {func(e *Event) string { return BaseName(parentPath(e)) }, parents},
		"parent_process":            {parentLine, append([]string{"ParentCommandLine"}, parents...)},
		"parent_process_id":         {parentID, []string{code, log, "ProcessId", "ParentProcessId", "SourceProcessId"}},
		"parent_process_guid": {parentGUID, []string{code, log, "ParentProcessGuid", "SourceProcessGuid",
			"SourceProcessGUID", "ProcessGuid"}},
		"user":                {user, users},
		"src_user":            first("SubjectUserName", "SourceUser", "ParentUser"),
		"file_path":           first("TargetFilename", "RelativeTargetName", "ObjectName", "ImageLoaded"),
		"file_name":           base("TargetFilename", "RelativeTargetName", "ObjectName", "ImageLoaded"),
		"file_create_time":    first("CreationUtcTime"),
		"file_hash":           first("Hash", "Hashes"),
		"loaded_file":         base("ImageLoaded"),
		"loaded_file_path":    first("ImageLoaded"),
		"granted_access":      first("GrantedAccess"),
		"object_file_path":    first("RelativeTargetName", "ObjectName", "TargetFilename"),
		"object_file_name":    base("RelativeTargetName", "ObjectName", "TargetFilename"),
		"registry_path":       {registryPath, registry},
		"registry_key_name":   {registryKey, registry},
		"registry_value_name": {registryValue, registry},
		"registry_value_data": {registryData, []string{"Details", "NewValue", "NewName"}},
		"registry_value_type": {registryType, []string{"Details"}},
		"registry_hive":       {registryHive, registry},
		"src": {source, []string{code, log, "IpAddress", "SourceIp", "SourceHostname", "WorkstationName", "Workstation",
			"ComputerName"}},
		"src_ip":                first("IpAddress", "SourceIp"),
		"src_port":              first("IpPort", "SourcePort"),
		"dest_ip":               first("DestinationIp"),
		"dest_port":             first("DestinationPort"),
		"dest_host":             first("DestinationHostname"),
		"transport":             first("Protocol"),
		"query":                 first("QueryName"),
		"answer":                first("QueryResults"),
		"pipe_name":             first("PipeName"),
		"service_path":          first("ImagePath", "ServiceFileName"),
		"authentication_method": first("AuthenticationPackageName"),
		"EventData_Xml":         xmlPart("EventData"),
		"UserData_Xml":          xmlPart("UserData"),
		"IMPHASH":               hashOf("IMPHASH"),
		"MD5":                   hashOf("MD5"),
		"SHA1":                  hashOf("SHA1"),
		"SHA256":                hashOf("SHA256"),
		"Name":                  {func(e *Event) string { return e.Provider }, []string{"SourceName"}},
		"ProviderName":          {func(e *Event) string { return e.Provider }, []string{"SourceName"}},
		"action":                {action, actions},
		"signature":             {signature, signatures},
		"vendor_product":        {vendor, []string{log}},
		"eventtype":             {eventType, []string{log}},
		"app":                   {app, []string{code, log, "LogonType", "Image"}},
		"status":                {outcome, append([]string{"param2"}, actions...)},
		"name":                  {named, signatures},
		"subject":               {named, signatures},
	}
	derived["service"] = derivation{service, []string{code, log, "ServiceName", "param1"}}
	derived["service_name"] = derivation{serviceName, []string{code, log, "ServiceName", "param1", "param4"}}
	derived["ServiceName"] = derivation{startedName, []string{code, log, "param1", "param4"}}
	derived["service_dll_signature_exists"] = first("Signed")
	derived["service_dll_signature_verified"] = derivation{verified, []string{"SignatureStatus"}}
	for name, from := range classic {
		derived[name] = first(from...)
	}
	derived["Error_Code"] = derivation{errorCode, []string{log, "Status"}}
	for name, d := range more() {
		derived[name] = d
	}
	withRequests(derived)
	return derived
}

// classic are the names that the add-on has for what the classic text of
// Security, System and Defender events says, and those of the XML.
var classic = map[string][]string{
	"Account_Name": {"TargetUserName", "SubjectUserName"}, "Account_Domain": {"TargetDomainName", "SubjectDomainName"},
	"Caller_User_Name": {"SubjectUserName"}, "Caller_Domain": {"SubjectDomainName"},
	"Logon_ID":         {"SubjectLogonId", "TargetLogonId"},
	"Target_User_Name": {"TargetUserName"}, "Target_Domain": {"TargetDomainName"}, "Group_Name": {"TargetUserName"},
	"Client_Address": {"IpAddress"}, "Source_Network_Address": {"IpAddress"}, "Source_Address": {"IpAddress"},
	"Workstation_Name": {"WorkstationName"},
	"Logon_Type":       {"LogonType"}, "Logon_Process": {"LogonProcessName"},
	"Authentication_Package": {"AuthenticationPackageName"},
	"Failure_Code":           {"Status"}, "Result_Code": {"Status"},
	"Pre_Authentication_Type": {"PreAuthType"},
	"Ticket_Encryption_Type":  {"TicketEncryptionType"}, "Ticket_Options": {"TicketOptions"}, "Service_ID": {"ServiceSid"},
	"Service_Name": {"ServiceName"}, "Service_File_Name": {"ImagePath", "ServiceFileName"},
	"Service_Type": {"ServiceType"}, "Service_Start_Type": {"StartType"},
	"Share_Name": {"ShareName"}, "Share_Path": {"ShareLocalPath"}, "Relative_Target_Name": {"RelativeTargetName"},
	"Object_Name": {"ObjectName"}, "Object_Type": {"ObjectType"}, "Object_Server": {"ObjectServer"},
	"Access_Mask": {"AccessMask"}, "Accesses": {"AccessList"},
	"Task_Name": {"TaskName"}, "Task_Content": {"TaskContent", "TaskContentNew"}, "Privileges": {"PrivilegeList"},
	"Process_Name": {"NewProcessName", "ProcessName", "Process Name"}, "Process_ID": {"NewProcessId", "ProcessId"},
	"Process_Command_Line": {"CommandLine"},
	"New_Process_Name":     {"NewProcessName"}, "New_Process_ID": {"NewProcessId"},
	"Creator_Process_Name": {"ParentProcessName"},
	"Target_Commandline":   {"Target Commandline"}, "Parent_Commandline": {"Parent Commandline"},
	"Security_ID": {"TargetSid", "SubjectUserSid"},
}

// xmlPart is an element of the record's own XML with all in it.
func xmlPart(name string) derivation {
	return derivation{of: func(e *Event) string {
		from := strings.Index(e.Raw, "<"+name)
		to := strings.LastIndex(e.Raw, "</"+name+">")
		if from < 0 || to < from {
			return ""
		}
		return e.Raw[from : to+len(name)+3]
	}}
}

// verified is the signature's status of event 7, as true and false.
func verified(e *Event) string {
	switch v := e.any("SignatureStatus"); v {
	case "":
		return ""
	case "Valid":
		return "true"
	}
	return "false"
}

// source is where something came from: of a query and of WMI the host itself.
func source(e *Event) string {
	if v := e.any("IpAddress", "SourceIp", "SourceHostname", "WorkstationName", "Workstation"); v != "" {
		return v
	}
	if e.IsSysmon() && e.EventCode >= 19 && e.EventCode <= 22 {
		return e.Computer
	}
	return ""
}

// app says whether a logon came over the network, and of another event of Security
// that this is not known.
func app(e *Event) string {
	switch e.field("LogonType") {
	case "":
		switch {
		case e.IsSysmon() && e.EventCode == 3:
			return e.any("Image")
		case e.IsSecurity() || e.Channel == taskScheduler:
			return "win:unknown"
		}
		return ""
	case "3", "8", "10":
		return "win:remote"
	}
	return "win:local"
}

// named is the signature of an audited event, which the add-on has under two
// more names.
func named(e *Event) string {
	if e.IsSecurity() {
		return signature(e)
	}
	return ""
}

// field is a field that the log carries itself; "" when it does not.
func (e *Event) field(name string) string {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return e.Fields[i].Value
		}
	}
	return ""
}

// any is the first of the fields that the log carries with more than a dash.
func (e *Event) any(names ...string) string {
	for _, n := range names {
		if v := e.field(n); v != "" && v != "-" {
			return v
		}
	}
	return ""
}

func first(names ...string) derivation {
	return derivation{func(e *Event) string { return e.any(names...) }, names}
}

// base is what first finds, without its folder.
func base(names ...string) derivation {
	return derivation{func(e *Event) string { return BaseName(e.any(names...)) }, names}
}

// BaseName is what stands behind the last backslash or slash of a path.
func BaseName(path string) string {
	return path[strings.LastIndexAny(path, `\/`)+1:]
}

// IsSysmon says whether the event is one of Sysmon's channel.
func (e *Event) IsSysmon() bool { return strings.EqualFold(e.Channel, Sysmon) }

// IsSecurity says whether the event is one of the Security channel.
func (e *Event) IsSecurity() bool { return strings.EqualFold(e.Channel, Security) }

func eventType(e *Event) string {
	switch {
	case e.IsSecurity():
		return "wineventlog_security"
	case strings.EqualFold(e.Channel, "System"):
		return "wineventlog_system"
	case strings.EqualFold(e.Channel, "Application"):
		return "wineventlog_application"
	case e.IsSysmon():
		return "ms-sysmon"
	}
	return ""
}

func vendor(e *Event) string {
	if e.IsSysmon() {
		return "Microsoft Sysmon"
	}
	return "Microsoft Windows"
}

// sysmonEvents are what Sysmon's event ids are about.
var sysmonEvents = map[int64]string{
	1: "Process creation", 2: "A process changed a file creation time", 3: "Network connection",
	4: "Sysmon service state changed",
	5: "Process terminated", 6: "Driver loaded", 7: "Image loaded", 8: "CreateRemoteThread", 9: "RawAccessRead",
	10: "ProcessAccess",
	11: "FileCreate", 12: "RegistryEvent (Object create and delete)", 13: "RegistryEvent (Value Set)",
	14: "RegistryEvent (Key and Value Rename)",
	15: "FileCreateStreamHash", 16: "Sysmon config state changed", 17: "PipeEvent (Pipe Created)",
	18: "PipeEvent (Pipe Connected)",
	19: "WmiEvent (WmiEventFilter activity detected)", 20: "WmiEvent (WmiEventConsumer activity detected)",
	21: "WmiEvent (WmiEventConsumerToFilter activity detected)", 22: "DNSEvent (DNS query)",
	23: "FileDelete (File Delete archived)",
	24: "ClipboardChange", 25: "ProcessTampering", 26: "FileDeleteDetected", 27: "FileBlockExecutable",
	28: "FileBlockShredding", 29: "FileExecutableDetected",
}

// signature says what the event is: the first line of its message, or the
// event's name, or else provider and id.
func signature(e *Event) string {
	if e.IsSysmon() {
		if s := sysmonEvents[e.EventCode]; s != "" {
			return s
		}
	}
	if line, _, _ := strings.Cut(e.Message, "\n"); line != "" {
		return strings.TrimSpace(line)
	}
	if e.EventCode == None {
		return ""
	}
	return strings.TrimSpace(e.Provider + " " + strconv.FormatInt(e.EventCode, 10))
}

func action(e *Event) string {
	if e.IsSysmon() {
		return sysmonAction(e)
	}
	switch a := audited(e); {
	case isCleared(e):
		return "cleared"
	case e.EventCode == 1100 && e.IsSecurity():
		return "stopped"
	case a != "":
		return a
	case e.IsSecurity() && e.EventCode == 4688:
		return "allowed"
	}
	return ""
}

func sysmonAction(e *Event) string {
	switch e.EventCode {
	case 11, 15, 17, 29:
		return "created"
	case 12:
		if strings.HasPrefix(e.field("EventType"), "Create") {
			return "created"
		}
		return "deleted"
	case 2, 13, 14:
		return "modified"
	case 23, 26:
		return "deleted"
	case 27, 28:
		return "blocked"
	}
	return "allowed"
}
