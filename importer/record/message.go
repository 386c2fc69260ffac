package record

import (
	"strings"

	"escutcheon/event"
)

// Channels whose messages hold the fields of their events.
const (
	securityChannel   = "Security"
	sysmonChannel     = "Microsoft-Windows-Sysmon/Operational"
	powerShellChannel = "Microsoft-Windows-PowerShell/Operational"
)

// FieldsFromMessage adds the EventData fields that the message of an event
// spells out, for logs that carry the message alone: Sysmon's, whose lines have
// the names of the fields; Security 4688; PowerShell 4104. Messages in another
// language than English, and fields that the event has, are left alone.
func FieldsFromMessage(e *event.Event) {
	switch {
	case e.Message == "" || e.Rendered:
	case e.Channel == sysmonChannel:
		sysmonFields(e)
	case e.Channel == securityChannel && e.EventCode == 4688:
		processFields(e)
	case e.Channel == powerShellChannel && e.EventCode == 4104:
		scriptFields(e)
	}
}

// own adds a field unless the event has it or the message says "-".
func own(e *event.Event, name, value string) {
	if value == "" || value == "-" || len(e.Fields) >= MaxFields {
		return
	}
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return
		}
	}
	e.Add(name, value)
}

// sysmonFields reads lines of the form "Image: C:\x.exe". The first line says
// what happened.
func sysmonFields(e *event.Event) {
	_, rest, _ := strings.Cut(e.Message, "\n")
	for n := 0; rest != "" && n < 64; n++ {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		name, value, ok := strings.Cut(line, ": ")
		if ok && isName(name) {
			own(e, name, strings.TrimSpace(value))
		}
	}
}

// isName says whether s could be the name of an EventData field.
func isName(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// labelled is the label of a value in a message and the field it stands for.
type labelled struct{ label, name string }

// processLabels are those of 4688, by the section that they stand in.
var processLabels = map[string][]labelled{
	creator: {{"Security ID", "SubjectUserSid"}, {"Account Name", "SubjectUserName"},
		{"Account Domain", "SubjectDomainName"}, {"Logon ID", "SubjectLogonId"}},
	"Target Subject": {{"Security ID", "TargetUserSid"}, {"Account Name", "TargetUserName"},
		{"Account Domain", "TargetDomainName"}, {"Logon ID", "TargetLogonId"}},
	"Process Information": {{"New Process ID", "NewProcessId"}, {"New Process Name", "NewProcessName"},
		{"Token Elevation Type", "TokenElevationType"}, {"Mandatory Label", "MandatoryLabel"},
		{"Creator Process ID", "ProcessId"}, {"Creator Process Name", "ParentProcessName"},
		{"Process Command Line", "CommandLine"}},
}

const creator = "Creator Subject"

func processFields(e *event.Event) {
	labels := processLabels[creator]
	for n, rest := 0, e.Message; rest != "" && n < 64; n++ {
		line := rest
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		label := strings.TrimSpace(line)
		colon := strings.IndexByte(label, ':')
		if colon < 0 {
			continue
		}
		label, value := label[:colon], strings.TrimSpace(label[colon+1:])
		if value == "" && !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, " ") {
			if label == "Subject" { // as older versions of Windows have it
				label = creator
			}
			labels = processLabels[label]
			continue
		}
		for i := range labels {
			if labels[i].label == label {
				own(e, labels[i].name, value)
				break
			}
		}
	}
}

// scriptFields reads "Creating Scriptblock text (1 of 2):", the script, and its
// id and path below it.
func scriptFields(e *event.Event) {
	head, text, ok := strings.Cut(e.Message, ":\n")
	part, all, ok2 := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(head, "Creating Scriptblock text ("), ")"), " of ")
	if !ok || !ok2 || !strings.HasPrefix(head, "Creating Scriptblock text (") {
		return
	}
	own(e, "MessageNumber", part)
	own(e, "MessageTotal", all)
	if i := strings.LastIndex(text, "\nScriptBlock ID: "); i >= 0 {
		id, path, _ := strings.Cut(text[i+len("\nScriptBlock ID: "):], "\n")
		own(e, "ScriptBlockId", strings.TrimSpace(id))
		own(e, "Path", strings.TrimSpace(strings.TrimPrefix(path, "Path:")))
		text = text[:i]
	}
	own(e, "ScriptBlockText", strings.TrimRight(text, "\n"))
}
