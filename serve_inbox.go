package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"escutcheon/db"
	"escutcheon/eventstore/clickhouse"
	"escutcheon/fault"
	"escutcheon/feed"
	"escutcheon/importer"
	"escutcheon/intake"
	"escutcheon/wire"
)

// openClickHouse opens what an address names, as the environment lets in.
func openClickHouse(address string) (*clickhouse.Store, error) {
	return clickhouse.Open(address, os.Getenv("ESCUTCHEON_CLICKHOUSE_USER"), os.Getenv("ESCUTCHEON_CLICKHOUSE_PASSWORD"))
}

// serve takes feeds into the database, and what ingesters have put into the inbox beside
// its events.
func (f *feedFlags) serve(ctx context.Context, store *db.DB, im *importer.Importer, queue *importer.Queue,
	door *wireFlags, cert *wire.Certificate, log *slog.Logger, stop func(error), silent bool) (*feeds, *inboxView, error) {
	address := store.Elsewhere()
	if silent || !f.any() && address == "" {
		return &feeds{log: log}, nil, nil
	}
	feeder := importer.NewFeeder(im, store, log)
	keep := feed.Importing(im.Spool(), queue)
	run, err := f.start(ctx, takers{feeder, store, store, func(string) feed.Keep { return keep }}, door, cert, log, stop)
	if err != nil || address == "" {
		return run, nil, err
	}
	inbox, err := openClickHouse(address)
	if err != nil {
		return run, nil, err
	}
	v := &inboxView{store: inbox, follower: &importer.Follower{Inbox: inbox, Store: store, Feeder: feeder,
		File: keep, Log: log}}
	run.wg.Go(func() {
		end := inBackground(ctx, log, "inbox", v.follower.Run)
		<-ctx.Done()
		end()
	})
	return run, v, nil
}

// inboxView is what the page of feeds asks of the inbox.
type inboxView struct {
	store    *clickhouse.Store
	follower *importer.Follower
}

func (v *inboxView) State() intake.Waiting { return v.follower.State() }

// quietAfter is how long an ingester that runs may say nothing.
const quietAfter = 4 * reportEvery

// Ingesters are those that were seen today.
func (v *inboxView) Ingesters(ctx context.Context) (out []intake.Ingester, err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	list, err := v.store.Reports(ctx)
	for _, r := range list {
		one := intake.Ingester{Stream: r.Stream, Seen: time.Now().Add(-r.Ago), Quiet: r.Ago > quietAfter}
		if json.Unmarshal([]byte(r.Report), &one) != nil {
			one.Name = r.Stream // of a newer Escutcheon
		}
		out = append(out, one)
	}
	return out, err
}

// noTokens are those of who has no database.
type noTokens struct{}

func (noTokens) FeedTokenBySecret(context.Context, string) (intake.FeedToken, error) {
	return intake.FeedToken{}, fault.New(fault.NotFound, "There is no such token.")
}
