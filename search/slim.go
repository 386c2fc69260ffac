package search

import (
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/eventstore/block"
	"escutcheon/intake"
)

// slim is what a search asks of some events alike, and nothing else of them.
type slim struct {
	names  []string
	values []string
	has    []bool
	time   time.Time
	n      int64
	missed *atomic.Bool
}

// Get returns one of the fields.
func (s *slim) Get(name string) (string, bool) {
	for i, n := range s.names {
		if n == name {
			return s.values[i], s.has[i]
		}
	}
	if name == indexField { // all events say the same
		return event.MainIndex, true
	}
	s.missed.Store(true)
	return "", false
}

const indexField = "index"

// Time is that of all of them, if it was asked for; else that of one.
func (s *slim) Time() time.Time { return s.time }

// Weight is how many events there are.
func (s *slim) Weight() int64 { return s.n }

// Size is roughly how many bytes it holds.
func (s *slim) Size() int {
	n := 128
	for _, v := range s.values {
		n += 24 + len(v)
	}
	return n
}

// politeGroups is as politeRows, of what is put together.
const politeGroups = 1024

// slim gives events that say alike what is asked for as one. Where columns hold all
// of that, no record is read.
func (l *looker) slim(each func(spl.Event) bool) error {
	const clock = "_time"
	timed := slices.Contains(l.scan.Fields, clock)
	names := slices.DeleteFunc(slices.Clone(l.scan.Fields), func(n string) bool { return n == clock || n == indexField })
	inColumns := !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(columnFields, n) })
	bounded := l.scan.Earliest != (time.Time{}) || l.scan.Latest != (time.Time{})
	var decode func(*event.Event, intake.Reading, string) error
	if !inColumns {
		decode = l.e.Fields(append(names, clock, "EventCode", "LogName")...)
	}
	q := l.asked.query
	q.Originals, q.Brief, q.Columns = !inColumns, true, kindColumns|block.ProviderColumn
	if inColumns && (timed || bounded) {
		q.Columns |= block.SecondColumn | block.NanosColumn
	}
	if inColumns {
		// An event that answers in its own way is decoded after all.
		loose, err := l.loose(q)
		if err != nil {
			return err
		}
		if loose {
			inColumns, q.Originals, decode = false, true, l.e.Fields(append(names, clock, "EventCode", "LogName")...)
		}
	}
	return l.e.Store.Scan(l.ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		g := &grouping{names: names, timed: timed, missed: &l.missed, index: map[string]int{}}
		look := func(r *row) error {
			g.add(r.e, 1)
			return nil
		}
		var err error
		if inColumns {
			err = l.columns(c, timed || bounded, g)
		} else {
			err = l.chunk(c, decode, look)
		}
		return func() error {
			for n, s := range g.list {
				if n%politeGroups == 0 {
					runtime.Gosched()
				}
				if !each(s) {
					return eventstore.ErrStop
				}
			}
			return nil
		}, err
	})
}

// loose says whether some of the blocks hold events that answer in their own way.
func (l *looker) loose(q eventstore.Query) (bool, error) {
	if len(q.Codes)+len(q.Channels) == 0 {
		q.Codes = []int64{math.MinInt64} // no event's: only loose blocks are looked at
	}
	q.Originals, q.Columns, q.Progress = false, 0, nil
	loose := false
	err := l.e.Store.Scan(l.ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		is := c.Loose
		return func() error {
			if is {
				loose = true
				return eventstore.ErrStop
			}
			return nil
		}, nil
	})
	return loose, err
}

// columnFields are those that columns tell of.
// The provider may be another in a further sighting.
var columnFields = []string{"EventCode", "EventID", "signature_id", "LogName", "Channel", "source", "sourcetype"}

// columns groups events by what columns tell of them.
func (l *looker) columns(c *eventstore.Chunk, timed bool, g *grouping) error {
	type kind struct{ channel, provider, code int64 }
	if l.p != nil {
		l.p.Looked.Add(int64(len(c.Rows)))
	}
	made := map[kind]*event.Event{}
	counts := map[kind]int64{}
	var order []kind
	for _, at := range c.Rows {
		k := kind{c.Columns.Channel[at], c.Columns.Provider[at], c.Columns.Code[at]}
		e := made[k]
		if e == nil {
			e = &event.Event{EventCode: k.code, Channel: c.Names.Channel(k.channel), Provider: c.Names.Provider(k.provider)}
			if k.code != event.None {
				e.Fields = []event.Field{{Name: "EventCode", Value: strconv.FormatInt(k.code, 10)}}
			}
			made[k] = e
			order = append(order, k)
		}
		if !timed {
			counts[k]++
			continue
		}
		e.HasTime = c.Columns.Second[at] != event.NoSecond
		e.Nanos = c.Columns.Second[at]*int64(time.Second) + c.Columns.Nanos[at]
		if l.scan.InTime(e) && l.scan.Concerns(e) {
			g.add(e, 1)
		}
	}
	for _, k := range order {
		if n := counts[k]; n > 0 && l.scan.Concerns(made[k]) {
			g.add(made[k], n)
		}
	}
	return l.ctx.Err()
}

// grouping puts events together that say the same.
type grouping struct {
	names  []string
	timed  bool
	missed *atomic.Bool
	index  map[string]int
	list   []*slim
	key    []byte
}

func (g *grouping) add(e *event.Event, n int64) {
	g.key = g.key[:0]
	if g.timed {
		g.key = binary.LittleEndian.AppendUint64(g.key, uint64(e.Nanos))
		if !e.HasTime {
			g.key = append(g.key, 1)
		}
	}
	for _, name := range g.names {
		v, ok := e.Get(name)
		if !ok {
			g.key = append(g.key, 0)
			continue
		}
		g.key = binary.AppendUvarint(g.key, uint64(len(v))+1)
		g.key = append(g.key, v...)
	}
	if at, ok := g.index[string(g.key)]; ok {
		g.list[at].n += n
		return
	}
	s := &slim{names: g.names, time: e.Time(), n: n, missed: g.missed,
		values: make([]string, len(g.names)), has: make([]bool, len(g.names))}
	for i, name := range g.names {
		v, ok := e.Get(name)
		s.values[i], s.has[i] = strings.Clone(v), ok
	}
	g.index[string(g.key)] = len(g.list)
	g.list = append(g.list, s)
}
