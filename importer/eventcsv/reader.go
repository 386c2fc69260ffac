// Package eventcsv decodes event logs that were exported as CSV: those of
// Event Viewer, of Get-WinEvent and Get-EventLog through Export-Csv, of a
// Splunk search, and of EvtxECmd. Which it is, the header line says; it may
// come again, or another, where files were joined. The package finds the rows
// of one stream, quoted values with line ends and torn ones too, and makes
// their events; encodings and offsets are record's, the event that a _raw
// holds is inner's.
//
// A row says nothing without its header line. What is kept of an event is
// therefore both; Split parts them.
package eventcsv

import (
	"bytes"

	"escutcheon/event"
	"escutcheon/importer/record"
)

const (
	reasonJunk = "This text stands before the header line of the CSV, which names the columns."
	reasonTorn = "This row is torn: a quotation mark that it opens is never closed before the next row."
	reasonCut  = "This row is cut short: the file ends within it. Export the log again to have it."
	reasonZero = "This row is cut short by zero bytes, as in a file that was cut while it was written."
)

type reader struct {
	sc  *record.Scanner
	opt record.Options
	d   decoder
	// strict is up to where quotation marks in messages must be doubled: a
	// stretch that was looked through once for the end of a row is not looked
	// through again and again.
	strict int64
	lost   bool // within something too long: nothing is rejected up to the next event
}

// New returns a reader of the events of sc. Times carry no zone except in
// EvtxECmd's and mostly in Splunk's CSV: opt.Zone is theirs, and opt.Dates the
// order of day and month.
func New(sc *record.Scanner, opt record.Options) record.Reader {
	return &reader{sc: sc, opt: opt}
}

// Shape is whose CSV it is, by the header line read last; "" before the first.
func (r *reader) Shape() Shape {
	if r.d.header == nil {
		return ""
	}
	return r.d.header.shape
}

// Next is as record.Reader has it.
func (r *reader) Next(e *event.Event) error {
	if r.d.header == nil {
		if err := r.locate(); err != nil {
			return err
		}
	}
	for {
		if rej := r.zeros(); rej != nil {
			return rej
		}
		end, reason, err := r.row()
		if err != nil {
			return err
		}
		w := r.sc.Window()
		next := min(end+1, len(w))
		row := bytes.TrimRight(w[:end], "\r")
		if reason != "" { // the next row begins at end, or is lost
			next = end
		} else if r.skip(row) {
			r.sc.Advance(next)
			continue
		} else {
			e.Reset()
			offset := r.sc.Offset()
			stored := r.stored(row)
			reason = r.d.decode(stored, stored[len(stored)-len(row):], e)
			e.Offset = offset
			if reason == "" {
				r.lost = false
				r.sc.Advance(next)
				return nil
			}
			if h, ok := parseHeader(string(row), r.opt.Encoding); ok {
				r.d = decoder{header: h, opt: r.opt}
				r.sc.Advance(next)
				continue
			}
		}
		rej := r.sc.Reject(w[:next], 0, reason)
		silent := r.lost
		r.lost = r.lost || reason == record.ReasonTooLong
		r.sc.Advance(next)
		if !silent {
			return rej
		}
	}
}

// stored is what is kept of a row.
func (r *reader) stored(row []byte) string {
	h := r.d.header.text
	b := make([]byte, 0, len(h)+len(separator)+len(row))
	return string(append(append(append(b, h...), separator...), row...))
}

// skip says whether a row is none: blank, the header line again, or what
// PowerShell and spreadsheets write above one.
func (r *reader) skip(row []byte) bool {
	row = bytes.TrimPrefix(row, []byte("\uFEFF"))
	return string(row) == r.d.header.text || preamble(row) || len(bytes.Trim(row, " \t,;\"")) == 0
}

// preamble says whether a line may stand above a header line.
func preamble(line []byte) bool {
	return bytes.HasPrefix(line, []byte("#TYPE ")) || len(line) <= 6 &&
		bytes.HasPrefix(bytes.ToLower(line), []byte("sep="))
}

// zeros drops the zero bytes that the window starts with.
func (r *reader) zeros() *record.Rejected {
	for len(r.sc.Window()) == 0 && r.sc.More() {
		continue
	}
	if w := r.sc.Window(); len(w) == 0 || w[0] != 0 {
		return nil
	}
	rej := record.Reject(r.sc.Offset(), record.ReasonZeros, []byte{0})
	rej.Length = r.sc.SkipZeros()
	if r.lost {
		return nil
	}
	return rej
}

