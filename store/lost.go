package store

import "fmt"

// Lost are records that cannot be read: those of one damaged block. The zero Lost is none.
type Lost struct {
	First, Count int64 // the block's first record, and how many it holds
}

// Any says whether something is lost.
func (l Lost) Any() bool { return l.Count > 0 }

// String says what is lost, and what to do.
func (l Lost) String() string {
	return fmt.Sprintf("Block %d of the stored events is damaged: up to %d records cannot be read. \"escutcheon check\" "+
		"names what is damaged. Import their logs again into another database, or restore a backup.", l.First, l.Count)
}
