package sigma

import (
	"fmt"
	"strings"
)

// source is where the events of a rule's log source are, and what they call the
// fields by which rules name them. The table of them is source_table.go.
type source struct {
	product, category, service string
	// streams are the kinds of events; any of them.
	streams []stream
	// fields are those that events have under another name than rules; what is not
	// here nor in everywhere has the same name.
	fields map[string]string
	// by are the fields that tell findings apart; nil: those that the rule names.
	by []string
	// user is the column of a finding in which the user is.
	user string
	// renamed is the name of an event's field where no table has one; nil: the same.
	renamed func(string) string
}

// stream is one kind of event.
type stream struct {
	channel string // or a sourcetype, where it is of no Windows log
	codes   []int  // nil: any
	also    string // what else an event is to meet, in the words of the search command
}

// everywhere are fields that all Windows events have under another name.
var everywhere = map[string]string{
	"EventID": "EventCode", "Event_ID": "EventCode", "Provider_Name": "SourceName", "ProviderName": "SourceName",
	"Computer": "ComputerName", "EventRecordID": "RecordNumber", "Security_UserID": "Sid", "UserID": "Sid",
	"Execution_ProcessID": "ExecutionProcessID", "Execution_ThreadID": "ExecutionThreadID",
	"imphash": "IMPHASH", "Imphash": "IMPHASH", "md5": "MD5", "sha1": "SHA1", "sha256": "SHA256",
}

// field is what a rule's field is called in the source's events.
func (s *source) field(name string) *field {
	if text, ok := s.fields[name]; ok {
		return parseField(name, text)
	}
	if s.renamed != nil {
		return &field{name: name, names: []eventField{{name: s.renamed(name)}}}
	}
	if text, ok := everywhere[name]; ok {
		return parseField(name, text)
	}
	return &field{name: name, names: []eventField{{name: name}}}
}

// head is the source's events in the words of the search command.
func (s *source) head() string {
	parts := make([]string, len(s.streams))
	for i, st := range s.streams {
		parts[i] = st.text()
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "((" + strings.Join(parts, ") OR (") + "))"
}

func (st stream) text() string {
	text := `source="XmlWinEventLog:` + st.channel + `"`
	switch {
	case st.channel == "":
		text = codeField + "=*"
	case strings.Contains(strings.ToLower(st.channel), "iis:"):
		text = `sourcetype="` + st.channel + `"`
	}
	if len(st.codes) > 0 {
		codes := make([]string, len(st.codes))
		for i, c := range st.codes {
			codes[i] = fmt.Sprint(c)
		}
		text += " " + oneOf(codeField, codes)
	}
	if st.also != "" {
		text += " " + st.also
	}
	return text
}

// Kind is a kind of event that a log source is made of.
type Kind struct {
	Channel string // or a sourcetype, of what is no Windows event; "" for any
	Code    int    // 0 for any
}

// Kinds are the events that a rule's log source is made of; none of a log source that
// no event here is of, and of a correlation, whose rules have their own.
func (d *Document) Kinds() (out []Kind) {
	s := d.source()
	if s == nil || d.Correlation != nil {
		return nil
	}
	for _, st := range s.streams {
		if len(st.codes) == 0 {
			out = append(out, Kind{Channel: st.channel})
		}
		for _, c := range st.codes {
			out = append(out, Kind{st.channel, c})
		}
	}
	return out
}

// source finds the log source of a rule; nil where there is none.
func (d *Document) source() *source {
	want := d.LogSource
	for i := range sources {
		s := &sources[i]
		if (s.product == want.Product || want.Product == "" || s.product == "") &&
			s.category == want.Category && s.service == want.Service {
			return s
		}
	}
	if want.Category == "" || want.Service == "" {
		return nil
	}
	// Of a category and a service the category says which events.
	one := Document{LogSource: LogSource{Product: want.Product, Category: want.Category}}
	return one.source()
}
