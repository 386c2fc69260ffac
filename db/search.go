package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"

	"escutcheon/detection"
	"escutcheon/detection/index"
	"escutcheon/detection/materialize"
	"escutcheon/event"
	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockscan"
	"escutcheon/intake"
)

// Any says whether there is any event.
func (d *decoded) Any() (bool, error) {
	all, err := d.w.directory()
	for i := range all {
		if all[i].summary.Live > 0 {
			return true, nil
		}
	}
	return false, err
}

// Search has rules look at the stored events behind one that they may match: see
// materialize.Events. It is a scan within the transaction, and sees what was
// stored before it: nothing may have been changed yet.
func (d *decoded) Search(rules *detection.Rules, id int64, most int,
	look func(int64, *event.Event) func()) (last int64, err error) {
	s := &search{d: d, kinds: rules.Kinds(), passed: map[int64]int{}}
	q, err := s.query(id)
	if err != nil || q == nil {
		return materialize.Ran, err
	}
	q.Damaged = func(int64, int) {} // said when its originals are read
	last, err = s.reach(*q, most)
	if err != nil {
		return 0, err
	}
	if q.Originals, q.Brief = true, true; last < materialize.Ran {
		q.UpTo = last
	}
	q.Damaged = s.pass
	if err := s.scan(*q, func(c *blockscan.Chunk) (func() error, error) {
		return s.chunk(c, look)
	}); err != nil {
		return 0, err
	}
	return last, s.keepPassed(rules)
}

// scan is a scan of all blocks.
func (s *search) scan(q blockscan.Query, look func(*blockscan.Chunk) (func() error, error)) error {
	t := s.d.w.tx
	return t.contents().scan(s.d.ctx, t, s, q, look)
}

// pass notes that so many events of a block cannot be read.
func (s *search) pass(first int64, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed[first] += count
}

// keepPassed keeps which blocks the rules did not see.
func (s *search) keepPassed(rules *detection.Rules) error {
	for _, first := range slices.Sorted(maps.Keys(s.passed)) {
		met.Add(1)
		for _, r := range rules.All() {
			if _, err := s.d.w.exec(`INSERT INTO passed_block (rule_id, first, count) VALUES (?1, ?2, ?3)
				ON CONFLICT DO UPDATE SET count = ?3`, r.ID, first, s.passed[first]); err != nil {
				return err
			}
		}
	}
	return nil
}

// search is a scan within a transaction, for rules. It is its store of blocks: of
// those who look, one at a time uses the connection.
type search struct {
	d        *decoded
	kinds    index.Kinds
	channels map[int64]string
	entries  []blockscan.Entry

	mu     sync.Mutex
	passed map[int64]int // of blocks that are damaged, how many records cannot be read
}

// query asks for what the rules may match behind an event; nil is nothing.
func (s *search) query(id int64) (*blockscan.Query, error) {
	q := &blockscan.Query{After: id, Columns: block.CodeColumn | block.ChannelColumn}
	if err := s.list(); err != nil {
		return nil, err
	}
	if q.Codes = s.kinds.Codes(); len(q.Codes) > mostAsked {
		q.Codes = nil
	}
	all := true
	for number, name := range s.channels {
		if s.kinds.Channel(name) {
			q.Channels = append(q.Channels, number)
		} else {
			all = false
		}
	}
	switch {
	case all || len(q.Channels) > mostAsked:
		q.Channels = nil
	case len(q.Channels) == 0:
		q.Channels = []int64{noKind}
	}
	if s.kinds.None() {
		q.Codes = []int64{noKind}
	}
	return q, nil
}

const (
	mostAsked = 1000          // codes, or channels: with more, a scan asks for any
	noKind    = math.MinInt64 // no event's code or channel
)

// list lists the channels and blocks.
func (s *search) list() error {
	t := s.d.w.tx
	s.channels = map[int64]string{0: ""}
	err := t.each(func(r *sql.Rows) error {
		var id int64
		var name string
		err := r.Scan(&id, &name)
		s.channels[id] = name
		return err
	}, `SELECT id, name FROM channel`)
	if err != nil {
		return err
	}
	var unknown int64
	if err := t.get(`SELECT last FROM sequence WHERE name = 'odd'`, nil, &unknown); err != nil {
		return err
	}
	odd := map[int64]bool{}
	firsts, err := t.column(`SELECT first FROM odd_block`)
	for _, first := range firsts {
		odd[first] = true
	}
	if err != nil {
		return err
	}
	all, err := s.d.w.directory()
	for _, b := range all {
		s.entries = append(s.entries, blockscan.Entry{First: b.first, Count: int(b.count), Reading: b.reading,
			Summary: b.summary, Loose: b.first <= unknown || odd[b.first]})
	}
	return err
}

