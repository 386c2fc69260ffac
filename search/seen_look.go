package search

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
)

// What a look at the store may take: so many events are counted by their columns, so
// many are decoded, of as many blocks. Beyond the newest half of them each kind of
// event has a few.
const (
	mostPassed   = 2_000_000
	mostDecoded  = 4096
	mostUnpacked = 24
	ofEachKind   = 16
)

// passed passes over what is damaged: who searches is told.
func passed(int64, int) {}

// See looks at what there is.
func (e *Engine) See(ctx context.Context) (*Seen, error) {
	p := &passing{seen: newSeen(), kinds: map[kindSeen]int{}, rows: map[int64][]int32{}}
	q := eventstore.Query{Newest: true, Columns: kindColumns | block.HostColumn | block.ProviderColumn, Damaged: passed}
	err := e.Store.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		t := tallied(c)
		return func() error {
			p.take(t)
			if p.seen.Events >= mostPassed {
				return eventstore.ErrStop
			}
			return nil
		}, nil
	})
	if err == nil {
		err = e.sample(ctx, p)
	}
	if err == nil && e.Found != nil {
		err = e.seeApart(ctx, p.seen)
	}
	p.seen.All = p.seen.Sampled == p.seen.Events && p.seen.Events < mostPassed
	return p.seen, err
}

// kindSeen is a kind of events, by the number of its channel.
type kindSeen struct{ channel, code int64 }

// tally is what the columns of one chunk say.
type tally struct {
	first, n int64
	counts   [4]map[string]int64 // as inColumns
	newest   []int32             // the last rows
	kinds    map[kindSeen][]int32
}

func tallied(c *eventstore.Chunk) *tally {
	t := &tally{first: c.First, n: int64(len(c.Rows)), kinds: map[kindSeen][]int32{}}
	columns := [4][]int64{c.Columns.Host, c.Columns.Provider, c.Columns.Channel, c.Columns.Code}
	names := [4]func(int64) string{c.Names.Host, c.Names.Provider, c.Names.Channel, func(code int64) string {
		if code == event.None {
			return ""
		}
		return strconv.FormatInt(code, 10)
	}}
	for i, column := range columns {
		of := map[int64]int64{}
		for _, at := range c.Rows {
			of[column[at]]++
		}
		t.counts[i] = map[string]int64{}
		for id, n := range of {
			t.counts[i][names[i](id)] += n
		}
	}
	t.newest = slices.Clone(c.Rows[max(len(c.Rows)-mostDecoded, 0):])
	for _, at := range slices.Backward(c.Rows) {
		k := kindSeen{c.Columns.Channel[at], c.Columns.Code[at]}
		if rows := t.kinds[k]; len(rows) < ofEachKind {
			t.kinds[k] = append(rows, at)
		}
	}
	return t
}

// passing goes over the columns of events, the newest first.
type passing struct {
	seen  *Seen
	kinds map[kindSeen]int  // how many are to be decoded
	rows  map[int64][]int32 // which, by the first number of their block
	n     int
}

func (p *passing) take(t *tally) {
	s := p.seen
	s.Events += t.n
	for i, counts := range t.counts {
		for v, n := range counts {
			s.value(inColumns[i], v, n, mostNamed)
		}
	}
	if len(p.rows) == mostUnpacked {
		return
	}
	var chosen []int32
	if free := mostDecoded/2 - p.n; s.Events <= mostDecoded {
		chosen = t.newest
	} else if free > 0 {
		chosen = t.newest[max(len(t.newest)-free, 0):]
	}
	for _, k := range slices.SortedFunc(maps.Keys(t.kinds), func(a, b kindSeen) int {
		return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.code, b.code))
	}) {
		for _, at := range t.kinds[k] {
			if p.kinds[k] < ofEachKind && p.n+len(chosen) < mostDecoded && !slices.Contains(chosen, at) {
				chosen = append(chosen, at)
				p.kinds[k]++
			}
		}
	}
	if p.n += len(chosen); len(chosen) > 0 {
		p.rows[t.first] = chosen
	}
}

// sample decodes the events that were chosen.
func (e *Engine) sample(ctx context.Context, p *passing) error {
	all, err := e.Prepare("*", e.Now())
	if err != nil {
		return err
	}
	scan := all.query.Scans()[0]
	a, err := e.ask(ctx, &scan)
	if err != nil {
		return err
	}
	derived := append(event.OtherNames(), indexField)
	for _, first := range slices.Backward(slices.Sorted(maps.Keys(p.rows))) {
		rows := map[int32]bool{}
		for _, at := range p.rows[first] {
			rows[at] = true
		}
		l := &looker{source: &source{e: e}, ctx: ctx, asked: a, scan: &scan, varied: map[int64]bool{}}
		q := eventstore.Query{Originals: true, Brief: true, Columns: kindColumns, Damaged: passed}
		q.After = first + int64(slices.Min(p.rows[first])) - 1
		q.UpTo = first + int64(slices.Max(p.rows[first]))
		err := e.Store.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
			if c.First != first {
				return nil, nil
			}
			c.Rows = slices.DeleteFunc(c.Rows, func(at int32) bool { return !rows[at] })
			var kept []*event.Event
			err := l.chunk(c, nil, func(r *row) error {
				e, err := r.keep()
				kept = append(kept, e)
				return err
			})
			return func() error {
				for _, e := range kept {
					p.seen.event(e, derived)
				}
				return nil
			}, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// seeApart looks at what rules found, and at notes.
func (e *Engine) seeApart(ctx context.Context, s *Seen) error {
	s.apart = map[string]*Seen{}
	for _, index := range apartIndexes {
		of := newSeen()
		s.apart[index] = of
		for m, err := range e.made(ctx, index) {
			if err != nil {
				return err
			}
			if of.Sampled++; of.Sampled > mostDecoded {
				break
			}
			for _, name := range m.names {
				of.field(m, name)
			}
		}
	}
	return nil
}
