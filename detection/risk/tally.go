package risk

import "escutcheon/detection"

// Tally is what the risk events of one rule come to within some span of time:
// all that a score needs of them.
type Tally struct {
	Sum int // of the scores
	Top int // the greatest score, 0 when there is none
}

// Counts is what a rule's tally counts in a sum: every score, or with the cap
// the greatest one, once. A score is the sum of it over the rules, and there is
// no other formula.
func (s Settings) Counts(t Tally) int {
	if s.CapPerRule {
		return t.Top
	}
	return t.Sum
}

// Score is the sum of the scores of risk events.
func (s Settings) Score(events []detection.RiskEvent) int { return s.ScoreOver(Hours(events)) }
