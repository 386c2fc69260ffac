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
	b := beat{r: r, e: e}
	var buf [256]byte
	if !walk(nodes, at, buf[:0], b.take) {
		return reasonPath
	}
	return b.finish()
}

// mostKeywords is how long the joined keywords may be.
const mostKeywords = 4096

// take takes one value.
func (b *beat) take(path []byte, n *node) {
	e, v := b.e, n.value
	if len(e.Fields) > record.MaxFields || len(b.r.data) > record.MaxFields {
		b.bad = record.ReasonFields
		return
	}
	if rest, ok := strings.CutPrefix(string(path[:min(len(path), 18)]), "winlog."); ok {
		b.winlog = true
		for _, in := range [...]string{"event_data.", "user_data."} {
			if strings.HasPrefix(rest, in) {
				b.field(path[len("winlog.")+len(in):], n)
				return
			}
		}
	}
	switch string(path) {
	case "@timestamp":
		b.stamp = v
	case "winlog.time_created":
		b.time = v
	case "winlog.event_id", "winlog.event_id.#text", "winlog.event_id.value", "winlog.event_id.Value":
		if v != "" && !record.SetEventCode(e, v) {
			b.bad = "The winlog.event_id of this event is not a number."
		}
		return
	case "event.code":
		b.code = v
	case "host.name":
		b.host = v
	case "event.provider":
		b.provider = v
	case "winlog.computer_name":
		record.SetComputer(e, v)
		return
	case "winlog.channel":
		record.SetChannel(e, v)
		return
	case "winlog.provider_name":
		record.SetProvider(e, v)
		return
	case "winlog.record_id":
		record.SetRecordNumber(e, v)
		return
	case "winlog.opcode":
		b.opcodeOf(v)
		return
	case "winlog.task":
		e.Add("TaskCategory", v)
		return
	case "winlog.keywords":
		b.keyword(v)
		return
	case "winlog.user.identifier":
		e.Add("Sid", v)
		return
	case "winlog.user.name":
		e.Add("User", v)
		return
	case "winlog.provider_guid":
		b.guid = v
	case "winlog.level":
		b.level = v
	case "log.level":
		if b.level == "" {
			b.level = v
		}
	case "message":
		record.SetMessage(e, v)
		return
	}
	e.Add(b.r.names.of(path), v)
}

// field takes a value of event_data or user_data.
func (b *beat) field(name []byte, n *node) {
	s := n.key // most names are keys: no copy is needed
	if s != string(name) {
		s = b.r.names.of(name)
	}
	b.r.data = append(b.r.data, event.Field{Name: s, Value: n.value})
	b.e.Add(s, n.value)
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
