package store

import (
	"time"

	"escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
)

// Verdict is what the changes of a host come to.
type Verdict struct {
	verdict.Verdict
	Rarity []Rarity       // of Modules, in their order
	Marks  []*ledger.Mark // of Modules: as known, and in force; nil: one has none
	Of     int64          // hosts with any event 29
	// Failed are modules that failed to load, the newest first; only where nothing
	// was changed.
	Failed []LoadFailure
	// OnFile is what files of the server say; nil: none was collected.
	OnFile *onfile.History
}

// LoadFailure is a module that failed to load: a finding that says so, and the
// newest of its events that is known.
type LoadFailure struct {
	Finding Finding
	Event   int64 // 0: none
}

// Rarity is on how many hosts a module of that name and image was changed.
type Rarity struct{ Hosts int64 }

// Brief is a host's verdict in a list.
type Brief struct {
	Gravity  verdict.Gravity
	Sentence string
	Hosts    int64     // with the gravest module's name and image
	At       time.Time // of the gravest change; zero: no time
	Failed   *Finding  // the newest that says that a module failed to load, where nothing was changed
}

// Settled says that what the sentence tells of is closed or suppressed.
func (b Brief) Settled() bool { return verdict.Settled(b.Gravity, b.Sentence) }

// ChainEvent is an event of another rule's finding near a change.
type ChainEvent struct {
	EventRef
	Finding Finding
}

// VerdictOf asks for the verdict of a host over its logs up to a second; nil: all.
type VerdictOf struct {
	Dest string // normalised
	AsOf *int64
}
