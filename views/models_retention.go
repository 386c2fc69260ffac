package views

import "time"

// RetentionPage says for how long events are kept, and what went.
type RetentionPage struct {
	Frame
	Age, Size     string // as typed, or as they are set
	On            bool
	Line, Gone    time.Time
	Used          int64
	Elsewhere     string // where events are kept, if not in the file
	UsedElsewhere int64  // of Used
	Unknown       bool   // that does not answer
	Saved, Looked bool
	Problem       string
	Would         Expiry // by Age and Size, where somebody Looked
	Runs          []RetentionRun
}

// RetentionRun is what one run took away.
type RetentionRun struct {
	Started, Ended time.Time // Ended is zero where it is to go on
	Line           time.Time
	Events         int64
	Kept           int64
	Freed          int64
	Damaged        int64
}

// Expiry is what would go.
type Expiry struct {
	Line   time.Time // zero: nothing
	Events int64
	Kept   int64
	All    int64
	Bytes  int64
	Used   int64
}
