package logwriter

import (
	"fmt"
	"strconv"
	"strings"
)

// AppendEvtxDump appends r as one JSON object as evtx_dump writes it, without
// a line end; separate is its --separate-json-attributes.
func AppendEvtxDump(dst []byte, r *Record, separate bool) []byte {
	o := object{dst: dst}
	o.open()
	if separate {
		o.nest("Event_attributes")
		o.text("xmlns", xmlNamespace)
		o.close()
	}
	o.nest("Event")
	if !separate {
		o.nest("#attributes")
		o.text("xmlns", xmlNamespace)
		o.close()
	}
	dumpSystem(&o, r, separate)
	dumpData(&o, r)
	o.close()
	o.close()
	return o.dst
}

// AppendChainsaw appends r as one hit of chainsaw hunt.
func AppendChainsaw(dst []byte, r *Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("group", "Sigma")
	o.text("kind", "individual")
	o.key("document")
	o.dst = chainsawDocument(o.dst, r)
	o.more = true
	o.text("name", "A rule")
	o.text("timestamp", r.Time.UTC().Format("2006-01-02T15:04:05.000000+00:00"))
	o.close()
	return o.dst
}

// AppendChainsawAggregate appends records as one hit of chainsaw hunt that
// counts them.
func AppendChainsawAggregate(dst []byte, records []Record) []byte {
	o := object{dst: dst}
	o.open()
	o.text("group", "Sigma")
	o.text("kind", "aggregate")
	o.key("documents")
	o.dst = append(o.dst, '[')
	for i := range records {
		if i > 0 {
			o.dst = append(o.dst, ',')
		}
		o.dst = chainsawDocument(o.dst, &records[i])
	}
	o.dst = append(o.dst, ']')
	o.more = true
	o.text("name", "A rule that counts")
	o.close()
	return o.dst
}

func chainsawDocument(dst []byte, r *Record) []byte {
	dst = append(dst, `{"kind":"evtx","path":"/evidence/sample.evtx","data":`...)
	return append(AppendEvtxDump(dst, r, true), '}')
}

// dumpAttrs writes an element that has attributes alone: pairs of name and
// text. A name ending in # has a number.
func dumpAttrs(o *object, separate bool, element string, pairs ...string) {
	if separate {
		o.nest(element + "_attributes")
	} else {
		o.nest(element)
		o.nest("#attributes")
	}
	for i := 0; i < len(pairs); i += 2 {
		if name, ok := strings.CutSuffix(pairs[i], "#"); ok {
			o.key(name)
			o.dst = append(o.dst, pairs[i+1]...)
		} else {
			o.some(name, pairs[i+1])
		}
	}
	o.close()
	if !separate {
		o.close()
	}
}

func dumpSystem(o *object, r *Record, separate bool) {
	o.nest("System")
	dumpAttrs(o, separate, "Provider", "Name", r.Provider, "Guid", r.GUID)
	o.number("EventID", int64(r.EventCode))
	o.number("Version", 0)
	o.number("Level", int64(r.Level))
	o.number("Task", int64(r.Task))
	if r.Opcode != NoOpcode {
		o.number("Opcode", int64(r.Opcode))
	}
	o.text("Keywords", fmt.Sprintf("0x%x", r.Keywords))
	dumpAttrs(o, separate, "TimeCreated", "SystemTime", r.Time.UTC().Format("2006-01-02T15:04:05.000000Z"))
	if r.RecordNumber > 0 {
		o.number("EventRecordID", r.RecordNumber)
	}
	o.null("Correlation")
	dumpAttrs(o, separate, "Execution", "ProcessID#", strconv.Itoa(r.ProcessID), "ThreadID#", strconv.Itoa(r.ThreadID))
	o.text("Channel", r.Channel)
	o.text("Computer", r.Computer)
	if r.Sid != "" {
		dumpAttrs(o, separate, "Security", "UserID", r.Sid)
	} else {
		o.null("Security")
	}
	o.close()
}

// dumpData writes EventData: names as members, values without names as a list.
func dumpData(o *object, r *Record) {
	if len(r.Data) == 0 {
		o.null("EventData")
		return
	}
	o.nest("EventData")
	for i, f := range r.Data {
		if f.Name != "" {
			o.text(f.Name, f.Value)
		} else if i == 0 {
			o.nest("Data")
			o.key("#text")
			o.dst = append(o.dst, '[')
			for j, f := range r.Data {
				if j > 0 {
					o.dst = append(o.dst, ',')
				}
				o.dst = appendQuoted(o.dst, f.Value)
			}
			o.dst = append(o.dst, ']')
			o.close()
		}
	}
	o.close()
}
