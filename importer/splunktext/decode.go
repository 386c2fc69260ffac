package splunktext

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// decode fills e from its Raw. followed says that another event follows, so
// that nothing is missing at its end. The result is why it is no event, or "".
func (r *reader) decode(e *event.Event, followed bool) string {
	text, log := record.Text(e, r.opt), r.log
	if e.Windows1252 { // what stands before LogName= may be longer now
		log = len(record.FromWindows1252(e.Raw[:log]))
	}
	if date := dateText(record.Trim(text[:log])); date != "" {
		nanos, ok, _ := record.ParseUS(date, r.opt.Zone)
		record.SetTime(e, date, nanos, ok)
		e.Zoneless = ok
	}
	code, message := false, false
	for rest := text[log:]; rest != "" && !message; {
		if strings.HasPrefix(rest, "Message=") {
			record.SetMessage(e, rest[len("Message="):])
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
		if !header(e, line, &code) {
			return "The EventCode of this event is not a number."
		}
		if len(e.Fields) > record.MaxFields {
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

// header reads one line of a header. It is false for an event code that is
// none.
func header(e *event.Event, line string, code *bool) bool {
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
		e.Add(key, value)
	}
	return true
}
