package db

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"escutcheon/fault"
)

// How many rows and verdicts are made again in a transaction.
const (
	mostRemade   = 1000
	mostVerdicts = 100
)

// RefreshRisk brings what lists show of risk up to date, in steps of a bounded
// length: what a change of the settings or rules left, and what time did.
// Without it lists show the same, and take longer.
func (d *DB) RefreshRisk(ctx context.Context) error {
	if err := d.settleLate(ctx); err != nil {
		return err
	}
	return d.refresh(ctx, math.MaxInt64)
}

// refresh is RefreshRisk for so long at most, but for the step that is under way
// then.
func (d *DB) refresh(ctx context.Context, most time.Duration) error {
	for began := time.Now(); time.Since(began) < most; {
		due, err := d.riskDue(ctx)
		if err != nil || !due {
			return err
		}
		fresh := false
		if err := d.writeLarge(ctx, func(t *tx) error {
			fresh, err = d.refreshSome(t)
			return err
		}); err != nil || !fresh {
			return err
		}
	}
	return nil
}

// riskDue says whether there is anything to refresh.
func (d *DB) riskDue(ctx context.Context) (due bool, err error) {
	err = d.snapshot(ctx, func(q conn) error {
		late, err := isLate(ctx, q)
		if err != nil {
			return err
		}
		return one(ctx, q, `SELECT NOT ?1 AND EXISTS (SELECT 1 FROM risk_touched) OR EXISTS (`+staleRows+`)
			OR NOT ?1 AND EXISTS (`+dueVerdicts+`) OR EXISTS (`+undescribed+`)`, []any{late, d.now().Unix()}, &due)
	})
	return due, err
}

const staleRows = `SELECT 1 FROM object_risk INDEXED BY object_risk_due
	WHERE until <= ?2 AND until < 9223372036854775807`

// refreshSome refreshes a part; ok is false where the rules in force here are not
// those that the database knows: another process changed them, and refreshes.
func (d *DB) refreshSome(t *tx) (ok bool, err error) {
	s, rules, err := d.settlerNow(t)
	if err != nil || s == nil {
		return false, err
	}
	late, err := isLate(t.ctx, t)
	if err == nil && !late {
		_, _, err = s.some(touch{}, mostTouched)
	}
	if err == nil {
		_, err = s.again(mostRemade)
	}
	if err == nil && !late {
		_, err = s.verdicts(mostVerdicts)
	}
	if err == nil {
		err = describeSome(t, rules)
	}
	return true, errors.Join(err, s.clock())
}

// refreshEvery is how often KeepRiskFresh looks whether anything is to be done.
const refreshEvery = 5 * time.Second

// KeepRiskFresh refreshes what lists show of risk until the context ends.
func (d *DB) KeepRiskFresh(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		if err := d.refresh(ctx, math.MaxInt64); err != nil && ctx.Err() == nil {
			log.Warn("refresh risk", "err", err)
		}
		if err := d.holdFindings(ctx); err != nil && ctx.Err() == nil && fault.CodeOf(err) != fault.Invalid {
			log.Warn("hold findings", "err", err)
		}
		select {
		case <-tick.C:
		case <-d.imported: // on the other hosts too its modules are not as rare any more
		case <-ctx.Done():
			return
		}
		select { // of many small imports, those that end at once
		case <-time.After(refreshPause):
		case <-ctx.Done():
			return
		}
	}
}

// refreshPause is the least time between two refreshes.
const refreshPause = 300 * time.Millisecond

// wake has KeepRiskFresh look soon.
func (d *DB) wake() {
	select {
	case d.imported <- struct{}{}:
	default: // it will
	}
}
