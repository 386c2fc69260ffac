package store

import (
	"time"

	"escutcheon/detection/ledger"
	"escutcheon/detection/verdict"
)

// Ledger is the modules of a host under all its names.
type Ledger struct {
	Dest, Spelling string
	Modules        []LedgerModule                // the gravest first
	Log            verdict.Log                   // what is known of the log of its configuration
	Files          map[ledger.Source]ledger.Span // what was collected of its files
	FilesCut       bool                          // there are more of them than were looked at
	Cut            bool                          // only the newest changes were looked at: there are very many
}

// KnownList is a list of modules that the user brought.
type KnownList struct {
	Name    string // of its file; "" there is none
	Loaded  time.Time
	Entries []ledger.Entry
}

// MaxMarkReason is the greatest length of why a module is marked as known, in bytes.
const MaxMarkReason = 1000

// LedgerModule is a module of a ledger.
type LedgerModule struct {
	ledger.Module
	Hosts int64 // whose events speak of a module of that name and image

	FirstHost string    // which had it first; "" it is on no other, or the lists know it
	FirstSeen time.Time // zero: at no known time
}
