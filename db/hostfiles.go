package db

import (
	"context"
	"database/sql"

	"escutcheon/fault"
	"escutcheon/store"
)

// FilesOfHost are the imports that brought new events of a dest, the newest first,
// up to limit, and how many there are.
func (d *DB) FilesOfHost(ctx context.Context, dest string, limit int) (out []store.HostFile, n int64, err error) {
	defer fault.Wrap(&err, "files of host %q", dest)
	err = d.snapshot(ctx, func(q conn) error {
		err := each(ctx, q, func(r *sql.Rows) error {
			var f store.HostFile
			var created int64
			err := r.Scan(&f.ID, &f.Name, &f.SHA256, &f.Size, &f.Events, &created)
			f.Created = fromNanos(created)
			out = append(out, f)
			return err
		}, `SELECT i.id, i.name, i.sha256, i.size, sum(x.events), i.created FROM import_host x JOIN import i ON i.id = x.import_id
			WHERE x.host_id IN `+hostsOf+` GROUP BY x.import_id ORDER BY x.import_id DESC LIMIT ?2`, dest, limit)
		if err != nil || len(out) < limit {
			n = int64(len(out))
			return err
		}
		return one(ctx, q, `SELECT count(DISTINCT import_id) FROM import_host WHERE host_id IN `+hostsOf,
			[]any{dest}, &n)
	})
	return out, n, err
}
