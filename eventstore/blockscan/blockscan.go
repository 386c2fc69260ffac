// Package blockscan is the scan over a store that keeps its events in blocks: it
// chooses the blocks that may hold what is asked for by their summaries and
// filters, reads of each what it needs, on all processors, and hands out the rows
// that may match. Where the blocks lie, and what the numbers in their columns
// name, is the store's business; what of a record a person asks for is decided by
// who decodes it.
package blockscan

import (
	"context"
	"errors"
	"math"

	"escutcheon/eventstore/block"
)

// Blocks is a store of blocks. Its methods are called from several goroutines at
// a time. What they return is not written to. A part that is not there any more,
// since its block was deleted meanwhile, is nil: then the scan passes over it.
type Blocks interface {
	// Directory lists the blocks, in the order of their numbers.
	Directory(ctx context.Context) ([]Entry, error)
	Columns(ctx context.Context, first int64) ([]byte, error)   // as Columns.Encode makes them
	Words(ctx context.Context, first int64) ([]byte, error)     // the filter, empty for none
	Originals(ctx context.Context, first int64) ([]byte, error) // as Pack makes them
}

// Entry is what a store knows of a block without reading it.
type Entry struct {
	First   int64 // number of its first record; the others follow
	Count   int   // of records
	Reading int64 // of the store: how its records are decoded
	Summary block.Summary
	// Loose says that its channels, providers and codes are not all that its events
	// answer to when they are asked for them: none is passed over by these.
	Loose bool
}

// Query is what a scan asks for. An event may match when all that is given holds.
type Query struct {
	// From and To bound the time, in seconds since 1970 UTC, both included; nil is
	// no bound. With one of them, events without a time do not match.
	From, To *int64
	// Hosts, Channels, Providers and Codes are numbers of names, or event codes:
	// any of them; none is all.
	Hosts, Channels, Providers, Codes []int64
	// Find says what the event's originals must hold, one of them all of it; nil
	// is anything.
	Find *block.Finder
	// After and UpTo bound the numbers of events: those in (After, UpTo]. UpTo 0 is
	// no bound.
	After, UpTo int64
	// Newest hands out the blocks with the newest events first; otherwise they come
	// in the order of their numbers.
	Newest bool
	// Columns are those that look needs. The column of events is always there.
	Columns block.Set
	// Originals says that look needs the records; Brief, that it keeps nothing of
	// them: then their memory is used again.
	Originals, Brief bool
	// Progress, unless nil, is told how many of the blocks that may hold what is asked
	// for have been looked at: before the first one, and after each was told of.
	Progress func(done, of int)
	// Damaged, unless nil, is told of each block that cannot be read, which is passed
	// over then; without it such a block ends the scan.
	Damaged func(first int64, count int)
}

// Chunk is a block, and which of its records may match. Its columns and rows are
// its reader's until look returns: then their memory is used again. Its originals
// may be kept, unless the query is brief.
type Chunk struct {
	Entry
	Columns *block.Columns
	// Rows are the records that may match, ascending; there may be none with
	// Newest. A row whose Event is another number than its own is a further
	// sighting of that event, which is elsewhere; such rows come only with Find,
	// where they may be all that holds what is looked for.
	Rows      []int32
	Originals *block.Originals // nil unless asked for, and without rows
	// Varied are, with Originals, those of Rows whose event has further sightings
	// with other bytes: what it says is the merge of all, and its own may be empty.
	Varied []int32
	// Rest is, with Newest, the latest second of any event in the chunks after this
	// one; math.MinInt64 when none of them has a time.
	Rest int64
}

// Number is the number of the record in a row.
func (c *Chunk) Number(row int32) int64 { return c.First + int64(row) }

// ErrStop ends a scan early, without an error.
var ErrStop = errors.New("the scan has what it wants")

// Scan calls look for each chunk, on all processors at a time, and what look
// returns, unless that is nil, one after another in the order of the chunks. It
// ends with the first error, of the store's, look or tell, in their order, or
// when ctx is done. At most a few blocks a processor are in memory.
func Scan(ctx context.Context, b Blocks, q Query, look func(*Chunk) (tell func() error, err error)) error {
	all, err := b.Directory(ctx)
	if err != nil {
		return err
	}
	if q.Find != nil && q.Find.All() {
		q.Find = nil
	}
	s := &scan{words: b, near: b, query: &q, look: look, entries: q.choose(all)}
	return s.begin(ctx, all)
}

// choose picks the blocks that may hold what is asked for, in the order in which
// they are handed out.
func (q *Query) choose(all []Entry) (out []*Entry) {
	for i := range all {
		if q.mayHold(&all[i]) {
			out = append(out, &all[i])
		}
	}
	if q.Newest {
		newestFirst(out)
	}
	return out
}

// mayHold says whether a block may hold an event that matches. Of an event that
// is seen in several ways, all say the same second, host, channel and code; its
// number is that of one of them.
func (q *Query) mayHold(e *Entry) bool {
	s := &e.Summary
	if s.Live == 0 && (q.Find == nil || s.Variants == 0) {
		return false
	}
	if s.Variants == 0 && (e.First+int64(e.Count)-1 <= q.After || q.UpTo != 0 && e.First > q.UpTo) {
		return false
	}
	if (q.From != nil || q.To != nil) && !s.Timed || q.From != nil && s.Last < *q.From || q.To != nil && s.First > *q.To {
		return false
	}
	return mayHoldAny(&s.Hosts, q.Hosts) && (e.Loose || mayHoldAny(&s.Channels, q.Channels) &&
		mayHoldAny(&s.Codes, q.Codes) && (s.Variants > 0 || mayHoldAny(&s.Providers, q.Providers)))
}

func mayHoldAny(s *block.IDs, ids []int64) bool {
	for _, id := range ids {
		if s.MayHold(id) {
			return true
		}
	}
	return len(ids) == 0
}

// newest is the latest second of a block's events.
func newest(e *Entry) int64 {
	if !e.Summary.Timed {
		return math.MinInt64
	}
	return e.Summary.Last
}
