package handlers_test

import (
	"strings"
	"testing"

	"escutcheon/importer"
	"escutcheon/internal/consoletest"
)

// TestPrinted: what is printed says of when it is, with its zone, and a finding
// names the files of its events by their hashes.
func TestPrinted(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	log := consoletest.Change("web01", 1, consoletest.Noon, "/a")
	s.Load(t, "a.json", log)
	d := s.Doc(t, "/findings/"+s.FindingIDs(t)[0])
	if got := oneLine(d.Find(".printed").Text()); !strings.Contains(got, "as it stood at 2") ||
		!strings.HasSuffix(got, " UTC") || !strings.Contains(got, "/findings/") {
		t.Errorf("printed: %q", got)
	}
	if got := oneLine(d.Find(".files-of").Text()); got != "a.jsonSHA-256 "+importer.HashOf(log) {
		t.Errorf("its files: %q", got)
	}
}
