package sigma

// The log sources, and what their events call the fields by which rules name them.
//
// This is the table of the specification's taxonomy (sigma-appendix-taxonomy.md) for
// Windows, with what Windows itself logs beside what Sysmon does, so that one rule
// sees both. A new log source is a row here and nothing else.
//
// A row has the category or the service of a rule's logsource, the streams of events
// it is (a channel and event codes), the fields that are called otherwise in them,
// and the columns that tell findings apart.
//
// A field is written as the names that events have for it, with a space between:
//
//	Image NewProcessName      Sysmon calls it Image, Security NewProcessName
//	=process_path             the add-on's field that is whichever of them an event has
//	4688:NewProcessId         in events of code 4688 alone (ProcessId is another there)
//	NewValue#details          what rules say is written otherwise there: a function of
//	                          source_values.go makes it
//	Threat+Name               a name with a space
//
// Where the specification says less:
//   - registry_add leaves out what deletes, registry_delete what creates: Sysmon has
//     both under 12.
//   - file_delete is 23 and 26: a file that was deleted, kept by Sysmon or not.
//   - file_access is of a kernel trace that no event log has; Security 4663 says it.
const (
	sysmonLog     = "Microsoft-Windows-Sysmon/Operational"
	securityLog   = "Security"
	powershellLog = "Microsoft-Windows-PowerShell/Operational"
	coreLog       = "PowerShellCore/Operational"
	classicLog    = "Windows PowerShell"
	defenderLog   = "Microsoft-Windows-Windows Defender/Operational"
	iisLog        = "IIS:Configuration:Operational" // a sourcetype: CSV names no channel
	webLog        = "ms:iis:auto"                   // sourcetypes of requests
	webErrorLog   = "ms:iis:httperr"
)

var (
	byProcess  = []string{"Image", "CommandLine", "ParentImage", "User"}
	byRegistry = []string{"Image", "TargetObject", "Details"}
	byFile     = []string{"Image", "TargetFilename"}
	byNetwork  = []string{"Image", "DestinationIp", "DestinationPort"}
	byChange   = []string{"Configuration", "ConfigPath", "OldValue", "NewValue"}
)

// sources is the table: first the categories, then the services.
var sources = append(categories, services...)

