// Package intake holds what importer and db tell each other: what an import
// is, how far it is, and the batches of events it hands over. It does nothing
// by itself.
package intake

import (
	"errors"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/eventstore/block"
)

// Status is what has become of an import.
type Status string

// The statuses an import goes through.
const (
	Asking    Status = "asking" // waits for an answer: its content leaves something open
	Queued    Status = "queued"
	Running   Status = "running"
	Done      Status = "done"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
	Deleting  Status = "deleting" // in part: it goes on by itself
)

// Ended says whether nothing more will happen to the import.
func (s Status) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Where an import came from.
const (
	Upload      = "upload"
	CommandLine = "command line"
	Demo        = "demo"
)

// Import is one file brought in.
type Import struct {
	ID     int64
	Name   string // as the client gave it: data, never a path
	SHA256 string // hex, of the file as it came
	Size   int64  // bytes, as it came
	Source string // Upload, CommandLine or Demo
	Path   string // where its bytes are while it runs
	Owner  string // the process that runs it

	Zone        string // for times without one
	Computer    string // for records without one
	Site        string // the site of a web server whose folder the file lies in, as s-sitename has it; "" none
	Dates       string // the order of day and month in dates that leave it open: "mdy", "dmy" or "" (see record.Options)
	Format      string // as found, "" until then; an archive's is its kind
	Encoding    string // as found
	Compression string // as found, "" when there is none
	Carrier     string // the file of another kind in which the log was found; "" the file is the log

	Parent   int64 // the archive it is a member of, or 0
	Ordinal  int64 // which member, from 1
	Ask      bool  // ask before it starts, where the content leaves something open
	SameAs   int64 // the import of the same file with the same answers that it repeats, or 0
	Replaces int64 // the import whose place it takes, or 0

	Status Status
	Reason string // why it failed: a sentence
	Note   string // what a person should know of it: sentences
	Damage string // why an archive could not give all its bytes: a sentence; not stored

	Modified   time.Time // when the file was written last, where that is known
	LocalClock bool      // by a clock of which nobody says where it stood, told as if in UTC

	Created, Started, Finished time.Time // zero when not yet
	Beat                       time.Time // last sign of life of Owner

	Counts
}

// ModifiedIn is when the file was written last, by a clock that stood in zone where
// nobody says which one it was.
func (i *Import) ModifiedIn(zone *time.Location) time.Time {
	t := i.Modified
	if t.IsZero() || !i.LocalClock {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone).UTC()
}

// Counts is how far an import is.
type Counts struct {
	Bytes       int64 // of the file, consumed so far
	Records     int64 // what the decoder returned so far: events and rejections
	Read        int64 // complete events: New + Duplicate + Expired
	New         int64
	Duplicate   int64
	Rejected    int64
	Timeless    int64 // new events without a time: in no finding
	Nameless    int64 // new events without a computer name: in no finding
	Zoneless    int64 // events whose time was read in Zone
	Undated     int64 // events whose date was read in an order that it leaves open
	Windows1252 int64 // events whose bytes are no UTF-8
	Skipped     int64 // members of an archive that are no logs
	Missing     int64 // records that the log's own headers promise at least, beyond those read or rejected
	Expired     int64 // events older than those that are kept (store.Retention): read, and not stored
}

// Reading is how records are decoded: what the file is, what was answered for
// it, and as of which change to the decoders: 0 for the newest, else they were
// stored before that change (record.Options.Before) and stay what they were.
type Reading struct {
	Format, Encoding, Zone, Computer, Dates string
	Before                                  int
}

// Reading is how the import's records are decoded.
func (i *Import) Reading() Reading {
	return Reading{Format: i.Format, Encoding: i.Encoding, Zone: i.Zone, Computer: i.Computer, Dates: i.Dates}
}

// Sighting is one place where an event stands: in the file of an import, at an
// offset. Record names its bytes: sightings with the same Record are the same
// to the byte.
type Sighting struct {
	Import  int64
	Offset  int64
	Record  int64
	Raw     string
	Reading Reading
}

