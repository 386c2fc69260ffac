package triage_test

import (
	"strings"
	"testing"

	"escutcheon/triage"
)

// Case, blanks and whatever stands for a dash make no difference.
func TestAlike(t *testing.T) {
	for _, d := range triage.Dispositions() {
		for _, as := range []string{d.String(), strings.ToUpper(d.String()), strings.ReplaceAll(d.String(), "–", "-"),
			strings.ReplaceAll(d.String(), "–", "—"), strings.NewReplacer(" ", "", "–", "").Replace(d.String()),
			strings.ReplaceAll(strings.ToLower(d.String()), " ", "_")} {
			if got, ok := triage.ParseDisposition(as); !ok || got != d {
				t.Errorf("%q: %v, %v", as, got, ok)
			}
		}
	}
	for _, as := range []string{"in progress", "In-Progress", "IN_PROGRESS", " inprogress "} {
		if got, ok := triage.ParseStatus(as); !ok || got != triage.InProgress {
			t.Errorf("%q: %v, %v", as, got, ok)
		}
	}
	for _, u := range triage.Urgencies() {
		if got, ok := triage.ParseUrgency(strings.ToUpper(u.String())); !ok || got != u || u == triage.Default {
			t.Errorf("%v: %v, %v", u, got, ok)
		}
	}
	for _, none := range []string{"", "-", "openly", "True Positive", "0"} {
		_, status := triage.ParseStatus(none)
		_, disposition := triage.ParseDisposition(none)
		_, urgency := triage.ParseUrgency(none)
		if status || disposition || urgency {
			t.Errorf("%q is taken", none)
		}
	}
}

func TestSets(t *testing.T) {
	for text, want := range map[string]triage.Set{"": triage.All, "all": triage.All, "Open": triage.Open,
		"open, closed,resolved": triage.All, "new,pending,in-progress": triage.Open, "resolved,Closed": triage.Done} {
		if got, wrong := triage.ParseSet(text); got != want || wrong != "" {
			t.Errorf("%q: %v, %q", text, got, wrong)
		}
	}
	if _, wrong := triage.ParseSet("new, opened"); wrong != "opened" {
		t.Errorf("what is wrong: %q", wrong)
	}
	for _, s := range triage.Statuses() {
		set, wrong := triage.ParseSet(s.String())
		again, _ := triage.ParseSet(set.String())
		if wrong != "" || again != set || !set.Has(s) || !triage.All.Has(s) || triage.Open.Has(s) != s.Open() ||
			triage.Done.Has(s) == s.Open() {
			t.Errorf("%v: %v, %q, %v", s, set, wrong, again)
		}
		for _, other := range triage.Statuses() {
			if set.Has(other) != (other == s) {
				t.Errorf("%v has %v", set, other)
			}
		}
	}
	if got := triage.Done.String(); got != "Resolved,Closed" || triage.Open.String() != "open" {
		t.Error(got)
	}
}

func TestUrgencyOfScore(t *testing.T) {
	for score, want := range map[int]triage.Urgency{-1: triage.Informational, 0: triage.Informational,
		20: triage.Informational, 21: triage.Low, 40: triage.Low, 41: triage.Medium, 60: triage.Medium, 61: triage.High,
		80: triage.High, 81: triage.Critical, 100: triage.Critical, 10_000: triage.Critical} {
		if got := triage.OfScore(score); got != want {
			t.Errorf("%d: %v, want %v", score, got, want)
		}
	}
	if triage.Status(9).String()+triage.Disposition(-1).String() != "" {
		t.Error("a number that is none has a word")
	}
}
