package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/intake"
)

func TestOpening(t *testing.T) {
	all := importer.Opening{Zone: true, Computer: true, Dates: true}
	own, given := intake.Reading{Format: "f", Zone: "z", Computer: "c", Dates: "mdy"},
		intake.Reading{Format: "g", Zone: "UTC", Computer: "d", Dates: "dmy"}
	for _, c := range []struct {
		open  importer.Opening
		names []string
		want  intake.Reading
	}{
		{importer.Opening{}, nil, own},
		{importer.Opening{Password: true}, []string{"password"}, own},
		{importer.Opening{Zone: true}, []string{"zone"},
			intake.Reading{Format: "f", Zone: "UTC", Computer: "c", Dates: "mdy"}},
		{importer.Opening{Computer: true}, []string{"computer"},
			intake.Reading{Format: "f", Zone: "z", Computer: "d", Dates: "mdy"}},
		{importer.Opening{Dates: true}, []string{"dates"},
			intake.Reading{Format: "f", Zone: "z", Computer: "c", Dates: "dmy"}},
		{all, []string{"zone", "computer", "dates"}, intake.Reading{Format: "f", Zone: "UTC", Computer: "d", Dates: "dmy"}},
	} {
		if got := c.open.Names(); !slices.Equal(got, c.names) {
			t.Errorf("%+v is answered by %q, want %q", c.open, got, c.names)
		}
		if got := c.open.Merge(own, given); got != c.want {
			t.Errorf("%+v: read as %+v, want %+v", c.open, got, c.want)
		}
	}
	for _, c := range []struct {
		open  importer.Opening
		given intake.Reading
		says  string // "" taken
	}{
		{all, intake.Reading{Zone: "Europe/Berlin", Dates: "dmy"}, ""},
		{all, intake.Reading{Zone: "UTC", Computer: "x", Dates: "mdy"}, ""},
		{all, intake.Reading{Dates: "dmy"}, "Say the zone"},
		{all, intake.Reading{Zone: "UTC"}, "Say which number"},
		{all, intake.Reading{Zone: "Mars/X", Dates: "dmy"}, `no time zone "Mars/X"`},
		{all, intake.Reading{Zone: "UTC", Dates: "ymd"}, "no order of day and month"},
		{importer.Opening{Computer: true}, intake.Reading{Zone: "Mars/X", Dates: "ymd"}, ""}, // nobody asked for these
		{importer.Opening{Dates: true}, intake.Reading{Zone: "Mars/X", Dates: "mdy"}, ""},
		{importer.Opening{Zone: true}, intake.Reading{Zone: "UTC", Dates: "ymd"}, ""},
	} {
		err := c.open.Check(c.given)
		if (err == nil) != (c.says == "") || err != nil &&
			(!strings.Contains(err.Error(), c.says) || fault.CodeOf(err) != fault.Invalid) {
			t.Errorf("%+v answered with %+v: %v, want %q", c.open, c.given, err, c.says)
		}
	}
}

// viewer is events as Event Viewer exports them: no zone and no computer.
func viewer(dates ...string) []byte {
	out := "Level,Date and Time,Source,Event ID,Task Category\r\n"
	for i, d := range dates {
		out += fmt.Sprintf(
			"Information,%s,Microsoft-Windows-IIS-Configuration,29,None,\"Changes to '/v%d' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.\"\r\n", d, i)
	}
	return []byte(out)
}

// waiting records a file that waits for its answers.
func (b *bench) waiting(name string, data []byte) intake.Import {
	b.t.Helper()
	ctx := context.Background()
	kept, err := b.spool.Keep(ctx, bytes.NewReader(data), 0)
	if err != nil {
		b.t.Fatal(err)
	}
	i := intake.Import{Name: name, Source: intake.Upload, Path: kept.Path, SHA256: kept.SHA256, Size: kept.Size,
		Status: intake.Asking}
	if i.ID, err = b.store.AddImport(ctx, i); err != nil {
		b.t.Fatal(err)
	}
	return i
}

