package eventjson

import (
	"escutcheon/event"
)

// otelNames are the members of the body that the collector's windowseventlog
// receiver makes.
var otelNames = table{
	"system_time": {asTime, "SystemTime"}, "event_id": {role: asNothing}, "provider": {role: asNothing},
	"security": {role: asNothing}, "execution": {role: asNothing},
	"record_id": {role: asRecord}, "computer": {role: asComputer}, "channel": {role: asChannel},
	"opcode": {role: asOpcode}, "level": {role: asLevel},
	"task": {role: asTask}, "keywords": {role: asKeywords}, "message": {role: asMessage}, "event_data": {role: asNothing},
	"version": {name: "Version"},
}

var otelParts = map[string]table{
	"event_id":  {"id": {role: asCode}, "qualifiers": {name: "Qualifiers"}},
	"provider":  {"name": {role: asProvider}, "guid": {role: asGUID}, "event_source": {name: "EventSourceName"}},
	"security":  {"user_id": {role: asSid}},
	"execution": {"process_id": {name: "ProcessID"}, "thread_id": {name: "ThreadID"}},
}

// otel fills e from the body of a log record.
func (r *reader) otel(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.utc = true
	for i := at + 1; i < int(nodes[at].end) && d.bad == ""; i = int(nodes[i].end) {
		n := &nodes[i]
		if t := otelParts[n.key]; t != nil && n.kind == '{' {
			d.flat(t, nodes, i)
		}
		if n.key == "event_data" {
			d.otelData(nodes, i)
		}
	}
	d.flat(otelNames, nodes, at)
	return d.finish()
}

// otelData takes event_data: names and values, or a list of them, which newer
// receivers put into data.
func (d *draft) otelData(nodes []node, at int) {
	list := at
	if i := child(nodes, at, "data"); i > 0 && nodes[i].kind == '[' {
		list = i
	}
	if nodes[list].kind != '[' {
		d.eventData(nodes, at)
		return
	}
	d.ordered = true
	for i := list + 1; i < int(nodes[list].end) && d.bad == ""; i = int(nodes[i].end) {
		d.datum("", nodes, i)
	}
	if b := text(nodes, at, "binary"); list != at && b != "" {
		d.field("Binary", b)
	}
}

// logRecord fills e from a log record: of OTLP, or as the collector's own
// tools write it. It is not ok for an object whose body is no event.
func (r *reader) logRecord(e *event.Event, nodes []node, at, depth int) (kind Shape, reason string, ok bool) {
	body := child(nodes, at, "body")
	if nodes[body].kind != '{' {
		return Other, "", false
	}
	r.otlp = plain(r.otlp[:0], nodes, body, "", 0)
	if len(r.otlp) == 0 {
		return Other, "", false
	}
	if root := &r.otlp[0]; root.kind == '{' {
		if depth > 0 { // its nodes are in use
			return Other, reasonOther, true
		}
		kind, reason = r.object(e, r.otlp, 0, depth+1)
	} else if carries(root.value) {
		_, reason = r.carried(e, root.value, depth+1)
		kind = OTel
	} else {
		return Other, "", false
	}
	if reason == "" {
		settle(e, text(nodes, at, "timeUnixNano"))
	}
	return kind, reason, true
}

// plain appends the value nodes[at] of OTLP to out as plain JSON has it.
func plain(out []node, nodes []node, at int, key string, depth int) []node {
	if nodes[at].kind != '{' || nodes[at].end == int32(at)+1 || depth > mostDepth {
		return out
	}
	v := at + 1 // stringValue and the like
	n := node{key: key, value: nodes[v].value, kind: nodes[v].kind}
	me := len(out)
	switch nodes[v].key {
	case "kvlistValue", "arrayValue":
		n.kind = '{'
		if nodes[v].key == "arrayValue" {
			n.kind = '['
		}
		out = append(out, n)
		list := child(nodes, v, "values")
		for i := list + 1; list > 0 && i < int(nodes[list].end); i = int(nodes[i].end) {
			if n.kind == '[' {
				out = plain(out, nodes, i, "", depth+1)
			} else if value := child(nodes, i, "value"); value > 0 {
				out = plain(out, nodes, value, text(nodes, i, "key"), depth+1)
			}
		}
	case "stringValue", "intValue", "boolValue", "doubleValue", "bytesValue":
		if n.kind == '{' || n.kind == '[' {
			return out
		}
		out = append(out, n)
	default:
		return out
	}
	out[me].end = int32(len(out))
	return out
}
