package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

// tell posts a form as a program does, and reads the answer.
func tell(t *testing.T, s *consoletest.Server, path string, status int, pairs ...string) map[string]any {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	a := s.Post(t, path, form, "Accept", consoletest.JSON)
	var out map[string]any
	if err := json.Unmarshal([]byte(a.Body), &out); a.Status != status || err != nil {
		t.Fatalf("%s %v: %d, want %d: %s", path, pairs, a.Status, status, a.Body)
	}
	return out
}

// read reads what a program gets.
func read(t *testing.T, s *consoletest.Server, path string, v any) {
	t.Helper()
	a := s.Get(t, path, "Accept", consoletest.JSON)
	if err := json.Unmarshal([]byte(a.Body), v); err != nil || a.Status != 200 {
		t.Fatalf("%s: %d, %v: %s", path, a.Status, err, a.Body)
	}
}

// TestTriageForms: what is set of findings and hosts, by programs and by forms; a
// stale form comes back with what was typed.
func TestTriageForms(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	id := s.FindingOf(t, consoletest.SeedID)
	at := "/findings/" + id + "/triage"
	got := tell(t, s, at, 200, "status", "IN-progress", "disposition", "false positive - inaccurate data", "author", "ann",
		"note", "so it is", "owner", "bob")
	now := tell(t, s, at, 200, "urgency", "Critical")
	if fmt.Sprint(got["status"], "|", got["disposition"], "|", got["owner"], "|", got["urgency"], "|", got["notes"]) !=
		"In Progress|False Positive – Inaccurate Data|bob|medium|1" || now["urgency"] != "critical" ||
		now["owner"] != "bob" || fmt.Sprint(now["revision"]) != "2" {
		t.Errorf("%v\n%v", got, now)
	}
	var one map[string]any
	read(t, s, "/findings/"+id, &one)
	if one["status"] != "In Progress" || one["owner"] != "bob" || one["urgency"] != "critical" || one["what"] == "" {
		t.Errorf("the finding: %v", one)
	}
	consoletest.Says(t, s.Get(t, "/findings/"+id).Body, "so it is")
	tell(t, s, at, 409, "revision", "1", "status", "closed")
	tell(t, s, at, 400, "status", "done")
	tell(t, s, "/findings/none/triage", 404, "status", "closed")
	stale := s.Post(t, at, url.Values{"revision": {"1"}, "status": {"closed"}, "author": {"cid"}, "note": {"my <draft>"}})
	if stale.Status != 409 {
		t.Errorf("a stale form: %d", stale.Status)
	}
	consoletest.Says(t, stale.Body, "Somebody was quicker", "my <draft>")
	for _, kept := range []string{`name="revision" value="2"`, `<option value="Closed" selected>`} {
		if !strings.Contains(stale.Body, kept) {
			t.Errorf("the form has no %s", kept)
		}
	}
	got = tell(t, s, at, 200, "owner", "")
	if got["owner"] != "" || got["status"] != "In Progress" {
		t.Errorf("an owner taken away: %v", got)
	}
	got = tell(t, s, "/hosts/WEB01/triage", 200, "status", "closed", "revision", "0")
	if got["dest"] != "web01" || got["status"] != "Closed" {
		t.Errorf("a host: %v", got)
	}
	tell(t, s, "/hosts/none/triage", 404, "status", "closed")
}

