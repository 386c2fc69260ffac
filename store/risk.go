package store

import (
	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// RiskEvent is a risk event with the row of the finding it is of.
type RiskEvent struct {
	detection.RiskEvent
	Row    []string
	Change detection.Kind // of the finding
	// Damaged says that its row, or its finding's, is not what was written: Row and Message
	// do not say what it was, and the score is 0.
	Damaged bool
}

// RiskFilter chooses risk events: those in (After, UpTo].
type RiskFilter struct {
	Object      string // normalised
	Type        string // of the object; "" is system
	Rule        string // "" all
	After, UpTo int64  // seconds
}

// RiskOf asks for risk as of a moment: what is named besides says of whom.
type RiskOf struct {
	Type string // of the risk objects; "" is system
	Rule string // whose risk events count; "" all
	AsOf *int64 // second; nil: each object's own
	Now  int64  // second
}

// Risk is the risk of one risk object at its as-of.
type Risk struct {
	risk.View
	AsOfKind    risk.AsOfKind
	First, Last int64 // second of its first and newest risk event, if Any
	Any         bool  // it ever had a risk event, of the rule asked for
}

// RiskPlace is what the risk events of one rule come to within an hour that are of
// findings with one kind of change.
type RiskPlace struct {
	RuleID      string
	Change      detection.Kind
	First, Last int64 // seconds
	Count       int   // of risk events
}

// Run is what a scheduled run of a rule found of one system.
type Run struct {
	Events int64 // of all its findings
	First  []RiskEvent
}