// row finds the row that the window begins with: it is w[:end], and where
// there is a reason, a stretch that holds none.
func (r *reader) row() (end int, reason string, err error) {
	c := cursor{loose: r.d.header.loose() && r.sc.Offset() >= r.strict}
	for {
		w := r.sc.Window()
		ended := r.sc.Err() != nil
		f := c.next(w, r.d.header.delim, ended)
		if zero := r.sc.Zeros(); zero >= 0 && zero < c.at {
			return zero, reasonZero, nil
		}
		switch f {
		case wholeRow:
			return c.at, "", nil
		case tornRow:
			line := c.line(w)
			if !ended && short(w[line:]) && (r.sc.More() || r.sc.Err() != nil) {
				continue // perhaps that line begins a row
			}
			if at := r.start(w, c.looked, line); at > 0 {
				return r.torn(w, at, line)
			} else if c.loose { // part of the message, as it seems
				c.looked = c.at
				c.at++
				continue
			}
			return line, reasonTorn, nil
		}
		if r.sc.More() {
			continue
		}
		switch {
		case r.sc.Full() && r.sc.Err() == nil:
			if at := r.start(w, c.looked, len(w)); c.quoted && at > 0 {
				return r.torn(w, at, c.line(w))
			}
			return r.tooLong(w), record.ReasonTooLong, nil
		case !ended: // the end was only found now
			continue
		case len(w) == 0:
			return 0, "", r.sc.Err()
		case c.quoted:
			if at := r.start(w, c.looked, len(w)); at > 0 {
				return r.torn(w, at, c.line(w))
			}
			if r.closed(w) {
				return len(w), "", nil
			}
			return len(w), reasonCut, nil
		case r.sc.Cut():
			return len(w), reasonCut, nil
		}
		return len(w), "", nil
	}
}

// tooLong is how much of a full window is dropped: all, up to a line end where
// the last one has more than itself behind it.
func (r *reader) tooLong(w []byte) int {
	if i := bytes.LastIndexByte(w, '\n'); i > 0 {
		return i + 1
	}
	return len(w)
}

// torn is what row returns of a row that is torn, when the next one starts at
// at and w was looked through up to the line at line. It is whole after all if
// its message ends with a quotation mark of its own, which looked like one
// that is doubled.
func (r *reader) torn(w []byte, at, line int) (end int, reason string, err error) {
	r.strict = r.sc.OffsetOf(max(at, line))
	if r.closed(w[:at]) {
		return at - 1, "", nil
	}
	return at, reasonTorn, nil
}

// closed says whether a message, in which quotation marks may stand as they
// are, ends where w does.
func (r *reader) closed(w []byte) bool {
	return r.d.header.loose() && bytes.HasSuffix(w, []byte("\n")) &&
		bytes.HasSuffix(bytes.TrimRight(w, "\r\n"), []byte(`"`))
}

// start finds the first line of w, behind the line end at from or later and at
// most at limit, that begins as a row does: the time is in its column. It is
// -1 when there is none or when rows cannot be told so.
func (r *reader) start(w []byte, from, limit int) int {
	h := r.d.header
	if !h.tells() {
		return -1
	}
	for at := min(from, limit); ; {
		i := bytes.IndexByte(w[at:limit], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
		if begins(w[at:], h) {
			return at
		}
	}
}

// mostStart is how much of a line is looked at to tell whether it begins a row.
const mostStart = 1024

// short says whether w is too short to tell whether the line that it begins
// with begins a row.
func short(w []byte) bool { return len(w) < mostStart && bytes.IndexByte(w, '\n') < 0 }

// begins says whether the line that w begins with has a time in its column.
func begins(w []byte, h *header) bool {
	w = w[:min(len(w), mostStart)]
	if i := bytes.IndexByte(w, '\n'); i >= 0 {
		w = w[:i]
	}
	for range h.time {
		i := bytes.IndexByte(w, h.delim)
		if i < 0 {
			return false
		}
		w = w[i+1:]
	}
	if i := bytes.IndexByte(w, h.delim); i >= 0 {
		w = w[:i]
	}
	v := string(bytes.Trim(w, "\"\r "))
	if _, ok := epoch(v); ok && h.shape == Splunk {
		return true
	}
	if _, ok := record.ParseISO(v, nil); ok {
		return true
	}
	_, order, ok := record.ParseLocal(v, nil, "")
	return ok || order != 0
}

// locate moves the window behind the header line. What stands before it is
// rejected.
func (r *reader) locate() error {
	var junk *record.Rejected
	reject := func(w []byte) {
		if junk != nil {
			junk.Length = r.sc.Offset() + r.sc.BytesOf(w) - junk.Offset
		} else if len(bytes.TrimSpace(w)) > 0 && !preamble(w) {
			junk = r.sc.Reject(w, 0, reasonJunk)
		}
		r.sc.Advance(len(w))
	}
	from := 0
	for {
		w := r.sc.Window()
		i := bytes.IndexByte(w[from:], '\n')
		if i < 0 && len(w) <= mostHeader && r.sc.More() {
			from = len(w)
			continue
		}
		if i < 0 && len(w) == 0 {
			break
		}
		end := len(w)
		if i >= 0 {
			end = from + i + 1
		}
		from = 0
		if end <= mostHeader {
			if h, ok := parseHeader(string(w[:end]), r.opt.Encoding); ok {
				r.d = decoder{header: h, opt: r.opt}
				r.sc.Advance(end)
				if junk != nil {
					return junk
				}
				return nil
			}
		}
		reject(w[:end])
	}
	if junk != nil {
		return junk
	}
	return r.sc.Err()
}
