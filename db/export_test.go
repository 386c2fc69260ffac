package db

import "context"

// WriteThroughReader runs a statement on the read pool.
func (d *DB) WriteThroughReader(ctx context.Context, query string) error {
	_, err := d.r.ExecContext(ctx, query)
	return err
}
