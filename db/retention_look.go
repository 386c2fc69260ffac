package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"

	"escutcheon/detection"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/store"
)

// Expiring says what would go if bounds were set now. It changes nothing, and reads the
// columns of all blocks that are old enough. A line for the size that proves too early, as
// much of what is older stays, moves on when it is done and not here.
func (d *DB) Expiring(ctx context.Context, k store.Keep) (out store.Expiry, err error) {
	defer fault.Wrap(&err, "what would go")
	d.mu.Lock()
	rules := d.rules
	d.mu.Unlock()
	if rules == nil {
		rules = detection.NewRules(nil)
	}
	return out, d.snapshot(ctx, func(q conn) error {
		if out.Used, err = usedBytes(ctx, q); err != nil {
			return err
		}
		line, err := lineBy(ctx, q, k, d.now().Unix())
		if err != nil {
			return err
		}
		out.Line = lineTime(line)
		is, err := readKeeping(ctx, q)
		if err != nil {
			return err
		}
		windows, err := is.windows(ctx, q)
		if err != nil {
			return err
		}
		found, err := foundIn(ctx, q, rules, is.gone, line)
		if err != nil {
			return err
		}
		for rule, starts := range found {
			if windows[rule] == nil {
				windows[rule] = map[int64]string{}
			}
			maps.Copy(windows[rule], starts)
		}
		a, err := newAgeing(ctx, q, line, rules, windows)
		if err != nil {
			return err
		}
		var list []blockInfo
		if err := each(ctx, q, func(r *sql.Rows) error {
			b, err := scanInfo(r)
			list = append(list, b)
			return err
		}, `SELECT `+infoColumns+` FROM block ORDER BY first`); err != nil {
			return err
		}
		for i := range list {
			out.All += int64(list[i].summary.Live)
			if line == noLine || !a.mayHold(&list[i]) {
				continue
			}
			if err := a.wouldGo(&list[i], &out); err != nil && !errors.Is(err, block.ErrDamaged) {
				return err
			}
		}
		return nil
	})
}

// wouldGo counts what would go of a block.
func (a *ageing) wouldGo(b *blockInfo, out *store.Expiry) error {
	row, err := rowBytes(a.ctx, a.q)
	if err != nil {
		return err
	}
	var weighs int64
	if err := one(a.ctx, a.q, `SELECT `+weightOfBlock+` WHERE b.first = ?2`, []any{row, b.first}, &weighs); err != nil {
		return err
	}
	var c block.Columns
	if err := a.q.contents().columns(a.ctx, a.q, b.first, int(b.count), block.All, &c); err != nil {
		return err
	}
	gone, kept, err := a.split(b, &c)
	if n := live(&c); n > 0 && err == nil {
		out.Bytes += weighs * int64(len(gone)) / int64(n)
	}
	out.Events, out.Kept = out.Events+int64(len(gone)), out.Kept+kept
	return err
}
