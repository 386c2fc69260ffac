// Package eventstoretest is the suite that every store of events must pass. It
// needs of a store that imports can be begun on it; how rules are kept and what
// rests on events is no part of it.
package eventstoretest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// World is an empty store and what it takes to fill it.
type World interface {
	eventstore.Store
	// Begin begins an import of a file that is read so.
	Begin(r intake.Reading) (intake.Import, error)
	// End says that it is done.
	End(i intake.Import) error
}

// Run has a store pass the suite. open gives an empty one.
func Run(t *testing.T, open func(t *testing.T) World) {
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	RunSeeds(t, seeds, open)
}

// RunSeeds is Run with so many logs made at random.
func RunSeeds(t *testing.T, seeds uint64, open func(t *testing.T) World) {
	for seed := range seeds {
		t.Run(fmt.Sprintf("random logs %d", seed), func(t *testing.T) { random(t, open(t), seed) })
	}
	t.Run("cancelled", func(t *testing.T) { cancelled(t, open(t)) })
}

var ctx = context.Background()

// formats in which logs are written.
var formats = []struct {
	name   sniff.Format
	append func([]byte, *logwriter.Record) []byte
}{
	{sniff.EventXML, func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendXML(b, r, false) }},
	{sniff.NXLogJSON, func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendNXLog(b, r, time.UTC) }},
}

// model is what the store should hold, written down another way: of each event,
// by what makes it one, the places where it stands.
type model map[string][]place

type place struct {
	imported, offset int64
	raw              string
}

// key is what makes a record one event.
func key(r *logwriter.Record) string {
	return fmt.Sprintf("%s|%s|%d|%d|%d", r.Computer, r.Channel, r.RecordNumber, r.EventCode, r.Time.Unix())
}

// world is one run of the suite.
type world struct {
	*testing.T
	World
	model model
	words map[string]string // a word that stands in an event alone, by its key
	texts []logwriter.Record
}

// random puts random logs in random batches and formats, some again, forgets
// some, and compares with the model after each.
func random(t *testing.T, s World, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 10))
	w := &world{T: t, World: s, model: model{}, words: map[string]string{}}
	for n := range 200 {
		rec := logwriter.IISChange(logwriter.Change{Path: fmt.Sprintf("/system.webServer/only%dx%03d/tail", seed, n),
			At: "MACHINE", Edit: 2})
		rec.Computer, rec.RecordNumber = fmt.Sprintf("web%02d", r.IntN(7)), int64(1+n/3)
		rec.Time = time.Unix(1_764_000_000+int64(r.IntN(90_000)), 0).UTC()
		w.texts = append(w.texts, rec)
		w.words[key(&rec)] = fmt.Sprintf("only%dx%03d", seed, n)
	}
	var imports []intake.Import
	for range 12 {
		if len(imports) > 0 && r.IntN(3) == 0 {
			k := r.IntN(len(imports))
			w.forget(imports[k])
			imports = slices.Delete(imports, k, k+1)
		} else {
			imports = append(imports, w.put(r))
		}
		w.compare(r)
	}
	for _, i := range imports {
		w.forget(i)
	}
	w.compare(r)
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// put imports some of the records.
func (w *world) put(r *rand.Rand) intake.Import {
	f := formats[r.IntN(len(formats))]
	reading := intake.Reading{Format: f.name, Encoding: "utf-8", Zone: "UTC"}
	i, err := w.Begin(reading)
	w.ok(err)
	fresh, all := int64(0), int64(0)
	for n := 1 + r.IntN(3); n > 0; n-- {
		b := &intake.Batch{Import: i.ID, Owner: i.Owner, From: i.Records}
		b.Bytes = i.Bytes
		for range 1 + r.IntN(60) {
			rec := &w.texts[r.IntN(len(w.texts))]
			raw := string(f.append(nil, rec))
			e, err := importer.Decode(reading, raw)
			w.ok(err)
			e.Offset = b.Bytes
			b.Bytes += int64(len(raw))
			b.Records++
			b.Events = append(b.Events, *e)
			k := key(rec)
			if all++; w.model[k] == nil {
				fresh++
			}
			w.model[k] = append(w.model[k], place{i.ID, e.Offset, e.Raw})
		}
		if r.IntN(2) == 0 {
			b.Packed = pack(r, b)
		}
		i.Counts, err = w.StoreBatch(ctx, b)
		w.ok(err)
	}
	if i.New != fresh || i.Duplicate != all-fresh {
		w.Errorf("%d new, %d known; want %d and %d", i.New, i.Duplicate, fresh, all-fresh)
	}
	w.ok(w.End(i))
	return i
}

// pack packs a batch in pieces of random sizes.
func pack(r *rand.Rand, b *intake.Batch) (out []intake.Packed) {
	for at := 0; at < len(b.Events); {
		n := min(1+r.IntN(20), len(b.Events)-at)
		part := b.Events[at : at+n]
		run := intake.Packed{Events: n}
		if r.IntN(4) > 0 {
			run.Block = block.Pack(n, func(k int) (int64, string) { return part[k].Offset, part[k].Raw })
		}
		out = append(out, run)
		at += n
	}
	return out
}

func (w *world) forget(i intake.Import) {
	for {
		done, err := w.DeleteStep(ctx, i.ID)
		w.ok(err)
		if done {
			break
		}
	}
	for k, places := range w.model {
		places = slices.DeleteFunc(places, func(p place) bool { return p.imported == i.ID })
		if w.model[k] = places; len(places) == 0 {
			delete(w.model, k)
		}
	}
}

