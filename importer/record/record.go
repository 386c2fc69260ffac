// Package record holds what the decoders of single-record formats share: the
// Reader they all are, the window over a stream of bytes in which they find
// their records, the two encodings of text, times, canonical field names and
// the messages of the IIS configuration provider. It leaves the formats
// themselves to the packages beside it, and knows nothing of files, uploads or
// storage.
package record

import (
	"bytes"
	"fmt"
	"time"

	"escutcheon/event"
)

// Options is what a log does not say itself.
type Options struct {
	// Zone is the zone of times that carry none; nil is UTC.
	Zone *time.Location
	// Computer is used when a record names no computer.
	Computer string
	// Site is the site of a web server in whose folder the log lies; "" is none.
	// Records keep it, so nobody says it again.
	Site string
	// Dates is the order of day and month in dates that leave it open: MDY or
	// DMY; "" is MDY where the time has AM or PM, else DMY.
	Dates string
	// Encoding is the file's; where it is UTF-16, no record's bytes are taken
	// for Windows-1252.
	Encoding Encoding
	// Whole says that the stream is one whole record, not the end of a file
	// that may be cut.
	Whole bool
	// Before is the first of the changes below that the record was stored
	// without: what it says stays what it was. 0 is none.
	Before int
	// Wanted are the fields that are asked for; nil is all. Only readers of which
	// sniff says so know it.
	Wanted *Wanted
}

// The changes to what records say, by which Options.Before counts. A database
// holds these numbers.
const (
	// Trimmed: white space around a value is no part of it, and NXLog's TimeCreated
	// is a time.
	Trimmed = 1
)

// Has says whether a record is read with a change.
func (o Options) Has(change int) bool { return o.Before == 0 || o.Before > change }

// Value is what the text of a field says: that without the white space around it.
func (o Options) Value(text string) string {
	if o.Has(Trimmed) {
		return Trim(text)
	}
	return text
}

// The orders of day and month in Options.
const (
	MDY = "mdy"
	DMY = "dmy"
)

// Reader gives the events of one stream, one by one.
//
// Next fills e and returns nil, or returns
//   - a *Rejected for a stretch of bytes that is no event: e then means
//     nothing, and the caller goes on calling;
//   - io.EOF at the end;
//   - any other error, which ends the stream. A record that it cut was
//     returned as *Rejected before.
//
// The strings of e stay valid for ever; e.Fields until e is used again. They are
// parts of the record's text, of what its escapes stand for, or of constants:
// one of them keeps its record in memory, and nothing else of what was read.
// A Reader that is an io.Closer must be closed before what it reads from is.
type Reader interface {
	Next(e *event.Event) error
}

// Witness is a Reader that knows what is not in its log, once Next has returned
// io.EOF or an error.
type Witness interface {
	// Missing is how many records the log's own headers promise at least, beyond
	// those that were read or rejected.
	Missing() int64
	// Note is what else a person should know of the log: sentences, or "".
	Note() string
}

// Renewable is a Reader that can be used again for what its Scanner was renewed
// with. It is then as a new one, but for the memory that it has.
type Renewable interface {
	Reader
	Renew(opt Options)
}

// MaxSample is how many bytes of a rejected stretch are kept.
const MaxSample = 200

// MaxFields is how many fields one event may have.
const MaxFields = 1 << 14

// Rejected is a stretch of a stream that is no event.
type Rejected struct {
	Offset int64  // where it starts, in the (decompressed) file's own bytes
	Length int64  // of the stretch, in the same bytes; 0 when it is not known
	Reason string // a sentence
	Sample []byte // its first bytes, as UTF-8, at most MaxSample of them
}

func (r *Rejected) Error() string { return fmt.Sprintf("at byte %d: %s", r.Offset, r.Reason) }

// Reasons that several decoders give.
const (
	ReasonTooLong = "This record is longer than 2 MiB, more than any Windows event. It was skipped up to the next start " +
		"of an event."
	ReasonZeros  = "This stretch holds only zero bytes, as in a file that was cut while it was written."
	ReasonFields = "This record has more than 16,384 fields, more than any Windows event."
)

// Reject makes a Rejected of a stretch that starts with sample, of a length
// that is not known.
func Reject(offset int64, reason string, sample []byte) *Rejected {
	if len(sample) > MaxSample {
		sample = sample[:MaxSample]
	}
	return &Rejected{Offset: offset, Reason: reason, Sample: append([]byte(nil), sample...)}
}

// Reject makes a Rejected of w, a stretch that begins n bytes into the window.
func (s *Scanner) Reject(w []byte, n int, reason string) *Rejected {
	r := Reject(s.OffsetOf(n), reason, bytes.TrimRight(w[:min(len(w), MaxSample)], " \t\r\n"))
	r.Length = s.BytesOf(w)
	return r
}
