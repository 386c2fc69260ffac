package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// TestRetention: of random logs, at random lines, what findings and risk say is after it
// what it was before, and what a database says whose findings are made anew; gone are just
// the events before the line on which nothing rests; a log with older events that comes
// then brings the others alone; and an import that goes, or is imported again with other
// answers, takes what rests on it alone.
func TestRetention(t *testing.T) {
	rounds := uint64(12)
	if testing.Short() {
		rounds = 4
	}
	went, stayed, fired := 0, 0, 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(seed, 17))
		logs := someProcesses(r)
		h := newHouse(t, processRules(t)...)
		var brought []int64
		for n, log := range logs[:4] {
			brought = append(brought, h.add(fmt.Sprint("log", n), log...).ID)
		}
		h.runWindows(0)
		h.now = base.Add(400 * time.Hour)
		h.pinSome(r)
		for range 1 + r.IntN(3) {
			line := r.IntN(420 * 700)
			before, k := h.stays(), h.ageTo(line)
			would, err := h.Expiring(ctx, k)
			h.ok(err)
			want, gone := h.unresting(h.now.Add(-k.Age).Unix())
			h.retain(k)
			h.is("findings", h.stays(), before)
			h.is(fmt.Sprintf("seed %d: events", seed), h.stored(), want)
			h.is("a look before", would.Events, int64(len(gone)))
			h.is("nothing more", h.retain(k), 0)
			went, stayed = went+len(gone), stayed+len(want)
		}
		h.checks("after runs")
		kept, err := h.Retention(ctx)
		h.ok(err)
		before := h.stays()
		i := h.add("late", logs[0]...)
		older := 0
		for _, rec := range logs[0] {
			if rec.Time.Before(kept.Line) {
				older++
			}
		}
		c := h.byID(i.ID)
		h.is("a late log", fmt.Sprint(c.Expired, c.New+c.Duplicate, c.Read), fmt.Sprint(older, len(logs[0])-older,
			len(logs[0])))
		h.runWindows(0)
		h.is("findings after it", h.stays(), before)
		n := h.replacement(&c, "")
		h.ok(h.Replace(ctx, n.ID, "me", nil))
		h.ok(h.DeleteImport(ctx, brought[1]))
		h.runWindows(0)
		h.checks("after a deletion")
		fired += strings.Count(h.one(`SELECT group_concat(rule_id) FROM finding`), "pair")
		if t.Failed() {
			return
		}
	}
	if went < 20*int(rounds) || stayed < 20*int(rounds) || fired == 0 {
		t.Errorf("%d went, %d stayed, %d rows of whole windows", went, stayed, fired)
	}
}

// TestRetentionGoesOn: a run that was cut off after whatever step, by a process that is
// gone, goes on with its line, though the clock is another one by then; and what came in
// between is not stored where it is older.
func TestRetentionGoesOn(t *testing.T) {
	var all []logwriter.Record
	for n := range 40 {
		all = append(all, started("web01", n*3600, int64(n+1), images[n%len(images)]))
	}
	steps := 0
	for cut := 0; cut == 0 || cut < steps; cut++ {
		h := newHouse(t, processRules(t)...)
		for n := range 4 { // a block each
			h.add(fmt.Sprint(n), all[10*n:10*n+10]...)
		}
		h.runWindows(0)
		h.RetainBy(1)
		h.now = base.Add(100 * time.Hour)
		k := h.ageTo(20 * 3600)
		want, _ := h.unresting(h.now.Add(-k.Age).Unix())
		before := h.stays()
		for range cut {
			_, err := h.RetentionStep(ctx, k)
			h.ok(err)
		}
		h.ok(h.Close())
		h.DB = h.open(h.Path())
		h.use(processRules(t)...)
		h.RetainBy(1)
		h.now = h.now.Add(2 * time.Hour)
		if cut > 0 {
			i := h.add("late", started("web07", 600, 1, "plain.exe"))
			h.is("late and old", h.byID(i.ID).Expired, int64(1))
		}
		if cut == 0 {
			steps = h.retain(store.Keep{Age: k.Age + 2*time.Hour})
		} else {
			h.retain(store.Keep{Age: k.Age + 2*time.Hour})
		}
		h.is(fmt.Sprint("cut after ", cut), h.stored(), want)
		h.is("what rests", h.stays(), before)
		h.is("runs", h.one(`SELECT count(*) || ' ' || sum(events) FROM retention_run WHERE ended > 0`),
			fmt.Sprint("1 ", 40-len(want)))
		h.is("audit", h.one(`SELECT count(*) FROM audit WHERE object = 'events' AND action = 'removed'`), "1")
	}
	if steps < 3 {
		t.Errorf("%d steps", steps)
	}
}

