// Package viewertext decodes events as text that a person reads: what Event
// Viewer gives by "Copy details as text", in the languages of package
// viewerlabel, and what wevtutil writes with /f:text. An event starts with the
// line that names its log and the one that names its source; where its XML
// follows, that is the event, and package inner reads it. The package finds and
// reads the events of one stream; encodings and offsets are record's.
package viewertext

import (
	"bytes"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/viewerlabel"
)

const (
	reasonJunk = "This text is not part of an event: an event starts with the lines Log Name: and Source:."
	reasonCut  = "This event is cut short: the file ends before its description. Copy or export the event again to have it."
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

// Is says whether an event starts within head.
func Is(head []byte) bool {
	at, _ := findStart(head, 0, true)
	return at >= 0
}

type reader struct {
	sc      *record.Scanner
	opt     record.Options
	located bool // the window begins with a start
	silent  bool // the stretch up to the next start is already rejected
	torn    bool // the window does not begin at the start of a line
}

// New returns a reader of the events of sc. Their dates are as the settings of
// Windows had them: opt.Zone and opt.Dates say how to read them.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return &reader{sc: sc, opt: opt}
}

// Next is as record.Reader has it.
func (r *reader) Next(e *event.Event) error {
	if !r.located {
		if err := r.locate(); err != nil {
			return err
		}
	}
	r.skipBlank(nil)
	end, next, reason := r.end()
	w := r.sc.Window()
	e.Reset()
	if reason == "" {
		raw := bytes.TrimRight(w[:end], " \t\r\n")
		e.Raw, e.Offset = string(raw), r.sc.Offset()
		reason = decode(e, r.opt, next || r.opt.Whole)
	}
	var err error
	if reason != "" {
		err = r.sc.Reject(w[:end], 0, reason)
	}
	r.located = next
	r.silent, r.torn = reason == record.ReasonTooLong, reason == record.ReasonTooLong
	r.sc.Advance(end)
	return err
}

// end finds where the event ends that the window begins with, whether another
// one starts there, and why it is none.
func (r *reader) end() (end int, next bool, reason string) {
	from := 1
	if w := r.sc.Window(); bytes.HasPrefix(w, []byte("Event[")) {
		from = bytes.IndexByte(w, '\n') + 2 // its Log Name: is no second start
	}
	for {
		w := r.sc.Window()
		start, resume := findStart(w, from, r.sc.Err() != nil)
		if zero := r.sc.Zeros(); zero >= 0 && (start < 0 || zero < start) {
			if w[zero-1] != '\n' {
				reason = reasonZero
			}
			return zero, false, reason
		}
		if start >= 0 {
			return start, true, ""
		}
		from = max(from, resume)
		ended := r.sc.Err() != nil
		if r.sc.More() || !ended && r.sc.Err() != nil {
			continue
		}
		switch {
		case r.sc.Full() && r.sc.Err() == nil:
			return len(w), false, record.ReasonTooLong
		case r.sc.Cut():
			return len(w), false, reasonCut
		}
		return len(w), false, ""
	}
}

// locate moves the window to the next start. What lies before it and is not
// blank is returned as rejected.
func (r *reader) locate() error {
	var junk *record.Rejected
	from := 0
	for {
		if from == 0 {
			junk = r.skipBlank(junk)
		}
		w := r.sc.Window()
		ended := r.sc.Err() != nil
		if r.torn && from == 0 { // the rest of a line is no start
			i := bytes.IndexByte(w, '\n')
			from = i + 1
			if i < 0 {
				from = len(w)
			}
			r.torn = i < 0
		}
		start, resume := findStart(w, from, ended)
		if start >= 0 {
			junk = r.reject(junk, w[:start])
			r.located = true
			if junk != nil && !r.silent {
				return junk
			}
			r.silent = false
			return nil
		}
		from = max(from, resume)
		if from > 4*mostStart {
			r.torn = w[from-1] != '\n'
			junk = r.reject(junk, w[:from])
			from = 0
		}
		if r.sc.More() || !ended && r.sc.Err() != nil {
			continue
		}
		junk = r.reject(junk, r.sc.Window())
		if junk != nil && !r.silent {
			r.silent = true
			return junk
		}
		return r.sc.Err()
	}
}

