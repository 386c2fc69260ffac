package spl_test

import (
	"testing"

	"escutcheon/detection/spl"
)

// Rows that commands of a macro remove are set aside where it says so, and kept
// as they stood before it.
func TestVerdicts(t *testing.T) {
	env := spl.Env{
		Macros: spl.Macros{
			"mine":   {Definition: `search NOT dest=lab* | rename dest as d | search NOT count=2`, Aside: true},
			"screen": {Definition: `search NOT dest=gone`},
			"around": {Definition: "`mine`"},
		},
		Missing: func(name string, args int) (spl.Macro, bool) {
			return spl.Macro{Definition: "search *", Aside: true}, name == "other" && args == 0
		},
	}
	p, err := env.Compile("* | stats count by h | rename h as dest | `screen` | `around` | `other`")
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
		if r, v := row(tt.host, tt.n); v != tt.v || r != tt.row {
			t.Errorf("%s %d: %q %v", tt.host, tt.n, r, v)
		}
	}
	if p.AsideStreams() {
		t.Error("nothing is set aside before the aggregation")
	}
	for v, want := range map[spl.Verdict]string{spl.Kept: "kept", spl.Dropped: "dropped", spl.Aside: "aside"} {
		if v.String() != want {
			t.Errorf("%v is not %s", v, want)
		}
	}
}

// What a macro that sets aside does to events changes the states.
func TestAsideStreams(t *testing.T) {
	m := spl.Macros{"mine": {Definition: `search NOT h=lab`, Aside: true}}
	for search, want := range map[string]bool{
		"* | `mine` | stats count by h":              true,
		"* | eval x=1 | `mine` | stats count by h":   true,
		"* | stats count by h | `mine`":              false,
		"* | eval h=lower(h) | stats count by h":     false,
		"* | eval x=1 | `mine` | table h":            false, // without an aggregation it works on rows
		"* | eval x=1 | `mine` | stats count | head": true,
	} {
		p, err := spl.Compile(search, m)
		if err != nil {
			t.Fatal(err)
		}
		if p.AsideStreams() != want {
			t.Errorf("%s: %v", search, !want)
		}
	}
}
