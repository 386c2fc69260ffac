package intake

import "time"

// Arrival is what came at an ingester, and waits in an inbox until the console takes it.
type Arrival struct {
	Sent
	Place
	Came time.Time
}

// Place is where an arrival stands in an inbox. What one ingester puts there is a stream,
// its numbers go up, and one is put when those before it are there.
type Place struct {
	Stream string // "": it stands in none
	Seq    int64  // of those that were put together, from 1 on
	N      int64  // which of them
}

// Mark says of each stream up to which number all was taken.
type Mark map[string]int64

// Ingester is what is known of one that fills an inbox.
type Ingester struct {
	Stream  string      `json:"-"`
	Name    string      `json:"name"` // of its machine
	Began   time.Time   `json:"began"`
	Seen    time.Time   `json:"-"` // by the clock of where the inbox is
	Quiet   bool        `json:"-"` // it has not been seen for a while
	Listens []string    `json:"listens"`
	Feeds   []FeedState `json:"feeds"` // what it refused
}

// Waiting is what an inbox holds that was not taken.
type Waiting struct {
	Deliveries, Bytes int64
	Oldest            time.Time
	Counted           time.Time // when that was so
	Problem           string    // why nothing is taken: a sentence
}
