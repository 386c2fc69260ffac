package db

import (
	"context"

	"escutcheon/event"
)

// NewestSecond is that of the newest event; false when none has a time.
func (d *DB) NewestSecond(ctx context.Context) (second int64, ok bool, err error) {
	all, err := d.blockEntries(ctx)
	for i := range all {
		if s := &all[i].Summary; s.Timed && s.Live > 0 && (!ok || s.Last > second) {
			second, ok = s.Last, true
		}
	}
	if !ok {
		second = event.NoSecond
	}
	return second, ok, err
}

// NamesComputers says whether the computer of some events was given by who imported
// them: no record of theirs need hold it.
func (d *DB) NamesComputers(ctx context.Context) (any bool, err error) {
	return any, d.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM reading WHERE computer != '')`).Scan(&any)
}
