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
	"escutcheon/importer/pwshinput"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
)

// ReasonNone is given for what is no event.
const ReasonNone = "The event that this record carries is neither event XML nor classic Splunk text."

// forms are those that an event may have within a record, but for XML, and
// what is in each.
var forms = []struct {
	sign string
	open func(*record.Scanner, record.Options) record.Reader
}{
	{"LogName=", splunktext.New},
	{`Schema="Microsoft.IIs.PowerShell.`, pwshinput.New},
}

// One decodes text into e, which becomes what the text says alone; its Raw and
// Offset are the caller's to set. The result is why it is no event, or "".
func One(text string, opt record.Options, e *event.Event) string {
	opt.Whole = true
	e.Reset()
	open := formOf(text)
	if open == nil {
		return ReasonNone
	}
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

func formOf(text string) func(*record.Scanner, record.Options) record.Reader {
	if t := strings.TrimLeft(text, "\uFEFF- \t\r\n"); strings.HasPrefix(t, "<") {
		return eventxml.New
	}
	for _, f := range forms {
		if strings.Contains(text, f.sign) {
			return f.open
		}
	}
	return nil
}
