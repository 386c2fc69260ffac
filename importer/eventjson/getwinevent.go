package eventjson

import "escutcheon/event"

// winEventNames are the properties of PowerShell's EventLogRecord.
var winEventNames = table{
	"TimeCreated": {role: asTime}, "Id": {role: asCode}, "RecordId": {role: asRecord}, "MachineName": {role: asComputer},
	"LogName": {role: asChannel}, "ProviderName": {role: asProvider}, "ProviderId": {role: asGUID},
	"Opcode": {role: asOpcode}, "OpcodeDisplayName": {role: asOpcode}, "Level": {role: asLevel},
	"LevelDisplayName": {role: asLevel},
	"Task":             {role: asTask}, "TaskDisplayName": {role: asTask}, "Keywords": {role: asKeywords},
	"KeywordsDisplayNames": {role: asKeywords},
	"Message":              {role: asMessage}, "UserId": {role: asSid}, "ProcessId": {name: "ProcessID"},
	"ThreadId":   {name: "ThreadID"},
	"ActivityId": {name: "ActivityID"}, "RelatedActivityId": {name: "RelatedActivityID"}, "Properties": {role: asInserts},
	"Bookmark": {role: asNothing}, "MatchedQueryIds": {role: asNothing}, "PSComputerName": {role: asHost},
}

// getWinEvent fills e from one object of Get-WinEvent | ConvertTo-Json, of
// PowerShell 5.1 or 7, whichever of its properties were selected.
func (r *reader) getWinEvent(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.flat(winEventNames, nodes, at)
	return d.finish()
}
