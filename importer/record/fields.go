package record

import (
	"math"
	"strconv"

	"escutcheon/event"
)

// The setters fill a member of an event and the field of the same meaning.
// An empty value, or one that is already there, changes nothing.

// SetComputer sets ComputerName.
func SetComputer(e *event.Event, v string) { set(e, &e.Computer, "ComputerName", v) }

// SetChannel sets LogName.
func SetChannel(e *event.Event, v string) { set(e, &e.Channel, "LogName", v) }

// SetProvider sets SourceName.
func SetProvider(e *event.Event, v string) { set(e, &e.Provider, "SourceName", v) }

// SetOpCode sets OpCode, the text.
func SetOpCode(e *event.Event, v string) { set(e, &e.OpCode, "OpCode", v) }

// SetMessage sets Message, with its line ends and its end normalised.
func SetMessage(e *event.Event, v string) {
	set(e, &e.Message, "Message", event.NormalizeMessage(v))
}

// SetEventCode sets EventCode from digits and says whether they were that.
func SetEventCode(e *event.Event, v string) bool {
	n, ok := number(v)
	if ok && e.EventCode == event.None {
		e.EventCode = n
		e.Add("EventCode", v)
	}
	return ok
}

// SetRecordNumber sets RecordNumber. The number 0 is what senders write who
// have none, but a log may hold it: it is kept.
func SetRecordNumber(e *event.Event, v string) {
	if n, ok := number(v); ok && e.RecordNumber == event.None {
		e.RecordNumber = n
	}
	e.Add("RecordNumber", v)
}

// SetTime sets the time, which the log wrote as text.
func SetTime(e *event.Event, text string, nanos int64, ok bool) {
	e.TimeText = text
	if ok {
		e.Nanos, e.HasTime = nanos, true
	}
}

func set(e *event.Event, member *string, name, v string) {
	if v != "" && *member == "" {
		*member = v
		e.Add(name, v)
	}
}

// number reads an unsigned integer; numbers of a log never are negative.
func number(v string) (int64, bool) {
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil || n > math.MaxInt64 {
		return 0, false
	}
	return int64(n), true
}

// Blank says whether b is nothing but white space.
func Blank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// Trim cuts white space at both ends.
func Trim(s string) string {
	for s != "" && Blank(s[0]) {
		s = s[1:]
	}
	for s != "" && Blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
