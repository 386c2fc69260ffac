package blockscan

import (
	"math"
	"slices"

	"escutcheon/eventstore/block"
)

// newestFirst sorts blocks by their latest event.
func newestFirst(entries []*Entry) {
	slices.SortStableFunc(entries, func(a, b *Entry) int {
		switch x, y := newest(a), newest(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return int(b.First - a.First) // the one stored later
	})
}

// columns are those that are needed to choose rows and by who looks at them.
func (q *Query) columns() block.Set {
	set := q.Columns | block.EventColumn
	if q.From != nil || q.To != nil {
		set |= block.SecondColumn
	}
	for _, w := range q.wants() {
		if len(w.ids) > 0 {
			set |= w.column
		}
	}
	return set
}

// want is which numbers a column must have.
type want struct {
	column block.Set
	ids    []int64
	of     func(*block.Columns) []int64
}

func (q *Query) wants() []want {
	return []want{
		{block.CodeColumn, q.Codes, func(c *block.Columns) []int64 { return c.Code }},
		{block.ChannelColumn, q.Channels, func(c *block.Columns) []int64 { return c.Channel }},
		{block.ProviderColumn, q.Providers, func(c *block.Columns) []int64 { return c.Provider }},
		{block.HostColumn, q.Hosts, func(c *block.Columns) []int64 { return c.Host }},
	}
}

// rows appends the rows of a block that may match by their columns.
func (q *Query) rows(in *Entry, c *block.Columns, out []int32) []int32 {
	first, upTo := in.First, q.UpTo
	if upTo == 0 {
		upTo = math.MaxInt64
	}
	for i, e := range c.Event {
		if e > q.After && e <= upTo && e != 0 && (q.Find != nil || e == first+int64(i)) {
			out = append(out, int32(i))
		}
	}
	if q.From != nil || q.To != nil {
		from, to := int64(math.MinInt64+1), int64(math.MaxInt64) // the least stands for no time
		if q.From != nil {
			from = max(from, *q.From)
		}
		if q.To != nil {
			to = *q.To
		}
		out = slices.DeleteFunc(out, func(i int32) bool { return c.Second[i] < from || c.Second[i] > to })
	}
	for _, w := range q.wants() {
		if len(w.ids) > 0 && (!in.Loose || w.column == block.HostColumn) {
			out = keep(out, first, c, w)
		}
	}
	return out
}

// keep removes the rows that have another number. What seeing an event in another
// way says of its provider may differ.
func keep(rows []int32, first int64, c *block.Columns, w want) []int32 {
	values := w.of(c)
	ids := map[int64]bool{}
	for _, id := range w.ids {
		ids[id] = true
	}
	return slices.DeleteFunc(rows, func(i int32) bool {
		has := false
		if len(w.ids) == 1 {
			has = values[i] == w.ids[0]
		} else {
			has = ids[values[i]]
		}
		return !has && (w.column != block.ProviderColumn || c.Event[i] == first+int64(i))
	})
}
