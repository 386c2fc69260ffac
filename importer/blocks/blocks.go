// Package blocks finds the records of text formats in which a record begins
// with lines that can be told from any other and ends where the next begins.
// What such lines are and what a record says is its callers' business;
// encodings and offsets are record's.
package blocks

import (
	"bytes"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// Format is one such format.
type Format struct {
	// Starts says whether a record starts where w does, which is the start of
	// a line: by how many bytes of w, among which no other record starts, or
	// 0. wait says that w is too short to tell, which ended rules out. It
	// needs to see no more than MostHead bytes.
	Starts func(w []byte, ended bool) (head int, wait bool)
	// Decode fills e, whose Raw and Offset are set, and says why it is no
	// event, or "". followed says that nothing is missing at its end.
	Decode func(e *event.Event, opt record.Options, followed bool) (reason string)
	// MostHead is how many bytes the lines have at most that begin a record.
	MostHead int
	// Junk, Cut and Zeros are the sentences for text that is no record, for
	// one that the end of the stream cuts and for one that zero bytes cut.
	Junk, Cut, Zeros string
}

// In says whether a record starts within head.
func (f *Format) In(head []byte) bool {
	at, _, _ := f.find(head, 0, true)
	return at >= 0
}

type reader struct {
	f       *Format
	sc      *record.Scanner
	opt     record.Options
	located bool // the window begins with a start
	head    int  // of which these bytes are the lines that say so
	silent  bool // the stretch up to the next start is already rejected
	torn    bool // the window does not begin at the start of a line
}

// New returns a reader of the events of sc.
func New(sc *record.Scanner, opt record.Options, f *Format) record.Reader {
	return &reader{f: f, sc: sc, opt: opt}
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
		e.Raw, e.Offset = r.sc.Text(len(raw)), r.sc.Offset()
		reason = r.f.Decode(e, r.opt, next || r.opt.Whole)
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
	from := r.head
	for {
		w := r.sc.Window()
		start, head, resume := r.f.find(w, from, r.sc.Err() != nil)
		if zero := r.sc.Zeros(); zero >= 0 && (start < 0 || zero < start) {
			if w[zero-1] != '\n' {
				reason = r.f.Zeros
			}
			return zero, false, reason
		}
		if start >= 0 {
			r.head = head
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
			return len(w), false, r.f.Cut
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
		start, head, resume := r.f.find(w, from, ended)
		if start >= 0 {
			junk = r.reject(junk, w[:start])
			r.located, r.head = true, head
			if junk != nil && !r.silent {
				return junk
			}
			r.silent = false
			return nil
		}
		from = max(from, resume)
		if from > 4*r.f.MostHead {
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
		junk = r.sc.Reject(w, 0, r.f.Junk)
	case junk != nil && !blank:
		junk.Reason = r.f.Junk
		junk.Length = r.sc.OffsetOf(len(w)) - junk.Offset
	}
	r.sc.Advance(len(w))
	return junk
}

// standing is the state where a record begins: how long the lines are that say
// so.
type standing struct{ head int }

// At is as record.Resumable has it.
func (r *reader) At() (int64, record.State, bool) {
	return r.sc.Offset(), standing{r.head}, r.located && !r.silent && !r.torn
}

// Resume is New for a reader that stands where Place said.
func Resume(sc *record.Scanner, opt record.Options, f *Format, s record.State) record.Resumable {
	return &reader{f: f, sc: sc, opt: opt, located: true, head: s.(standing).head}
}

// Place is a record.Cut: where a record begins.
func (f *Format) Place(w []byte) (at int, s record.State) {
	from := bytes.IndexByte(w, '\n') + 1
	if from == 0 {
		return -1, nil
	}
	start, head, _ := f.find(w, from, false)
	return start, standing{head}
}

// find finds the first start of a record in w at or behind from, which is the
// start of a line or within one to be passed over. Without one it is -1, and
// resume is where to look again when w is longer. ended says that it will not
// be.
func (f *Format) find(w []byte, from int, ended bool) (start, head, resume int) {
	if from > 0 && from <= len(w) && w[from-1] != '\n' {
		i := bytes.IndexByte(w[from:], '\n')
		if i < 0 {
			return -1, 0, len(w)
		}
		from += i + 1
	}
	for from < len(w) {
		n, wait := f.Starts(w[from:], ended)
		if n > 0 {
			return from, n, 0
		}
		if wait {
			return -1, 0, from
		}
		i := bytes.IndexByte(w[from:], '\n')
		if i < 0 {
			if len(w)-from <= f.MostHead {
				return -1, 0, from
			}
			break
		}
		from += i + 1
	}
	return -1, 0, len(w)
}
