package splunktext

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// decode fills e from its Raw, as far as that is asked for. followed says that
// another event follows, so that nothing is missing at its end. The result is why
// it is no event, or "".
func (r *reader) decode(e *event.Event, w *record.Wanted, followed bool) (reason string) {
	raw, offset := e.Raw, e.Offset
	if reason = r.fill(e, w, followed); reason == "" || w == nil {
		return reason
	}
	e.Reset()
	e.Raw, e.Offset = raw, offset
	return r.fill(e, nil, followed)
}

// fill is decode that finds none where not everything is asked for and there is
// very much.
func (r *reader) fill(e *event.Event, w *record.Wanted, followed bool) string {
	text, log := record.Text(e, r.opt), r.log
	if e.Windows1252 { // what stands before LogName= may be longer now
		log = len(record.FromWindows1252(e.Raw[:log]))
	}
	if date := dateText(record.Trim(text[:log])); date != "" && (w == nil || w.Time) {
		nanos, ok, _ := record.ParseUS(date, r.opt.Zone)
		record.SetTime(e, date, nanos, ok)
		e.Zoneless = ok
	}
	code, message, lines := false, false, 0
	for rest := text[log:]; rest != "" && !message; lines++ {
		if strings.HasPrefix(rest, "Message=") {
			if w.Has("Message") || w.InMessage(e) {
				record.SetMessage(e, rest[len("Message="):])
			}
			message = true
			break
		}
		line := rest
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		for line != "" && record.Blank(line[len(line)-1]) {
			line = line[:len(line)-1]
		}
		if !header(e, w, line, &code) {
			return "The EventCode of this event is not a number."
		}
		if len(e.Fields) > record.MaxFields || w != nil && lines > record.MostWanted {
			return record.ReasonFields
		}
	}
	switch {
	case !message && !followed:
		return reasonCut
	case !message && (!code || e.Computer == "" || e.Channel == ""):
		return "This event is cut short: its header ends before Message= and does not name log, event code and computer."
	case !code:
		return "This event has no EventCode."
	}
	record.SetComputer(e, r.opt.Computer)
	record.FieldsFromMessage(e)
	return ""
}

// header reads one line of a header, as far as it is asked for. It is false for an
// event code that is none.
func header(e *event.Event, w *record.Wanted, line string, code *bool) bool {
	eq := strings.IndexByte(line, '=')
	if eq <= 0 || eq+1 == len(line) {
		return true
	}
	value := line[eq+1:]
	switch key := line[:eq]; key {
	case "EventCode":
		*code = record.SetEventCode(e, value)
		return *code
	case "LogName":
		record.SetChannel(e, value)
	case "ComputerName":
		record.SetComputer(e, value)
	case "SourceName":
		record.SetProvider(e, value)
	case "OpCode":
		record.SetOpCode(e, value)
	case "RecordNumber":
		record.SetRecordNumber(e, value)
	case "CategoryString":
		e.Add("TaskCategory", value)
	default:
		if w.Has(key) {
			e.Add(key, value)
		}
	}
	return true
}
