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
	At        time.Time // of the risk event that crossed the threshold; zero unknown
	Crossed   time.Time // the hourly run that first saw the threshold crossed
	OfChange  bool      // it is the gravest change's
	Began     time.Time // the run that first saw the lowest one crossed
	Lowest    int64     // the lowest one; 0 is Splunk ES's 100
	Tactics   int       // of the 7-day rule, with Rules; 0 for the 24-hour sum
	Rules     int
}

// moment is when its threshold was reached, and by when where a list does not know
// it to the second.
func (i Incident) moment() string {
	if i.At.IsZero() {
		return "by " + i.Crossed.UTC().Format(minutes) + " UTC"
	}
	return i.At.UTC().Format(minutes) + " UTC"
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
	Facets Facets
	Views  SavedViews
	Hidden int64  // by the status of their triage alone
	AllURL string // this page with them
}

// HostsFilter is the state of the filter form.
type HostsFilter struct {
	Text       string // q
	AsOf       string // as-of, as typed
	AsOfWrong  string // what is wrong with that
	Sort       string // sort, kept by the form; "" is the default
	Import     string // import, kept by the form
	Severities []Option
	Rules      []Option
	Kept       []Option // filters that the form has no field for
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
	Gravity  string // none, low, medium, high, critical
	Verdict  string // its sentence
	Settled  bool   // what that tells of is closed or suppressed
	Rare     int64  // hosts with the gravest module's name and image; 0 none
	AsOf     time.Time
	AsOfKind AsOfKind
	Last     time.Time         // of its newest event; zero when none has a time
	Strip    [StripCells]int64 // score in each 3 h, on full hours, oldest first; the last holds AsOf
	Notes    int64

	Status     string // of the host's own triage
	StatusOpen bool
	Owner      string
}

// HostPage is the review page of one host.
type HostPage struct {
	Frame
	Dest, Spelling string
	At             time.Time // the as-of in force
	AtKind         AsOfKind
	AsOfText       string // as typed, for the form
	Exports        []Export
	SearchURL      string // all its events of the 7 days
	Cases          *CaseMenu

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

	Names      []HostName // merged with it
	RiskRules  []RiskRule // of Drilldown's risk events, the newest first
	Files      []FileBehind
	FilesInAll int64
}

// HostName is another name of a host, as an analyst said.
type HostName struct {
	Dest, Spelling, Author string
	At                     time.Time
}

// FileBehind is a file that brought events of a host.
type FileBehind struct {
	ID, Name, SHA256 string
	Size, Events     int64 // Events: new ones of the host
	At               time.Time
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
	SearchURL                                                     string // the drilldown itself; "" for none
}
