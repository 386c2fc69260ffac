package eventjson

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// beat is what is gathered of a Winlogbeat object before e can be filled:
// some values stand in several places, of which one goes before another.
type beat struct {
	r        *reader
	e        *event.Event
	winlog   bool // it has a winlog
	time     string
	stamp    string
	code     string // event.code
	host     string // host.name
	provider string // event.provider
	level    string
	guid     string
	opcode   string // a number
	keywords string
	bad      string
}

// winlogbeat fills e from the object. Dotted names and nested objects mean the
// same, so that a flattened object and one in an Elasticsearch hit are read
// like any other.
func (r *reader) winlogbeat(e *event.Event, nodes []node, at int) string {
	clear(r.data)
	r.data = r.data[:0]
	if r.paths == nil {
		r.paths = newPaths()
	}
	before := *e
	b := beat{r: r, e: e}
	if !b.walk(nodes, at, 0) { // too many names, or long ones
		clear(r.data)
		*e, r.data, b = before, r.data[:0], beat{r: r, e: e}
		var buf [256]byte
		if !walk(nodes, at, buf[:0], func(path []byte, n *node) {
			p := pathOf(string(path))
			b.take(&p, n.value)
		}) {
			return reasonPath
		}
	}
	return b.finish()
}

// mostKeywords is how long the joined keywords may be.
const mostKeywords = 4096

// walk takes the values below nodes[at], which has the path under, as the walk
// of all shapes does. It is false for paths that are not kept.
func (b *beat) walk(nodes []node, at int, under int32) bool {
	inData := b.r.paths.all[under].role == beatWhole
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		n := &nodes[i]
		nested := n.kind == '{' || n.kind == '['
		path := under
		if nodes[at].kind == '{' {
			if inData && !nested {
				b.field(n.key, n.value)
				continue
			}
			var ok bool
			if path, ok = b.r.paths.below(under, n.key); !ok {
				return false
			}
		}
		if !nested {
			b.take(&b.r.paths.all[path], n.value)
		} else if !b.walk(nodes, i, path) {
			return false
		}
	}
	return true
}

// take takes one value.
func (b *beat) take(p *path, v string) {
	e := b.e
	if b.full() {
		return
	}
	b.winlog = b.winlog || p.winlog
	switch p.role {
	case beatData:
		b.field(p.field, v)
		return
	case beatStamp:
		b.stamp = v
	case beatTime:
		b.time = v
	case beatCode:
		if v != "" && !record.SetEventCode(e, v) {
			b.bad = "The winlog.event_id of this event is not a number."
		}
		return
	case beatOtherCode:
		b.code = v
	case beatHost:
		b.host = v
	case beatOtherProvider:
		b.provider = v
	case beatComputer:
		record.SetComputer(e, v)
		return
	case beatChannel:
		record.SetChannel(e, v)
		return
	case beatProvider:
		record.SetProvider(e, v)
		return
	case beatRecord:
		record.SetRecordNumber(e, v)
		return
	case beatOpcode:
		b.opcodeOf(v)
		return
	case beatTask:
		e.Add("TaskCategory", v)
		return
	case beatKeywords:
		b.keyword(v)
		return
	case beatSid:
		e.Add("Sid", v)
		return
	case beatUser:
		e.Add("User", v)
		return
	case beatGUID:
		b.guid = v
	case beatLevel:
		b.level = v
	case beatOtherLevel:
		if b.level == "" {
			b.level = v
		}
	case beatMessage:
		record.SetMessage(e, v)
		return
	}
	e.Add(p.name, v)
}

// full says whether there are more fields than an event may have.
func (b *beat) full() bool {
	if len(b.e.Fields) > record.MaxFields || len(b.r.data) > record.MaxFields {
		b.bad = record.ReasonFields
		return true
	}
	return false
}

// field takes a value of event_data or user_data.
func (b *beat) field(name, v string) {
	if b.full() {
		return
	}
	b.winlog = true
	b.r.data = append(b.r.data, event.Field{Name: name, Value: v})
	b.e.Add(name, v)
}

// opcodeOf takes the opcode, which is a number where Winlogbeat knew no text.
func (b *beat) opcodeOf(v string) {
	if v != "" && strings.Trim(v, "0123456789") == "" {
		b.opcode = v
		b.e.Add("Opcode", v)
		return
	}
	record.SetOpCode(b.e, v)
}

func (b *beat) keyword(v string) {
	if v == "" || len(b.keywords)+len(v) > mostKeywords {
		return
	}
	if b.keywords != "" {
		v = b.keywords + ", " + v
	}
	b.keywords = v
}

// finish fills what has several sources. The result is why this is no event.
func (b *beat) finish() string {
	e := b.e
	switch {
	case b.bad != "":
		return b.bad
	case !b.winlog:
		return reasonOther
	case e.EventCode == event.None && !record.SetEventCode(e, b.code):
		return "This Winlogbeat object has no winlog.event_id."
	}
	if b.time == "" {
		b.time = b.stamp
	}
	nanos, ok := record.ParseISO(b.time, nil)
	record.SetTime(e, b.time, nanos, ok)
	record.SetProvider(e, b.provider)
	record.SetComputer(e, b.host)
	e.Add("Type", typeText(b.level))
	e.Add("Keywords", b.keywords)
	record.RenderIIS(e, b.guid, b.opcode, b.r.data, false)
	return ""
}
