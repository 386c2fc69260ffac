package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"escutcheon/internal/consoletest"
)

const sentID = "33333333-0000-4000-8000-000000000001"

// sentYAML is a rule as somebody sends it.
func sentYAML(id, name, search string) string {
	return string(consoletest.RuleFile(id, name, search).Content)
}

func sendJSON(t *testing.T, s *consoletest.Server, path string, body any) (consoletest.Answer, map[string]any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	a := s.Do(t, http.MethodPost, path, strings.NewReader(string(data)), "Content-Type", "application/json", "Accept",
		"application/json", "Origin", s.URL)
	out := map[string]any{}
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
		t.Fatalf("%d %s: %v", a.Status, a.Body, err)
	}
	return a, out
}

// TestPostRule: a rule is loaded, put in the place of the one of its id, refused
// with a reason and a place, and removed; a built-in one is only replaced.
func TestPostRule(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	send := func(yaml, author string) (consoletest.Answer, map[string]any) {
		return sendJSON(t, s, "/rules", map[string]string{"yaml": yaml, "author": author})
	}
	const search = "EventCode=4688 | stats count by Computer | rename Computer as dest"
	for _, step := range []struct {
		yaml, author string
		status       int
		want         string
	}{
		{"", "anna", 400, "Write the rule"},
		{sentYAML(sentID, "Ours", search), " ", 400, "Sign the rule"},
		{"name: [", "anna", 400, "The rule cannot be run: "},
		{"name: x\ndescription: y\n", "anna", 400, "has no search"},
		{sentYAML(sentID, "Ours", "EventCode=1\n| map search=x"), "anna", 400, `command "map" at line 2, column 3`},
		{sentYAML(sentID, "Ours", search), "anna", 201, ""},
		{sentYAML(sentID, "Ours anew", search), "berta", 200, ""},
	} {
		a, out := send(step.yaml, step.author)
		if said, _ := out["error"].(string); a.Status != step.status || !strings.Contains(said, step.want) {
			t.Errorf("%.60q: %d %v", step.yaml, a.Status, out)
		}
		if strings.Contains(step.want, "line 2") && fmt.Sprint(out["command"], out["line"], out["column"]) != "map2 3" {
			t.Errorf("refused with %v", out)
		}
	}
	if r := s.Book.Find(sentID); r == nil || r.Name != "Ours anew" || r.SentBy != "berta" {
		t.Fatalf("loaded %+v", r)
	}
	consoletest.Poll(t, func() bool { return s.Findings(t, sentID) > 0 })
	consoletest.Says(t, s.Get(t, "/rules/"+sentID).Body, "sent by berta", "Remove the rule")

	// A form gets the page back with what was written, and the rule's page when it is taken.
	form := url.Values{"yaml": {"name: <b>"}, "author": {"anna"}}
	a := s.Post(t, "/rules", form)
	if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "name: &lt;b&gt;") {
		t.Errorf("%d, and what was written is not there", a.Status)
	}
	consoletest.CheckPage(t, "/rules", a.Body)
	form.Set("yaml", sentYAML(consoletest.AppcmdID, "Appcmd of ours", search))
	if a := s.Post(t, "/rules", form); a.Status != http.StatusSeeOther ||
		a.Header.Get("Location") != "/rules/"+consoletest.AppcmdID {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	consoletest.Says(t, s.Get(t, "/rules/"+consoletest.AppcmdID).Body, "in the place of the built-in rule")

	// Another site may neither load nor remove.
	for _, path := range []string{"/rules", "/rules/" + sentID + "/delete"} {
		if a := s.Do(t, http.MethodPost, path, strings.NewReader(form.Encode()), "Content-Type",
			"application/x-www-form-urlencoded", "Origin", "https://evil.example"); a.Status != http.StatusForbidden {
			t.Errorf("%s from elsewhere: %d", path, a.Status)
		}
	}

	// What was loaded goes with what it found; the built-in one is back, and stays.
	for _, id := range []string{sentID, consoletest.AppcmdID} {
		if a := s.Post(t, "/rules/"+id+"/delete", url.Values{"author": {"anna"}}); a.Status != http.StatusSeeOther {
			t.Errorf("remove %s: %d", id, a.Status)
		}
	}
	if r := s.Book.Find(consoletest.AppcmdID); s.Book.Find(sentID) != nil || r == nil || r.File != "" {
		t.Errorf("after that %v", r)
	}
	consoletest.Poll(t, func() bool { return s.Findings(t, consoletest.AppcmdID) == 5 })
	if a, out := sendJSON(t, s, "/rules/"+consoletest.AppcmdID+"/delete", nil); a.Status != http.StatusConflict ||
		!strings.Contains(fmt.Sprint(out["error"]), "Disable it instead") {
		t.Errorf("a built-in one: %d %v", a.Status, out)
	}
	if a, _ := sendJSON(t, s, "/rules/"+sentID+"/delete", nil); a.Status != http.StatusNotFound {
		t.Errorf("one that is gone: %d", a.Status)
	}
}
