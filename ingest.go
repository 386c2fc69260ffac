package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"escutcheon/detection"
	"escutcheon/eventstore/clickhouse"
	"escutcheon/fault"
	"escutcheon/feed"
	"escutcheon/importer"
	"escutcheon/intake"
)

// ingest takes feeds, and puts what comes into the inbox of a ClickHouse database, from
// which the console takes it. It keeps nothing itself.
func ingest(ctx context.Context, e *env, args []string) (code int, err error) {
	fs := flag.NewFlagSet("escutcheon ingest", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.String("events", "", "the `address` of the console's events: clickhouse://HOST:PORT/DB")
	door, live := newDoorFlags(fs), newFeedFlags(fs)
	format := fs.String("log-format", "text", "the log's lines: text, or json")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	log, err := newLog(e.stderr, *format, slog.LevelInfo)
	if err != nil {
		return 0, err
	}
	switch {
	case e.events == "" || e.events == "sqlite":
		return 0, usageError{"what comes is put into ClickHouse: name the console's with --events clickhouse://HOST:PORT/DB"}
	case !live.any():
		return 0, usageError{"nothing would come: give --feed-listen, --syslog-listen or --watch"}
	case *live.listen != "" && *live.tokens == "":
		return 0, usageError{"--feed-listen needs --feed-token-file: tokens that the console has made are known to it alone"}
	}
	if _, err := door.rules(); err != nil {
		return 0, err
	}
	if err := live.check(door, false); err != nil {
		return 0, err
	}
	cert, err := door.certificate("escutcheon-ingest", log)
	if err != nil {
		return 0, err
	}
	inbox, err := openClickHouse(e.events)
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	post := importer.NewPoster(inbox, clickhouse.MostPosted)
	none := detection.NewRules(nil)
	im := importer.New(nil, func() *detection.Rules { return none }, nil)
	machine, _ := os.Hostname() // or none is shown
	to := takers{importer.NewFeeder(im, post, log), noTokens{}, watched{inbox, machine},
		func(dir string) feed.Keep { return feed.Posting(post, machine, dir) }}
	feeds, err := live.start(ctx, to, door, cert, log, stop)
	defer func() { stop(nil); feeds.close() }()
	if err != nil {
		return 0, err
	}
	for _, sentence := range feeds.at {
		fmt.Fprintln(e.stdout, sentence)
	}
	fmt.Fprintf(e.stdout, "Escutcheon puts what comes into %s\n", inbox.Address())
	reports(ctx, inbox, post.Stream(), machine, feeds, log)
	if cause := fault.Find(context.Cause(ctx)); cause != nil {
		return 0, cause
	}
	return exitDone, nil
}

// watched are the files that ingesters of a machine took.
type watched struct {
	inbox   *clickhouse.Store
	machine string
}

func (w watched) FeedFileTaken(ctx context.Context, path string, size int64, modified time.Time) (bool, error) {
	return w.inbox.Watched(ctx, w.machine+":"+path, size, modified)
}

func (w watched) TookFeedFile(ctx context.Context, path string, size int64, modified time.Time) error {
	return w.inbox.Watch(ctx, w.machine+":"+path, size, modified)
}

// reportEvery is how often an ingester says that it runs.
const reportEvery = 15 * time.Second

// reports has an ingester say of itself what the console shows, until ctx is done.
func reports(ctx context.Context, inbox *clickhouse.Store, stream, machine string, f *feeds,
	log *slog.Logger) {
	self := intake.Ingester{Name: machine, Began: time.Now().UTC(), Listens: f.at}
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	for said := ""; ; {
		self.Feeds = f.feeder.Rates.Fill(nil)
		text, err := json.Marshal(self)
		if err == nil {
			err = inbox.Report(ctx, stream, string(text))
		}
		switch {
		case err == nil:
			said = ""
		case err.Error() != said && !errors.Is(err, context.Canceled):
			said = err.Error()
			log.Warn("the console is not told of this ingester", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
