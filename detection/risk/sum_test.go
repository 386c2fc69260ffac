package risk_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// When a risk event comes into the 24-hour sum and when it leaves: at the run
// that covers its window (ten minutes before the run and earlier), and at the
// first run with a time 24 hours past it.
func TestSum24(t *testing.T) {
	for name, tt := range map[string]struct {
		events       []detection.RiskEvent
		plain, atTop []risk.Step
	}{
		"nothing":                       {nil, nil, nil},
		"on the hour":                   {of("a", 50, T), []risk.Step{{T + h, 50}, {T + 24*h, 0}}, nil},
		"a second past the hour":        {of("a", 50, T+1), []risk.Step{{T + h, 50}, {T + 25*h, 0}}, nil},
		"a second before the hour":      {of("a", 50, T-1), []risk.Step{{T + h, 50}, {T + 24*h, 0}}, nil},
		"the last of a window":          {of("a", 50, T+50*60-1), []risk.Step{{T + h, 50}, {T + 25*h, 0}}, nil},
		"the first of the next":         {of("a", 50, T+50*60), []risk.Step{{T + 2*h, 50}, {T + 25*h, 0}}, nil},
		"before 1970":                   {of("a", 50, -h-1), []risk.Step{{0, 50}, {23 * h, 0}}, nil},
		"a score of nothing is no step": {of("a", 0, T), nil, nil},
		"one takes the other's place": {of("a", 50, T, T+23*h),
			[]risk.Step{{T + h, 50}, {T + 47*h, 0}}, nil},
		"24 hours apart there is a gap": {of("a", 50, T, T+24*h),
			[]risk.Step{{T + h, 50}, {T + 24*h, 0}, {T + 25*h, 50}, {T + 48*h, 0}}, nil},
		"equal scores of a rule": {of("a", 50, T, T+h),
			[]risk.Step{{T + h, 50}, {T + 2*h, 100}, {T + 24*h, 50}, {T + 25*h, 0}},
			[]risk.Step{{T + h, 50}, {T + 25*h, 0}}},
		"the greatest comes and goes": {join(of("a", 20, T), of("a", 90, T+h), of("a", 20, T+2*h)),
			[]risk.Step{{T + h, 20}, {T + 2*h, 110}, {T + 3*h, 130}, {T + 24*h, 110}, {T + 25*h, 20}, {T + 26*h, 0}},
			[]risk.Step{{T + h, 20}, {T + 2*h, 90}, {T + 25*h, 20}, {T + 26*h, 0}}},
		"two rules": {join(of("a", 50, T, T), of("b", 30, T+h)),
			[]risk.Step{{T + h, 100}, {T + 2*h, 130}, {T + 24*h, 30}, {T + 25*h, 0}},
			[]risk.Step{{T + h, 50}, {T + 2*h, 80}, {T + 24*h, 30}, {T + 25*h, 0}}},
	} {
		if tt.atTop == nil {
			tt.atTop = tt.plain
		}
		for range 3 {
			if got := plain().Sum24(tt.events); !slices.Equal(got, tt.plain) {
				t.Errorf("%s:\n got %v\nwant %v", name, got, tt.plain)
			}
			if got := capped().Sum24(tt.events); !slices.Equal(got, tt.atTop) {
				t.Errorf("%s, capped:\n got %v\nwant %v", name, got, tt.atTop)
			}
			slices.Reverse(tt.events)
		}
	}
}

// The step line against the definition, run by run: the score of the risk
// events of runs ≤ H with a time in (H − 24 h, H].
func TestSum24ByDefinition(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		var events []detection.RiskEvent
		base := r.Int64N(400_000) - 200_000
		for range r.IntN(40) {
			at := base + r.Int64N(60)*h/2 + []int64{0, 1, -1, 50 * 60, 50*60 - 1}[r.IntN(5)]
			events = append(events, of(string(rune('a'+r.IntN(3))), 10*r.IntN(4), at)...)
		}
		s := []risk.Scorer{plain(), capped()}[seed%2]
		steps := s.Sum24(events)
		for run := (base/h - 3) * h; run < base+80*h; run += h {
			var in []detection.RiskEvent
			for _, e := range events {
				if e.RunAt() <= run && e.Time > run-24*h && e.Time <= run {
					in = append(in, e)
				}
			}
			if want, got := s.Score(in), risk.SumAt(steps, run); got != want {
				t.Fatalf("seed %d, run %d: %d, want %d (%v)", seed, run, got, want, steps)
			}
		}
		for i, step := range steps {
			if before := risk.SumAt(steps, step.At-1); before == step.Sum || i == len(steps)-1 && step.Sum != 0 {
				t.Fatalf("seed %d: step %d of %v goes nowhere, or the last is not 0", seed, i, steps)
			}
		}
	}
}

// A risk event whose run is later than it can count is in no sum.
func TestSum24TooLate(t *testing.T) {
	for hours, want := range map[int64]int{22: 2, 23: 0, 30: 0} {
		e := of("a", 50, T)
		e[0].WindowStart += hours * h // its run is an hour after
		if got := plain().Sum24(e); len(got) != want {
			t.Errorf("%d hours late: %v", hours, got)
		}
	}
}

func TestSumAt(t *testing.T) {
	steps := []risk.Step{{10, 5}, {20, 7}, {30, 0}}
	for at, want := range map[int64]int{9: 0, 10: 5, 19: 5, 20: 7, 29: 7, 30: 0, 1000: 0} {
		if got := risk.SumAt(steps, at); got != want {
			t.Errorf("at %d: %d, want %d", at, got, want)
		}
	}
	if risk.SumAt(nil, 0) != 0 {
		t.Error("a sum of no steps")
	}
}

func BenchmarkIncidents(b *testing.B) {
	var events []detection.RiskEvent
	for i := range int64(10_000) {
		events = append(events, of(fmt.Sprint(i%7), 50, i*977)...)
	}
	for _, s := range []risk.Scorer{plain(), capped()} {
		b.Run(fmt.Sprint("capped=", s.CapPerRule), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Incidents(events)
			}
		})
	}
}
