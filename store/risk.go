package store

import "escutcheon/detection"

// RiskEvent is a risk event with the row of the finding it is of.
type RiskEvent struct {
	detection.RiskEvent
	Row []string
}

// RiskFilter chooses risk events: those in (After, UpTo].
type RiskFilter struct {
	Object      string // normalised
	Type        string // of the object; "" is system
	Rule        string // "" all
	After, UpTo int64  // seconds
}
