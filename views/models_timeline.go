package views

import "time"

// Timeline is what the risk timeline draws: everything in (From, To].
type Timeline struct {
	Dest       string
	From, To   time.Time
	Marks      []RiskMark // by time
	Rows       []RiskMark // of the table beneath, the newest first; nil: the marks are
	Pager      Pager      // of Rows
	Score      int64      // of the marks together
	Steps      []SumStep  // by time; the 24-hour sum from each moment on
	Thresholds []Threshold
	Crossed    time.Time // when the incident began; zero for none
	Crossings  []Crossing
	Shades     []Shade
	MoreShades int      // spans that are not among them
	Counting   bool     // which logs were seen is yet to be counted: spans without any are not among them
	Pictures   []Export // links to the picture alone
	Range      Range    // the form that chooses From and To
	User       bool     // Dest is a user
	MarkName   string   // what a mark is; "" a risk event
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
	Kind     string    // "off", "gap" (no logs), "blind" (not the log of modules), "less" (cleared, off, silent)
}

// Range is the form and the links that choose what a timeline shows. The addresses
// are of the page; "" leads nowhere.
type Range struct {
	Path             string  // of the page
	Kept             []Field // of its query besides
	FromText, ToText string  // as typed, or what is shown
	Wrong, AsOfWrong string  // what is wrong with what was typed
	Chosen           bool
	Whole            string // without a range
	Presets          []RangeLink
	Earlier, Later   string
	Closer, Wider    string
	Latest, First    time.Time // a range ends and begins there at the latest and earliest
}

// RangeLink is a range by its name.
type RangeLink struct {
	Label, URL string
	Name       string // what the script knows it by: "week", "all"; "" no key leads there
	On         bool
}

// Span is a stretch of time; zero times are none.
type Span struct{ From, To time.Time }

// Field is a value that a form carries.
type Field struct{ Name, Value string }

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
	FromFile    bool   // a file of the server says it, and no event: it is no risk
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
