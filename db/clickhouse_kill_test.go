package db_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"escutcheon/db"
	"escutcheon/demo/logwriter"
	"escutcheon/eventstore/clickhouse/clickhousetest"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// TestKilledElsewhere kills a server, and a shard, while batches come: those that are tried
// again when it is back are stored once, and nothing of them is missing.
func TestKilledElsewhere(t *testing.T) {
	t.Run("one server", func(t *testing.T) {
		server := clickhousetest.Start(t, "")
		killed(t, server.Address(), server)
	})
	t.Run("shards", func(t *testing.T) {
		shards := clickhousetest.StartShards(t)
		killed(t, shards.Address(), shards...)
	})
}

// TestHangsElsewhere: while a server hangs, who has the turn waits for it so long and no
// longer, who writes what needs no event gets it, and what is tried again later is stored.
func TestHangsElsewhere(t *testing.T) {
	server := clickhousetest.Start(t, "")
	h := newHouseAt(t, db.Events{At: server.Address(), Open: openClickHouse}, stats(t))
	h.add("a", iis("web01", 0, 1, "/x"))
	h.HoldsFor(100 * time.Millisecond)
	i := h.begin(intake.Import{Name: "b"})
	batch := h.batch(i, iis("web02", 0, 2, "/x"))
	goOn := server.Pause(t)
	defer goOn()
	hung := make(chan error)
	go func() {
		_, err := h.StoreBatch(ctx, batch)
		hung <- err
	}()
	h.refuses("a batch", <-hung, fault.Busy, "does not answer")
	_, err := h.StoreBatch(ctx, batch)
	h.refuses("one after it", err, fault.Busy, "is asked again in a moment")
	_, err = h.AddNote(ctx, store.Note{Dest: "web01", Author: "a", Text: "b"})
	h.ok(err)
	goOn()
	h.HoldsFor(time.Minute)
	for err = fault.New(fault.Busy, ""); fault.CodeOf(err) == fault.Busy; {
		_, err = h.StoreBatch(ctx, batch)
	}
	h.ok(err)
	h.is("findings", h.found(), []string{"web01 1 0 0", "web02 1 0 0"})
	h.is("damages", len(h.damages()), 0)
}

// killed has one of the servers of an address be killed while a batch comes, again and again.
func killed(t *testing.T, address string, servers ...*clickhousetest.Server) {
	far := newHouseAt(t, db.Events{At: address, Open: openClickHouse}, stats(t))
	near := newHouseAt(t, db.Events{}, stats(t))
	r := rand.New(rand.NewPCG(9, 10))
	for n := range 4 {
		server := servers[n%len(servers)]
		var recs []logwriter.Record
		for range 200 {
			recs = append(recs, iis(hostOf(r.IntN(9)), r.IntN(9000), int64(r.IntN(5000)), "/x"))
		}
		a, b := near.begin(intake.Import{Name: "x"}), far.begin(intake.Import{Name: "x"})
		near.put(a, recs...)
		batch := far.batch(b, recs...)
		stored := make(chan error)
		go func() {
			_, err := far.StoreBatch(ctx, batch)
			stored <- err
		}()
		time.Sleep(time.Duration(r.IntN(30)) * time.Millisecond) // some moment of it
		server.Kill()
		err := <-stored
		server.Restart(t)
		if err != nil {
			if fault.CodeOf(err) != fault.Busy || !strings.Contains(err.Error(), server.Host+" does not answer") {
				t.Fatal(err)
			}
			_, err = far.StoreBatch(ctx, batch)
		}
		far.ok(err)
		near.ok(errors.Join(near.FinishImport(ctx, a.ID, "me", intake.Done, ""),
			far.FinishImport(ctx, b.ID, "me", intake.Done, "")))
	}
	near.is("findings", far.found(), near.found())
	near.is("events", far.stored(), near.stored())
	near.is("damages", far.damages(), near.damages())
}
