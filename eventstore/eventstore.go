// Package eventstore says what a store of events is, whatever keeps it: batches
// of an import come, an import is forgotten, an event is read with all places
// where it stands, and many events are looked through at once (Scan). Numbers of
// events are in links and notes: a store never gives one to another event. What
// rests on events (findings, windows, risk) is kept up to date by who puts and
// forgets, in the same transaction.
//
// An implementation shows with eventstoretest that it does what is asked of it.
// The one of this house lies in db; how its blocks are encoded and scanned, in
// the packages below this one.
package eventstore

import (
	"context"

	"escutcheon/eventstore/block"
	"escutcheon/intake"
	"escutcheon/store"
)

// Store is a store of events.
type Store interface {
	// StoreBatch stores a batch of a running import whole or not at all, and
	// returns the import's counts after it. An event counts once, however often and
	// in whatever format it comes; each place where it stands is kept.
	StoreBatch(ctx context.Context, b *intake.Batch) (intake.Counts, error)
	// DeleteStep forgets a part of what an import brought and says whether it was
	// the last. In the end all is as if it had never come.
	DeleteStep(ctx context.Context, id int64) (done bool, err error)
	// EventByID is one event: what makes it one, and when it was. There being none
	// is a coded error, fault.NotFound.
	EventByID(ctx context.Context, id int64) (store.EventRef, error)
	// Sightings are all places where an event stands, with its bytes there to the
	// byte; the first is where it was seen first.
	Sightings(ctx context.Context, id int64) ([]intake.Sighting, error)
	// Scan calls look for each chunk of events that may match, on all processors at
	// a time, and what look returns, unless that is nil, one after another in their
	// order. It ends with the first error, without one after ErrStop, or when ctx is
	// done. Its memory is bounded.
	Scan(ctx context.Context, q Query, look func(*Chunk) (tell func() error, err error)) error
}

// Query is what a scan asks for. What may match is handed out when all that is
// given holds; who asked decides what does.
type Query struct {
	From, To  *int64   // seconds since 1970 UTC, both included; with one of them, events without a time do not match
	Hosts     []string // normalised names, any of them; none: all
	Channels  []string // any of them, without case
	Providers []string
	Codes     []int64
	Words     []string // whole words, all of which a record's text must hold, without case
	Texts     []string // texts, all of which it must contain, without case
	After     int64    // the numbers of events: those in (After, UpTo]; UpTo 0 is no bound
	UpTo      int64
	Newest    bool      // the newest first, by Chunk.Rest; otherwise by number
	Columns   block.Set // those that look needs
	Originals bool      // look needs the records
	Brief     bool      // and keeps nothing of them

	// Progress, unless nil, is told how many parts of the store that may hold what is
	// asked for have been looked at, from 0 on, one call after another.
	Progress func(done, of int)
	// Damaged, unless nil, is told of each part of the store that cannot be read: of its
	// first record and of how many they are, in the order of the chunks. It is passed over
	// then; without Damaged it ends the scan.
	Damaged func(first int64, count int)
}

// Chunk is some events that lie together. Its columns and rows are look's only
// until it returns; its originals may be kept, unless the query is brief.
type Chunk struct {
	First     int64            // number of the first record
	Columns   *block.Columns   // of all records; hosts, channels and providers by their numbers (Names)
	Rows      []int32          // the records that may match
	Originals *block.Originals // of all records; nil unless asked for
	// Varied are, with Originals, those of Rows whose event has further sightings
	// with other bytes: what it says is the merge of all (Sightings), and what
	// stands here of it may be empty.
	Varied  []int32
	Reading intake.Reading // how they are decoded
	// Loose says that channels, providers and codes were not asked for here: some
	// event answers to others than its own (detection.Odd).
	Loose bool
	Rest  int64 // with Newest: the latest second in any chunk after this
	Names Names
}

// Number is the number of the event in a row.
func (c *Chunk) Number(row int32) int64 { return c.Columns.Event[row] }

// Names say what the numbers in columns stand for; "" for 0.
type Names interface {
	Host(id int64) string
	Channel(id int64) string
	Provider(id int64) string
}
