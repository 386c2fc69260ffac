package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/importer"
	"escutcheon/originals"
	"escutcheon/rulebook"
	"escutcheon/search"
	"escutcheon/signing"
	"escutcheon/store"
	"escutcheon/web"
	"escutcheon/wire"
)

func serve(ctx context.Context, e *env, args []string) (code int, err error) {
	fs, path := flags("serve")
	door := newWireFlags(fs)
	upload := fs.String(
		"max-upload", "8GiB", "the greatest `size` of one upload: a number of bytes, or as in 500MiB, 8GiB; 0 for no limit")
	source := rulesFlags(fs)
	workers, searches := workersFlag(fs), boundsFlags(fs, "search-")
	auth := newAuthFlags(fs)
	safe := fs.Bool("safe", false, "run no rule and no filter: what is stored can be read and mended, imports wait")
	format := fs.String("log-format", "text", "the log's lines: text, or json")
	verbose := fs.Bool("verbose", false, "log every request")
	known, live := knownFlag(fs), newFeedFlags(fs)
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	limit, err := parseSize(*upload)
	if err != nil {
		return 0, usageError{err.Error()}
	}
	bounds, err := searches.bounds("search-")
	if err == nil {
		err = checkWorkers(*workers)
	}
	if err != nil {
		return 0, err
	}
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	log, err := newLog(e.stderr, *format, level)
	if err != nil {
		return 0, err
	}
	rules, err := door.rules()
	if err != nil {
		return 0, err
	}
	if *safe && (len(source.paths) > 0 || source.values != "") {
		return 0, usageError{"--safe runs no rules, so it loads none: leave --rules out, and --sigma-values"}
	}
	open := openStore
	if *safe {
		open = openSafe
	}
	store, book, err := known.open(ctx, e, *path, source, open)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	key := func() (*signing.Key, error) { return signing.Load(store.Path()) }
	if _, err := key(); err != nil {
		return 0, err
	}
	if err := live.check(door, *safe || store.ReadOnly()); err != nil {
		return 0, err
	}
	gate, err := auth.gate(store, door.alone(), *door.insecure)
	if err != nil {
		return 0, err
	}
	cert, err := door.certificate(store.Path(), log)
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancelCause(own(ctx))
	defer stop(nil)
	defer inBackground(ctx, log, "scrub", func(ctx context.Context) { store.Scrub(ctx, log) })()
	if !store.ReadOnly() {
		defer inBackground(ctx, log, "watch", func(ctx context.Context) {
			if err := store.Watch(ctx); err != nil {
				stop(err)
			}
		})()
		defer inBackground(ctx, log, "rules", book.Run)()
		defer inBackground(ctx, log, "deleted events", func(ctx context.Context) { store.KeepForgetting(ctx, log) })()
		defer inBackground(ctx, log, "risk", func(ctx context.Context) { store.KeepRiskFresh(ctx, log) })()
		if !*safe {
			defer inBackground(ctx, log, "retention", func(ctx context.Context) { store.KeepRetention(ctx, log, book.Retry) })()
		}
		defer inBackground(ctx, log, "coverage", func(ctx context.Context) { store.KeepCoverage(ctx, log) })()
	}
	spool := importer.NewSpool(store.Path())
	im := importer.New(store, book.Rules, spool)
	shelf := originals.New(store.Path(), store.KeepsOriginals)
	im.Originals = shelf
	im.Retry = book.Retry
	queue := newQueue(im, log, store, *safe)
	defer func() { err = errors.Join(err, queue.Close()) }()
	feeds, inbox, err := live.serve(ctx, store, im, queue, door, cert, log, stop, *safe || store.ReadOnly())
	defer func() { stop(nil); feeds.close() }()
	if err != nil {
		return 0, err
	}
	engine := newEngine(store, book)
	engine.Bounds = bounds
	engine.Panicked = func(search string, p *fault.Panic) {
		log.Error("a search panicked", "search", search, "err", p, "stack", p.Stack)
	}
	jobs := search.NewJobs(engine)
	jobs.Workers(*workers)
	defer jobs.Close()
	if !store.ReadOnly() {
		if err := store.EndSearchJobs(ctx); err != nil {
			return 0, err
		}
		jobs.Keep(store, 0, func(err error) { log.Error("a search is not recorded", "error", err) })
	}
	h := &web.Config{Searches: jobs, Ask: web.AskAll(store), Book: book, Queue: queue,
		Questions: importer.NewQuestions(queue), Spool: spool, MaxUpload: limit, Log: log, Now: time.Now, Safe: *safe,
		ReadOnly: store.ReadOnly(), Version: buildVersion(), Gate: gate, Key: key, Originals: shelf,
		FeedsAt: feeds.at, Stopping: func() bool { return ctx.Err() != nil }}
	if inbox != nil {
		h.Inbox = inbox
	}
	if feeds.feeder != nil {
		h.Rates = feeds.feeder.Rates
	}
	at := web.Listen{Address: *door.listen, Rules: rules}
	if cert != nil {
		at.TLS, rules.HSTS = cert.Config(), cert.Issued()
	}
	err = web.Serve(ctx, at, web.New(h, log, rules), log, func(addr net.Addr) {
		scheme := "http"
		if cert != nil {
			scheme = "https"
		}
		fmt.Fprintf(e.stdout, "Escutcheon serves %s on %s://%s\n", store.Path(), scheme, addr)
		for _, sentence := range feeds.at {
			fmt.Fprintln(e.stdout, sentence)
		}
		if *door.selfSigned {
			fmt.Fprintf(e.stdout, "Its certificate vouches for itself. Compare its SHA-256 fingerprint in the browser: %s\n",
				cert.Fingerprint())
		}
		link, err := setupLink(ctx, gate, door.base(addr))
		if err != nil {
			log.Error("accounts", "err", err)
		} else if link != "" {
			fmt.Fprintf(e.stdout, "Nobody can enter yet. Make the first account, once, at %s\n", link)
		}
	})
	if cause := fault.Find(context.Cause(ctx)); cause != nil {
		err = cause
	}
	return exitDone, err
}

