package event

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// change is what an audited event changes, in the words of the data model Change.
type change struct{ kind, category, result, attrs string }

// auditChanges are the changes that Security tells of, by event id.
var auditChanges = func() map[int64]change {
	out := map[int64]change{
		1100: {"service", "service", "stopped", "event log service"},
		1102: {"eventlog", "eventlog", "cleared", "audit log"},
		4703: {"AAA", "user", "modified", "privileges"},
		4719: {"policy", "policy", "modified", "audit policy"},
		4739: {"policy", "domain", "modified", "domain policy"},
	}
	for _, of := range []struct {
		category, attrs string
		results         map[int64]string
	}{
		{"user", "account", map[int64]string{4720: "created", 4726: "deleted", 4738: "modified", 4794: "modified"}},
		{"user", "account state", map[int64]string{4722: "enabled", 4725: "disabled", 4740: "lockout", 4767: "unlocked"}},
		{"user", "password", map[int64]string{4723: "modified", 4724: "modified"}},
		{"user", "name", map[int64]string{4781: "modified"}},
		{"computer", "account", map[int64]string{4741: "created", 4742: "modified", 4743: "deleted"}},
		{"group", "group", map[int64]string{4727: "created", 4731: "created", 4754: "created", 4744: "created",
			4749: "created",
			4759: "created", 4730: "deleted", 4734: "deleted", 4758: "deleted", 4748: "deleted", 4753: "deleted",
			4763: "deleted", 4735: "modified", 4737: "modified", 4755: "modified", 4745: "modified", 4750: "modified",
			4760: "modified", 4764: "modified"}},
		{"group", "member", map[int64]string{4728: "added", 4732: "added", 4756: "added", 4746: "added", 4751: "added",
			4761: "added", 4729: "removed", 4733: "removed", 4757: "removed", 4747: "removed", 4752: "removed",
			4762: "removed"}},
	} {
		for id, result := range of.results {
			out[id] = change{"AAA", of.category, result, of.attrs}
		}
	}
	return out
}()

// sysmonChanges are those that Sysmon tells of.
var sysmonChanges = map[int64]change{
	2: {"filesystem", "file", "modified", "creation time"}, 11: {"filesystem", "file", "created", ""},
	23: {"filesystem", "file", "deleted", ""}, 26: {"filesystem", "file", "deleted", ""},
	12: {"registry", "registry", "", ""}, 13: {"registry", "registry", "modified", ""},
	14: {"registry", "registry", "modified", "name"},
	19: {"wmi", "wmi filter", "created", ""}, 20: {"wmi", "wmi consumer", "created", ""},
	21: {"wmi", "wmi binding", "created", "consumer and filter"},
}

func changeOf(e *Event) change {
	switch {
	case e.IsSysmon():
		return sysmonChanges[e.EventCode]
	case e.IsSecurity():
		return auditChanges[e.EventCode]
	case isCleared(e):
		return auditChanges[1102]
	}
	return change{}
}

// isCleared says whether a log was cleared: 1102 of Security, 104 of System.
func isCleared(e *Event) bool {
	return e.EventCode == 1102 && e.IsSecurity() || e.EventCode == 104 && strings.EqualFold(e.Channel, "System")
}

func changed(of func(change) string) derivation {
	return derivation{func(e *Event) string { return of(changeOf(e)) }, []string{code, log}}
}

// objects are the fields that object and object_id look at.
var objects = append([]string{log, "TargetUserName", "OldTargetUserName", "SamAccountName", "TargetSid",
	"TargetUserSid", "Name", "Consumer", "Destination", "EventNamespace", "Filter", "TargetFilename", "Channel"},
	registry...)

// object is what was changed.
func object(e *Event) string {
	switch c := changeOf(e); {
	case isCleared(e):
		return clearedLog(e)
	case c.category == "registry":
		return registryValue(e)
	case c.category == "file":
		return BaseName(e.any("TargetFilename"))
	case c.kind == "AAA":
		return e.any("TargetUserName", "OldTargetUserName", "SamAccountName")
	case e.IsSysmon() && c.kind == "wmi":
		return strings.Trim(e.any("Name", "Consumer"), `" `)
	case c.kind == "policy", c.kind == "service":
		return c.attrs
	}
	return ""
}

// clearedLog is the name of the log that was cleared.
func clearedLog(e *Event) string {
	if e.IsSecurity() {
		return Security
	}
	return e.any("Channel")
}

func objectID(e *Event) string {
	if changeOf(e).kind == "AAA" {
		return e.any("TargetSid", "TargetUserSid")
	}
	return ""
}

// registryObject is the path of a registry key or value, or of a file, that changed.
func registryObject(e *Event) string {
	if !e.IsSysmon() {
		return ""
	}
	switch changeOf(e).category {
	case "registry":
		return registryPath(e)
	case "wmi consumer", "wmi binding", "wmi filter":
		return strings.Trim(e.any("Destination", "EventNamespace", "Filter"), `" `)
	}
	return ""
}

// userType is computer for an account of one, and user for another.
func userType(e *Event) string {
	if c := changeOf(e); !e.IsSecurity() || c.category != "user" && c.category != "computer" {
		return ""
	}
	if changeOf(e).category == "computer" || strings.HasSuffix(e.any("TargetUserName"), "$") {
		return "computer"
	}
	return "user"
}

// category is the words of the audit's subcategory, which the event has by number.
func category(e *Event) string {
	if !e.IsSecurity() {
		return ""
	}
	return subcategories[e.any("Task")]
}

// subcategories are those of the audit policy, by the task of their events.
var subcategories = map[string]string{
	"103": "Service shutdown", "104": "Log clear",
	"12288": "Security State Change", "12289": "Security System Extension", "12290": "System Integrity",
	"12291": "IPsec Driver", "12292": "Other System Events",
	"12544": "Logon", "12545": "Logoff", "12546": "Account Lockout", "12548": "Special Logon",
	"12551": "Other Logon/Logoff Events", "12554": "Group Membership",
	"12800": "File System", "12801": "Registry", "12802": "Kernel Object", "12803": "SAM",
	"12804": "Other Object Access Events", "12805": "Certification Services", "12806": "Application Generated",
	"12807": "Handle Manipulation", "12808": "File Share", "12809": "Filtering Platform Packet Drop",
	"12810": "Filtering Platform Connection", "12811": "Detailed File Share", "12812": "Removable Storage",
	"13056": "Sensitive Privilege Use", "13057": "Non Sensitive Privilege Use",
	"13312": "Process Creation", "13313": "Process Termination", "13314": "DPAPI Activity", "13315": "RPC Events",
	"13316": "Plug and Play Events", "13317": "Token Right Adjusted Events",
	"13568": "Audit Policy Change", "13569": "Authentication Policy Change", "13570": "Authorization Policy Change",
	"13571": "MPSSVC Rule-Level Policy Change", "13572": "Filtering Platform Policy Change",
	"13573": "Other Policy Change Events",
	"13824": "User Account Management", "13825": "Computer Account Management", "13826": "Security Group Management",
	"13827": "Distribution Group Management", "13828": "Application Group Management",
	"13829": "Other Account Management Events",
	"14080": "Directory Service Access", "14081": "Directory Service Changes",
	"14082": "Directory Service Replication", "14083": "Detailed Directory Service Replication",
	"14336": "Credential Validation", "14337": "Kerberos Service Ticket Operations",
	"14338": "Other Account Logon Events", "14339": "Kerberos Authentication Service",
}
