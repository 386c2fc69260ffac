package event

import "strings"

// The fields about processes: of Sysmon's events and of Security 4688, where
// the new process is the process and the one that ProcessId names its parent.

func (e *Event) isCreation() bool { return e.EventCode == 4688 && !e.IsSysmon() }

func processPath(e *Event) string {
	if e.isCreation() {
		return e.any("NewProcessName")
	}
	if e.IsSysmon() && e.EventCode == 6 {
		return e.any("ImageLoaded")
	}
	return e.any("Image", "SourceImage", "ProcessName")
}

func processLine(e *Event) string {
	if v := e.any("CommandLine"); v != "" {
		return v
	}
	return processPath(e)
}

func processID(e *Event) string {
	if e.isCreation() {
		return e.any("NewProcessId")
	}
	return e.any("ProcessId", "SourceProcessId", "ProcessID")
}

// acts says whether a process does something to another, or loads an image: the
// add-on has it as the parent too.
func (e *Event) acts() bool {
	return e.IsSysmon() && (e.EventCode == 7 || e.EventCode == 8 || e.EventCode == 10)
}

func parentPath(e *Event) string {
	if e.isCreation() {
		return e.any("ParentProcessName")
	}
	if e.acts() {
		return e.any("SourceImage", "Image")
	}
	return e.any("ParentImage")
}

func parentLine(e *Event) string {
	if v := e.any("ParentCommandLine"); v != "" {
		return v
	}
	return parentPath(e)
}

func parentID(e *Event) string {
	if e.isCreation() {
		return e.any("ProcessId")
	}
	if e.acts() {
		return e.any("SourceProcessId", "ProcessId")
	}
	return e.any("ParentProcessId")
}

func parentGUID(e *Event) string {
	if e.acts() {
		return e.any("SourceProcessGuid", "SourceProcessGUID", "ProcessGuid")
	}
	return e.any("ParentProcessGuid")
}

// user is whom the event is about: in Security the target, where there is one,
// but for a new process who started it.
func user(e *Event) string {
	switch {
	case e.isCreation():
		return e.any("SubjectUserName", "TargetUserName")
	case e.IsSysmon():
		return e.any("User", "SourceUser")
	case e.IsSecurity():
		return e.any("TargetUserName", "SubjectUserName")
	}
	return e.any("User", "SubjectUserName", "TargetUserName", "Sid")
}

// hashOf finds one hash among Sysmon's: SHA1=…,IMPHASH=….
func hashOf(name string) derivation {
	return derivation{func(e *Event) string {
		for part := range strings.SplitSeq(e.any("Hashes", "Hash"), ",") {
			if kind, v, ok := strings.Cut(part, "="); ok && strings.EqualFold(strings.TrimSpace(kind), name) {
				return v
			}
		}
		return ""
	}, []string{"Hashes", "Hash"}}
}

// registryPath is the whole path, with the value's name at its end.
func registryPath(e *Event) string {
	if v := e.any("TargetObject"); v != "" {
		return v
	}
	if key := e.any("ObjectName"); e.EventCode == 4657 && key != "" {
		if v := e.any("ObjectValueName"); v != "" {
			return key + `\` + v
		}
		return key
	}
	return ""
}

// isKey says whether the path is a key's and no value's.
func isKey(e *Event) bool {
	kind := e.field("EventType")
	return e.EventCode == 12 && strings.HasSuffix(kind, "Key")
}

func registryKey(e *Event) string {
	p := registryPath(e)
	if i := strings.LastIndexByte(p, '\\'); i > 0 && !isKey(e) {
		return p[:i]
	}
	return p
}

func registryValue(e *Event) string {
	if v := e.any("ObjectValueName"); v != "" || isKey(e) {
		return v
	}
	p := registryPath(e)
	return p[strings.LastIndexByte(p, '\\')+1:]
}

// registryData is the number in DWORD (0x00000001), else the value as it is.
func registryData(e *Event) string {
	v := e.any("Details", "NewValue", "NewName")
	for _, kind := range []string{"DWORD (", "QWORD ("} {
		if inner, ok := strings.CutPrefix(v, kind); ok {
			return strings.TrimSuffix(inner, ")")
		}
	}
	return v
}

func registryType(e *Event) string {
	v := e.any("Details")
	switch {
	case v == "":
		return ""
	case strings.HasPrefix(v, "DWORD ("):
		return "REG_DWORD"
	case strings.HasPrefix(v, "QWORD ("):
		return "REG_QWORD"
	case v == "Binary Data":
		return "REG_BINARY"
	}
	return "REG_SZ"
}

func registryHive(e *Event) string {
	hive, _, _ := strings.Cut(registryPath(e), `\`)
	return hive
}
