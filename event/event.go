// Package event holds the one record that every part of Escutcheon speaks of:
// a Windows event, or a request that IIS logged, whatever file format brought it.
// Field names are those of the Splunk add-ons for Windows and for IIS. The package decodes nothing and stores
// nothing; it imports nothing of ours.
package event

import (
	"strings"
	"time"
	"unicode"
)

// None stands for a number that the log does not give.
const None = -1

// NoSecond stands for "no time" where a second is asked for.
const NoSecond = -1 << 63

// Field is one name and its value, as the log gives them.
type Field struct{ Name, Value string }

// DateOrder says how day and month of a numeric date were told apart.
type DateOrder uint8

// The ways.
const (
	DatesFixed DateOrder = iota // the format fixes the order
	DatesOpen                   // both orders give a date: the order asked for was used
	MonthFirst                  // only month-first gives a date
	DayFirst                    // only day-first gives a date
)

// Event is one Windows event record.
//
// The typed members are copies of what Fields holds, for the code that needs
// them on every event. A member that the log does not carry, or carries empty,
// is "" (or None, or false): an empty value is a missing one.
type Event struct {
	// Nanos is the event's time in nanoseconds since 1970 UTC, and means
	// nothing unless HasTime. A time outside 1678–2262 counts as no time.
	Nanos   int64
	HasTime bool
	// TimeText is the time as the log wrote it.
	TimeText string
	// Zoneless says that the log gave the time without a zone, and the zone
	// asked for was used.
	Zoneless bool
	// Dates says how the date's day and month were told apart.
	Dates DateOrder
	// Windows1252 says that the record's bytes are no UTF-8 and were read as
	// Windows-1252.
	Windows1252 bool

	EventCode    int64 // event id, or None
	RecordNumber int64 // System/EventRecordID, or None

	Computer string // in the log's spelling
	Channel  string // LogName
	Provider string // SourceName
	OpCode   string // the text ("Info"), not the number
	Message  string // line ends are \n, trailing white space cut
	// Rendered says that the log carried no Message and ours was made from
	// the provider's template.
	Rendered bool
	// Odd says, where Fields were dropped, that the event answers in its own way
	// when a search asks for its channel or code (detection.Odd).
	Odd bool

	// Fields is everything the record carries, in the order of the log, under
	// canonical names, without the empty ones. Names may repeat.
	Fields []Field

	// Raw is the record as it stands in the file, transcoded to UTF-8 when the
	// file is UTF-16 (lone surrogates as three bytes, so that nothing is lost).
	Raw string
	// Own is the record's own bytes where Raw holds more, because they cannot
	// be read alone, and what else it is told by; "" when Raw is just that.
	Own string
	// Offset is where the record starts: bytes from the start of the
	// (decompressed) file, in the file's own encoding.
	Offset int64
}

// Reset makes e an event without anything, keeping the memory of Fields.
func (e *Event) Reset() {
	f := e.Fields
	clear(f)
	*e = Event{EventCode: None, RecordNumber: None, Fields: f[:0]}
}

// Add appends a field unless its value is empty.
func (e *Event) Add(name, value string) {
	if value != "" {
		e.Fields = append(e.Fields, Field{name, value})
	}
}

// Time is the event's time in UTC; the zero time when it has none.
func (e *Event) Time() time.Time {
	if !e.HasTime {
		return time.Time{}
	}
	return time.Unix(0, e.Nanos).UTC()
}

// Second is the event's time in whole seconds since 1970 UTC, rounded down.
func (e *Event) Second() int64 { return FloorSecond(e.Nanos) }

// FloorSecond turns nanoseconds since 1970 into whole seconds, rounded down.
func FloorSecond(nanos int64) int64 {
	s := nanos / 1e9
	if nanos%1e9 < 0 {
		s--
	}
	return s
}

// IISConfiguration is the channel of IIS configuration changes.
const IISConfiguration = "Microsoft-IIS-Configuration/Operational"

// IISProvider is the provider of IIS configuration changes.
const IISProvider = "Microsoft-Windows-IIS-Configuration"

// FromIISAlone says whether the provider of IIS configuration changes is named
// and the channel is not, as in the CSV of Event Viewer. All of its changes are
// of one sourcetype, so that a rule matches them, and says what they lack.
func (e *Event) FromIISAlone() bool { return e.Channel == "" && e.Provider == IISProvider }

// SourceType is the Splunk sourcetype that events of a channel have when the
// input names none.
func SourceType(channel string) string {
	if strings.EqualFold(channel, IISConfiguration) {
		return "IIS:Configuration:Operational"
	}
	if ofRequests(channel) {
		return channel
	}
	return "WinEventLog"
}

// Source is the Splunk source that events of a channel have when the input
// names none.
func Source(channel string) string {
	switch channel { // the usual ones cost no text
	case Sysmon:
		return "WinEventLog:" + Sysmon
	case Security:
		return "WinEventLog:" + Security
	}
	if strings.EqualFold(channel, IISConfiguration) {
		return "IIS:Configuration:Operational"
	}
	if ofRequests(channel) {
		return channel
	}
	return "WinEventLog:" + channel
}

// NormalizeHost is the form under which a host is known everywhere but in a
// finding's row: lower case, no trailing dot (Splunk's normalized_risk_object).
func NormalizeHost(name string) string {
	n := strings.TrimRightFunc(strings.TrimSpace(strings.ToLower(name)),
		func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	if n == "" {
		return name
	}
	return n
}

// NormalizeMessage gives a message the line ends and the end that are the same
// in every format: \r\r\n, \r\n and \r become \n; white space at the end goes.
// A message that has them is returned as it is.
func NormalizeMessage(s string) string {
	if n := len(s); n > 0 && (s[n-1] <= ' ' || s[n-1] >= 0x80) {
		s = strings.TrimRight(s, " \t\r\n\v\f\u0085\u00a0")
	}
	i := strings.IndexByte(s, '\r')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		for i+1 < len(s) && s[i+1] == '\r' {
			i++
		}
		if i+1 < len(s) && s[i+1] == '\n' {
			i++
		}
		b.WriteByte('\n')
		s = s[i+1:]
		i = strings.IndexByte(s, '\r')
	}
	b.WriteString(s)
	return b.String()
}
