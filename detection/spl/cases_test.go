package spl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// runCase is a search over events, both written as ev has them, and the rows
// that it makes: a=1 b=[x|y], with the verdict behind where a row is not kept.
type runCase struct {
	search  string
	in, out []string
}

// caseMacros are those that the cases may call beside the built-in ones.
var caseMacros = spl.Macros{
	"edited_filter": {Definition: `search NOT dest=lab*`, Aside: true},
	"screen":        {Definition: `search NOT dest=lab*`},
}

func caseEnv() spl.Env {
	return detection.Env(detection.BuiltInMacros().Overlay(caseMacros), caseTables)
}

func compileCase(t testing.TB, search string) *spl.Plan {
	t.Helper()
	p, err := caseEnv().Compile(search)
	if err != nil {
		t.Fatalf("%s\n%v", search, err)
	}
	return p
}

func rowTexts(rows []spl.Result) (out []string) {
	for _, r := range rows {
		line := listText(r.Row)
		if r.Verdict != spl.Kept {
			line += " " + r.Verdict.String()
		}
		out = append(out, line)
	}
	return out
}

func runCases(t *testing.T, cases []runCase) {
	t.Helper()
	for _, c := range cases {
		got := rowTexts(compileCase(t, c.search).Run(evs(c.in...)).Rows)
		if !slices.Equal(got, c.out) {
			t.Errorf("%s\n got %s\nwant %s", c.search, strings.Join(got, "\n     "), strings.Join(c.out, "\n     "))
		}
	}
}

// matchCase is a search that matches some events and some not.
type matchCase struct {
	search  string
	yes, no []string
}

func matchCases(t *testing.T, cases []matchCase) {
	t.Helper()
	for _, c := range cases {
		p := compileCase(t, c.search)
		for _, e := range c.yes {
			if !p.Matches(ev(e)) {
				t.Errorf("%s does not match %s", c.search, e)
			}
		}
		for _, e := range c.no {
			if p.Matches(ev(e)) {
				t.Errorf("%s matches %s", c.search, e)
			}
		}
	}
}

// refusal is a search that does not compile, and the whole of its error.
type refusal struct{ search, want string }

func refusals(t *testing.T, command string, cases []refusal) {
	t.Helper()
	refusedBy(t, caseEnv(), command, cases)
}

// wholeRefusals are of searches that may be run whole.
func wholeRefusals(t *testing.T, command string, cases []refusal) {
	t.Helper()
	refusedBy(t, wholeEnv(), command, cases)
}

func refusedBy(t *testing.T, env spl.Env, command string, cases []refusal) {
	t.Helper()
	for _, c := range cases {
		_, err := env.Compile(c.search)
		var e *spl.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.search, err)
			continue
		}
		if e.Error() != c.want || e.Command != command {
			t.Errorf("%s\n got %v (command %q)\nwant %s (command %q)", c.search, e, e.Command, c.want, command)
		}
	}
}