// TestRetentionOfTimeless: an event without a time goes by when it was last seen.
func TestRetentionOfTimeless(t *testing.T) {
	h := newHouse(t, stats(t))
	timeless := func(n int64) logwriter.Record {
		r := started("web01", 0, n, "plain.exe")
		r.Time = time.Time{}
		return r
	}
	store1 := func(name string, recs ...logwriter.Record) {
		i := h.begin(intake.Import{Name: name})
		b := h.batch(i, recs...)
		for n := range b.Events {
			b.Events[n].HasTime, b.Events[n].Nanos = false, 0
		}
		_, err := h.StoreBatch(ctx, b)
		h.ok(err)
		h.ok(h.FinishImport(ctx, i.ID, "me", intake.Done, ""))
	}
	store1("a", timeless(1), timeless(2))
	h.now = base.Add(50 * time.Hour)
	again := timeless(2)
	again.Level = 3 // other bytes
	store1("b", again, timeless(3))
	h.is("blocks with them", h.one(`SELECT count(*) FROM block`), "2")
	h.is("there", h.stored(), []int64{1, 2, 4}) // 3 says 2 again
	h.now = base.Add(60 * time.Hour)
	h.retain(store.Keep{Age: 24 * time.Hour})
	h.is("left", h.stored(), []int64{2, 4})
	h.now = base.Add(90 * time.Hour)
	h.retain(store.Keep{Age: 24 * time.Hour})
	h.is("none", len(h.stored()), 0)
	h.is("left over", h.one(`SELECT (SELECT count(*) FROM block) + (SELECT count(*) FROM block_bytes)
		+ (SELECT count(*) FROM again) + (SELECT count(*) FROM digest) + (SELECT count(*) FROM bare)`), "0")
}

// TestRetentionBySize: the oldest events go until the database is below the size, nothing
// of the last day does, and a look before changes nothing and says about as much.
func TestRetentionBySize(t *testing.T) {
	t.Run("in the file", func(t *testing.T) { retentionBySize(t, db.Events{}) })
	t.Run("in ClickHouse", func(t *testing.T) { retentionBySize(t, inClickHouse(t)) })
}

func retentionBySize(t *testing.T, at db.Events) {
	h := newHouseAt(t, at, stats(t))
	for day := range 12 {
		var log []logwriter.Record
		for n := range 400 {
			r := started("web01", day*86400+n*200, int64(day*1000+n), fmt.Sprintf("%x.exe", rand.New(rand.NewPCG(uint64(n),
				uint64(day))).Perm(60)))
			log = append(log, r)
		}
		h.add(fmt.Sprint(day), log...)
	}
	h.now = base.Add(12 * 24 * time.Hour)
	is, err := h.Retention(ctx)
	h.ok(err)
	if far := at.At != ""; far != (is.UsedElsewhere > is.Used/4) || far != (is.Elsewhere != "") {
		t.Errorf("%d of %d bytes are in %q", is.UsedElsewhere, is.Used, is.Elsewhere)
	}
	most := is.Used - is.Used/6
	would, err := h.Expiring(ctx, store.Keep{Size: most})
	h.ok(err)
	if would.Events < 100 || would.Events > 4000 {
		t.Errorf("a look before: %+v", would)
	}
	h.retain(store.Keep{Size: most})
	after, err := h.Retention(ctx)
	h.ok(err)
	if after.Used > most || after.Used < most/2 || len(h.stored()) < 500 {
		t.Errorf("%d of %d bytes are in use, %d wanted; %d events are left", after.Used, is.Used, most, len(h.stored()))
	}
	h.is("the oldest went", h.stored()[len(h.stored())-1], int64(4800))
	h.retain(store.Keep{Size: 1})
	h.is("of the last day", len(h.stored()) >= 400, true)
	h.is("the line", h.one(`SELECT line <= ? FROM retention`, h.now.Add(-24*time.Hour).Unix()), "1")
}

