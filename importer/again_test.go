package importer_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"escutcheon/intake"
)

// TestAgain corrects the answers of an import: what follows is what an import
// with the right answers would have given, and the old one is gone.
func TestAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	all := pieces(r, randomRecords(r, 50))
	numberless := all[len(all)-2].data
	text := all[0].data
	for name, c := range map[string]struct {
		data   []byte
		wrong  intake.Import
		right  intake.Import
		others []piece
	}{
		"zone":     {text, intake.Import{}, intake.Import{Zone: "Asia/Kolkata"}, nil},
		"computer": {numberless, intake.Import{}, intake.Import{Computer: "web09"}, nil},
		"both, beside others": {numberless, intake.Import{Computer: "web0"},
			intake.Import{Computer: "web09", Zone: "Asia/Tokyo"}, all[:6]},
		"zone, beside others": {text, intake.Import{Zone: "Asia/Kolkata"}, intake.Import{Zone: "UTC"}, all[1:6]},
		"nothing":             {text, intake.Import{}, intake.Import{}, all[1:3]},
		"one with rejections": {append([]byte("junk before\n"), text...), intake.Import{},
			intake.Import{Zone: "Asia/Kolkata"}, nil},
		"one that was repeated": {text, intake.Import{}, intake.Import{Zone: "Asia/Kolkata"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for _, p := range c.others {
				b.add(p.name, p.data, p.like)
			}
			right := b.add("log", c.data, c.right)
			want := b.found() + b.events()

			b = newBench(t)
			for _, p := range c.others {
				b.add(p.name, p.data, p.like)
			}
			wrong := b.add("log", c.data, c.wrong)
			if strings.Contains(name, "repeated") {
				first := wrong
				if wrong = b.add("log", c.data, c.wrong); wrong.SameAs != first.ID {
					t.Fatalf("the second import repeats %d, want %d", wrong.SameAs, first.ID)
				}
				if err := b.store.DeleteImport(ctx, first.ID); err != nil {
					t.Fatal(err)
				}
			}
			i, err := b.im.Again(ctx, wrong.ID, c.right.Zone, c.right.Computer, c.right.Dates)
			if err != nil {
				t.Fatal(err)
			}
			id, err := b.im.Admit(ctx, i)
			if err != nil {
				t.Fatal(err)
			}
			done, err := b.im.Run(ctx, id)
			if err != nil || done.Status != intake.Done {
				t.Fatalf("%v, %s %s", err, done.Status, done.Reason)
			}
			if done.Read != right.Read || done.Rejected != right.Rejected || done.Zoneless != right.Zoneless ||
				done.Bytes != right.Bytes {
				t.Errorf("counts %+v, want %+v", done.Counts, right.Counts)
			}
			if _, err := b.store.ImportByID(ctx, wrong.ID); err == nil {
				t.Error("the import that was replaced is still there")
			}
			b.same("after importing it again", want)
			b.rebuild()
			b.same("a rebuild", want)
		})
	}
}

// TestRecognised imports the same file again, and deletes the first import.
func TestRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	all := pieces(r, randomRecords(r, 40))
	b := newBench(t)
	first := b.add("a.log", all[0].data, intake.Import{})
	want := b.found() + b.events()
	again := b.add("b.log", all[0].data, intake.Import{})
	if again.SameAs != first.ID || again.Status != intake.Done || again.New != 0 || again.Duplicate != first.Read ||
		again.Read != first.Read || again.Format != first.Format {
		t.Errorf("recognised: %+v", again)
	}
	other := b.add("c.log", all[0].data, intake.Import{Zone: "Asia/Tokyo"})
	if other.SameAs != 0 || other.New == 0 {
		t.Errorf("with another zone: %+v", other)
	}
	if err := b.store.DeleteImport(ctx, other.ID); err != nil {
		t.Fatal(err)
	}
	b.same("after both", want)
	if err := b.store.DeleteImport(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	b.same("after deleting the first", want)
	heir, err := b.store.ImportByID(ctx, again.ID)
	if err != nil || heir.SameAs != 0 {
		t.Errorf("%v, the heir still repeats %d", err, heir.SameAs)
	}
	if err := b.store.DeleteImport(ctx, again.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.dump(); got != newBench(t).dump() {
		t.Errorf("something is left:\n%s", got)
	}
}

// TestAgainIsTheSameEvents: rows of CSV, which have no number, are the events
// that they were when they are imported again, and a longer log adds its last.
func TestAgainIsTheSameEvents(t *testing.T) {
	b := newBench(t)
	old := b.add("a.csv", viewer("2026-01-02 10:00:00", "2026-01-02 11:00:00"), intake.Import{Computer: "web01"})
	i, err := b.im.Again(ctx, old.ID, "UTC", "web09", "")
	if err != nil {
		t.Fatal(err)
	}
	id, err := b.im.Admit(ctx, i)
	if err != nil {
		t.Fatal(err)
	}
	if i, err = b.im.Run(ctx, id); err != nil || i.Status != intake.Done {
		t.Fatalf("%v, %s %s", err, i.Status, i.Reason)
	}
	longer := viewer("2026-01-02 10:00:00", "2026-01-02 11:00:00", "2026-01-02 12:00:00")
	if more := b.add("b.csv", longer, intake.Import{Computer: "web09"}); more.Duplicate != 2 || more.New != 1 {
		t.Errorf("the longer log: %+v, want one new event", more.Counts)
	}
}
