// Package inner decodes the event that a record of another format carries
// whole: the _raw of a Splunk export, the RawXml of an agent, the XML below a
// copied text. It finds out which form it has; where the outer record lies is
// its caller's business.
package inner

import (
	"errors"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
)

// ReasonNone is given for what is no event.
const ReasonNone = "The event that this record carries is neither event XML nor classic Splunk text."

// One decodes text into e, which becomes what the text says alone; its Raw and
// Offset are the caller's to set. The result is why it is no event, or "".
func One(text string, opt record.Options, e *event.Event) string {
	opt.Whole = true
	open := splunktext.New
	if t := strings.TrimLeft(text, "\uFEFF- \t\r\n"); strings.HasPrefix(t, "<") {
		open = eventxml.New
	} else if !strings.Contains(text, "LogName=") {
		e.Reset()
		return ReasonNone
	}
	e.Reset()
	err := open(record.ScanText(text), opt).Next(e)
	var rej *record.Rejected
	switch {
	case errors.As(err, &rej):
		return rej.Reason
	case err != nil:
		return ReasonNone
	}
	return ""
}
