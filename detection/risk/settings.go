package risk

import "escutcheon/detection"

// Settings are when risk is an incident, and what counts in a sum.
type Settings struct {
	Medium         int // a 24-hour sum above it is an incident, medium
	High, Critical int // from these on it is high, critical
	Tactics, Rules int // over 7 days, at least so many of both are one too
	// CapPerRule says that of each rule only the greatest score counts in a
	// sum, however often it fires.
	CapPerRule bool
	Sigma      detection.SigmaScores // of Sigma rules by their level
}

// Default are the settings of Splunk ES's two risk incident rules.
func Default() Settings {
	return Settings{Medium: 100, High: 250, Critical: 500, Tactics: 3, Rules: 4,
		Sigma: detection.DefaultScores()}
}

// Valid says whether the thresholds are above 0 and rise, and scores are scores.
func (s Settings) Valid() bool {
	return 0 < s.Medium && s.Medium < s.High && s.High < s.Critical && s.Tactics > 0 && s.Rules > 0 && s.Sigma.Valid()
}

// Severity is a step of the ramp, in ascending order.
type Severity int

// The steps: no risk, risk that is no incident, and those of an incident.
const (
	None Severity = iota
	Low
	Medium
	High
	Critical
)

func (s Severity) String() string {
	return [...]string{"none", "low", "medium", "high", "critical"}[s]
}

// incident is the severity of the incident that a 24-hour sum makes, None when
// it makes none, and the threshold that it crossed.
func (s Settings) incident(sum int) (severity Severity, threshold int) {
	switch {
	case sum >= s.Critical:
		return Critical, s.Critical
	case sum >= s.High:
		return High, s.High
	case sum > s.Medium:
		return Medium, s.Medium
	}
	return None, 0
}
