package db

import (
	"context"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockscan"
	"escutcheon/fault"
)

// contents is where what blocks hold lies: the columns of their records, and the records.
// What is read of it is of the state that q shows. Where it has nothing of a block the
// error is sql.ErrNoRows, where that is damaged it wraps block.ErrDamaged.
type contents interface {
	columns(ctx context.Context, q conn, first int64, count int, want block.Set, into *block.Columns) error
	originals(ctx context.Context, q conn, first int64, count int) (*block.Originals, error)
	scan(ctx context.Context, q conn, b blockscan.Blocks, ask blockscan.Query,
		look func(*blockscan.Chunk) (func() error, error)) error
	// seed finds the records that are in rows of the seed's search, for who counts them.
	put(t *tx, first int64, c *block.Columns, p *block.Packed, seed seedOf) error
	change(t *tx, first int64, c *block.Columns, seed seedOf) error
	drop(t *tx, first int64) error
	// flush has what a transaction changed be there for good before it ends.
	flush(t *tx) error
}

// inFile are contents in the database file.
type inFile struct{}

// partOf is a part of a block.
func (inFile) partOf(ctx context.Context, q conn, query string, first int64) (data []byte, err error) {
	if t, ok := q.(*tx); ok {
		err = t.get(query, []any{first}, &data)
	} else {
		err = q.QueryRowContext(ctx, query, first).Scan(&data)
	}
	return data, err
}

func (f inFile) columns(ctx context.Context, q conn, first int64, count int, want block.Set,
	into *block.Columns) error {
	data, err := f.partOf(ctx, q, columnsOfBlock, first)
	if err != nil {
		return err
	}
	return block.DecodeColumns(data, first, count, want, into)
}

func (f inFile) originals(ctx context.Context, q conn, first int64, count int) (*block.Originals, error) {
	data, err := f.partOf(ctx, q, bytesOfBlock, first)
	if err != nil {
		return nil, err
	}
	return block.Unpack(data, count)
}

func (inFile) scan(ctx context.Context, _ conn, b blockscan.Blocks, ask blockscan.Query,
	look func(*blockscan.Chunk) (func() error, error)) error {
	return blockscan.Scan(ctx, b, ask, look)
}

func (inFile) put(t *tx, first int64, c *block.Columns, p *block.Packed, _ seedOf) error {
	for _, part := range []struct {
		table string
		data  []byte
	}{{"block_columns", c.Encode(first)}, {"block_bytes", p.Bytes}} {
		if _, err := t.exec(`INSERT INTO `+part.table+` (first, data) VALUES (?, ifnull(?, x''))
			ON CONFLICT DO UPDATE SET data = excluded.data`, first, part.data); err != nil {
			return err
		}
	}
	return nil
}

func (inFile) change(t *tx, first int64, c *block.Columns, _ seedOf) error {
	_, err := t.exec(`UPDATE block_columns SET data = ? WHERE first = ?`, c.Encode(first), first)
	return err
}

func (inFile) drop(t *tx, first int64) error {
	return t.do([]any{first}, `DELETE FROM block_columns WHERE first = ?`, `DELETE FROM block_bytes WHERE first = ?`)
}

func (inFile) flush(*tx) error { return nil }

// What lies in a block.
const (
	columnsOfBlock = `SELECT data FROM block_columns WHERE first = ?`
	bytesOfBlock   = `SELECT data FROM block_bytes WHERE first = ?`
)

// isAway says whether an error is of contents that cannot be read now, but may be later.
func isAway(err error) bool { return fault.CodeOf(err) == fault.Busy }
