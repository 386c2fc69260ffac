package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/unseen"
)

// checkOutcome is what a check comes to.
type checkOutcome struct {
	Whole   bool           `json:"whole"`
	Damages []store.Damage `json:"damages"`
	// Apart are rules whose findings are not compared with their events.
	Apart []string `json:"rules_not_compared"`
	// Uncounted is how many events of the seed's rows are in blocks of which the store that
	// keeps them counted none, as it was older.
	Uncounted int64 `json:"events_not_counted,omitempty"`
	// Left is how many blocks are where the events are kept that no crash let be named, or
	// that are being stored just now.
	Left int `json:"blocks_left,omitempty"`
}

// check says of a database whether it is as it was written.
func check(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("check")
	asJSON := fs.Bool("json", false, "print one JSON object")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	out := checkOutcome{Damages: []store.Damage{}, Apart: []string{}}
	var failed error
	damaged := func(d store.Damage) {
		out.Damages = append(out.Damages, d)
		if !*asJSON && failed == nil {
			_, failed = fmt.Fprintln(e.stdout, printable(d.Object+": "+d.What))
		}
	}
	doing, end := progressOf(e)
	err := checkFile(ctx, e, *path, &out, doing, damaged)
	end()
	if err != nil {
		return 0, err
	}
	out.Whole = len(out.Damages) == 0
	for _, name := range out.Apart {
		fmt.Fprintf(e.stderr, "The findings of %q are not compared with their events: the rule is yet to run over some, "+
			"or is another one by now.\n", printable(name))
	}
	if out.Uncounted > 0 {
		fmt.Fprintf(e.stderr, "%d events of the seed's findings were stored before ClickHouse counted them: its counts of "+
			"these are not compared.\n", out.Uncounted)
	}
	if out.Left > 0 {
		fmt.Fprintf(e.stderr, "%d blocks of events in ClickHouse are named by nothing: a crash left them, or they are being "+
			"stored just now. Nobody sees them; a server finds them within an hour, and forgets them an hour later.\n", out.Left)
	}
	switch {
	case failed != nil:
		return 0, failed
	case *asJSON:
		text, err := json.Marshal(out)
		if err == nil {
			_, err = fmt.Fprintf(e.stdout, "%s\n", unseen.JSON(text))
		}
		if err != nil {
			return 0, err
		}
	case out.Whole:
		fmt.Fprintln(e.stdout, "The database is whole.")
	}
	if !out.Whole {
		return exitFailed, nil
	}
	return exitDone, nil
}

// checkFile checks a database file: first as it stands, then what its findings come
// to, made anew in a copy.
func checkFile(ctx context.Context, e *env, path string, out *checkOutcome, doing func(string, int64, int64),
	damaged func(store.Damage)) error {
	err := db.Check(ctx, path, eventsOf(e), doing, damaged)
	if fault.CodeOf(err) == fault.Damaged {
		damaged(store.Damage{Object: "file", What: fault.Sentence(err)})
		return nil
	}
	if err != nil {
		return err
	}
	doing("findings and their events", 0, 0)
	err = compareFindings(ctx, e, path, out, damaged)
	if what := "they cannot be made anew from their events: "; err != nil && ctx.Err() == nil &&
		fault.CodeOf(err) != fault.Full {
		damaged(store.Damage{Object: "findings", What: what + fault.Sentence(err)})
		return nil
	}
	return err
}

// compareFindings makes the findings anew in a copy, in the folder for temporary files.
func compareFindings(ctx context.Context, e *env, path string, out *checkOutcome,
	damaged func(store.Damage)) (err error) {
	dir, err := os.MkdirTemp("", "escutcheon-check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	was, anew := filepath.Join(dir, "was.db"), filepath.Join(dir, "anew.db")
	if err := db.CopyTo(ctx, path, was); err != nil {
		return err
	}
	if err := copyFile(was, anew); err != nil {
		return err
	}
	if err := db.ForgetFindings(ctx, anew); err != nil {
		return err
	}
	quiet := &env{stdin: e.stdin, stdout: io.Discard, stderr: io.Discard}
	made, book, err := openStore(ctx, quiet, anew, nil)
	if err != nil {
		return err
	}
	err = errors.Join(book.CatchUp(ctx, nil), made.RefreshRisk(ctx))
	if err == nil {
		out.Uncounted, err = made.CompareSeed(ctx, damaged)
	}
	if err == nil {
		out.Left, err = made.LeftElsewhere(ctx)
	}
	if err := errors.Join(err, made.Close()); err != nil {
		return err
	}
	out.Apart, err = db.CompareFindings(ctx, was, anew, damaged)
	if out.Apart == nil {
		out.Apart = []string{}
	}
	return err
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// progressEvery is how often a terminal is told how far something is.
const progressEvery = 200 * time.Millisecond

// progressOf tells standard error what is looked at, and on a terminal how far it is.
func progressOf(e *env) (doing func(what string, at, all int64), end func()) {
	f, ok := e.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(string, int64, int64) {}, func() {}
	}
	var last time.Time
	return func(what string, at, all int64) {
		if all > 0 && time.Since(last) < progressEvery {
			return
		}
		last = time.Now()
		if fmt.Fprintf(f, "\r\x1b[K%s", what); all > 0 {
			fmt.Fprintf(f, ": %d of %d", at, all)
		}
	}, func() { fmt.Fprint(f, "\r\x1b[K") }
}
