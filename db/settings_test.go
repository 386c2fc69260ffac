package db_test

import (
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// TestSettings: those of Splunk ES until somebody changes them.
func TestSettings(t *testing.T) {
	h := newHouse(t)
	s, err := h.Settings(ctx)
	h.ok(err)
	h.is("default", s, risk.Default())
	good := risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 1, Rules: 1, CapPerRule: true}
	h.ok(h.KeepSettings(ctx, good))
	for what, change := range map[string]func(s *risk.Settings){
		"medium 0": func(s *risk.Settings) { s.Medium = 0 }, "high as medium": func(s *risk.Settings) { s.High = 1 },
		"critical as high": func(s *risk.Settings) { s.Critical = 2 }, "tactics 0": func(s *risk.Settings) { s.Tactics = 0 },
		"rules 0": func(s *risk.Settings) { s.Rules = 0 },
	} {
		bad := good
		change(&bad)
		if h.KeepSettings(ctx, bad) == nil {
			t.Errorf("%s was taken", what)
		}
	}
	s, err = h.Settings(ctx)
	h.ok(err)
	h.is("kept", s, good)
	good.CapPerRule, good.Critical = false, 9
	h.ok(h.KeepSettings(ctx, good))
	s, err = h.Settings(ctx)
	h.ok(err)
	h.is("changed", s, good)
}

// A newer version may keep settings of its own, and what is damaged counts as
// not set.
func TestSettingsOfOthers(t *testing.T) {
	s := newShelf(t)
	for name, value := range map[string]string{"medium": "a lot", "high": "300", "cap": "yes", "colour": "7"} {
		s.do(`INSERT INTO setting (name, value) VALUES (?, ?)`, name, value)
	}
	want := risk.Default()
	want.High = 300
	if got, err := s.Settings(ctx); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// Databases keep the settings under these names.
func TestSettingNames(t *testing.T) {
	s := newShelf(t)
	if err := s.KeepSettings(ctx, risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 4, Rules: 5,
		Sigma: detection.SigmaScores{6, 7, 8, 9, 10}}); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := s.q.QueryRowContext(ctx, `SELECT group_concat(name || '=' || value, ' ')
		FROM (SELECT * FROM setting ORDER BY name)`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := "cap=0 critical=3 high=2 medium=1 rules=5 sigma_critical=10 sigma_high=9 sigma_informational=6 " +
		"sigma_low=7 sigma_medium=8 tactics=4"; got != want {
		t.Errorf("stored as %s, want %s", got, want)
	}
}
