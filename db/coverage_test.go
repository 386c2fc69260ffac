package db_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
	"escutcheon/store"
)

// seenLog is what coverage should be, from all events.
type seenLog map[string]map[string][]store.EventRef // by dest and channel

func (h *house) seenLog() seenLog {
	h.t.Helper()
	all, err := h.AllEvents(ctx)
	h.ok(err)
	out := seenLog{}
	for _, e := range all {
		if e.Dest == "" {
			continue
		}
		if out[e.Dest] == nil {
			out[e.Dest] = map[string][]store.EventRef{}
		}
		out[e.Dest][e.Channel] = append(out[e.Dest][e.Channel], e)
	}
	return out
}

// coverage is what it should be of a host.
func (s seenLog) coverage(dest string, asOf *int64) (out store.Coverage) {
	var whole []int64
	for channel, list := range s[dest] {
		seconds := timesOf(list)
		c := store.ChannelCoverage{Channel: channel, Events: int64(len(list))}
		c.HasTime, c.From, c.To, c.Gaps = seenIn(seconds, asOf)
		whole = append(whole, seconds...)
		out.Channels = append(out.Channels, c)
	}
	slices.SortFunc(out.Channels, func(a, b store.ChannelCoverage) int { return cmp.Compare(a.Channel, b.Channel) })
	_, _, _, out.Gaps = seenIn(whole, asOf)
	return out
}

func timesOf(list []store.EventRef) (out []int64) {
	for _, e := range list {
		if e.HasTime {
			out = append(out, e.Second)
		}
	}
	return out
}

func seenIn(seconds []int64, asOf *int64) (timed bool, from, to int64, gaps []store.Span) {
	slices.Sort(seconds)
	if len(seconds) == 0 || asOf != nil && seconds[0] > *asOf {
		return false, 0, 0, nil
	}
	from, to = seconds[0], seconds[0]
	for _, s := range seconds {
		gap := s-to >= 24*60*60
		switch {
		case asOf == nil || s <= *asOf:
		case gap:
			return true, from, to, gaps
		default:
			return true, from, *asOf, gaps
		}
		if gap {
			gaps = append(gaps, store.Span{From: to, To: s})
		}
		to = s
	}
	return true, from, to, gaps
}

// covered compares what a database says of all hosts with what it should. One that
// is counting may say less.
func (h *house) covered(what string, d *db.DB, asOf *int64, mayCount bool) {
	h.t.Helper()
	want := h.seenLog()
	for dest := range want {
		got, err := d.Coverage(ctx, dest, asOf)
		h.ok(err)
		if got.Counting && mayCount {
			continue
		}
		h.is(what+" "+dest, got, want.coverage(dest, asOf))
	}
}

var formats = []struct {
	name   sniff.Format
	append func([]byte, *logwriter.Record) []byte
}{
	{sniff.EventXML, func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendXML(b, r, false) }},
	{sniff.NXLogJSON, func(b []byte, r *logwriter.Record) []byte { return logwriter.AppendNXLog(b, r, time.UTC) }},
}

// covers puts random logs, some again, with other answers or in another format.
type covers struct {
	*house
	*rand.Rand
	recs    []logwriter.Record
	imports []*intake.Import
}

func newCovers(t *testing.T, seed uint64) *covers {
	c := &covers{house: newHouse(t), Rand: rand.New(rand.NewPCG(seed, 16))}
	for n := range 150 {
		r := iis(fmt.Sprintf("web%02d", c.IntN(4)), 0, int64(n/2), "/x")
		r.Channel = []string{"Security", "System", "Application", ""}[c.IntN(4)]
		r.Time = base.Add(time.Duration(c.IntN(30)) * 20 * time.Hour).Add(time.Duration(c.IntN(9000)) * time.Second)
		switch c.IntN(8) {
		case 0: // what it is read with decides whose it is, and when
			r.RecordNumber, r.Computer = 0, ""
		case 1:
			r.Time = time.Time{}
		}
		c.recs = append(c.recs, r)
	}
	return c
}

