package db_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
	"escutcheon/eventstore/clickhouse"
	"escutcheon/eventstore/clickhouse/clickhousetest"
	"escutcheon/eventstore/eventstoretest"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// everywhereVar has all tests of a house run with their events in ClickHouse.
const everywhereVar = "ESCUTCHEON_TEST_EVENTS"

// eventsAt are the events of a test's database.
func eventsAt(t testing.TB) db.Events {
	switch os.Getenv(everywhereVar) {
	case "clickhouse":
		return inClickHouse(t)
	case "clickhouse-shards":
		return inShards(t)
	}
	return db.Events{}
}

func openClickHouse(address string) (blockstore.Store, error) {
	return clickhouse.Open(address, "", "")
}

func inClickHouse(t testing.TB) db.Events {
	t.Helper()
	return db.Events{At: clickhousetest.Address(t), Open: openClickHouse}
}

func inShards(t testing.TB) db.Events {
	t.Helper()
	return db.Events{At: clickhousetest.ShardsAddress(t), Open: openClickHouse}
}

// TestClickHouse has the suite of all stores pass.
func TestClickHouse(t *testing.T) {
	eventstoretest.Run(t, func(t *testing.T) eventstoretest.World {
		return eventStore{newHouseAt(t, inClickHouse(t), stats(t))}
	})
}

// TestShards has it pass over two shards of a cluster.
func TestShards(t *testing.T) {
	eventstoretest.RunSeeds(t, 1, func(t *testing.T) eventstoretest.World {
		return eventStore{newHouseAt(t, inShards(t), stats(t))}
	})
}

// TestEventsElsewhere: a database remembers where its events are, and nothing else takes
// them for its own.
func TestEventsElsewhere(t *testing.T) {
	h := newHouseAt(t, inClickHouse(t), stats(t))
	a := h.add("a", iis("web01", 0, 1, "/x"), iis("web02", 5, 2, "/y"))
	opens := func(path string, at db.Events) (*db.DB, error) {
		d, err := db.OpenWith(ctx, path, time.Now, at)
		if err == nil {
			t.Cleanup(func() { _ = d.Close() })
		}
		return d, err
	}
	for name, is := range map[string]struct{ at, says string }{
		"the file":      {db.InFile, "are in " + h.at.At},
		"another store": {clickhousetest.Address(t), "has none of them"},
	} {
		_, err := opens(h.Path(), db.Events{At: is.at, Open: openClickHouse})
		h.refuses(name, err, fault.Invalid, is.says)
	}
	d, err := opens(h.Path(), db.Events{Open: openClickHouse})
	h.ok(err)
	seen, err := d.Sightings(ctx, 2)
	h.ok(err)
	h.is("sightings", []any{len(seen), seen[0].Import}, []any{1, a.ID})
	if d, err = opens(h.Path(), db.Events{}); err != nil {
		t.Fatal(err)
	}
	_, err = d.Sightings(ctx, 2)
	h.refuses("events where nobody asks the store", err, fault.Invalid, h.at.At)
	h.is("findings", h.found(), []string{"web01 1 0 0", "web02 1 5 5"})

	near := newHouseAt(t, db.Events{}, stats(t))
	near.add("a", iis("web01", 0, 1, "/x"))
	_, err = opens(near.Path(), h.at)
	h.refuses("events that are in the file", err, fault.Invalid, "in the file itself")

	other := newHouseAt(t, h.at, stats(t))
	_, err = other.StoreBatch(ctx, other.batch(other.begin(intake.Import{Name: "b"}), iis("web03", 0, 1, "/x")))
	h.refuses("the store of another database", err, fault.Conflict, "another database")
}

