package store

import "time"

// Damage is something of a database that is not as it was written.
type Damage struct {
	Object string `json:"object"` // "block 65537", "note 3", "file" …
	What   string `json:"what"`
}

// DamagedCell is what stands in the place of a value that is not what was written.
const DamagedCell = "(damaged)"

// Scrub is what was found when all rows that carry a checksum were gone over; At is zero
// where they were not yet.
type Scrub struct {
	At    time.Time
	Found []Damage
}
