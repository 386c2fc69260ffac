package eventjson

import (
	"escutcheon/event"
)

// ecmdNames are the members that EvtxECmd writes. Its Keywords are a text.
var ecmdNames = table{
	"TimeCreated": {asTime, "SystemTime"}, "EventId": {role: asCode}, "EventRecordId": {role: asRecord},
	"RecordNumber": {role: asNothing}, // the record's number in the file
	"Computer":     {role: asComputer}, "Channel": {role: asChannel}, "Provider": {role: asProvider},
	"Level": {role: asLevel}, "Keywords": {role: asKeywords}, "UserId": {role: asSid},
	"ProcessId": {name: "ProcessID"}, "ThreadId": {name: "ThreadID"}, "Payload": {role: asData},
}

// evtxECmd fills e from one line of EvtxECmd --json. Its times are in UTC,
// also where it writes no offset. It gives no opcode.
func (r *reader) evtxECmd(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.utc, d.ordered = true, true
	d.flat(ecmdNames, nodes, at)
	return d.finish()
}
