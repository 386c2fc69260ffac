// Package blockstore says what a store does that keeps what blocks of events hold elsewhere
// than in the database file: the columns of their records and the records themselves.
// Which blocks there are, what each cannot hold, and which of the versions of it that
// are kept here counts stays in the database. So nothing here needs a transaction: what
// was put and never named is never asked for.
package blockstore

import (
	"context"

	"escutcheon/eventstore/block"
)

// Ref names a version of a block: the number of its first record, and a number that no
// other version of it has had. Columns that change are a version without records.
type Ref struct{ First, At int64 }

// Block is what a block holds.
type Block struct {
	Ref
	Columns   *block.Columns
	Originals *block.Originals // nil: the columns alone
	// Seed are the records that are in rows of the seed's search. Those that are events of
	// their own, by Columns, count.
	Seed []SeedRecord
}

// SeedRow is a row of the seed's search, by what it counts events by.
type SeedRow struct{ OpCode, EventCode, Computer, Message string }

// SeedRecord is a record that is in a row of the seed's search, as it says by itself.
type SeedRecord struct {
	Pos    int
	Second int64
	Row    SeedRow
}

// Ask is what is to be read of some blocks. What it says of rows may be taken for less:
// rows that do not match may come.
type Ask struct {
	Blocks    []Part
	Columns   block.Set
	Originals bool

	// The rows that are asked for: all that is given holds. Providers are those of a
	// record that is an event of its own.
	Timed                             bool
	From, To                          int64 // seconds, both included, with Timed
	Hosts, Channels, Providers, Codes []int64
	Texts                             []string // small letters of ASCII; escapes that hide letters count as any
	After, UpTo                       int64    // of the column of events; UpTo 0 is no bound
}

// Part is one block of an Ask.
type Part struct {
	Ref
	Count int  // of records
	Loose bool // channels, providers and codes are not asked for
}

// Rows are what came of a block. Columns and originals are as long as the block; those of
// rows that did not come are zero, and empty.
type Rows struct {
	There     bool // it is kept; else no row of it is
	Came      int  // rows
	Columns   block.Columns
	Originals *block.Originals
}

// Count is how many events of a kind a version of a block has, as the store counts them.
type Count struct {
	Ref
	Host, Channel, Code int64
	Events              int64
	Earliest, Latest    int64 // seconds
}

// SeedCount is how many events of a version of a block are in a row of the seed's search,
// as the store counts them.
type SeedCount struct {
	Ref
	Row              SeedRow
	Events           int64
	Earliest, Latest int64 // seconds
}

// Store keeps what blocks hold. Its errors are coded: fault.Busy where it does not answer
// or takes nothing at the moment, fault.Full where its disk is full. It may be used by
// several goroutines at a time.
type Store interface {
	// Address is where it is, without what lets in.
	Address() string
	// Owner is the name of the database that may put and forget; "" for none yet.
	Owner(ctx context.Context) (string, error)
	// Own makes a database the owner.
	Own(ctx context.Context, name string) error
	// Put keeps versions of blocks. They are there for good when it returns nil; else
	// whether they are is not known, and they are to be put as other versions.
	Put(ctx context.Context, blocks []Block) error
	// Read reads blocks, in the order of a.Blocks.
	Read(ctx context.Context, a Ask) ([]Rows, error)
	// Forget forgets versions, whether they are there or not, if not at once.
	Forget(ctx context.Context, refs []Ref) error
	// Size is how many bytes all that is kept takes there, and of how many rows that is.
	Size(ctx context.Context) (bytes, rows int64, err error)
	// Versions are those that are kept, whole or in part, whose number is not below one.
	Versions(ctx context.Context, since int64) ([]Ref, error)
	// Counts calls tell for each count of versions of blocks.
	Counts(ctx context.Context, tell func(Count) error) error
	// SeedCounts does so for each row of the seed's search.
	SeedCounts(ctx context.Context, tell func(SeedCount) error) error
}

// Size is about how many bytes a block has.
func (b *Block) Size() int {
	size := b.Columns.Len() * 64
	if b.Originals != nil {
		size += b.Originals.Size()
	}
	return size
}
