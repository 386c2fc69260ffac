package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

// TestCompare: two events stand side by side: what differs, with the part that does,
// and folded what is the same.
func TestCompare(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", slices.Concat(consoletest.Change("web01", 1, consoletest.Noon, "/sites/é<b>/x"),
		consoletest.Change("web01", 2, consoletest.Noon.Add(time.Hour), "/sites/è\u202e/x")))
	d := s.Doc(t, "/search/compare?a=1&b=2")
	rows := texts(d, ".compare tbody tr")
	numbered := func(r string) bool { return strings.HasPrefix(r, "RecordNumber") }
	if len(rows) < 3 || !slices.ContainsFunc(rows, numbered) {
		t.Errorf("%q", rows)
	}
	marks := texts(d, ".compare mark")
	if !slices.Contains(marks, "é<b>") || !slices.Contains(marks, "è[U+202E]") || d.Find(".compare .log b").Length() > 0 {
		t.Errorf("%q", marks)
	}
	same := texts(d, ".same-fields dt")
	if !slices.Contains(same, "EventCode") || slices.Contains(same, "RecordNumber") {
		t.Errorf("the same are %q", same)
	}
	one := consoletest.Words(s.Doc(t, "/search/compare?event=1&event=1"), "h1")
	if !strings.Contains(one, "say the same") {
		t.Error(one)
	}
	for path, want := range map[string]int{"?a=1": 400, "": 303, "?event=1&event=2&event=1": 400, "?a=1&b=x": 400,
		"?a=1&b=99": 404} {
		if got := s.Do(t, "GET", "/search/compare"+path, nil); got.Status != want {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}