// MostVariants is how many different records say what an event is: of more, which
// no log has that nobody has tampered with, those with the least numbers.
const MostVariants = 64

// Decoder makes events of stored records again.
type Decoder interface {
	// Merge makes one event of its sightings, of which there is at least one: of
	// the MostVariants first records.
	Merge(seen []Sighting) (event.Event, error)
}

// Redecoder is a decoder that uses the memory of an event again.
type Redecoder interface {
	// Redecode makes e the event of one sighting. What e was keeps its strings, and
	// nothing of its Fields.
	Redecode(e *event.Event, s Sighting) error
}

// Comparer is a decoder that makes an event of the sightings that it had and of
// those that it has, and decodes a record that is among both once.
type Comparer interface {
	// MergeBoth is Merge of both; the events may share memory.
	MergeBoth(before, after []Sighting) (was, is event.Event, err error)
}

// ErrStale says that another process changed the rules in force since this one
// read them: nothing was stored. rulebook.Book.Retry, alone, reads them again
// and repeats the call.
var ErrStale = errors.New("the rules were changed by another process")

// Add adds what a batch brought; Bytes is where the file is read to.
func (c *Counts) Add(d Counts) {
	c.Bytes, c.Records = d.Bytes, c.Records+d.Records
	c.Read, c.New, c.Duplicate = c.Read+d.Read, c.New+d.New, c.Duplicate+d.Duplicate
	c.Rejected += d.Rejected
	c.Timeless, c.Nameless, c.Zoneless = c.Timeless+d.Timeless, c.Nameless+d.Nameless, c.Zoneless+d.Zoneless
	c.Undated, c.Windows1252, c.Skipped = c.Undated+d.Undated, c.Windows1252+d.Windows1252, c.Skipped+d.Skipped
	c.Missing, c.Expired = c.Missing+d.Missing, c.Expired+d.Expired
}

// Count notes how an event was read.
func (c *Counts) Count(e *event.Event) {
	if e.Zoneless {
		c.Zoneless++
	}
	if e.Dates == event.DatesOpen {
		c.Undated++
	}
	if e.Windows1252 {
		c.Windows1252++
	}
}

// MemberHost is a log in an archive, and the host that most of its events are of.
type MemberHost struct{ Name, Host string }

// Rejection is a stretch of a file that is no complete event.
type Rejection struct {
	Offset int64 // bytes from the start of the (decompressed) file
	Length int64 // bytes of the same, 0 when not known
	Line   int64 // of a text, in which line it begins, from 1 on; 0 when not known, or not yet
	Reason string
	Sample []byte // its first bytes, 200 at most
}

// MaxSamples is how many rejections of an import keep their Sample.
const MaxSamples = 100

// RejectedPart is a part of the bytes of a rejection as they stand in the file.
type RejectedPart struct {
	N    int64 // which rejection of the import, from 0
	Part int64 // which part of it, from 0
	Line int64 // in which line of a text the rejection begins, from 1 on; 0 when it has none
	Data []byte
}

// Batch is a stretch of an import, stored in one transaction.
type Batch struct {
	Import     int64
	Owner      string // the process that runs the import
	From       int64  // how many records of the file come before it
	Events     []event.Event
	Rules      *detection.Rules  // that made Matches
	Matches    []detection.Match // ordered by Event
	Rejections []Rejection
	Packed     []Packed // the first of Events; the store packs what it does not find here
	// Counts brings Bytes, Records and Zoneless; the store counts the rest.
	Counts
}

// Packed is a run of a batch's events, packed as a block that holds just them;
// nil: it is not packed.
type Packed struct {
	Events int
	Block  *block.Packed
}

// Whole is a small file that is stored in one transaction: its import as it
// ends, with Status, Reason, Note and what the file is, and all its records.
type Whole struct {
	Import          // without an ID it is recorded with it; else it was queued, or its process is gone
	From     string // the process that the import with an ID is of
	Batch    *Batch // nil: no records; the store fills in Import and Owner
	Rejected []RejectedPart
	Artifact *artifact.File // what the file says of its server, where it is no log; Batch is nil then
}
