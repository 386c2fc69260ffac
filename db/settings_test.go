package db_test

import (
	"testing"

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
