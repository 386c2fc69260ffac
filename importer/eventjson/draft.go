package eventjson

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// role is what a value means for the event.
type role uint8

const (
	asField     role = iota
	asTime           // when it happened
	asLaterTime      // when it was seen, for want of the other
	asCode           // EventCode
	asRecord         // RecordNumber
	asComputer       // ComputerName
	asHost           // a host, for want of the computer
	asChannel        // LogName
	asProvider       // SourceName
	asGUID           // the provider's
	asOpcode         // a number or a text
	asLevel          // a number or a text
	asTask           // a number or a text
	asKeywords       // a number or a text, or several
	asMessage        //
	asSid            // a SID, or the account it stands for
	asUser           //
	asData           // EventData: an object, XML or JSON
	asInserts        // EventData without names, in order
	asNothing        // what says nothing of the event
)

// column is what a value means, and the name of its field where that is not
// its own.
type column struct {
	role role
	name string
}

// table is what the names of a shape mean. Names that it does not have are
// fields.
type table map[string]column

// draft is what is gathered of an object before e is whole: some values stand
// in several places, of which one goes before another.
type draft struct {
	r   *reader
	e   *event.Event
	utc bool // times without an offset are in UTC
	// ordered says that the data stands in the order of the log
	ordered bool

	later, host, guid, opcode string
	level, levelText          string
	keywords, keywordText     string
	bad                       string
	rename                    func(string) string // for names of EventData
}

// draft starts the event's draft, without data.
func (r *reader) draft(e *event.Event) draft {
	clear(r.data)
	r.data = r.data[:0]
	return draft{r: r, e: e}
}

// unshown is how PowerShell starts the name of a list that it does not go into.
const unshown = "System.Collections."

// put takes one value.
func (d *draft) put(c column, key, v string) {
	e := d.e
	if v == "" || d.bad != "" || c.role != asField && strings.HasPrefix(v, unshown) {
		return
	}
	if len(e.Fields) > record.MaxFields || len(d.r.data) > record.MaxFields {
		d.bad = record.ReasonFields
		return
	}
	if c.name != "" {
		key = c.name
	}
	switch c.role {
	case asField:
		e.Add(key, d.r.opt.Value(v))
	case asTime:
		d.time(v)
		e.Add(key, v)
	case asLaterTime:
		d.later = v
		e.Add(key, v)
	case asCode:
		if !record.SetEventCode(e, v) {
			d.bad = reasonCode
		}
	case asRecord:
		if e.RecordNumber == event.None {
			record.SetRecordNumber(e, v)
		}
	case asComputer:
		record.SetComputer(e, v)
	case asHost:
		d.host = v
	case asChannel:
		record.SetChannel(e, v)
	case asProvider:
		record.SetProvider(e, v)
	case asMessage:
		record.SetMessage(e, v)
	default:
		d.putText(c.role, v)
	}
}

// putText takes a value that may be a number or a text.
func (d *draft) putText(as role, v string) {
	e := d.e
	switch as {
	case asGUID:
		d.guid = v
		e.Add("Guid", v)
	case asOpcode:
		if isDigits(v) {
			d.opcode = v
			e.Add("Opcode", v)
			return
		}
		record.SetOpCode(e, v)
	case asLevel:
		if isDigits(v) {
			d.level = v
			e.Add("Level", v)
			return
		}
		d.levelText = v
	case asTask:
		if isDigits(v) {
			e.Add("Task", v)
			return
		}
		e.Add("TaskCategory", v)
	case asKeywords:
		d.keyword(v)
	case asSid:
		if strings.HasPrefix(v, "S-1-") {
			e.Add("Sid", v)
			return
		}
		e.Add("User", v)
	case asUser:
		e.Add("User", v)
	case asData, asInserts:
		d.dataText(v)
	}
}

func (d *draft) keyword(v string) {
	v = strings.TrimSuffix(strings.TrimPrefix(v, "["), "]") // as the collector writes a list
	switch {
	case v == "":
	case isDigits(strings.TrimPrefix(v, "-")), strings.HasPrefix(v, "0x"):
		d.keywords = v
	case d.keywordText == "":
		d.keywordText = v
	case len(d.keywordText)+len(v) <= mostKeywords:
		d.keywordText += ", " + v
	}
}

func isDigits(v string) bool {
	for i := range len(v) {
		if v[i]-'0' > 9 {
			return false
		}
	}
	return v != ""
}

// field takes a value of EventData.
func (d *draft) field(name, v string) {
	if len(d.e.Fields) > record.MaxFields || len(d.r.data) > record.MaxFields {
		d.bad = record.ReasonFields
		return
	}
	d.r.data = append(d.r.data, event.Field{Name: name, Value: v})
	d.e.Add(name, d.r.opt.Value(v))
}

// time takes the event's time, unless it has one.
func (d *draft) time(v string) {
	if d.e.HasTime {
		return
	}
	zone := d.r.opt.Zone
	if d.utc {
		zone = nil
	}
	nanos, has, ok := moment(v, zone)
	record.SetTime(d.e, v, nanos, ok)
	d.e.Zoneless = ok && !has && !d.utc
}

// finish fills what has several sources. The result is why this is no event.
func (d *draft) finish() string {
	e := d.e
	switch {
	case d.bad != "":
		return d.bad
	case e.EventCode == event.None:
		return reasonNoCode
	}
	if d.later != "" {
		d.time(d.later)
	}
	record.SetComputer(e, d.host)
	if t := typeText(d.levelText); t != "" {
		e.Add("Type", t)
	} else {
		e.Add("Type", record.LevelText(d.level))
	}
	if d.keywordText == "" {
		e.Add("Keywords", d.keywords)
	} else {
		e.Add("Keywords", d.keywordText)
		e.Add("KeywordsValue", d.keywords)
	}
	record.RenderIIS(e, d.guid, d.opcode, d.r.data, d.ordered)
	return ""
}
