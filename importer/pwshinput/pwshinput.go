// Package pwshinput decodes what Splunk's PowerShell input writes of the
// modules that Get-WebGlobalModule lists, the sourcetype
// Pwsh:InstalledIISModules: for each module a line name="value" for each of
// its properties, the first being its Schema. Such an event has neither event
// id nor time nor computer of its own. The events of a stream are found by
// package blocks.
package pwshinput

import (
	"bytes"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/blocks"
	"escutcheon/importer/record"
)

// SourceType is the sourcetype of these events.
const SourceType = "Pwsh:InstalledIISModules"

// first is how the first line of an event begins.
const first = `Schema="Microsoft.IIs.PowerShell.Framework.`

const reasonCut = "This module is cut short: the file ends within its list. Export the list again to have it."

var format = blocks.Format{
	Starts: starts, Decode: decode, MostHead: 1024,
	Junk:  `This text is not part of an event: the list of a module starts with the line Schema="…".`,
	Cut:   reasonCut,
	Zeros: "This module is cut short by zero bytes, as in a file that was cut while it was written.",
}

// Is says whether the list of a module starts within head.
func Is(head []byte) bool {
	return bytes.Contains(head, []byte(first)) && format.In(head)
}

// New returns a reader of the events of sc; opt.Computer is their computer.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return blocks.New(sc, opt, &format)
}

// Resume is New for a reader that stands where Cut said.
func Resume(sc *record.Scanner, opt record.Options, s record.State) record.Resumable {
	return blocks.Resume(sc, opt, &format, s)
}

// Cut is a record.Cut: where an event begins.
func Cut(w []byte) (at int, s record.State) { return format.Place(w) }

func starts(w []byte, ended bool) (head int, wait bool) {
	if len(w) < len(first) {
		return 0, !ended && string(w) == first[:len(w)]
	}
	if string(w[:len(first)]) == first {
		return len(first), false
	}
	return 0, false
}

// decode takes the lines of one module. A value may span lines: it ends with
// the quotation mark that ends a line.
func decode(e *event.Event, opt record.Options, followed bool) string {
	text := record.Text(e, opt)
	for text != "" {
		name, rest, ok := strings.Cut(text, `="`)
		name = record.Trim(name)
		if !ok || name == "" || strings.ContainsAny(name, " \n") {
			return "This module is damaged: one of its lines is not name=\"value\"."
		}
		value, after := rest, ""
		for at := 0; ; {
			i := strings.IndexByte(rest[at:], '"')
			if i < 0 {
				if !followed {
					return reasonCut
				}
				return "This module is damaged: a value of it has no end."
			}
			at += i + 1
			if end := strings.TrimLeft(rest[at:], " \t\r"); end == "" || end[0] == '\n' {
				value, after = rest[:at-1], end
				break
			}
		}
		e.Add(name, value)
		text = after
		if len(e.Fields) > record.MaxFields {
			return record.ReasonFields
		}
	}
	e.Add("sourcetype", SourceType)
	record.SetComputer(e, opt.Computer)
	return ""
}
