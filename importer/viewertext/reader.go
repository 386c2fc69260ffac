// Package viewertext decodes events as text that a person reads: what Event
// Viewer gives by "Copy details as text", in the languages of package
// viewerlabel, and what wevtutil writes with /f:text. An event starts with the
// line that names its log and the one that names its source; where its XML
// follows, that is the event, and package inner reads it. The records of a
// stream are found by package blocks.
package viewertext

import (
	"bytes"
	"strings"

	"escutcheon/importer/blocks"
	"escutcheon/importer/record"
	"escutcheon/importer/viewerlabel"
)

const (
	reasonJunk = "This text is not part of an event: an event starts with the lines Log Name: and Source:."
	reasonCut  = "This event is cut short: the file ends before its description. Copy or export the event again to have " +
		"it."
	reasonTorn = "This event is cut short: it does not name log, event id and computer before the next one begins."
	reasonCode = "The Event ID of this event is not a number."
	reasonZero = "This event is cut short by zero bytes, as in a file that was cut while it was written."
)

// mostLine is how long a line of a header may be, in bytes; mostStart, how far
// apart the first byte of an event and the end of its second line are.
const (
	mostLine  = 512
	mostStart = 4 * mostLine
)

var format = blocks.Format{
	Starts: starts, Decode: decode, MostHead: mostStart,
	Junk: reasonJunk, Cut: reasonCut, Zeros: reasonZero,
}

// Is says whether an event starts within head.
func Is(head []byte) bool { return format.In(head) }

// New returns a reader of the events of sc. Their dates are as the settings of
// Windows had them: opt.Zone and opt.Dates say how to read them.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return blocks.New(sc, opt, &format)
}

// Resume is New for a reader that stands where Cut said.
func Resume(sc *record.Scanner, opt record.Options, s record.State) record.Resumable {
	return blocks.Resume(sc, opt, &format, s)
}

// Cut is a record.Cut: where an event begins.
func Cut(w []byte) (at int, s record.State) { return format.Place(w) }

// logInitials are how the names of viewerlabel.Log begin: most lines are told
// from a start by them.
const logInitials = "jlnpr"

// starts says whether an event starts where w does, as blocks has it.
func starts(w []byte, ended bool) (head int, wait bool) {
	if !bytes.HasPrefix(w, []byte("Event[")) {
		return logAndSource(w, ended)
	}
	line, rest, whole := cutLine(w)
	if !whole {
		return 0, !ended && len(line) < mostLine
	}
	if n := strings.TrimRight(line, ": \t\r"); !strings.HasSuffix(n, "]") || len(n) > 24 {
		return 0, false
	}
	head, wait = logAndSource(rest, ended)
	if head > 0 {
		head += len(w) - len(rest)
	}
	return head, wait
}

// logAndSource says whether w begins with the lines of log and source.
func logAndSource(w []byte, ended bool) (head int, wait bool) {
	if t := bytes.TrimLeft(w[:min(len(w), mostLine)], " \t"); len(t) > 0 && strings.IndexByte(logInitials, t[0]|0x20) < 0 {
		return 0, false
	}
	line, rest, whole := cutLine(w)
	if !whole {
		return 0, !ended && len(line) < mostLine
	}
	if len(line) > mostLine || label(line) != viewerlabel.Log {
		return 0, false
	}
	line, _, whole = cutLine(rest)
	if label(line) == viewerlabel.Source {
		return len(w) - len(rest) + 1, false
	}
	return 0, !whole && !ended && len(line) < mostLine
}

// cutLine is the line that w begins with, as far as it matters; whole says
// that its end is there.
func cutLine(w []byte) (line string, rest []byte, whole bool) {
	i := bytes.IndexByte(w[:min(len(w), mostLine+1)], '\n')
	if i < 0 {
		return string(w[:min(len(w), mostLine)]), nil, len(w) > mostLine
	}
	return string(w[:i]), w[i+1:], true
}

// label is what a line is labelled as.
func label(line string) viewerlabel.Part {
	name, _, ok := strings.Cut(line, ":")
	if !ok || len(name) > 64 {
		return viewerlabel.None
	}
	return viewerlabel.Lookup(strings.TrimLeft(name, " \t"))
}
