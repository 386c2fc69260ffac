package eventjson

import (
	"escutcheon/event"
	"escutcheon/importer/record"
)

// azureNames are the columns of the tables that Azure keeps events in:
// WADWindowsEventLogs, and of Log Analytics Event, SecurityEvent and
// WindowsEvent.
var azureNames = table{
	"TimeCreated": {role: asTime}, "TimeGenerated": {role: asLaterTime}, "PreciseTimeStamp": {role: asLaterTime},
	"TIMESTAMP": {role: asLaterTime},
	"EventID":   {role: asCode}, "EventId": {role: asCode}, "EventRecordId": {role: asRecord},
	"EventRecordID": {role: asRecord},
	"Computer":      {role: asComputer}, "RoleInstance": {role: asHost}, "Channel": {role: asChannel},
	"EventLog": {role: asChannel},
	"Provider": {role: asProvider}, "ProviderName": {role: asProvider}, "Source": {role: asProvider},
	"EventSourceName": {role: asProvider},
	"ProviderGuid":    {role: asGUID}, "Level": {role: asLevel}, "EventLevel": {role: asLevel},
	"EventLevelName": {role: asLevel},
	"Opcode":         {role: asOpcode}, "Task": {role: asTask}, "EventCategory": {role: asTask},
	"Keywords":            {role: asKeywords},
	"RenderedDescription": {role: asMessage}, "Description": {role: asMessage}, "Message": {role: asMessage},
	"UserName": {role: asUser}, "SystemUserId": {role: asSid}, "Pid": {name: "ProcessID"}, "Tid": {name: "ThreadID"},
	"EventData": {role: asData}, "ParameterXml": {role: asNothing}, "RawXml": {role: asNothing},
	"RawEventData": {role: asNothing}, "Type": {name: "TableName"},
}

// azure fills e from a row. Where it has the event's XML, that is the event,
// and the row gives the message which the XML lacks. All times are in UTC.
func (r *reader) azure(e *event.Event, nodes []node, at, depth int) string {
	if raw := text(nodes, at, "RawXml"); carries(raw) {
		if _, reason := r.carried(e, raw, depth); reason == "" {
			setMessage(e, text(nodes, at, "Description"))
			setMessage(e, text(nodes, at, "RenderedDescription"))
			settle(e, text(nodes, at, "TimeGenerated"))
			record.SetComputer(e, text(nodes, at, "Computer"))
			record.SetComputer(e, text(nodes, at, "RoleInstance"))
			return ""
		}
		fresh(e)
	}
	d := r.draft(e)
	d.utc = true
	d.flat(azureNames, nodes, at)
	if len(r.data) == 0 {
		d.dataText(text(nodes, at, "ParameterXml"))
	}
	return d.finish()
}
