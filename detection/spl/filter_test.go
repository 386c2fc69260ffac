package spl_test

import (
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

func TestFilterVerdicts(t *testing.T) {
	m := detection.BuiltInMacros().Overlay(spl.Macros{
		"mine_filter":  {Definition: `search NOT dest=lab* | rename dest as d | search NOT count=2`},
		"plain_screen": {Definition: `search NOT dest=gone`},
	})
	p, err := spl.Compile("* | stats count by h | rename h as dest | `plain_screen` | `mine_filter` | `other_filter`", m)
	if err != nil {
		t.Fatal(err)
	}
	row := func(host string, n int) (string, spl.Verdict) {
		s := p.New()
		for range n {
			s.Add(ev("h=" + host))
		}
		r, v := p.Row([]string{host}, s)
		return text(r), v
	}
	for _, tt := range []struct {
		host string
		n    int
		row  string
		v    spl.Verdict
	}{
		{"web", 1, "d=web count=1", spl.Kept},
		{"gone", 1, "", spl.Dropped},
		{"lab1", 1, "count=1", spl.Aside},
		{"web", 2, "count=2", spl.Aside},
	} {
		if r, v := row(tt.host, tt.n); v != tt.v {
			t.Errorf("%s %d: %q %v", tt.host, tt.n, r, v)
		}
	}
}
