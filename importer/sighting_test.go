package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/store"
)

// piece is one file of some records in one format, as one sender has them.
type piece struct {
	name string
	data []byte
	like intake.Import
}

// pieces are files that overlap and do not agree: a sender with another
// language, one that knows no opcode, one that writes the host otherwise, one
// whose times have no fraction; and records without a number, once read in
// another zone and for another computer.
func pieces(r *rand.Rand, records []logwriter.Record) (out []piece) {
	for n := range 8 {
		format := n % len(writers)
		var data []byte
		for _, i := range r.Perm(len(records))[:len(records)*2/3] {
			rec := records[i]
			switch n {
			case 0, 6:
				rec.Message = strings.Replace(rec.Message, "Changes to", "Änderungen an", 1)
			case 1:
				rec.Computer = strings.ToUpper(rec.Computer)
			case 2:
				rec.Time = rec.Time.Truncate(time.Second)
			case 3, 7:
				if i%3 == 0 {
					rec.Opcode, rec.OpCode = logwriter.NoOpcode, ""
				}
			}
			for range 1 + r.IntN(6)/5 {
				data = writers[format].append(data, &rec)
			}
		}
		out = append(out, piece{name: fmt.Sprintf("%d %s", n, writers[format].name), data: data})
	}
	var text []byte
	for i := range 20 {
		rec := records[i]
		rec.RecordNumber, rec.Computer = 0, ""
		text = logwriter.AppendText(text, &rec, time.UTC)
	}
	text = []byte(strings.NewReplacer("RecordNumber=0\r\n", "", "RecordNumber=0\n", "", "ComputerName=\r\n", "",
		"ComputerName=\n", "").Replace(string(text)))
	return append(out, piece{"numberless", text, intake.Import{Computer: "web09"}},
		piece{"numberless elsewhere", text, intake.Import{Computer: "web10", Zone: "Asia/Kolkata"}})
}

// events is what the store knows of the events that are in findings or that
// rules match although they are in none, and how often each was seen.
func (b *bench) events() string {
	b.t.Helper()
	ctx := context.Background()
	var lines []string
	list := func(f store.EventFilter) {
		refs, _, err := b.store.Events(ctx, f, store.Page{Limit: 1 << 20})
		if err != nil {
			b.t.Fatal(err)
		}
		for _, ref := range refs {
			seen, err := b.store.Sightings(ctx, ref.ID)
			if err != nil {
				b.t.Fatal(err)
			}
			e, err := importer.Decoder{}.Merge(seen)
			if err != nil {
				b.t.Fatal(err)
			}
			if ref.Second != e.Second() || ref.Nanos != e.Nanos-e.Second()*1e9 || ref.Code != e.EventCode ||
				ref.Channel != e.Channel || ref.Provider != e.Provider {
				b.t.Errorf("event %d is stored as %+v and is %+v", ref.ID, ref, e)
			}
			e.Offset = 0
			lines = append(lines, fmt.Sprintf("%s %d %+v", f.Finding, len(seen), e))
		}
	}
	for f, err := range b.store.AllFindings(ctx, store.FindingFilter{}) {
		if err != nil {
			b.t.Fatal(err)
		}
		list(store.EventFilter{Finding: f.Key})
	}
	list(store.EventFilter{})
	sort.Strings(lines)
	return strings.Join(lines, "\n") + "\n"
}

func (b *bench) same(what, want string) {
	b.t.Helper()
	if got := b.found() + b.events(); got != want {
		b.t.Fatalf("%s differs:\n%s", what, firstDifference(strings.ReplaceAll(got, "\n", "\r\n"),
			strings.ReplaceAll(want, "\n", "\r\n")))
	}
}

// TestOrderOfSightings imports files that know different things of the same
// events in several orders and batch sizes, and deletes some of them: what the
// store says depends on the files that are there, and on nothing else.
func TestOrderOfSightings(t *testing.T) {
	for seed := range rounds(2) {
		r := rand.New(rand.NewPCG(seed, 21))
		all := pieces(r, randomRecords(r, 60))
		half := all[len(all)/2:]
		b := newFullBench(t)
		for _, p := range all {
			b.add(p.name, p.data, p.like)
		}
		wantAll := b.found() + b.events()
		b = newFullBench(t)
		for _, p := range half {
			b.add(p.name, p.data, p.like)
		}
		wantHalf := b.found() + b.events()
		for round := range rounds(2) {
			t.Run(fmt.Sprint(seed, round), func(t *testing.T) {
				b := newFullBench(t)
				b.im.Batch = 1 + r.IntN(30)
				ids := map[string]int64{}
				for _, i := range r.Perm(len(all)) {
					ids[all[i].name] = b.add(all[i].name, all[i].data, all[i].like).ID
				}
				b.same("another order", wantAll)
				b.rebuild()
				b.same("a rebuild", wantAll)
				for _, i := range r.Perm(len(all) / 2) {
					if err := b.store.DeleteImport(ctx, ids[all[i].name]); err != nil {
						t.Fatal(err)
					}
				}
				b.same("what is left after deleting", wantHalf)
				b.rebuild()
				b.same("a rebuild after deleting", wantHalf)
				for _, i := range r.Perm(len(all) / 2) {
					b.add(all[i].name, all[i].data, all[i].like)
				}
				b.same("what was deleted, imported again", wantAll)
				for _, i := range b.imports() {
					if err := b.store.DeleteImport(ctx, i.ID); err != nil {
						t.Fatal(err)
					}
				}
				empty := newFullBench(t)
				b.same("nothing", empty.found()+empty.events())
			})
		}
	}
}

func (b *bench) imports() []intake.Import {
	b.t.Helper()
	list, err := b.store.Imports(ctx, 0, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

var ctx = context.Background()

// rounds is how often a test on random input is run: once with -short.
func rounds(n uint64) uint64 {
	if testing.Short() {
		return 1
	}
	return n
}

// TestVeryManyVariants: a log that shows one event in more ways than any honest
// one is read in no more time for it. Its first records say what the event is,
// wherever batches and files end; all are kept, and go again.
func TestVeryManyVariants(t *testing.T) {
	rec := randomRecords(rand.New(rand.NewPCG(5, 5)), 1)[0]
	const n = 10 * intake.MostVariants
	lines := make([][]byte, n)
	for i := range lines {
		one := rec
		one.Message += fmt.Sprintf(" %d", i)
		lines[i] = append(logwriter.AppendNXLog(nil, &one, time.UTC), '\n')
	}
	want := ""
	for _, c := range []struct{ batch, cut int }{{0, n}, {50, n}, {1000, intake.MostVariants / 2}, {7, n / 2}} {
		b := newFullBench(t)
		b.im.Batch = c.batch
		for _, part := range [][][]byte{lines[:c.cut], lines[c.cut:]} {
			if len(part) == 0 {
				continue
			}
			if i := b.add("variants.json", bytes.Join(part, nil), intake.Import{}); i.Read != int64(len(part)) {
				t.Fatalf("read %d of %d: %s", i.Read, len(part), i.Reason)
			}
		}
		if want == "" {
			want = b.found() + b.events()
			if !strings.Contains(want, fmt.Sprintf(" %d ", n)) { // sightings of an event
				t.Fatalf("not all sightings are kept:\n%s", want)
			}
		}
		b.same(fmt.Sprintf("in batches of %d and files of %d", c.batch, c.cut), want)
		for _, i := range b.imports() {
			if err := b.store.DeleteImport(ctx, i.ID); err != nil {
				t.Fatal(err)
			}
		}
		b.same("nothing", newFullBench(t).found()+newFullBench(t).events())
	}
}
