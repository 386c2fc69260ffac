package risk_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// Exactly 100 is no incident, 101 is medium, 250 high, 500 critical.
func TestIncidentBoundaries(t *testing.T) {
	for sum, want := range map[int]risk.Incident{
		1: {}, 99: {}, 100: {},
		101: {Severity: risk.Medium, Threshold: 100}, 249: {Severity: risk.Medium, Threshold: 100},
		250: {Severity: risk.High, Threshold: 250}, 499: {Severity: risk.High, Threshold: 250},
		500: {Severity: risk.Critical, Threshold: 500}, 5000: {Severity: risk.Critical, Threshold: 500},
	} {
		got := plain().Incidents(join(of("a", sum-1, T), of("b", 1, T)))
		if want.Severity == risk.None {
			if len(got) != 0 {
				t.Errorf("%d: %+v, want none", sum, got)
			}
			continue
		}
		want.From, want.Crossed, want.To, want.Peak, want.PeakAt = T+h, T+h, T+23*h, sum, T+h
		if !slices.Equal(got, []risk.Incident{want}) {
			t.Errorf("%d:\n got %+v\nwant %+v", sum, got, want)
		}
	}
}

// scored is an incident by a score, its runs counted in hours from T.
func scored(severity risk.Severity, threshold int, from, crossed, to int64, peak int, peakAt int64) risk.Incident {
	return risk.Incident{Severity: severity, Threshold: threshold, From: T + from*h, Crossed: T + crossed*h, To: T + to*h,
		Peak: peak, PeakAt: T + peakAt*h}
}

func TestIncidents(t *testing.T) {
	for name, tt := range map[string]struct {
		events []detection.RiskEvent
		want   []risk.Incident
	}{
		"two of 50 are none": {of("r", 50, T, T+1), nil},
		"three are medium":   {of("r", 50, T, T, T), []risk.Incident{scored(risk.Medium, 100, 1, 1, 23, 150, 1)}},
		"it grows to critical in one step": {join(of("r", 50, T, T, T), of("s", 350, T+3*h)),
			[]risk.Incident{scored(risk.Critical, 500, 1, 4, 26, 500, 4)}},
		"it grows past high to critical": {
			join(of("r", 50, T, T, T), of("s", 100, T+3*h), of("u", 250, T+6*h), of("v", 1, T+9*h)),
			[]risk.Incident{scored(risk.Critical, 500, 1, 7, 29, 501, 10)}},
		"it falls to medium and rises again to less": {join(of("r", 300, T), of("r", 150, T+2*h), of("s", 120, T+24*h)),
			[]risk.Incident{scored(risk.High, 250, 1, 1, 47, 450, 3)}},
		"of two peaks alike the first": {join(of("r", 150, T, T+24*h), of("s", 101, T+2*h)),
			[]risk.Incident{scored(risk.High, 250, 1, 3, 47, 251, 3)}},
		"two stretches": {of("r", 50, T, T, T, T+48*h, T+48*h, T+48*h), []risk.Incident{
			scored(risk.Medium, 100, 1, 1, 23, 150, 1), scored(risk.Medium, 100, 49, 49, 71, 150, 49)}},
		"down to exactly 100 ends it": {join(of("r", 100, T+h), of("s", 1, T)), []risk.Incident{
			scored(risk.Medium, 100, 2, 2, 23, 101, 2)}},
		"a second past the hour is there a run longer": {of("r", 50, T+1, T+1, T+1), []risk.Incident{
			scored(risk.Medium, 100, 1, 1, 24, 150, 1)}},
		"late in the hour: the run after next": {of("r", 50, T+50*60, T+50*60, T+50*60), []risk.Incident{
			scored(risk.Medium, 100, 2, 2, 24, 150, 2)}},
		"24 hours apart never meet": {of("r", 50, T, T, T+24*h), nil},
	} {
		if got := plain().Incidents(tt.events); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, tt.want)
		}
	}
}

func thresholds(medium, high, critical int) risk.Settings {
	return risk.Settings{Medium: medium, High: high, Critical: critical, Tactics: 3, Rules: 4}
}

func atTop(medium, high, critical int) risk.Settings {
	s := thresholds(medium, high, critical)
	s.CapPerRule = true
	return s
}