// TestTriageLists: findings are set as chosen or by a filter, lists show what is
// open and say what they hide, and a change is undone.
func TestTriageLists(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	all := len(consoletest.Rows(t, s.Get(t, "/findings.csv?rule=all"))) - 1
	count := func(query string) int {
		t.Helper()
		return len(consoletest.Rows(t, s.Get(t, "/findings.csv?rule=all&"+query))) - 1
	}
	rows := consoletest.Rows(t, s.Get(t, "/findings.csv?rule=all"))
	if got := strings.Join(rows[0], ","); got != "rule,dest,what,count,firstTime,lastTime,status,disposition,owner,row" {
		t.Errorf("columns %s", got)
	}
	var row map[string]string
	if err := json.Unmarshal([]byte(rows[1][9]), &row); err != nil || rows[1][2] == "" || rows[1][6] != "New" {
		t.Errorf("%v: %q", err, rows[1])
	}
	ids := s.FindingIDs(t)
	got := tell(t, s, "/triage", 200, "finding", ids[0]+","+ids[1], "finding", ids[1], "status", "pending")
	if n := count("status=pending"); n != 2 {
		t.Errorf("pending: %d", n)
	}
	tell(t, s, "/triage/undo", 200, "bulk", fmt.Sprint(got["bulk"]))
	got = tell(t, s, "/triage", 200, "scope", "filter", "filter", "rule=all&dest=web01", "status", "resolved", "note",
		"a rollout", "author", "ann")
	changed := int(got["changed"].(float64))
	if changed == 0 || changed == all || got["notes"] != 1.0 || count("status=open") != all-changed ||
		count("status=resolved") != changed || count("status=new,pending") != all-changed || count("") != all {
		t.Errorf("%v of %d; open %d", got, all, count("status=open"))
	}
	consoletest.Says(t, s.Get(t, "/findings?dest=web01").Body, fmt.Sprintf("%d findings have another status", changed))
	consoletest.Says(t, s.Get(t, "/hosts/web01").Body, fmt.Sprintf("Show %d findings that are", changed), "a rollout")
	if n := len(s.FindingIDs(t)); n == 0 {
		t.Error("nothing is open any more")
	}
	undo := tell(t, s, "/triage/undo", 200, "bulk", fmt.Sprint(got["bulk"]), "author", "ann")
	if int(undo["undone"].(float64)) != changed || undo["changed_since"] != 0.0 || count("status=open") != all {
		t.Errorf("undone: %v", undo)
	}
	form := url.Values{"finding": {ids[0]}, "status": {"closed"}, "author": {"ann"}, "back": {"/findings?q=x"}}
	if a := s.Post(t, "/triage", form); a.Status != 303 || !strings.HasPrefix(a.Header.Get("Location"),
		"/findings?changed=1&q=x&set=") {
		t.Errorf("%d to %q", a.Status, a.Header.Get("Location"))
	}
	form.Set("back", "//evil.example/")
	if a := s.Post(t, "/triage", form); !strings.HasPrefix(a.Header.Get("Location"), "/findings?") {
		t.Errorf("leads to %q", a.Header.Get("Location"))
	}
	if a := s.Post(t, "/triage", url.Values{"status": {"closed"}, "author": {"ann"}, "note": {"kept"}}); a.Status != 400 {
		t.Errorf("nothing chosen: %d", a.Status)
	} else {
		consoletest.Says(t, a.Body, "No finding is chosen", "kept")
	}
	tell(t, s, "/triage", 400, "scope", "filter", "filter", "status=none", "status", "closed")
	tell(t, s, "/triage/undo", 404, "bulk", "99")
	s.Post(t, "/settings", url.Values{"medium": {"100"}, "high": {"250"}, "critical": {"500"}, "tactics": {"3"},
		"rules": {"4"}, "note_mandatory": {"1"}})
	tell(t, s, "/triage", 400, "finding", ids[0], "status", "new")
	tell(t, s, "/triage", 200, "finding", ids[0], "status", "new", "note", "why", "author", "ann")
}

// TestOneLabel: a finding has the same words wherever it stands.
func TestOneLabel(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	for _, id := range s.FindingIDs(t) {
		var f struct{ What, Dest string }
		read(t, s, "/findings/"+id, &f)
		words, setting := strings.CutPrefix(f.What, "setting changed: ")
		consoletest.Says(t, s.Get(t, "/findings?rule=all").Body, f.What)
		if !setting {
			consoletest.Says(t, s.Get(t, "/hosts/"+f.Dest).Body, words)
		}
	}
}
