package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"escutcheon/event"
	"escutcheon/importer"
	"escutcheon/signing"
	"escutcheon/store"
	"escutcheon/web"
)

// printReport prints the report of a host or a case: what its address of the console
// answers.
func printReport(ctx context.Context, e *env, args []string) (code int, err error) {
	fs, path := flags("report")
	dest := fs.String("dest", "", "the `host` it is of")
	number := fs.String("case", "", "the `case` it is of: 12 or ESC-12")
	asOf := fs.String("as-of", "", "of a host: the `moment` up to which 7 days are scored, RFC 3339")
	format := fs.String("format", "html", "html, md or json")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	of := ""
	switch id, ok := store.ParseCaseNumber(*number); {
	case (*dest == "") == (*number == ""):
		return 0, usageError{"a report is of one host or of one case: --dest HOST or --case ESC-12"}
	case *dest != "":
		of = "/report." + *format + "?dest=" + url.QueryEscape(event.NormalizeHost(*dest))
		if *asOf != "" {
			of += "&as-of=" + url.QueryEscape(*asOf)
		}
	case *asOf != "":
		return 0, usageError{"--as-of is for the report of a host"}
	case !ok:
		return 0, usageError{fmt.Sprintf("%q is no number of a case: write 12 or ESC-12", *number)}
	default:
		of = "/cases/" + store.CaseNumber(id) + "/report." + *format
	}
	q, err := openQuery(ctx, e, *path, "", "", *format, "html", "md", "json")
	if err != nil {
		return 0, err
	}
	defer q.end(ctx, e, &code, &err)
	return exitDone, answerOf(ctx, e, q, of, e.stdout)
}

// answerOf writes what the console answers under an address.
func answerOf(ctx context.Context, e *env, q *query, address string, to io.Writer) error {
	log := slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	im := importer.New(q.store, q.book.Rules, importer.NewSpool(q.store.Path()))
	queue := importer.NewHeldQueue(im, log, "this command imports nothing")
	defer queue.Close()
	h := &web.Config{Ask: web.AskAll(q.store), Book: q.book, Queue: queue, Questions: importer.NewQuestions(queue),
		Log: log, Now: time.Now, Version: buildVersion(),
		Key: func() (*signing.Key, error) { return signing.Load(q.store.Path()) }}
	return web.Get(ctx, h, address, to)
}
