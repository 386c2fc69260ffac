// Package sighting says what makes an event one event, however often and in
// however many formats it is brought, and what a further sighting of one means.
// It stores nothing and decodes nothing.
package sighting

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"

	"escutcheon/event"
	"escutcheon/intake"
)

// Identity is what makes an event one event, where it carries a record number.
// Names are compared with their case; the computer's is normalised.
type Identity struct {
	Computer string // normalised; "" for none
	Channel  string // "" for none
	Record   int64
	Code     int64 // event.None for none
	Second   int64 // NoSecond for no time
}

// NoSecond stands for "no time".
const NoSecond = event.NoSecond

// Of is the identity of an event. numbered is false where it carries no record
// number: then its bytes tell (Digest, Nth).
func Of(e *event.Event) (id Identity, numbered bool) {
	id = Identity{Channel: e.Channel, Record: e.RecordNumber, Code: e.EventCode, Second: NoSecond}
	if e.Computer != "" {
		id.Computer = event.NormalizeHost(e.Computer)
	}
	if e.HasTime {
		id.Second = e.Second()
	}
	return id, e.RecordNumber >= 0
}

// Digest is the hash of what names an event without a record number: its own
// bytes, without what is only stored with them. Two servers may log the same line,
// and a line need not say its day: a request's host and time count, too.
func Digest(e *event.Event) [sha256.Size]byte {
	own := cmp.Or(e.Own, e.Raw)
	if !e.IsRequest() {
		return sha256.Sum256([]byte(own))
	}
	id, _ := Of(e)
	b := make([]byte, 0, len(id.Computer)+len(id.Channel)+len(own)+16)
	b = append(append(append(b, id.Channel...), 0), id.Computer...)
	b = binary.BigEndian.AppendUint64(append(b, 0), uint64(id.Second))
	return sha256.Sum256(append(b, own...))
}

// Nth is the identity of the n-th event of a file with a digest, from 1 on:
// equal records of one file are as many events.
func Nth(digest [sha256.Size]byte, n uint64) [16]byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(digest[:], n))
	return [16]byte(sum[:16])
}

// Known is the record by which an event was seen with these bytes before, and
// decoded alike; 0 when it was not: then it says something new.
func Known(seen []intake.Sighting, raw string, reading intake.Reading) (record int64) {
	for _, s := range seen {
		if s.Raw == raw && s.Reading == reading {
			return s.Record
		}
	}
	return 0
}
