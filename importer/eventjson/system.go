package eventjson

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// systemNames are the elements of System, and the attributes that are values
// of their own.
var systemNames = table{
	"EventID": {role: asCode}, "EventRecordID": {role: asRecord}, "Channel": {role: asChannel},
	"Computer": {role: asComputer},
	"Keywords": {role: asKeywords}, "Level": {role: asLevel}, "Opcode": {role: asOpcode}, "Task": {role: asTask},
	"TimeCreated": {asTime, "SystemTime"}, "SystemTime": {role: asTime}, "UserID": {role: asSid}, "Guid": {role: asGUID},
	"EventIDQualifiers": {name: "Qualifiers"}, "Provider": {role: asProvider},
}

// renderedNames are the elements of RenderingInfo.
var renderedNames = table{
	"Message": {role: asMessage}, "Level": {role: asLevel}, "Task": {role: asTask}, "Opcode": {role: asOpcode},
	"Keywords": {role: asKeywords}, "Keyword": {role: asKeywords}, "Channel": {role: asNothing},
	"Provider": {role: asNothing},
}

// tree takes an event that mirrors the XML: nodes[at] has System, EventData and
// the like.
func (d *draft) tree(nodes []node, at int) {
	for i := at + 1; i < int(nodes[at].end) && d.bad == ""; i = int(nodes[i].end) {
		n := &nodes[i]
		switch {
		case n.key == "System" && n.kind == '{':
			d.system(nodes, i)
		case n.key == "EventData" || n.key == "UserData" || n.key == "ProcessingErrorData" || n.key == "DebugData":
			if n.kind == '{' || n.kind == '[' {
				d.eventData(nodes, i)
			} else {
				d.dataText(n.value)
			}
		case n.key == "RenderingInfo":
			d.flat(renderedNames, nodes, i)
		case n.key == "Message":
			d.put(column{role: asMessage}, n.key, n.value)
		case isAttributes(n.key):
		case n.kind == '{' || n.kind == '[':
			if len(n.key) > mostPath || !d.nested(nodes, i) {
				d.bad = reasonPath
			}
		default:
			d.put(column{}, n.key, n.value)
		}
	}
}

// system takes System. An element's attributes stand beside its text in
// "#attributes", in a member of their own ("Provider_attributes") or as
// members of the element.
func (d *draft) system(nodes []node, at int) {
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		n := &nodes[i]
		base := strings.TrimSuffix(n.key, "_attributes")
		switch n.kind {
		case '{':
			d.element(base, nodes, i)
		case '[':
			d.several(systemNames[base], nodes, i)
		default:
			d.put(systemNames[base], base, n.value)
		}
	}
}

// element takes an element of System that has attributes.
func (d *draft) element(base string, nodes []node, at int) {
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		n := &nodes[i]
		name := strings.TrimPrefix(n.key, "@")
		switch {
		case n.kind == '{':
			d.element(base, nodes, i) // #attributes
		case n.kind == '[', strings.HasPrefix(name, "xmlns"):
		case name == "#text" || name == "Value" || name == "value":
			d.put(systemNames[base], base, n.value)
		case name == "Name" && base == "Provider":
			d.put(column{role: asProvider}, name, n.value)
		case name == "Guid" || name == "SystemTime" || name == "UserID":
			d.put(systemNames[name], name, n.value)
		default:
			d.put(column{}, name, n.value)
		}
	}
}

func isAttributes(key string) bool {
	return key == "#attributes" || strings.HasSuffix(key, "_attributes") || strings.HasPrefix(key, "@")
}

// evtxDump fills e from {"Event":{"System":…}}, as evtx_dump and chainsaw dump
// write it.
func (r *reader) evtxDump(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.utc, d.ordered = true, true
	d.tree(nodes, child(nodes, at, "Event"))
	return d.finish()
}

// dumpEvtx fills e from {"System":…,"EventData":…}, as Velocidex's tools and
// OpenWEC write it.
func (r *reader) dumpEvtx(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.utc, d.ordered = true, true
	d.tree(nodes, at)
	return d.finish()
}

// hunterNames are the columns of Velociraptor's EvtxHunter.
var hunterNames = table{
	"EventTime": {role: asTime}, "Computer": {role: asComputer}, "Channel": {role: asChannel},
	"Provider": {role: asProvider},
	"EventID":  {role: asCode}, "EventRecordID": {role: asRecord}, "UserSID": {role: asSid}, "Username": {role: asUser},
	"EventData": {role: asData}, "UserData": {role: asData}, "Message": {role: asMessage},
}

func (r *reader) evtxHunter(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.utc, d.ordered = true, true
	d.flat(hunterNames, nodes, at)
	return d.finish()
}

// chainsaw fills e from a hit of chainsaw hunt. What the rule said becomes
// fields; of an aggregate, the reader gives each document by itself.
func (r *reader) chainsaw(e *event.Event, nodes []node, at int) string {
	doc := child(nodes, at, "document")
	ev := child(nodes, child(nodes, doc, "data"), "Event")
	if ev == 0 || child(nodes, doc, "data") == 0 {
		return r.refuse(reasonChainsaw)
	}
	d := r.draft(e)
	d.utc, d.ordered = true, true
	d.tree(nodes, ev)
	d.later = text(nodes, at, "timestamp")
	for _, key := range [...]string{"group", "name"} {
		d.put(column{name: "chainsaw_" + key}, key, text(nodes, at, key))
	}
	return d.finish()
}

// chainsawDocument fills e from one document of an aggregate.
func (r *reader) chainsawDocument(e *event.Event, nodes []node, at int) string {
	d := r.draft(e)
	d.utc, d.ordered = true, true
	d.tree(nodes, child(nodes, child(nodes, at, "data"), "Event"))
	return d.finish()
}

// wazuhNames are the members of data.win.system.
var wazuhNames = table{
	"providerName": {role: asProvider}, "providerGuid": {role: asGUID}, "eventID": {role: asCode},
	"version": {name: "Version"},
	"level":   {role: asLevel}, "severityValue": {role: asLevel}, "task": {role: asTask}, "opcode": {role: asOpcode},
	"keywords": {role: asKeywords}, "systemTime": {role: asTime}, "eventRecordID": {role: asRecord},
	"processID": {name: "ProcessID"}, "threadID": {name: "ThreadID"}, "channel": {role: asChannel},
	"computer": {role: asComputer},
	"message":  {role: asNothing}, "eventSourceName": {name: "EventSourceName"},
}

// wazuh fills e from the object that has win. Wazuh writes all names with a
// small first letter, which Windows does with the names it numbers alone.
func (r *reader) wazuh(e *event.Event, nodes []node, at int) string {
	win := child(nodes, at, "win")
	d := r.draft(e)
	d.utc = true
	for i := win + 1; i < int(nodes[win].end) && d.bad == ""; i = int(nodes[i].end) {
		switch n := &nodes[i]; n.key {
		case "system":
			d.flat(wazuhNames, nodes, i)
			message := record.Trim(text(nodes, i, "message"))
			message = strings.TrimSuffix(strings.TrimPrefix(message, `"`), `"`)
			d.put(column{role: asMessage}, "message", message)
		default: // eventdata, userData
			d.rename = capital
			d.eventData(nodes, i)
			d.rename = nil
		}
	}
	return d.finish()
}

func capital(name string) string {
	if name == "" || name[0] < 'a' || name[0] > 'z' || strings.HasPrefix(name, "param") {
		return name
	}
	return string(name[0]-'a'+'A') + name[1:]
}
