package views

import (
	"fmt"
	"strconv"
	"time"

	"escutcheon/event"
)

// CaseRow is a case in a list.
type CaseRow struct {
	ID                                                  int64
	Number, Title                                       string
	Status, Disposition, Severity                       string // Severity "": not said
	Open                                                bool
	Owner, Author, Editor                               string
	Created, Edited                                     time.Time
	Hosts, Findings, Events, Notes, Questions, Answered int64
	Revision                                            int64
	Origin                                              string // its number where it was made, "" here
}

// CaseForm opens a case, with what it is of.
type CaseForm struct {
	Title, Author              string
	Dest, Finding, Event, Note string // its first items
	Artifact, Module           string
	Search                     string // its first question
	Problem                    string
	Unsigned                   bool
}

// mostCaseSearch is how long a search is that can be a case's first question.
const mostCaseSearch = 900

// of says what a case is opened of, "" nothing.
func (f CaseForm) of() string {
	switch {
	case f.Finding != "":
		return "Its first item is the finding, pinned with its events."
	case f.Event != "":
		return "Its first item is event " + VisibleShort(f.Event, 20) + ", pinned with its bytes."
	case f.Artifact != "":
		return "Its first item is file " + VisibleShort(f.Artifact, 20) + " of a server, pinned with its text."
	case f.Module != "":
		return "Its first item is the module, pinned with the events and files that speak of it."
	case f.Dest != "":
		return "Its first item is the host " + VisibleShort(f.Dest, 80) + "."
	case f.Note != "":
		return "Its first item is note " + VisibleShort(f.Note, 20) + "."
	case f.Search != "":
		return "Its first question is what the search finds: " + VisibleShort(f.Search, 200)
	}
	return ""
}

// CasesPage is the list of cases.
type CasesPage struct {
	Frame
	Rows              []CaseRow
	Total             int64
	Pager             Pager
	Sorts             map[string]Sort
	Chips             []Chip
	Statuses          []Option
	Owner, Text, Sort string
	Form              CaseForm
	Import            CaseImport
}

// CaseMenu is what puts a finding, a host, an event, a file, a module or a note into a case.
type CaseMenu struct {
	Field, Ref string // "finding" and its key
	Title      string // of a case that is opened for it
	In         []CaseRow
	Open       []CaseRow // that it can go into
	More       bool      // there are others
	Back       string
}

// AddItemPage is the form that adds something to a case.
type AddItemPage struct {
	Frame
	What string
	Menu *CaseMenu // nil: nothing was chosen
}

// CasePage is a case.
type CasePage struct {
	Frame
	Case            CaseRow
	Verdict         string
	Form            TriageForm
	Items           []CaseItem
	Questions       []CaseQuestion
	Recommendations []CaseRecommendation
	Files           []CaseFile
	Snippets        []Option
	Timeline        CaseTimeline
	Verified        *Verified
	Brought         *CaseBrought
	Exports         []Export
	Problem         string
	Typed           map[string]string // of a form that was not taken
}

// CaseItem is something that was looked at for a case.
type CaseItem struct {
	ID          int64
	Kind        string // "finding", "host", "event", "file", "module" or "note"
	Title, Text string
	Dest        string
	Gravity     string // of a host's verdict
	Status      string // of a finding that is here
	Open        bool
	Why         string
	At          time.Time
	By          string
	URL         string // "" where it is not here
	Pin         Pin
	Author      string
	Added       time.Time
}

// label is what an item is called where it is only named.
func (i CaseItem) label() string {
	what := i.Title
	if i.Kind == "note" {
		what = i.Text
	}
	if i.Pin.ID != 0 {
		return fmt.Sprintf("evidence %d on %s: %s", i.Pin.ID, VisibleShort(or(i.Pin.Spelling, i.Pin.Dest), 60),
			VisibleShort(what, 100))
	}
	return i.Kind + ": " + VisibleShort(what, 100)
}

