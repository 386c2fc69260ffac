package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"

	"escutcheon/detection"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
)

// seedRows are the rows of the seed's search, as somebody counts them.
type seedRows map[detection.SeedRow]kindCount

// add adds events to a row.
func (s seedRows) add(r detection.SeedRow, n kindCount) {
	is, ok := s[r]
	if !ok {
		is.earliest, is.latest = n.earliest, n.latest
	}
	s[r] = kindCount{is.events + n.events, min(is.earliest, n.earliest), max(is.latest, n.latest)}
}

// CompareSeed compares the rows of the seed's search, as the store that keeps the events
// counts them, with the records, block by block, and all together with the seed's
// findings. It returns how many of those events are in blocks that were stored before the
// store counted. Where the events are in the file there is nothing to compare.
func (d *DB) CompareSeed(ctx context.Context, damaged func(store.Damage)) (uncounted int64, err error) {
	defer fault.Wrap(&err, "compare the seed's rows")
	e, ok := d.w.lie.(*elsewhere)
	if !ok || e.store == nil {
		return 0, nil
	}
	c := &seedCheck{d: d, dec: d.decoder(), at: map[int64]seedVersion{}, kept: map[int64]seedRows{}, all: seedRows{},
		whole: true, damaged: damaged}
	if err := c.versions(ctx, e); err != nil {
		return 0, err
	}
	if err := c.blocks(ctx); err != nil {
		return 0, err
	}
	d.mu.Lock()
	rule := d.rules.Find(detection.SeedID)
	d.mu.Unlock()
	if !c.whole || rule == nil || rule.Unfiltered() != detection.SeedSearch() {
		return c.uncounted, nil
	}
	return c.uncounted, c.findings(ctx)
}

type seedVersion struct {
	columns int64
	counted bool
}

type seedCheck struct {
	d         *DB
	dec       intake.Decoder
	at        map[int64]seedVersion
	kept      map[int64]seedRows // what the store counted of each block
	all       seedRows           // of all blocks, each event as all its sightings say
	uncounted int64
	whole     bool // all blocks can be read
	damaged   func(store.Damage)
}

// versions reads which versions count, and what the store counted of them.
func (c *seedCheck) versions(ctx context.Context, e *elsewhere) error {
	if err := c.d.rows(ctx, func(r *sql.Rows) error {
		var first int64
		var v seedVersion
		err := r.Scan(&first, &v.columns, &v.counted)
		c.at[first] = v
		return err
	}, `SELECT a.first, a.columns, a.counted FROM block_at a JOIN block b ON b.first = a.first`); err != nil {
		return err
	}
	return e.store.SeedCounts(ctx, func(n blockstore.SeedCount) error {
		v, ok := c.at[n.First]
		if !ok || v.columns != n.At {
			return nil
		}
		if c.kept[n.First] == nil {
			c.kept[n.First] = seedRows{}
		}
		c.kept[n.First][detection.SeedRow(n.Row)] = kindCount{n.Events, n.Earliest, n.Latest}
		return nil
	})
}

// blocks looks through all that hold events of the seed's kind.
func (c *seedCheck) blocks(ctx context.Context) error {
	err := c.d.Scan(ctx, eventstore.Query{Codes: []int64{seedCode}, Originals: true, Columns: block.EventColumn,
		Damaged: func(int64, int) { c.whole = false }}, func(k *eventstore.Chunk) (func() error, error) {
		alone, merged, err := c.of(ctx, k)
		if err != nil {
			return nil, err
		}
		return func() error { c.compare(k.First, alone, merged); return nil }, nil
	})
	if err != nil || !c.whole {
		return err
	}
	for _, first := range slices.Sorted(maps.Keys(c.kept)) {
		c.compare(first, nil, nil)
	}
	return nil
}

// of are the rows of a block, as its records say by themselves and as all sightings of
// their events do; merged is nil where that is the same.
func (c *seedCheck) of(ctx context.Context, k *eventstore.Chunk) (alone, merged seedRows, err error) {
	alone, merged = seedRows{}, seedRows{}
	for _, row := range k.Rows {
		if k.Number(row) != k.First+int64(row) {
			continue
		}
		e, err := ownEvent(c.dec, k.Reading, k.Originals, k.First, int(row))
		if err != nil {
			return nil, nil, err
		}
		if e != nil {
			if r, ok := detection.SeedRowOf(e); ok {
				alone.add(r, kindCount{1, e.Second(), e.Second()})
			}
		}
		if slices.Contains(k.Varied, row) {
			seen, err := c.d.Sightings(ctx, k.Number(row))
			if err != nil {
				return nil, nil, err
			}
			all, err := c.dec.Merge(seen)
			if err != nil {
				return nil, nil, err
			}
			e = &all
		}
		if e != nil {
			if r, ok := detection.SeedRowOf(e); ok {
				merged.add(r, kindCount{1, e.Second(), e.Second()})
			}
		}
	}
	if len(k.Varied) == 0 {
		merged = nil
	}
	return alone, merged, nil
}

// compare compares what the store counted of a block with what its records say, and adds
// to all what it counted, or else what they say together.
func (c *seedCheck) compare(first int64, alone, merged seedRows) {
	kept, counted := c.kept[first], c.at[first].counted
	delete(c.kept, first)
	if !counted {
		for _, n := range alone {
			c.uncounted += n.events
		}
	} else if !maps.Equal(kept, alone) {
		c.damaged(store.Damage{Object: blockName(first), What: "what its store counted of the rows of the seed's search " +
			"is not what its records come to"})
	}
	if merged == nil && counted {
		merged = kept
	} else if merged == nil {
		merged = alone
	}
	for r, n := range merged {
		c.all.add(r, n)
	}
}

// findings compares all rows with those of the seed, shown or not.
func (c *seedCheck) findings(ctx context.Context) error {
	say := func(key string) {
		c.damaged(store.Damage{Object: "finding " + key, What: "it is not what the store of its events counted"})
	}
	if err := c.d.rows(ctx, func(r *sql.Rows) error {
		var key, by string
		var n kindCount
		if err := r.Scan(&key, &by, &n.events, &n.earliest, &n.latest); err != nil {
			return err
		}
		var cells []string
		if err := json.Unmarshal([]byte(by), &cells); err != nil || len(cells) != 4 {
			say(key)
			return nil
		}
		row := detection.SeedRow{OpCode: cells[0], EventCode: cells[1], Computer: cells[2], Message: cells[3]}
		if c.all[row] != n {
			say(key)
		}
		delete(c.all, row)
		return nil
	}, `SELECT key, by_key, count, first, last FROM finding WHERE rule_id = ?`, detection.SeedID); err != nil {
		return err
	}
	for r := range c.all {
		c.damaged(store.Damage{Object: "findings", What: "none is of " + r.Computer + " where the store of its events " +
			"counted some: " + r.Message})
	}
	return nil
}