var categories = []source{
	{
		product: "windows", category: "process_creation", by: byProcess, user: "User",
		streams: []stream{{channel: sysmonLog, codes: []int{1}}, {channel: securityLog, codes: []int{4688}}},
		fields: map[string]string{
			"Image":           "Image NewProcessName =process_path",
			"ParentImage":     "ParentImage ParentProcessName =parent_process_path",
			"User":            "User SubjectUserName",
			"ProcessId":       "1:ProcessId 4688:NewProcessId#hex",
			"ParentProcessId": "1:ParentProcessId 4688:ProcessId#hex",
			"LogonId":         "LogonId SubjectLogonId",
			"IntegrityLevel":  "IntegrityLevel MandatoryLabel#integrity",
		},
	},
	{
		product: "windows", category: "network_connection", by: byNetwork,
		streams: []stream{{channel: sysmonLog, codes: []int{3}}, {channel: securityLog, codes: []int{5156}}},
		fields: map[string]string{
			"Image":           "Image Application#device",
			"DestinationIp":   "DestinationIp DestAddress",
			"DestinationPort": "DestinationPort DestPort",
			"SourceIp":        "SourceIp SourceAddress",
			"SourcePort":      "3:SourcePort 5156:SourcePort",
			"Protocol":        "3:Protocol 5156:Protocol#protocol",
			"Initiated":       "Initiated Direction#initiated",
			"ProcessId":       "ProcessId ProcessID",
		},
	},
	registrySource("registry_set", "", true, 13),
	registrySource("registry_event", "", true, 12, 13, 14),
	registrySource("registry_add", `NOT EventType="Delete*"`, false, 12),
	registrySource("registry_delete", `NOT EventType="Create*"`, false, 12),
	registrySource("registry_rename", "", false, 14),
	sysmonSource("file_change", byFile, 2),
	sysmonSource("file_event", byFile, 11),
	sysmonSource("file_delete", byFile, 23, 26),
	sysmonSource("file_delete_detected", byFile, 26),
	sysmonSource("file_block_executable", byFile, 27),
	sysmonSource("file_block_shredding", byFile, 28),
	sysmonSource("file_executable_detected", byFile, 29),
	sysmonSource("create_stream_hash", byFile, 15),
	sysmonSource("process_termination", nil, 5),
	sysmonSource("driver_load", nil, 6),
	sysmonSource("image_load", nil, 7),
	sysmonSource("create_remote_thread", nil, 8),
	sysmonSource("raw_access_thread", nil, 9),
	sysmonSource("process_access", nil, 10),
	sysmonSource("pipe_created", nil, 17, 18),
	sysmonSource("wmi_event", nil, 19, 20, 21),
	sysmonSource("dns_query", nil, 22),
	sysmonSource("clipboard_capture", nil, 24),
	sysmonSource("process_tampering", nil, 25),
	sysmonSource("sysmon_status", nil, 4, 16),
	sysmonSource("sysmon_error", nil, 255),
	{
		product: "windows", category: "file_access", by: []string{"Image", "FileName"},
		streams: []stream{{channel: securityLog, codes: []int{4663}, also: `ObjectType="File"`}},
		fields: map[string]string{"Image": "ProcessName", "FileName": "ObjectName", "TargetFilename": "ObjectName",
			"User": "SubjectUserName"},
	},
	{
		product: "windows", category: "file_rename", by: byFile,
		streams: []stream{{channel: "Microsoft-Windows-Kernel-File/Analytic", codes: []int{19}}},
	},
	{product: "windows", category: "ps_classic_start", streams: []stream{{channel: classicLog, codes: []int{400}}}},
	{
		product: "windows", category: "ps_classic_provider_start",
		streams: []stream{{channel: classicLog, codes: []int{600}}},
	},
	{product: "windows", category: "ps_classic_script", streams: []stream{{channel: classicLog, codes: []int{800}}}},
	{
		product: "windows", category: "ps_module",
		streams: []stream{{channel: powershellLog, codes: []int{4103}}, {channel: coreLog, codes: []int{4103}}},
	},
	{
		product: "windows", category: "ps_script",
		streams: []stream{{channel: powershellLog, codes: []int{4104}}, {channel: coreLog, codes: []int{4104}}},
	},
	{
		category: "antivirus",
		streams:  []stream{{channel: defenderLog, codes: []int{1006, 1007, 1008, 1015, 1116, 1117, 1118, 1119}}},
		fields: map[string]string{"Signature": "Threat+Name", "Filename": "Path", "Action": "Action+Name",
			"User": "Detection+User"},
	},
	{
		category: "webserver", user: "user",
		streams: []stream{{channel: webLog}, {channel: webErrorLog}},
		renamed: ofRequest,
		by:      []string{"c-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "cs-user-agent", "sc-status"},
	},
}

// registrySource is a category of the registry; with audited, of what Security audits
// too.
func registrySource(category, also string, audited bool, codes ...int) source {
	s := source{product: "windows", category: category, by: byRegistry,
		streams: []stream{{channel: sysmonLog, codes: codes, also: also}}}
	if audited {
		s.streams = append(s.streams, stream{channel: securityLog, codes: []int{4657}})
		s.fields = map[string]string{
			"TargetObject": "TargetObject ObjectName#registry =registry_path",
			"Details":      "Details NewValue#details",
			"Image":        "Image ProcessName",
			"User":         "User SubjectUserName",
		}
	}
	return s
}

// sysmonSource is a category of Sysmon alone.
func sysmonSource(category string, by []string, codes ...int) source {
	return source{product: "windows", category: category, by: by,
		streams: []stream{{channel: sysmonLog, codes: codes}}}
}

var services = []source{
	{product: "windows", streams: []stream{{}}},
	{
		product: "windows", service: "iis-configuration", by: byChange,
		streams: []stream{{channel: iisLog}},
	},
	{
		product: "windows", service: "windefend", streams: []stream{{channel: defenderLog}},
		fields: map[string]string{
			"NewValue": "New+Value", "OldValue": "Old+Value", "ProductName": "Product+Name",
			"ProductVersion": "Product+Version", "ThreatName": "Threat+Name", "ThreatID": "Threat+ID",
			"SeverityName": "Severity+Name", "CategoryName": "Category+Name", "ProcessName": "Process+Name",
			"DetectionUser": "Detection+User", "DetectionTime": "Detection+Time", "ActionName": "Action+Name",
			"SourceName": "Source+Name", "InvolvedFile": "Involved+File", "Feature_Name": "Feature+Name",
			"TargetCommandline": "Target+Commandline",
		},
	},
	service("application", "Application"),
	service("application-experience", "Microsoft-Windows-Application-Experience/Program-Telemetry",
		"Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant"),
	service("applocker", "Microsoft-Windows-AppLocker/MSI and Script", "Microsoft-Windows-AppLocker/EXE and DLL",
		"Microsoft-Windows-AppLocker/Packaged app-Deployment", "Microsoft-Windows-AppLocker/Packaged app-Execution"),
	service("appmodel-runtime", "Microsoft-Windows-AppModel-Runtime/Admin"),
	service("appxdeployment-server", "Microsoft-Windows-AppXDeploymentServer/Operational"),
	service("appxpackaging-om", "Microsoft-Windows-AppxPackaging/Operational"),
	service("audit-cve", "Application"),
	service("bitlocker", "Microsoft-Windows-BitLocker/BitLocker Management"),
	service("bits-client", "Microsoft-Windows-Bits-Client/Operational"),
	service("capi2", "Microsoft-Windows-CAPI2/Operational"),
	service("certificateservicesclient-lifecycle-system",
		"Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational"),
	service("codeintegrity-operational", "Microsoft-Windows-CodeIntegrity/Operational"),
	service("dhcp", "Microsoft-Windows-DHCP-Server/Operational"),
	service("diagnosis-scripted", "Microsoft-Windows-Diagnosis-Scripted/Operational"),
	service("dns-client", "Microsoft-Windows-DNS Client Events/Operational",
		"Microsoft-Windows-DNS-Client/Operational"),
	service("dns-server", "DNS Server"),
	service("dns-server-analytic", "Microsoft-Windows-DNS-Server/Analytical"),
	service("dns-server-audit", "Microsoft-Windows-DNS-Server/Audit"),
	service("driver-framework", "Microsoft-Windows-DriverFrameworks-UserMode/Operational"),
	service("firewall-as", "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"),
	service("hyper-v-worker", "Microsoft-Windows-Hyper-V-Worker", "Microsoft-Windows-Hyper-V-Worker-Admin",
		"Microsoft-Windows-Hyper-V-Worker-Operational"),
	service("kernel-event-tracing", "Microsoft-Windows-Kernel-EventTracing",
		"Microsoft-Windows-Kernel-EventTracing/Admin"),
	service("kernel-shimengine", "Microsoft-Windows-Kernel-ShimEngine/Operational",
		"Microsoft-Windows-Kernel-ShimEngine/Diagnostic"),
	service("ldap", "Microsoft-Windows-LDAP-Client/Debug"),
	service("lsa-server", "Microsoft-Windows-LSA/Operational"),
	service("microsoft-servicebus-client", "Microsoft-ServiceBus-Client/Operational",
		"Microsoft-ServiceBus-Client/Admin", "Microsoft-ServiceBus-Client"),
	service("servicebus-client", "Microsoft-ServiceBus-Client/Operational", "Microsoft-ServiceBus-Client/Admin"),
	service("msexchange-management", "MSExchange Management"),
	service("ntfs", "Microsoft-Windows-Ntfs/Operational"),
	service("ntlm", "Microsoft-Windows-NTLM/Operational"),
	service("openssh", "OpenSSH/Operational"),
	service("powershell", powershellLog, coreLog),
	service("powershell-classic", classicLog),
	service("printservice-admin", "Microsoft-Windows-PrintService/Admin"),
	service("printservice-operational", "Microsoft-Windows-PrintService/Operational"),
	service("security", securityLog),
	service("security-mitigations", "Microsoft-Windows-Security-Mitigations/Kernel Mode",
		"Microsoft-Windows-Security-Mitigations/User Mode"),
	service("sense", "Microsoft-Windows-SENSE/Operational"),
	service("shell-core", "Microsoft-Windows-Shell-Core/Operational"),
	service("smbclient-connectivity", "Microsoft-Windows-SmbClient/Connectivity"),
	service("smbclient-security", "Microsoft-Windows-SmbClient/Security"),
	service("smbserver-connectivity", "Microsoft-Windows-SMBServer/Connectivity"),
	service("sysmon", sysmonLog),
	service("system", "System"),
	service("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational"),
	service("terminalservices-localsessionmanager",
		"Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"),
	service("vhdmp", "Microsoft-Windows-VHDMP/Operational"),
	service("wmi", "Microsoft-Windows-WMI-Activity/Operational"),
}

// service is a service of Windows with its channels; rules say the event codes.
func service(name string, channels ...string) source {
	s := source{product: "windows", service: name}
	for _, c := range channels {
		s.streams = append(s.streams, stream{channel: c})
	}
	return s
}
