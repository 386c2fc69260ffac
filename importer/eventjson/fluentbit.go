package eventjson

import "escutcheon/event"

// fluentNames are the keys of Fluent Bit's winevtlog and of its older winlog.
var fluentNames = table{
	"TimeCreated": {role: asTime}, "TimeGenerated": {role: asTime}, "EventID": {role: asCode},
	"EventRecordID": {role: asRecord}, "RecordNumber": {role: asRecord},
	"Computer": {role: asComputer}, "ComputerName": {role: asComputer}, "Channel": {role: asChannel},
	"ProviderName": {role: asProvider}, "SourceName": {role: asProvider}, "ProviderGuid": {role: asGUID},
	"Level": {role: asLevel}, "EventType": {role: asLevel}, "Task": {role: asTask}, "EventCategory": {role: asTask},
	"Opcode":   {role: asOpcode},
	"Keywords": {role: asKeywords}, "UserID": {role: asSid}, "Sid": {role: asSid}, "Message": {role: asMessage},
	"StringInserts": {role: asInserts}, "System": {role: asNothing}, "date": {role: asNothing}, "hostname": {role: asHost},
}

// fluentBit fills e from a record of Fluent Bit. Told to, it puts the event's
// XML into System, with the message beside it.
func (r *reader) fluentBit(e *event.Event, nodes []node, at, depth int) string {
	if raw := text(nodes, at, "System"); carries(raw) {
		_, reason := r.carried(e, raw, depth)
		if reason == "" {
			setMessage(e, text(nodes, at, "Message"))
		}
		return reason
	}
	d := r.draft(e)
	d.flat(fluentNames, nodes, at)
	return d.finish()
}
