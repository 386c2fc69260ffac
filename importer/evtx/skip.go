package evtx

import (
	"errors"
	"fmt"
)

// ErrNotEVTX says that the bytes are no event log of this format.
var ErrNotEVTX = errors.New("evtx: not an EVTX file")

// Reason says why bytes of a log were passed over.
type Reason uint8

// The reasons.
const (
	BadChunk    Reason = iota + 1 // the chunk has no signature, or was zeroed
	BadFraming                    // no record where one should start
	CutRecord                     // the file ends inside the record
	BadXML                        // the record's binary XML breaks its grammar
	BadOffset                     // an offset or length points outside
	BadValue                      // a value's length does not fit its type
	BadName                       // a name that XML does not allow
	TooDeep                       // nested deeper than 16
	TooMuch                       // more work, fields or bytes than a record or chunk may ask for
	Overwritten                   // the record's framing is whole, its content is not
)

var reasons = [...]string{
	BadChunk: "damaged chunk", BadFraming: "no record here", CutRecord: "the file ends inside the record",
	BadXML: "damaged binary XML", BadOffset: "an offset or length points outside",
	BadValue: "a value's length does not fit its type",
	BadName:  "a name that XML does not allow", TooDeep: "nested too deep", TooMuch: "asks for too much work or memory",
	Overwritten: "the record's content is damaged",
}

// String is a short phrase in English.
func (r Reason) String() string {
	if int(r) < len(reasons) && reasons[r] != "" {
		return reasons[r]
	}
	return "unknown reason"
}

// Skip tells of bytes that gave no record. It comes out of the iterators as
// the error beside a nil record, and the iteration goes on after it.
type Skip struct {
	Chunk    int    // number of the chunk, from 0
	Offset   int64  // of the first byte passed over, from the start of the file
	Length   int64  // how many bytes were passed over
	RecordID uint64 // from the record's header, 0 when there is none
	Reason   Reason
}

// Error is a sentence with chunk, offset and reason.
func (s *Skip) Error() string {
	return fmt.Sprintf("evtx: chunk %d, offset %d: skipped %d bytes: %s", s.Chunk, s.Offset, s.Length, s.Reason)
}

// fault is an error inside a record; it becomes a Skip.
type fault Reason

func (f fault) Error() string { return Reason(f).String() }

func reasonOf(err error) Reason {
	if f, ok := err.(fault); ok {
		return Reason(f)
	}
	return BadXML
}
