package views

import "time"

// RulePage is one rule.
type RulePage struct {
	Frame
	SearchURL  string // the rule's search, over what was imported
	Rule       RuleShort
	Version    string
	Date       string
	Author     string
	Source     RuleSource
	Disabled   bool
	Running    int      // percent of the stored events it was run over; below 0: all
	UnderWay   string   // what a change of it has left to do, if anything
	Silent     []string // why it cannot fire on the logs at hand
	Looking    bool     // that is being found out
	Schedule   string   // "every hour at :00, over -70m@m to -10m@m"
	Undecided  Undecided
	Risk       []RiskObject
	Threats    []RiskObject
	Message    string // the risk message, with its $fields$
	Warnings   []string
	SPL        string
	Expanded   string // with its macros filled in
	Macros     []Macro
	Drilldowns []Drilldown // not filled in
	YAML       string
	Findings   int64
	Suppressed int64
	RiskEvents int64
	Hosts      int64
	ReplayURL  string // "" when the rule raises no risk
	Editor     FilterEditor
	Off        string // why it is loaded switched off, where that is how it is
	Sigma      *SigmaFacts
}

// SigmaFacts are what a Sigma rule says of itself, beside what others do.
type SigmaFacts struct {
	License, LogSource, Modified string
	Tags                         []string
}

// Undecided counts what of a rule is not decided, because it takes more than it
// may, or not yet: see store.Undecided.
type Undecided struct {
	Events, Rows, Filter, Windows, Pending, Cut, Damaged int64
	EventsURL                                            string // where the events are listed
}

// RuleSource is where a rule is from.
type RuleSource struct {
	File     string // "" built in
	Replaces string // the built-in rule in whose place it runs
	By       string // who sent it to the console; "" where it was read from a file
}

// RulePost is the form by which a rule is loaded.
type RulePost struct{ YAML, Author, Problem string }

// RiskObject is a field that a finding scores; a threat object has no score.
type RiskObject struct {
	Field, Type string
	Score       int64
}

// Macro is one macro that a rule's search uses.
type Macro struct{ Name, Definition, Source string }

// RuleFilter is one filter that a rule had or has.
type RuleFilter struct {
	Expression string // empty: everything passes
	Reason     string
	Author     string
	Created    time.Time
	Expires    time.Time // zero: never
	Expired    bool
	Current    bool
}

// FilterEditor edits the filter of a rule.
type FilterEditor struct {
	Macro   string // the macro that the search calls; "" when it calls none
	Current *RuleFilter
	History []RuleFilter // the newest first

	Expression, Reason, Expires, Author string // as typed
	Problem                             string
	Like                                string // the finding that the expression was proposed for; "" none
	Preview                             *FilterPreview
}

// FilterPreview is what a filter would do.
type FilterPreview struct {
	Problem  string // why it cannot be run; the rest is empty then
	Findings int64  // shown now
	Count    int64  // of these, taken away
	Back     int64  // suppressed now, shown then
	// Undecided are those for which it takes more than it may, Untried those for
	// which there was no time.
	Undecided, Untried int64
	Table              FindingsTable
}

// RulesPage lists the rules.
type RulesPage struct {
	Frame
	Post     RulePost
	Total    int64 // of all, refused ones too
	Fits     int64 // rules that the filter chooses
	Text     string
	Facets   [][]Facet
	Behind   *Behind
	Chips    []Chip
	Views    SavedViews
	Sorts    map[string]Sort
	Rows     []RuleRow
	Pager    Pager
	Refused  []RefusedRule
	More     int64 // refused rules that are not shown
	Problems []Problem
	Kept     []Option // filters that the form has no field for
}

// Behind is how far the rules are that are yet to be run over stored events, and
// of how many the findings are being forgotten or filtered.
type Behind struct {
	Rules, Done, Events, Tidied int64
	Windows                     int64 // that rules are yet to be run over which need all events of one
}

// Facet is one of several filters of which one may be in force.
type Facet struct {
	Label string
	Count int64
	URL   string
	On    bool
}

// RuleRow is one rule of the list.
type RuleRow struct {
	RuleShort
	Source     RuleSource
	Disabled   bool
	Running    int // as of RulePage, as is UnderWay
	UnderWay   string
	Undecided  Undecided
	Failed     string // what it panicked at, in this process: a sentence
	Filter     *RuleFilter
	Score      int64
	Findings   int64 // those that are shown
	Suppressed int64
	Hosts      int64
	RiskEvents int64
	Last       time.Time
}

// RefusedRule is a rule that does not run.
type RefusedRule struct {
	File, Name, ID, Command string
	Line, Column            int // 0 when the fault is not in the search
	Reason                  string
}

// Problem is a sentence about a file.
type Problem struct{ File, Reason string }

// SettingsPage is what analysts set for everybody.
type SettingsPage struct {
	Frame
	Medium, High, Critical, Tactics, Rules string // as typed
	Capped                                 bool
	NoteMandatory                          bool
	Defaults                               [5]int64 // Splunk ES's, in that order
	AreDefault                             bool
	Problem                                string
	Saved                                  bool
	BuiltIn, Templates                     []NoteTemplate
	NewTemplate                            NoteTemplate
	TemplateSaved                          bool
	BuiltInSnippets, Snippets              []NoteTemplate
	NewSnippet                             NoteTemplate
	Notes                                  NotesImport
	SnippetSaved, HasLogo, Originals       bool
	Scrubbed                               time.Time // when all checksums were compared; zero: not yet
	Damages                                []Damage
	Sigma                                  []LevelScore
}

// LevelScore is the score of Sigma rules of a level.
type LevelScore struct{ Level, Score, Default string }

// Damage is something that is not what was written.
type Damage struct{ Object, What string }

// ReplayPage is what the scheduled runs of a rule made of one dest.
type ReplayPage struct {
	Frame
	Rule     RuleShort
	Dest     string // normalised; "" when one is to be chosen
	Spelling string
	Dests    []ReplayDest
	Runs     []ReplayRun // a page of them
	Total    int64
	Pager    Pager
	Score    int64
	Timeline Timeline
	Alone    string // what the rule alone came to, in a sentence
}

// ReplayDest is a dest that a rule fired for.
type ReplayDest struct {
	Dest        string
	Runs        int64
	First, Last time.Time
}

// ReplayRun is one scheduled run that fired.
type ReplayRun struct {
	At, From, To time.Time // the run, and its window
	Findings     []FoundRef
	Count        int64 // findings, those in Findings and the others
	Events       int64
	Score        int64
	Sum          int64 // of 24 hours, of this rule
	All          int64 // of 24 hours, of all rules
	Crossed      *Incident
	Mark         int // of the picture, which is of this run
}

// FoundRef names a finding.
type FoundRef struct {
	ID, RuleID, RuleName, Dest, Label string
	Count                             int64
	Last                              time.Time
}