// TestQuestions: what files leave open, which are alike, and that one answer
// starts them all.
func TestQuestions(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	queue := importer.NewQueue(b.im, slog.New(slog.DiscardHandler))
	defer queue.Close()
	q := importer.NewQuestions(queue)
	first := b.waiting("first.csv", viewer("1/2/2026 10:00:00 AM", "12/30/2025 10:00:00 AM"))
	sure := b.waiting("sure.csv", viewer("2026-01-02 10:00:00"))
	second := b.waiting("second.csv", viewer("3/4/2026 10:00:00 AM"))
	alike := b.waiting("third.csv", viewer("5/6/2026 10:00:00 AM"))

	open, err := q.Open(second)
	if want := (importer.Opening{Zone: true, Computer: true, Dates: true}); err != nil || open != want {
		t.Fatalf("open: %+v, %v", open, err)
	}
	if o, err := q.Open(sure); err != nil || o != (importer.Opening{Zone: true, Computer: true}) {
		t.Errorf("a date that leaves nothing open: %+v, %v", o, err)
	}
	if o, err := q.Open(first); err != nil || o.Dates {
		t.Errorf("a file in which one date says which number is the day: %+v, %v", o, err)
	}
	s, err := q.Sample(second, open, intake.Reading{Zone: "Asia/Kolkata"})
	if err != nil || s.Wrong != nil || s.Reading.Zone != "Asia/Kolkata" || len(s.Examples) != 1 {
		t.Fatalf("sample: %+v, %v", s, err)
	}
	// 4 March and 3 April, 10:00 at +05:30
	if s.Month == nil || s.Day == nil || s.Month.Nanos != 1772598600e9 || s.Day.Nanos != 1775190600e9 {
		t.Errorf("month-first %+v, day-first %+v", s.Month, s.Day)
	}
	same := b.waiting("same.csv", viewer("3/3/2026 10:00:00 AM", "7/8/2026 10:00:00 AM", "9/10/2026 10:00:00 AM"))
	if s, err := q.Sample(same, open, intake.Reading{Zone: "UTC"}); err != nil || s.Month == nil ||
		// the first that makes a difference
		s.Month.TimeText != "7/8/2026 10:00:00 AM" || s.Day.TimeText != s.Month.TimeText {
		t.Errorf("of dates of which one is the same in both orders: %+v, %v", s, err)
	}
	if err := queue.Cancel(ctx, same.ID); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []intake.Reading{{Zone: "Mars/X"}, {Dates: "ymd"}} {
		if s, err := q.Sample(second, open, wrong); err != nil || s.Wrong == nil || s.Reading.Zone != "" ||
			s.Reading.Dates != "" {
			t.Errorf("with %+v: %+v, %v", wrong, s, err)
		}
	}
	groups, more, err := q.Groups(ctx, 10)
	if err != nil || more || len(groups) != 2 || len(groups[0].Imports) != 2 || groups[0].Imports[0].ID != first.ID ||
		len(groups[1].Imports) != 2 {
		t.Errorf("groups %+v, more %v, %v", groups, more, err)
	}
	if groups, more, err = q.Groups(ctx, 3); err != nil || !more || len(groups[1].Imports) != 1 {
		t.Errorf("three of four: %+v, more %v, %v", groups, more, err)
	}
	if _, more, err = q.Groups(ctx, 4); err != nil || more {
		t.Errorf("four of four: more %v, %v", more, err)
	}
	if list, err := q.Alike(ctx, second, open, 10); err != nil || len(list) != 1 || list[0].ID != alike.ID {
		t.Errorf("alike: %+v, %v", list, err)
	}
	if n, err := q.Answer(ctx, second, intake.Reading{Zone: "UTC"}, true); n != 0 || fault.CodeOf(err) != fault.Invalid {
		t.Errorf("half an answer: %d, %v", n, err)
	}
	if n, err := q.Answer(ctx, second, intake.Reading{Zone: "Asia/Kolkata", Computer: "web07", Dates: "dmy"},
		true); n != 1 || err != nil {
		t.Errorf("one answer for both: %d others, %v", n, err)
	}
	if _, err := q.Answer(ctx, second, intake.Reading{Zone: "UTC", Dates: "dmy"},
		false); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("answered twice: %v", err)
	}
	for _, id := range []int64{second.ID, alike.ID} {
		if i, err := b.store.ImportByID(ctx, id); err != nil || i.Status == intake.Asking || i.Zone != "Asia/Kolkata" ||
			i.Computer != "web07" || i.Dates != "dmy" {
			t.Errorf("import %d: %+v, %v", id, i, err)
		}
	}
	if n, err := q.Answer(ctx, first, intake.Reading{Zone: "UTC"}, false); n != 0 || err != nil {
		t.Errorf("a computer that nobody knows: %d, %v", n, err)
	}
	if i, err := b.store.ImportByID(ctx, sure.ID); err != nil || i.Status != intake.Asking {
		t.Errorf("what was not answered: %+v, %v", i, err)
	}
}

// TestQuestionsOfAFileThatIsGone: it is a conflict, and others are passed over.
func TestQuestionsOfAFileThatIsGone(t *testing.T) {
	b := newBench(t)
	queue := importer.NewQueue(b.im, slog.New(slog.DiscardHandler))
	defer queue.Close()
	q := importer.NewQuestions(queue)
	gone, there := b.waiting("gone.csv", viewer("1/2/2026 10:00:00 AM")),
		b.waiting("there.csv", viewer("3/4/2026 10:00:00 AM"))
	if err := os.Remove(gone.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Open(gone); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("open: %v", err)
	}
	groups, _, err := q.Groups(context.Background(), 10)
	if err != nil || len(groups) != 1 || groups[0].Imports[0].ID != there.ID {
		t.Errorf("groups %+v, %v", groups, err)
	}
}
