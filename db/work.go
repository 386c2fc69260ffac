package db

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/fault"
	"escutcheon/intake"
)

// work is a transaction on events. What follows for findings, windows and risk
// is the cascade's business; here the blocks and hosts are kept.
type work struct {
	*tx
	rules    *detection.Rules // in force
	events   *decoded
	cascade  *materialize.Cascade
	mem      *memory
	touched  bool                     // what is remembered has changed
	dirty    map[int64]*block.Columns // that are to be stored, by block
	channels map[int64]string         // names, where they were asked for
	odd      map[int64]bool           // blocks that were noted to hold odd events
	lost     map[int64]bool           // hosts whose events that may be counted have changed
	counted  int64                    // the record up to which they are
	first    int64                    // number of the first record that a batch stores
	brief    bool                     // blocks that go leave what lies in them to strip
	now      int64                    // second
	nanos    int64                    // the same moment
	keeping                           // what is too old

	anyClosed int // 1: some finding is closed; -1: none is; 0: not known yet
}

// newWork begins one. The rules in force must be those that the database knows.
func (d *DB) newWork(t *tx) (*work, error) {
	d.mu.Lock()
	rules, dec, version := d.rules, d.dec, d.ruleVersion
	d.mu.Unlock()
	var now int64
	if err := t.get(`SELECT version FROM ruleset`, nil, &now); err != nil {
		return nil, err
	}
	if now != version {
		return nil, intake.ErrStale
	}
	return d.startWork(t, rules, dec)
}

func (d *DB) startWork(t *tx, rules *detection.Rules, dec intake.Decoder) (*work, error) {
	mem, err := d.remember(t)
	if err != nil {
		return nil, err
	}
	at := d.now()
	w := &work{tx: t, rules: rules, mem: mem, dirty: map[int64]*block.Columns{}, odd: map[int64]bool{},
		lost: map[int64]bool{}, now: at.Unix(), nanos: at.UnixNano()}
	if err := t.get(`SELECT last FROM sequence WHERE name = 'coverage'`, nil, &w.counted); err != nil {
		return nil, err
	}
	if w.keeping, err = readKeeping(t.ctx, t); err != nil {
		return nil, err
	}
	w.events = &decoded{newRecords(t.ctx, t), dec, w}
	l := newLedger(t)
	l.work = w
	w.cascade, err = materialize.New(l, w.events, rules)
	return w, err
}

// settleRows stores what changed of blocks and hosts; new events are those of an
// import, or (0) there are none. With now, hosts that lost events are looked at
// again at once.
func (w *work) settleRows(imported int64, now bool) error {
	if err := w.storeColumns(); err != nil {
		return err
	}
	if err := w.storeHosts(imported, now); err != nil {
		return err
	}
	switch {
	case w.whole:
		return nil
	case w.late != nil:
		return w.late.settle(w)
	}
	return settleRisk(w.tx, w.rules, w.now)
}

// mostSettled is how many events are decoded at once.
const mostSettled = 256

// settleSeen settles what follows for the findings of events that are seen
// differently: after makes of the sightings that an event has those that it will
// have; among reads the further ones. Sightings by the same records say the same.
func (w *work) settleSeen(ids []int64,
	among func(ctx context.Context, q queryer, first, last int64) (map[int64][]again, error),
	after func(id int64, before []intake.Sighting) ([]intake.Sighting, error)) error {
	for part := range slices.Chunk(ids, mostSettled) {
		more, err := among(w.ctx, w.tx, part[0], part[len(part)-1])
		if err != nil {
			return err
		}
		changes := make([]seenChange, 0, len(part))
		for _, id := range part {
			before, err := w.events.seen(id, more[id])
			if err != nil {
				return err
			}
			now, err := after(id, before)
			if err != nil {
				return err
			}
			if !sameRecords(before, now) {
				changes = append(changes, seenChange{id: id, before: before, after: now})
			}
		}
		if err := w.settleChanges(changes); err != nil {
			return err
		}
	}
	return nil
}

// seenChange is an event that is seen differently.
type seenChange struct {
	id            int64
	before, after []intake.Sighting
	was, is       *event.Event
	rows          *materialize.Difference
	err           error
}