// of are the items of a kind.
func (p CasePage) of(kind string) (out []CaseItem) {
	for _, i := range p.Items {
		if i.Kind == kind {
			out = append(out, i)
		}
	}
	return out
}

// added are the items that somebody added: hosts are there for their findings too.
func (p CasePage) added() (out []CaseItem) {
	for _, i := range p.Items {
		if i.ID != 0 {
			out = append(out, i)
		}
	}
	return out
}

func (p CasePage) item(id int64) (CaseItem, bool) {
	for _, i := range p.Items {
		if i.ID == id {
			return i, true
		}
	}
	return CaseItem{}, false
}

// CaseQuestion is a question with its answer.
type CaseQuestion struct {
	ID               int64
	Question, Answer string
	Items            []int64 // that carry the answer
	Revision         int64
	Editor           string
	Edited           time.Time
}

func (q CaseQuestion) has(item int64) bool {
	for _, i := range q.Items {
		if i == item {
			return true
		}
	}
	return false
}

// CaseRecommendation is what should be done.
type CaseRecommendation struct {
	ID     int64
	Text   string
	Done   bool
	Author string
	At     time.Time
}

// CaseFile is a file that was attached.
type CaseFile struct {
	ID           int64
	Name, SHA256 string
	Size         int64 // below 0: it is not kept any more
	Why, Author  string
	At           time.Time
}

// Verified is what a verification came to: of each difference the object and what
// differs.
type Verified struct {
	Pins, Copies, Files int64
	Differences, Since  [][2]string
}

func (v Verified) looked() string {
	return Plural(v.Pins, "piece of evidence", "pieces of evidence") + ", " + Plural(v.Copies, "copy", "copies") +
		" of records, " + Plural(v.Files, "attached file")
}

// Pin is pinned evidence.
type Pin struct {
	ID           int64
	Kind         string // "event", "finding", "file" or "module"
	Title, Where string // Where: its log, its rule, or what kind of file or module it is
	Dest         string
	Spelling     string // of the host, in the event
	At           time.Time
	Record, Code int64 // of an event
	Fields       []event.Field
	Cut          bool
	Count, More  int64 // of a finding: its events, and those that are not copied
	Copies       []PinCopy
	Seal, Author string
	Pinned       time.Time
	URL          string // "" where it is not here any more
}

// whereWord is what Where is.
func (p Pin) whereWord() string {
	switch p.Kind {
	case "finding":
		return "Rule"
	case "file", "module":
		return "Kind"
	}
	return "Log"
}

// a is a pin's kind with its article.
func (p Pin) a() string {
	if p.Kind == "event" {
		return "an event"
	}
	return "a " + p.Kind
}

// PinCopy is where a pinned event stood.
type PinCopy struct {
	FileSHA256, FileName, Archive, Format string
	Offset                                int64
	SHA256                                string
}

// EvidencePage is one piece of evidence.
type EvidencePage struct {
	Frame
	Pin      Pin
	Events   []Pin // of a finding; of a module its events and files
	Cases    []CaseRow
	Verified *Verified
}

// CaseURL is the address of a case.
func CaseURL(id int64) string { return "/cases/ESC-" + strconv.FormatInt(id, 10) }

// CaseFileURL is that of a file of a case, EvidenceURL of a piece of evidence.
func CaseFileURL(id, file int64) string { return fmt.Sprintf("%s/files/%d", CaseURL(id), file) }

// AddItemURL is the form that adds a finding, an event, a host or a note to a case.
func AddItemURL(field, ref string) string { return WithQuery("/cases/items", field, ref) }

// EvidenceURL is the address of a piece of evidence.
func EvidenceURL(id int64) string { return fmt.Sprintf("/evidence/%d", id) }

// CaseBrought says how a case came that a case file brought.
type CaseBrought struct {
	Number, File, Version, By string
	Exported, At              time.Time
	Audit                     []AuditRow // the first of Rows
	Rows                      int64
}

// CaseImport is the form that brings a case file, and what became of one.
type CaseImport struct {
	Problem  string
	Conflict bool // it is here already, and differs
}
