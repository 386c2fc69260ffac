package views

import (
	"encoding/json"
	"time"
)

// Status is the state of an import.
type Status string

// The states of the contract.
const (
	Asking    Status = "asking" // waits for an answer
	Queued    Status = "queued"
	Running   Status = "running"
	Done      Status = "done"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
	Deleting  Status = "deleting" // in part: it goes on by itself
	Feeding   Status = "feeding"  // a live feed adds to it, until its day is over
)

// ImportRow is one file that was brought in.
type ImportRow struct {
	ID          string
	Name        string
	SHA256      string
	Size        int64  // bytes as uploaded
	Format      string // in words; "" not known yet
	Kind        string // the same as a list is filtered by it
	Encoding    string // "UTF-16LE"; "" nothing to say
	Compression string // "gzip"; "" none
	Carrier     string // "a packet capture (pcap)": what the log was found in; "" the file is the log
	Archive     bool   // it holds members
	Zone        string // for times without one
	ZoneUsed    bool   // some times had none
	Computer    string // for records without one
	Site        string // of a web server, by the folder that the file lies in
	Dates       string // the order of day and month chosen: "mdy", "dmy" or ""
	Undated     int64  // records whose date was read in an order that it leaves open
	Note        string // what a person should know: sentences
	Windows1252 int64  // records that are no UTF-8
	Skipped     int64  // members that are no logs
	Missing     int64  // records that the headers of a log promise, and that are not in it
	Expired     int64  // events that are older than what is kept: not stored
	Lacks       string // the same as a sentence
	Status      Status
	Failure     string // the sentence of a failed import
	Brief       string // the same in short, for a list
	Stalled     string // why it stands still: a sentence
	Read        int64  // New + Duplicate
	New         int64
	Duplicate   int64
	Rejected    int64
	NoTime      int64 // of Read
	NoComputer  int64 // of Read
	Bytes       int64 // done of Total
	Total       int64
	Created     time.Time
	Started     time.Time // zero before
	Ended       time.Time // zero before
	Rate        float64   // bytes a second, now or over the whole
	Events      float64   // events a second
	Left        time.Duration
	By          string // who; "" unknown
	SameAs      string // the import that it repeats; "" none
	Replaces    string // the import whose place it took; "" none
	Parent      string // the archive it is a member of; "" none
	Ordinal     int64  // which member
	Risk        *ImportRisk
	MembersDone int64 // of an archive that is read
	MembersAll  int64 // 0: not known
}

// ImportRisk says which hosts of an import have risk now.
type ImportRisk struct {
	Hosts int64
	First []RiskyHost
	URL   string // the list of all of them
}

// RiskyHost is a host with risk, in short.
type RiskyHost struct {
	Dest, Spelling string
	Gravity        string // "none", "low" …
	Score          int64
}

// ImportsPage lists the imports, newest first.
type ImportsPage struct {
	Frame
	Any     bool
	Total   int64 // that the filter chooses
	Text    string
	Views   SavedViews
	Sorts   map[string]Sort
	Chips   []Chip
	Kept    []Option // filters that the form has no field for
	Facets  Facets
	Rows    []ImportRow
	Pager   Pager
	Waits   []WaitGroup // files that wait for the same answers
	Deleted string      // the import that was deleted just now; "" none
}

// WaitGroup is files that leave the same open.
type WaitGroup struct {
	Count  int64
	More   bool   // there are more than Count
	Locked bool   // they wait for a password
	What   string // "the zone and the computer"
	URL    string // where to answer for all of them
	Files  []ImportRef
}

// ImportRef names an import.
type ImportRef struct{ ID, Name string }

// ImportPage is one import.
type ImportPage struct {
	Frame
	Import      ImportRow
	Archive     *ImportRef // that it is a member of
	Ask         *AskForm
	Password    *PasswordForm
	Members     *Members
	Again       *AgainForm
	Rejections  []Rejection // the first 100
	RejectedURL string      // all of them as a download
	DeleteURL   string
	CancelURL   string
	OriginalURL string           // "" it is not kept
	Next        *ImportRef       // another one that waits for an answer
	Hosts       []HostRef        // whose events it brought
	Artifacts   []ImportArtifact // files in it that are no logs, and were read
	MoreFiles   bool             // there are more of them
}

// ImportArtifact is a file of a server that is no log, as its import shows it.
type ImportArtifact struct {
	ID               int64
	Kind, Path, Dest string
}

