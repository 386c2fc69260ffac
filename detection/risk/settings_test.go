package risk_test

import (
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// The defaults are those of Splunk ES: above 100, from 250, from 500; three
// tactics and four rules.
func TestDefault(t *testing.T) {
	want := risk.Settings{Medium: 100, High: 250, Critical: 500, Tactics: 3, Rules: 4,
		Sigma: detection.SigmaScores{0, 16, 36, 64, 81}}
	if d := risk.Default(); d != want || !d.Valid() {
		t.Errorf("%+v", d)
	}
}

func TestValid(t *testing.T) {
	for name, tt := range map[string]struct {
		s    risk.Settings
		want bool
	}{
		"the least":            {risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 1, Rules: 1}, true},
		"medium of nothing":    {risk.Settings{Medium: 0, High: 2, Critical: 3, Tactics: 1, Rules: 1}, false},
		"medium below nothing": {risk.Settings{Medium: -1, High: 2, Critical: 3, Tactics: 1, Rules: 1}, false},
		"high is medium":       {risk.Settings{Medium: 2, High: 2, Critical: 3, Tactics: 1, Rules: 1}, false},
		"critical is high":     {risk.Settings{Medium: 1, High: 3, Critical: 3, Tactics: 1, Rules: 1}, false},
		"high above critical":  {risk.Settings{Medium: 1, High: 4, Critical: 3, Tactics: 1, Rules: 1}, false},
		"no tactics":           {risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 0, Rules: 1}, false},
		"no rules":             {risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 1, Rules: 0}, false},
		"the cap is no threshold": {
			risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 1, Rules: 1, CapPerRule: true}, true},
	} {
		if got := tt.s.Valid(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestSeverity(t *testing.T) {
	for i, name := range []string{"none", "low", "medium", "high", "critical"} {
		if got := risk.Severity(i).String(); got != name {
			t.Errorf("%d is %q, want %q", i, got, name)
		}
	}
	steps := []risk.Severity{risk.None, risk.Low, risk.Medium, risk.High, risk.Critical}
	for i, s := range steps {
		if int(s) != i {
			t.Errorf("step %d is %v", i, s)
		}
	}
}
