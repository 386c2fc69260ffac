package eventcsv

import (
	"bytes"
	"strings"

	"escutcheon/importer/record"
	"escutcheon/importer/viewerlabel"
)

// Shape is whose CSV it is: the name of its format.
type Shape = string

// The shapes.
const (
	EventViewer Shape = "eventviewer-csv"
	GetWinEvent Shape = "getwinevent-csv" // Get-WinEvent or Get-EventLog | Export-Csv
	Splunk      Shape = "splunk-csv"
	EvtxECmd    Shape = "evtxecmd-csv"
)

// mostHeader is how long a header line may be, in bytes.
const mostHeader = 64 << 10

// mostColumns is how many columns a header line may name.
const mostColumns = 2048

// header is a line that names columns, understood.
type header struct {
	text    string // as it stands in the file, without its line end
	shape   Shape
	delim   byte
	columns []column
	time    int // the column of the time
	message int // the column that may span lines, or -1
}

// column is what is made of the values of one column.
type column struct {
	part part
	name string // of the field, for plain ones
}

type part int

const (
	plain part = iota // a field of that name
	ignored
	timeText
	eventCode
	recordNumber
	channel
	provider
	computer
	opCode
	message
	levelText
	levelNumber
	opcodeNumber
	keywordText
	keywordNumber
	guid
	host
	sourceType
	raw
	payload
)

// parseHeader understands a line that names the columns of a shape.
func parseHeader(line string, enc record.Encoding) (*header, bool) {
	line = strings.TrimRight(strings.TrimPrefix(line, "\uFEFF"), "\r\n")
	if len(line) > mostHeader || strings.IndexByte(line, 0) >= 0 {
		return nil, false
	}
	text, _ := record.Decoded(line, enc)
	if strings.Trim(text, `" `) == "_raw" { // the one column that says enough alone
		h := &header{text: line, delim: ',', shape: Splunk, columns: splunkColumns.columns([]string{"_raw"})}
		h.find()
		return h, true
	}
	for _, delim := range [...]byte{',', ';', '\t'} {
		if strings.IndexByte(text, delim) < 0 {
			continue
		}
		names := split(nil, text, delim, mostColumns)
		if len(names) == mostColumns {
			continue
		}
		for i := range names {
			names[i] = strings.TrimSpace(names[i])
		}
		for _, shape := range [...]func([]string) *header{splunk, evtxECmd, getWinEvent, eventViewer} {
			if h := shape(names); h != nil {
				h.text, h.delim = line, delim
				h.find()
				return h, true
			}
		}
	}
	return nil, false
}

// mostLead is how far into a stream its header line is looked for by Is and
// ShapeOf, in bytes.
const mostLead = 128 << 10

// Is says whether a header line stands at the start of head, or not far from it.
func Is(head []byte) bool { return ShapeOf(head) != "" }

// ShapeOf is whose CSV begins like head, which is UTF-8 or Windows-1252; "" is
// nobody's.
func ShapeOf(head []byte) Shape {
	head = head[:min(len(head), mostLead)]
	for len(head) > 0 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		if h, ok := parseHeader(string(line), record.UTF8); ok {
			return h.shape
		}
		head = rest
	}
	return ""
}

// find notes where the columns are that mark the start of a row.
func (h *header) find() {
	h.time, h.message = -1, -1
	for i, c := range h.columns {
		switch c.part {
		case timeText:
			h.time = i
		case message, raw:
			h.message = i
		}
	}
}

// tells says whether rows can be told by the time at their start: it stands
// before what may span lines.
func (h *header) tells() bool { return h.time >= 0 && (h.message < 0 || h.message > h.time) }

// loose says whether a quotation mark within a message may be written as it
// is: the message is the last column of Event Viewer's, whose rows can be told.
func (h *header) loose() bool {
	return h.shape == EventViewer && h.message == len(h.columns)-1 && h.tells()
}

// known are the columns of a shape, by their names in lower case.
type known map[string]column

// columns looks the names up; those that are not known become plain fields.
func (k known) columns(names []string) []column {
	out := make([]column, len(names))
	for i, n := range names {
		c, ok := k[strings.ToLower(n)]
		switch {
		case ok:
			out[i] = c
		case n == "":
			out[i].part = ignored
		default:
			out[i].name = n
		}
	}
	return out
}

// has counts how many of want are among names.
func has(names []string, want ...string) int {
	n := 0
	for _, w := range want {
		for _, name := range names {
			if strings.EqualFold(name, w) {
				n++
				break
			}
		}
	}
	return n
}

var viewerParts = map[viewerlabel.Part]column{
	viewerlabel.Log: {part: channel}, viewerlabel.Source: {part: provider}, viewerlabel.Time: {part: timeText},
	viewerlabel.EventID: {part: eventCode}, viewerlabel.Task: {name: "TaskCategory"}, viewerlabel.Level: {part: levelText},
	viewerlabel.Keywords: {part: keywordText}, viewerlabel.User: {name: "User"}, viewerlabel.Computer: {part: computer},
	viewerlabel.Description: {part: message}, viewerlabel.OpCode: {part: opCode},
	viewerlabel.RecordID:  {part: recordNumber},
	viewerlabel.ProcessID: {name: "ProcessID"}, viewerlabel.ThreadID: {name: "ThreadID"},
	viewerlabel.Correlation: {name: "ActivityID"},
}

