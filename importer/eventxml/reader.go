// Package eventxml decodes event XML, as wevtutil, Event Viewer and Splunk's
// XmlWinEventLog write it: <Event>…</Event> elements one a line, wrapped in
// <Events> or following each other with nothing between, with or without
// RenderingInfo, with the tree markers of a pasted view. Only text in CDATA or
// a comment may hold the tags of an event without being one. The package finds
// and reads the events of one stream; encodings and offsets are record's.
package eventxml

import (
	"bytes"

	"escutcheon/event"
	"escutcheon/importer/record"
)

const (
	reasonJunk = "This text is not part of an event: an event is all that stands between <Event …> and </Event>."
	reasonCut  = "This event is cut short: the file ends before its </Event>. Export the log again to have it."
	reasonTorn = "This event is cut short: the next <Event …> begins before its </Event>."
	reasonZero = "This event is cut short by zero bytes, as in a file that was cut while it was written."
)

// mostWrapper is how long a comment or a tag around events may be.
const mostWrapper = 64 << 10

type reader struct {
	sc      *record.Scanner
	opt     record.Options
	located bool // the window begins with <Event
	silent  bool // the stretch up to the next <Event is already rejected
	p       parser
}

// New returns a reader of the events of sc. Times without an offset are UTC,
// as Windows writes them; opt.Zone plays no part.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return &reader{sc: sc, opt: opt}
}

// Renew is as record.Renewable has it.
func (r *reader) Renew(opt record.Options) { r.opt, r.located, r.silent = opt, false, false }

// Next is as record.Reader has it. A Data element without a name is the field
// Data, and several of them several fields of that name.
func (r *reader) Next(e *event.Event) error {
	if !r.located {
		if err := r.locate(); err != nil {
			return err
		}
	}
	end, reason := r.quick(), ""
	if end == 0 {
		end, reason = r.end()
	}
	w := r.sc.Window()
	e.Reset()
	if reason == "" {
		e.Raw, e.Offset = r.sc.Text(end), r.sc.Offset()
		reason = r.p.parse(e, r.opt)
	}
	var err error
	if reason != "" {
		err = r.sc.Reject(w[:end], 0, reason)
	}
	r.located, r.silent = reason == reasonTorn, reason == record.ReasonTooLong
	r.sc.Advance(end)
	return err
}

// quick is end for the many events that hold neither a comment nor CDATA, nor
// another tag that could be an event's; it is 0 for all others.
func (r *reader) quick() (end int) {
	w := r.sc.Window()
	w = w[:min(len(w), mostQuick)]
	for at := len("<Event"); ; at++ {
		i := bytes.IndexByte(w[at:], 'E')
		if i < 0 {
			return 0
		}
		if at += i; !isEvent(w[at:]) {
			continue
		}
		if w[at-1] == '<' || w[at-1] == '/' && w[at-2] == '<' && !bytes.HasPrefix(w[at:], closing) {
			return 0
		}
		if w[at-1] == '/' && w[at-2] == '<' {
			end = at + len(closing)
			break
		}
	}
	for at := 0; ; at++ {
		i := bytes.IndexByte(w[at:end], '!')
		if i < 0 {
			break
		}
		if at += i; at > 0 && w[at-1] == '<' {
			return 0
		}
	}
	if zero := r.sc.Zeros(); zero >= 0 && zero < end {
		return 0
	}
	return end
}

// mostQuick is how far quick looks: where no event has an end, it looks in vain
// from each start.
const mostQuick = 16 << 10

var closing = []byte("Event>")

// end finds where the event ends that the window begins with, and why it is
// none.
func (r *reader) end() (end int, reason string) {
	t := tags{at: len("<Event")}
	for {
		w := r.sc.Window()
		at, k := t.next(w)
		if zero := r.sc.Zeros(); zero >= 0 && (k == none || zero < max(at, t.at)) {
			return zero, reasonZero
		}
		switch k {
		case opens:
			return at, reasonTorn
		case closes:
			return t.at, ""
		}
		if r.sc.More() {
			continue
		}
		if r.sc.Full() && r.sc.Err() == nil {
			return len(w) - len("<Event> "), record.ReasonTooLong
		}
		return len(w), reasonCut
	}
}

// locate moves the window to the next <Event. What lies before it and is
// neither blank nor a wrapper is returned as rejected.
func (r *reader) locate() error {
	var junk *record.Rejected
	t := tags{plain: true} // an unclosed comment must not hide what follows
	for {
		junk = r.skip(junk, &t)
		w := r.sc.Window()
		at, k := t.next(w)
		if k == closes { // of an event that began before
			continue
		}
		if k == opens {
			junk = r.reject(junk, w[:at])
			r.sc.Advance(at)
			r.located = true
			if junk != nil && !r.silent {
				return junk
			}
			r.silent = false
			return nil
		}
		if t.at > record.MaxSample {
			junk = r.reject(junk, w[:t.at])
			r.sc.Advance(t.at)
			t.at = 0
		}
		if !r.sc.More() {
			return r.finish(junk)
		}
	}
}

