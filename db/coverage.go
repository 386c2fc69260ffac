package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/store"
)

// Which blocks that are not counted yet are read directly: so many of a host,
// among as many.
const (
	mostRead   = 64
	mostLooked = 1024
)

// Coverage says which logs of a host were seen, all or up to a second. A host of
// which there is no log is a fault.NotFound.
func (d *DB) Coverage(ctx context.Context, dest string, asOf *int64) (out store.Coverage, err error) {
	defer fault.Wrap(&err, "coverage of host %q", dest)
	err = d.snapshot(ctx, func(q conn) error {
		names, err := namesOf(ctx, q, dest)
		if err != nil {
			return err
		}
		k, err := readKeeping(ctx, q)
		if err != nil {
			return err
		}
		u := coveredUnion{by: map[string]*channelSeen{}, gone: k.gone}
		for i, name := range names {
			c := covering{ctx: ctx, q: q, most: d.readsBlocks, seen: &d.seen}
			err := one(ctx, q, `SELECT id FROM host WHERE dest = ?`, []any{name}, &c.host)
			if errors.Is(err, sql.ErrNoRows) && i > 0 { // its logs were deleted
				continue
			}
			if errors.Is(err, sql.ErrNoRows) {
				return noLog(ctx, q, dest)
			}
			if err != nil {
				return err
			}
			if err := c.join(asOf, &u); err != nil {
				return err
			}
		}
		out = u.coverage()
		return nil
	})
	return out, err
}

// coveredUnion is what was seen of a host under all its names.
type coveredUnion struct {
	by       map[string]*channelSeen
	whole    store.Activity
	counting bool
	lost     []store.Lost
	gone     int64 // see keeping
}

type channelSeen struct {
	store.Activity
	events int64
}

func (u *coveredUnion) coverage() (out store.Coverage) {
	out.Counting, out.Lost, out.Gone = u.counting, u.lost, lineTime(u.gone)
	for name, seen := range u.by {
		out.Channels = append(out.Channels, channelCoverage(name, seen.events, seen.Spans(), u.gone))
	}
	slices.SortFunc(out.Channels, func(a, b store.ChannelCoverage) int { return strings.Compare(a.Channel, b.Channel) })
	out.Gaps = store.Since(store.Gaps(u.whole.Spans()), u.gone)
	return out
}

// covering puts together what the coverage of one host's name is.
type covering struct {
	ctx  context.Context
	q    conn
	host int64
	most int // see mostRead
	seen *seen
	*channelCounts
	lost []store.Lost
}

func (c *covering) join(asOf *int64, u *coveredUnion) error {
	left, err := c.count()
	if err != nil {
		return err
	}
	u.counting = u.counting || left
	for _, l := range c.lost {
		if !slices.Contains(u.lost, l) {
			u.lost = append(u.lost, l)
		}
	}
	n := names{ctx: c.ctx, q: c.q, of: map[string]map[int64]string{"channel": {}}}
	for k, counted := range c.of {
		name, err := n.name("channel", k.channel)
		if err != nil {
			return err
		}
		spans := counted.Spans()
		if asOf != nil {
			spans = store.Until(spans, *asOf)
		}
		if u.by[name] == nil {
			u.by[name] = &channelSeen{}
		}
		u.by[name].events += counted.events
		for _, s := range spans {
			u.by[name].AddSpan(s)
			u.whole.AddSpan(s)
		}
	}
	return nil
}

func channelCoverage(name string, events int64, spans []store.Span, gone int64) store.ChannelCoverage {
	c := store.ChannelCoverage{Channel: name, Events: events, Gaps: store.Since(store.Gaps(spans), gone)}
	if c.HasTime = len(spans) > 0; c.HasTime {
		c.From, c.To = spans[0].From, spans[len(spans)-1].To
	}
	return c
}

// count counts the host's events, unless (left) that is too much.
func (c *covering) count() (left bool, err error) {
	c.channelCounts = newChannelCounts(func(host int64) bool { return host == c.host })
	cursor, err := c.cursor()
	if err == nil && cursor > 0 {
		err = c.rows()
	}
	if err != nil {
		return false, err
	}
	return c.rest(cursor)
}

// cursor is the record up to which the host's rows count.
func (c *covering) cursor() (at int64, err error) {
	if err = one(c.ctx, c.q, `SELECT ifnull((SELECT cursor FROM coverage_behind WHERE host_id = ?), last) FROM sequence
		WHERE name = 'coverage'`, []any{c.host}, &at); err != nil || at == 0 {
		return 0, err
	}
	left := mostLooked
	return at, each(c.ctx, c.q, func(r *sql.Rows) error {
		b, err := scanInfo(r)
		if left--; err == nil && (left == 0 || b.summary.Hosts.MayHold(c.host)) {
			at = 0
		}
		return err
	}, `SELECT `+infoColumns+` FROM coverage_late JOIN block USING (first) LIMIT ?`, mostLooked)
}

// rows counts what the host's rows do.
func (c *covering) rows() error {
	return each(c.ctx, c.q, func(r *sql.Rows) error {
		var channel, events int64
		var spans []byte
		if err := r.Scan(&channel, &events, &spans); err != nil {
			return err
		}
		return c.at(channelKey{c.host, channel}).add(events, spans)
	}, `SELECT channel_id, events, spans FROM coverage WHERE host_id = ?`, c.host)
}

// rest counts what follows the cursor, unless (left) that is too much.
func (c *covering) rest(cursor int64) (left bool, err error) {
	all, err := c.uncounted(cursor)
	if err != nil || len(all) == mostLooked {
		return err == nil, err
	}
	var list []blockInfo
	for _, b := range all {
		if b.summary.Live > 0 && b.summary.Hosts.MayHold(c.host) {
			list = append(list, b)
		}
	}
	if len(list) > c.most {
		return true, nil
	}
	var columns block.Columns
	for i := range list {
		err := c.read(&list[i], &columns)
		if errors.Is(err, block.ErrDamaged) {
			c.lost = append(c.lost, store.Lost{First: list[i].first, Count: list[i].count})
			continue
		}
		if err != nil {
			return false, damaged(list[i].first, err)
		}
		c.add(list[i].first, &columns)
	}
	return false, nil
}

// uncountedSeen are the blocks that follow a cursor, as they were in one state of
// the store: while an import runs each host's page asks for them.
type uncountedSeen struct {
	cursor, stored int64
	list           []blockInfo
}

// uncounted are the first blocks that follow the cursor. One of which all events
// have left since may be among them.
func (c *covering) uncounted(cursor int64) ([]blockInfo, error) {
	now := uncountedSeen{cursor: cursor}
	if err := one(c.ctx, c.q, `SELECT last FROM sequence WHERE name = 'store'`, nil, &now.stored); err != nil {
		return nil, err
	}
	c.seen.mu.Lock()
	old := c.seen.uncounted
	c.seen.mu.Unlock()
	if old != nil && old.cursor == now.cursor && old.stored == now.stored {
		return old.list, nil
	}
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		b, err := scanInfo(r)
		now.list = append(now.list, b)
		return err
	}, `SELECT `+infoColumns+` FROM block WHERE first > ? ORDER BY first LIMIT ?`, cursor, mostLooked); err != nil {
		return nil, err
	}
	c.seen.mu.Lock()
	defer c.seen.mu.Unlock()
	c.seen.uncounted = &now
	return now.list, nil
}

func (c *covering) read(b *blockInfo, into *block.Columns) error {
	return c.q.contents().columns(c.ctx, c.q, b.first, int(b.count), countedColumns, into)
}
