package main_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSearch: searches over what was imported and over what rules found, in each
// format, and how they fail.
func TestSearch(t *testing.T) {
	db := filepath.Join(t.TempDir(), "test.db")
	at := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	var log []byte
	for i := range 3 {
		log = append(log, nxlog(change("web01", int64(i+1), at.Add(time.Duration(i)*time.Hour), "/a"))...)
	}
	log = append(log, nxlog(change("web02", 4, at, "=cmd|x"))...)
	if got := call(t, nil, "import", "--db", db, write(t, "x.json", log)); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	find := func(args ...string) result { return call(t, nil, append([]string{"search", "--db", db}, args...)...) }

	got := find("--format", "csv", "EventCode=29 | stats count by ComputerName")
	if got.code != 0 || got.stdout != "\"ComputerName\",\"count\"\r\n\"web01\",\"3\"\r\n\"web02\",\"1\"\r\n" {
		t.Errorf("%+v", got)
	}
	var answer struct {
		Columns  []string
		Rows     [][]any
		Scanned  int64 `json:"events_scanned"`
		Complete bool
		Messages []any
	}
	got = find("--format", "json", "--earliest", "newest-1h", "ComputerName=web01 | table _time nosuch EventCode")
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	if len(answer.Rows) != 2 || answer.Rows[0][0] != "2026-01-05T12:00:00Z" || answer.Rows[0][1] != nil ||
		answer.Rows[1][2] != "29" || !answer.Complete || answer.Messages == nil || len(answer.Columns) != 3 {
		t.Errorf("%s", got.stdout)
	}
	if got = find("nosuchword"); got.code != 0 || !strings.Contains(got.stderr, "0 rows") {
		t.Errorf("nothing is found: %+v", got)
	}
	got = find("--format", "csv", `| from datamodel Risk.All_Risk | search normalized_risk_object IN ("web01") `+
		`| stats count values(annotations.mitre_attack.mitre_tactic) as tactics by normalized_risk_object`)
	if got.code != 0 || got.stdout != "\"normalized_risk_object\",\"count\",\"tactics\"\r\n"+
		"\"web01\",\"3\",\"persistence\"\r\n" {
		t.Errorf("%+v", got)
	}
	got = find("--format", "csv", `index=notable dest=web02 | table dest count Message`)
	if got.code != 0 || !strings.Contains(got.stdout, "=cmd|x") ||
		!strings.HasPrefix(got.stdout, "\"dest\",\"count\",\"Message\"\r\n\"web02\",\"1\",\"") {
		t.Errorf("%+v", got)
	}
	got = find("EventCode=29\n| nosuch")
	if got.code != 2 || !strings.Contains(got.stderr, "line 2, column 3") || !strings.Contains(got.stderr, "  | nosuch\n    ^") {
		t.Errorf("%+v", got)
	}
	if got = find("Eventcode=29"); got.code != 0 ||
		!strings.Contains(got.stderr, "No event here carries Eventcode; EventCode is in 4.") {
		t.Errorf("a near miss: %+v", got)
	}
	for _, args := range [][]string{{}, {"a", "b"}, {"--earliest", "sometime", "*"}, {"--format", "xml", "*"},
		{"--earliest", "now", "--latest", "-1h", "*"}} {
		if got := find(args...); got.code != 2 {
			t.Errorf("%q: %+v", args, got)
		}
	}
	got = find("* | append [ makeresults count=20000 ] | stats count")
	if got.code != 3 || !strings.Contains(got.stderr, "10,000") && !strings.Contains(got.stderr, "10000") {
		t.Errorf("what is cut is told: %+v", got)
	}
}
