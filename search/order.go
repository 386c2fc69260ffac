package search

import (
	"cmp"
	"container/heap"
	"math"
	"slices"

	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
)

// inOrder gives events the newest first. Blocks come by their latest event, so an
// event can be given as soon as no later block has a newer one; till then it is
// held. When there is no room for more, the oldest of those held are let go, and
// looked for again when the others have been given.
func (l *looker) inOrder(each func(spl.Event) bool) error {
	q := l.asked.query
	q.Originals, q.Brief, q.Newest, q.Columns = true, true, true, kindColumns
	for {
		o := &ordering{most: l.most, floor: math.MinInt64}
		clear(l.varied)
		err := l.e.Store.Scan(l.ctx, q, func(c *eventstore.Chunk) (func() error, error) {
			var found []Event
			rest := c.Rest
			err := l.chunk(c, nil, func(r *row) error {
				e, err := r.keep()
				found = append(found, Event{e, r.number})
				return err
			})
			return func() error {
				for _, e := range found {
					o.push(e)
				}
				return o.give(rest, each)
			}, err
		})
		if err == nil && !o.stopped {
			o.give(math.MinInt64, each) // says so itself when each wants no more
		}
		l.full = l.full || o.lost
		if err != nil || o.stopped || o.floor == math.MinInt64 {
			return err
		}
		to := o.floor
		q.To = &to
	}
}

// ordering holds events until they can be given.
type ordering struct {
	held    []Event // a heap, the newest first
	bytes   int64
	most    int64
	floor   int64 // what is of this second or older was let go
	stopped bool
	lost    bool // what was let go is not found again
}

func (o *ordering) Len() int           { return len(o.held) }
func (o *ordering) Less(i, j int) bool { return newer(o.held[i], o.held[j]) < 0 }
func (o *ordering) Swap(i, j int)      { o.held[i], o.held[j] = o.held[j], o.held[i] }
func (o *ordering) Push(x any)         { o.held = append(o.held, x.(Event)) }
func (o *ordering) Pop() any {
	last := o.held[len(o.held)-1]
	o.held = o.held[:len(o.held)-1]
	return last
}

// newer puts the newest first; those without a time last; of one time the one that
// was stored later first.
func newer(a, b Event) int {
	return cmp.Or(cmp.Compare(clock(b), clock(a)), cmp.Compare(b.Number, a.Number))
}

func clock(e Event) int64 {
	if !e.HasTime {
		return math.MinInt64
	}
	return e.Nanos
}

func second(e Event) int64 {
	if !e.HasTime {
		return event.NoSecond
	}
	return e.Second()
}

func (o *ordering) push(e Event) {
	if o.floor != math.MinInt64 && second(e) <= o.floor {
		return
	}
	heap.Push(o, e)
	if o.bytes += int64(e.Size()); o.bytes > o.most {
		o.letGo()
	}
}

// letGo lets the older half go.
func (o *ordering) letGo() {
	slices.SortFunc(o.held, newer) // which is a heap
	half := int64(0)
	keep := 0
	for keep < len(o.held) && half < o.most/2 {
		half += int64(o.held[keep].Size())
		keep++
	}
	if keep == len(o.held) {
		return
	}
	most := keep
	o.floor = second(o.held[keep])
	for keep > 0 && second(o.held[keep-1]) <= o.floor {
		keep--
	}
	if keep == 0 || o.floor == event.NoSecond { // too many are of one second, or have no time
		o.lost, keep = true, most
		o.floor = max(o.floor, math.MinInt64+1) - 1
	}
	clear(o.held[keep:])
	o.held = o.held[:keep]
	o.bytes = 0
	for _, e := range o.held {
		o.bytes += int64(e.Size())
	}
}

// give gives the events that are newer than all that is to come.
func (o *ordering) give(rest int64, each func(spl.Event) bool) error {
	for len(o.held) > 0 && (rest == math.MinInt64 || second(o.held[0]) > rest) {
		e := heap.Pop(o).(Event)
		o.bytes -= int64(e.Size())
		if !each(e) {
			o.stopped = true
			return eventstore.ErrStop
		}
	}
	return nil
}
