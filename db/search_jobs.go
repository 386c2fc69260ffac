package db

import (
	"context"
	"database/sql"
	"errors"

	"escutcheon/fault"
	"escutcheon/store"
)

const searchJobColumns = `id, text, earliest, latest, now, who, began, ended, state, found, looked, complete, message`

func scanSearchJob(row interface{ Scan(...any) error }) (j store.SearchJob, err error) {
	var began, ended int64
	err = row.Scan(&j.ID, &j.Text, &j.Earliest, &j.Latest, &j.Now, &j.Who, &began, &ended, &j.State, &j.Rows, &j.Looked,
		&j.Complete, &j.Message)
	if j.Began = fromNanos(began); ended != 0 {
		j.Ended = fromNanos(ended)
	}
	return j, err
}

// SearchJobs returns the newest searches that took long, up to limit.
func (d *DB) SearchJobs(ctx context.Context, limit int) (out []store.SearchJob, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		j, err := scanSearchJob(r)
		out = append(out, j)
		return err
	}, `SELECT `+searchJobColumns+` FROM search_job ORDER BY began DESC, id LIMIT ?`, limit)
	return out, err
}

// SearchJob returns one of them.
func (d *DB) SearchJob(ctx context.Context, id string) (store.SearchJob, error) {
	j, err := scanSearchJob(d.r.QueryRowContext(ctx, `SELECT `+searchJobColumns+` FROM search_job WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return j, fault.New(fault.NotFound, "There is no search %q any more.", id)
	}
	return j, err
}

// KeepSearchJob stores what is known of a search, in the place of what was known of it
// before, and lets the oldest go.
func (d *DB) KeepSearchJob(ctx context.Context, j store.SearchJob) (err error) {
	defer fault.Wrap(&err, "keep search job")
	ended := int64(0)
	if !j.Ended.IsZero() {
		ended = j.Ended.UnixNano()
	}
	return d.writeQuietly(ctx, func(t *tx) error {
		if _, err := t.exec(`INSERT OR REPLACE INTO search_job (`+searchJobColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, j.ID, j.Text, j.Earliest, j.Latest, j.Now, j.Who,
			j.Began.UnixNano(), ended, string(j.State), j.Rows, j.Looked, j.Complete, j.Message); err != nil {
			return err
		}
		_, err := t.exec(`DELETE FROM search_job WHERE id IN (SELECT id FROM search_job ORDER BY began DESC, id
			LIMIT -1 OFFSET ?)`, store.MaxSearchJobs)
		return err
	})
}

// EndSearchJobs says of the searches that ran in a process that is no more that they
// are stopped.
func (d *DB) EndSearchJobs(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "end search jobs")
	return d.write(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE search_job SET state = ?, ended = ?, complete = 0,
			message = 'The server ended while it ran.' WHERE state = ?`, string(store.JobStopped), d.now().UnixNano(),
			string(store.JobRuns))
		return err
	})
}
