package intake

import (
	"cmp"
	"errors"
	"time"
)

// Live is the Source of an import that a live feed makes: one for each source
// and day.
const Live = "live feed"

// Watched is the Source of an import of a file in a watched folder.
const Watched = "watched folder"

// Feeding is the status of an import that a live feed adds to: until its day is
// over. Nobody runs it, and it can be deleted.
const Feeding Status = "feeding"

// The kinds of feeds: how events come.
const (
	FeedHEC    = "hec"    // Splunk's HTTP Event Collector
	FeedBulk   = "bulk"   // Elasticsearch's bulk requests
	FeedOTLP   = "otlp"   // OpenTelemetry's logs over HTTP
	FeedSyslog = "syslog" // RFC 5424 over TCP or TLS
	FeedFolder = "folder" // files of a watched folder; each is an import of its own
)

// Feed is a source of live events.
type Feed struct {
	Name string // that of its token; of syslog and folders what let it in
	Kind string
}

// Sent is what somebody sends: text of one format, or of any that is recognised.
type Sent struct {
	Feed
	Format   string // "": found in Data
	Zone     string // of times without one; "" UTC
	Computer string // of records that name none
	Data     []byte
	// Digest names what came, where that is known when it is sent again, for as long as
	// FeedMemory. Zero: it is never sent again, however much it looks like what came before.
	Digest [32]byte
}

// Delivery is what a feed brought in one go: it is stored whole, or not at all.
type Delivery struct {
	Arrival
	Reading  Reading
	Batch    *Batch // offsets are from the start of what came; Bytes is how long that is
	Rejected []RejectedPart
	Newest   time.Time // of its events; zero where none has a time
}

// Delivered is what became of a delivery.
type Delivered struct {
	Import   int64
	Repeated bool // it was stored before: nothing was stored now
}

// FeedMemory is for how long it is known what a feed brought.
const FeedMemory = 72 * time.Hour

// Join appends another batch, the offsets of which are by so much greater here.
// Both must be made with the same rules.
func (b *Batch) Join(o *Batch, by int64) {
	n := len(b.Events)
	b.Events = append(b.Events, o.Events...)
	for i := n; i < len(b.Events); i++ {
		b.Events[i].Offset += by
	}
	for _, m := range o.Matches {
		m.Event += n
		b.Matches = append(b.Matches, m)
	}
	for _, r := range o.Rejections {
		r.Offset += by
		b.Rejections = append(b.Rejections, r)
	}
	bytes := b.Bytes
	b.Counts.Add(o.Counts)
	b.Bytes = bytes + o.Bytes
	b.Rules = cmp.Or(b.Rules, o.Rules)
}

// FeedToken lets a feed in. Of its secret only a hash is kept.
type FeedToken struct {
	ID      int64
	Name    string
	Zone    string // of times without one; "" UTC
	Created time.Time
	Author  string
	Revoked bool
}

// FeedState is what is known of a source.
type FeedState struct {
	Feed
	First, Last  time.Time // something came
	Newest       time.Time // of all its events
	Deliveries   int64
	Repeated     int64 // deliveries that were sent again
	Bytes        int64
	Read, New    int64
	Rejected     int64
	Expired      int64     // events older than those that are kept
	Today        int64     // the import of the newest day; 0 where it was deleted
	Refused      int64     // requests that were refused, since the start of the server
	Refusal      string    // the last one: a sentence
	RefusedAt    time.Time // and when
	Rate         float64   // events a second, of the last minute
	Lag          time.Duration
	HasLag, Live bool // Lag is known; something came in the last minutes
}

// ErrBusy says that a feed brings more than can be stored: it is to send it again.
var ErrBusy = errors.New("more comes than can be stored: send it again later")
