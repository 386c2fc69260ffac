package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/blind"
	"escutcheon/detection/verdict"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/store"
)

// Blinded are the changes that blind the logs of a host, up to a second.
func (d *DB) Blinded(ctx context.Context, of store.VerdictOf) (out []verdict.Change, err error) {
	defer fault.Wrap(&err, "what blinds the logs of %q", of.Dest)
	err = d.snapshot(ctx, func(q conn) error {
		names, err := namesOf(ctx, q, of.Dest)
		if err != nil {
			return err
		}
		hosts, arg := hostIs(names)
		return each(ctx, q, func(r *sql.Rows) error {
			var c verdict.Change
			var nanos sql.NullInt64
			err := r.Scan(&c.Event, &nanos, &c.Kind, &c.Module, &c.By)
			if nanos.Valid {
				c.At = time.Unix(0, nanos.Int64).UTC()
			}
			out = append(out, c)
			return err
		}, `SELECT event_id, nanos, kind, module, account FROM change_event WHERE host_id `+hosts+` AND kind & ?3 <> 0
			AND (nanos IS NULL OR nanos < ?2) ORDER BY nanos, event_id LIMIT ?4`, arg, upToNanos(of.AsOf),
			int64(detection.Blinding), mostNoted)
	})
	return out, err
}

// What is looked at for gaps in the numbers of records: blocks, and records kept in memory.
const (
	mostGapBlocks  = 20_000
	mostGapRecords = 4_000_000
	mostGaps       = 50 // of a channel, those that lack most
)

// RecordGaps are the gaps in the numbers of the records of a host, by channel; cut: it has
// too many to look at.
func (d *DB) RecordGaps(ctx context.Context, dest string) (out []blind.Gap, cut bool, err error) {
	defer fault.Wrap(&err, "records of host %q", dest)
	err = d.snapshot(ctx, func(q conn) error {
		names, err := namesOf(ctx, q, dest)
		if err != nil {
			return err
		}
		numbers := map[int64]bool{}
		is, arg := hostIs(names)
		if err := each(ctx, q, func(r *sql.Rows) error {
			var id int64
			err := r.Scan(&id)
			numbers[id] = true
			return err
		}, `SELECT id FROM host WHERE id `+is, arg); err != nil {
			return err
		}
		k, err := readKeeping(ctx, q)
		if err != nil {
			return err
		}
		g := gathering{hosts: numbers, gone: k.gone, of: map[int64][]blind.Record{}}
		if cut, err = g.blocks(ctx, q); err != nil {
			return err
		}
		for channel, records := range g.of {
			var name string
			if err := one(ctx, q, `SELECT name FROM channel WHERE id = ?`, []any{channel}, &name); err != nil {
				return err
			}
			out = append(out, blind.Gaps(name, records, mostGaps)...)
		}
		slices.SortStableFunc(out, func(a, b blind.Gap) int { return a.From.Compare(b.From) })
		return nil
	})
	return out, cut, err
}

// gathering gathers the numbers of records by channel.
type gathering struct {
	hosts map[int64]bool
	of    map[int64][]blind.Record
	n     int
	gone  int64 // of what is older most is not there any more
}

func (g *gathering) blocks(ctx context.Context, q conn) (cut bool, err error) {
	left := mostGapBlocks
	var list []blockInfo
	if err := each(ctx, q, func(r *sql.Rows) error {
		b, err := scanInfo(r)
		for id := range g.hosts {
			if err == nil && left > 0 && b.summary.Hosts.MayHold(id) {
				list = append(list, b)
				left--
				break
			}
		}
		return err
	}, `SELECT `+infoColumns+` FROM block ORDER BY first`); err != nil {
		return false, err
	}
	for i := range list {
		if err := g.block(ctx, q, &list[i]); err != nil {
			return false, err
		}
		if g.n >= mostGapRecords {
			return true, nil
		}
	}
	return left == 0, nil
}

// block gathers of a block; one that is damaged is passed over.
func (g *gathering) block(ctx context.Context, q conn, b *blockInfo) error {
	var c block.Columns
	err := q.contents().columns(ctx, q, b.first, int(b.count), block.SecondColumn|block.HostColumn|block.ChannelColumn|
		block.RecordColumn|block.EventColumn, &c)
	if errors.Is(err, block.ErrDamaged) {
		return nil
	}
	if err != nil {
		return err
	}
	for i, id := range c.Event {
		if id == b.first+int64(i) && c.Second[i] >= g.gone &&
			g.hosts[c.Host[i]] && c.Channel[i] != 0 && c.Record[i] != event.None {
			g.of[c.Channel[i]] = append(g.of[c.Channel[i]], blind.Record{Number: c.Record[i], Second: c.Second[i]})
			g.n++
		}
	}
	return nil
}
