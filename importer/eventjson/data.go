package eventjson

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// eventData takes EventData or UserData, however its XML was made JSON: names
// as members, Data as objects with a Name, or values without names. A value's
// field has the name of the innermost element, as it has from XML.
func (d *draft) eventData(nodes []node, at int) {
	for i := at + 1; i < int(nodes[at].end) && d.bad == ""; i = int(nodes[i].end) {
		d.datum(nodes[i].key, nodes, i)
	}
}

// datum takes the value nodes[i] under a name.
func (d *draft) datum(name string, nodes []node, i int) {
	n := &nodes[i]
	bare := strings.TrimPrefix(name, "@")
	switch {
	case bare == "xmlns" || strings.HasPrefix(bare, "xmlns:"):
	case n.kind == '{' && isAttributes(name):
		d.eventData(nodes, i)
	case n.kind == '{' && (name == "Data" || name == ""):
		d.data(nodes, i)
	case n.kind == '{':
		if t := child(nodes, i, "#text"); t > 0 {
			d.datum(name, nodes, t)
			return
		}
		d.eventData(nodes, i)
	case n.kind == '[':
		for j := i + 1; j < int(n.end) && d.bad == ""; j = int(nodes[j].end) {
			d.datum(name, nodes, j)
		}
	default:
		if bare == "" {
			bare = "Data"
		}
		if d.rename != nil {
			bare = d.rename(bare)
		}
		d.field(bare, n.value)
	}
}

// data takes one Data element that is an object: its name and its text, or
// several values without names, or names and values.
func (d *draft) data(nodes []node, at int) {
	name, value := "Data", 0
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		switch n := &nodes[i]; n.key {
		case "@Name", "Name", "name":
			name = n.value
		case "#attributes":
			if v := text(nodes, i, "Name"); v != "" {
				name = v
			}
		case "#text", "Value", "value", "text":
			value = i
		}
	}
	switch {
	case value > 0:
		d.datum(name, nodes, value)
	case name != "Data":
		d.field(name, "")
	default:
		d.eventData(nodes, at)
	}
}

// inserts takes values without names in the order of the log. PowerShell
// writes the names of types for them unless it is told to go deeper.
func (d *draft) inserts(nodes []node, at int) {
	d.ordered = true
	for i := at + 1; i < int(nodes[at].end) && d.bad == ""; i = int(nodes[i].end) {
		n := &nodes[i]
		switch {
		case n.kind == '{':
			d.insert(nodes, i)
		case strings.HasPrefix(n.value, "System.Diagnostics.Eventing.Reader."):
		case n.kind != '[':
			d.field("Data", n.value)
		}
	}
}

// insert takes the Value of an object, which may be an object with a Value of
// its own, such as a SID.
func (d *draft) insert(nodes []node, at int) {
	for range mostWrapped {
		i := child(nodes, at, "Value")
		if i == 0 {
			return
		}
		if nodes[i].kind != '{' {
			d.field("Data", nodes[i].value)
			return
		}
		at = i
	}
}

// dataText takes EventData that is text: XML without System, or JSON.
func (d *draft) dataText(v string) {
	v = record.Trim(v)
	switch {
	case v == "":
	case v[0] == '{' && d.r.deeper(v):
		nodes := d.r.inner[d.r.deep-1].nodes
		d.eventData(nodes, 0)
		d.r.deep--
	case v[0] == '<':
		d.fragment(v)
	default:
		d.field("Data", v)
	}
}

// fragment takes the fields of XML that is the data of an event alone.
func (d *draft) fragment(v string) {
	var part event.Event
	const start = "<Event><System><EventID>0</EventID></System><EventData>"
	if one(start+v+"</EventData></Event>", &part, record.Options{}) != "" {
		d.e.Add("EventData", v)
		return
	}
	for _, f := range part.Fields[1:] { // all but the EventID
		d.field(f.Name, f.Value)
	}
}
