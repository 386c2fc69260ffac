package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockscan"
	"escutcheon/fault"
	"escutcheon/intake"
)

// Scan looks through stored events: see eventstore.Store.
func (d *DB) Scan(ctx context.Context, q eventstore.Query, look func(*eventstore.Chunk) (func() error, error)) (
	err error) {
	defer fault.Wrap(&err, "scan events")
	all := blocks{d: d}
	if all.entries, err = d.blockEntries(ctx); err != nil { // before what they refer to, so that all of that is there
		return err
	}
	if len(q.Channels)+len(q.Providers)+len(q.Codes) > 0 {
		if err := d.loosen(ctx, all.entries); err != nil {
			return err
		}
	}
	names, err := d.readNames(ctx)
	if err != nil {
		return err
	}
	readings, err := d.readings(ctx)
	if err != nil {
		return err
	}
	ask := blockscan.Query{From: q.From, To: q.To, Codes: q.Codes, After: q.After, UpTo: q.UpTo, Newest: q.Newest,
		Columns: q.Columns, Originals: q.Originals, Brief: q.Brief, Progress: q.Progress,
		Damaged: q.Damaged}
	for _, n := range []struct {
		to    *[]int64
		names []string
		of    *nameTable
	}{{&ask.Hosts, q.Hosts, &names.hosts}, {&ask.Channels, q.Channels, &names.channels},
		{&ask.Providers, q.Providers, &names.providers}} {
		*n.to = n.of.numbers(n.names)
		if len(n.names) > 0 && len(*n.to) == 0 { // nobody bears that name
			if *n.to = []int64{noKind}; n.of == &names.hosts {
				return nil
			}
		}
	}
	if len(q.Words)+len(q.Texts) > 0 {
		ask.Find = block.NewFinder(q.Words, q.Texts)
	}
	return d.out.contents().scan(ctx, d.out, all, ask, func(c *blockscan.Chunk) (func() error, error) {
		return look(&eventstore.Chunk{First: c.First, Columns: c.Columns, Rows: c.Rows, Originals: c.Originals,
			Varied: c.Varied, Reading: readings[c.Reading], Rest: c.Rest, Names: names, Loose: c.Loose})
	})
}

// loosen marks the blocks with events that answer to other channels or codes than
// their own.
func (d *DB) loosen(ctx context.Context, entries []blockscan.Entry) error {
	var unknown int64
	err := d.r.QueryRowContext(ctx, `SELECT last FROM sequence WHERE name = 'odd'`).Scan(&unknown)
	if err != nil {
		return err
	}
	odd := map[int64]bool{}
	err = d.rows(ctx, func(r *sql.Rows) error {
		var first int64
		err := r.Scan(&first)
		odd[first] = true
		return err
	}, `SELECT first FROM odd_block`)
	for i := range entries {
		entries[i].Loose = entries[i].First <= unknown || odd[entries[i].First]
	}
	return err
}

func (d *DB) readings(ctx context.Context) (map[int64]intake.Reading, error) {
	out := map[int64]intake.Reading{}
	return out, d.rows(ctx, func(r *sql.Rows) error {
		var id int64
		var v intake.Reading
		err := r.Scan(&id, &v.Format, &v.Encoding, &v.Zone, &v.Computer, &v.Dates, &v.Before)
		out[id] = v
		return err
	}, `SELECT id, format, encoding, zone, computer, dates, before FROM reading`)
}

// blockEntries lists the blocks.
func (d *DB) blockEntries(ctx context.Context) (out []blockscan.Entry, err error) {
	return out, d.rows(ctx, func(r *sql.Rows) error {
		i, err := scanInfo(r)
		out = append(out, blockscan.Entry{First: i.first, Count: int(i.count), Reading: i.reading, Summary: i.summary})
		return err
	}, `SELECT `+infoColumns+` FROM block ORDER BY first`)
}

// blocks are the stored blocks, for a scan.
type blocks struct {
	d       *DB
	entries []blockscan.Entry
}

// Directory lists them.
func (b blocks) Directory(context.Context) ([]blockscan.Entry, error) { return b.entries, nil }

// Columns are those of one block.
func (b blocks) Columns(ctx context.Context, first int64) ([]byte, error) {
	return b.part(ctx, columnsOfBlock, first)
}

// wholeWords is the filter of one block; empty, which leaves no event out, where it is
// damaged.
var wholeWords = `SELECT CASE WHEN ` + wordsSum.whole("block_words") + ` THEN data ELSE x'' END FROM block_words
	WHERE first = ?`

// Words are the filter of one block.
func (b blocks) Words(ctx context.Context, first int64) ([]byte, error) {
	return b.part(ctx, wholeWords, first)
}

// Originals are the records of one block.
func (b blocks) Originals(ctx context.Context, first int64) ([]byte, error) {
	return b.part(ctx, bytesOfBlock, first)
}

func (b blocks) part(ctx context.Context, query string, first int64) (data []byte, err error) {
	err = b.d.out.QueryRowContext(ctx, query, first).Scan(&data)
	switch {
	case errors.Is(err, sql.ErrNoRows): // deleted meanwhile
		return nil, nil
	case resultCode(err) == sqlite3.SQLITE_CORRUPT: // where this block lies
		return nil, fmt.Errorf("%w: %w", block.ErrDamaged, err)
	}
	return data, err
}

// nameTable is the names that columns have numbers for.
type nameTable struct {
	byID   map[int64]string
	byName map[string][]int64 // in lower case: logs spell a channel as they like
}

func (t *nameTable) numbers(names []string) (ids []int64) {
	for _, n := range names {
		ids = append(ids, t.byName[strings.ToLower(n)]...)
	}
	return ids
}

// allNames are those of all hosts, channels and providers.
type allNames struct{ hosts, channels, providers nameTable }

func (n *allNames) Host(id int64) string     { return n.hosts.byID[id] }
func (n *allNames) Channel(id int64) string  { return n.channels.byID[id] }
func (n *allNames) Provider(id int64) string { return n.providers.byID[id] }

func (d *DB) readNames(ctx context.Context) (*allNames, error) {
	n := &allNames{}
	for _, t := range []struct {
		to    *nameTable
		query string
	}{{&n.hosts, `SELECT id, dest FROM host`}, {&n.channels, `SELECT id, name FROM channel`},
		{&n.providers, `SELECT id, name FROM provider`}} {
		*t.to = nameTable{map[int64]string{}, map[string][]int64{}}
		if err := d.rows(ctx, func(r *sql.Rows) error {
			var id int64
			var name string
			err := r.Scan(&id, &name)
			low := strings.ToLower(name)
			t.to.byID[id], t.to.byName[low] = name, append(t.to.byName[low], id)
			return err
		}, t.query); err != nil {
			return nil, err
		}
	}
	return n, nil
}
