package eventjson

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/inner"
	"escutcheon/importer/record"
)

// splunkNames are the fields of search results that have a canonical name
// besides their own.
var splunkNames = table{
	"_time": {role: asTime}, "EventCode": {role: asCode}, "EventID": {role: asCode}, "signature_id": {role: asNothing},
	"RecordNumber": {role: asRecord}, "EventRecordID": {role: asRecord}, "ComputerName": {role: asComputer},
	"Computer": {role: asComputer},
	"host":     {role: asHost}, "dest": {role: asHost}, "LogName": {role: asChannel}, "Logfile": {role: asChannel},
	"Channel":    {role: asChannel},
	"SourceName": {role: asProvider}, "ProviderName": {role: asProvider}, "Guid": {role: asGUID},
	"OpCode": {role: asOpcode}, "Opcode": {role: asOpcode},
	"Message": {role: asMessage}, "Sid": {role: asSid}, "Keywords": {role: asKeywords}, "TaskCategory": {role: asTask},
	"Type":  {role: asLevel},
	"Level": {role: asLevel}, "_raw": {role: asNothing}, "_bkt": {role: asNothing}, "_cd": {role: asNothing},
	"_si":     {role: asNothing},
	"_serial": {role: asNothing}, "_indextime": {role: asNothing}, "_subsecond": {role: asNothing},
	"_sourcetype": {role: asNothing},
}

// splunkRow fills e from a row of an export: {"preview":…,"result":{…}}, or
// the result alone. Previews and a last row without a result are no events.
func (r *reader) splunkRow(e *event.Event, nodes []node, at, depth int) string {
	if text(nodes, at, "preview") == "true" {
		return reasonSkip
	}
	row := at
	if result := child(nodes, at, "result"); result > 0 && nodes[result].kind == '{' {
		row = result
	} else if child(nodes, at, "preview")+child(nodes, at, "lastrow") > 0 && child(nodes, at, "_raw") == 0 {
		if child(nodes, at, "rows")+child(nodes, at, "columns") > 0 {
			return r.refuse(reasonRows)
		}
		return reasonSkip
	}
	raw := child(nodes, row, "_raw")
	if raw > 0 && nodes[raw].kind == '[' && nodes[raw].end > int32(raw)+1 {
		raw++ // of several values the first
	}
	if raw > 0 && nodes[raw].value != "" {
		if _, reason := r.carried(e, nodes[raw].value, depth); reason == "" {
			settle(e, text(nodes, row, "_time"))
			outer(e, nodes, row)
			return ""
		}
		fresh(e)
	}
	d := r.draft(e)
	d.flat(splunkNames, nodes, row)
	if d.bad == "" && e.EventCode == event.None {
		return r.refuse(reasonResult)
	}
	outer(e, nodes, row)
	return d.finish()
}

// outer gives e what Splunk knows of an event besides the event: the host, and
// the channel in the name of the source.
func outer(e *event.Event, nodes []node, at int) {
	for _, key := range [...]string{"source", "sourcetype"} {
		v := strings.TrimPrefix(text(nodes, at, key), "Xml")
		if channel, ok := strings.CutPrefix(v, "WinEventLog:"); ok {
			record.SetChannel(e, channel)
		}
	}
	record.SetComputer(e, text(nodes, at, "host"))
}

// hec fills e from what was sent to an HTTP event collector: its event is a
// text, an object of any shape, or plain fields.
func (r *reader) hec(e *event.Event, nodes []node, at, depth int) string {
	i := child(nodes, at, "event")
	var reason string
	if nodes[i].kind == '{' {
		_, reason = r.object(e, nodes, i, depth+1)
	} else {
		_, reason = r.carried(e, nodes[i].value, depth)
	}
	if reason == reasonOther && nodes[i].kind == '{' {
		fresh(e)
		d := r.draft(e)
		d.flat(splunkNames, nodes, i)
		reason = d.finish()
	}
	if reason != "" {
		if reason == reasonOther || reason == reasonNoCode || reason == inner.ReasonNone {
			reason = reasonHEC
		}
		return r.refuse(reason)
	}
	settle(e, text(nodes, at, "time"))
	if f := child(nodes, at, "fields"); f > 0 && nodes[f].kind == '{' {
		walk(nodes, f, nil, func(path []byte, n *node) {
			if len(e.Fields) < record.MaxFields {
				e.Add(r.names.of(path), n.value)
			}
		})
	}
	outer(e, nodes, at)
	return ""
}
