package eventjson

import "escutcheon/event"

// beat6Names are the members of Winlogbeat 6 and older.
var beat6Names = table{
	"@timestamp": {role: asTime}, "event_id": {role: asCode}, "record_number": {role: asRecord},
	"computer_name": {role: asComputer},
	"log_name":      {role: asChannel}, "source_name": {role: asProvider}, "provider_guid": {role: asGUID},
	"level":  {role: asLevel},
	"opcode": {role: asOpcode}, "task": {role: asTask}, "keywords": {role: asKeywords}, "message": {role: asMessage},
	"process_id": {name: "ProcessID"}, "thread_id": {name: "ThreadID"}, "event_data": {role: asData},
	"user_data": {role: asData},
	"user":      {role: asNothing}, "version": {name: "Version"},
}

var beat6User = table{"identifier": {role: asSid}, "name": {role: asUser}}

// beat6 fills e from an object of Winlogbeat 6.
func (r *reader) beat6(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.utc = true
	d.flat(beat6Names, nodes, at)
	if i := child(nodes, at, "user"); i > 0 {
		d.flat(beat6User, nodes, i)
	}
	return d.finish()
}
