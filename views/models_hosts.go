package views

import "time"

// Severity is a step of the ramp. The empty one is no risk at all.
type Severity string

// The four steps. Low is risk that crossed no threshold; the others are those
// of the incident crossed.
const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// AsOfKind says how the moment that a score holds for was chosen.
type AsOfKind string

// The three ways, as the store names them.
const (
	Asked  AsOfKind = "asked"
	Now    AsOfKind = "now"
	Newest AsOfKind = "newest"
)

// Incident is a threshold that a dest's risk crossed.
type Incident struct {
	Severity  Severity
	Threshold int64     // the sum that was exceeded or reached; 0 for the 7-day rule
	Sum       int64     // the greatest sum of 24 hours
	Crossed   time.Time // the hourly run that first saw the threshold crossed
	Began     time.Time // the run that first saw the lowest one crossed
	Lowest    int64     // the lowest one; 0 is Splunk ES's 100
	Tactics   int       // of the 7-day rule, with Rules; 0 for the 24-hour sum
	Rules     int
}

// StripCells is how many cells the 7-day strip has, StripHours the length of
// one.
const (
	StripCells = 56
	StripHours = 3
)

// HostsPage is the list of hosts by risk.
type HostsPage struct {
	Frame
	Total int64 // hosts that the filter chooses
	Risky int64 // of these, with risk in their 7 days
	Any   bool  // whether the store holds any host or import at all

	Filter HostsFilter
	Chips  []Chip
	Sorts  map[string]Sort // by "dest", "score", "findings", "last"
	Rows   []HostRow
	Top    int64 // the greatest score of the whole filter: the scale of the bars
	Pager  Pager
	Export []Export
}

// HostsFilter is the state of the filter form.
type HostsFilter struct {
	Text       string // q
	AsOf       string // as-of, as typed
	Sort       string // sort, kept by the form; "" is the default
	Severities []Option
	Rules      []Option
}

// HostRow is one host of the list.
type HostRow struct {
	Dest     string // normalised, for links
	Spelling string // as its newest event spells it
	Severity Severity
	Score    int64
	Incident *Incident // nil: no threshold crossed
	Findings int64     // all
	Open     int64
	Changes  string // "2 modules added, HTTP logging switched off"; "" unknown
	Gravity  string // none, low, medium, high, critical
	Verdict  string // its sentence
	Rare     int64  // hosts with the gravest module's name and image; 0 none
	AsOf     time.Time
	AsOfKind AsOfKind
	Last     time.Time         // of its newest event; zero when none has a time
	Strip    [StripCells]int64 // score in each 3 h, oldest first; the last ends at AsOf
	Notes    int64
}

// HostPage is the review page of one host.
type HostPage struct {
	Frame
	Dest, Spelling string
	Severity       Severity
	Score          int64
	Changes        string    // in the period, in words; "" unknown
	RiskEvents     int64     // in the period
	At             time.Time // the as-of in force
	AtKind         AsOfKind
	AsOfText       string    // as typed, for the form
	First, Last    time.Time // of its events; zero when none has a time
	Events         int64
	Exports        []Export

	Verdict       VerdictPanel
	Timeline      Timeline
	Drilldown     []DrilldownRow // the rows of the rules' second drilldown, one a dest
	Findings      FindingsTable
	RuleName      string // of Findings
	ReplayURL     string // the runs of that rule; "" when it raises no risk
	Rules         []Facet
	Others        []RuleFindings // of the rules that Findings are not of
	Threats       []Threat
	Suppressed    int64  // findings that the rule's filter removed
	ShowURL       string // this page with them, or ("HideURL") without
	HideURL       string
	GroupURL      string // this page grouped by change; "" when it is
	UngroupURL    string
	Unattributed  []Unattributed
	Notes         []NoteView
	NotesPager    Pager // where they are a page of them; its total are those that stand
	NewNote       NoteForm
	FindingsPager Pager
	Triage        TriagePanel
	Bulk          TriageForm // of its findings
	Hidden        int64      // findings that are resolved or closed, while they are not shown
	AllURL        string     // this page with them
	Told          *TriageTold
}

// FindingGroup is the findings of one change.
type FindingGroup struct {
	Words string
	Kind  string // the change's kind
	Rows  []FindingRow
}

// Unattributed is a count of events that the rule matches although they are in
// no row, for a field is missing.
type Unattributed struct {
	Rule    string // its name
	Missing string // "OpCode"
	Count   int64
	URL     string // where they are listed; "" nowhere
}

// DrilldownRow is the second drilldown's row, each list sorted and distinct.
type DrilldownRow struct {
	Object                                                        string
	Score, Count                                                  int64
	First, Last                                                   time.Time
	SearchNames, RiskMessages, Stories, Annotations, ATTCKTactics []string
}

// Timeline is what the risk timeline draws: everything in (From, To].
type Timeline struct {
	Dest       string
	From, To   time.Time
	Marks      []RiskMark // by time
	Rows       []RiskMark // of the table beneath; nil: the marks are
	Pager      Pager      // of Rows
	Score      int64      // of the marks together
	Steps      []SumStep  // by time; the 24-hour sum from each moment on
	Thresholds []Threshold
	Crossed    time.Time // when the incident began; zero for none
	Crossings  []Crossing
	Shades     []Shade
	User       bool   // Dest is a user
	MarkName   string // what a mark is; "" a risk event
}

// Crossing is the moment at which the 24-hour sum reached a threshold: the time of
// the risk event that made it.
type Crossing struct {
	At    time.Time
	Run   time.Time // of the rules' that was the first to see it
	Label string    // "high"
}

// Shade is a span of a timeline in which something could not be seen.
type Shade struct {
	From, To time.Time // To is zero where it goes on
	Label    string    // "HTTP log off"
	Kind     string    // "off", "gap"
}

// RiskMark is one risk event, or several at one place.
type RiskMark struct {
	Time        time.Time // of the first
	All         int       // how many it stands for; below 2 one
	Until       time.Time // of the last one, where there are several
	Uneven      bool      // they have several scores
	Score       int64
	RuleID      string
	RuleName    string
	RiskMessage string // the rule's, filled in
	Message     string // the log's
	Change      string // what it means, in words
	Count       int64  // events in the window
	WindowFrom  time.Time
	WindowTo    time.Time
	FindingID   string
	Lane        Lane
	Name        string // what its label says: a module, an image; "" nothing
	URL         string // where it leads instead of to its finding
}

// SumStep is the 24-hour sum from a moment on.
type SumStep struct {
	At  time.Time
	Sum int64
}

// Threshold is a line across the timeline.
type Threshold struct {
	Value int64
	Label string // "medium over 100"
}