func sameRecords(a, b []intake.Sighting) bool {
	within := func(a, b []intake.Sighting) bool {
		for _, s := range a {
			if !slices.ContainsFunc(b, func(o intake.Sighting) bool { return o.Record == s.Record }) {
				return false
			}
		}
		return true
	}
	return within(a, b) && within(b, a)
}

// settleChanges decodes and compares on all processors, and then changes one
// event after another.
func (w *work) settleChanges(changes []seenChange) error {
	everywhere(len(changes), func(i int) {
		c := &changes[i]
		if c.was, c.is, c.err = w.events.both(c.before, c.after); c.err == nil {
			c.rows = w.cascade.Compare(c.id, c.was, c.is)
		}
	})
	for i := range changes {
		c := &changes[i]
		if c.err == nil {
			c.err = w.updateEvent(c.id, c.was, c.is)
		}
		if c.err == nil {
			c.err = w.cascade.Apply(c.rows)
		}
		if c.err != nil {
			return fmt.Errorf("event %d: %w", c.id, c.err)
		}
	}
	return nil
}

// updateEvent brings the columns and the hosts of an event that is seen
// differently up to date.
func (w *work) updateEvent(id int64, before, after *event.Event) error {
	from, err := w.hostOf(before.Computer)
	if err != nil {
		return err
	}
	to, err := w.hostOf(after.Computer)
	if err != nil {
		return err
	}
	r, err := w.rowOf(after)
	if err != nil {
		return err
	}
	b, err := w.holding(id)
	if err != nil || b == nil {
		return fmt.Errorf("the block of event %d is missing: %w (%v)", id, block.ErrDamaged, err)
	}
	c, err := w.columnsOf(b)
	if err != nil {
		return err
	}
	if err := w.renoteChange(id, to.id, before, after); err != nil {
		return err
	}
	i := int(id - b.first)
	if detection.Odd(after) {
		if err := w.noteOdd(b.first); err != nil {
			return err
		}
	}
	elsewhere := c.Host[i] != to.id || c.Second[i] != r.second || before.Computer != after.Computer
	if elsewhere || c.Channel[i] != r.channel || c.Provider[i] != r.provider || c.Record[i] != r.record ||
		c.Code[i] != r.code || c.Nanos[i] != r.nanos {
		if c, err = w.change(b); err != nil {
			return err
		}
		if c.Host[i] != to.id || c.Channel[i] != r.channel || c.Second[i] != r.second {
			w.recount(b, c.Host[i], to.id)
		}
		c.Host[i], c.Channel[i], c.Provider[i], c.Record[i], c.Code[i] = to.id, r.channel, r.provider, r.record, r.code
		c.Second[i], c.Nanos[i] = r.second, r.nanos
	}
	if elsewhere {
		w.mem.hosts.moved(from, -1, before.HasTime)
		w.mem.hosts.moved(to, 1, after.HasTime)
		to.spelled(after.Computer)
	}
	return nil
}

// decoded are the stored events, as the decoder that we were given makes them of
// their sightings.
type decoded struct {
	*records
	dec intake.Decoder
	w   *work
}

// Event is an event as its sightings say it now.
func (d *decoded) Event(id int64) (*event.Event, error) {
	seen, err := d.sightings(id)
	if err != nil {
		return nil, err
	}
	return d.merge(seen)
}

func (d *decoded) merge(seen []intake.Sighting) (*event.Event, error) {
	e, err := d.dec.Merge(seen)
	return &e, err
}

func (d *decoded) both(before, after []intake.Sighting) (*event.Event, *event.Event, error) {
	if dec, ok := d.dec.(intake.Comparer); ok {
		was, is, err := dec.MergeBoth(before, after)
		return &was, &is, err
	}
	was, err := d.merge(before)
	if err != nil {
		return nil, nil, err
	}
	is, err := d.merge(after)
	return was, is, err
}

// everywhere does n things on all processors. A panic of one is one of who asked.
func everywhere(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	var caught atomic.Pointer[fault.Panic]
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					caught.Store(fault.Caught(v))
				}
			}()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
	if p := caught.Load(); p != nil {
		panic(p)
	}
}