// put imports some records with random answers.
func (c *covers) put() {
	like := intake.Import{Name: "log", Path: "/spool/log", Zone: []string{"UTC", "Asia/Tokyo"}[c.IntN(2)],
		Computer: []string{"", "web00", "WEB09"}[c.IntN(3)]}
	f := formats[c.IntN(2)]
	id, err := c.AddImport(ctx, like)
	c.ok(err)
	i, err := c.StartImport(ctx, id, "", "me")
	c.ok(err)
	i.Format, i.Encoding = f.name, "utf-8"
	c.ok(c.DescribeImport(ctx, i))
	for range 1 + c.IntN(3) {
		b := &intake.Batch{Import: i.ID, Owner: "me", From: i.Records, Rules: c.rules}
		b.Bytes = i.Bytes
		for range 1 + c.IntN(30) {
			raw := string(f.append(nil, &c.recs[c.IntN(len(c.recs))]))
			e, err := importer.Decode(i.Reading(), raw)
			c.ok(err)
			e.Offset = b.Bytes
			b.Bytes, b.Records = b.Bytes+int64(len(raw)), b.Records+1
			b.Events = append(b.Events, *e)
		}
		i.Counts, err = c.StoreBatch(ctx, b)
		c.ok(err)
	}
	c.ok(c.FinishImport(ctx, i.ID, "me", intake.Done, ""))
	c.imports = append(c.imports, &i)
}

// change deletes an import, wholly or in part, or reads it with another answer.
func (c *covers) change() {
	k := c.IntN(len(c.imports))
	i := c.imports[k]
	switch c.IntN(3) {
	case 0:
		c.ok(c.DeleteImport(ctx, i.ID))
		c.imports = slices.Delete(c.imports, k, k+1)
	case 1:
		_, err := c.DeleteStep(ctx, i.ID)
		c.ok(err)
		c.imports = slices.Delete(c.imports, k, k+1)
	default:
		i = c.replacement(i, "web08")
		c.ok(c.Replace(ctx, i.ID, "me", nil))
		c.imports[k] = i
	}
}

// TestCoverage: whatever comes, goes and is read anew, and however far it is
// counted by whichever process, coverage is what all events come to.
func TestCoverage(t *testing.T) {
	seeds := uint64(8)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		c := newCovers(t, seed)
		two := c.open(c.Path())
		two.ReadBlocks(0)
		counted := 0
		for n := range 25 {
			if len(c.imports) > 2 && c.IntN(3) == 0 {
				c.change()
			} else {
				c.put()
			}
			for range c.IntN(3) {
				c.ok([]*db.DB{c.DB, two}[c.IntN(2)].CountBlocks(ctx, 1+c.IntN(3)))
			}
			asOf := base.Unix() + c.Int64N(700*3600) - 36000
			for what, at := range map[string]*int64{"all": nil, "as of": &asOf} {
				what = fmt.Sprintf("seed %d, after %d, %s", seed, n, what)
				c.covered(what, c.DB, at, false)
				c.covered(what+", only what is counted", two, at, true)
			}
			if c.IntN(4) == 0 {
				counted++
				for c.one(`SELECT count(*) FROM coverage_behind`) != "0" || c.one(`SELECT c.last - r.last FROM sequence c,
					sequence r WHERE c.name = 'coverage' AND r.name = 'record'`) != "0" {
					c.ok(two.CountBlocks(ctx, 1+c.IntN(5)))
				}
				c.covered(fmt.Sprintf("seed %d, after %d, counted", seed, n), two, nil, false)
			}
		}
		if counted == 0 || c.one(`SELECT count(*) > 3 FROM coverage`) != "1" {
			t.Errorf("seed %d counted %d times, %s rows", seed, counted, c.one(`SELECT count(*) FROM coverage`))
		}
	}
}

