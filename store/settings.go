package store

import "escutcheon/detection"

// Settings are what analysts set for everybody.
type Settings struct {
	// the 24-hour sum above which, or from which on, a risk incident is medium, high, critical
	Medium, High, Critical int64
	Tactics, Rules         int64 // over 7 days: this many make one too
	CapPerRule             bool  // each rule counts once in a score
}

// DefaultSettings are those of Splunk ES.
func DefaultSettings() Settings {
	return Settings{Medium: 100, High: 250, Critical: 500, Tactics: 3, Rules: 4}
}

// Thresholds are the settings as detection takes them.
func (s Settings) Thresholds() detection.Thresholds {
	return detection.Thresholds{Medium: int(s.Medium), High: int(s.High), Critical: int(s.Critical),
		Tactics: int(s.Tactics), Rules: int(s.Rules), Capped: s.CapPerRule}
}