// TestEventsOfCopy: a copy reads the events and changes none, until it is said that they
// are its own; then the other one changes none.
func TestEventsOfCopy(t *testing.T) {
	h := newHouseAt(t, inClickHouse(t), stats(t))
	h.add("a", iis("web01", 0, 1, "/x"))
	path := filepath.Join(t.TempDir(), "copy.db")
	h.ok(db.CopyTo(ctx, h.Path(), path))
	batch := func(h *house, n int64) error {
		_, err := h.StoreBatch(ctx, h.batch(h.begin(intake.Import{Name: "b"}), iis("web03", int(n), n, "/x")))
		return err
	}
	again := func(at db.Events) *house {
		c := &house{t: t, now: base, q: raw(t, path), at: at}
		c.DB = c.open(path)
		c.use(stats(t))
		return c
	}
	c := again(db.Events{Open: openClickHouse})
	h.is("events of the copy", len(c.stored()), 1)
	h.refuses("the copy", batch(c, 7), fault.Conflict, "This database is a copy")
	h.ok(batch(h, 8))
	c = again(h.at)
	h.ok(batch(c, 9))
	h.refuses("the other one", batch(h, 10), fault.Conflict, "another database")
}

// TestForgotten: what was deleted is gone from the store too.
func TestForgotten(t *testing.T) {
	h := newHouseAt(t, inClickHouse(t), stats(t))
	a := h.add("a", iis("web01", 0, 1, "/x"), iis("web02", 5, 2, "/y"))
	h.add("b", iis("web01", 0, 1, "/x"), iis("web01", 9, 3, "/z"))
	rows := func() string {
		name := h.at.At[strings.LastIndex(h.at.At, "/")+1:]
		return clickhousetest.Shared().Query(t, `SELECT count(), (SELECT sum(n) FROM (SELECT uniqExactMerge(events) AS n
			FROM `+name+`.kind GROUP BY first, at)) FROM `+name+`.event`)
	}
	before := rows()
	h.ok(h.DeleteImport(ctx, a.ID))
	h.ok(h.ForgetGone(ctx, time.Minute))
	h.is("rows that somebody may still read", strings.Split(rows(), "\t")[0] >= strings.Split(before, "\t")[0], true)
	h.now = h.now.Add(time.Hour)
	h.ok(h.ForgetGone(ctx, time.Minute))
	h.is("versions to forget", h.one(`SELECT count(*) FROM block_gone`), "0")
	for n := 0; rows() != "3\t2" && n < 1<<10; n++ { // the server does it in its own time
	}
	h.is("rows", rows(), "3\t2") // event 1 is needed, event 2 is stripped and of none, event 3
	h.is("damages", len(h.damages()), 0)
}

