package views

import (
	"time"

	"escutcheon/event"
)

// FindingsTable is findings under their rule's own columns. The columns count,
// firstTime, lastTime, dest and Message are shown in their own way, any other
// as the log's text.
type FindingsTable struct {
	Columns []string
	Sorts   map[string]Sort // by column
	Rows    []FindingRow
	Groups  []FindingGroup // instead of Rows when they are grouped
	Form    string         // the id of the form that rows are chosen for; "" none
}

// FindingRow is one finding.
type FindingRow struct {
	ID         string
	RuleID     string
	RuleName   string   // shown where findings of several rules stand together
	Dest       string   // normalised
	Cells      []string // in the order of the table's columns
	Count      int64
	First      time.Time
	Last       time.Time
	What       string // in one line: shown where findings of several rules stand together
	Status     string // of its triage, in words
	Open       bool   // there is work left
	Reopened   bool   // by an event that joined
	Owner      string // "" nobody
	Urgency    string // what was set, else its rule's
	Change     string // in words: "module added: EvilModule"; "" unknown
	ChangeKind string // the kind, a short word: "module", "logging", "other"
	ChangeBy   string // what a list of such changes is filtered by: "module added"; "" nothing
	Suppressed bool
	Pending    bool        // its rule's filter is yet to be run over it
	Damaged    bool        // its row is not what was written
	Undecided  bool        // its rule's filter takes more for it than it may
	By         *RuleFilter // the filter that suppresses it; nil: none of ours
}

// FindingsPage is the list of findings.
type FindingsPage struct {
	Frame
	Total      int64
	Suppressed int64 // of the filter, shown or not
	Filter     FindingsFilter
	Chips      []Chip
	Table      FindingsTable
	Pager      Pager
	Export     []Export
	Others     []Export // of the same findings, for other programs
	ManyRules  bool     // findings of several rules: each row names its own
	Hidden     int64    // by the status alone
	AllURL     string   // this page with these
	Triage     TriageForm
	Told       *TriageTold
	Facets     Facets
	Views      SavedViews
}

// FindingsFilter is the state of the filter form.
type FindingsFilter struct {
	Rules      []Option
	Statuses   []Option
	Dest, Text string
	From, To   string // as typed
	Suppressed bool
	Sort       string
	Kept       []Option // filters that the form has no field for
}

// FindingPage is one finding, its events and its rule in short.
type FindingPage struct {
	Frame
	Spelling   string // of the dest
	Columns    []string
	Row        FindingRow
	Events     []EventRow
	Pager      Pager
	Sorts      map[string]Sort // by "time"
	Rule       RuleShort
	Drilldowns []Drilldown
	Notes      []NoteView // those about this finding
	NotesPager Pager      // where they are a page of them; its total are those that stand
	NewNote    NoteForm
	Cases      *CaseMenu
	Export     []Export
	Objects    []ObjectRef // whom it gave risk to
	Threats    []Threat
	Triage     TriagePanel
	Told       *TriageTold
	LikeURL    string // where a filter is proposed that suppresses findings like it
}

// Drilldown is one of a rule's searches, filled in for a finding.
type Drilldown struct {
	Name, SPL string
	URL       string // where Escutcheon shows the same
	Here      string // what that page is: "its events below"
	SearchURL string // the search itself, over what was imported
}

// EventRow is one event of a list; its Fields open in place.
type EventRow struct {
	ID           int64
	Lost         string    // why it cannot be read; then only ID is known
	Time         time.Time // zero: no time
	RecordNumber int64     // event.None when missing
	Code         int64
	Computer     string
	Fields       []event.Field
	Cut          bool // Fields are not whole
	Rendered     bool // the Message is ours
	ImportID     string
	ImportName   string
	ImportSHA256 string // hex, of the file
	Offset       int64
	Brief        string // what tells it from its neighbours: the message, say
}

// EventsPage lists events that are in no finding, with what they lack.
type EventsPage struct {
	Frame
	Heading string
	Dest    string
	Missing string
	Rows    []EventRow
	Pager   Pager
}

// EventPage is one event.
type EventPage struct {
	Frame
	ID       int64
	Dest     string // normalised; "" without a computer
	Spelling string
	Findings []FindingRef // those it is in
	Event    event.Event  // Raw is read only when Show asks for it
	Cut      bool         // the Event's Fields are not whole
	Show     EventShow
	RawURL   string // the original bytes as a download
	RawSize  int64
	Sources  []EventSource // where it was read, the first first

	Search    *SearchRun // that found it; nil: none is known
	Cases     *CaseMenu
	AroundURL string // the events of its host around it; "" where that cannot be asked
}

// EventShow is the tab that is open.
type EventShow string

// The tabs of an event: ?show=raw and ?show=hex are the original bytes.
const (
	ShowFields EventShow = ""
	ShowRaw    EventShow = "raw"
	ShowHex    EventShow = "hex"
)

// FindingRef points to a finding.
type FindingRef struct{ ID, Label string }

// EventSource is the place of an event in a file.
type EventSource struct {
	ImportID, Name, SHA256, Format string
	Offset                         int64
	Zone                           string // used for a time without one; "" when not needed
	RawURL, ShowURL                string // its bytes as a download and on the page
	Shown                          bool   // the page shows these bytes
}
