package export_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/export"
	"escutcheon/store"
	"escutcheon/triage"
)

var ctx = context.Background()

// shelf is a store with what tests put there; a method whose name fails does.
type shelf struct {
	hosts    []store.Host
	events   map[string][]detection.RiskEvent // by host
	findings []store.Finding
	notes    []store.NoteRow
	scorer   risk.Scorer
	fails    string
	asked    []string // how risk was asked for
}

var errShelf = errors.New("the shelf is broken")

func (s *shelf) err(name string) error {
	if s.fails == name {
		return errShelf
	}
	return nil
}

// each yields a list, and behind it the error of a method.
func each[T any](list []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

func (s *shelf) AllHosts(context.Context, store.HostFilter) iter.Seq2[store.Host, error] {
	return each(s.hosts, s.err("hosts"))
}

func (s *shelf) AllFindings(context.Context, store.FindingFilter) iter.Seq2[store.Finding, error] {
	return each(s.findings, s.err("findings"))
}

func (s *shelf) NoteRows(_ context.Context, dest string) iter.Seq2[store.NoteRow, error] {
	notes := slices.DeleteFunc(slices.Clone(s.notes), func(n store.NoteRow) bool {
		return dest != "" && n.Dest != dest
	})
	return each(notes, s.err("notes"))
}

func (s *shelf) RisksOf(_ context.Context, f store.RiskOf, names []string) ([]store.Risk, error) {
	s.asked = append(s.asked, fmt.Sprintf("%q %q %q %v %d", names, f.Type, f.Rule, f.AsOf, f.Now))
	var out []store.Risk
	for _, h := range s.hosts {
		if slices.Contains(names, h.Dest) {
			out = append(out, store.Risk{View: s.scorer.View(s.events[h.Dest], h.AsOf)})
		}
	}
	return out, s.err("risk")
}

const asOf = int64(1_765_180_200) // 2025-12-08T07:50:00Z

func event(rule string, score int, before int64, message string) detection.RiskEvent {
	return detection.RiskEvent{RuleID: rule, RiskObject: "web01", Score: score, Time: asOf - before, Message: message}
}

func seed(t *testing.T) *detection.Rule {
	t.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return detection.Find(rules, detection.SeedID)
}

func risky() *shelf {
	return &shelf{scorer: risk.Scorer{Settings: risk.Default()},
		hosts: []store.Host{{Dest: "web01", AsOf: asOf}, {Dest: "quiet", AsOf: asOf}, {Dest: "-web02", AsOf: asOf + 5}},
		events: map[string][]detection.RiskEvent{
			"web01": {event(detection.SeedID, 50, 3600, "b"), event(detection.SeedID, 50, 0, "a"),
				event("gone", 7, 60, "a")},
			"-web02": {{RuleID: "gone", RiskObject: "-web02", Score: 1, Time: asOf, Message: "=1"}},
		}}
}

func read(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRiskCSV(t *testing.T) {
	r := seed(t)
	stories := slices.Sorted(slices.Values(r.Tags.AnalyticStory))
	for _, capped := range []bool{false, true} {
		s := risky()
		s.scorer.CapPerRule, s.scorer.Rule = capped, risk.Find([]*detection.Rule{r})
		var b strings.Builder
		if err := export.RiskCSV(ctx, &b, s, store.HostFilter{Rule: "some", Now: 7}); err != nil {
			t.Fatal(err)
		}
		score := map[bool]string{false: "107", true: "57"}[capped]
		want := [][]string{
			{"normalized_risk_object", "risk_score", "count", "firstTime", "lastTime", "Search Name", "Risk Message",
				"Analytic Stories", "Annotations", "ATT&CK Tactics"},
			{"web01", score, "3", "2025-12-08T06:50:00", "2025-12-08T07:50:00",
				r.SearchName() + "\ngone", "a\nb", strings.Join(stories, "\n"),
				strings.Join(r.Annotations(), "\n"), "persistence"},
			{"'-web02", "1", "1", "2025-12-08T07:50:00", "2025-12-08T07:50:00", "gone", "'=1", "", "", ""},
		}
		got := read(t, b.String())
		if len(got) != len(want) {
			t.Fatalf("%q", got)
		}
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("capped %v, row %d:\n got %q\nwant %q", capped, i, got[i], want[i])
			}
		}
		asked := []string{`["web01" "quiet" "-web02"] "" "some" <nil> 7`}
		if !slices.Equal(s.asked, asked) {
			t.Errorf("risk was asked for by %q, want %q", s.asked, asked)
		}
	}
}

// What fails on the way is the table's error, and a row is whole or not there.
func TestRiskCSVFails(t *testing.T) {
	for _, name := range []string{"hosts", "risk"} {
		s := risky()
		s.fails = name
		var b strings.Builder
		if err := export.RiskCSV(ctx, &b, s, store.HostFilter{}); !errors.Is(err, errShelf) {
			t.Errorf("%s fail: %v", name, err)
		}
		rows := 0
		for _, err := range export.RiskRows(ctx, s, store.HostFilter{}) {
			if rows++; err == nil {
				t.Errorf("%s fail, and there is a row", name)
			}
		}
		if rows != 1 {
			t.Errorf("%s fail: %d times", name, rows)
		}
	}
}

