package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"time"
)

// What a pin is of.
const (
	PinEvent   = "event"
	PinFinding = "finding"
	PinFile    = "file"   // of a server
	PinModule  = "module" // a row of a host's ledger
)

// Pin is pinned evidence: what an event, a finding, a file of a server or a module was
// when somebody relied on it. It outlives the import.
type Pin struct {
	ID       int64
	UID      string // of what makes it this event, finding, file or module
	Kind     string
	Ref      string // the number that the event or the file had, the finding's key, or what the module is called by
	Away     bool   // that number is one of another machine
	Dest     string
	At       time.Time // of the event, the finding's last, the file's, the module's first; zero without
	Snapshot []byte    // JSON of an EventSnapshot, FindingSnapshot, FileSnapshot or ModuleSnapshot
	Copies   []PinCopy // of an event or a file, where it stood
	Events   []int64   // of a finding: the pins of its events; of a module those of its events and files
	Seal     string    // as it was written
	Author   string
	Pinned   time.Time
}

// PinCopy is where a pinned event stood, and the copy of its bytes; of a file its text,
// with secrets masked.
type PinCopy struct {
	FileSHA256 string
	FileName   string
	Archive    string // SHA-256 of the archive that held the file, or ""
	Format     string
	Offset     int64
	SHA256     string // of the record's bytes
	Data       []byte // when it is pinned; read by Kept
}

// Field is a field of a pinned event, or a column of a pinned finding.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// EventSnapshot is what a pinned event says.
type EventSnapshot struct {
	Computer string  `json:"computer"`
	Log      string  `json:"log"`
	Provider string  `json:"provider"`
	Record   *int64  `json:"record_number"`
	Code     *int64  `json:"event_code"`
	Time     string  `json:"time"` // RFC 3339, "" without
	Brief    string  `json:"brief"`
	Fields   []Field `json:"fields"`
	Cut      bool    `json:"cut,omitempty"` // fields are left out: the copy of the bytes has all
}

// FindingSnapshot is what a pinned finding says.
type FindingSnapshot struct {
	Key    string  `json:"key"`
	Rule   string  `json:"rule"`
	RuleID string  `json:"rule_id"`
	Dest   string  `json:"dest"`
	Title  string  `json:"title"`
	Count  int64   `json:"count"`
	First  string  `json:"first_time"`
	Last   string  `json:"last_time"`
	Row    []Field `json:"row"`
	More   int64   `json:"events_not_copied,omitempty"`
}

// HostSnapshot and NoteSnapshot are what items of a case say of hosts and notes.
type HostSnapshot struct {
	Dest     string `json:"dest"`
	Spelling string `json:"spelling"`
	Gravity  string `json:"gravity"`
	Verdict  string `json:"verdict"`
}

// NoteSnapshot is what a note was.
type NoteSnapshot struct {
	Dest    string `json:"dest"`
	Finding string `json:"finding,omitempty"`
	Author  string `json:"author"`
	Created string `json:"created"`
	Edited  string `json:"edited"`
	Text    string `json:"text"`
}

// MaxPinEvents is how many events of a finding are copied with it, MaxPinCopies of
// how many places of an event.
const (
	MaxPinEvents = 200
	MaxPinCopies = 8
)

// SumOf is the SHA-256 of bytes, in hex.
func SumOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// Sum is the SHA-256 of texts, none of which runs into the next.
func Sum(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		addText(h, t)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func addText(h hash.Hash, t string) {
	fmt.Fprintf(h, "%d:", len(t))
	h.Write([]byte(t))
}

// Sealed is what the pin's seal must be. events are the UIDs of a finding's events.
func (p Pin) Sealed(events []string) string {
	texts := []string{p.Kind, p.UID, p.Ref, p.Dest, stamp(p.At), string(p.Snapshot), p.Author, stamp(p.Pinned)}
	copies := slices.Clone(p.Copies)
	slices.SortFunc(copies, func(a, b PinCopy) int {
		if a.FileSHA256 != b.FileSHA256 {
			return compareText(a.FileSHA256, b.FileSHA256)
		}
		return int(max(-1, min(1, a.Offset-b.Offset)))
	})
	for _, c := range copies {
		texts = append(texts, c.FileSHA256, c.FileName, c.Archive, c.Format, fmt.Sprint(c.Offset), c.SHA256)
	}
	events = slices.Sorted(slices.Values(events))
	return Sum(append(texts, events...)...)
}

func compareText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Event is what a pinned event says.
func (p Pin) Event() (e EventSnapshot) {
	_ = json.Unmarshal(p.Snapshot, &e) // a damaged one says nothing: Verify names it
	return e
}

// Finding is what a pinned finding says.
func (p Pin) Finding() (f FindingSnapshot) {
	_ = json.Unmarshal(p.Snapshot, &f)
	return f
}

// Difference is something that verification found to be other than it was.
type Difference struct {
	Object string `json:"object"` // "evidence 4", "file 2"
	What   string `json:"what"`
}

// Verified is what the verification of evidence came to.
type Verified struct {
	Pins, Copies, Files int64
	Differences         []Difference
	Since               []Difference // what the logs here do not say any more: no damage, and not db's to know
}
