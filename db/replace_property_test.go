package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
	"escutcheon/store"
)

// logFile is a log in a format, record by record.
type logFile struct {
	name, format string
	raws         []string
}

// answers are those of an import.
type answers struct{ zone, computer string }

// someLogs are logs of the same few events, in two formats, one of them without
// zones, some records without a number, and some with more than one wording.
func someLogs(r *rand.Rand) (out []*logFile) {
	for n := range 6 {
		f := &logFile{name: fmt.Sprint("log", n), format: []string{sniff.EventXML, sniff.SplunkText}[n%2]}
		for range 4 + r.IntN(14) {
			k := r.IntN(16)
			rec := iis([]string{"", "web01", "web02"}[k%3], k*1801, int64(k), fmt.Sprintf("/x%d", k%5))
			if r.IntN(5) == 0 {
				rec.Computer = strings.ToUpper(rec.Computer)
			}
			if n%2 == 0 {
				rec.Time = rec.Time.Add(time.Duration(r.IntN(2)) * time.Millisecond)
				f.raws = append(f.raws, string(logwriter.AppendXML(nil, &rec, false)))
				continue
			}
			text := string(logwriter.AppendText(nil, &rec, time.UTC))
			if k%4 == 0 {
				text = withoutLine(text, "RecordNumber=")
			}
			f.raws = append(f.raws, withoutLine(text, "ComputerName=\r"))
		}
		out = append(out, f)
	}
	return out
}

func withoutLine(text, begins string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, begins) }), "")
}

// bring imports a log.
func (h *house) bring(f *logFile, a answers) {
	h.t.Helper()
	id, err := h.AddImport(ctx, intake.Import{Name: f.name, Zone: a.zone, Computer: a.computer})
	h.ok(err)
	i, err := h.StartImport(ctx, id, "", "me")
	h.ok(err)
	i.Format, i.Encoding = f.format, "utf-8"
	h.ok(h.DescribeImport(ctx, i))
	b := &intake.Batch{Import: id, Owner: "me", Rules: h.rules}
	for n, raw := range f.raws {
		e, err := importer.Decode(i.Reading(), raw)
		h.ok(err)
		e.Offset = b.Bytes
		b.Bytes += int64(len(raw))
		b.Events = append(b.Events, *e)
		b.Matches = h.rules.Match(b.Matches, n, e)
		b.Count(e)
	}
	b.Records = int64(len(f.raws))
	_, err = h.StoreBatch(ctx, b)
	h.ok(err)
	h.ok(h.FinishImport(ctx, id, "me", intake.Done, ""))
}

func (h *house) named(name string) (i intake.Import) {
	h.t.Helper()
	list, err := h.Imports(ctx, 0, 100)
	h.ok(err)
	for _, i := range list {
		if i.Name == name && i.Status == intake.Done {
			return i
		}
	}
	h.t.Fatalf("%s is not there: %+v", name, list)
	return i
}

// again replaces a log's import by one with other answers.
func (h *house) again(name string, a answers) {
	h.t.Helper()
	id, err := h.AddImport(ctx, intake.Import{Name: name, Zone: a.zone, Computer: a.computer, Replaces: h.named(name).ID})
	h.ok(err)
	_, err = h.StartImport(ctx, id, "", "me")
	h.ok(err)
	h.ok(h.Replace(ctx, id, "me", nil))
}

// whole is all that somebody may see, in an order that tells nothing of how it came.
func (h *house) whole() string {
	h.t.Helper()
	out := h.found()
	for host, err := range h.AllHosts(ctx, store.HostFilter{Now: 1e9}) {
		h.ok(err)
		host.ID = 0
		out = append(out, fmt.Sprintf("%+v", host))
	}
	names := map[int64]string{}
	list, err := h.Imports(ctx, 0, 100)
	h.ok(err)
	for _, i := range list {
		names[i.ID] = i.Name
		if i.Status == intake.Done {
			out = append(out, fmt.Sprint(i.Name, i.Zone, i.Computer, i.Read, i.Zoneless))
		}
	}
	all, err := h.AllEvents(ctx)
	h.ok(err)
	for _, e := range all {
		seen, err := h.Sightings(ctx, e.ID)
		h.ok(err)
		e.ID = 0
		places := []string{}
		for _, s := range seen {
			places = append(places, fmt.Sprintf("%s %d %q %+v", names[s.Import], s.Offset, s.Raw, s.Reading))
		}
		slices.Sort(places)
		out = append(out, fmt.Sprintf("%+v %s", e, places))
	}
	lost, err := h.UnattributedOf(ctx, "", "")
	h.ok(err)
	slices.Sort(out)
	return fmt.Sprintf("%s\n%+v\nrisk %s %s", strings.Join(out, "\n"), lost, h.one(`SELECT count(*) FROM risk_event`),
		h.one(`SELECT group_concat(n) FROM (SELECT count(*) AS n FROM finding_event GROUP BY finding_id ORDER BY n)`))
}