func TestRiskRowsStop(t *testing.T) {
	s := risky()
	for row, err := range export.RiskRows(ctx, s, store.HostFilter{}) {
		if err != nil || row.RiskObject != "web01" {
			t.Fatal(row, err)
		}
		break
	}
	if len(s.asked) != 1 {
		t.Errorf("after the first row %q were asked for", s.asked)
	}
}

func TestFindingsCSV(t *testing.T) {
	row := []string{"Info", "29", "web01", "two\nlines, \"quoted\"", "3", "x", "+y"}
	s := &shelf{findings: []store.Finding{{Row: row}}}
	var b strings.Builder
	if err := export.FindingsCSV(ctx, &b, s, seed(t), store.FindingFilter{}); err != nil {
		t.Fatal(err)
	}
	const want = `"OpCode","EventCode","dest","Message","count","firstTime","lastTime"` + "\r\n" +
		"\"Info\",\"29\",\"web01\",\"two\nlines, \"\"quoted\"\"\",\"3\",\"x\",\"'+y\"\r\n"
	if b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	s.fails = "findings"
	if err := export.FindingsCSV(ctx, io.Discard, s, seed(t), store.FindingFilter{}); !errors.Is(err, errShelf) {
		t.Errorf("findings fail: %v", err)
	}
}

func TestNotesCSV(t *testing.T) {
	at := func(second int) time.Time { return time.Date(2026, 1, 2, 3, 4, second, 999, time.FixedZone("", 3600)) }
	s := &shelf{notes: []store.NoteRow{
		{Note: store.Note{ID: 12, Dest: "web01", Finding: "f", Author: "anna", Created: at(5), Edited: at(6), Revision: 2,
			Text: "x\n\"y\""},
			Triage: store.Triage{Status: triage.Closed, Disposition: 1, Owner: "'=carl"}, Evidence: []int64{4, 31}},
		{Note: store.Note{ID: 7, Dest: "web02", Author: "@bert", Created: at(7), Edited: at(7), Revision: 1, Text: ""}},
	}}
	header := []string{"note_id", "dest", "finding", "author", "created", "edited", "revision", "note",
		"status", "disposition", "owner", "evidence"}
	first := []string{"12", "web01", "f", "anna", "2026-01-02T02:04:05", "2026-01-02T02:04:06", "2", "x\n\"y\"", "Closed",
		triage.Disposition(1).String(), "''=carl", "4 31"}
	second := []string{"7", "web02", "", "'@bert", "2026-01-02T02:04:07", "2026-01-02T02:04:07", "1", "", "New",
		triage.Disposition(0).String(), "", ""}
	for dest, want := range map[string][][]string{
		"": {header, first, second}, "web02": {header, second}, "web03": {header},
	} {
		var b strings.Builder
		if err := export.NotesCSV(ctx, &b, s, dest); err != nil {
			t.Fatal(err)
		}
		if got := read(t, b.String()); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("notes of %q:\n got %q\nwant %q", dest, got, want)
		}
	}
	s.fails = "notes"
	if err := export.NotesCSV(ctx, io.Discard, s, ""); !errors.Is(err, errShelf) {
		t.Errorf("notes fail: %v", err)
	}
}

// full is a writer with no room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errShelf }

// A table that cannot be written is an error, a long one as soon as it is told.
func TestFullDisk(t *testing.T) {
	if err := export.NotesCSV(ctx, full{}, &shelf{}, ""); !errors.Is(err, errShelf) {
		t.Errorf("%v", err)
	}
	long := &shelf{}
	read := 0
	for range 1000 {
		long.notes = append(long.notes, store.NoteRow{Note: store.Note{Text: strings.Repeat("x", 1000)}})
	}
	err := export.NotesCSV(ctx, full{}, counting{long, &read}, "")
	if !errors.Is(err, errShelf) || read == 1000 {
		t.Errorf("%v after %d notes", err, read)
	}
}

// counting counts the notes that are read.
type counting struct {
	*shelf
	n *int
}

func (c counting) NoteRows(ctx context.Context, dest string) iter.Seq2[store.NoteRow, error] {
	return func(yield func(store.NoteRow, error) bool) {
		for n, err := range c.shelf.NoteRows(ctx, dest) {
			*c.n++
			if !yield(n, err) {
				return
			}
		}
	}
}

func TestTime(t *testing.T) {
	for second, want := range map[int64]string{
		0: "1970-01-01T00:00:00", -1: "1969-12-31T23:59:59", asOf: "2025-12-08T07:50:00",
	} {
		if got := export.Time(second); got != want {
			t.Errorf("%d: %s, want %s", second, got, want)
		}
	}
}
