package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/store"
)

// EventRefs are some events, in the order of their numbers; those that are not
// there are not among them.
func (d *DB) EventRefs(ctx context.Context, ids []int64) (out []store.EventRef, err error) {
	defer fault.Wrap(&err, "events")
	err = d.snapshot(ctx, func(q conn) error {
		out, err = refs(ctx, q, ids)
		return err
	})
	return out, err
}

// refs are some events, in the order of their numbers; those that are not there
// are not among them. Of those in a damaged block no more than that is known.
func refs(ctx context.Context, q conn, ids []int64) (out []store.EventRef, err error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	n := &names{ctx: ctx, q: q, of: map[string]map[int64]string{"host": {}, "channel": {}, "provider": {}}}
	for len(ids) > 0 {
		first, c, err := columnsHolding(ctx, q, ids[0])
		if errors.Is(err, block.ErrDamaged) {
			lost := store.Lost{First: first}
			if err := one(ctx, q, `SELECT count FROM block WHERE first = ?`, []any{first}, &lost.Count); err != nil {
				return nil, err
			}
			for len(ids) > 0 && ids[0] < first+lost.Count {
				out = append(out, store.EventRef{ID: ids[0], Second: noSecond, Lost: lost})
				ids = ids[1:]
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if c == nil {
			ids = ids[1:]
			continue
		}
		for len(ids) > 0 && ids[0] < first+int64(c.Len()) {
			if i := int(ids[0] - first); c.Event[i] == ids[0] {
				e, err := n.ref(c, i)
				if err != nil {
					return nil, err
				}
				out = append(out, e)
			}
			ids = ids[1:]
		}
	}
	return out, nil
}

// columnsHolding are the columns of the block that holds a record; nil when there
// is none.
func columnsHolding(ctx context.Context, q conn, record int64) (first int64, c *block.Columns, err error) {
	var count int64
	err = q.QueryRowContext(ctx, `SELECT first, count FROM block WHERE first <= ? ORDER BY first DESC LIMIT 1`,
		record).Scan(&first, &count)
	c = &block.Columns{}
	if err == nil && record < first+count {
		err = q.contents().columns(ctx, q, first, int(count), block.All, c)
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && record >= first+count {
		return 0, nil, nil
	}
	if err != nil {
		return first, nil, damaged(first, err)
	}
	return first, c, nil
}

// names are those that columns have numbers for.
type names struct {
	ctx context.Context
	q   conn
	of  map[string]map[int64]string
}

var nameQueries = map[string]string{"host": `SELECT dest FROM host WHERE id = ?`,
	"channel": `SELECT name FROM channel WHERE id = ?`, "provider": `SELECT name FROM provider WHERE id = ?`}

func (n *names) name(table string, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	if name, ok := n.of[table][id]; ok {
		return name, nil
	}
	var name string
	err := n.q.QueryRowContext(n.ctx, nameQueries[table], id).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	n.of[table][id] = name
	return name, err
}

func (n *names) ref(c *block.Columns, i int) (e store.EventRef, err error) {
	e = store.EventRef{ID: c.Event[i], Code: c.Code[i], Record: c.Record[i], Second: c.Second[i], Nanos: c.Nanos[i],
		HasTime: c.Second[i] != noSecond}
	if e.Dest, err = n.name("host", c.Host[i]); err == nil {
		e.Channel, err = n.name("channel", c.Channel[i])
	}
	if err == nil {
		e.Provider, err = n.name("provider", c.Provider[i])
	}
	return e, err
}
