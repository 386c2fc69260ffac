package db

import (
	"context"

	"escutcheon/intake"
)

// UnderWay counts the imports that are queued and that run, without members of
// archives.
func (d *DB) UnderWay(ctx context.Context) (queued, running uint64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT ifnull(sum(status = ?1), 0), ifnull(sum(status = ?2), 0) FROM import
		WHERE parent IS NULL AND status IN (?1, ?2)`, intake.Queued, intake.Running).Scan(&queued, &running)
	return queued, running, err
}

// Size is how many bytes the database has, without what is yet to be written into
// its file.
func (d *DB) Size(ctx context.Context) (n uint64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&n)
	return n, err
}
