// Package eventjson decodes the JSON of NXLog and of Winlogbeat: objects one a
// line, back to back, pretty-printed or in an array. Which of the two an
// object is, is found for each by itself. The package finds and reads the
// events of one stream; encodings and offsets are record's.
package eventjson

import (
	"bytes"

	"escutcheon/event"
	"escutcheon/importer/record"
)

const (
	reasonJunk = "This text is not part of an event: an event is a JSON object."
	reasonCut  = "This event is cut short: the file ends before its closing brace. Export the log again to have it."
	reasonTorn = "This is not valid JSON: it was torn or edited. Reading goes on at the next line that starts an object."
	reasonZero = "This event is cut short by zero bytes, as in a file that was cut while it was written."
	reasonSize = "This object holds more than 65,536 values, which no Windows event does."
)

type reader struct {
	sc     *record.Scanner
	opt    record.Options
	resync bool // only a line that starts with { goes on
	midway bool // the window does not begin at the start of a line
	tree   tree
	names  names
	data   []event.Field
	kind   Shape
}

// Shape is whose JSON an object is.
type Shape int

// The shapes.
const (
	Other Shape = iota
	NXLog
	Winlogbeat
)

// Shaped is a reader that can tell the shape of the event it returned last.
type Shaped interface{ Shape() Shape }

// Shape is whose JSON the event was that Next returned last.
func (r *reader) Shape() Shape { return r.kind }

// New returns a reader of the events of sc. NXLog's times without an offset
// are in opt.Zone.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return &reader{sc: sc, opt: opt, names: names{}}
}

// Next is as record.Reader has it.
func (r *reader) Next(e *event.Event) error {
	if err := r.locate(); err != nil {
		return err
	}
	end, reason := r.end()
	w := r.sc.Window()
	e.Reset()
	split := reason == ""
	if split {
		e.Raw, e.Offset = string(w[:end]), r.sc.Offset()
		if reason = r.tree.parse(e.Raw); reason == "" {
			reason = r.decode(e)
		}
	}
	var err error
	if reason != "" {
		err = record.Reject(r.sc.Offset(), reason, w[:end])
	}
	if reason == reasonTorn || !split && reason != reasonZero {
		end = 1 // other objects may lie within the torn one
		r.resync = true
	}
	r.midway = true
	r.sc.Advance(end)
	return err
}

// end finds where the object ends that the window begins with, and why it is
// none.
func (r *reader) end() (end int, reason string) {
	var b braces
	for {
		w := r.sc.Window()
		state := b.scan(w)
		if zero := r.sc.Zeros(); zero >= 0 && (state == within || zero < b.at) {
			return zero, reasonZero
		}
		switch state {
		case whole:
			return b.at, ""
		case torn:
			return b.at, reasonTorn
		}
		if r.sc.More() {
			continue
		}
		if r.sc.Full() && r.sc.Err() == nil {
			return len(w), record.ReasonTooLong
		}
		return len(w), reasonCut
	}
}

// locate moves the window to the next object. What lies before it and neither
// is blank nor separates objects is returned as rejected, unless it belongs to
// a stretch that was already.
func (r *reader) locate() error {
	var junk *record.Rejected
	for {
		if r.resync {
			if !r.nextLine() {
				return r.sc.Err()
			}
			return nil
		}
		n, found := r.separators()
		r.sc.Advance(n)
		w := r.sc.Window()
		switch {
		case found:
			if junk != nil {
				return junk
			}
			return nil
		case len(w) == 0:
			if !r.sc.More() {
				if junk != nil {
					return junk
				}
				return r.sc.Err()
			}
		case w[0] == 0:
			if junk == nil {
				junk = record.Reject(r.sc.Offset(), record.ReasonZeros, w[:1])
			}
			r.sc.SkipZeros()
		default:
			junk = r.junk(junk)
		}
	}
}

// separators is how much of the window may stand between objects; found says
// that an object follows.
func (r *reader) separators() (n int, found bool) {
	w := r.sc.Window()
	for n < len(w) && (record.Blank(w[n]) || w[n] == ',' || w[n] == '[' || w[n] == ']') {
		n++
	}
	return n, n < len(w) && w[n] == '{'
}

// junk drops what the window begins with up to the next brace or zero byte.
func (r *reader) junk(junk *record.Rejected) *record.Rejected {
	for len(r.sc.Window()) < record.MaxSample && r.sc.More() {
		continue
	}
	w := r.sc.Window()
	n := len(w)
	if i := bytes.IndexByte(w, '{'); i >= 0 {
		n = i
	}
	if i := bytes.IndexByte(w[:n], 0); i > 0 {
		n = i
	}
	if junk == nil {
		sample := w[:min(n, record.MaxSample)]
		junk = record.Reject(r.sc.Offset(), reasonJunk, bytes.TrimRight(sample, " \t\r\n"))
	}
	junk.Reason = reasonJunk
	r.sc.Advance(n)
	return junk
}

// nextLine moves the window to the next line that starts an object and says
// whether there is one.
func (r *reader) nextLine() bool {
	for {
		w := r.sc.Window()
		at := 0
		if r.midway {
			i := bytes.IndexByte(w, '\n')
			if i < 0 {
				r.sc.Advance(len(w))
				if !r.sc.More() {
					return false
				}
				continue
			}
			at = i + 1
			r.midway = false
		}
		r.sc.Advance(at)
		n, found := r.separators()
		r.sc.Advance(n)
		if found {
			r.resync = false
			return true
		}
		if len(r.sc.Window()) > 0 {
			r.midway = true
		} else if !r.sc.More() {
			return false
		}
	}
}