// same compares the whole with what it should be, line by line.
func (h *house) same(what, want string) {
	h.t.Helper()
	got, wants := strings.Split(h.whole(), "\n"), strings.Split(want, "\n")
	for n := range max(len(got), len(wants)) {
		if n >= len(got) || n >= len(wants) || got[n] != wants[n] {
			h.t.Fatalf("%s: line %d of %d is\n%q\nwant of %d\n%q", what, n, len(got), got[min(n, len(got)-1)], len(wants),
				wants[min(n, len(wants)-1)])
		}
	}
}

// meddling decodes as others do; armed, it first does something once it was asked
// often enough.
type meddling struct {
	importer.Decoder
	asked, at *atomic.Int64
	do        func()
}

func (m meddling) Merge(seen []intake.Sighting) (event.Event, error) {
	if m.asked.Add(1) == m.at.Load() {
		m.do()
	}
	return m.Decoder.Merge(seen)
}

// TestReplaceBesideOthers: whatever comes, goes and is replaced, also while a
// replacement is made ready, in the end all is as if what is there had come once.
// Until it switches nobody sees anything of a replacement.
func TestReplaceBesideOthers(t *testing.T) {
	rounds := uint64(15)
	if testing.Short() {
		rounds = 6
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(seed, 12))
		logs, there := someLogs(r), map[*logFile]answers{}
		h := newHouse(t, stats(t), kindSet(t).All()[0])
		h.StageBy(1 + r.IntN(9))
		answer := func() answers {
			return answers{[]string{"UTC", "Asia/Tokyo"}[r.IntN(2)], []string{"", "web01", "web09"}[r.IntN(3)]}
		}
		var busy *logFile
		var asked, at atomic.Int64
		step := func() {
			f := logs[r.IntN(len(logs))]
			_, is := there[f]
			switch {
			case f == busy:
			case !is:
				there[f] = answer()
				h.bring(f, there[f])
			case r.IntN(3) == 0:
				delete(there, f)
				h.ok(h.DeleteImport(ctx, h.named(f.name).ID))
			default:
				before := busy
				there[f] = answer()
				h.again(f.name, there[f])
				busy = before
			}
		}
		dec := meddling{asked: &asked, at: &at}
		was := ""
		dec.do = func() {
			at.Store(0)
			h.same("while it is made ready", was)
			step()
			if r.IntN(4) == 0 { // it begins again
				h.ok(h.UseRules(ctx, h.rules, dec))
			}
		}
		h.ok(h.UseRules(ctx, h.rules, dec))
		for range 12 {
			for _, f := range logs {
				if _, is := there[f]; !is || r.IntN(2) == 0 {
					continue
				}
				if busy, was = f, h.whole(); len(f.raws) > 0 {
					asked.Store(0)
					at.Store(1 + r.Int64N(int64(len(f.raws)))) // not yet in the switch: each is decoded twice before
				}
				there[f] = answer()
				h.again(f.name, there[f])
				at.Store(0)
				busy = nil
				break
			}
			step()
		}
		scratch := newHouse(t, h.rules.All()...)
		for _, f := range slices.Backward(logs) {
			if a, is := there[f]; is {
				scratch.bring(f, a)
			}
		}
		h.same(fmt.Sprintf("seed %d", seed), scratch.whole())
		h.is("left over", h.one(`SELECT (SELECT count(*) FROM staged) + (SELECT count(*) FROM staged_block)
			+ (SELECT count(*) FROM staged_again) + (SELECT count(*) FROM staged_host) + (SELECT count(*) FROM bare)
			+ (SELECT count(*) FROM block_bytes WHERE first NOT IN (SELECT first FROM block))
			+ (SELECT count(*) FROM block_columns WHERE first NOT IN (SELECT first FROM block))`), "0")
		if t.Failed() {
			return
		}
	}
}