// skipBlank drops blank lines and runs of zero bytes; zeros are rejected.
func (r *reader) skipBlank(junk *record.Rejected) *record.Rejected {
	for {
		w := r.sc.Window()
		n := 0
		for n < len(w) && record.Blank(w[n]) {
			r.torn = r.torn && w[n] != '\n'
			n++
		}
		r.sc.Advance(n)
		if w = w[n:]; len(w) > 0 && w[0] == 0 {
			if junk == nil {
				junk = record.Reject(r.sc.Offset(), record.ReasonZeros, w[:1])
			}
			r.sc.SkipZeros()
			junk.Length = r.sc.Offset() - junk.Offset
			r.torn = false
			continue
		}
		if len(w) > 0 || !r.sc.More() {
			return junk
		}
	}
}

// reject drops w, which the window begins with, and notes it as going on from
// junk, or as junk unless it is blank.
func (r *reader) reject(junk *record.Rejected, w []byte) *record.Rejected {
	blank := len(bytes.TrimSpace(w)) == 0
	switch {
	case junk == nil && !blank:
		junk = r.sc.Reject(w, 0, reasonJunk)
	case junk != nil && !blank:
		junk.Reason = reasonJunk
		junk.Length = r.sc.OffsetOf(len(w)) - junk.Offset
	}
	r.sc.Advance(len(w))
	return junk
}

// findStart finds the first start of an event in w at or behind from, which
// is the start of a line or within one to be passed over. Without one, resume
// is where to look again when w is longer. ended says that it will not be.
func findStart(w []byte, from int, ended bool) (start, resume int) {
	if from > 0 && from <= len(w) && w[from-1] != '\n' {
		i := bytes.IndexByte(w[from:], '\n')
		if i < 0 {
			return -1, len(w)
		}
		from += i + 1
	}
	for from < len(w) {
		is, wait := starts(w[from:], ended)
		if is {
			return from, 0
		}
		if wait {
			return -1, from
		}
		i := bytes.IndexByte(w[from:], '\n')
		if i < 0 {
			if len(w)-from <= mostLine {
				return -1, from
			}
			break
		}
		from += i + 1
	}
	return -1, len(w)
}

// logInitials are how the names of viewerlabel.Log begin: most lines are told
// from a start by them.
const logInitials = "jlnpr"

// starts says whether an event starts where w does; wait, that w is too short
// to tell.
func starts(w []byte, ended bool) (is, wait bool) {
	if bytes.HasPrefix(w, []byte("Event[")) {
		line, rest, whole := cutLine(w)
		if !whole {
			return false, !ended && len(line) < mostLine
		}
		if n := strings.TrimRight(line, ": \t\r"); strings.HasSuffix(n, "]") && len(n) < 24 {
			line, _, whole = cutLine(rest)
			if label(line) == viewerlabel.Log {
				return true, false
			}
			return false, !whole && !ended && len(line) < mostLine
		}
		return false, false
	}
	if t := bytes.TrimLeft(w[:min(len(w), mostLine)], " \t"); len(t) > 0 && strings.IndexByte(logInitials, t[0]|0x20) < 0 {
		return false, false
	}
	line, rest, whole := cutLine(w)
	if !whole {
		return false, !ended && len(line) < mostLine
	}
	if len(line) > mostLine || label(line) != viewerlabel.Log {
		return false, false
	}
	line, _, whole = cutLine(rest)
	if label(line) == viewerlabel.Source {
		return true, false
	}
	return false, !whole && !ended && len(line) < mostLine
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