// finish rejects what is left when the stream ends without another event.
func (r *reader) finish(junk *record.Rejected) error {
	w := r.sc.Window()
	junk = r.reject(junk, w)
	r.sc.Advance(len(w))
	if junk != nil && !r.silent {
		r.silent = true
		return junk
	}
	return r.sc.Err()
}

// reject notes w, which the window begins with: it goes on from junk, or
// starts it unless it is blank.
func (r *reader) reject(junk *record.Rejected, w []byte) *record.Rejected {
	blank := len(bytes.TrimSpace(w)) == 0
	if junk == nil && !blank {
		return r.sc.Reject(w, 0, reasonJunk)
	}
	if junk != nil && !blank {
		junk.Reason = reasonJunk
		junk.Length = r.sc.OffsetOf(len(w)) - junk.Offset
	}
	return junk
}

// skip drops what may stand between events: white space, tree markers, zero
// bytes (which are rejected), declarations, comments and <Events>. It does
// nothing once t has gone on from the start of the window.
func (r *reader) skip(junk *record.Rejected, t *tags) *record.Rejected {
	for t.at == 0 && t.in == outside {
		w := r.sc.Window()
		n := 0
		for n < len(w) && (record.Blank(w[n]) || w[n] == '-') {
			n++
		}
		r.sc.Advance(n)
		w = w[n:]
		switch {
		case len(w) == 0:
			if !r.sc.More() {
				return junk
			}
		case w[0] == 0:
			if junk == nil {
				junk = record.Reject(r.sc.Offset(), record.ReasonZeros, w[:1])
			}
			r.sc.SkipZeros()
			junk.Length = r.sc.Offset() - junk.Offset
		case w[0] == '<':
			n, wait := wrapper(w)
			if n > 0 {
				r.sc.Advance(n)
			} else if !wait || len(w) > mostWrapper+8 || !r.sc.More() {
				return junk
			}
		default:
			n, wait := recordLine(w)
			if n > 0 {
				r.sc.Advance(n)
			} else if !wait || !r.sc.More() {
				return junk
			}
		}
	}
	return junk
}

// recordLine is the length of the line that evtx_dump writes above each event,
// "Record 12", if w begins with it. wait says that w is too short to tell.
func recordLine(w []byte) (n int, wait bool) {
	const word = "Record "
	if len(w) < len(word) {
		return 0, string(w) == word[:len(w)]
	}
	if string(w[:len(word)]) != word {
		return 0, false
	}
	for n = len(word); n < len(w) && n < len(word)+20 && w[n]-'0' <= 9; n++ {
		continue
	}
	if n == len(w) {
		return 0, true
	}
	if n == len(word) || w[n] != '\n' && w[n] != '\r' {
		return 0, false
	}
	return n, false
}

// wrapper is the length of the declaration, comment or Events tag that w
// begins with. wait says that w is too short to tell.
func wrapper(w []byte) (n int, wait bool) {
	for _, k := range [...][2]string{{"<?", "?>"}, {"<!--", "-->"}, {"<Events", ">"}, {"</Events", ">"}} {
		if len(w) < len(k[0]) {
			wait = wait || string(w) == k[0][:len(w)]
			continue
		}
		if string(w[:len(k[0])]) != k[0] {
			continue
		}
		i := bytes.Index(w[len(k[0]):], []byte(k[1]))
		if i < 0 || i > mostWrapper {
			return 0, i < 0
		}
		return len(k[0]) + i + len(k[1]), false
	}
	return 0, wait
}

// standing is the state between two events: nothing is known of what follows.
type standing struct{}

// At is as record.Resumable has it.
func (r *reader) At() (int64, record.State, bool) {
	if r.located || r.silent {
		return r.sc.Offset(), nil, false
	}
	r.sc.SkipBlank('-')
	return r.sc.Offset(), standing{}, true
}

// Resume is New for a reader that stands where Cut said.
func Resume(sc *record.Scanner, opt record.Options, _ record.State) record.Resumable {
	return &reader{sc: sc, opt: opt}
}

// Cut is a record.Cut: behind the end of an event.
func Cut(w []byte) (at int, s record.State) {
	for {
		i := bytes.Index(w[at:], []byte("</Event>"))
		if i < 0 {
			return -1, nil
		}
		at += i + len("</Event>")
		for at < len(w) && (record.Blank(w[at]) || w[at] == '-') {
			at++
		}
		if at < len(w) {
			return at, standing{}
		}
	}
}

// Parser reads events whose ends are known already. The zero value is ready.
type Parser struct{ p parser }

// Parse reads e.Raw, the XML of one whole event, into e, which has been Reset
// before. The sentence it returns says why it is none; it is "" for an event.
func (p *Parser) Parse(e *event.Event, opt record.Options) (reason string) {
	return p.p.parse(e, opt)
}
