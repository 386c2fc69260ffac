package eventjson

import (
	"escutcheon/event"
	"escutcheon/importer/record"
)

// nxlog fills e from the object. One without EventID or EventTime is an event
// too, without code or time.
func (r *reader) nxlog(e *event.Event, nodes []node, at int) string {
	clear(r.data)
	r.data = r.data[:0]
	var guid, opcode, eventType, severity, stamp string
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		n := &nodes[i]
		if n.kind == '{' || n.kind == '[' {
			if len(n.key) > mostPath || !r.nested(e, nodes, i) {
				return reasonPath
			}
			if len(e.Fields) > record.MaxFields {
				return record.ReasonFields
			}
			continue
		}
		switch n.key {
		case "EventTime":
			nanos, ok := record.ParseISO(n.value, r.opt.Zone)
			record.SetTime(e, n.value, nanos, ok)
			e.Zoneless = ok && !record.HasOffset(n.value)
			e.Add(n.key, n.value)
		case "@timestamp": // of what took the event from NXLog
			stamp = n.value
			e.Add(n.key, n.value)
		case "Hostname", "HOSTNAME":
			record.SetComputer(e, n.value)
		case "Channel":
			record.SetChannel(e, n.value)
		case "SourceName":
			record.SetProvider(e, n.value)
		case "EventID":
			if n.value != "" && !record.SetEventCode(e, n.value) {
				return "The EventID of this event is not a number."
			}
		case "RecordNumber":
			record.SetRecordNumber(e, n.value)
		case "Opcode":
			record.SetOpCode(e, n.value)
		case "Message":
			record.SetMessage(e, n.value)
		case "UserID":
			e.Add("Sid", n.value)
		case "Category":
			e.Add("TaskCategory", n.value)
		case "EventType":
			eventType = n.value
			e.Add(n.key, n.value)
		case "Severity":
			severity = n.value
			e.Add(n.key, n.value)
		case "ProviderGuid":
			guid = n.value
			e.Add(n.key, n.value)
		case "OpcodeValue":
			opcode = n.value
			e.Add(n.key, n.value)
		default:
			e.Add(n.key, n.value)
			r.data = append(r.data, event.Field{Name: n.key, Value: n.value})
		}
		if len(e.Fields) > record.MaxFields || len(r.data) > record.MaxFields {
			return record.ReasonFields
		}
	}
	if t := typeText(eventType); t != "" {
		e.Add("Type", t)
	} else {
		e.Add("Type", typeText(severity))
	}
	if nanos, ok := record.ParseISO(stamp, nil); ok && e.TimeText == "" {
		record.SetTime(e, stamp, nanos, true)
	}
	record.RenderIIS(e, guid, opcode, r.data, false)
	return ""
}

// nested adds the values of the object or array nodes[i] under dotted names.
func (r *reader) nested(e *event.Event, nodes []node, i int) bool {
	return walk(nodes, i, []byte(nodes[i].key), func(path []byte, n *node) {
		if len(e.Fields) <= record.MaxFields {
			e.Add(r.names.of(path), n.value)
		}
	})
}
