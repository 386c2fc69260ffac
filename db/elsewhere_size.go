package db

import (
	"context"
	"sync"
	"time"
)

// rowSize is how many bytes a row takes where blocks are kept, as of a moment.
type rowSize struct {
	mu    sync.Mutex
	asked time.Time
	bytes float64
}

// sizeHolds is how long that is taken for what it is.
const sizeHolds = time.Minute

// bytesOfRow is about how many bytes a row takes.
func (e *elsewhere) bytesOfRow(ctx context.Context) (float64, error) {
	e.row.mu.Lock()
	defer e.row.mu.Unlock()
	if !e.row.asked.IsZero() && time.Since(e.row.asked) < sizeHolds {
		return e.row.bytes, nil
	}
	if err := e.open(); err != nil {
		return 0, err
	}
	bytes, rows, err := e.store.Size(ctx)
	if err != nil {
		return 0, err
	}
	e.row.asked, e.row.bytes = time.Now(), float64(bytes)/float64(max(rows, 1))
	return e.row.bytes, nil
}

// rowsOfBlock is how many rows are kept elsewhere of a block b and its versions a.
const rowsOfBlock = `b.count * (1 + (a.columns <> a.bytes))`

// rowBytes is bytesOfRow of the store that keeps what blocks hold; 0: the file does.
func rowBytes(ctx context.Context, q conn) (bytes float64, err error) {
	e, ok := q.contents().(*elsewhere)
	if !ok {
		return 0, nil
	}
	if t, writes := q.(*tx); writes {
		err = e.during(t, func(ctx context.Context) error {
			bytes, err = e.bytesOfRow(ctx)
			return err
		})
		return bytes, err
	}
	return e.bytesOfRow(ctx)
}

// farBytes are about the bytes that what blocks hold takes in another store. What is yet to
// be forgotten there is not among them, so that nothing more goes on its account.
func farBytes(ctx context.Context, q conn) (int64, error) {
	each, err := rowBytes(ctx, q)
	if err != nil || each == 0 {
		return 0, err
	}
	var rows int64
	err = one(ctx, q, `SELECT ifnull(sum(`+rowsOfBlock+`), 0) FROM block b JOIN block_at a ON a.first = b.first`, nil,
		&rows)
	return int64(float64(rows) * each), err
}
