package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/internal/consoletest"
)

// TestRuleSilence: the page of a rule that found nothing says why it cannot fire
// on the logs at hand, and of one that may says nothing.
func TestRuleSilence(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	consoletest.LoadRisk(t, s)
	search := map[string]string{
		"lacking": "EventCode=4688 New_Process_Name=*appcmd.exe | stats count by dest <b>",
		"asking":  `EventCode=4688 Nowhere="x" | stats count by dest`,
		"absent":  `source="WinEventLog:Security" EventCode=4769 | stats count by dest`,
		"waiting": "EventCode=4688 New_Process_Name=*nothing.exe | stats count by dest",
		"fired":   "EventCode=4688 | stats count by dest",
	}
	var files []detection.SourceFile
	for id, text := range search {
		files = append(files, consoletest.RuleFile(id, id, text))
	}
	if err := s.Book.Load(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	consoletest.Poll(t, func() bool { return s.Rules(t).Behind.Rules == 0 })
	said := func(id string) (text string) {
		consoletest.Poll(t, func() bool {
			text = consoletest.Words(s.Doc(t, "/rules/"+id), ".rule-silent")
			return !strings.Contains(text, "being looked at")
		})
		return text
	}
	for id, want := range map[string]string{
		"lacking": "It cannot fire on the logs at hand: groups by <b>, which none of 5 Security 4688 events here carries; " +
			"5 events matched before that.",
		"asking":  "It cannot fire on the logs at hand: asks for Nowhere, which none of 5 Security 4688 events here carries.",
		"absent":  "It cannot fire on the logs at hand: no Security 4769 was imported.",
		"waiting": "", "fired": "", consoletest.SeedID: "",
	} {
		if got := said(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if got := s.Get(t, "/rules/absent", "Accept", consoletest.JSON).Body; !strings.Contains(got,
		`"silent":["no Security 4769 was imported"]`) {
		t.Error(got)
	}
	// What comes later counts: after the time for which an answer is kept.
	r := s.Book.Find("absent")
	if why, known, err := s.Book.Silence(t.Context(), r, time.Minute); err != nil || !known || len(why) != 1 {
		t.Fatal(fmt.Sprint(why, known, err))
	}
	if a := s.Post(t, "/rules/absent/disable", map[string][]string{"author": {"x"}}); a.Status != 303 {
		t.Fatal(a.Status)
	}
	if got := said("absent"); got != "" {
		t.Errorf("a rule that is off: %q", got)
	}
}
