package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/triage"
)

// Case is an investigation over any number of hosts.
type Case struct {
	ID          int64  // its number
	UID         string // the same on every machine
	Origin      string // its number where it was made, "" here
	Title       string
	Status      triage.Status
	Disposition triage.Disposition
	Severity    triage.Urgency
	Owner       string // "" for nobody
	Verdict     string // Markdown
	Revision    int64
	Author      string
	Created     time.Time
	Editor      string
	Edited      time.Time

	// How many there are of it.
	Hosts, Findings, Events, Notes, Questions, Answered int64
}

// Number is what a case is called: ESC-12.
func (c Case) Number() string { return CaseNumber(c.ID) }

// CaseNumber is what the case of an id is called.
func CaseNumber(id int64) string { return fmt.Sprintf("ESC-%d", id) }

// ParseCaseNumber reads "12" and "ESC-12", in any case of letters.
func ParseCaseNumber(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 4 && strings.EqualFold(text[:4], "ESC-") {
		text = text[4:]
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && text[0] != '+'
}

// CaseFilter chooses cases.
type CaseFilter struct {
	Status triage.Set
	Owner  string // "" any
	Text   string // in title, verdict or number
}

// What an item of a case is.
const (
	ItemFinding = "finding"
	ItemHost    = "host"
	ItemEvent   = "event"
	ItemNote    = "note"
	ItemFile    = "file"
	ItemModule  = "module"
)

// Pinned says whether an item of a kind is kept as evidence, whose kind is the same.
func Pinned(item string) bool { return slices.Contains(PinKinds, item) }

// CaseItem is something that was looked at for a case.
type CaseItem struct {
	ID       int64
	Case     int64
	Kind     string
	Ref      string // a finding's key, a dest, a pin's UID, a note's number, what a module is called by
	Pin      int64  // 0: of a host or a note
	Why      string
	Snapshot []byte // JSON: what it was when it was added
	Author   string
	Added    time.Time
}

// CaseQuestion is a question of a case, with its answer.
type CaseQuestion struct {
	ID       int64
	Case     int64
	Question string
	Answer   string  // Markdown, "" while it is open
	Items    []int64 // that carry the answer
	Revision int64
	Author   string
	Created  time.Time
	Editor   string
	Edited   time.Time
}

// CaseRecommendation is what a case says should be done.
type CaseRecommendation struct {
	ID     int64
	Case   int64
	Text   string // Markdown
	Done   bool
	Author string
	At     time.Time
}

// CaseFile is a file that was attached to a case.
type CaseFile struct {
	ID     int64
	Case   int64
	Name   string // data, never a path
	SHA256 string
	Size   int64
	Why    string
	Author string
	At     time.Time
}

// Snippet is a text that a recommendation can begin with.
type Snippet struct {
	ID       int64
	Name     string
	Text     string
	Revision int64
}

// WholeCase is all that a case holds.
type WholeCase struct {
	Case
	Items           []CaseItem
	Questions       []CaseQuestion
	Recommendations []CaseRecommendation
	Files           []CaseFile
	Pins            map[int64]Pin // of the items, and of the events of their findings
}

// What there may be of a case, in bytes and in numbers.
const (
	MaxCaseTitle   = 200
	MaxCaseText    = 20_000 // a verdict, an answer, a recommendation
	MaxQuestion    = 1_000
	MaxWhy         = 1_000
	MaxItems       = 2_000
	MaxQuestions   = 200
	MaxAttachments = 200
	MaxAttachment  = 25 << 20
	MaxSnippets    = 100
)
