package db

import (
	"maps"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
)

// kindOf is a host's kind of event, as columns have them.
type kindOf struct{ host, channel, code int64 }

// kindCount is how many of them there are, and when the first and the last was.
type kindCount struct{ events, earliest, latest int64 }

// keptKinds are what the store that keeps blocks counted of each, by its first record; nil
// where it counts nothing.
type keptKinds map[int64]map[kindOf]kindCount

// kinds are those of the versions of blocks that count.
func (c *checking) kinds() (keptKinds, error) {
	e, ok := c.q.lie.(*elsewhere)
	if !ok {
		return nil, nil
	}
	if err := e.open(); err != nil {
		return nil, err
	}
	out, at := keptKinds{}, map[int64]int64{}
	counts := func(first, columns int64) { at[first] = columns }
	if err := c.numbers(`SELECT first, columns FROM block_at`, counts); err != nil {
		return nil, err
	}
	return out, e.store.Counts(c.ctx, func(n blockstore.Count) error {
		if at[n.First] != n.At {
			return nil
		}
		if out[n.First] == nil {
			out[n.First] = map[kindOf]kindCount{}
		}
		out[n.First][kindOf{n.Host, n.Channel, n.Code}] = kindCount{n.Events, n.Earliest, n.Latest}
		return nil
	})
}

// compare compares what was counted of a block with its columns.
func (k keptKinds) compare(first int64, c *block.Columns, say func(format string, args ...any)) {
	if k == nil {
		return
	}
	is := map[kindOf]kindCount{}
	for i, event := range c.Event {
		if event != first+int64(i) {
			continue
		}
		kind := kindOf{c.Host[i], c.Channel[i], c.Code[i]}
		n, ok := is[kind]
		if !ok {
			n.earliest, n.latest = c.Second[i], c.Second[i]
		}
		is[kind] = kindCount{n.events + 1, min(n.earliest, c.Second[i]), max(n.latest, c.Second[i])}
	}
	if !maps.Equal(is, k[first]) {
		say("what its store counted of its events by host, channel and code is not what its columns come to")
	}
}
