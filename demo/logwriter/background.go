package logwriter

import "escutcheon/event"

// ServiceState is System event 7036 of the Service Control Manager: a service
// entered a state, such as "running" or "stopped".
func ServiceState(service, state string) Record {
	return Record{
		EventCode: 7036, Channel: "System", Provider: "Service Control Manager",
		GUID:  "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
		Level: LevelInformation, Keywords: 0x8080000000000000, ProcessID: 716, ThreadID: 4312,
		OpCode:  "The operation completed successfully.",
		Message: "The " + service + " service entered the " + state + " state.",
		Data:    []event.Field{{Name: "param1", Value: service}, {Name: "param2", Value: state}},
	}
}

// Application is an event of a classic source in the Application channel,
// which carries its message and no named fields.
func Application(source string, code, level int, message string) Record {
	return Record{
		EventCode: code, Channel: "Application", Provider: source, Level: level,
		Opcode: NoOpcode, Keywords: KeywordClassic, Message: message,
	}
}

const (
	securityProvider = "Microsoft-Windows-Security-Auditing"
	securityGUID     = "{54849625-5478-4994-a5ba-3e3b0328c30d}"
)

func audit(code, task int, category, message string, data []event.Field) Record {
	return Record{
		EventCode: code, Channel: "Security", Provider: securityProvider, GUID: securityGUID,
		Level: LevelAlways, Task: task, TaskCategory: category, Keywords: 0x8000000000000000 | KeywordAuditSuccess,
		OpCode: "Info", ProcessID: 740, ThreadID: 792, Message: message, Data: data,
	}
}

// Logon is Security event 4624: an account was logged on.
func Logon(sid, domain, user, logonID, address string) Record {
	return audit(4624, 12544, "Logon",
		"An account was successfully logged on.\n\nSubject:\n\tSecurity ID:\t\tS-1-0-0\n\tAccount Name:\t\t-\n"+
			"\nLogon Information:\n\tLogon Type:\t\t3\n\tElevated Token:\t\tYes\n"+
			"\nNew Logon:\n\tSecurity ID:\t\t"+sid+"\n\tAccount Name:\t\t"+user+"\n\tAccount Domain:\t\t"+domain+
			"\n\tLogon ID:\t\t"+logonID+"\n\nNetwork Information:\n\tSource Network Address:\t"+address+
			"\n\nThis event is generated when a logon session is created. It is generated on the computer that was accessed.",
		[]event.Field{
			{Name: "SubjectUserSid", Value: "S-1-0-0"}, {Name: "SubjectUserName", Value: "-"},
			{Name: "TargetUserSid", Value: sid}, {Name: "TargetUserName", Value: user},
			{Name: "TargetDomainName", Value: domain}, {Name: "TargetLogonId", Value: logonID},
			{Name: "LogonType", Value: "3"}, {Name: "LogonProcessName", Value: "Kerberos"},
			{Name: "AuthenticationPackageName", Value: "Kerberos"}, {Name: "IpAddress", Value: address},
		})
}

// ProcessStart is Security event 4688: a process was created.
func ProcessStart(sid, domain, user, pid, image, commandLine, parent string) Record {
	return audit(4688, 13312, "Process Creation",
		"A new process has been created.\n\nCreator Subject:\n\tSecurity ID:\t\t"+sid+"\n\tAccount Name:\t\t"+user+
			"\n\tAccount Domain:\t\t"+domain+"\n\nProcess Information:\n\tNew Process ID:\t\t"+pid+
			"\n\tNew Process Name:\t"+image+"\n\tToken Elevation Type:\t%%1936\n\tCreator Process Name:\t"+parent+
			"\n\tProcess Command Line:\t"+commandLine,
		[]event.Field{
			{Name: "SubjectUserSid", Value: sid}, {Name: "SubjectUserName", Value: user},
			{Name: "SubjectDomainName", Value: domain}, {Name: "NewProcessId", Value: pid},
			{Name: "NewProcessName", Value: image}, {Name: "TokenElevationType", Value: "%%1936"},
			{Name: "CommandLine", Value: commandLine}, {Name: "ParentProcessName", Value: parent},
		})
}

// SysmonProcess is Sysmon event 1: a process was created.
func SysmonProcess(user, guid, pid, image, commandLine, parent string) Record {
	data := []event.Field{
		{Name: "RuleName", Value: "-"}, {Name: "ProcessGuid", Value: guid}, {Name: "ProcessId", Value: pid},
		{Name: "Image", Value: image}, {Name: "CommandLine", Value: commandLine}, {Name: "User", Value: user},
		{Name: "IntegrityLevel", Value: "High"}, {Name: "ParentImage", Value: parent},
	}
	return sysmon(1, "Process Create (rule: ProcessCreate)", "Process Create:", data)
}

// SysmonFile is Sysmon event 11: a file was created or overwritten.
func SysmonFile(user, guid, pid, image, target string) Record {
	data := []event.Field{
		{Name: "RuleName", Value: "-"}, {Name: "ProcessGuid", Value: guid}, {Name: "ProcessId", Value: pid},
		{Name: "Image", Value: image}, {Name: "TargetFilename", Value: target}, {Name: "User", Value: user},
	}
	return sysmon(11, "File created (rule: FileCreate)", "File created:", data)
}

func sysmon(code int, category, message string, data []event.Field) Record {
	for _, f := range data {
		message += "\n" + f.Name + ": " + f.Value
	}
	return Record{
		EventCode: code, Channel: "Microsoft-Windows-Sysmon/Operational", Provider: "Microsoft-Windows-Sysmon",
		GUID:  "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
		Level: LevelInformation, Task: code, TaskCategory: category,
		Keywords: 0x8000000000000000, OpCode: "Info", User: `NT AUTHORITY\SYSTEM`, Sid: "S-1-5-18",
		ProcessID: 2480, ThreadID: 3512, Message: message, Data: data,
	}
}
