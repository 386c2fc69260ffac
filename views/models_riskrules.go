package views

import "time"

// RiskRule is what one rule adds to the risk of a host or user in its period.
type RiskRule struct {
	ID, Name   string
	Techniques []TechniqueRef
	Messages   []string // the rule's own, filled in, the newest first
	More       int      // messages that are not among them
	Events     int64    // risk events
	Score      int64    // of each; where Uneven, the greatest
	Uneven     bool
	Sum        int64 // what they add to the score
	Last       time.Time
	Telling    int64  // of Events: how many touch a module or logging; below 0 unknown
	URL        string // where its findings are listed; "" nowhere
}

// TechniqueRef names an ATT&CK technique: "T1505.004", "persistence".
type TechniqueRef struct{ ID, Tactics string }
