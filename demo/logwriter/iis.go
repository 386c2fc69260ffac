package logwriter

import (
	"fmt"
	"strconv"

	"escutcheon/event"
)

// Values of EditOperationType in events 29 and 30.
const (
	EditAdd    = 1
	EditDelete = 2
	EditModify = 3
)

// AppHost is the ConfigPath of a change that holds for the whole server.
const AppHost = "MACHINE/WEBROOT/APPHOST"

const (
	iisProvider = "Microsoft-Windows-IIS-Configuration"
	iisGUID     = "{dc0b8e51-4863-407a-bc3c-1b479b2978ac}"
	iisKeyword  = 0x4000000000000000
	iisFile     = `\\?\C:\Windows\system32\inetsrv\config\applicationHost.config`
)

// Change is one committed change to IIS configuration.
type Change struct {
	Path          string // Configuration, such as /system.webServer/httpLogging/@dontLog
	At            string // ConfigPath; empty is AppHost
	Edit          int    // EditAdd, EditDelete or EditModify
	Before, After string // OldValue, NewValue
}

func iisRecord(code, level int, message string, data ...event.Field) Record {
	return Record{
		EventCode: code, Level: level, Message: message, Data: data,
		Channel: event.IISConfiguration, Provider: iisProvider, GUID: iisGUID,
		Keywords: iisKeyword, OpCode: "Info",
	}
}

// IISChange is event 29: a change was committed. The caller sets Time,
// Computer, RecordNumber, Sid and the like.
func IISChange(c Change) Record {
	return iisEdit(29, LevelVerbose, "Changes to '%s' at '%s' have successfully been committed.", c)
}

// IISFailed is event 30: a change could not be committed.
func IISFailed(c Change) Record {
	return iisEdit(30, LevelError, "Failed to commit changes to '%s' at '%s'.", c)
}

func iisEdit(code, level int, format string, c Change) Record {
	if c.At == "" {
		c.At = AppHost
	}
	return iisRecord(code, level, fmt.Sprintf(format, c.Path, c.At),
		event.Field{Name: "PhysicalPath", Value: iisFile},
		event.Field{Name: "ConfigPath", Value: c.At},
		event.Field{Name: "EffectiveLocationPath"},
		event.Field{Name: "Configuration", Value: c.Path},
		event.Field{Name: "EditOperationType", Value: strconv.Itoa(c.Edit)},
		event.Field{Name: "OldValue", Value: c.Before},
		event.Field{Name: "NewValue", Value: c.After})
}

// IISCommitted is event 50: changes have been written to a configuration path.
func IISCommitted(at string) Record {
	return iisRecord(50, LevelInformation, "Changes have successfully been committed to '"+at+"'.",
		event.Field{Name: "ConfigPath", Value: at})
}

// IISBegin is event 54: a commit was initiated.
func IISBegin() Record {
	return iisRecord(54, LevelInformation, "A commit operation has been initiated.")
}

// IISEnd is event 55: a commit has completed with a status code, such as 0x0.
func IISEnd(status string) Record {
	return iisRecord(55, LevelInformation, "A commit operation has completed. The status code is: '"+status+"'.",
		event.Field{Name: "Status", Value: status})
}

// IISCommit is the whole of one commit: begin, its changes, 50, end.
func IISCommit(changes ...Change) []Record {
	out := []Record{IISBegin()}
	at := AppHost
	for _, c := range changes {
		out = append(out, IISChange(c))
		if c.At != "" {
			at = c.At
		}
	}
	return append(out, IISCommitted(at), IISEnd("0x0"))
}

// IISModuleAdded is the changes of one native module added to the server, in
// the order in which IIS writes them.
func IISModuleAdded(name, image string) []Change {
	global := fmt.Sprintf(`/system.webServer/globalModules/add[@name="%s"]`, name)
	module := fmt.Sprintf(`/system.webServer/modules/add[@name="%s"]`, name)
	return []Change{
		{Path: global, Edit: EditAdd},
		{Path: global + "/@name", Edit: EditAdd, After: name},
		{Path: global + "/@image", Edit: EditAdd, After: image},
		{Path: module, Edit: EditAdd},
		{Path: module + "/@name", Edit: EditAdd, After: name},
	}
}