// mayMatch says whether the rules may match an event of a chunk.
func (s *search) mayMatch(c *blockscan.Chunk, row int32) bool {
	return c.Loose || s.kinds.Has(s.channels[c.Columns.Channel[row]], c.Columns.Code[row])
}

// passing is how many events are passed over with as much work as decoding one is.
const passing = 64

// reach is the last event that is reached with so much work; materialize.Ran when
// none is to be looked at.
func (s *search) reach(q blockscan.Query, most int) (last int64, err error) {
	last = materialize.Ran
	left := most * passing
	err = s.scan(q, func(c *blockscan.Chunk) (func() error, error) {
		var rows []int64
		for _, row := range c.Rows {
			if s.mayMatch(c, row) {
				rows = append(rows, c.Number(row))
			}
		}
		passed := c.Count - len(rows)
		return func() error {
			if left -= passed; left <= 0 && len(rows) == 0 {
				last = c.Number(int32(c.Count - 1))
				return blockscan.ErrStop
			}
			for _, n := range rows {
				if left <= 0 && last != materialize.Ran {
					return blockscan.ErrStop
				}
				last, left = n, left-passing
			}
			return nil
		}, nil
	})
	return last, err
}

// chunk has events of a block looked at. What is told of them holds nothing of the
// block's memory.
func (s *search) chunk(c *blockscan.Chunk, look func(int64, *event.Event) func()) (func() error, error) {
	reading, err := s.reading(c.Reading)
	if err != nil {
		return nil, err
	}
	var tell []func()
	var e event.Event
	varied := c.Varied
	for _, row := range c.Rows {
		isVaried := len(varied) > 0 && varied[0] == row
		if isVaried {
			varied = varied[1:]
		}
		if !s.mayMatch(c, row) {
			continue
		}
		err := s.event(&e, c, row, isVaried, reading)
		if errors.Is(err, block.ErrDamaged) { // another sighting of it lies in such a block
			s.pass(c.First, 1)
			continue
		}
		if err != nil {
			return nil, err
		}
		if one := look(c.Number(row), &e); one != nil {
			tell = append(tell, one)
		}
	}
	return func() error {
		for _, one := range tell {
			one()
		}
		return nil
	}, nil
}

// event makes e the event of a row as its sightings say it.
func (s *search) event(e *event.Event, c *blockscan.Chunk, row int32, varied bool, reading intake.Reading) (err error) {
	number := c.Number(row)
	if varied {
		s.mu.Lock()
		seen, err := s.d.sightings(number)
		s.mu.Unlock()
		if err == nil {
			*e, err = s.d.dec.Merge(seen)
		}
		return err
	}
	offset, raw := c.Originals.Record(int(row))
	seen := intake.Sighting{Offset: offset, Record: number, Raw: raw, Reading: reading}
	if again, ok := s.d.dec.(intake.Redecoder); ok {
		return again.Redecode(e, seen)
	}
	*e, err = s.d.dec.Merge([]intake.Sighting{seen})
	return err
}

func (s *search) reading(id int64) (intake.Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.d.readingOf(id)
}

// noteOdd notes that a block holds odd events.
func (w *work) noteOdd(first int64) error {
	if w.odd[first] {
		return nil
	}
	w.odd[first] = true
	_, err := w.exec(`INSERT INTO odd_block (first) VALUES (?) ON CONFLICT DO NOTHING`, first)
	return err
}

// Directory, Columns, Words and Originals make it the store of blocks of a scan.

// Directory lists them.
func (s *search) Directory(context.Context) ([]blockscan.Entry, error) { return s.entries, nil }

// Columns are those of one block.
func (s *search) Columns(_ context.Context, first int64) ([]byte, error) {
	return s.part(columnsOfBlock, first)
}

// Words are the filter of one block, for which rules do not ask.
func (s *search) Words(context.Context, int64) ([]byte, error) { return nil, nil }

// Originals are the records of one block.
func (s *search) Originals(_ context.Context, first int64) ([]byte, error) {
	return s.part(bytesOfBlock, first)
}

func (s *search) part(query string, first int64) (data []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.d.w.get(query, []any{first}, &data)
	return data, err
}