// AskForm asks what a file leaves open.
type AskForm struct {
	ID                        string
	AskZone, AskCom, AskDates bool
	OfServer                  bool   // it is no log, but a file of a server
	Zone, Computer, Dates     string // as answered so far
	ZoneKnown                 bool   // the examples are read by Zone
	Examples                  []Example
	MonthFirst, DayFirst      string // "10/12/2025 → 12 October 2025"
	Others                    int64  // files that leave the same open
	UseOthers                 bool
	Problem                   string
}

// Example is a record as its file has it and as it would be read now.
type Example struct {
	Written  string // its time
	Time     time.Time
	Zone     string // by which it is read; "" when it names its own
	Computer string
	Code     int64 // event.None: none
	Start    string
}

// PasswordForm asks for the password of an archive.
type PasswordForm struct {
	ID    string
	Wrong bool   // one was given, and it did not open it
	Given string // that one
}

// Members is a page of what an archive holds.
type Members struct {
	Rows      []ImportRow
	Total     int64
	Counts    []MemberCount // by status
	Rejecting *MemberCount  // those with rejected records; nil: none has any
	Shown     string        // the status that alone is shown, or Rejecting's; "" all
	AllURL    string        // the page with all of them; "" it is
	Pager     Pager
}

// Matching is how many members are like those shown.
func (m *Members) Matching() int64 {
	if m.Rejecting != nil && m.Shown == m.Rejecting.Status {
		return m.Rejecting.Count
	}
	for _, n := range m.Counts {
		if n.Status == m.Shown {
			return n.Count
		}
	}
	if m.Shown != "" {
		return 0
	}
	return m.Total
}

// MemberCount is how many members have a status, and where they are listed.
type MemberCount struct {
	Status string
	Count  int64
	URL    string
}

// AgainForm imports a file again with other answers.
type AgainForm struct {
	Zone, Computer, Dates             string
	ZoneMatters, ComMatters, DMatters bool
}

// DeletePage asks whether an import is to go.
type DeletePage struct {
	Frame
	Import   ImportRow
	Members  int64
	Counted  bool // Events, Findings and Hosts are known
	Events   int64
	Findings int64
	Hosts    int64
	Heir     string // the import of the same file that takes its place; "" none
}

// HostRef names a host and how many things it is said of.
type HostRef struct {
	Dest, Spelling string
	Count          int64
}

// Rejection is one record that could not be read.
type Rejection struct {
	Offset int64
	Length int64 // 0 when not known
	Line   int64 // likewise
	Reason string
	Sample []byte // the first 200 bytes
}

// ImportJSON is an import as GET /imports/{id} answers it to a program; the
// live page reads it too.
type ImportJSON struct {
	ID          json.Number  `json:"id"`
	Name        string       `json:"name"`
	URL         string       `json:"url"`
	SHA256      string       `json:"sha256"`
	Size        int64        `json:"size"`
	Format      string       `json:"format"`
	Encoding    string       `json:"encoding,omitempty"`
	Compression string       `json:"compression,omitempty"`
	Carrier     string       `json:"carrier,omitempty"` // the file of another kind that the log was found in
	Zone        string       `json:"zone"`
	Computer    string       `json:"computer"`
	Dates       string       `json:"dates,omitempty"`
	Site        string       `json:"site,omitempty"`
	Status      Status       `json:"status"`
	Asks        []string     `json:"asks,omitempty"` // "zone", "computer", "dates", "password"
	Read        int64        `json:"read"`
	New         int64        `json:"new"`
	Duplicate   int64        `json:"duplicate"`
	Rejected    int64        `json:"rejected"`
	Missing     int64        `json:"missing"`           // promised by the log's headers, beyond those read
	Expired     int64        `json:"expired"`           // older than what is kept: not stored
	Skipped     int64        `json:"skipped,omitempty"` // members that are no logs
	Bytes       int64        `json:"bytes"`             // done
	Total       int64        `json:"total"`             // 0 when not known
	Rate        float64      `json:"bytes_per_second"`  // 0 when not known
	Events      float64      `json:"events_per_second"` // 0 when not known
	Left        float64      `json:"seconds_left"`      // 0 when not known
	Failure     string       `json:"failure,omitempty"`
	Note        string       `json:"note,omitempty"`
	Stalled     string       `json:"stalled,omitempty"`
	SameAs      json.Number  `json:"same_as,omitempty"`
	Replaces    json.Number  `json:"replaces,omitempty"`
	Archive     json.Number  `json:"archive,omitempty"`      // that it is a member of
	MembersDone int64        `json:"members_done,omitempty"` // of an archive that is read
	MembersAll  int64        `json:"members_total,omitempty"`
	Risk        *RiskJSON    `json:"risk,omitempty"`         // of one that has ended
	Members     []MemberJSON `json:"members,omitzero"`       // of an archive
	MembersNext string       `json:"members_next,omitempty"` // where the members after these are
}

