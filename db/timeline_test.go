package db_test

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
	"escutcheon/triage"
)

func seconds(hours []risk.Hour) (out string) {
	hours = slices.SortedFunc(slices.Values(hours), func(a, b risk.Hour) int { return cmp.Compare(a.Last, b.Last) })
	for _, h := range hours {
		out += fmt.Sprintf("%d-%d×%d ", h.First, h.Last, h.Count)
	}
	return strings.TrimSpace(out)
}

// TestRiskSpan: the risk events of a span, and apart those before it, of one object
// and rule; an hour that an end divides is divided.
func TestRiskSpan(t *testing.T) {
	s := newShelf(t)
	for _, at := range []int64{3500, 3600, 3700, 7100, 90_000, 100_000_000} {
		s.risk("system", "web01", "a", 10, at, 0)
	}
	s.risk("system", "web01", "b", 10, 7000, 0)
	s.risk("system", "web01", "a", 10, 7050, 1) // suppressed
	s.risk("user", "web01", "a", 10, 7000, 0)
	cases := map[string]struct {
		f            store.RiskFilter
		before       int64
		lead, within string
	}{
		"all": {store.RiskFilter{Object: "web01", Rule: "a", After: math.MinInt64 / 2, UpTo: math.MaxInt64}, 0, "",
			"3500-3500×1 3600-3600×1 3700-3700×1 7100-7100×1 90000-90000×1 100000000-100000000×1"},
		"some": {store.RiskFilter{Object: "web01", Rule: "a", After: 3600, UpTo: 7099}, 100, "3600-3600×1", "3700-3700×1"},
		"a lead": {store.RiskFilter{Object: "web01", Rule: "a", After: 7099, UpTo: 90_000}, 9000,
			"3500-3500×1 3600-3600×1 3700-3700×1", "7100-7100×1 90000-90000×1"},
		"one":    {store.RiskFilter{Object: "web01", Rule: "b", After: 0, UpTo: 9000}, 0, "", "7000-7000×1"},
		"a user": {store.RiskFilter{Object: "web01", Type: "user", After: 0, UpTo: 9000}, 0, "", "7000-7000×1"},
		"none":   {store.RiskFilter{Object: "web09", After: 0, UpTo: 9000}, 5, "", ""},
	}
	total := func(list []risk.Hour) (n int) {
		for _, h := range list {
			n += h.Count
		}
		return n
	}
	for _, told := range []bool{false, true} { // by the tiles, too
		if told {
			if err := s.RefreshRisk(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for name, c := range cases {
			lead, within, err := s.RiskSpan(ctx, c.f, c.before)
			if err != nil || !told && (seconds(lead) != c.lead || seconds(within) != c.within) ||
				total(within) != strings.Count(c.within, "×") || total(lead) != strings.Count(c.lead, "×") {
				t.Errorf("%s: %q, %q, %v; want %q, %q", name, seconds(lead), seconds(within), err, c.lead, c.within)
			}
		}
	}
	single, err := s.RiskSeconds(ctx, store.RiskFilter{Object: "web01", Rule: "a", After: 0, UpTo: 99_999}, 3)
	if got := seconds(single); err != nil || got != "3500-3500×1 3600-3600×1 3700-3700×1" {
		t.Errorf("one by one %q, %v", got, err)
	}
}

// TestRiskOfKinds: of findings of some kinds, one by one while they are few, else by
// rule, kind and hour.
func TestRiskOfKinds(t *testing.T) {
	s := newShelf(t)
	for n, at := range []int64{3500, 3600, 3601, 7200, 7201, -1, -3600} {
		s.risk("system", "web01", "a", 10, at, 0)
		if n != 1 {
			s.do(`UPDATE finding SET change = ? WHERE id = ?`, int64(detection.ModuleAdded), s.n)
		}
	}
	f := store.RiskFilter{Object: "web01", After: -9999, UpTo: 9999}
	events, places, err := s.RiskOfKinds(ctx, f, detection.ModuleKinds, 6)
	if err != nil || len(events) != 6 || len(places) != 0 || events[5].Time != 7201 || events[0].FindingID != "key7" {
		t.Errorf("%d events, %d places, %v", len(events), len(places), err)
	}
	events, places, err = s.RiskOfKinds(ctx, f, detection.ModuleKinds, 5)
	got := ""
	for _, p := range places {
		got += fmt.Sprintf("%d-%d×%d ", p.First, p.Last, p.Count)
		if p.RuleID != "a" || p.Change != detection.ModuleAdded || risk.HourOf(p.First) != risk.HourOf(p.Last) {
			t.Errorf("%+v", p)
		}
	}
	want := "-3600--3600×1 -1--1×1 3500-3500×1 3601-7200×2 7201-7201×1 "
	if err != nil || got != want || len(events) != 0 {
		t.Errorf("places %q, %d events, %v; want %q", got, len(events), err, want)
	}
}

// TestStatusSteps: what was set at once is one step of each dest, and what is kept is
// what the migration makes of the history.
func TestStatusSteps(t *testing.T) {
	h, keys := triageHouse(t)
	for _, c := range []store.TriageChange{
		{Findings: keys[:3], Status: ptr(triage.Closed), Owner: ptr("x"), Author: "ann"},
		{Host: "web01", Status: ptr(triage.InProgress), Author: "bob"},
		{Findings: keys[:1], Owner: ptr("y"), Author: "bob"},
	} {
		h.now = h.now.Add(time.Minute)
		_, err := h.SetTriage(ctx, c)
		h.ok(err)
	}
	list, err := h.StatusSteps(ctx, "web01", 0, math.MaxInt64, 10)
	h.ok(err)
	got := ""
	for _, s := range list {
		got += fmt.Sprintf("%s %d %s %s; ", s.Kind, s.Count, s.New, s.Author)
	}
	h.is("steps", got, "finding 2 Closed ann; host 1 In Progress bob; ")
	at := list[0].At.Unix()
	for _, c := range []struct {
		after, upTo int64
		want        int
	}{{at - 1, at, 1}, {at, at + 60, 1}, {0, at - 1, 0}} {
		list, err := h.StatusSteps(ctx, "web01", c.after, c.upTo, 10)
		h.ok(err)
		h.is(fmt.Sprint(c), len(list), c.want)
	}
	script, err := os.ReadFile("migrations/022_timeline.sql")
	h.ok(err)
	_, query, _ := strings.Cut(string(script), "author, n)\n")
	query, _, _ = strings.Cut(query, ";")
	dump := func(query string) (out string) {
		rows, err := h.q.QueryContext(ctx, query)
		h.ok(err)
		defer rows.Close()
		for rows.Next() {
			var dest, kind, now, author string
			var at, bulk, n int64
			h.ok(rows.Scan(&dest, &at, &bulk, &kind, &now, &author, &n))
			out += fmt.Sprintln(dest, at, bulk, kind, now, author, n)
		}
		h.ok(rows.Err())
		return out
	}
	kept := dump(`SELECT * FROM status_step ORDER BY 1, 2, 3, 4, 5`)
	if made := dump(query + ` ORDER BY 1, 2, 3, 4, 5`); made != kept || strings.Count(kept, "\n") != 3 {
		t.Errorf("kept\n%s, made\n%s", kept, made)
	}
}
