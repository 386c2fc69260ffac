// Package splunktext decodes the classic text of Splunk's WinEventLog input
// (renderXml=false). An event starts at a date line that is followed by
// LogName=; its header is key=value lines, and everything after Message= up to
// the next start is its message. The package finds and reads the records of
// one stream; it leaves encodings and offsets to package record.
package splunktext

import (
	"bytes"

	"escutcheon/event"
	"escutcheon/importer/record"
)

var logName = []byte("LogName=")

// How far a start is looked for in front of its LogName=.
const (
	mostBlank = 1024 // bytes of blank lines between date and LogName=
	mostDate  = 64   // bytes of a date line
	overlap   = 2 * (mostBlank + mostDate)
)

const (
	reasonJunk = "This text is not part of an event: an event starts with a date line, MM/DD/YYYY HH:MM:SS AM or PM, " +
		"and LogName=."
	reasonCut = "This event is cut short: the file ends before its Message= line is complete. Export the log again to " +
		"have it."
	reasonZero = "This event is cut short by zero bytes, as in a file that was cut while it was written."
)

// ending is what ends a record.
type ending int

const (
	byNext  ending = iota // the next start
	byEnd                 // the end of the stream
	byZeros               // a run of zero bytes
	byLimit               // nothing, as far as the window goes
)

type reader struct {
	sc      *record.Scanner
	opt     record.Options
	located bool // the window begins with a start
	log     int  // where its LogName= is
	begun   bool // a start was found before: from then on it needs a date line
	silent  bool // the stretch up to the next start is already rejected
	torn    bool // the window does not begin at the start of a line
}

// New returns a reader of the events of sc. Date lines carry no zone:
// opt.Zone is theirs.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return &reader{sc: sc, opt: opt}
}

// Renew is as record.Renewable has it.
func (r *reader) Renew(opt record.Options) { *r = reader{sc: r.sc, opt: opt} }

// Next is as record.Reader has it. A first event without a date line has no
// time. A header without Message= is an event when another event follows and
// it names log, event code and computer.
func (r *reader) Next(e *event.Event) error {
	if !r.located {
		if err := r.locate(); err != nil {
			return err
		}
	}
	end, next, by := r.end()
	w := r.sc.Window()
	raw := bytes.TrimRight(w[:end], " \t\r\n")
	e.Reset()
	var reason string
	switch {
	case by == byLimit:
		reason = record.ReasonTooLong
	case by == byEnd && r.sc.Cut():
		reason = reasonCut
	case by == byZeros && w[end-1] != '\n':
		reason = reasonZero
	default:
		e.Raw, e.Offset = r.sc.Text(len(raw)), r.sc.Offset()
		reason = r.decode(e, r.opt.Wanted, by == byNext || r.opt.Whole)
	}
	var err error
	if reason != "" {
		err = r.sc.Reject(w[:end], 0, reason)
	}
	r.located, r.log = by == byNext, next
	r.silent, r.torn = by == byLimit, by == byLimit
	r.sc.Advance(end)
	return err
}

// end finds where the record that the window begins with ends, and where the
// LogName= of the next one is from there.
func (r *reader) end() (end, next int, by ending) {
	from := r.log + len(logName)
	for {
		w := r.sc.Window()
		start, log := findStart(w, from, false, false)
		if zero := r.sc.Zeros(); zero >= 0 && (start < 0 || zero < start) {
			return zero, 0, byZeros
		}
		if start >= 0 {
			return start, log - start, byNext
		}
		from = max(from, len(w)-len(logName))
		if r.sc.More() {
			continue
		}
		if r.sc.Full() && r.sc.Err() == nil {
			return len(w), 0, byLimit
		}
		return len(w), 0, byEnd
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
		start, log := findStart(w, from, !r.begun, !r.torn)
		if start < 0 {
			from = max(0, len(w)-len(logName))
			if len(w) > 4*overlap {
				junk = r.reject(junk, w[:len(w)-overlap], reasonJunk)
				r.sc.Advance(len(w) - overlap)
				from, r.torn = overlap-len(logName), true
			}
			if r.sc.More() {
				continue
			}
			return r.finish(junk)
		}
		if start > 0 {
			junk = r.reject(junk, w[:start], reasonJunk)
			r.sc.Advance(start)
		}
		r.located, r.log, r.begun, r.torn = true, log-start, true, false
		if junk != nil && !r.silent {
			return junk
		}
		r.silent = false
		return nil
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
			junk = r.reject(junk, w[:1], record.ReasonZeros)
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

// reject notes w, which the window begins with: it goes on from junk, or
// starts it.
func (r *reader) reject(junk *record.Rejected, w []byte, reason string) *record.Rejected {
	if junk == nil {
		return r.sc.Reject(w, 0, reason)
	}
	junk.Reason = reason
	junk.Length = r.sc.OffsetOf(len(w)) - junk.Offset
	return junk
}

// finish rejects what is left when the stream ends without another start.
func (r *reader) finish(junk *record.Rejected) error {
	if w := r.sc.Window(); len(bytes.TrimSpace(w)) > 0 {
		junk = r.reject(junk, w, reasonJunk)
		r.sc.Advance(len(w))
	}
	if junk != nil && !r.silent {
		r.silent = true
		return junk
	}
	return r.sc.Err()
}

// standing is the state where an event begins: where its LogName= is.
type standing struct{ log int }

// At is as record.Resumable has it.
func (r *reader) At() (int64, record.State, bool) {
	return r.sc.Offset(), standing{r.log}, r.located && r.begun && !r.silent && !r.torn
}

// Resume is New for a reader that stands where Cut said.
func Resume(sc *record.Scanner, opt record.Options, s record.State) record.Resumable {
	return &reader{sc: sc, opt: opt, located: true, begun: true, log: s.(standing).log}
}

// Cut is a record.Cut: where an event begins with its date line.
func Cut(w []byte) (at int, s record.State) {
	start, log := findStart(w, 0, false, false)
	return start, standing{log - start}
}

// findStart finds the first start in w whose LogName= lies at or behind from.
// Without dateless it needs its date line. atLine says that w begins a line.
func findStart(w []byte, from int, dateless, atLine bool) (start, log int) {
	for from < len(w) {
		i := bytes.Index(w[from:], logName)
		if i < 0 {
			break
		}
		log = from + i
		from = log + len(logName)
		if log > 0 && w[log-1] != '\n' || log == 0 && !atLine {
			continue
		}
		if start := dateLine(w[:log], atLine); start >= 0 {
			return start, log
		}
		if dateless {
			return log, log
		}
	}
	return -1, -1
}

// dateLine is where the date line starts that w ends with, blank lines aside,
// or -1.
func dateLine(w []byte, atLine bool) int {
	end := len(w)
	for end > 0 && len(w)-end <= mostBlank && record.Blank(w[end-1]) {
		end--
	}
	least := max(0, end-mostDate)
	line := w[least:end]
	if i := bytes.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	} else if least > 0 || !atLine {
		return -1
	}
	if len(line) < len("1/1/2000 1:00:00") {
		return -1
	}
	if _, _, looks := record.ParseUS(dateText(string(line)), nil); !looks {
		return -1
	}
	return end - len(line)
}

// dateText is a date line without what may stand before the date.
func dateText(line string) string {
	if len(line) > 5 && line[:5] == "Date=" {
		return line[5:]
	}
	return line
}
