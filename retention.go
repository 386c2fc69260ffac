package main

import (
	"context"
	"fmt"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// retention removes the events that are too old or too much, once.
func retention(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("retention")
	dry := fs.Bool("dry-run", false, "say what would go, and change nothing")
	age := fs.String("max-age", "", "the `age` up to which events are kept, as in 90d or 24h")
	size := fs.String("max-size", "", "the `size` up to which the database and its events may grow, as in 8GiB: "+
		"the oldest go first")
	if _, err := parse(e, fs, args, 0); err != nil {
		return 0, err
	}
	var keep store.Keep
	var err error
	if keep.Age, err = store.ParseAge(*age); err != nil {
		return 0, usageError{err.Error()}
	}
	if *size != "" {
		if keep.Size, err = store.ParseSize(*size); err != nil {
			return 0, usageError{err.Error()}
		}
	}
	q, err := openQuery(ctx, e, *path, "", "", "table", "table")
	if err != nil {
		return 0, err
	}
	d := q.store
	defer d.Close()
	if !keep.Bounded() {
		is, err := d.Retention(ctx)
		if err != nil {
			return 0, err
		}
		if keep = is.Keep; !keep.Bounded() {
			return 0, usageError{"the settings of this database keep everything: name --max-age or --max-size"}
		}
	}
	if *dry {
		out, err := d.Expiring(ctx, keep)
		if err != nil {
			return 0, err
		}
		fmt.Fprintln(e.stdout, wouldGo(&out))
		return exitDone, nil
	}
	all, err := retain(ctx, q, keep)
	if err != nil {
		return 0, err
	}
	if all.Line.IsZero() {
		fmt.Fprintln(e.stdout, "No event is too old or too much.")
		return exitDone, nil
	}
	fmt.Fprintf(e.stdout, "Removed from before %s: %d events, %d bytes. Older ones on which something rests: %d.\n",
		all.Line.Format(time.RFC3339), all.Events, all.Freed, all.Kept)
	return exitDone, nil
}

// retain does all steps of retention, and says what they came to.
func retain(ctx context.Context, q *query, keep store.Keep) (all store.RetentionStep, err error) {
	for !all.Done {
		var step store.RetentionStep
		if err := q.book.Retry(ctx, func() (err error) {
			step, err = q.store.RetentionStep(ctx, keep)
			return err
		}); err != nil {
			return all, err
		}
		if step.Waiting != "" {
			return all, fault.New(fault.Conflict, "%s Nothing more goes until then: try again.", step.Waiting)
		}
		if all.Done = step.Done; !step.Line.IsZero() {
			all.Line = step.Line
		}
		all.Events, all.Kept, all.Freed = all.Events+step.Events, all.Kept+step.Kept, all.Freed+step.Freed
	}
	return all, nil
}

// wouldGo says what would go.
func wouldGo(out *store.Expiry) string {
	if out.Line.IsZero() {
		return fmt.Sprintf("No event is too old or too much: the database has %d bytes and %d events.", out.Used, out.All)
	}
	return fmt.Sprintf("From before %s would go: %d of %d events, about %d of %d bytes. Older ones on which something "+
		"rests: %d. Nothing was changed.", out.Line.Format(time.RFC3339), out.Events, out.All, out.Bytes, out.Used, out.Kept)
}