// Other thresholds than the defaults, and the cap.
func TestIncidentsBySettings(t *testing.T) {
	events := join(of("a", 50, T, T, T, T), of("a", 90, T+2*h), of("b", 20, T))
	for name, tt := range map[string]struct {
		s    risk.Settings
		want []risk.Incident
	}{
		"the defaults": {risk.Default(), []risk.Incident{scored(risk.High, 250, 1, 3, 23, 310, 3)}},
		"each threshold by name": {thresholds(80, 300, 311), []risk.Incident{
			scored(risk.High, 300, 1, 3, 25, 310, 3)}},
		"critical from 310": {thresholds(89, 90, 310), []risk.Incident{
			scored(risk.Critical, 310, 1, 3, 25, 310, 3)}},
		"capped 110 is above 100": {atTop(100, 250, 500),
			[]risk.Incident{scored(risk.Medium, 100, 3, 3, 23, 110, 3)}},
		"capped 110 is not above 110": {atTop(110, 250, 500), nil},
		"capped, until the greatest leaves": {atTop(70, 110, 500),
			[]risk.Incident{scored(risk.High, 110, 3, 3, 25, 110, 3)}},
	} {
		if got := (risk.Scorer{Settings: tt.s}).Incidents(events); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, tt.want)
		}
	}
}

// fourRules have three tactics together: persistence, defense-evasion,
// execution.
var fourRules = []*detection.Rule{
	tagged("0", "T1505.004"), tagged("1", "T1505"), tagged("2", "T1562.002"), tagged("3", "T1059.001"),
}

// each is one risk event of each of the four rules, at these seconds.
func each(seconds ...int64) (out []detection.RiskEvent) {
	for i, s := range seconds {
		out = append(out, of(fourRules[i].ID, 1, s)...)
	}
	return out
}

func tactic(from, to int64, tactics int, peakAt int64, rules int) risk.Incident {
	return risk.Incident{Kind: risk.ByTactics, Severity: risk.Medium, From: T + from*h, Crossed: T + from*h, To: T + to*h,
		Peak: tactics, PeakAt: T + peakAt*h, Rules: rules}
}

// Over 7 days at least 3 tactics and at least 4 rules, both.
func TestIncidentsByTactics(t *testing.T) {
	for name, tt := range map[string]struct {
		events []detection.RiskEvent
		edit   func(*risk.Settings)
		want   []risk.Incident
	}{
		"four rules, three tactics":      {each(T, T+h, T+2*h, T+3*h), nil, []risk.Incident{tactic(4, 167, 3, 4, 4)}},
		"three rules, three tactics":     {each(T, T, T, T)[1:], nil, nil},
		"four rules, two tactics":        {append(each(T, T, T), of("none", 1, T)...), nil, nil},
		"a rule twice is one":            {join(each(T, T, T, T)[1:], of("3", 1, T+1)), nil, nil},
		"the last run before seven days": {each(T+1, T+h, T+2*h, T+167*h), nil, []risk.Incident{tactic(168, 168, 3, 168, 4)}},
		"seven days apart":               {each(T, T+h, T+2*h, T+168*h), nil, nil},
		"it holds as long as another of the rule": {join(each(T, T, T, T), of("0", 1, T+10*h)), nil,
			[]risk.Incident{tactic(1, 167, 3, 1, 4)}},
		"it ends and begins again": {join(each(T, T, T, T), each(T+200*h, T+200*h, T+200*h, T+200*h)), nil,
			[]risk.Incident{tactic(1, 167, 3, 1, 4), tactic(201, 367, 3, 201, 4)}},
		"fewer rules asked for": {each(T, T, T, T)[1:], func(s *risk.Settings) { s.Rules = 3 },
			[]risk.Incident{tactic(1, 167, 3, 1, 3)}},
		"fewer tactics asked for: the peak is later": {append(each(T, T, T, T+5*h), of("none", 1, T)...),
			func(s *risk.Settings) { s.Tactics = 2 }, []risk.Incident{tactic(1, 167, 3, 6, 5)}},
		"more tactics asked for": {each(T, T, T, T), func(s *risk.Settings) { s.Tactics = 4 }, nil},
	} {
		s := plain()
		s.Rule = risk.Find(fourRules)
		if tt.edit != nil {
			tt.edit(&s.Settings)
		}
		if got := s.Incidents(tt.events); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, tt.want)
		}
	}
}

// Incidents of both kinds come by their first run, whatever the order of the
// events.
func TestIncidentOrder(t *testing.T) {
	s := plain()
	s.Rule = risk.Find(fourRules)
	events := join(of("r", 50, T, T, T+1, T+2*h), of("r", 50, T-1000*h, T-1000*h, T-1000*h),
		each(T-10*h, T-10*h, T-10*h, T-10*h))
	want := s.Incidents(events)
	if len(want) != 3 || want[1].Kind != risk.ByTactics || want[0].Kind != risk.ByScore || want[2].Kind != risk.ByScore {
		t.Fatalf("%+v", want)
	}
	for range 20 {
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if got := s.Incidents(events); !slices.Equal(got, want) {
			t.Fatalf("%+v\n%+v", got, want)
		}
	}
}