// TestSwept: what was put and never named is forgotten an hour after it was found, and
// nothing else is, whatever is being stored meanwhile.
func TestSwept(t *testing.T) {
	h := newHouseAt(t, inClickHouse(t), stats(t))
	h.add("a", iis("web01", 0, 1, "/x"))
	far, err := clickhouse.Open(h.at.At, "", "")
	h.ok(err)
	kept := func() int {
		list, err := far.Versions(ctx, 0)
		h.ok(err)
		return len(list)
	}
	var c block.Columns
	c.Resize(3)
	day := h.now.Unix() / 86400 << 44
	h.ok(far.Put(ctx, []blockstore.Block{{Ref: blockstore.Ref{First: 1, At: day + 5}, Columns: &c},
		{Ref: blockstore.Ref{First: 70, At: day + 6}, Columns: &c}}))
	for n, want := range []int{2, 0} {
		found, err := h.SweepLeft(ctx)
		h.ok(err)
		h.is(fmt.Sprintf("found, time %d", n), found, want)
	}
	h.now = h.now.Add(50 * time.Minute)
	h.ok(h.ForgetGone(ctx, 10*time.Minute))
	h.is("kept within the hour", kept(), 3)
	h.now = h.now.Add(20 * time.Minute)
	done := make(chan error)
	go func() {
		for range 20 {
			_, err := h.SweepLeft(ctx)
			if err = errors.Join(err, h.ForgetGone(ctx, -2*time.Hour)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for n := range 20 {
		h.add("b", iis("web01", 1+n, 2+int64(n), "/x"), iis("web01", n, 1+int64(n), "/x"))
	}
	h.ok(<-done)
	h.is("versions to forget", h.one(`SELECT count(*) FROM block_gone`), "0")
	h.is("damages", h.damages(), []store.Damage(nil))
	for n := 0; kept() != 21 && n < 1<<10; n++ { // the server does it in its own time
	}
	h.is("kept", kept(), 21)
}

// damages are what a check finds.
func (h *house) damages() (out []store.Damage) {
	h.t.Helper()
	tell := func(d store.Damage) { out = append(out, d) }
	h.ok(db.Check(ctx, h.Path(), h.at, func(string, int64, int64) {}, tell))
	uncounted, err := h.CompareSeed(ctx, tell)
	h.ok(err)
	h.is("events that the store did not count", uncounted, 0)
	return out
}

func seed(t *testing.T) *detection.Rule {
	t.Helper()
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return rules[0]
}

// TestSeedCounted: what the store counts of the seed's rows is compared, and what it did
// not count is told.
func TestSeedCounted(t *testing.T) {
	h := newHouseAt(t, inClickHouse(t), seed(t))
	h.add("a", iis("web01", 0, 1, "/x"), iis("web01", 5, 2, "/x"), iis("web02", 9, 3, "/y"))
	h.is("damages", h.damages(), []store.Damage(nil))
	name := h.at.At[strings.LastIndex(h.at.At, "/")+1:]
	is := clickhousetest.Shared().Query(t, `SELECT computer, uniqExactMerge(events), maxMerge(latest) - minMerge(earliest)
		FROM `+name+`.seed GROUP BY opcode, eventcode, computer, message ORDER BY computer`)
	h.is("what it counted", is, "web01\t2\t5\nweb02\t1\t0")
	clickhousetest.Shared().Query(t, `INSERT INTO `+name+`.seed_record (first, at, pos, second, opcode, eventcode, computer,
		message) SELECT first, at, 7, 5, opcode, eventcode, computer, message FROM `+name+`.seed WHERE computer = 'web02'`)
	if found := h.damages(); len(found) != 2 || found[0].Object != "block 1" ||
		!strings.HasPrefix(found[1].Object, "finding ") {
		t.Errorf("damages: %v", found)
	}
	_, err := h.q.ExecContext(ctx, `UPDATE block_at SET counted = 0`)
	h.ok(err)
	uncounted, err := h.CompareSeed(ctx, func(d store.Damage) { t.Error(d) })
	h.ok(err)
	h.is("events that the store did not count", uncounted, 3)
}

// TestLostElsewhere: records that the store lost are named, and what is asked of them is
// told not to be whole.
func TestLostElsewhere(t *testing.T) {
	h := newHouseAt(t, inClickHouse(t), stats(t))
	h.add("a", iis("web01", 0, 1, "/x"), iis("web02", 5, 2, "/y"))
	h.add("b", iis("web03", 7, 3, "/z"))
	h.is("damages", h.damages(), []store.Damage(nil))
	name := h.at.At[strings.LastIndex(h.at.At, "/")+1:]
	clickhousetest.Shared().Query(t, `ALTER TABLE `+name+`.event DELETE WHERE first = 1`)
	for n := 0; clickhousetest.Shared().Query(t, `SELECT count() FROM `+name+`.event`) != "1" && n < 1<<10; n++ {
	}
	found := h.damages()
	if !slices.ContainsFunc(found, func(d store.Damage) bool {
		return d.Object == "events" && strings.HasPrefix(d.What, "1 of 2 blocks, with 2 records, are not in the store")
	}) || found[0].Object != "block 1" {
		t.Errorf("damages: %v", found)
	}
	var lost []int64
	h.ok(h.Scan(ctx, eventstore.Query{Originals: true, Damaged: func(first int64, n int) {
		lost = append(lost, first, int64(n))
	}}, func(*eventstore.Chunk) (func() error, error) { return nil, nil }))
	h.is("lost", lost, []int64{1, 2})
	_, err := h.Sightings(ctx, 1)
	h.refuses("an event that is lost", err, fault.Damaged, "Block 1")
	h.is("findings", len(h.found()), 3)
}

// TestCutElsewhere: whatever becomes of connections, batches and deletions that are tried
// again until they succeed come to what they come to in a file.
func TestCutElsewhere(t *testing.T) {
	at := inClickHouse(t)
	c := clickhousetest.NewCutter(t)
	at.At = c.Address(at.At)
	near, far := newHouseAt(t, db.Events{}, stats(t), seed(t)), newHouseAt(t, at, stats(t), seed(t))
	r := rand.New(rand.NewPCG(7, 8))
	failed := 0
	try := func(givesUp bool, do func() error) (done bool) {
		t.Helper()
		for n := 0; ; n++ {
			up, down := int64(math.MaxInt64), int64(math.MaxInt64)
			switch {
			case n < 4 && r.IntN(3) == 0:
				up = int64(r.IntN(4000))
			case n < 4 && r.IntN(3) == 0:
				down = int64(r.IntN(400))
			}
			c.Cut(up, down)
			err := do()
			if err == nil {
				return true
			}
			if failed++; fault.CodeOf(err) != fault.Busy {
				t.Fatal(err)
			}
			if givesUp {
				return false
			}
		}
	}
	var imports [][2]*intake.Import
	for range 60 {
		if len(imports) > 3 && r.IntN(3) == 0 {
			k := r.IntN(len(imports))
			near.ok(near.DeleteImport(ctx, imports[k][0].ID))
			try(false, func() error { return far.DeleteImport(ctx, imports[k][1].ID) })
			imports = slices.Delete(imports, k, k+1)
			continue
		}
		var recs []logwriter.Record
		for range 1 + r.IntN(20) {
			recs = append(recs, iis(hostOf(r.IntN(4)), r.IntN(9000), int64(r.IntN(60)), fmt.Sprintf("/p%d", r.IntN(3))))
		}
		mine := far.begin(intake.Import{Name: "x"})
		batch := far.batch(mine, recs...)
		done := try(r.IntN(2) == 0, func() error {
			_, err := far.StoreBatch(ctx, batch)
			return err
		})
		far.ok(far.FinishImport(ctx, mine.ID, "me", intake.Done, ""))
		if done { // else others get the numbers of its records
			imports = append(imports, [2]*intake.Import{near.add("x", recs...), mine})
		}
	}
	c.Cut(math.MaxInt64, math.MaxInt64)
	if failed < 10 {
		t.Errorf("only %d tries failed", failed)
	}
	near.is("findings", far.found(), near.found())
	near.is("events", far.stored(), near.stored())
	near.is("damages", far.damages(), near.damages())
}

// TestAway: while the server is away nothing is half-stored, pages that need no event go
// on, and what comes when it is back is stored.
func TestAway(t *testing.T) {
	server := clickhousetest.Start(t, "")
	h := newHouseAt(t, db.Events{At: server.Address(), Open: openClickHouse}, stats(t))
	h.add("a", iis("web01", 0, 1, "/x"))
	i := h.begin(intake.Import{Name: "b"})
	batch := h.batch(i, iis("web02", 0, 2, "/x"))
	server.Kill()
	_, err := h.StoreBatch(ctx, batch)
	h.refuses("a batch", err, fault.Busy, "does not answer")
	h.is("what is stored", h.one(`SELECT count(*) FROM block`), "1")
	h.is("findings", h.found(), []string{"web01 1 0 0"})
	_, err = h.Sightings(ctx, 1)
	h.refuses("an event", err, fault.Busy, "does not answer")
	h.ok(h.Close())

	moved := clickhousetest.Start(t, server.Dir())
	h.at.At = strings.Replace(h.at.At, server.Host, moved.Host, 1)
	h.DB = h.open(h.Path())
	h.use(stats(t))
	_, err = h.StoreBatch(ctx, batch)
	h.ok(err)
	h.is("findings", h.found(), []string{"web01 1 0 0", "web02 1 0 0"})
}