// scanned is what a scan says of one event.
type scanned struct {
	number int64
	second int64
}

// scan gives the events that a query hands out, by what makes them one.
func (w *world) scan(q eventstore.Query) (map[string]scanned, []int64) {
	w.Helper()
	out := map[string]scanned{}
	var order []int64
	var mu sync.Mutex
	q.Columns = block.All
	w.ok(w.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		var mine []int64
		mu.Lock()
		defer mu.Unlock()
		for _, i := range c.Rows {
			n := c.Number(i)
			if n != c.First+int64(i) { // a further sighting of an event that is elsewhere
				mine = append(mine, n)
				continue
			}
			k := fmt.Sprintf("%s|%s|%d|%d|%d", c.Names.Host(c.Columns.Host[i]), c.Names.Channel(c.Columns.Channel[i]),
				c.Columns.Record[i], c.Columns.Code[i], c.Columns.Second[i])
			out[k] = scanned{n, c.Columns.Second[i]}
			mine = append(mine, n)
		}
		return func() error { order = append(order, mine...); return nil }, nil
	}))
	return out, order
}

// compare compares the store with the model.
func (w *world) compare(r *rand.Rand) {
	w.Helper()
	all, order := w.scan(eventstore.Query{})
	if len(all) != len(w.model) || len(order) != len(all) || !slices.IsSorted(order) {
		w.Fatalf("%d events in order %v, want %d", len(all), order, len(w.model))
	}
	for k, places := range w.model {
		at, there := all[k]
		if !there {
			w.Fatalf("no event %s", k)
		}
		w.compareEvent(k, at, places)
	}
	w.compareOriginals(all)
	for k, at := range all {
		if r.IntN(20) == 0 {
			w.compareScans(k, at, len(all))
		}
	}
}

// compareEvent compares where an event stands.
func (w *world) compareEvent(k string, at scanned, places []place) {
	w.Helper()
	ref, err := w.EventByID(ctx, at.number)
	w.ok(err)
	if ref.Second != at.second || ref.ID != at.number {
		w.Errorf("event %s is %+v", k, ref)
	}
	seen, err := w.Sightings(ctx, at.number)
	w.ok(err)
	var got, want []string
	for _, s := range seen {
		got = append(got, fmt.Sprint(s.Import, s.Offset, s.Raw))
	}
	for _, p := range places {
		want = append(want, fmt.Sprint(p.imported, p.offset, p.raw))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Fatalf("event %s stands at\n%v\nwant\n%v", k, got, want)
	}
}

// compareOriginals wants of each event the bytes that it is seen with everywhere,
// or that it is said to be seen with several.
func (w *world) compareOriginals(all map[string]scanned) {
	w.Helper()
	of := map[int64][]place{}
	for k, at := range all {
		of[at.number] = w.model[k]
	}
	w.ok(w.Scan(ctx, eventstore.Query{Originals: true}, func(c *eventstore.Chunk) (func() error, error) {
		for _, i := range c.Rows {
			_, raw := c.Originals.Record(int(i))
			for _, p := range of[c.Number(i)] {
				if p.raw != raw && !slices.Contains(c.Varied, i) {
					w.Errorf("event %d has %q and is seen with %q, which no scan says", c.Number(i), raw, p.raw)
				}
			}
		}
		return nil, nil
	}))
}

// compareScans wants an event from every scan that asks for it, and the scan not
// to hand out all there is.
func (w *world) compareScans(k string, at scanned, all int) {
	w.Helper()
	from, to := at.second, at.second
	word := w.words[k]
	for name, q := range map[string]eventstore.Query{
		"time":   {From: &from, To: &to},
		"number": {After: at.number - 1, UpTo: at.number},
		"word":   {Words: []string{word}},
		"text":   {Texts: []string{word[1:] + "/tai"}},
		"newest": {From: &from, Newest: true},
	} {
		_, got := w.scan(q)
		if !slices.Contains(got, at.number) {
			w.Errorf("a scan by %s does not hand out event %d: %v", name, at.number, got)
		}
		if name != "newest" && all > 20 && len(got) > all/2 {
			w.Errorf("a scan by %s hands out %d of %d", name, len(got), all)
		}
	}
	if _, got := w.scan(eventstore.Query{Hosts: []string{"nobody"}}); len(got) > 0 {
		w.Errorf("a scan of a host that is not there: %v", got)
	}
}

// cancelled ends scans early.
func cancelled(t *testing.T, s World) {
	w := &world{T: t, World: s, model: model{}, words: map[string]string{}}
	rec := logwriter.IISChange(logwriter.Change{Path: "/x", At: "MACHINE", Edit: 2})
	rec.Computer, rec.RecordNumber, rec.Time = "web01", 1, time.Unix(1_764_000_000, 0).UTC()
	w.texts = []logwriter.Record{rec}
	w.put(rand.New(rand.NewPCG(1, 1)))
	gone, cancel := context.WithCancel(ctx)
	cancel()
	look := func(*eventstore.Chunk) (func() error, error) { return nil, nil }
	if err := s.Scan(gone, eventstore.Query{}, look); err == nil {
		t.Error("a cancelled scan has no error")
	}
	if err := s.Scan(ctx, eventstore.Query{}, func(*eventstore.Chunk) (func() error, error) {
		return nil, eventstore.ErrStop
	}); err != nil {
		t.Errorf("a scan that was stopped: %v", err)
	}
}
