package db

import (
	"context"
	"database/sql"

	"escutcheon/fault"
	"escutcheon/store"
)

// broughtOf are the imports that brought events of a dest, or files of its server.
const broughtOf = `SELECT import_id, events FROM import_host WHERE host_id IN ` + hostsOf + `
	UNION ALL SELECT import_id, 0 FROM artifact WHERE dest IN (SELECT dest FROM host WHERE id IN ` + hostsOf + `)`

// FilesOfHost are the imports that brought new events of a dest or files of its server,
// the newest first, up to limit, and how many there are.
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
		}, `SELECT i.id, i.name, i.sha256, i.size, sum(x.events), i.created FROM (`+broughtOf+`) x
			JOIN import i ON i.id = x.import_id GROUP BY x.import_id ORDER BY x.import_id DESC LIMIT ?2`, dest, limit)
		if err != nil || len(out) < limit {
			n = int64(len(out))
			return err
		}
		return one(ctx, q, `SELECT count(DISTINCT import_id) FROM (`+broughtOf+`)`, []any{dest}, &n)
	})
	return out, n, err
}
