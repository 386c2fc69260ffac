package db

import (
	"context"
	"time"

	"escutcheon/fault"
)

// FeedFileTaken says whether a file of a watched folder was taken as it is.
func (d *DB) FeedFileTaken(ctx context.Context, path string, size int64, modified time.Time) (taken bool, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM feed_file WHERE path = ? AND size = ? AND modified = ?)`,
		path, size, modified.UnixNano()).Scan(&taken)
	return taken, err
}

// TookFeedFile notes that a file was taken as it is.
func (d *DB) TookFeedFile(ctx context.Context, path string, size int64, modified time.Time) (err error) {
	defer fault.Wrap(&err, "note that %q was taken", path)
	return d.writeQuietly(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO feed_file (path, size, modified) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
			SET size = excluded.size, modified = excluded.modified`, path, size, modified.UnixNano())
		return err
	})
}