// newQueue is the queue of a server's imports: one that lets them wait where nothing
// may come.
func newQueue(im *importer.Importer, log *slog.Logger, store *db.DB, safe bool) *importer.Queue {
	switch {
	case store.ReadOnly():
		return importer.NewHeldQueue(im, log, rulebook.ReadOnly)
	case safe:
		return importer.NewHeldQueue(im, log, rulebook.SafeMode)
	}
	return importer.NewQueue(im, log)
}

// newLog is a log whose lines name the requests that they are of.
func newLog(w io.Writer, format string, level slog.Level) (*slog.Logger, error) {
	opt := &slog.HandlerOptions{Level: level}
	switch format {
	case "text":
		return slog.New(wire.LogIDs(slog.NewTextHandler(w, opt))), nil
	case "json":
		return slog.New(wire.LogIDs(slog.NewJSONHandler(w, opt))), nil
	}
	return nil, usageError{fmt.Sprintf("there is no --log-format %q: text or json", format)}
}

// own is for what the server does by itself.
func own(ctx context.Context) context.Context {
	return store.WithActor(ctx, store.Actor{Person: store.System})
}

// inBackground runs f until the function that it returns is called, which waits
// for its end. Where f panics it is begun once more, and then left until the next start.
func inBackground(ctx context.Context, log *slog.Logger, what string, f func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	guarded := func() (err error) {
		defer fault.Catch(&err)
		f(ctx)
		return nil
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 2 {
			p := fault.PanicOf(guarded())
			if p == nil {
				return
			}
			log.Error("background work panicked", "what", what, "err", p, "stack", p.Stack)
		}
	})
	return func() { cancel(); wg.Wait() }
}

// parseSize reads a number of bytes, with an optional unit.
func parseSize(s string) (int64, error) { return store.ParseSize(s) }
