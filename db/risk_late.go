package db

import (
	"context"
	"errors"
	"time"

	"escutcheon/detection"
)

// What risk comes to would cost a large import more than its events do, if each
// batch made it again for the objects that it touches: these are the same ones
// again and again. So large batches leave it, and make it again in passes over all
// that was left, of some hours a batch. The import's end makes the last one.
// Pages of one object read its risk events meanwhile, lists show what the last
// pass made, unless who left it has gone: then somebody else makes it again.
const (
	lateShare = 8    // a pass begins so many times as long after the last one as that took
	lateHours = 1500 // of risk objects, in one transaction
	lateFor   = 10   // seconds after a batch in which the next one is waited for
)

// late is what was left. It belongs to who has the writer's turn.
type late struct {
	at    touch         // where the pass that is under way stands
	took  time.Duration // how long that one took by now, or the last one did
	ended time.Time     // of the last pass; zero: one is under way, or there was none
	noted time.Time     // when others were told
}

// settle makes some of it again in a batch's transaction, if it is time to.
func (l *late) settle(w *work) error {
	began := time.Now()
	if !l.ended.IsZero() {
		if began.Sub(l.ended) < lateShare*l.took {
			return l.note(w.tx)
		}
		*l = late{noted: l.noted}
	}
	s, err := newSettler(w.tx, w.rules, w.now)
	more := false
	if err == nil {
		l.at, more, err = s.some(l.at, lateHours)
	}
	if err = errors.Join(err, s.clock()); err != nil {
		*l = late{}
		return err
	}
	l.took += time.Since(began)
	if !more {
		l.at, l.ended = touch{}, time.Now()
	}
	return l.note(w.tx)
}

// note tells who reads that some is left, every second.
func (l *late) note(t *tx) error {
	if time.Since(l.noted) < time.Second {
		return nil
	}
	var left bool
	if err := t.get(`SELECT EXISTS (SELECT 1 FROM risk_touched)`, nil, &left); err != nil || !left {
		return err
	}
	l.noted = time.Now()
	_, err := t.exec(`INSERT INTO sequence (name, last) VALUES ('late', ?1) ON CONFLICT DO UPDATE SET last = ?1`,
		l.noted.Unix())
	return err
}

// isLate says whether some is left by an import that goes on.
func isLate(ctx context.Context, q conn) (late bool, err error) {
	return late, one(ctx, q, `SELECT `+stillLate, []any{lateSince()}, &late)
}

// stillLate is isLate in SQL, of lateSince.
const stillLate = `EXISTS (SELECT 1 FROM sequence WHERE name = 'late' AND last > ?)`

func lateSince() int64 { return time.Now().Unix() - lateFor }

// settleLate makes a pass over what is left, in steps.
func (d *DB) settleLate(ctx context.Context) (err error) {
	var at touch
	more := false
	if err := d.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM risk_touched)`).Scan(&more); err != nil {
		return err
	}
	for more && err == nil {
		err = d.writeLax(ctx, func(t *tx) error {
			s, _, err := d.settlerNow(t)
			if more = s != nil; err == nil && more {
				at, more, err = s.some(at, lateHours)
				err = errors.Join(err, s.clock())
			}
			return err
		})
	}
	return err
}

// onTime tells who reads that nothing is left: no import runs.
func (d *DB) onTime(t *tx) error {
	d.late = late{}
	_, err := t.exec(`DELETE FROM sequence WHERE name = 'late' AND NOT EXISTS (SELECT 1 FROM import
		WHERE status = 'running')`)
	return err
}

// settlerNow is a settler by the rules in force; nil where these are not those
// that the database knows: another process changed them, and settles.
func (d *DB) settlerNow(t *tx) (*settler, *detection.Rules, error) {
	d.mu.Lock()
	rules, version := d.rules, d.ruleVersion
	d.mu.Unlock()
	var now int64
	if err := t.get(`SELECT version FROM ruleset`, nil, &now); err != nil || rules != nil && now != version {
		return nil, nil, err
	}
	s, err := newSettler(t, rules, d.now().Unix())
	return s, rules, err
}
