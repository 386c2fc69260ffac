package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
)

// The settings of retention, under the names they are stored by: seconds, and bytes.
const (
	ageSetting  = "retention age"
	sizeSetting = "retention size"
)

// Retention is how events are kept, and what went: up to ten runs.
func (d *DB) Retention(ctx context.Context) (out store.Retention, err error) {
	defer fault.Wrap(&err, "retention")
	return out, d.snapshot(ctx, func(q conn) error {
		if out.Keep, err = keepOf(ctx, q); err != nil {
			return err
		}
		k, err := readKeeping(ctx, q)
		if err != nil {
			return err
		}
		out.Line, out.Gone = lineTime(k.line), lineTime(k.gone)
		if err := usage(ctx, q, &out); err != nil {
			return err
		}
		return each(ctx, q, func(r *sql.Rows) error {
			var run store.RetentionRun
			var started, ended, line int64
			err := r.Scan(&started, &ended, &line, &run.Events, &run.Kept, &run.Freed, &run.Damaged)
			run.Started, run.Ended, run.Line = fromNanos(started), fromNanos(ended), lineTime(line)
			out.Runs = append(out.Runs, run)
			return err
		}, `SELECT started, ifnull(ended, 0), line, events, kept, freed, damaged FROM retention_run
			ORDER BY id DESC LIMIT 10`)
	})
}

// Gone is the moment before which only those events are there on which something rests;
// zero where there is none.
func (d *DB) Gone(ctx context.Context) (time.Time, error) {
	k, err := readKeeping(ctx, d.r)
	return lineTime(k.gone), err
}

// noLog says that there is no event of a host.
func noLog(ctx context.Context, q conn, dest string) error {
	k, err := readKeeping(ctx, q)
	switch {
	case err != nil:
		return err
	case k.gone != noLine:
		return fault.New(fault.NotFound, "No log of a host %q is here. Events before %s were removed by retention.", dest,
			lineTime(k.gone).Format(time.RFC3339))
	}
	return fault.New(fault.NotFound, "No log of a host %q has been imported.", dest)
}

func lineTime(second int64) time.Time {
	if second == noLine {
		return time.Time{}
	}
	return time.Unix(second, 0).UTC()
}

func keepOf(ctx context.Context, q conn) (k store.Keep, err error) {
	err = each(ctx, q, func(r *sql.Rows) error {
		var name string
		var n int64
		if err := r.Scan(&name, &n); err != nil {
			return err
		}
		switch name {
		case ageSetting:
			k.Age = time.Duration(n) * time.Second
		case sizeSetting:
			k.Size = n
		}
		return nil
	}, `SELECT name, CAST(value AS INTEGER) FROM setting WHERE name IN (?, ?)`, ageSetting, sizeSetting)
	return k, err
}

// usage is what is used, where. That of a store that does not answer, or does not let who asks, is not known.
func usage(ctx context.Context, q conn, out *store.Retention) (err error) {
	if out.Used, err = fileBytes(ctx, q); err != nil {
		return err
	}
	e, ok := q.contents().(*elsewhere)
	if !ok {
		return nil
	}
	out.Elsewhere = e.address
	if out.UsedElsewhere, err = farBytes(ctx, q); err != nil && fault.CodeOf(err) != fault.Internal {
		out.Unknown, err = true, nil
	}
	out.Used += out.UsedElsewhere
	return err
}

// usedBytes are the bytes that hold something, in the file and where else blocks are kept.
func usedBytes(ctx context.Context, q conn) (n int64, err error) {
	far, err := farBytes(ctx, q)
	if err != nil {
		return 0, err
	}
	n, err = fileBytes(ctx, q)
	return n + far, err
}

// fileBytes are the bytes of the database file that hold something.
func fileBytes(ctx context.Context, q conn) (n int64, err error) {
	return n, one(ctx, q, `SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p,
		pragma_freelist_count f, pragma_page_size s`, nil, &n)
}

// SetRetention sets how events are kept. Events that are older than was kept until now
// are taken again, until the next run.
func (d *DB) SetRetention(ctx context.Context, k store.Keep) (err error) {
	defer fault.Wrap(&err, "set retention")
	if k.Age < 0 || k.Size < 0 || k.Age%time.Hour != 0 {
		return fault.New(fault.Invalid, "The age is in whole hours, and neither it nor the size is below 0.")
	}
	defer func() {
		select {
		case d.retains <- struct{}{}:
		default:
		}
	}()
	return d.write(ctx, func(t *tx) error {
		was, err := keepOf(ctx, t)
		if err != nil || was == k {
			return err
		}
		for _, s := range []struct {
			name    string
			was, is int64
		}{{ageSetting, int64(was.Age / time.Second), int64(k.Age / time.Second)}, {sizeSetting, was.Size, k.Size}} {
			if err := t.set(s.name, strconv.FormatInt(s.was, 10), strconv.FormatInt(s.is, 10)); err != nil {
				return err
			}
		}
		_, err = t.exec(`UPDATE retention SET line = NULL`)
		return err
	})
}

// retainEvery is how often a server looks for what is too old.
const retainEvery = time.Hour

// KeepRetention removes what is too old by the setting, now and once an hour, until the
// context ends. What stands in the way, as rules that are yet to run, is waited for.
func (d *DB) KeepRetention(ctx context.Context, log *slog.Logger,
	retry func(context.Context, func() error) error) {
	for said := ""; ctx.Err() == nil; {
		wait := retainEvery
		step, err := d.retainBySetting(ctx, retry)
		switch {
		case err != nil && ctx.Err() == nil && err.Error() != said:
			said = err.Error()
			log.Error("retention", "err", err)
		case err == nil && step.Waiting != "":
			wait = retainAgain
		}
		d.pause(ctx, wait)
	}
}

// retainAgain is how soon a run is tried again that had to wait.
const retainAgain = time.Minute

func (d *DB) pause(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-d.retains:
	case <-ctx.Done():
	}
}

// retainBySetting does all steps that the setting asks for. An interrupted run goes on
// even where the setting has changed: what it took away was as it was meant then.
func (d *DB) retainBySetting(ctx context.Context, retry func(context.Context, func() error) error) (
	step store.RetentionStep, err error) {
	for {
		k, err := keepOf(ctx, d.r)
		if err != nil || !k.Bounded() {
			return step, err
		}
		if err := retry(ctx, func() (err error) { step, err = d.RetentionStep(ctx, k); return err }); err != nil {
			return step, err
		}
		if step.Done || step.Waiting != "" {
			return step, nil
		}
	}
}

// openRun is the run that has not ended.
type openRun struct{ id, line, at int64 }

func (t *tx) openRun() (r openRun, err error) {
	err = t.get(`SELECT id, line, at FROM retention_run WHERE ended IS NULL`, nil, &r.id, &r.line, &r.at)
	if errors.Is(err, sql.ErrNoRows) {
		return openRun{}, nil
	}
	return r, err
}
