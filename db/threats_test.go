package db_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/store"
)

// TestThreats: how many findings here and at all have a threat object, and on
// how many hosts; those seen most first.
func TestThreats(t *testing.T) {
	s := withFindings(t)
	for _, p := range []struct {
		finding, start int
		kind, value    string
	}{
		{1, 0, "process_name", "x"}, {1, 3600, "process_name", "x"}, {2, 0, "process_name", "x"},
		{3, 0, "process_name", "x"}, {3, 0, "file_name", "x"},
		{4, 0, "process_name", "hidden"}, {6, 0, "file_name", "y"}, {1, 0, "file_name", "y"},
	} {
		s.do(`INSERT INTO threat_object (finding_id, start, type, value) VALUES (?, ?, ?, ?)`, p.finding, p.start, p.kind,
			p.value)
	}
	s.do(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
		VALUES (2, 0, 'user', 'anna', 'a', 1, 'm', 1, 0), (1, 0, 'system', 'anna', 'a', 1, 'm', 1, 0)`)
	for what, c := range map[string]struct {
		f    store.ThreatFilter
		want string
	}{
		"host":    {store.ThreatFilter{Dest: "web01"}, "[{process_name x 2 3 2} {file_name x 1 1 1} {file_name y 1 2 2}]"},
		"finding": {store.ThreatFilter{Finding: "k6"}, "[{file_name y 1 2 2}]"},
		"user":    {store.ThreatFilter{User: "anna"}, "[{process_name x 1 3 2}]"},
		"nobody":  {store.ThreatFilter{User: "bert"}, "[]"},
	} {
		got, err := s.Threats(ctx, c.f)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v; want %s", what, got, err, c.want)
		}
	}
	got := walk(t, func(p store.Page) ([]store.Finding, store.Cursors, error) {
		list, c, n, err := s.FindingsOfThreat(ctx, detection.Threat{Type: "process_name", Value: "x"}, p)
		if n != 3 {
			t.Errorf("%d findings", n)
		}
		return list, c, err
	}, store.Page{Limit: 2}, func(f store.Finding) string { return f.Key })
	if strings.Join(got, " ") != "k3 k2 k1" {
		t.Errorf("findings %q", got)
	}
}
