package event

import (
	"strconv"
	"strings"
)

// startedName is the service of a change of the start type (7040), and of one that
// entered a state (7036): their values have numbers for names.
func startedName(e *Event) string {
	switch {
	case e.EventCode == 7040:
		return e.any("param4")
	case e.EventCode == 7036 && strings.EqualFold(e.Channel, "System"):
		return e.any("param1")
	}
	return ""
}

// eventLog is the service that 1100 says was shut down.
const eventLog = "EventLog"

func service(e *Event) string {
	if e.EventCode == 1100 && e.IsSecurity() {
		return eventLog
	}
	return e.any("ServiceName", "param1")
}

func serviceName(e *Event) string {
	if v := e.any("ServiceName"); v != "" {
		return v
	}
	if isCleared(e) || e.EventCode == 1100 && e.IsSecurity() {
		return eventLog
	}
	return startedName(e)
}

// errorCode is the status that an event of Windows gives, "-" where it gives none.
func errorCode(e *Event) string {
	if v := e.any("Status"); v != "" || e.IsSysmon() || e.Channel == "" {
		return v
	}
	return "-"
}

// outcome is the action of an audited event; what Sysmon tells of a change was done.
func outcome(e *Event) string {
	switch c := changeOf(e); {
	case e.IsSysmon() && (c.kind == "registry" || c.kind == "wmi"), isCleared(e), c.kind == "service":
		return "success"
	case e.EventCode == 7036 && strings.EqualFold(e.Channel, "System"):
		return e.any("param2")
	}
	return audited(e)
}

// audited is how an audited event ended, which the bits of its keywords say.
func audited(e *Event) string {
	k := e.field("Keywords")
	switch {
	case strings.Contains(k, "Audit Success"):
		return "success"
	case strings.Contains(k, "Audit Failure"):
		return "failure"
	}
	bits, ok := keywordBits(k)
	switch {
	case ok && bits&(1<<53) != 0:
		return "success"
	case ok && bits&(1<<52) != 0:
		return "failure"
	}
	return ""
}

// keywordBits reads keywords as XML has them (0x8020000000000000) and as NXLog has
// them, as a signed number.
func keywordBits(k string) (bits uint64, ok bool) {
	if hex, is := strings.CutPrefix(k, "0x"); is {
		n, err := strconv.ParseUint(hex, 16, 64)
		return n, err == nil
	}
	if k == "" || strings.Trim(k, "-0123456789") != "" {
		return 0, false
	}
	if n, err := strconv.ParseInt(k, 10, 64); err == nil {
		return uint64(n), true
	}
	n, err := strconv.ParseUint(k, 10, 64)
	return n, err == nil
}
