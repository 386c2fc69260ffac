package db_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
)

// withObjects is a database with findings of two rules that gave risk to three
// users and two hosts: finding n is of rule n%2, at second 1,000,000 + 1000·n.
func withObjects(t *testing.T) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	d := open(t, path)
	plain := raw(t, path)
	do := func(q string, args ...any) {
		t.Helper()
		if _, err := plain.ExecContext(ctx, q, args...); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 6 {
		rule, dest, at := fmt.Sprintf("rule%d", n%2), fmt.Sprintf("web0%d", n%2), 1_000_000+1000*n
		verdict := 0
		if n == 5 {
			verdict = 1 // suppressed: it counts for nobody
		}
		do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
			VALUES (?, ?, ?, ?, '[]', '', '["x"]', ?, ?, 1, ?, ?, 0)`,
			n+1, fmt.Sprint("key", n), rule, dest, []byte{byte(n)}, verdict, at, at)
		risk := func(kind, object string, score int) {
			do(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
				VALUES (?, ?, ?, ?, ?, ?, 'm', 1, ?)`,
				n+1, at/3600*3600, kind, object, rule, score, at)
		}
		risk("system", dest, 10)
		risk("user", []string{"anna", "bert", "carl"}[n%3], 20+n)
		do(`INSERT INTO threat_object (finding_id, start, type, value) VALUES (?, ?, 'process_name', ?)`, n+1, at/3600*3600,
			[]string{"a.exe", "b.exe"}[n/4])
	}
	return d
}

