package views

import "time"

// UsersPage is the list of users by risk.
type UsersPage struct {
	Frame
	Total, Risky, Top int64
	Text, AsOfText    string
	AsOfWrong         string // what is wrong with the as-of
	Sort              string
	Sorts             map[string]Sort
	Views             SavedViews
	Facets            Facets
	Kept              []Option // filters that the form has no field for
	Chips             []Chip
	Rows              []UserRow
	Pager             Pager
}

// UserRow is one user of the list.
type UserRow struct {
	Name       string
	Severity   Severity
	Score      int64
	Incident   *Incident
	RiskEvents int64
	Rules      int64
	Findings   int64
	AsOf       time.Time
	AsOfKind   AsOfKind
	Last       time.Time
	Strip      [StripCells]int64
}

// UserPage is the review page of one user.
type UserPage struct {
	Frame
	Name        string
	Score       int64
	RiskEvents  int64
	Rules       int64
	Incidents   []Incident
	At          time.Time
	AtKind      AsOfKind
	AsOfText    string
	First, Last time.Time // of its risk events
	Timeline    Timeline
	Drilldown   []DrilldownRow
	RiskRules   []RiskRule
	Findings    []FoundRef // a page of them
	Threats     []Threat

	FindingsPager Pager
}

// Threat is a threat object: what the threat came by, as the rule's row has it.
type Threat struct {
	Type, Value string
	Here        int64 // findings on this page that have it
	Findings    int64 // all that have it
	Hosts       int64
	URL         string // where they are listed; "" nowhere
}

// ThreatPage is the findings of a threat object.
type ThreatPage struct {
	Frame
	Threat   Threat
	Findings []FoundRef // a page of them
	Pager    Pager
}

// ObjectRef names a risk object.
type ObjectRef struct{ Type, Name string }

// RuleFindings is the findings of one more rule on a host's page.
type RuleFindings struct {
	RuleID, RuleName string
	Count            int64 // of these, Table has the first
	URL              string
	Table            FindingsTable
}
