package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"escutcheon/detection/silence"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockscan"
	"escutcheon/fault"
	"escutcheon/intake"
)

// EventState is a number that no other state of the stored events has.
func (d *DB) EventState(ctx context.Context) (n int64, err error) {
	err = d.r.QueryRowContext(ctx, `SELECT last FROM sequence WHERE name = 'store'`).Scan(&n)
	return n, err
}

// passed passes over a block that is damaged: Scrub tells of it.
func passed(int64, int) { met.Add(1) }

// EventKinds counts the stored events of each kind. It reads two columns of all
// blocks.
func (d *DB) EventKinds(ctx context.Context) (out map[silence.Kind]int64, err error) {
	defer fault.Wrap(&err, "count the kinds of events")
	out = map[silence.Kind]int64{}
	return out, d.Scan(ctx, eventstore.Query{Columns: block.CodeColumn | block.ChannelColumn, Damaged: passed},
		func(c *eventstore.Chunk) (func() error, error) {
			some := map[[2]int64]int64{}
			for _, row := range c.Rows {
				some[[2]int64{c.Columns.Channel[row], c.Columns.Code[row]}]++
			}
			names := c.Names
			return func() error {
				for k, n := range some {
					out[silence.Kind{Channel: names.Channel(k[0]), Code: k[1]}] += n
				}
				return nil
			}, nil
		})
}

// LookAtEvents has events looked at that are of a kind that is wanted, the newest
// first, until none is. One with several originals is looked at as the merge of
// them.
func (d *DB) LookAtEvents(ctx context.Context, kinds []silence.Kind, wants func(silence.Kind) bool,
	look func(silence.Kind, spl.Event)) (err error) {
	defer fault.Wrap(&err, "look at events")
	q := eventstore.Query{Columns: block.CodeColumn | block.ChannelColumn, Originals: true, Newest: true,
		Damaged: passed}
	for _, k := range kinds {
		if k.Channel != "" && !slices.Contains(q.Channels, k.Channel) {
			q.Channels = append(q.Channels, k.Channel)
		}
		if !slices.Contains(q.Codes, k.Code) {
			q.Codes = append(q.Codes, k.Code)
		}
	}
	if len(kinds) == 0 || len(q.Channels) > mostAsked || slices.ContainsFunc(kinds, noChannel) {
		q.Channels = nil
	}
	if len(q.Codes) > mostAsked {
		q.Codes = nil
	}
	v := &viewing{d: d, dec: d.decoder(), kinds: kinds, wants: wants, look: look}
	if v.dec == nil || !slices.ContainsFunc(kinds, wants) {
		return nil
	}
	return d.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		kept := *c
		kept.Rows, kept.Varied = slices.Clone(c.Rows), slices.Clone(c.Varied)
		columns := block.Columns{Event: slices.Clone(c.Columns.Event), Channel: slices.Clone(c.Columns.Channel),
			Code: slices.Clone(c.Columns.Code)}
		kept.Columns = &columns
		return func() error { return v.chunk(ctx, &kept) }, nil
	})
}

func noChannel(k silence.Kind) bool { return k.Channel == "" }

// viewing is one look at events.
type viewing struct {
	d     *DB
	dec   intake.Decoder
	kinds []silence.Kind
	wants func(silence.Kind) bool
	look  func(silence.Kind, spl.Event)
	e     event.Event
}

func (v *viewing) chunk(ctx context.Context, c *eventstore.Chunk) error {
	for _, row := range c.Rows {
		k := silence.Kind{Channel: c.Names.Channel(c.Columns.Channel[row]), Code: c.Columns.Code[row]}
		if !v.wants(k) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err := v.event(ctx, c, row)
		if missing(err) || errors.Is(err, block.ErrDamaged) {
			continue
		}
		if err != nil {
			return err
		}
		v.look(k, &v.e)
	}
	if !slices.ContainsFunc(v.kinds, v.wants) {
		return blockscan.ErrStop
	}
	return nil
}

// missing says that an event has been deleted meanwhile.
func missing(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Code == fault.NotFound
}

// event makes v.e the event of a row.
func (v *viewing) event(ctx context.Context, c *eventstore.Chunk, row int32) (err error) {
	number := c.Number(row)
	var seen []intake.Sighting
	if slices.Contains(c.Varied, row) {
		seen, err = v.d.Sightings(ctx, number)
	} else {
		offset, raw := c.Originals.Record(int(row))
		seen = []intake.Sighting{{Offset: offset, Record: number, Raw: raw, Reading: c.Reading}}
	}
	if err == nil {
		v.e, err = v.dec.Merge(seen)
	}
	return err
}

// DecodeWith makes dec make events of stored records, where no rules are put into
// force (AdoptRules).
func (d *DB) DecodeWith(dec intake.Decoder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dec = dec
}

// decoder makes events of records; nil before rules were put into force.
func (d *DB) decoder() intake.Decoder {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dec
}

// Lacking counts the events that a rule matches and that lack BY fields, by what
// they lack, joined by ", ".
func (d *DB) Lacking(ctx context.Context, rule string) (out map[string]int64, err error) {
	out = map[string]int64{}
	return out, d.rows(ctx, func(r *sql.Rows) error {
		var what string
		var n int64
		err := r.Scan(&what, &n)
		out[what] = n
		return err
	}, `SELECT missing, count(*) FROM unattributed WHERE rule_id = ? GROUP BY missing`, rule)
}
