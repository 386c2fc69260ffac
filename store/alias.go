package store

import "time"

// HostAlias is a name that an analyst said is another host's, too: what is known
// of Dest is shown with Main.
type HostAlias struct {
	Dest, Main string // normalised
	Spelling   string // of Dest's newest event
	Author     string
	Created    time.Time
}
