package handlers_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

// TestRiskCSV: which hosts are in the table, by each filter of the page.
func TestRiskCSV(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	s.Load(t, "late.json", consoletest.Change("db-late", 1, consoletest.Noon.Add(10*24*time.Hour), "/z"))
	for query, want := range map[string][]string{
		"":                              {"db-late 50", "web01 456", "web02 64"},
		"?q=WEB":                        {"web01 456", "web02 64"},
		"?rule=" + consoletest.SeedID:   {"db-late 50", "web01 200"},
		"?rule=" + consoletest.AppcmdID: {"web01 256", "web02 64"},
		"?dest=WEB02.":                  {"web02 64"},
		"?dest=web99":                   nil,
		"?severity=high":                {"web01 456"},
		"?severity=low":                 {"db-late 50", "web02 64"},
		"?severity=none":                nil,
		"?severity=critical":            nil,
		"?severity=high&q=web02":        nil,
		// Events at 12:00 are in the window that ends at 12:50; the view is (as-of - 168 h, as-of].
		"?as-of=2026-03-02T12:30:00Z&rule=" + consoletest.AppcmdID: {"web01 64", "web02 64"},
		"?as-of=2026-03-02T11:59:59Z":                              nil,
		"?as-of=2026-03-09T12:00:00Z":                              {"web01 342"},
		"?as-of=2026-03-12":                                        nil,
		"?as-of=2026-03-12T12:00:00Z":                              {"db-late 50"},
	} {
		if got := riskRows(t, s.Get(t, "/risk.csv"+query)); !slices.Equal(got, want) {
			t.Errorf("/risk.csv%s: %q, want %q", query, got, want)
		}
	}
	if got := riskRows(t, s.Get(t, "/hosts/web01/risk.csv?rule="+consoletest.SeedID)); !slices.Equal(got,
		[]string{"web01 200"}) {
		t.Errorf("of one host and rule: %q", got)
	}
	row := consoletest.Rows(t, s.Get(t, "/hosts/web01/risk.csv?rule="+consoletest.AppcmdID))[1]
	if row[2] != "4" || row[3] != "2026-03-02T12:00:00" || row[4] != "2026-03-02T15:00:00" ||
		row[5] != "ESCU - Windows IIS Module Installed by AppCmd - Rule" {
		t.Errorf("the row of one rule: %q", row)
	}
}

// riskRows are the hosts and scores of a risk table.
func riskRows(t *testing.T, a consoletest.Answer) (out []string) {
	t.Helper()
	for _, r := range consoletest.Rows(t, a)[1:] {
		out = append(out, r[0]+" "+r[1])
	}
	return out
}

// TestFindingsCSV: the rows are those of the page's filters, under the columns
// of the rule.
func TestFindingsCSV(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	for path, want := range map[string]int{
		"/findings.csv": 4,
		"/findings.csv?rule=" + consoletest.AppcmdID:                      5,
		"/findings.csv?rule=" + consoletest.AppcmdID + "&dest=WEB02":      1,
		"/hosts/web01/findings.csv":                                       8, // of both rules
		"/hosts/web01/findings.csv?rule=" + consoletest.SeedID:            4,
		"/hosts/web01/findings.csv?rule=" + consoletest.AppcmdID:          4,
		"/findings.csv?q=%2Fp3":                                           1,
		"/findings.csv?from=2026-03-02T13:00:00Z&to=2026-03-02T14:00:00Z": 2,
		"/findings.csv?from=2026-03-02T13:00:01Z&to=2026-03-02T13:59:59Z": 0,
		"/findings.csv?from=2026-03-02T15:00:00Z":                         1,
		"/findings.csv?to=2026-03-02T12:00:00Z":                           1,
		"/findings.csv?to=2026-03-02T11:59:59Z&suppressed=1":              0,
		"/findings.csv?dest=web02":                                        0,
	} {
		if got := len(consoletest.Rows(t, s.Get(t, path))) - 1; got != want {
			t.Errorf("%s: %d rows, want %d", path, got, want)
		}
	}
	head := consoletest.Rows(t, s.Get(t, "/findings.csv"))[0]
	if want := []string{"OpCode", "EventCode", "dest", "Message", "count", "firstTime",
		"lastTime"}; !slices.Equal(head, want) {
		t.Errorf("columns %q, want %q", head, want)
	}
	if a := s.Do(t, http.MethodHead, "/findings.csv", nil); a.Status != http.StatusOK || a.Body != "" ||
		a.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("HEAD: %d %v", a.Status, a.Header)
	}
}
