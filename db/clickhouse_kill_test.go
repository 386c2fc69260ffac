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
