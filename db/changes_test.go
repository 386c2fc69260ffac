package db_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/importer"
	"escutcheon/store"
)

// TestChangeWords: the findings of a host with an event in the period up to its
// as-of that are not suppressed, of a rule or of all, and whether their words
// are stored or not.
func TestChangeWords(t *testing.T) {
	s := newShelf(t)
	all, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.UseRules(ctx, detection.NewRules(all), importer.Decoder{}); err != nil {
		t.Fatal(err)
	}
	const week = risk.Period
	for n, f := range []struct {
		module      string
		rule        string
		first, last int64
		verdict     int
		kind        detection.Kind
	}{
		{"A", detection.SeedID, 1000, 2000, 0, detection.ModuleAdded},
		{"B", detection.SeedID, 1000 + week, 2000 + week, 0, detection.ModuleAdded},
		{"C", detection.SeedID, 2000, 2000, 1, detection.ModuleRemoved},
		{"D", detection.SeedID, 2000, 2000, 2, detection.ModuleRemoved},
		{"E", detection.SeedID, 2000, 2000, 0, 0},
		{"F", "gone", 2000, 2000, 0, detection.ModuleRemoved},
	} {
		row := []string{"Info", "29", "web01", "Changes to '/system.webServer/globalModules/add[@name=\"" + f.module +
			"\"]' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed."}
		s.do(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last, change)
			VALUES (?, ?, ?, 'web01', '[]', '', ?, ?, ?, 1, ?, ?, ?)`, n+1, fmt.Sprint("k", n+1), f.rule, db.Marshal(row),
			db.SortKey(row), f.verdict, f.first, f.last, f.kind)
	}
	s.host("web01", 5)
	words := func(rule string, asOf int64) string {
		t.Helper()
		out, err := s.ChangeWords(ctx, rule, []store.Host{{Dest: "web01", Findings: 4, Suppressed: 1, AsOf: asOf},
			{Dest: "web01", Findings: 2, Suppressed: 2, AsOf: asOf}, {Dest: "none", AsOf: asOf, Findings: 1}})
		if err != nil || len(out) != 3 || out[1]+out[2] != "" {
			t.Fatal(out, err)
		}
		return out[0]
	}
	check := func() {
		t.Helper()
		for _, c := range []struct {
			rule string
			asOf int64
			want string
		}{
			{"", 999, ""}, {"", 1000, "1 module added"}, {detection.SeedID, 1000, "1 module added"}, {"other", 1000, ""},
			{"", 1000 + week, "2 modules added"}, {"", 1999 + week, "2 modules added"}, {"", 2000 + week, "1 module added"},
			{"", 1999 + 2*week, "1 module added"}, {"", 2000 + 2*week, ""},
		} {
			if got := words(c.rule, c.asOf); got != c.want {
				t.Errorf("of rule %q as of %d: %q, want %q", c.rule, c.asOf, got, c.want)
			}
		}
	}
	check()
	if err := s.RefreshRisk(ctx); err != nil {
		t.Fatal(err)
	}
	check()
	s.do(`UPDATE finding SET change = ? WHERE id = 1`, detection.ModuleAdded|detection.ModuleRemoved)
	if got := words("", 1000); !strings.Contains(got, "added and removed") {
		t.Errorf("what was stored is told of a finding that changed: %q", got)
	}
}