// TestCoverageGaps: a gap is a day or longer, between events of one channel, or of
// all of the host's; an event without a time counts.
func TestCoverageGaps(t *testing.T) {
	const day = 24 * 60 * 60
	h := newHouse(t)
	at := func(channel string, n int64, second int) logwriter.Record {
		r := iis("web01", second, n, "/x")
		r.Channel = channel
		return r
	}
	timeless := at("None", 1, 0)
	timeless.Time = time.Time{}
	h.add("a", at("A", 1, 0), at("A", 2, day), at("A", 3, 2*day-1), at("B", 4, 5*day), at("B", 5, 9*day),
		at("A", 6, 6*day), at("", 7, 7*day-1), timeless)
	span := func(from, to int64) store.Span { return store.Span{From: base.Unix() + from, To: base.Unix() + to} }
	channel := func(name string, s store.Span, events int64, gaps ...store.Span) store.ChannelCoverage {
		return store.ChannelCoverage{Channel: name, HasTime: true, From: s.From, To: s.To, Events: events, Gaps: gaps}
	}
	none := store.ChannelCoverage{Channel: "None", Events: 1}
	got, err := h.Coverage(ctx, "web01", nil)
	h.ok(err)
	h.is("all", got, store.Coverage{Channels: []store.ChannelCoverage{channel("", span(7*day-1, 7*day-1), 1),
		channel("A", span(0, 6*day), 4, span(0, day), span(2*day-1, 6*day)),
		channel("B", span(5*day, 9*day), 2, span(5*day, 9*day)), none},
		Gaps: []store.Span{span(0, day), span(2*day-1, 5*day), span(5*day, 6*day), span(7*day-1, 9*day)}})
	asOf := base.Unix() + day + 7
	got, err = h.Coverage(ctx, "web01", &asOf)
	h.ok(err)
	h.is("as of", got, store.Coverage{Channels: []store.ChannelCoverage{{Events: 1},
		channel("A", span(0, day+7), 4, span(0, day)), {Channel: "B", Events: 2}, none}, Gaps: []store.Span{span(0, day)}})
	_, err = h.Coverage(ctx, "web02", nil)
	h.refuses("of no host", err, fault.NotFound, "No log")
}

// TestCoverageCounting: what is too much to read is said to be counted yet.
func TestCoverageCounting(t *testing.T) {
	h := newHouse(t)
	for n := range 3 {
		h.add("a", iis("web01", n, int64(n), "/x"))
	}
	h.add("b", iis("web02", 0, 1, "/x"))
	events := func() (all int64) {
		c, err := h.Coverage(ctx, "web01", nil)
		h.ok(err)
		for _, one := range c.Channels {
			all += one.Events
		}
		if c.Counting {
			all = -all - 1
		}
		return all
	}
	h.ReadBlocks(2)
	h.is("three blocks", events(), -1)
	h.ok(h.CountBlocks(ctx, 1))
	h.is("two left", events(), 3)
	h.ReadBlocks(0)
	h.is("none may be read", events(), -2)
	h.ok(h.CountCoverage(ctx, time.Hour))
	h.is("counted", events(), 3)
	before := h.one(`SELECT last FROM sequence WHERE name = 'store'`)
	h.ok(h.CountCoverage(ctx, time.Hour))
	h.is("the writer's memory stays", h.one(`SELECT last FROM sequence WHERE name = 'store'`), before)
}

// TestCoverageLate: a block that comes under a number that was counted is counted,
// too.
func TestCoverageLate(t *testing.T) {
	h := newHouse(t)
	i := h.add("a", iis("web01", 0, 1, "/x"))
	h.add("b", iis("web01", 9, 2, "/x"))
	var first string
	take := func(q string) { h.ok(h.WriteLarge(ctx, func(p db.Part) error { return p.Exec(q) })) }
	take(`CREATE TABLE aside AS SELECT * FROM block WHERE first = 1`)
	take(`DELETE FROM block WHERE first = 1`)
	h.ok(h.CountCoverage(ctx, time.Hour))
	c, err := h.Coverage(ctx, "web01", nil)
	h.ok(err)
	h.is("without it", c.Channels[0].Events, 1)
	take(`INSERT INTO block SELECT * FROM aside`)
	first = h.one(`SELECT group_concat(first) FROM coverage_late`)
	h.is("late", first, "1")
	h.covered("late, not counted", h.DB, nil, false)
	h.ok(h.CountCoverage(ctx, time.Hour))
	h.ReadBlocks(0)
	h.covered("late, counted", h.DB, nil, false)
	h.ok(h.DeleteImport(ctx, i.ID))
	h.ok(h.CountCoverage(ctx, time.Hour))
	h.covered("and gone", h.DB, nil, false)
}

// TestCoverageOfOlder: databases of older versions have their coverage, at once and
// when it is counted.
func TestCoverageOfOlder(t *testing.T) {
	for _, version := range []int{1, len(migrations(t)) - 1} {
		d := open(t, old(t, version))
		want := fmt.Sprint(store.Coverage{Channels: []store.ChannelCoverage{{HasTime: true, Events: 1}}})
		for range 2 {
			if got, err := d.Coverage(ctx, "web01", nil); err != nil || fmt.Sprint(got) != want {
				t.Errorf("version %d: %+v, %v", version, got, err)
			}
			if err := d.CountCoverage(ctx, time.Hour); err != nil {
				t.Fatal(err)
			}
			d.ReadBlocks(0)
		}
	}
}