// TestRetentionAndRules: before the line, a rule that is written anew finds what it found,
// where its search is the same; one over whole windows that searches otherwise finds
// nothing there; while rules are yet to run nothing goes.
func TestRetentionAndRules(t *testing.T) {
	rules := processRules(t)
	h := newHouse(t, rules...)
	h.add("a", started("web01", 0, 1, "one.exe"), started("web01", 1, 2, "two.exe"), started("web02", 2, 3, "three.exe"),
		started("web02", 8000, 4, "two.exe"), started("web02", 8001, 5, "three.exe"), started("db9", 3, 6, "evil.exe"),
		started("db9", 400000, 7, "one.exe"), started("db9", 400001, 8, "two.exe"))
	h.now = base.Add(200 * time.Hour)
	k := h.ageTo(300000)
	s, err := h.RetentionStep(ctx, k)
	h.ok(err)
	h.is("it waits", s.Waiting != "", true)
	h.runWindows(0)
	before := h.stays()
	h.retain(k)
	h.is("events", h.stored(), []int64{1, 2, 3, 6, 7, 8})
	again := func(rule *detection.Rule) {
		h.use(slices.DeleteFunc(slices.Clone(rules), func(r *detection.Rule) bool { return r.ID == rule.ID })...)
		for h.catchUp(1000).Rules > 0 {
		}
		h.runWindows(0)
		h.use(rules...)
		for h.catchUp(1000).Rules > 0 {
		}
		h.runWindows(0)
	}
	for _, r := range rules {
		again(r)
		h.is("off and on: "+r.ID, h.stays(), before)
	}
	other := mt.Rule(t, "alone", `EventCode=4688 NewProcessName="*three*" | join ComputerName [search EventCode=4688]`+
		` | stats count by ComputerName | rename ComputerName as dest`, "")
	h.use(append(rules[:4:4], other)...)
	for h.catchUp(1000).Rules > 0 {
	}
	h.runWindows(0)
	h.is("of another search", h.one(`SELECT count(*) FROM finding WHERE rule_id = 'alone'`), "0")
}

// TestRetentionIsTold: gaps are not told of the time before the line, a host that is gone
// is said to be, and the setting stands in the audit trail.
func TestRetentionIsTold(t *testing.T) {
	h := newHouse(t, processRules(t)...)
	h.add("a", started("web01", 0, 1, "evil.exe"), started("web01", 3600, 2, "plain.exe"),
		started("web01", 400000, 9, "plain.exe"), started("web01", 600000, 10, "plain.exe"),
		started("old", 5, 1, "plain.exe"))
	h.runWindows(0)
	h.now = base.Add(200 * time.Hour)
	h.retain(h.ageTo(390000))
	c, err := h.Coverage(ctx, "web01", nil)
	h.ok(err)
	h.is("gaps", c.Channels[0].Gaps, []store.Span{{From: base.Unix() + 400000, To: base.Unix() + 600000}})
	h.is("gone", c.Gone.Unix(), detection.WindowOf(base.Unix()+390000).Start)
	gaps, _, err := h.RecordGaps(ctx, "web01")
	h.ok(err)
	h.is("gaps of records", len(gaps), 0)
	_, err = h.Coverage(ctx, "old", nil)
	h.refuses("a host that is gone", err, fault.NotFound, "were removed by retention")
	h.ok(h.SetRetention(anna, store.Keep{Age: 90 * 24 * time.Hour, Size: 1 << 30}))
	h.is("audit", h.one(`SELECT group_concat(person || object || old || new) FROM (SELECT * FROM audit
		WHERE action = 'set' ORDER BY id)`), "annasetting retention age07776000,annasetting retention size01073741824")
	is, err := h.Retention(ctx)
	h.ok(err)
	h.is("the setting", is.Keep, store.Keep{Age: 90 * 24 * time.Hour, Size: 1 << 30})
	h.is("older ones are taken again", is.Line.IsZero(), true)
	i := h.add("b", started("web01", 3600, 2, "plain.exe"))
	h.is("it is", h.byID(i.ID).New, int64(1))
}