// eventViewer is the header of Event Viewer's "Save All Events As": five
// names, or more if columns were added, and a message column without one.
func eventViewer(names []string) *header {
	h := &header{shape: EventViewer}
	seen := map[part]bool{}
	for _, n := range names {
		c, ok := viewerParts[viewerlabel.Lookup(n)]
		if !ok {
			c = column{name: n}
		}
		if n == "" || strings.EqualFold(n, "Message") { // given by who opened it in a spreadsheet
			c = column{part: message}
		}
		seen[c.part] = true
		h.columns = append(h.columns, c)
	}
	if !seen[timeText] || !seen[eventCode] || !seen[provider] || !seen[levelText] && !seen[keywordText] {
		return nil
	}
	if !seen[message] {
		h.columns = append(h.columns, column{part: message})
	}
	return h
}

var getWinEventColumns = known{
	"message": {part: message}, "id": {part: eventCode}, "eventid": {part: eventCode},
	"providername": {part: provider}, "source": {part: provider}, "providerid": {part: guid},
	"logname": {part: channel}, "log": {part: channel}, "machinename": {part: computer},
	"recordid": {part: recordNumber}, "index": {part: recordNumber},
	"timecreated": {part: timeText}, "timegenerated": {part: timeText},
	"level": {part: levelNumber}, "leveldisplayname": {part: levelText}, "entrytype": {part: levelText},
	"opcode": {part: opcodeNumber}, "opcodedisplayname": {part: opCode},
	"keywords": {part: keywordNumber}, "keywordsdisplaynames": {part: keywordText},
	"taskdisplayname": {name: "TaskCategory"}, "category": {name: "TaskCategory"},
	"userid": {name: "Sid"}, "username": {name: "User"},
	"processid": {name: "ProcessID"}, "threadid": {name: "ThreadID"}, "activityid": {name: "ActivityID"},
}

// getWinEvent is the header that Export-Csv writes of event records, whole or
// a selection of their properties: an event id and two more properties that
// nothing else has.
func getWinEvent(names []string) *header {
	id := has(names, "Id") == 1 && has(names, "TimeCreated", "ProviderName", "LogName", "MachineName", "RecordId",
		"LevelDisplayName", "OpcodeDisplayName", "TaskDisplayName", "KeywordsDisplayNames") >= 2
	old := has(names, "EventID") == 1 && has(names, "TimeGenerated", "EntryType", "InstanceId", "ReplacementStrings",
		"MachineName") >= 2
	id = id || has(names, "Id", "TimeCreated", "Message") == 3
	if !id && !old {
		return nil
	}
	return &header{shape: GetWinEvent, columns: getWinEventColumns.columns(names)}
}

var evtxECmdColumns = known{
	"recordnumber": {part: ignored}, // counts the records of the file; the event's own number is the next
	"chunknumber":  {part: ignored}, "extradataoffset": {part: ignored}, "hiddenrecord": {part: ignored},
	"eventrecordid": {part: recordNumber}, "timecreated": {part: timeText}, "eventid": {part: eventCode},
	"level": {part: levelText}, "provider": {part: provider}, "channel": {part: channel}, "computer": {part: computer},
	"processid": {name: "ProcessID"}, "threadid": {name: "ThreadID"}, "userid": {name: "Sid"},
	"keywords": {part: keywordText}, "payload": {part: payload},
}

// evtxECmd is the header of EvtxECmd's CSV.
func evtxECmd(names []string) *header {
	if has(names, "EventId", "TimeCreated", "EventRecordId") < 3 ||
		has(names, "Payload", "MapDescription", "PayloadData1", "Provider", "Channel") < 2 {
		return nil
	}
	return &header{shape: EvtxECmd, columns: evtxECmdColumns.columns(names)}
}

var splunkColumns = known{
	"_time": {part: timeText}, "_raw": {part: raw}, "host": {part: host}, "sourcetype": {part: sourceType},
	"eventcode": {part: eventCode}, "eventid": {part: eventCode},
	"computername": {part: computer}, "computer": {part: computer},
	"logname": {part: channel}, "channel": {part: channel},
	"sourcename": {part: provider}, "opcode": {part: opCode}, "message": {part: message},
	"recordnumber": {part: recordNumber}, "eventrecordid": {part: recordNumber},
	"source": {part: ignored}, "index": {part: ignored}, "splunk_server": {part: ignored}, "linecount": {part: ignored},
	"punct": {part: ignored}, "timestartpos": {part: ignored}, "timeendpos": {part: ignored}, "eventtype": {part: ignored},
}

// splunk is the header of a search's results.
func splunk(names []string) *header {
	if has(names, "_raw") == 0 && (has(names, "_time") == 0 || has(names, "EventCode", "EventID") == 0) {
		return nil
	}
	h := &header{shape: Splunk, columns: splunkColumns.columns(names)}
	for i := range h.columns {
		c := &h.columns[i]
		if c.part == plain && (strings.HasPrefix(c.name, "_") || strings.HasPrefix(c.name, "date_") ||
			strings.HasPrefix(c.name, "tag")) {
			c.part = ignored
		}
		if names[i] == "Opcode" { // the number; OpCode is the text
			c.part = opcodeNumber
		}
	}
	return h
}
