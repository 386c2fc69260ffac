package risk_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// What an hour's risk events come to says of sums, incidents, the score and the
// row what they say one by one.
func TestTile(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		base := r.Int64N(400_000) - 200_000
		var events []detection.RiskEvent
		for range r.IntN(60) {
			at := base + r.Int64N(80)*h/4 + []int64{0, 1, -1, 50 * 60, 50*60 - 1}[r.IntN(5)]
			e := of(fourRules[r.IntN(4)].ID, 10*r.IntN(9), at)[0]
			e.Message = string(rune('x' + r.IntN(2)))
			events = append(events, e)
		}
		s := []risk.Scorer{plain(), capped()}[seed%2]
		s.Rule = risk.Find(fourRules)
		asOf := base + 22*h // all is in the period
		one, tiled := risk.Hours(events), risk.Tile(risk.Hours(events))
		if len(events) > 30 && len(tiled) == len(one) {
			t.Fatalf("seed %d: nothing was put together", seed)
		}
		a, b := s.Over("h", one, asOf), s.Over("h", tiled, asOf)
		rowA, _ := a.Row()
		rowB, _ := b.Row()
		if a.Score != b.Score || a.Count != b.Count || a.Rules() != b.Rules() || !slices.Equal(a.Steps, b.Steps) ||
			!slices.Equal(a.Incidents, b.Incidents) || !reflect.DeepEqual(rowA, rowB) {
			t.Fatalf("seed %d:\n%+v\n%+v", seed, a, b)
		}
	}
}

// Hour n is (3600·(n − 1), 3600·n], also before 1970.
func TestHourOf(t *testing.T) {
	for second, want := range map[int64]int64{0: 0, 1: 1, 3600: 1, 3601: 2, -1: 0, -3599: 0, -3600: -1, -3601: -1} {
		if got := risk.HourOf(second); got != want {
			t.Errorf("%d is in hour %d, want %d", second, got, want)
		}
	}
}

// Until a view's Until, one that ends later shows the same.
func TestViewUntil(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		var events []detection.RiskEvent
		for range 1 + r.IntN(12) {
			events = append(events, of(fourRules[r.IntN(4)].ID, 60*r.IntN(4), T-r.Int64N(14*24)*h-r.Int64N(3))...)
		}
		s := plain()
		s.Rule = risk.Find(fourRules)
		view := func(asOf int64) risk.View {
			return s.View(slices.DeleteFunc(slices.Clone(events), func(e detection.RiskEvent) bool {
				return e.Time <= asOf-risk.Lookback || e.Time > asOf
			}), asOf)
		}
		for asOf, n := T, 0; n < 30; n++ {
			v := view(asOf)
			until := min(v.Until(), asOf+20*24*h)
			for _, at := range []int64{asOf + 1, (asOf + until) / 2, until - 1} {
				if at < asOf || at >= until {
					continue
				}
				later := view(at)
				if later.Score != v.Score || later.Count != v.Count || later.Severity() != v.Severity() ||
					!slices.Equal(later.Incidents, v.Incidents) {
					t.Fatalf("seed %d: at T%+d %+v, at T%+d, before T%+d, %+v", seed, asOf-T, v, at-T, until-T, later)
				}
			}
			if until == asOf+20*24*h {
				break
			}
			asOf = until
		}
	}
}
