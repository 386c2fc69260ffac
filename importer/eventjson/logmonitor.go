package eventjson

import "escutcheon/event"

var logMonitorNames = table{
	"Time": {role: asTime}, "Channel": {role: asChannel}, "Level": {role: asLevel}, "EventId": {role: asCode},
	"Message":      {role: asMessage},
	"ProviderName": {role: asProvider}, "Computer": {role: asComputer}, "Hostname": {role: asHost},
}

// logMonitor fills e from an entry of Microsoft LogMonitor, which names
// neither computer nor provider, opcode or record number.
func (r *reader) logMonitor(e *event.Event, nodes []node, at int) string {
	if s := text(nodes, at, "Source"); s != "EventLog" {
		return r.refuse(reasonLogMonitor)
	}
	d := r.draft(e)
	d.utc = true
	d.flat(logMonitorNames, nodes, child(nodes, at, "LogEntry"))
	return d.finish()
}