// RiskJSON says which hosts of an import have risk now.
type RiskJSON struct {
	Hosts int64          `json:"hosts"`
	First []RiskHostJSON `json:"first"` // the gravest first
	URL   string         `json:"url"`   // the list of all of them
}

// RiskHostJSON is one of them.
type RiskHostJSON struct {
	Dest    string `json:"dest"`
	Gravity string `json:"gravity"`
	Score   int64  `json:"score"`
}

// MemberJSON is a member of an archive as a program gets it.
type MemberJSON struct {
	ID        json.Number `json:"id"`
	Name      string      `json:"name"`
	URL       string      `json:"url"`
	SHA256    string      `json:"sha256,omitempty"`
	Size      int64       `json:"size"`
	Format    string      `json:"format"`
	Carrier   string      `json:"carrier,omitempty"`
	Status    Status      `json:"status"`
	Read      int64       `json:"read"`
	New       int64       `json:"new"`
	Duplicate int64       `json:"duplicate"`
	Rejected  int64       `json:"rejected"`
	Missing   int64       `json:"missing"`
	Reason    string      `json:"reason,omitempty"`
	Note      string      `json:"note,omitempty"`
	SameAs    json.Number `json:"same_as,omitempty"`
}

// JSON is the row as a program gets it.
func (r ImportRow) JSON() ImportJSON {
	return ImportJSON{ID: json.Number(r.ID), Name: r.Name, URL: ImportURL(r.ID), SHA256: r.SHA256, Size: r.Size,
		Format:   r.Format,
		Encoding: r.Encoding, Compression: r.Compression, Carrier: r.Carrier,
		Zone: r.Zone, Computer: r.Computer, Dates: r.Dates, Site: r.Site,
		Status: r.Status,
		Read:   r.Read, New: r.New, Duplicate: r.Duplicate, Rejected: r.Rejected, Missing: r.Missing, Skipped: r.Skipped,
		Expired: r.Expired,
		Bytes:   r.Bytes, Total: r.Total, Rate: r.Rate, Events: r.Events, Left: r.Left.Seconds(), Failure: r.Failure,
		Note: r.Note, Stalled: r.Stalled, MembersDone: r.MembersDone, MembersAll: r.MembersAll, Risk: r.Risk.json(),
		SameAs: json.Number(r.SameAs), Replaces: json.Number(r.Replaces), Archive: json.Number(r.Parent)}
}

// Member is the row as a program gets it inside its archive.
func (r ImportRow) Member() MemberJSON {
	return MemberJSON{ID: json.Number(r.ID), Name: r.Name, URL: ImportURL(r.ID), SHA256: r.SHA256, Size: r.Size,
		Format: r.Format, Carrier: r.Carrier, Status: r.Status,
		Read: r.Read, New: r.New, Duplicate: r.Duplicate, Rejected: r.Rejected, Missing: r.Missing,
		Reason: r.Failure, Note: r.Note,
		SameAs: json.Number(r.SameAs)}
}

func (r *ImportRisk) json() *RiskJSON {
	if r == nil {
		return nil
	}
	j := &RiskJSON{Hosts: r.Hosts, First: []RiskHostJSON{}, URL: r.URL}
	for _, h := range r.First {
		j.First = append(j.First, RiskHostJSON{h.Dest, h.Gravity, h.Score})
	}
	return j
}

// order is the order of day and month in words.
func (r ImportRow) order() string {
	switch r.Dates {
	case "mdy":
		return "month first"
	case "dmy":
		return "day first"
	}
	return "as found"
}

func (r Rejection) length() string { return numIf(r.Length) }

func (r Rejection) line() string { return numIf(r.Line) }

// numIf is a number where it is known.
func numIf(n int64) string {
	if n <= 0 {
		return ""
	}
	return Num(n)
}
