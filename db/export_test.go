package db

import (
	"context"
	"database/sql"

	"escutcheon/detection/materialize"
)

// WriteThroughReader runs a statement on the read pool.
func (d *DB) WriteThroughReader(ctx context.Context, query string) error {
	_, err := d.r.ExecContext(ctx, query)
	return err
}

// WriteLedger runs f over what rests on events, in one transaction.
func (d *DB) WriteLedger(ctx context.Context, f func(materialize.Tx) error) error {
	return d.write(ctx, func(raw *sql.Tx) error {
		t := newTx(ctx, raw)
		defer t.close()
		return f(newLedger(t))
	})
}

// Marshal is how rows are stored, SortKey how they sort.
var (
	Marshal = func(row []string) string { return marshal(row) }
	SortKey = sortKey
)

// PackOne is a block of one record.
func PackOne(raw string) []byte {
	w, err := newBlockWriter()
	if err != nil {
		panic(err) // options are constants
	}
	return w.pack([]record{{0, raw}})
}
