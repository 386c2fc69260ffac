package detection_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"escutcheon/detection"
)

// TestFacts: facts say at any second what the changes come to that show then,
// until the second that they name.
func TestFacts(t *testing.T) {
	kinds := []detection.Kind{detection.OtherChange, detection.ModuleAdded, detection.ModuleRemoved,
		detection.ModuleAdded | detection.Unsure, detection.HTTPLoggingOff, detection.ModuleAdded | detection.OwnModule}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		type shown struct {
			rule        string
			change      detection.Change
			from, until int64
		}
		var all []shown
		var m detection.FactMaker
		for range r.IntN(30) {
			from := r.Int64N(60)
			s := shown{fmt.Sprint(r.IntN(2)), detection.Change{Kind: kinds[r.IntN(len(kinds))],
				Module: []string{"A", "a", "B"}[r.IntN(3)]}, from, from + 1 + r.Int64N(10)}
			all = append(all, s)
			m.Add(s.rule, s.change, s.from, s.until)
		}
		facts := m.Facts()
		for _, rule := range []string{"", "0", "1"} {
			before, holds := "", int64(math.MinInt64)
			for at := int64(-1); at < 80; at++ {
				var changes []detection.Change
				for _, s := range all {
					if (rule == "" || s.rule == rule) && s.from <= at && at < s.until {
						changes = append(changes, s.change)
					}
				}
				got, until := facts.Words(rule, at)
				if want := detection.Summary(changes); got != want || until <= at || at < holds && got != before {
					t.Fatalf("seed %d, rule %q at %d: %q until %d, want %q; before %q until %d", seed, rule, at, got, until,
						want, before, holds)
				}
				before, holds = got, until
			}
		}
		if len(facts) > 2*(3+2*4) {
			t.Errorf("seed %d: %d facts", seed, len(facts))
		}
	}
}
