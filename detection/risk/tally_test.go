package risk_test

import (
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

func TestScore(t *testing.T) {
	for name, tt := range map[string]struct {
		events       []detection.RiskEvent
		plain, atTop int
	}{
		"nothing":                       {nil, 0, 0},
		"one":                           {of("a", 50, T), 50, 50},
		"a rule twice":                  {of("a", 50, T, T+1), 100, 50},
		"the greatest counts, not last": {join(of("a", 20, T), of("a", 90, T+1), of("a", 30, T+2)), 140, 90},
		"two rules":                     {join(of("a", 50, T, T), of("b", 20, T, T, T)), 160, 70},
		"a score of nothing":            {join(of("a", 0, T), of("b", 7, T)), 7, 7},
		"equal scores of two rules":     {join(of("a", 50, T), of("b", 50, T)), 100, 100},
	} {
		if got := plain().Score(tt.events); got != tt.plain {
			t.Errorf("%s: %d, want %d", name, got, tt.plain)
		}
		if got := capped().Score(tt.events); got != tt.atTop {
			t.Errorf("%s, capped: %d, want %d", name, got, tt.atTop)
		}
	}
}

func TestCounts(t *testing.T) {
	for _, tt := range []struct {
		tally        risk.Tally
		plain, atTop int
	}{{risk.Tally{}, 0, 0}, {risk.Tally{Sum: 1050, Top: 50}, 1050, 50}, {risk.Tally{Sum: 50, Top: 50}, 50, 50}} {
		if p, c := plain().Counts(tt.tally), capped().Counts(tt.tally); p != tt.plain || c != tt.atTop {
			t.Errorf("%+v: %d and capped %d, want %d and %d", tt.tally, p, c, tt.plain, tt.atTop)
		}
	}
}
