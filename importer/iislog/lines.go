// Package iislog decodes the logs of requests that IIS and HTTP.sys write: W3C
// extended and HTTPERR, whose #Fields lines name the columns of those below them,
// IIS's own format, and NCSA's common one. It finds the lines of one stream and
// makes their events, whose fields are named as the Splunk Add-on for Microsoft IIS
// has them; encodings and offsets are record's.
//
// A line of the first two says nothing without its #Fields. What is kept of an
// event is therefore both; Split parts them.
package iislog

import (
	"bytes"

	"escutcheon/event"
	"escutcheon/importer/record"
)

const (
	reasonCut  = "This line is cut short: the file ends within it. Get the log again to have it."
	reasonZero = "This line is cut short by zero bytes, as in a file that was cut while it was written."
)

// decoder is what one of the formats makes of a line.
type decoder interface {
	// take fills e, which was Reset, from a line without its end. skip says that
	// the line is to be passed over; reason why it is no event, or "". It may be
	// called again with the same line.
	take(line []byte, e *event.Event) (reason string, skip bool)
	// took says that the event of the line that was taken last is given.
	took()
	// junk is the reason that is given but once for all lines in a row that have it.
	junk() string
	// state is what is known between two lines; ok, whether another reader may go on.
	state() (s record.State, ok bool)
	// words are what a person should be told, in sentences.
	words(t record.Tally) string
	tally() record.Tally
}

type reader struct {
	sc   *record.Scanner
	d    decoder
	lost bool // within something too long: nothing is rejected up to the next event
	torn bool // the window does not begin at the start of a line
}

// Next is as record.Reader has it.
func (r *reader) Next(e *event.Event) error {
	var junk *record.Rejected
	for {
		end, next, reason, err := r.line()
		switch {
		case junk != nil && (err != nil || reason != ""):
			return junk
		case err != nil:
			return err
		}
		w := r.sc.Window()
		skip := false
		if r.torn && reason != record.ReasonTooLong { // the rest of what was too long
			r.torn, skip = reason != "", true
		} else if reason == "" {
			e.Reset()
			e.Offset = r.sc.Offset()
			reason, skip = r.d.take(bytes.TrimRight(w[:end], "\r"), e)
			if junk != nil && !skip && reason != r.d.junk() {
				return junk
			}
		}
		switch {
		case skip:
			r.sc.Advance(next)
			continue
		case reason == "":
			r.lost = false
			r.d.took()
			r.sc.Advance(next)
			return nil
		}
		rej := r.rejected(w[:next], reason)
		if junk != nil {
			junk.Length = rej.Offset + rej.Length - junk.Offset
			continue
		}
		if r.lost {
			continue
		}
		r.lost = reason == record.ReasonTooLong
		r.torn = r.lost
		if reason != r.d.junk() {
			return rej
		}
		junk = rej
	}
}

// rejected drops w, which the window begins with. Zero bytes go as a whole.
func (r *reader) rejected(w []byte, reason string) *record.Rejected {
	rej := r.sc.Reject(w, 0, reason)
	if reason == record.ReasonZeros {
		rej.Length = r.sc.SkipZeros()
		return rej
	}
	r.sc.Advance(len(w))
	return rej
}

// line finds the line that the window begins with: it is w[:end], and what follows
// begins at next. Where there is a reason, it is a stretch that holds none.
func (r *reader) line() (end, next int, reason string, err error) {
	for from := 0; ; {
		w := r.sc.Window()
		if len(w) > 0 && w[0] == 0 {
			return 1, 1, record.ReasonZeros, nil
		}
		end, found := len(w), false
		if i := bytes.IndexByte(w[from:], '\n'); i >= 0 {
			end, found = from+i, true
		}
		if zero := r.sc.Zeros(); zero >= 0 && zero < end {
			return zero, zero, reasonZero, nil
		}
		if found {
			return end, end + 1, "", nil
		}
		from = len(w)
		ended := r.sc.Err() != nil
		switch {
		case r.sc.More() || !ended && r.sc.Err() != nil:
		case r.sc.Full() && r.sc.Err() == nil:
			return len(w), len(w), record.ReasonTooLong, nil
		case len(w) == 0:
			return 0, 0, "", r.sc.Err()
		case r.sc.Cut():
			return len(w), len(w), reasonCut, nil
		default:
			return len(w), len(w), "", nil
		}
	}
}

// At is as record.Resumable has it.
func (r *reader) At() (int64, record.State, bool) {
	s, ok := r.d.state()
	return r.sc.Offset(), s, ok && !r.lost && !r.torn
}

// Tally is as record.Counting has it.
func (r *reader) Tally() record.Tally { return r.d.tally() }

// Missing is as record.Witness has it: these logs promise nothing.
func (r *reader) Missing() int64 { return 0 }

// Note is as record.Witness has it.
func (r *reader) Note() string { return r.d.words(r.d.tally()) }

// lineStart is where the line behind the first of w begins, or -1.
func lineStart(w []byte) int {
	if i := bytes.IndexByte(w, '\n'); i >= 0 && i+1 < len(w) {
		return i + 1
	}
	return -1
}