func TestObjects(t *testing.T) {
	d := withObjects(t)
	f := store.ObjectFilter{Type: "user", Now: 1_010_000}
	var names []string
	for p := (store.Page{Limit: 1}); ; {
		page, cur, err := d.Objects(ctx, f, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page {
			names = append(names, fmt.Sprint(o.Name, " ", o.Score, " ", o.RiskEvents, " ", o.Rules, " ", o.AsOfKind))
		}
		if p.After = cur.After; cur.After == "" {
			break
		}
	}
	// anna: findings 0 and 3 (20 + 23), bert 1 and 4 (21 + 24), carl 2 (22), as 5 is suppressed.
	if want := []string{"bert 45 2 2 now", "anna 43 2 2 now", "carl 22 1 1 now"}; !slices.Equal(names, want) {
		t.Errorf("users %q, want %q", names, want)
	}
	sum, err := d.SummarizeObjects(ctx, f)
	if err != nil || sum != (store.ObjectSummary{Objects: 3, Risky: 3, Top: 45}) {
		t.Errorf("summary %+v, %v", sum, err)
	}
	later := f
	later.Now += 10 * risk.Period
	if o, err := d.ObjectByName(ctx, store.ObjectFilter{Type: "user", Name: "anna", Now: later.Now}); err != nil ||
		o.AsOf != 1_003_000 || o.AsOfKind != risk.Newest || o.First != 1_000_000 || o.Findings != 2 {
		t.Errorf("long after: %+v, %v", o, err)
	}
	asOf := int64(1_000_500)
	if o, err := d.ObjectByName(ctx, store.ObjectFilter{Type: "user", Name: "bert", AsOf: &asOf,
		Now: later.Now}); err != nil || o.Score != 0 || o.Rules != 0 || o.AsOfKind != risk.Asked {
		t.Errorf("before its first: %+v, %v", o, err)
	}
	if err := d.KeepSettings(ctx, risk.Settings{Medium: 1, High: 2, Critical: 3, Tactics: 1, Rules: 1,
		CapPerRule: true}); err != nil {
		t.Fatal(err)
	}
	if o, err := d.ObjectByName(ctx, store.ObjectFilter{Type: "system", Name: "web00", Now: f.Now}); err != nil ||
		o.Score != 10 || o.RiskEvents != 3 {
		t.Errorf("capped: %+v, %v", o, err)
	}
	for _, name := range []string{"", "dora"} {
		if _, err := d.ObjectByName(ctx, store.ObjectFilter{Type: "user", Name: name}); err == nil {
			t.Errorf("a user %q is found", name)
		}
	}
}

func TestObjectsAround(t *testing.T) {
	d := withObjects(t)
	threats, err := d.Threats(ctx, store.ThreatFilter{Dest: "web00"})
	if want := []store.Threat{{Type: "process_name", Value: "a.exe", Here: 2, Findings: 4, Hosts: 2},
		{Type: "process_name", Value: "b.exe", Here: 1, Findings: 1, Hosts: 1}}; err != nil || !slices.Equal(threats, want) {
		t.Errorf("threats of a host %+v, %v", threats, err)
	}
	if threats, err = d.Threats(ctx, store.ThreatFilter{User: "carl"}); err != nil || len(threats) != 1 ||
		threats[0].Here != 1 || threats[0].Findings != 4 {
		t.Errorf("threats of a user %+v, %v", threats, err)
	}
	if threats, err = d.Threats(ctx, store.ThreatFilter{Finding: "key5"}); err != nil || len(threats) != 0 {
		t.Errorf("threats of a suppressed finding %+v, %v", threats, err)
	}
	threat := detection.Threat{Type: "process_name", Value: "a.exe"}
	found, _, _, err := d.FindingsOfThreat(ctx, threat, store.Page{Limit: 9})
	if err != nil || len(found) != 4 || found[0].Key != "key3" {
		t.Errorf("findings of a threat %+v, %v", found, err)
	}
	if found, _, err = d.FindingsOfObject(ctx, store.ObjectName{Type: "user", Name: "anna"}, 1_000_000,
		1_003_000, store.Page{Limit: 9}); err != nil || len(found) != 1 || found[0].Key != "key3" {
		t.Errorf("findings of a user after the first %+v, %v", found, err)
	}
	objects, err := d.ObjectsOf(ctx, "key1")
	if want := []store.ObjectName{{Type: "system", Name: "web01"}, {Type: "user", Name: "bert"}}; err != nil ||
		!slices.Equal(objects, want) {
		t.Errorf("objects of a finding %+v, %v", objects, err)
	}
	runs, err := d.ObjectsOfRule(ctx, "rule0") // 1,000,000, 1,002,000 and 1,004,000: two hours
	if want := []store.RiskedObject{{Name: "web00", Runs: 2, First: 1_000_000, Last: 1_004_000}}; err != nil ||
		!slices.Equal(runs, want) {
		t.Errorf("objects of a rule %+v, %v", runs, err)
	}
	counts, err := d.RulesOf(ctx, "web01")
	if want := []store.RuleCount{{Rule: "rule1", Findings: 3, Suppressed: 1, Last: 1_005_000}}; err != nil ||
		!slices.Equal(counts, want) {
		t.Errorf("rules of a host %+v, %v", counts, err)
	}
	users, err := d.RiskEvents(ctx, store.RiskFilter{Object: "anna", Type: "user", UpTo: 2_000_000})
	if err != nil || len(users) != 2 || users[1].Score != 23 {
		t.Errorf("risk events of a user %+v, %v", users, err)
	}
}

func TestObjectsSorted(t *testing.T) {
	s := newShelf(t)
	long := strings.Repeat("long", 100)
	for i, name := range []string{"c", "a", long, "e", "b", "d"} {
		for n := range []int{2, 4, 1, 1, 3, 1}[i] {
			s.risk("user", name, "r", 10, now-int64(10*i+n), 0)
		}
	}
	s.risk("user", "hidden", "r", 10, now, 1) // suppressed: it gave nobody risk
	s.risk("system", "host", "r", 10, now, 0)
	for sort, want := range map[string][]string{ // ascending; of equals by name
		"":       {"d", "e", long, "c", "b", "a"},
		"score":  {"d", "e", long, "c", "b", "a"},
		"events": {"d", "e", long, "c", "b", "a"},
		"last":   {"d", "b", "e", long, "a", "c"},
		"name":   {"a", "b", "c", "d", "e", long},
	} {
		for _, asc := range []bool{true, false} {
			for _, limit := range []int{1, 2, 5, 6} {
				got := walk(t, func(p store.Page) ([]store.Object, store.Cursors, error) {
					return s.Objects(ctx, store.ObjectFilter{Type: "user", Now: now}, p)
				}, store.Page{Sort: sort, Asc: asc, Limit: limit}, func(o store.Object) string { return o.Name })
				if !asc {
					slices.Reverse(got)
				}
				if !slices.Equal(got, want) {
					t.Errorf("by %q, %d a page, ascending %v: %.20q, want %.20q", sort, limit, asc, got, want)
				}
			}
		}
	}
}

func TestObjectsFilter(t *testing.T) {
	s := newShelf(t)
	s.risk("user", "anna", "a", 50, now, 0)
	s.risk("user", "anna", "a", 60, now-5, 0)
	s.risk("user", "anna", "b", 7, now-risk.Period, 0) // a second too old
	s.risk("user", "joanna", "b", 9, now-2*risk.Period, 0)
	type sum = store.ObjectSummary
	for name, tt := range map[string]struct {
		f    store.ObjectFilter
		cap  bool
		want sum
	}{
		"all":             {store.ObjectFilter{Type: "user"}, false, sum{Objects: 2, Risky: 2, Top: 110}},
		"capped":          {store.ObjectFilter{Type: "user"}, true, sum{Objects: 2, Risky: 2, Top: 60}},
		"by a text":       {store.ObjectFilter{Type: "user", Text: "ANNA"}, false, sum{Objects: 2, Risky: 2, Top: 110}},
		"by another":      {store.ObjectFilter{Type: "user", Text: "jo"}, false, sum{Objects: 1, Risky: 1, Top: 9}},
		"by name":         {store.ObjectFilter{Type: "user", Name: "anna"}, false, sum{Objects: 1, Risky: 1, Top: 110}},
		"of another type": {store.ObjectFilter{Type: "other"}, false, sum{}},
	} {
		tt.f.Now = now
		s.capPerRule(tt.cap)
		if got, err := s.SummarizeObjects(ctx, tt.f); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, tt.want)
		}
	}
	s.capPerRule(false)
	asOf := now - 1
	got, err := s.ObjectByName(ctx, store.ObjectFilter{Type: "user", Name: "anna", AsOf: &asOf, Now: now})
	want := store.Object{Name: "anna", Score: 67, RiskEvents: 2, Rules: 2, Findings: 3, Recent: 2, AsOf: asOf,
		AsOfKind: risk.Asked, First: now - risk.Period, Last: now}
	if err != nil || got != want {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
}
