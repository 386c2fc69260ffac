package detection_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/detection"
)

const h = int64(3600)

func TestIncidents(t *testing.T) {
	T := int64(1_000_000 * h) // an hour
	for _, tt := range []struct {
		name   string
		events []detection.RiskEvent
		want   string
	}{
		{"exactly 100 is none", risk("r", T, T+1), "[]"},
		{"150 is medium; runs at T+1 to T+23", risk("r", T, T, T), fmt.Sprint([]detection.Incident{
			{Severity: detection.Medium, From: T + h, To: T + 23*h, Peak: 150, PeakAt: T + h}})},
		{"250 is high", risk("r", T, T, T, T, T), fmt.Sprint([]detection.Incident{
			{Severity: detection.High, From: T + h, To: T + 23*h, Peak: 250, PeakAt: T + h}})},
		{"grows to critical", append(risk("r", T, T, T), risk("r", T+3*h, T+3*h, T+3*h, T+3*h, T+3*h, T+3*h, T+3*h)...), fmt.Sprint([]detection.Incident{
			{Severity: detection.Critical, From: T + h, To: T + 26*h, Peak: 500, PeakAt: T + 4*h}})},
		{"two stretches", append(risk("r", T, T, T), risk("r", T+48*h, T+48*h, T+48*h)...), fmt.Sprint([]detection.Incident{
			{Severity: detection.Medium, From: T + h, To: T + 23*h, Peak: 150, PeakAt: T + h},
			{Severity: detection.Medium, From: T + 49*h, To: T + 71*h, Peak: 150, PeakAt: T + 49*h}})},
		{"one second past the hour is there a run longer", risk("r", T+1, T+1, T+1), fmt.Sprint([]detection.Incident{
			{Severity: detection.Medium, From: T + h, To: T + 24*h, Peak: 150, PeakAt: T + h}})},
		{"late in the hour: the run after next", risk("r", T+50*60, T+50*60, T+50*60), fmt.Sprint([]detection.Incident{
			{Severity: detection.Medium, From: T + 2*h, To: T + 24*h, Peak: 150, PeakAt: T + 2*h}})},
		{"24 hours apart never meet", risk("r", T, T, T+24*h), "[]"},
	} {
		if got := fmt.Sprint(detection.Incidents(tt.events, nil)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// The step line against the definition, run by run.
func TestSum24ByDefinition(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		var events []detection.RiskEvent
		base := r.Int64N(400_000) - 200_000
		for range r.IntN(40) {
			at := base + r.Int64N(60)*h/2 + []int64{0, 1, -1, 50 * 60, 50*60 - 1}[r.IntN(5)]
			events = append(events, risk("r", at)...)
		}
		steps := detection.Sum24(events)
		for run := (base/h - 3) * h; run < base+80*h; run += h {
			want := 0
			for _, e := range events {
				if e.RunAt() <= run && e.Time > run-24*h && e.Time <= run {
					want += e.Score
				}
			}
			got := 0
			for _, s := range steps {
				if s.At <= run {
					got = s.Sum
				}
			}
			if got != want {
				t.Fatalf("seed %d, run %d: %d, want %d (%v)", seed, run, got, want, steps)
			}
			if detection.SeverityAt(steps, run) != detection.SeverityOf(want) {
				t.Fatal("severity")
			}
		}
		if n := len(steps); n > 0 && steps[n-1].Sum != 0 {
			t.Fatal("the line does not end at 0")
		}
	}
}

func TestTacticIncidents(t *testing.T) {
	T := int64(1_000_000 * h)
	var rules []*detection.Rule
	for i, technique := range []string{"T1505.004", "T1505", "T1562.002", "T1059.001"} {
		rules = append(rules, &detection.Rule{ID: fmt.Sprint(i), Tags: detection.Tags{MitreAttackID: []string{technique}}})
	}
	at := func(seconds ...int64) []detection.RiskEvent {
		var out []detection.RiskEvent
		for i, s := range seconds {
			e := risk(fmt.Sprint(i), s)
			e[0].Score = 1
			out = append(out, e...)
		}
		return out
	}
	want := fmt.Sprint([]detection.Incident{{Kind: detection.ByTactics, Severity: detection.Medium,
		From: T + 4*h, To: T + 167*h, Peak: 3, PeakAt: T + 4*h, Rules: 4}})
	for name, tt := range map[string]struct {
		events []detection.RiskEvent
		want   string
	}{
		"four rules, three tactics":  {at(T, T+h, T+2*h, T+3*h), want},
		"three rules, three tactics": {at(T, T, T, T)[1:], "[]"},
		"four rules, two tactics":    {append(at(T, T, T), risk("none", T)[0]), "[]"},
		"seven days apart":           {at(T, T+h, T+2*h, T+168*h), "[]"},
	} {
		for i := range tt.events {
			tt.events[i].Score = 1
		}
		if got := fmt.Sprint(detection.Incidents(tt.events, rules)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tt.want)
		}
	}
}

func TestIncidentOrder(t *testing.T) {
	events := risk("r", 1_000_000*h, 1_000_000*h, 1_000_000*h+1, 1_000_002*h, 999_000*h, 999_000*h, 999_000*h)
	want := detection.Incidents(events, nil)
	for range 20 {
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if got := detection.Incidents(events, nil); !slices.Equal(got, want) {
			t.Fatalf("%+v\n%+v", got, want)
		}
	}
}

func BenchmarkIncidents(b *testing.B) {
	var events []detection.RiskEvent
	for i := range int64(10_000) {
		events = append(events, risk("r", i*977)...)
	}
	b.ReportAllocs()
	for b.Loop() {
		detection.Incidents(events, nil)
	}
}

// TestCapped counts of each rule its greatest score only, as long as it is in
// the sum.
func TestCapped(t *testing.T) {
	hour := int64(3600)
	at := int64(1_760_000_400)
	var events []detection.RiskEvent
	for i := range int64(5) { // one rule, five runs: 50 each, then one of 90
		events = append(events, detection.RiskEvent{RuleID: "a", Score: 50, Time: at + i*hour, WindowStart: detection.WindowOf(at + i*hour).Start})
	}
	events = append(events, detection.RiskEvent{RuleID: "a", Score: 90, Time: at + 2*hour, WindowStart: detection.WindowOf(at + 2*hour).Start},
		detection.RiskEvent{RuleID: "b", Score: 20, Time: at, WindowStart: detection.WindowOf(at).Start})
	limits := detection.DefaultThresholds
	limits.Capped = true
	top := 0
	steps := limits.Sum24(events)
	for _, s := range steps {
		top = max(top, s.Sum)
	}
	if top != 110 || steps[len(steps)-1].Sum != 0 {
		t.Errorf("the capped sum rises to %d and ends at %d, want 110 and 0", top, steps[len(steps)-1].Sum)
	}
	if got := limits.Incidents(events, nil); len(got) != 1 || got[0].Peak != 110 || got[0].Severity != detection.Medium {
		t.Errorf("incidents %+v", got)
	}
	limits.Medium = 110
	if got := limits.Incidents(events, nil); len(got) != 0 {
		t.Errorf("with a threshold of 110: %+v", got)
	}
}
