package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/store"
)

// RetentionStep does a step of removing the events that are too old or too much by
// bounds, one transaction: it begins a run, takes one block's events, or ends it. Done
// says that there is nothing more to do now. A run that was interrupted goes on with the
// line that it had.
func (d *DB) RetentionStep(ctx context.Context, k store.Keep) (step store.RetentionStep, err error) {
	defer fault.Wrap(&err, "retention")
	if !k.Bounded() {
		return store.RetentionStep{Done: true}, nil
	}
	err = d.writeLarge(ctx, func(t *tx) error {
		step = store.RetentionStep{}
		w, err := d.newWork(t)
		if err != nil {
			return err
		}
		run, err := t.openRun()
		if err != nil {
			return err
		}
		fresh := run.id == 0
		if fresh {
			if run.line, step.Done, err = w.nextLine(k); err != nil || step.Done {
				return err
			}
		}
		if step.Waiting, err = w.mayNotExpire(run.line); err != nil || step.Waiting != "" {
			return err
		}
		if fresh {
			return w.beginRun(run.line)
		}
		step.Line = lineTime(run.line)
		return w.goOn(run, d.retainMost, &step)
	})
	return step, err
}

// mayNotExpire says what stands in the way: what may yet come to rest on events, and who
// reads them step by step.
func (w *work) mayNotExpire(line int64) (why string, err error) {
	for _, q := range []struct{ query, why string }{
		{`SELECT EXISTS (SELECT 1 FROM rule WHERE cursor IS NOT NULL)
			OR EXISTS (SELECT 1 FROM window_due WHERE start < ?)`,
			"Rules are yet to run over some events."},
		{`SELECT (SELECT last FROM sequence WHERE name = 'changes') < (SELECT last FROM sequence WHERE name = 'changes end')`,
			"What stored events say of changes is yet to be found out."},
		{`SELECT EXISTS (SELECT 1 FROM staged)`, "A log is being imported again with other answers."},
	} {
		var is bool
		var args []any
		if strings.Contains(q.query, "?") {
			args = append(args, line)
		}
		if err := w.get(q.query, args, &is); err != nil || is {
			return q.why, err
		}
	}
	return "", nil
}

// nextLine is the line that bounds give now; done: the last run had it.
func (w *work) nextLine(k store.Keep) (line int64, done bool, err error) {
	if line, err = lineBy(w.ctx, w.tx, k, w.now); err != nil || line == noLine {
		return line, true, err
	}
	last := int64(noLine)
	err = w.get(`SELECT line FROM retention_run ORDER BY id DESC LIMIT 1`, nil, &last)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return line, last == line && w.line == line, err
}

// beginRun begins a run. From here on what is older is not stored any more, and rules over
// whole windows are not run over windows before the line but those in which they found
// something.
func (w *work) beginRun(line int64) error {
	windows, err := foundIn(w.ctx, w.tx, w.rules, w.gone, line)
	if err != nil {
		return err
	}
	for rule, starts := range windows {
		for start, search := range starts {
			if _, err := w.exec(`INSERT INTO retained_window (rule_id, start, search) VALUES (?, ?, ?)
				ON CONFLICT DO UPDATE SET search = excluded.search`, rule, start, search); err != nil {
				return err
			}
		}
	}
	if _, err := w.exec(`UPDATE retention SET line = ?1, gone = max(ifnull(gone, ?1), ?1)`, line); err != nil {
		return err
	}
	_, err = w.exec(`INSERT INTO retention_run (started, line, at, events, kept, freed, damaged)
		VALUES (?, ?, 0, 0, 0, 0, 0)`, w.nanos, line)
	return err
}

// goOn takes the events of the next block that has any, or ends the run.
func (w *work) goOn(run openRun, most int64, step *store.RetentionStep) error {
	windows, err := w.windows(w.ctx, w.tx)
	if err != nil {
		return err
	}
	a, err := newAgeing(w.ctx, w.tx, run.line, w.rules, windows)
	if err != nil {
		return err
	}
	before, err := usedBytes(w.ctx, w.tx)
	if err != nil {
		return err
	}
	var gone, kept int64
	for left := most; left > 0; {
		b, err := w.nextAged(a, run.at)
		if err != nil {
			return err
		}
		if b == nil {
			if err := w.endRun(run, gone); err != nil {
				return err
			}
			break
		}
		run.at = b.first
		left -= b.count
		g, n, err := w.expire(a, *b)
		if errors.Is(err, block.ErrDamaged) {
			passed(b.first, int(b.count))
			if _, err := w.exec(`UPDATE retention_run SET damaged = damaged + 1 WHERE id = ?`, run.id); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		gone, kept = gone+g, kept+n
	}
	if _, err := w.strip(); err != nil {
		return err
	}
	if err := w.cascade.Settle(); err != nil {
		return err
	}
	if err := w.settleRows(0, false); err != nil {
		return err
	}
	after, err := usedBytes(w.ctx, w.tx)
	if err != nil {
		return err
	}
	step.Events, step.Kept, step.Freed = gone, kept, max(before-after, 0)
	_, err = w.exec(`UPDATE retention_run SET at = ?, events = events + ?, kept = kept + ?, freed = freed + ?
		WHERE id = ?`, run.at, gone, kept, step.Freed, run.id)
	return err
}

// nextAged is the first block behind one that may hold an event that is too old.
func (w *work) nextAged(a *ageing, at int64) (*blockInfo, error) {
	all, err := w.directory()
	if err != nil {
		return nil, err
	}
	n, _ := slices.BinarySearchFunc(all, at+1, func(b blockInfo, f int64) int { return int(b.first - f) })
	for i := n; i < len(all); i++ {
		if a.mayHold(&all[i]) {
			return &all[i], nil
		}
	}
	return nil, nil
}

// endRun ends a run. Only a run that took something is told of.
func (w *work) endRun(run openRun, gone int64) error {
	if err := w.settleStale(); err != nil {
		return err
	}
	var events int64
	if err := w.get(`UPDATE retention_run SET ended = ? WHERE id = ? RETURNING events`, []any{w.nanos, run.id},
		&events); err != nil {
		return err
	}
	if _, err := w.exec(`DELETE FROM retention_run WHERE id <= ? - ?`, run.id, mostRuns); err != nil {
		return err
	}
	if events+gone == 0 {
		return nil
	}
	return w.auditOwn(auditRow{Action: "removed", Object: "events", Field: "before " +
		lineTime(run.line).Format(time.RFC3339), New: strconv.FormatInt(events+gone, 10)})
}

// mostRuns is how many runs are remembered.
const mostRuns = 1000
