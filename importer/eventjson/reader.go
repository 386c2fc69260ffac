// Package eventjson decodes Windows events that are JSON: objects one a line,
// back to back, pretty-printed, in an array, or in the lists that services
// wrap them in. Whose JSON an object is, is found for each by itself; each
// shape has a small decoder of its own. The package finds and reads the events
// of one stream; encodings and offsets are record's, events that are text
// within JSON are inner's.
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
	reasonLong = "This object is longer than 2 MiB, more than any Windows event. If it is a list of events, export them " +
		"one object a line."
	reasonSize = "This object holds more than 65,536 values, which no Windows event does."
)

// mostTag is how long a tag and a time before an object may be.
const mostTag = 256

type reader struct {
	sc      *record.Scanner
	opt     record.Options
	midway  bool // the window does not begin at the start of a line
	stack   []byte
	sep     byte // the last separator before the window
	tree    tree
	inner   [mostCarried]tree // of texts that are JSON themselves
	deep    int               // how many of them are in use
	otlp    []node
	names   names
	paths   *paths
	data    []event.Field
	kind    Shape
	refused string
	needs   needs
}

// New returns a reader of the events of sc. Times without an offset are in
// opt.Zone, unless the shape's are known to be in UTC.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return &reader{sc: sc, opt: opt, names: names{}}
}

// Renew is as record.Renewable has it.
func (r *reader) Renew(opt record.Options) {
	r.opt, r.midway, r.stack, r.sep, r.deep, r.kind, r.refused = opt, false, r.stack[:0], 0, 0, "", ""
}

// Next is as record.Reader has it.
func (r *reader) Next(e *event.Event) error {
	for {
		if err := r.locate(); err != nil {
			return err
		}
		e.Reset()
		end, reason := r.wanted(e)
		if end == unread {
			end, reason = r.quick(e)
		}
		whole := true
		if end == unread {
			if end, reason = r.end(); reason == "" {
				e.Raw, e.Offset = r.sc.Text(end), r.sc.Offset()
				reason = r.decode(e)
			} else {
				whole = false
			}
		}
		if (!whole && reason != reasonTorn || reason == reasonOther) && r.enter(true) {
			continue
		}
		r.midway = true
		switch reason {
		case "":
			r.sc.Advance(end)
			return nil
		case reasonSkip:
			r.sc.Advance(end)
			continue
		}
		return r.reject(end, reason, whole)
	}
}

// reject drops what the window begins with and returns it as rejected. Within
// an object that is torn, or whose end is not there, other objects may lie.
func (r *reader) reject(end int, reason string, whole bool) *record.Rejected {
	rej := record.Reject(r.sc.Offset(), reason, r.sc.Window()[:end])
	if reason == reasonTorn || !whole && reason != reasonZero {
		r.stack = r.stack[:0]
		r.sc.Advance(1)
		r.nextLine()
	} else {
		r.sc.Advance(end)
	}
	rej.Length = r.sc.Offset() - rej.Offset
	return rej
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
			return len(w), reasonLong
		}
		return len(w), reasonCut
	}
}

// locate moves the window to the next object. What lies before it and neither
// is blank nor separates objects is returned as rejected.
func (r *reader) locate() error {
	var junk *record.Rejected
	for {
		if len(r.stack) > 0 {
			if r.step() {
				return nil
			}
			continue
		}
		n, found := r.separators()
		r.sc.Advance(n)
		w := r.sc.Window()
		switch {
		case found && junk != nil:
			return junk
		case found:
			if r.enter(false) {
				continue
			}
			return nil
		case len(w) == 0:
			if r.sc.More() {
				continue
			}
			if junk != nil {
				return junk
			}
			return r.sc.Err()
		case w[0] == 0:
			if junk == nil {
				junk = record.Reject(r.sc.Offset(), record.ReasonZeros, w[:1])
			}
			r.sc.SkipZeros()
			junk.Length = r.sc.Offset() - junk.Offset
		case junk == nil && (r.header() || r.stamp() || r.tagged()):
		default:
			junk = r.junk(junk)
		}
	}
}

// separators is how much of the window may stand between objects; found says
// that an object follows.
func (r *reader) separators() (n int, found bool) {
	w := r.sc.Window()
	for ; n < len(w); n++ {
		if c := w[n]; c == ',' || c == '[' || c == ']' {
			r.sep = c
		} else if !record.Blank(c) {
			break
		}
	}
	return n, n < len(w) && w[n] == '{'
}

// ensure makes the window at least n bytes long, if there are so many.
func (r *reader) ensure(n int) []byte {
	for len(r.sc.Window()) < n && r.sc.More() {
		continue
	}
	w := r.sc.Window()
	return w[:min(n, len(w))]
}

// header drops the line that evtx_dump writes above each object, "Record 7".
func (r *reader) header() bool {
	const start = "Record "
	w := r.ensure(len(start) + 24)
	if !bytes.HasPrefix(w, []byte(start)) {
		return false
	}
	n := len(start)
	for n < len(w) && w[n]-'0' <= 9 {
		n++
	}
	if n == len(start) || n == len(w) || w[n] != '\n' && w[n] != '\r' {
		return false
	}
	r.sc.Advance(n)
	return true
}

// stamp drops the time before an object that Fluent Bit puts with it into an
// array.
func (r *reader) stamp() bool {
	if r.sep != '[' {
		return false
	}
	w := r.ensure(40)
	n := 0
	for n < len(w) && (w[n]-'0' <= 9 || w[n] == '.') {
		n++
	}
	if at := blanks(w, n+1); n == 0 || at >= len(w) || w[n] != ',' || w[at] != '{' {
		return false
	}
	r.sc.Advance(n)
	return true
}

// tagged drops what Fluent Bit's file output writes before an object: a tag
// and a time, "app.log: [1717232400.5, ".
func (r *reader) tagged() bool {
	w := r.ensure(mostTag)
	n := bytes.IndexByte(w, '{')
	if n < 0 {
		return false
	}
	tag, at, ok := bytes.Cut(w[:n], []byte(": ["))
	at = bytes.TrimPrefix(at, []byte("["))
	if !ok || bytes.ContainsAny(tag, " \t\r\n{\"") || len(bytes.Trim(at, "0123456789.")) == len(at) ||
		string(bytes.Trim(at, "0123456789.")) != ", " {
		return false
	}
	r.sc.Advance(n)
	return true
}

// junk drops what the window begins with up to the next brace or zero byte.
func (r *reader) junk(junk *record.Rejected) *record.Rejected {
	r.ensure(record.MaxSample)
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
	junk.Length = r.sc.Offset() - junk.Offset
	return junk
}

// nextLine moves the window to the next line that starts an object, or to the
// end.
func (r *reader) nextLine() {
	r.midway = true
	for {
		w := r.sc.Window()
		at := 0
		if r.midway {
			i := bytes.IndexByte(w, '\n')
			if i < 0 {
				r.sc.Advance(len(w))
				if !r.sc.More() {
					return
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
			return
		}
		if len(r.sc.Window()) > 0 {
			r.midway = true
		} else if !r.sc.More() {
			return
		}
	}
}
