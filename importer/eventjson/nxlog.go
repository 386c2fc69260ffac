package eventjson

import (
	"escutcheon/event"
	"escutcheon/importer/record"
)

// nxlogRole is what a member means for NXLog's event.
type nxlogRole uint8

const (
	nxField nxlogRole = iota // a field, of the event's data
	nxTime
	nxStamp   // of what took the event from NXLog
	nxCreated // the time, where there is no EventTime
	nxComputer
	nxChannel
	nxProvider
	nxCode
	nxRecord
	nxOpcode
	nxMessage
	nxSid
	nxCategory
	nxType
	nxSeverity
	nxGUID
	nxOpcodeValue
)

var nxlogRoles = map[string]nxlogRole{
	"EventTime": nxTime, "@timestamp": nxStamp, "TimeCreated": nxCreated,
	"Hostname": nxComputer, "HOSTNAME": nxComputer, "Channel": nxChannel,
	"SourceName": nxProvider, "EventID": nxCode, "RecordNumber": nxRecord, "Opcode": nxOpcode, "Message": nxMessage,
	"UserID": nxSid, "Category": nxCategory, "EventType": nxType, "Severity": nxSeverity, "ProviderGuid": nxGUID,
	"OpcodeValue": nxOpcodeValue,
}

// nxlogs gathers what is said of NXLog's event before e is whole.
type nxlogs struct {
	r                                                 *reader
	e                                                 *event.Event
	guid, opcode, eventType, severity, stamp, created string
}

// nxlog fills e from the object, whose members are known. One without EventID
// or EventTime is an event too, without code or time.
func (r *reader) nxlog(e *event.Event, nodes []node, at int) string {
	clear(r.data)
	r.data = r.data[:0]
	x := nxlogs{r: r, e: e}
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		n := &nodes[i]
		if n.kind == '{' || n.kind == '[' {
			if len(n.key) > mostPath || !r.nested(e, nodes, i) {
				return reasonPath
			}
		} else if !x.take(n) {
			return "The EventID of this event is not a number."
		}
		if len(e.Fields) > record.MaxFields || len(r.data) > record.MaxFields {
			return record.ReasonFields
		}
	}
	x.finish()
	return ""
}

// take takes one value. It is false for an EventID that is none.
func (x *nxlogs) take(n *node) bool {
	e, v := x.e, n.value
	switch n.known.nxlog {
	case nxTime:
		nanos, ok := record.ParseISO(v, x.r.opt.Zone)
		record.SetTime(e, v, nanos, ok)
		e.Zoneless = ok && !record.HasOffset(v)
		e.Add(n.key, v)
	case nxStamp:
		x.stamp = v
		e.Add(n.key, v)
	case nxComputer:
		record.SetComputer(e, v)
	case nxChannel:
		record.SetChannel(e, v)
	case nxProvider:
		record.SetProvider(e, v)
	case nxCode:
		return v == "" || record.SetEventCode(e, v)
	case nxRecord:
		record.SetRecordNumber(e, v)
	case nxOpcode:
		record.SetOpCode(e, v)
	case nxMessage:
		record.SetMessage(e, v)
	case nxSid:
		e.Add("Sid", v)
	case nxCategory:
		e.Add("TaskCategory", v)
	case nxType:
		x.eventType = v
		e.Add(n.key, v)
	case nxSeverity:
		x.severity = v
		e.Add(n.key, v)
	case nxGUID:
		x.guid = v
		e.Add(n.key, v)
	case nxOpcodeValue:
		x.opcode = v
		e.Add(n.key, v)
	case nxCreated:
		x.created = v
		e.Add(n.key, v)
	default:
		e.Add(n.key, x.r.opt.Value(v))
		x.r.data = append(x.r.data, event.Field{Name: n.key, Value: v})
	}
	return true
}

// finish fills what has several sources.
func (x *nxlogs) finish() {
	e := x.e
	if t := typeText(x.eventType); t != "" {
		e.Add("Type", t)
	} else {
		e.Add("Type", typeText(x.severity))
	}
	if x.created != "" && e.TimeText == "" && x.r.opt.Has(record.Trimmed) {
		if nanos, has, ok := moment(x.created, x.r.opt.Zone); ok {
			record.SetTime(e, x.created, nanos, true)
			e.Zoneless = !has
			settle(e, x.stamp)
		}
	}
	if nanos, ok := record.ParseISO(x.stamp, nil); ok && e.TimeText == "" {
		record.SetTime(e, x.stamp, nanos, true)
	}
	record.RenderIIS(e, x.guid, x.opcode, x.r.data, false)
}

// nested adds the values of the object or array nodes[i] under dotted names.
func (r *reader) nested(e *event.Event, nodes []node, i int) bool {
	return walk(nodes, i, []byte(nodes[i].key), func(path []byte, n *node) {
		if len(e.Fields) <= record.MaxFields {
			e.Add(r.names.of(path), r.opt.Value(n.value))
		}
	})
}
